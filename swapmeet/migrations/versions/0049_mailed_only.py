"""News that are mailed only

Revision: 0049
Follows: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = '0049'
down_revision = '0048'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was written down before says that it becomes news, and keeps its word."""
    op.add_column('announcement', sa.Column('is_public', sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column('mail_rule', sa.Column('is_public', sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    op.execute('DELETE FROM announcement WHERE NOT is_public')
    op.drop_column('mail_rule', 'is_public')
    op.drop_column('announcement', 'is_public')
