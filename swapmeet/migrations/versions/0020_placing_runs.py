"""Runs of the placing and sealed draws

Revision: 0020
Follows: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

TRIGGERS = (
    ("placing_run_no_update", "UPDATE OF id, event_id, number, rule, state, sale_period_id, draw_id, weights, attempts, step, percent, problem, engine_version, input_hash, result_hash, input_file_id, welfare, bound, measures, ended_early, requested_at, started_at, ended_at, accepted_at", "placing_run", " WHEN (OLD.state = 'accepted')"),
    ("placing_run_no_delete", "DELETE", "placing_run", " WHEN (OLD.state = 'accepted')"),
    ("placing_seat_no_update", "UPDATE OF id, event_id, run_id, application_id, points, rank, places, reasons, asked_hash", "placing_seat", ""),
    ("placing_seat_no_delete", "DELETE", "placing_seat", ""),
)


def upgrade() -> None:
    op.create_table('placing_draw',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('commitment', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('number > 0', name=op.f('ck_placing_draw_number_from_one')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_placing_draw_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placing_draw')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_placing_draw_event_id_id')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_placing_draw_event_id_number'))
    )
    op.create_index('uq_placing_draw_sealed', 'placing_draw', ['event_id'], unique=True, sqlite_where=sa.text('shown_at IS NULL'), postgresql_where=sa.text('shown_at IS NULL'))

    op.create_table('placing_run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('rule', sa.Enum('first_come', 'draft', 'best_fit', name='rule', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'failed', 'canceled', 'accepted', name='runstate', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sale_period_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('draw_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('weights', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('problem', sa.String(length=300), nullable=False),
    sa.Column('engine_version', sa.String(length=64), nullable=False),
    sa.Column('input_hash', sa.String(length=64), nullable=False),
    sa.Column('result_hash', sa.String(length=64), nullable=False),
    sa.Column('input_file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('welfare', sa.BigInteger(), nullable=False),
    sa.Column('bound', sa.BigInteger(), nullable=False),
    sa.Column('measures', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('ended_early', sa.Boolean(), nullable=False),
    sa.Column('requested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name=op.f('ck_placing_run_accepted_when')),
    sa.CheckConstraint("state NOT IN ('done', 'accepted') OR (input_hash <> '' AND result_hash <> '' AND input_file_id IS NOT NULL AND welfare <= bound)", name=op.f('ck_placing_run_result_kept')),
    sa.CheckConstraint('number > 0', name=op.f('ck_placing_run_number_from_one')),
    sa.CheckConstraint('percent BETWEEN 0 AND 100', name=op.f('ck_placing_run_percent_in_range')),
    sa.ForeignKeyConstraint(['event_id', 'draw_id'], ['placing_draw.event_id', 'placing_draw.id'], name=op.f('fk_placing_run_event_id_draw_id_placing_draw')),
    sa.ForeignKeyConstraint(['event_id', 'sale_period_id'], ['sale_period.event_id', 'sale_period.id'], name=op.f('fk_placing_run_event_id_sale_period_id_sale_period')),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_placing_run_event_id_event'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['input_file_id'], ['stored_file.id'], name=op.f('fk_placing_run_input_file_id_stored_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placing_run')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_placing_run_event_id_id')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_placing_run_event_id_number'))
    )
    op.create_index('uq_placing_run_live', 'placing_run', ['event_id', 'rule'], unique=True, sqlite_where=sa.text("state IN ('queued', 'running')"), postgresql_where=sa.text("state IN ('queued', 'running')"))

    op.create_table('placing_seat',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('places', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('reasons', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), 'postgresql'), nullable=False),
    sa.Column('asked_hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'application_id'], ['application.event_id', 'application.id'], name=op.f('fk_placing_seat_event_id_application_id_application'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id', 'run_id'], ['placing_run.event_id', 'placing_run.id'], name=op.f('fk_placing_seat_event_id_run_id_placing_run'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], name=op.f('fk_placing_seat_event_id_event'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_placing_seat')),
    sa.UniqueConstraint('run_id', 'application_id', name=op.f('uq_placing_seat_run_id_application_id'))
    )
    op.create_index('ix_placing_seat_application', 'placing_seat', ['application_id'], unique=False)

    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, deed, table, when in TRIGGERS:
        then = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END" if is_sqlite else "EXECUTE FUNCTION swapmeet_append_only()"
        each = "" if is_sqlite else " FOR EACH ROW"
        op.execute(f"CREATE TRIGGER {name} BEFORE {deed} ON {table}{each}{when} {then}")


def downgrade() -> None:
    op.drop_table('placing_seat')
    op.drop_table('placing_run')
    op.drop_table('placing_draw')
