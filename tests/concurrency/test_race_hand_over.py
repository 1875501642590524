"""Sixteen hosts at two desks hand the same box over at one moment: it is handed over once."""

from pathlib import Path

from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.rounds import doctor, hand_queries, queries
from swapmeet.trades.rounds.services import handing
from tests.cast import World
from tests.support.databases import make_settings
from tests.support.processes import Failure, race
from tests.trades.rounds.swap import BY, at_pick_up, member_of


def fill(settings: Settings) -> tuple[int, int, int]:
    """(show, round, Tess' number in it) at pick-up."""
    app = create_app(settings)
    with app.app_context():
        world = World(app)
        round_id, _entries = at_pick_up(world)
        member_id = member_of(world, round_id, "tess").id
        event_id = world.event_id
        db.session.remove()
        db.engine.dispose()
    return event_id, round_id, member_id


def press_hand_over(number: int, event_id: int, round_id: int, member_id: int) -> int:
    """How many things this press handed over."""
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=event_id)
        member = queries.find_member_by_id(db_session, member_id, round_id=round_id)
        assert member is not None
        ids = [row.id for row in hand_queries.list_gets(db_session, member_id=member_id)]
        return handing.hand_over(
            db_session, round_=round_, member=member, ids=ids, to=f"host {number}", by=BY, now=utcnow()
        )


def _written(settings: Settings) -> tuple[int, list[str]]:
    """(audit entries that say "handed", what the doctor finds)"""
    app = create_app(settings)
    with app.app_context():
        handed = db.session.scalar(select(func.count(AuditEntry.id)).where(AuditEntry.verb == "hand_over.handed")) or 0
        faults = [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]
        db.session.remove()
        db.engine.dispose()
    return handed, faults


def test_sixteen_hosts_hand_one_box_over_once(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    results = race(press_hand_over, settings, processes=2, threads=8, arguments=fill(settings))
    assert sorted(results) == [0] * 15 + [1]
    assert _written(settings) == (1, [])


def test_control_without_the_guard_it_is_handed_over_several_times(schema_database: str, tmp_path: Path) -> None:
    guarded = make_settings(schema_database, tmp_path / "instance")
    start = fill(guarded)
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    results = race(press_hand_over, settings, processes=2, threads=8, arguments=start, keep_failures=True)
    refused = [result for result in results if isinstance(result, Failure)]
    assert len(refused) + sum(result == 1 for result in results) > 1  # several thought that they were first
