"""Orders, money and documents

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = '0001'
branch_labels = None
depends_on = None

STATEMENTS = {
    "sqlite": [
        "CREATE TRIGGER IF NOT EXISTS ledger_entry_no_update BEFORE UPDATE OF id, event_id, order_id, transaction_code, account, detail, amount_minor, currency, posted_at, payment_id, refund_id, memo ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END",
        "CREATE TRIGGER IF NOT EXISTS ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger_entry is append-only'); END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION swapmeet_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
        "CREATE OR REPLACE TRIGGER ledger_entry_no_update BEFORE UPDATE OF id, event_id, order_id, transaction_code, account, detail, amount_minor, currency, posted_at, payment_id, refund_id, memo ON ledger_entry FOR EACH ROW EXECUTE FUNCTION swapmeet_append_only()",
        "CREATE OR REPLACE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION swapmeet_append_only()"
    ]
}


def upgrade() -> None:
    op.create_table('quota',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.CheckConstraint('capacity IS NULL OR capacity >= 0', name=op.f('ck_quota_capacity_not_negative')),
    sa.CheckConstraint('capacity IS NULL OR taken <= capacity', name=op.f('ck_quota_not_oversold')),
    sa.CheckConstraint('taken >= 0', name=op.f('ck_quota_taken_not_negative')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_quota_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_quota')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_quota_event_id_id'))
    )
    op.create_table('receipt_series',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_receipt_series_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_receipt_series'))
    )
    op.create_table('order',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('state', sa.Enum('cart', 'placed', 'confirmed', 'expired', 'canceled', name='orderstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('cart_digest', sa.String(length=64), nullable=True),
    sa.Column('key_digest', sa.String(length=64), nullable=True),
    sa.Column('link_key', sa.String(length=64), nullable=True),
    sa.Column('buyer_name', sa.String(length=200), nullable=False),
    sa.Column('buyer_email', sa.String(length=255), nullable=False),
    sa.Column('buyer_phone', sa.String(length=40), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('method', sa.Enum('free', 'check', 'transfer', 'cash', name='paymethod', native_enum=False, create_constraint=True, length=32), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('policy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('vendor_policy_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('search_text', sa.String(length=800), nullable=False),
    sa.CheckConstraint("state <> 'cart' OR expires_at IS NOT NULL", name=op.f('ck_order_cart_expires')),
    sa.CheckConstraint('total_minor >= 0', name=op.f('ck_order_total_not_negative')),
    sa.ForeignKeyConstraint(['event_id', 'policy_id'], ['policy.event_id', 'policy.id'], name=op.f('fk_order_event_id_policy_id_policy')),
    sa.ForeignKeyConstraint(['event_id', 'vendor_policy_id'], ['policy.event_id', 'policy.id'], name=op.f('fk_order_event_id_vendor_policy_id_policy')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_order_event_id_event'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_order_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order')),
    sa.UniqueConstraint('cart_digest', name=op.f('uq_order_cart_digest')),
    sa.UniqueConstraint('code', name=op.f('uq_order_code')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_order_event_id_id')),
    sa.UniqueConstraint('key_digest', name=op.f('uq_order_key_digest'))
    )
    op.create_index('ix_order_due', 'order', ['due_at'], unique=False, sqlite_where=sa.text("state = 'placed'"), postgresql_where=sa.text("state = 'placed'"))
    op.create_index('ix_order_email', 'order', ['buyer_email'], unique=False)
    op.create_index('ix_order_event_placed', 'order', ['event_id', 'placed_at', 'id'], unique=False)
    op.create_index('ix_order_expiry', 'order', ['expires_at'], unique=False, sqlite_where=sa.text("state = 'cart'"), postgresql_where=sa.text("state = 'cart'"))
    op.create_index('ix_order_person', 'order', ['person_id'], unique=False)
    op.create_table('ledger_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('transaction_code', sa.String(length=40), nullable=False),
    sa.Column('account', sa.Enum('receivable', 'sales', 'cash', 'checks', 'bank', 'fees_kept', 'refunds_owed', name='account', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('detail', sa.String(length=32), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('refund_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('memo', sa.String(length=200), nullable=False),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_ledger_entry_amount_not_zero')),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_ledger_entry_event_id_order_id_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_ledger_entry_event_id_event'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry'))
    )
    op.create_index('ix_ledger_entry_event_posted', 'ledger_entry', ['event_id', 'posted_at'], unique=False)
    op.create_index('ix_ledger_entry_order', 'ledger_entry', ['order_id'], unique=False)
    op.create_index('ix_ledger_entry_transaction', 'ledger_entry', ['transaction_code'], unique=False)
    op.create_table('order_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('product_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('detail', sa.String(length=300), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('unit_minor', sa.BigInteger(), nullable=False),
    sa.Column('facts', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('refund_policy', sa.String(length=32), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_order_line_quantity_positive')),
    sa.CheckConstraint('unit_minor >= 0', name=op.f('ck_order_line_price_not_negative')),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_order_line_event_id_order_id_order'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_order_line_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_line')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_order_line_event_id_id'))
    )
    op.create_index('ix_order_line_order', 'order_line', ['order_id'], unique=False)
    op.create_index('ix_order_line_product', 'order_line', ['event_id', 'kind', 'product_id'], unique=False)
    op.create_table('payment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('method', sa.Enum('free', 'check', 'transfer', 'cash', name='paymethod', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('created', 'pending', 'confirmed', 'failed', 'canceled', name='paymentstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_payment_amount_positive')),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_payment_event_id_order_id_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_payment_event_id_event'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id'], name=op.f('fk_payment_recorded_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_payment_event_id_id'))
    )
    op.create_index('ix_payment_event_confirmed', 'payment', ['event_id', 'confirmed_at'], unique=False)
    op.create_index('ix_payment_order', 'payment', ['order_id'], unique=False)
    op.create_table('receipt',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_receipt_event_id_order_id_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_receipt_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_receipt_event_id_number')),
    sa.UniqueConstraint('order_id', name=op.f('uq_receipt_order_id'))
    )
    op.create_table('refund',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('method', sa.Enum('free', 'check', 'transfer', 'cash', name='paymethod', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('requested', 'approved', 'sent', 'done', 'failed', name='refundstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reference', sa.String(length=100), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refund_amount_positive')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_refund_decided_by_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_refund_event_id_order_id_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_refund_event_id_event'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund'))
    )
    op.create_index('ix_refund_event_state', 'refund', ['event_id', 'state'], unique=False)
    op.create_index('ix_refund_order', 'refund', ['order_id'], unique=False)
    op.create_table('line_quota',
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quota_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_line_quota_quantity_positive')),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['order_line.event_id', 'order_line.id'], name=op.f('fk_line_quota_event_id_line_id_order_line'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'quota_id'], ['quota.event_id', 'quota.id'], name=op.f('fk_line_quota_event_id_quota_id_quota')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_line_quota_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('line_id', 'quota_id', name=op.f('pk_line_quota'))
    )
    op.create_index('ix_line_quota_quota', 'line_quota', ['quota_id'], unique=False)
    for statement in STATEMENTS[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(':', '\\:')))


def downgrade() -> None:
    op.drop_index('ix_line_quota_quota', table_name='line_quota')
    op.drop_table('line_quota')
    op.drop_index('ix_refund_order', table_name='refund')
    op.drop_index('ix_refund_event_state', table_name='refund')
    op.drop_table('refund')
    op.drop_table('receipt')
    op.drop_index('ix_payment_order', table_name='payment')
    op.drop_index('ix_payment_event_confirmed', table_name='payment')
    op.drop_table('payment')
    op.drop_index('ix_order_line_product', table_name='order_line')
    op.drop_index('ix_order_line_order', table_name='order_line')
    op.drop_table('order_line')
    op.drop_index('ix_ledger_entry_transaction', table_name='ledger_entry')
    op.drop_index('ix_ledger_entry_order', table_name='ledger_entry')
    op.drop_index('ix_ledger_entry_event_posted', table_name='ledger_entry')
    op.drop_table('ledger_entry')
    op.drop_index('ix_order_person', table_name='order')
    op.drop_index('ix_order_expiry', table_name='order', sqlite_where=sa.text("state = 'cart'"), postgresql_where=sa.text("state = 'cart'"))
    op.drop_index('ix_order_event_placed', table_name='order')
    op.drop_index('ix_order_email', table_name='order')
    op.drop_index('ix_order_due', table_name='order', sqlite_where=sa.text("state = 'placed'"), postgresql_where=sa.text("state = 'placed'"))
    op.drop_table('order')
    op.drop_table('receipt_series')
    op.drop_table('quota')
