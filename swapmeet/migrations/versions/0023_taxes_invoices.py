"""Taxes of lines, invoices and credit notes

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
from alembic import op

from sqlalchemy.dialects import postgresql

from swapmeet.migrations.edits import change_values

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

ACCOUNTS = (
    'receivable', 'sales', 'cash', 'checks', 'bank', 'fees_kept', 'refunds_owed', 'credits', 'given_back', 'card', 'cash_difference',
)
NEW_ACCOUNTS = (*ACCOUNTS[:-2], 'tax', *ACCOUNTS[-2:])


def upgrade() -> None:
    op.create_table('credit_note_series',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_credit_note_series_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_credit_note_series'))
    )
    op.create_table('invoice_series',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_invoice_series_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_invoice_series'))
    )
    op.create_table('invoice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('order_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Enum('invoice', 'credit_note', name='invoicekind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('corrects_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('total_minor', sa.BigInteger(), nullable=False),
    sa.Column('left_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('address', sa.String(length=600), nullable=False),
    sa.Column('content', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name=op.f('ck_invoice_notes_correct_something')),
    sa.CheckConstraint('left_minor >= 0 AND left_minor <= total_minor', name=op.f('ck_invoice_left_in_bounds')),
    sa.CheckConstraint('number > 0', name=op.f('ck_invoice_number_from_one')),
    sa.CheckConstraint('total_minor > 0', name=op.f('ck_invoice_total_positive')),
    sa.ForeignKeyConstraint(['corrects_id'], ['invoice.id'], name=op.f('fk_invoice_corrects_id_invoice')),
    sa.ForeignKeyConstraint(['event_id', 'order_id'], ['order.event_id', 'order.id'], name=op.f('fk_invoice_event_id_order_id_order')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_invoice_event_id_event'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invoice')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_invoice_event_id_id')),
    sa.UniqueConstraint('event_id', 'kind', 'number', name=op.f('uq_invoice_event_id_kind_number'))
    )
    op.create_index('ix_invoice_order', 'invoice', ['order_id'], unique=False)
    op.add_column('event', sa.Column('taxes', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), server_default='{}', nullable=False))
    op.add_column('event', sa.Column('invoice_head', sa.Text(), server_default='', nullable=False))
    op.add_column('order_line', sa.Column('tax_name', sa.String(length=60), server_default='', nullable=False))
    op.add_column('order_line', sa.Column('tax_bp', sa.Integer(), server_default='0', nullable=False))
    op.add_column('order_line', sa.Column('tax_is_added', sa.Boolean(), server_default=sa.false(), nullable=False))
    change_values(op, 'ledger_entry', 'account', 'ck_ledger_entry_account', ACCOUNTS, NEW_ACCOUNTS)


def downgrade() -> None:
    change_values(op, 'ledger_entry', 'account', 'ck_ledger_entry_account', NEW_ACCOUNTS, ACCOUNTS)
    op.drop_column('order_line', 'tax_is_added')
    op.drop_column('order_line', 'tax_bp')
    op.drop_column('order_line', 'tax_name')
    op.drop_column('event', 'invoice_head')
    op.drop_column('event', 'taxes')
    op.drop_index('ix_invoice_order', table_name='invoice')
    op.drop_table('invoice')
    op.drop_table('invoice_series')
    op.drop_table('credit_note_series')
