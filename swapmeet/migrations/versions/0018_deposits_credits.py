"""Deposits, credits, and orders of which a part is given up

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
from alembic import op

from swapmeet.migrations.edits import change_values, let_be_null


revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

METHOD_TABLES = ('order', 'payment', 'refund')
METHODS = ('free', 'check', 'transfer', 'cash')
ACCOUNTS = ('receivable', 'sales', 'cash', 'checks', 'bank', 'fees_kept', 'refunds_owed')
NEW_ACCOUNTS = ('credits', 'given_back', 'cash_difference')


def upgrade() -> None:
    op.create_table('deposit_series',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_deposit_series_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_deposit_series'))
    )
    op.create_table('deposit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('checks_minor', sa.BigInteger(), nullable=False),
    sa.Column('expected_cash_minor', sa.BigInteger(), nullable=False),
    sa.Column('cash_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('cash_minor >= 0', name=op.f('ck_deposit_cash_not_negative')),
    sa.CheckConstraint('checks_minor + cash_minor > 0', name=op.f('ck_deposit_holds_something')),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['bank_line.event_id', 'bank_line.id'], name=op.f('fk_deposit_event_id_line_id_bank_line')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_deposit_event_id_event'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_deposit_made_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deposit')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_deposit_event_id_id')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_deposit_event_id_number')),
    sa.UniqueConstraint('line_id', name=op.f('uq_deposit_line_id'))
    )
    op.create_table('credit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('left_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('holder_name', sa.String(length=200), nullable=False),
    sa.Column('holder_email', sa.String(length=255), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_credit_amount_positive')),
    sa.CheckConstraint('left_minor >= 0 AND left_minor <= amount_minor', name=op.f('ck_credit_left_in_bounds')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_credit_event_id_event'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizer.id'], name=op.f('fk_credit_organizer_id_organizer'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_credit_refund_id_refund')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit')),
    sa.UniqueConstraint('code', name=op.f('uq_credit_code')),
    sa.UniqueConstraint('refund_id', name=op.f('uq_credit_refund_id'))
    )
    op.create_index('ix_credit_organizer', 'credit', ['organizer_id'], unique=False)
    op.create_table('deposit_check',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('deposit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'deposit_id'], ['deposit.event_id', 'deposit.id'], name=op.f('fk_deposit_check_event_id_deposit_id_deposit')),
    sa.ForeignKeyConstraint(['event_id', 'payment_id'], ['payment.event_id', 'payment.id'], name=op.f('fk_deposit_check_event_id_payment_id_payment')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_deposit_check_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('payment_id', name=op.f('pk_deposit_check'))
    )
    op.create_index('ix_deposit_check_deposit', 'deposit_check', ['deposit_id'], unique=False)
    op.create_table('refund_source',
    sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_refund_source_payment_id_payment')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_refund_source_refund_id_refund')),
    sa.PrimaryKeyConstraint('refund_id', name=op.f('pk_refund_source'))
    )
    op.create_index(op.f('ix_refund_source_payment_id'), 'refund_source', ['payment_id'], unique=False)
    op.create_table('credit_use',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('credit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['credit_id'], ['credit.id'], name=op.f('fk_credit_use_credit_id_credit')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_credit_use_payment_id_payment')),
    sa.PrimaryKeyConstraint('payment_id', name=op.f('pk_credit_use'))
    )
    op.create_index(op.f('ix_credit_use_credit_id'), 'credit_use', ['credit_id'], unique=False)
    op.add_column('order', sa.Column('adjust_minor', sa.BigInteger(), server_default='0', nullable=False))
    let_be_null(op, 'ledger_entry', 'order_id', 'INTEGER', nullable=True)
    change_values(op, 'ledger_entry', 'account', 'ck_ledger_entry_account', ACCOUNTS, (*ACCOUNTS, *NEW_ACCOUNTS))
    for table in METHOD_TABLES:
        change_values(op, table, 'method', f'ck_{table}_paymethod', METHODS, (*METHODS, 'credit'))


def downgrade() -> None:
    for table in METHOD_TABLES:
        change_values(op, table, 'method', f'ck_{table}_paymethod', (*METHODS, 'credit'), METHODS)
    change_values(op, 'ledger_entry', 'account', 'ck_ledger_entry_account', (*ACCOUNTS, *NEW_ACCOUNTS), ACCOUNTS)
    let_be_null(op, 'ledger_entry', 'order_id', 'INTEGER', nullable=False)
    op.drop_column('order', 'adjust_minor')
    op.drop_index(op.f('ix_credit_use_credit_id'), table_name='credit_use')
    op.drop_table('credit_use')
    op.drop_index(op.f('ix_refund_source_payment_id'), table_name='refund_source')
    op.drop_table('refund_source')
    op.drop_index('ix_deposit_check_deposit', table_name='deposit_check')
    op.drop_table('deposit_check')
    op.drop_index('ix_credit_organizer', table_name='credit')
    op.drop_table('credit')
    op.drop_table('deposit')
    op.drop_table('deposit_series')
