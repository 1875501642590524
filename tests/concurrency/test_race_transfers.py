"""Eight people open the link of one ticket at the same moment: one has it. Without the lock it would be promised to several."""

from collections import Counter
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from swapmeet.badges.doctor import QUERIES
from swapmeet.badges.holding import find_held
from swapmeet.badges.models import Attendee
from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.attempts import attempt
from swapmeet.registration import passing
from swapmeet.registration.errors import TransferOver
from swapmeet.registration.models import TicketTransfer
from tests.cast import World
from tests.registration import build
from tests.support.databases import make_settings
from tests.support.processes import race

ROUNDS = 2
PROCESSES, THREADS = 2, 4
BY = Actor.guest()


def prepare(settings: Settings) -> list[int]:
    """A ticket that is offered for each round. Returns the offers."""
    app: Flask = create_app(settings)
    with app.app_context():
        world = World(app)
        with transaction() as db_session:
            event = world.show()
            kind = build.ticket_type(db_session, event, price=0)
            build.buy(db_session, event, {kind.id: ROUNDS}, names=["Ann", "Bo"])
            people = db_session.scalars(select(Attendee.id)).all()
            held = [find_held(db_session, attendee_id=each) for each in people]
            ids = [passing.offer_ticket(db_session, held=each, by=BY, now=utcnow()).id for each in held if each]
        db.engine.dispose()
    return ids


def take(number: int, transfer_id: int) -> str:
    def work(db_session: object) -> str:
        passing.take_ticket(
            db_session,  # type: ignore[arg-type]
            transfer=db.session.get_one(TicketTransfer, transfer_id),
            name=f"Taker {number}",
            email=f"t{number}@example.org",
            person_id=None,
            is_mailed=False,
            by=BY,
            now=utcnow(),
        )
        return "mine"

    try:
        return attempt(work)
    except TransferOver:
        return "gone"


def test_of_eight_hands_one_has_the_ticket(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", web_threads=THREADS)
    for transfer_id in prepare(settings):
        answers = race(take, settings, processes=PROCESSES, threads=THREADS, arguments=(transfer_id,))
        assert Counter(answers) == {"mine": 1, "gone": 7}
    app = create_app(settings)
    with app.app_context():
        for query in QUERIES:
            assert query.find(db.session(), utcnow()) == []
        db.session.remove()
        db.engine.dispose()


def test_control_without_the_lock_it_is_promised_to_several(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", web_threads=THREADS)
    offers = prepare(settings)
    naive = settings.with_values(unsafe_no_guard=True)
    found: list[str] = []
    for transfer_id in offers:
        found += race(take, naive, processes=PROCESSES, threads=THREADS, arguments=(transfer_id,), keep_failures=True)
    assert found.count("mine") > ROUNDS
