"""Sixteen hosts press "Run" at one moment, from two processes: there is one run, with one job."""

from pathlib import Path

from sqlalchemy import func, select, text

from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Job
from swapmeet.infra.uow import transaction
from swapmeet.trades.rounds import queries
from swapmeet.trades.rounds.models import TradeRun
from swapmeet.trades.rounds.services import running
from tests.cast import World
from tests.support.databases import make_settings
from tests.support.processes import race
from tests.trades.rounds.swap import BY, three_way


def fill(settings: Settings) -> tuple[int, int]:
    """(show, round) at its result, nothing run yet."""
    app = create_app(settings)
    with app.app_context():
        world = World(app)
        round_id, _entries = three_way(world)
        event_id = world.event_id
        db.session.remove()
        db.engine.dispose()
    return event_id, round_id


def press_run(number: int, event_id: int, round_id: int) -> int:
    """All pages showed that there was no run yet."""
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=event_id)
        return running.start_run(db_session, round_=round_, seen=0, by=BY, now=utcnow()).id


def _counts(settings: Settings) -> tuple[int, int]:
    app = create_app(settings)
    with app.app_context():
        runs = db.session.scalar(select(func.count(TradeRun.id))) or 0
        jobs = db.session.scalar(select(func.count(Job.id)).where(Job.kind == running.JOB)) or 0
        db.session.remove()
        db.engine.dispose()
    return runs, jobs


def test_sixteen_presses_of_run_from_two_processes_give_one_run(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    results = race(press_run, settings, processes=2, threads=8, arguments=fill(settings))
    assert len(results) == 16 and len(set(results)) == 1
    assert _counts(settings) == (1, 1)


def test_control_without_the_guard_there_are_several(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    start = fill(settings)
    app = create_app(settings)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("DROP INDEX uq_trade_run_live"))
            if connection.dialect.name == "postgresql":
                connection.execute(text("ALTER TABLE trade_run DROP CONSTRAINT uq_trade_run_round_id_number"))
            else:
                _drop_number_constraint(connection)
        db.engine.dispose()
    race(press_run, settings, processes=2, threads=8, arguments=start)
    assert _counts(settings)[0] > 1


def _drop_number_constraint(connection: object) -> None:
    """SQLite has no way to drop a constraint: the table is made anew without it while it is empty."""
    sql = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'trade_run'")).scalar_one()  # type: ignore[attr-defined]
    without = "\n".join(line for line in sql.splitlines() if "uq_trade_run_round_id_number" not in line)
    assert without != sql
    connection.execute(text("DROP TABLE trade_run"))  # type: ignore[attr-defined]
    connection.execute(text(without))  # type: ignore[attr-defined]
