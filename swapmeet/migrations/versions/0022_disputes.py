"""Disputes of trade rounds with photos and rulings, cash over the desk, and people who may not enter again

Revision: 0022
Follows: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def _id(name, **more):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), **more)


def _moment(name, nullable=False):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _states(name, kind, words, nullable=False):
    return sa.Column(name, sa.Enum(*words, name=kind, native_enum=False, create_constraint=True, length=32), nullable=nullable)


def _key(table, column, target, ondelete='CASCADE'):
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk_{table}_{column}_{target}'), ondelete=ondelete)


def _same_event(table, column, target):
    return sa.ForeignKeyConstraint(['event_id', column], [f'{target}.event_id', f'{target}.id'], name=op.f(f'fk_{table}_event_id_{column}_{target}'), ondelete='CASCADE')


def upgrade() -> None:
    op.add_column('round_desk', sa.Column('uses_money', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table('round_dispute',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _id('hand_over_id', nullable=False),
    _states('reason', 'disputereason', ('missing', 'not_as_described', 'damaged', 'wrong_thing')),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    _moment('answered_at', nullable=True),
    _states('state', 'disputestate', ('open', 'ruled', 'withdrawn')),
    _states('outcome', 'outcome', ('nothing', 'undo', 'compensation', 'warning', 'block'), nullable=True),
    sa.Column('ruling', sa.Text(), nullable=False),
    _moment('created_at'),
    _moment('closed_at', nullable=True),
    sa.CheckConstraint("(state = 'ruled') = (outcome IS NOT NULL)", name=op.f('ck_round_dispute_ruled_how')),
    sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f('ck_round_dispute_closed_when')),
    _same_event('round_dispute', 'hand_over_id', 'hand_over'),
    _same_event('round_dispute', 'round_id', 'trade_round'),
    _key('round_dispute', 'event_id', 'event'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_dispute')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_round_dispute_event_id_id'))
    )
    op.create_index('ix_round_dispute_round', 'round_dispute', ['round_id', 'state'], unique=False)
    op.create_index('uq_round_dispute_open', 'round_dispute', ['hand_over_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.create_table('dispute_photo',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('dispute_id', nullable=False),
    sa.Column('by_giver', sa.Boolean(), nullable=False),
    _id('incoming_id', nullable=True),
    _id('file_id', nullable=True),
    sa.Column('problem', sa.String(length=300), nullable=False),
    _moment('created_at'),
    _same_event('dispute_photo', 'dispute_id', 'round_dispute'),
    _key('dispute_photo', 'event_id', 'event'),
    _key('dispute_photo', 'file_id', 'stored_file', 'SET NULL'),
    _key('dispute_photo', 'incoming_id', 'stored_file', 'SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute_photo'))
    )
    op.create_index('ix_dispute_photo_dispute', 'dispute_photo', ['dispute_id'], unique=False)
    op.create_table('round_cash',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _id('payer_id', nullable=False),
    _id('payee_id', nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('why', sa.String(length=200), nullable=False),
    _moment('created_at'),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_round_cash_some_money')),
    sa.CheckConstraint('payer_id <> payee_id', name=op.f('ck_round_cash_two_people')),
    _same_event('round_cash', 'payee_id', 'round_member'),
    _same_event('round_cash', 'payer_id', 'round_member'),
    _same_event('round_cash', 'round_id', 'trade_round'),
    _key('round_cash', 'event_id', 'event'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_cash'))
    )
    op.create_index('ix_round_cash_round', 'round_cash', ['round_id'], unique=False)
    op.create_table('round_cash_paid',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _id('member_id', nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('by_label', sa.String(length=200), nullable=False),
    _moment('created_at'),
    sa.CheckConstraint('amount_minor <> 0', name=op.f('ck_round_cash_paid_some_money')),
    _same_event('round_cash_paid', 'member_id', 'round_member'),
    _same_event('round_cash_paid', 'round_id', 'trade_round'),
    _key('round_cash_paid', 'event_id', 'event'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_cash_paid'))
    )
    op.create_index('ix_round_cash_paid_round', 'round_cash_paid', ['round_id'], unique=False)
    op.create_table('round_bar',
    _id('id', autoincrement=True, nullable=False),
    _id('organizer_id', nullable=False),
    _id('person_id', nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    _moment('created_at'),
    _moment('lifted_at', nullable=True),
    _key('round_bar', 'organizer_id', 'organizer'),
    _key('round_bar', 'person_id', 'person'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_bar'))
    )
    op.create_index('uq_round_bar_live', 'round_bar', ['organizer_id', 'person_id'], unique=True, sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))


def downgrade() -> None:
    """What was argued, paid and barred is forgotten; pictures stay until somebody tidies up."""
    for table in ('round_bar', 'round_cash_paid', 'round_cash', 'dispute_photo', 'round_dispute'):
        op.drop_table(table)
    op.drop_column('round_desk', 'uses_money')
