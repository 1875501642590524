"""Orders on invoice, to be paid later

Revision: 0042
Follows: 0041
"""

import sqlalchemy as sa
from alembic import op

from swapmeet.migrations.edits import change_values

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None

METHOD_TABLES = ('order', 'payment', 'refund')
METHODS = ('free', 'check', 'transfer', 'cash', 'credit', 'card')


def upgrade() -> None:
    op.create_table('pay_later',
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('remind_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('keeps_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_soon_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_late_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_pay_later_event_id_order_id_order'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_pay_later_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_pay_later'))
    )
    op.create_index('ix_pay_later_remind', 'pay_later', ['remind_at'], unique=False)
    op.add_column('event', sa.Column('invoice_days', sa.Integer(), nullable=True))
    op.add_column('event', sa.Column('invoice_extra_days', sa.Integer(), server_default='7', nullable=False))
    op.add_column('event', sa.Column('invoice_online', sa.Boolean(), server_default=sa.false(), nullable=False))
    for table in METHOD_TABLES:
        change_values(op, table, 'method', f'ck_{table}_paymethod', METHODS, (*METHODS, 'invoice'))


def downgrade() -> None:
    op.execute("UPDATE \"order\" SET method = 'transfer' WHERE method = 'invoice'")  # the invoice itself stays
    for table in METHOD_TABLES:
        change_values(op, table, 'method', f'ck_{table}_paymethod', (*METHODS, 'invoice'), METHODS)
    op.drop_column('event', 'invoice_online')
    op.drop_column('event', 'invoice_extra_days')
    op.drop_column('event', 'invoice_days')
    op.drop_index('ix_pay_later_remind', table_name='pay_later')
    op.drop_table('pay_later')
