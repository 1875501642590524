"""Extras that are sold with tables

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('table_extra',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.Enum('power', 'chair', 'badge', 'other', name='extrakind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('limit_per_order', sa.Integer(), nullable=False),
    sa.Column('is_sold', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_table_extra_price_not_negative')),
    sa.CheckConstraint('limit_per_order > 0', name=op.f('ck_table_extra_limit_positive')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_table_extra_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_table_extra')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_table_extra_event_id_id')),
    sa.UniqueConstraint('event_id', 'name', name=op.f('uq_table_extra_event_id_name'))
    )


def downgrade() -> None:
    op.drop_table('table_extra')
