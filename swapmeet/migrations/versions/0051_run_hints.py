"""What one more want would do, kept with a run

Revision: 0051
Follows: 0050
"""

import sqlalchemy as sa
import sqlalchemy.dialects.postgresql
from alembic import op

revision = '0051'
down_revision = '0050'
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(sa.dialects.postgresql.JSONB(none_as_null=True), 'postgresql')


def upgrade() -> None:
    op.add_column('trade_run', sa.Column('hints', JSON, nullable=True))


def downgrade() -> None:
    op.drop_column('trade_run', 'hints')
