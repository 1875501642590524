"""Addresses that want no news by mail

Revision: 0037
Follows: 0036
"""

import sqlalchemy as sa
from alembic import op


revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('news_opt_out',
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("email <> ''", name=op.f('ck_news_opt_out_email_not_empty')),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizer.id'], name=op.f('fk_news_opt_out_organizer_id_organizer'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('organizer_id', 'email', name=op.f('pk_news_opt_out'))
    )


def downgrade() -> None:
    op.drop_table('news_opt_out')
