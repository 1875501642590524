"""Rules of tickets and the membership list

Revision: 0026
Follows: 0025
"""

import sqlalchemy as sa
from alembic import op


revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('member_number',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=40), nullable=False),
    sa.Column('quota_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("number <> ''", name=op.f('ck_member_number_number_not_empty')),
    sa.ForeignKeyConstraint(['event_id', 'quota_id'], ['quota.event_id', 'quota.id'], name=op.f('fk_member_number_event_id_quota_id_quota')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_member_number_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member_number')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_member_number_event_id_number'))
    )
    with op.batch_alter_table('member_number', schema=None) as batch_op:
        batch_op.create_index('ix_member_number_quota', ['quota_id'], unique=False)

    op.create_table('ticket_rule',
    sa.Column('ticket_type_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('only_with_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('least_each', sa.Integer(), nullable=False),
    sa.Column('most_each', sa.Integer(), nullable=True),
    sa.Column('per_person_limit', sa.Integer(), nullable=True),
    sa.Column('is_open_price', sa.Boolean(), nullable=False),
    sa.Column('member_price_minor', sa.BigInteger(), nullable=True),
    sa.CheckConstraint('least_each BETWEEN 0 AND 100', name=op.f('ck_ticket_rule_least_sensible')),
    sa.CheckConstraint('member_price_minor IS NULL OR NOT is_open_price', name=op.f('ck_ticket_rule_one_kind_of_price')),
    sa.CheckConstraint('member_price_minor IS NULL OR member_price_minor >= 0', name=op.f('ck_ticket_rule_price_not_negative')),
    sa.CheckConstraint('most_each IS NULL OR (most_each BETWEEN 1 AND 100 AND most_each >= least_each)', name=op.f('ck_ticket_rule_most_sensible')),
    sa.CheckConstraint('only_with_id IS NOT NULL OR (least_each = 0 AND most_each IS NULL)', name=op.f('ck_ticket_rule_each_of_something')),
    sa.CheckConstraint('only_with_id IS NULL OR only_with_id <> ticket_type_id', name=op.f('ck_ticket_rule_not_with_itself')),
    sa.CheckConstraint('per_person_limit IS NULL OR per_person_limit BETWEEN 1 AND 1000', name=op.f('ck_ticket_rule_limit_sensible')),
    sa.ForeignKeyConstraint(['event_id', 'only_with_id'], ['ticket_type.event_id', 'ticket_type.id'], name=op.f('fk_ticket_rule_event_id_only_with_id_ticket_type')),
    sa.ForeignKeyConstraint(['event_id', 'ticket_type_id'], ['ticket_type.event_id', 'ticket_type.id'], name=op.f('fk_ticket_rule_event_id_ticket_type_id_ticket_type'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_ticket_rule_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('ticket_type_id', name=op.f('pk_ticket_rule'))
    )
    with op.batch_alter_table('ticket_rule', schema=None) as batch_op:
        batch_op.create_index('ix_ticket_rule_only_with', ['only_with_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('ticket_rule', schema=None) as batch_op:
        batch_op.drop_index('ix_ticket_rule_only_with')

    op.drop_table('ticket_rule')
    with op.batch_alter_table('member_number', schema=None) as batch_op:
        batch_op.drop_index('ix_member_number_quota')

    op.drop_table('member_number')
