"""Hand-over of a trade round: who gets what, boxes with slots, people who collect for others, repairs of the final result

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OLD = "id, event_id, round_id, number, kind, state, seed, attempts, step, problem, engine_version, input_hash, result_hash, input_file_id, result_file_id, things, things_traded, people, people_trading, loops, has_certificate, levels, requested_at, started_at, ended_at, published_at"
NEW = OLD.replace("kind,", "kind, repair,")
LIVE = "state <> 'void'"
PUBLISHED = "state = 'published'"


def _id(name, **more):
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), **more)


def _moment(name):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _same_event(table, column, target):
    return sa.ForeignKeyConstraint(['event_id', column], [f'{target}.event_id', f'{target}.id'], name=op.f(f'fk_{table}_event_id_{column}_{target}'), ondelete='CASCADE')


def _of_event(table):
    return sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f(f'fk_{table}_event_id_event'), ondelete='CASCADE')


def _drop_triggers():
    on = "" if op.get_bind().dialect.name == "sqlite" else " ON trade_run"
    for name in ("trade_run_no_update", "trade_run_no_delete"):
        op.execute(f"DROP TRIGGER {name}{on}")


def _create_triggers(columns):
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, deed in (("trade_run_no_update", f"UPDATE OF {columns}"), ("trade_run_no_delete", "DELETE")):
        then = "BEGIN SELECT RAISE(ABORT, 'trade_run is append-only'); END" if is_sqlite else "EXECUTE FUNCTION swapmeet_append_only()"
        each = "" if is_sqlite else " FOR EACH ROW"
        op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON trade_run{each} WHEN (OLD.state = 'published') {then}")


def _index_published(columns):
    op.drop_index('uq_trade_run_published', table_name='trade_run')
    op.create_index('uq_trade_run_published', 'trade_run', columns, unique=True, sqlite_where=sa.text(PUBLISHED), postgresql_where=sa.text(PUBLISHED))


def upgrade() -> None:
    _drop_triggers()
    op.add_column('trade_run', sa.Column('repair', sa.Integer(), nullable=False, server_default='0'))
    _index_published(['round_id', 'kind', 'repair'])
    _create_triggers(NEW)
    op.create_table('round_desk',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _moment('slots_from'),
    sa.Column('slot_minutes', sa.Integer(), nullable=False),
    sa.Column('slot_people', sa.Integer(), nullable=False),
    sa.CheckConstraint('slot_minutes > 0 AND slot_people > 0', name=op.f('ck_round_desk_some_slots')),
    _same_event('round_desk', 'round_id', 'trade_round'),
    _of_event('round_desk'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_desk')),
    sa.UniqueConstraint('round_id', name=op.f('uq_round_desk_round_id'))
    )
    op.create_table('round_box',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _id('member_id', nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('shelf', sa.String(length=8), nullable=False),
    _moment('slot_at'),
    sa.CheckConstraint('number > 0', name=op.f('ck_round_box_number_from_one')),
    _same_event('round_box', 'member_id', 'round_member'),
    _same_event('round_box', 'round_id', 'trade_round'),
    _of_event('round_box'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_box')),
    sa.UniqueConstraint('member_id', name=op.f('uq_round_box_member_id')),
    sa.UniqueConstraint('round_id', 'number', name=op.f('uq_round_box_round_id_number'))
    )
    op.create_table('round_proxy',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _id('member_id', nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    _moment('revoked_at'),
    sa.CheckConstraint("name <> ''", name=op.f('ck_round_proxy_name_given')),
    _same_event('round_proxy', 'member_id', 'round_member'),
    _same_event('round_proxy', 'round_id', 'trade_round'),
    _of_event('round_proxy'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_proxy')),
    sa.UniqueConstraint('code', name=op.f('uq_round_proxy_code'))
    )
    op.create_index('ix_round_proxy_member', 'round_proxy', ['member_id'], unique=False)
    op.create_table('hand_over',
    _id('id', autoincrement=True, nullable=False),
    _id('event_id', nullable=False),
    _id('round_id', nullable=False),
    _id('run_id', nullable=False),
    sa.Column('loop', sa.Integer(), nullable=False),
    _id('entry_id', nullable=False),
    _id('for_entry_id', nullable=False),
    _id('giver_id', nullable=False),
    _id('receiver_id', nullable=False),
    sa.Column('state', sa.Enum('waiting', 'handed', 'unclaimed', 'void', name='handoverstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    _moment('boxed_at'),
    _moment('handed_at'),
    sa.Column('handed_to', sa.String(length=200), nullable=False),
    sa.Column('by_label', sa.String(length=200), nullable=False),
    _moment('settled_at'),
    sa.CheckConstraint("(state = 'handed') = (handed_at IS NOT NULL)", name=op.f('ck_hand_over_handed_when')),
    sa.CheckConstraint("settled_at IS NULL OR state IN ('handed', 'unclaimed')", name=op.f('ck_hand_over_settled_whole')),
    _same_event('hand_over', 'entry_id', 'round_entry'),
    _same_event('hand_over', 'for_entry_id', 'round_entry'),
    _same_event('hand_over', 'giver_id', 'round_member'),
    _same_event('hand_over', 'receiver_id', 'round_member'),
    _same_event('hand_over', 'round_id', 'trade_round'),
    _same_event('hand_over', 'run_id', 'trade_run'),
    _of_event('hand_over'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_over')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_hand_over_event_id_id')),
    sa.UniqueConstraint('run_id', 'entry_id', name=op.f('uq_hand_over_run_id_entry_id'))
    )
    op.create_index('ix_hand_over_giver', 'hand_over', ['giver_id'], unique=False)
    op.create_index('ix_hand_over_receiver', 'hand_over', ['receiver_id'], unique=False)
    op.create_index('ix_hand_over_round', 'hand_over', ['round_id', 'run_id', 'loop'], unique=False)
    for name, column in (('uq_hand_over_live', 'entry_id'), ('uq_hand_over_live_for', 'for_entry_id')):
        op.create_index(name, 'hand_over', [column], unique=True, sqlite_where=sa.text(LIVE), postgresql_where=sa.text(LIVE))


def downgrade() -> None:
    """What was handed over is forgotten, and repairs with it; final results stay."""
    op.drop_table('hand_over')
    op.drop_table('round_proxy')
    op.drop_table('round_box')
    op.drop_table('round_desk')
    _drop_triggers()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        op.execute("ALTER TABLE trade_run_move DISABLE TRIGGER trade_run_move_no_delete")
    else:
        op.execute("DROP TRIGGER trade_run_move_no_delete")
    op.execute("DELETE FROM trade_run_move WHERE run_id IN (SELECT id FROM trade_run WHERE repair > 0)")
    op.execute("DELETE FROM trade_run WHERE repair > 0")
    if is_sqlite:
        op.execute("CREATE TRIGGER trade_run_move_no_delete BEFORE DELETE ON trade_run_move BEGIN SELECT RAISE(ABORT, 'trade_run_move is append-only'); END")
    else:
        op.execute("ALTER TABLE trade_run_move ENABLE TRIGGER trade_run_move_no_delete")
    _index_published(['round_id', 'kind'])
    op.drop_column('trade_run', 'repair')
    _create_triggers(OLD)
