"""Statements of the bank, their lines, and the payments that lines became

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bank_statement',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('account', sa.String(length=64), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('came_in', sa.Integer(), nullable=False),
    sa.Column('known_before', sa.Integer(), nullable=False),
    sa.Column('went_out', sa.Integer(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('imported_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_bank_statement_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['imported_by'], ['person.id'], name=op.f('fk_bank_statement_imported_by_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_statement')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_bank_statement_event_id_id'))
    )
    op.create_index('ix_bank_statement_event', 'bank_statement', ['event_id', 'imported_at'], unique=False)
    op.create_table('bank_fault',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('statement_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('sentence', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['statement_id'], ['bank_statement.id'], name=op.f('fk_bank_fault_statement_id_bank_statement'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_fault'))
    )
    op.create_index(op.f('ix_bank_fault_statement_id'), 'bank_fault', ['statement_id'], unique=False)
    op.create_table('bank_line',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('statement_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('payer', sa.String(length=200), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('bank_ref', sa.String(length=100), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('is_repeat', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Enum('open', 'recorded', 'ignored', name='linestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_bank_line_amount_positive')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_bank_line_decided_by_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['event_id', 'statement_id'], ['bank_statement.event_id', 'bank_statement.id'], name=op.f('fk_bank_line_event_id_statement_id_bank_statement'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_bank_line_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_line')),
    sa.UniqueConstraint('event_id', 'fingerprint', name=op.f('uq_bank_line_event_id_fingerprint')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_bank_line_event_id_id'))
    )
    op.create_index('ix_bank_line_state', 'bank_line', ['event_id', 'state'], unique=False)
    op.create_index('ix_bank_line_statement', 'bank_line', ['statement_id'], unique=False)
    op.create_table('bank_match',
    sa.Column('payment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('line_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'line_id'], ['bank_line.event_id', 'bank_line.id'], name=op.f('fk_bank_match_event_id_line_id_bank_line')),
    sa.ForeignKeyConstraint(['event_id', 'payment_id'], ['payment.event_id', 'payment.id'], name=op.f('fk_bank_match_event_id_payment_id_payment')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_bank_match_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('payment_id', name=op.f('pk_bank_match'))
    )
    op.create_index('ix_bank_match_line', 'bank_match', ['line_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_bank_match_line', table_name='bank_match')
    op.drop_table('bank_match')
    op.drop_index('ix_bank_line_statement', table_name='bank_line')
    op.drop_index('ix_bank_line_state', table_name='bank_line')
    op.drop_table('bank_line')
    op.drop_index(op.f('ix_bank_fault_statement_id'), table_name='bank_fault')
    op.drop_table('bank_fault')
    op.drop_index('ix_bank_statement_event', table_name='bank_statement')
    op.drop_table('bank_statement')
