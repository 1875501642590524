"""Paying in parts, by the days that a show sets

Revision: 0035
Follows: 0034
"""

import sqlalchemy as sa
from alembic import op


revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('instalment_plan',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('lapses', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_instalment_plan_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_instalment_plan'))
    )
    op.create_table('instalment_date',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.CheckConstraint('percent BETWEEN 1 AND 99', name=op.f('ck_instalment_date_percent_sensible')),
    sa.ForeignKeyConstraint(['event_id'], ['instalment_plan.event_id'], name=op.f('fk_instalment_date_event_id_instalment_plan'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instalment_date')),
    sa.UniqueConstraint('event_id', 'due_on', name=op.f('uq_instalment_date_event_id_due_on'))
    )


def downgrade() -> None:
    op.drop_table('instalment_date')
    op.drop_table('instalment_plan')
