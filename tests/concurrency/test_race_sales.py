"""One thing is scanned at two tills at one moment: it is sold once."""

from pathlib import Path

from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades.consignment import queries, services
from swapmeet.trades.consignment.rules import Terms
from tests.cast import World
from tests.support.databases import make_settings
from tests.support.processes import race
from tests.trades.rounds.swap import BY


def fill(settings: Settings) -> tuple[int, int]:
    """(show, thing) with one thing on sale."""
    app = create_app(settings)
    with app.app_context():
        world = World(app)
        with transaction() as db_session:
            event = db_session.get_one(Event, world.event_id)
            desk = services.open_desk(db_session, event=event, terms=Terms(10), by=BY, now=utcnow())
            seller = services.enroll(
                db_session, desk=desk, person_id=world.ids["tess"], name="Tess", by=BY, now=utcnow()
            )
            lot = services.list_lot(
                db_session, desk=desk, seller=seller, title="Rug", price_minor=500, is_here=True, by=BY, now=utcnow()
            )
            start = event.id, lot.id
        db.session.remove()
        db.engine.dispose()
    return start


def sell(number: int, event_id: int, lot_id: int) -> str:
    """What this till says."""
    try:
        with transaction() as db_session:
            desk = queries.get_desk(db_session, event_id=event_id)
            lot = queries.get_lot(db_session, lot_id, desk_id=desk.id)
            services.sell(db_session, desk=desk, lot=lot, seen_minor=500, by=BY, now=utcnow())
    except DomainError as error:
        return error.message
    return "sold"


def _sales(settings: Settings) -> int:
    app = create_app(settings)
    with app.app_context():
        verb = AuditEntry.verb == "consignment.lot_sold"
        count = db.session.scalar(select(func.count(AuditEntry.id)).where(verb)) or 0
        db.session.remove()
        db.engine.dispose()
    return count


def test_two_tills_sell_one_thing_once(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    said = race(sell, settings, processes=2, threads=2, arguments=fill(settings))
    assert sorted(said) == ["This thing is sold already."] * 3 + ["sold"] and _sales(settings) == 1


def test_control_without_the_guard_it_is_sold_several_times(schema_database: str, tmp_path: Path) -> None:
    start = fill(make_settings(schema_database, tmp_path / "instance"))
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    said = race(sell, settings, processes=2, threads=2, arguments=start, keep_failures=True)
    assert said.count("This thing is sold already.") < 3  # several tills thought that they were first
