"""Cards at a provider

Revision: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op

from swapmeet.migrations.edits import change_values


revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

METHOD_TABLES = ('order', 'payment', 'refund')
METHODS = ('free', 'check', 'transfer', 'cash', 'credit')
ACCOUNTS = ('receivable', 'sales', 'cash', 'checks', 'bank', 'fees_kept', 'refunds_owed', 'credits', 'given_back', 'cash_difference')


def upgrade() -> None:
    op.create_table('provider_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('provider', sa.String(length=16), nullable=False),
    sa.Column('event_ref', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=100), nullable=False),
    sa.Column('about', sa.String(length=200), nullable=False),
    sa.Column('outcome', sa.String(length=40), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_event')),
    sa.UniqueConstraint('provider', 'event_ref', name=op.f('uq_provider_event_provider_event_ref'))
    )
    op.create_table('card_payment',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('provider', sa.String(length=16), nullable=False),
    sa.Column('seal', sa.String(length=40), nullable=False),
    sa.Column('session_ref', sa.String(length=200), nullable=True),
    sa.Column('intent_ref', sa.String(length=200), nullable=True),
    sa.Column('page_url', sa.String(length=2000), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_card_payment_payment_id_payment')),
    sa.PrimaryKeyConstraint('payment_id', name=op.f('pk_card_payment')),
    sa.UniqueConstraint('intent_ref', name=op.f('uq_card_payment_intent_ref')),
    sa.UniqueConstraint('session_ref', name=op.f('uq_card_payment_session_ref'))
    )
    op.create_table('card_refund',
    sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('refund_ref', sa.String(length=200), nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_card_refund_refund_id_refund')),
    sa.PrimaryKeyConstraint('refund_id', name=op.f('pk_card_refund')),
    sa.UniqueConstraint('refund_ref', name=op.f('uq_card_refund_refund_ref'))
    )
    change_values(op, 'ledger_entry', 'account', 'ck_ledger_entry_account', ACCOUNTS, (*ACCOUNTS[:-1], 'card', ACCOUNTS[-1]))
    for table in METHOD_TABLES:
        change_values(op, table, 'method', f'ck_{table}_paymethod', METHODS, (*METHODS, 'card'))


def downgrade() -> None:
    for table in METHOD_TABLES:
        change_values(op, table, 'method', f'ck_{table}_paymethod', (*METHODS, 'card'), METHODS)
    change_values(op, 'ledger_entry', 'account', 'ck_ledger_entry_account', (*ACCOUNTS[:-1], 'card', ACCOUNTS[-1]), ACCOUNTS)
    op.drop_table('card_refund')
    op.drop_table('card_payment')
    op.drop_table('provider_event')
