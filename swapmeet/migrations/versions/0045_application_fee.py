"""Application fees

Revision: 0045
Follows: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('vendor_selling', sa.Column('fee_minor', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('vendor_selling', sa.Column('fee_policy', sa.String(length=20), server_default='declined', nullable=False))
    op.add_column('application', sa.Column('is_fee_waived', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column('application', 'is_fee_waived')
    op.drop_column('vendor_selling', 'fee_policy')
    op.drop_column('vendor_selling', 'fee_minor')
