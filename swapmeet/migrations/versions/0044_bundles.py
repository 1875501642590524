"""Bundles of tickets

Revision: 0044
Follows: 0043
"""

import sqlalchemy as sa
from alembic import op


revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bundle_part',
    sa.Column('bundle_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('part_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('bundle_id <> part_id', name=op.f('ck_bundle_part_not_in_itself')),
    sa.CheckConstraint('quantity BETWEEN 1 AND 20', name=op.f('ck_bundle_part_quantity_sensible')),
    sa.ForeignKeyConstraint(['event_id', 'bundle_id'], ['ticket_type.event_id', 'ticket_type.id'], name=op.f('fk_bundle_part_event_id_bundle_id_ticket_type'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'part_id'], ['ticket_type.event_id', 'ticket_type.id'], name=op.f('fk_bundle_part_event_id_part_id_ticket_type')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_bundle_part_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('bundle_id', 'part_id', name=op.f('pk_bundle_part'))
    )
    with op.batch_alter_table('bundle_part', schema=None) as batch_op:
        batch_op.create_index('ix_bundle_part_event', ['event_id'], unique=False)
        batch_op.create_index('ix_bundle_part_part', ['part_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('bundle_part', schema=None) as batch_op:
        batch_op.drop_index('ix_bundle_part_part')
        batch_op.drop_index('ix_bundle_part_event')

    op.drop_table('bundle_part')
