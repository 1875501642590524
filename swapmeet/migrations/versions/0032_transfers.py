"""Tickets that are passed on

Revision: 0032
Follows: 0031
"""

import sqlalchemy as sa
from alembic import op


revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ticket_transfer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.Enum('offered', 'taken', 'withdrawn', name='transferstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('link_seal', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'offered') = (closed_at IS NULL)", name=op.f('ck_ticket_transfer_closed_says_when')),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendee.event_id', 'attendee.id'], name=op.f('fk_ticket_transfer_event_id_attendee_id_attendee'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_ticket_transfer_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_transfer'))
    )
    with op.batch_alter_table('ticket_transfer', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_transfer_event', ['event_id'], unique=False)
        batch_op.create_index('uq_ticket_transfer_open', ['attendee_id'], unique=True, sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'"))

    op.add_column('attendee', sa.Column('passed_on_at', sa.DateTime(timezone=True), nullable=True))



def downgrade() -> None:
    op.drop_column('attendee', 'passed_on_at')

    with op.batch_alter_table('ticket_transfer', schema=None) as batch_op:
        batch_op.drop_index('uq_ticket_transfer_open', sqlite_where=sa.text("state = 'offered'"), postgresql_where=sa.text("state = 'offered'"))
        batch_op.drop_index('ix_ticket_transfer_event')

    op.drop_table('ticket_transfer')
