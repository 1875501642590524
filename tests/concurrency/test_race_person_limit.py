"""One person orders from eight windows at once, with two tickets a person: two orders stand. Without the lock more do."""

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import select

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import NotWhole
from swapmeet.registration.models import TicketRule
from tests.cast import World
from tests.registration import build
from tests.support.databases import make_settings
from tests.support.processes import race

PROCESSES, THREADS = 2, 4
TRIES = 3


def prepare(settings: Settings, count: int = 1) -> list[int]:
    """So many ticket types of which one person may have two."""
    app, made = create_app(settings), []
    with app.app_context():
        world = World(app)
        with transaction() as db_session:
            for number in range(count):
                kind = build.ticket_type(db_session, world.show(), f"Pass {number}", price=0)
                db_session.add(TicketRule(ticket_type_id=kind.id, event_id=world.event_id, per_person_limit=2))
                made.append(int(kind.id))
        db.engine.dispose()
    return made


def order(number: int, kind_id: int) -> str:
    def work(db_session: Any) -> str:
        event = db_session.scalars(select(Event)).one()
        build.buy(db_session, event, {kind_id: 1}, names=["Ann"], email=f"ann{kind_id}@example.org")
        return "placed"

    try:
        return attempt(work)
    except NotWhole:
        return "refused"


def test_of_eight_orders_of_one_person_two_stand(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", web_threads=THREADS)
    (kind_id,) = prepare(settings)
    answers = race(order, settings, processes=PROCESSES, threads=THREADS, arguments=(kind_id,))
    assert Counter(answers) == {"placed": 2, "refused": 6}


def test_control_without_the_lock_more_stand(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", web_threads=THREADS)
    kinds = prepare(settings, TRIES)
    naive = settings.with_values(unsafe_no_guard=True)
    placed = [
        race(order, naive, processes=PROCESSES, threads=THREADS, arguments=(kind_id,), keep_failures=True).count(
            "placed"
        )
        for kind_id in kinds
    ]
    assert max(placed) > 2
