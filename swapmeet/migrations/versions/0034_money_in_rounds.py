"""Money in rounds: asks, offers, limits, and who pays whom

Revision: 0034
Follows: 0033
"""

import sqlalchemy as sa
from alembic import op


revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

COLUMNS = "id, event_id, run_id, entry_id, for_entry_id, payer_id, payee_id, amount_minor"
TRIGGERS = (("trade_run_payment_no_update", f"UPDATE OF {COLUMNS}"), ("trade_run_payment_no_delete", "DELETE"))


def upgrade() -> None:
    op.create_table('round_budget',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_round_budget_some_money')),
    sa.ForeignKeyConstraint(['event_id', 'member_id'], ['round_member.event_id', 'round_member.id'], name=op.f('fk_round_budget_event_id_member_id_round_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_budget_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_budget')),
    sa.UniqueConstraint('member_id', name=op.f('uq_round_budget_member_id'))
    )
    op.create_table('round_ask',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_round_ask_some_money')),
    sa.ForeignKeyConstraint(['event_id', 'entry_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_round_ask_event_id_entry_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_ask_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_ask')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_round_ask_entry_id'))
    )
    op.create_table('round_bid',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('target_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_round_bid_some_money')),
    sa.ForeignKeyConstraint(['event_id', 'member_id'], ['round_member.event_id', 'round_member.id'], name=op.f('fk_round_bid_event_id_member_id_round_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'target_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_round_bid_event_id_target_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_bid_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_bid')),
    sa.UniqueConstraint('member_id', 'target_id', name=op.f('uq_round_bid_member_id_target_id'))
    )
    with op.batch_alter_table('round_bid', schema=None) as batch_op:
        batch_op.create_index('ix_round_bid_target', ['target_id'], unique=False)

    op.create_table('trade_run_payment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('for_entry_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('payee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_trade_run_payment_some_money')),
    sa.CheckConstraint('payer_id <> payee_id', name=op.f('ck_trade_run_payment_two_people')),
    sa.ForeignKeyConstraint(['event_id', 'entry_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_trade_run_payment_event_id_entry_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'for_entry_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_trade_run_payment_event_id_for_entry_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'payee_id'], ['round_member.event_id', 'round_member.id'], name=op.f('fk_trade_run_payment_event_id_payee_id_round_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'payer_id'], ['round_member.event_id', 'round_member.id'], name=op.f('fk_trade_run_payment_event_id_payer_id_round_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'run_id'], ['trade_run.event_id', 'trade_run.id'], name=op.f('fk_trade_run_payment_event_id_run_id_trade_run'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_run_payment_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_run_payment')),
    sa.UniqueConstraint('run_id', 'entry_id', name=op.f('uq_trade_run_payment_run_id_entry_id')),
    sa.UniqueConstraint('run_id', 'for_entry_id', name=op.f('uq_trade_run_payment_run_id_for_entry_id'))
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    table, each = "trade_run_payment", "" if is_sqlite else " FOR EACH ROW"
    then = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END" if is_sqlite else "EXECUTE FUNCTION swapmeet_append_only()"
    for name, deed in TRIGGERS:
        op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON {table}{each} {then}")


def downgrade() -> None:
    op.drop_table('trade_run_payment')
    with op.batch_alter_table('round_bid', schema=None) as batch_op:
        batch_op.drop_index('ix_round_bid_target')

    op.drop_table('round_bid')
    op.drop_table('round_ask')
    op.drop_table('round_budget')
