"""The bring and buy desk may take a fee for each thing

Revision: 0031
Follows: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('consignment_fee',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('desk_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lot_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('lot_minor > 0', name=op.f('ck_consignment_fee_some_fee')),
    sa.ForeignKeyConstraint(['event_id', 'desk_id'], ['consignment.event_id', 'consignment.id'], name=op.f('fk_consignment_fee_event_id_desk_id_consignment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_consignment_fee_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consignment_fee')),
    sa.UniqueConstraint('desk_id', name=op.f('uq_consignment_fee_desk_id'))
    )


def downgrade() -> None:
    op.drop_table('consignment_fee')
