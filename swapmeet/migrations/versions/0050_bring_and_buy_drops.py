"""Prices at the bring and buy go down

Revision: 0050
Follows: 0049
"""

import sqlalchemy as sa
from alembic import op

revision = '0050'
down_revision = '0049'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('consignment_drop',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('desk_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('done_at IS NULL OR done_at >= starts_at', name=op.f('ck_consignment_drop_done_after_start')),
    sa.CheckConstraint('percent BETWEEN 5 AND 90', name=op.f('ck_consignment_drop_drop_fits')),
    sa.ForeignKeyConstraint(['event_id', 'desk_id'], ['consignment.event_id', 'consignment.id'], name=op.f('fk_consignment_drop_event_id_desk_id_consignment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_consignment_drop_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment_drop')),
    sa.UniqueConstraint('desk_id', name=op.f('uq_consignment_drop_desk_id'))
    )
    op.add_column('consignment_lot', sa.Column('keeps_price', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column('consignment_lot', 'keeps_price')
    op.drop_table('consignment_drop')
