"""Choices of a ticket: dishes, sizes

Revision: 0036
Follows: 0035
"""

import sqlalchemy as sa
from alembic import op


revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ticket_variant',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_type_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=True),
    sa.Column('quota_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('off_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("name <> ''", name=op.f('ck_ticket_variant_name_not_empty')),
    sa.CheckConstraint('price_minor IS NULL OR price_minor >= 0', name=op.f('ck_ticket_variant_price_not_negative')),
    sa.ForeignKeyConstraint(['event_id', 'quota_id'], ['quota.event_id', 'quota.id'], name=op.f('fk_ticket_variant_event_id_quota_id_quota')),
    sa.ForeignKeyConstraint(['event_id', 'ticket_type_id'], ['ticket_type.event_id', 'ticket_type.id'], name=op.f('fk_ticket_variant_event_id_ticket_type_id_ticket_type'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_ticket_variant_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_variant')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_ticket_variant_event_id_id')),
    sa.UniqueConstraint('ticket_type_id', 'name', name=op.f('uq_ticket_variant_ticket_type_id_name'))
    )
    with op.batch_alter_table('ticket_variant', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_variant_event', ['event_id'], unique=False)
        batch_op.create_index('uq_ticket_variant_quota', ['quota_id'], unique=True)


def downgrade() -> None:
    with op.batch_alter_table('ticket_variant', schema=None) as batch_op:
        batch_op.drop_index('uq_ticket_variant_quota')
        batch_op.drop_index('ix_ticket_variant_event')

    op.drop_table('ticket_variant')
