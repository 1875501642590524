"""Trade runs: a phase for the result, the seed of a round, runs and their moves

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OLD = ("listing", "freeze", "wants", "closed")
NEW = ("listing", "freeze", "wants", "preview", "closed")
RUN = "id, event_id, round_id, number, kind, state, seed, attempts, step, problem, engine_version, input_hash, result_hash, input_file_id, result_file_id, things, things_traded, people, people_trading, loops, has_certificate, levels, requested_at, started_at, ended_at, published_at"
MOVE = "id, event_id, run_id, loop, place, entry_id, giver_id, receiver_id, for_entry_id"
TRIGGERS = (
    ("trade_run_no_update", f"UPDATE OF {RUN}", "trade_run", " WHEN (OLD.state = 'published')"),
    ("trade_run_no_delete", "DELETE", "trade_run", " WHEN (OLD.state = 'published')"),
    ("trade_run_move_no_update", f"UPDATE OF {MOVE}", "trade_run_move", ""),
    ("trade_run_move_no_delete", "DELETE", "trade_run_move", ""),
)


def _id(name, **more):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), **more)


def _phase(phases):
    return sa.Column('phase', sa.Enum(*phases, name='phase', native_enum=False, create_constraint=True, length=32), nullable=False)


def _round(phases, *more):
    """The table as SQLite copies it."""
    return sa.Table('trade_round', sa.MetaData(naming_convention=op.get_context().opts["target_metadata"].naming_convention),
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    _phase(phases),
    sa.Column('max_entries', sa.Integer(), nullable=False),
    sa.Column('next_number', sa.Integer(), nullable=False),
    *more,
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("title <> ''", name=op.f('ck_trade_round_title_given')),
    sa.CheckConstraint('max_entries > 0', name=op.f('ck_trade_round_some_entries')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_round_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_round')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_trade_round_event_id_id'))
    )


def _deadline(phases):
    return sa.Table('round_deadline', sa.MetaData(naming_convention=op.get_context().opts["target_metadata"].naming_convention),
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _phase(phases),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'round_id'], ['trade_round.event_id', 'trade_round.id'], name=op.f('fk_round_deadline_event_id_round_id_trade_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_round_deadline_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_deadline')),
    sa.UniqueConstraint('round_id', 'phase', name=op.f('uq_round_deadline_round_id_phase'))
    )


def _allow(phases):
    """PostgreSQL: the checks of both tables."""
    words = ", ".join(f"'{phase}'" for phase in phases)
    for table in ('trade_round', 'round_deadline'):
        op.drop_constraint(op.f(f'ck_{table}_phase'), table, type_='check')
        op.create_check_constraint(op.f(f'ck_{table}_phase'), table, f"phase IN ({words})")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        with op.batch_alter_table('trade_round', copy_from=_round(NEW), recreate='always') as batch:
            batch.add_column(_id('seed', nullable=True))
        with op.batch_alter_table('round_deadline', copy_from=_deadline(NEW), recreate='always'):
            pass
    else:
        op.add_column('trade_round', _id('seed', nullable=True))
        _allow(NEW)
    op.create_table('trade_run',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('preview', 'final', name='runkind', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'failed', 'published', name='runstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    _id('seed', nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('engine_version', sa.String(length=64), nullable=False),
    sa.Column('input_hash', sa.String(length=64), nullable=False),
    sa.Column('result_hash', sa.String(length=64), nullable=False),
    _id('input_file_id', nullable=True),
    _id('result_file_id', nullable=True),
    sa.Column('things', sa.Integer(), nullable=False),
    sa.Column('things_traded', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('people_trading', sa.Integer(), nullable=False),
    sa.Column('loops', sa.Integer(), nullable=False),
    sa.Column('has_certificate', sa.Boolean(), nullable=False),
    sa.Column('levels', sa.JSON(none_as_null=True).with_variant(sa.dialects.postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('number > 0', name=op.f('ck_trade_run_number_from_one')),
    sa.CheckConstraint('things_traded <= things AND people_trading <= people', name=op.f('ck_trade_run_counts_fit')),
    sa.CheckConstraint("state NOT IN ('done', 'published') OR (input_hash <> '' AND result_hash <> '' AND input_file_id IS NOT NULL AND result_file_id IS NOT NULL)", name=op.f('ck_trade_run_result_kept')),
    sa.CheckConstraint("(state = 'published') = (published_at IS NOT NULL)", name=op.f('ck_trade_run_published_when')),
    sa.ForeignKeyConstraint(['event_id', 'round_id'], ['trade_round.event_id', 'trade_round.id'], name=op.f('fk_trade_run_event_id_round_id_trade_round'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_run_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['input_file_id'], ['stored_file.id'], name=op.f('fk_trade_run_input_file_id_stored_file')),
    sa.ForeignKeyConstraint(['result_file_id'], ['stored_file.id'], name=op.f('fk_trade_run_result_file_id_stored_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_run')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_trade_run_event_id_id')),
    sa.UniqueConstraint('round_id', 'number', name=op.f('uq_trade_run_round_id_number'))
    )
    for name, columns, state in (('uq_trade_run_live', ['round_id'], "state IN ('queued', 'running')"), ('uq_trade_run_published', ['round_id', 'kind'], "state = 'published'")):
        op.create_index(name, 'trade_run', columns, unique=True, sqlite_where=sa.text(state), postgresql_where=sa.text(state))
    op.create_table('trade_run_move',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('run_id', nullable=False),
    sa.Column('loop', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    _id('entry_id', nullable=False),
    _id('giver_id', nullable=False),
    _id('receiver_id', nullable=False),
    _id('for_entry_id', nullable=False),
    sa.CheckConstraint('giver_id <> receiver_id', name=op.f('ck_trade_run_move_changes_hands')),
    sa.ForeignKeyConstraint(['event_id', 'entry_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_trade_run_move_event_id_entry_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'for_entry_id'], ['round_entry.event_id', 'round_entry.id'], name=op.f('fk_trade_run_move_event_id_for_entry_id_round_entry'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'giver_id'], ['round_member.event_id', 'round_member.id'], name=op.f('fk_trade_run_move_event_id_giver_id_round_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'receiver_id'], ['round_member.event_id', 'round_member.id'], name=op.f('fk_trade_run_move_event_id_receiver_id_round_member'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'run_id'], ['trade_run.event_id', 'trade_run.id'], name=op.f('fk_trade_run_move_event_id_run_id_trade_run'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_trade_run_move_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_run_move')),
    sa.UniqueConstraint('run_id', 'entry_id', name=op.f('uq_trade_run_move_run_id_entry_id')),
    sa.UniqueConstraint('run_id', 'for_entry_id', name=op.f('uq_trade_run_move_run_id_for_entry_id')),
    sa.UniqueConstraint('run_id', 'loop', 'place', name=op.f('uq_trade_run_move_run_id_loop_place'))
    )
    op.create_index('ix_trade_run_move_giver', 'trade_run_move', ['giver_id'], unique=False)
    op.create_index('ix_trade_run_move_receiver', 'trade_run_move', ['receiver_id'], unique=False)
    for name, deed, table, when in TRIGGERS:
        then = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END" if is_sqlite else "EXECUTE FUNCTION swapmeet_append_only()"
        each = "" if is_sqlite else " FOR EACH ROW"
        op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON {table}{each}{when} {then}")


def downgrade() -> None:
    """Rounds at their result go back to choosing wants; their runs go; what they kept as files stays until somebody tidies up."""
    op.drop_table('trade_run_move')
    op.drop_table('trade_run')
    op.execute("UPDATE trade_round SET phase = 'wants' WHERE phase = 'preview'")
    op.execute("DELETE FROM round_deadline WHERE phase = 'preview'")
    if op.get_bind().dialect.name == "sqlite":
        with op.batch_alter_table('round_deadline', copy_from=_deadline(OLD), recreate='always'):
            pass
        with op.batch_alter_table('trade_round', copy_from=_round(OLD, _id('seed', nullable=True)), recreate='always') as batch:
            batch.drop_column('seed')
    else:
        _allow(OLD)
        op.drop_column('trade_round', 'seed')
