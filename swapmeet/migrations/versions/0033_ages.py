"""Ages asked for with a ticket

Revision: 0033
Follows: 0032
"""

import sqlalchemy as sa
from alembic import op


revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ticket_age',
    sa.Column('ticket_type_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('max_age', sa.Integer(), nullable=True),
    sa.Column('guardian_below', sa.Integer(), nullable=True),
    sa.CheckConstraint('guardian_below IS NULL OR guardian_below BETWEEN 1 AND 21', name=op.f('ck_ticket_age_guardian_sensible')),
    sa.CheckConstraint('max_age IS NULL OR max_age BETWEEN 0 AND 120', name=op.f('ck_ticket_age_age_sensible')),
    sa.ForeignKeyConstraint(['event_id', 'ticket_type_id'], ['ticket_type.event_id', 'ticket_type.id'], name=op.f('fk_ticket_age_event_id_ticket_type_id_ticket_type'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_ticket_age_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_type_id', name=op.f('pk_ticket_age'))
    )
    with op.batch_alter_table('ticket_age', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_age_event', ['event_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('ticket_age', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_age_event')

    op.drop_table('ticket_age')
