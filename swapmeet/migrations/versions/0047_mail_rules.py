"""Mails that go out some days before a show

Revision: 0047
Follows: 0046
"""

import sqlalchemy as sa
from alembic import op


revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mail_rule',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('segment', sa.String(length=40), nullable=False),
    sa.Column('days_before', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('written', 'approved', 'sent', 'withdrawn', name='rulestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('announcement_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('count', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f('ck_mail_rule_sent_has_its_time')),
    sa.CheckConstraint('days_before >= 0', name=op.f('ck_mail_rule_days_not_negative')),
    sa.ForeignKeyConstraint(['announcement_id'], ['announcement.id'], name=op.f('fk_mail_rule_announcement_id_announcement'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_mail_rule_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_rule'))
    )
    op.create_index('ix_mail_rule_event', 'mail_rule', ['event_id'], unique=False)
    op.create_index('ix_mail_rule_state', 'mail_rule', ['state'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_mail_rule_state', table_name='mail_rule')
    op.drop_index('ix_mail_rule_event', table_name='mail_rule')
    op.drop_table('mail_rule')
