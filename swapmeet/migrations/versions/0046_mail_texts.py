"""Own words of a show in its mails

Revision: 0046
Follows: 0045
"""

import sqlalchemy as sa
from alembic import op


revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_text',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("body <> ''", name=op.f('ck_mail_text_body_not_empty')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_mail_text_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', 'kind', 'language', name=op.f('pk_mail_text'))
    )


def downgrade() -> None:
    op.drop_table('mail_text')
