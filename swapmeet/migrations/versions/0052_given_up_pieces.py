"""Pieces that were given up of a line

Revision: 0052
Follows: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None


BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.add_column('order_line', sa.Column('tax_shift_minor', sa.BigInteger(), nullable=False, server_default='0'))
    op.add_column('order_line', sa.Column('part_of_id', BIG, nullable=True))


def downgrade() -> None:
    op.drop_column('order_line', 'part_of_id')
    op.drop_column('order_line', 'tax_shift_minor')
