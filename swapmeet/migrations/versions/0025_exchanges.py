"""Exchanges: everybody brings pieces alike and gets different ones by a sealed draw

Revision: 0025
Follows: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('exchange',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('scale', sa.String(length=16), nullable=False),
    sa.Column('min_minor', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('bring', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('open', 'drawn', 'closed', 'canceled', name='exchangestate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sign_up_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_number', sa.Integer(), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('commitment', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(drawn_at IS NULL) = (state IN ('open', 'canceled'))", name=op.f('ck_exchange_drawn_when')),
    sa.CheckConstraint("title <> ''", name=op.f('ck_exchange_title_given')),
    sa.CheckConstraint('bring BETWEEN 1 AND 50', name=op.f('ck_exchange_some_pieces')),
    sa.CheckConstraint('min_minor IS NULL OR min_minor >= 0', name=op.f('ck_exchange_worth_not_negative')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_exchange_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exchange')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_exchange_event_id_id'))
    )
    op.create_table('exchange_entry',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('exchange_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('signed_up', 'here', 'collected', 'withdrawn', name='entrystate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(state IN ('here', 'collected')) = (pieces > 0)", name=op.f('ck_exchange_entry_pieces_when_here')),
    sa.CheckConstraint('pieces BETWEEN 0 AND 50', name=op.f('ck_exchange_entry_pieces_fit')),
    sa.ForeignKeyConstraint(['event_id', 'exchange_id'], ['exchange.event_id', 'exchange.id'], name=op.f('fk_exchange_entry_event_id_exchange_id_exchange'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_exchange_entry_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_exchange_entry_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exchange_entry')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_exchange_entry_event_id_id')),
    sa.UniqueConstraint('exchange_id', 'number', name=op.f('uq_exchange_entry_exchange_id_number'))
    )
    op.create_index('ix_exchange_entry_person', 'exchange_entry', ['person_id'], unique=False)
    op.create_index('uq_exchange_entry_person', 'exchange_entry', ['exchange_id', 'person_id'], unique=True, sqlite_where=sa.text('person_id IS NOT NULL'), postgresql_where=sa.text('person_id IS NOT NULL'))
    op.create_table('exchange_move',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('exchange_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('giver_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('receiver_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.CheckConstraint('giver_id <> receiver_id', name=op.f('ck_exchange_move_not_their_own')),
    sa.ForeignKeyConstraint(['event_id', 'exchange_id'], ['exchange.event_id', 'exchange.id'], name=op.f('fk_exchange_move_event_id_exchange_id_exchange'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'giver_id'], ['exchange_entry.event_id', 'exchange_entry.id'], name=op.f('fk_exchange_move_event_id_giver_id_exchange_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'receiver_id'], ['exchange_entry.event_id', 'exchange_entry.id'], name=op.f('fk_exchange_move_event_id_receiver_id_exchange_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_exchange_move_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exchange_move')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_exchange_move_event_id_id')),
    sa.UniqueConstraint('giver_id', 'receiver_id', name=op.f('uq_exchange_move_giver_id_receiver_id'))
    )
    op.create_index('ix_exchange_move_exchange', 'exchange_move', ['exchange_id'], unique=False)
    op.create_index('ix_exchange_move_receiver', 'exchange_move', ['receiver_id'], unique=False)
    op.create_table('exchange_thanks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('move_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("words <> ''", name=op.f('ck_exchange_thanks_words_given')),
    sa.ForeignKeyConstraint(['event_id', 'move_id'], ['exchange_move.event_id', 'exchange_move.id'], name=op.f('fk_exchange_thanks_event_id_move_id_exchange_move'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_exchange_thanks_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exchange_thanks')),
    sa.UniqueConstraint('move_id', name=op.f('uq_exchange_thanks_move_id'))
    )
    for table in ('exchange_move',):
        _append_only(table)


def _append_only(table: str) -> None:
    """No row of it is ever changed or deleted."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for verb in ("update", "delete"):
        then = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END" if is_sqlite else "EXECUTE FUNCTION swapmeet_append_only()"
        deed = verb.upper() + (" OF " + ", ".join(column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)) if verb == "update" else "")
        op.execute(f"CREATE TRIGGER {table}_no_{verb} BEFORE {deed} ON {table}{'' if is_sqlite else ' FOR EACH ROW'} {then}")


def downgrade() -> None:
    op.drop_table('exchange_thanks')
    op.drop_table('exchange_move')
    op.drop_table('exchange_entry')
    op.drop_table('exchange')
