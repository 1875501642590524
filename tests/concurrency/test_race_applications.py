"""Several hands on one application or one vendor's table, from two processes: one wins, the others are told, nothing hangs."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import Order, PayMethod
from swapmeet.orders.services.payments import record_payment
from swapmeet.vendor_tables import doctor as tables_doctor
from swapmeet.vendor_tables.applications import doctor
from swapmeet.vendor_tables.applications.errors import MovedOn
from swapmeet.vendor_tables.applications.models import Application, Decision
from swapmeet.vendor_tables.applications.services import deciding, offers
from swapmeet.vendor_tables.applications.services.deciding import Meant
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.errors import ReservationNotFound
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.vendor_tables.services.desk import move_reservation
from tests.cast import World
from tests.support.databases import make_settings
from tests.support.processes import race
from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.test_application_offers import place

BY = Actor.command("organizer")
WHO = ("vic", "ann", "tess", "tom")
RACERS = 8


def decide(number: int, application_id: int, seen: int) -> str:
    """All pages showed the application as nobody had decided about it."""
    meant = Meant(Decision.DECLINE if number % 2 else Decision.WAITLIST, f"word {number}")
    try:
        with transaction() as db_session:
            row = db_session.get_one(Application, application_id)
            deciding.decide(db_session, application=row, meant=meant, seen=seen, seen_decision="", by=BY, now=utcnow())
    except MovedOn:
        return "told"
    return "won"


def _race_to_decide(settings: Settings) -> Counter[str]:
    app = create_app(settings)
    with app.app_context():
        applying = Applying(Floor(World(app)))
        application_id = applying.write()
        seen = applying.row(application_id).moves
        db.session.remove()
        db.engine.dispose()
    return Counter(race(decide, settings, processes=2, threads=RACERS // 2, arguments=(application_id, seen)))


def test_of_organizers_who_decide_at_once_one_does(schema_database: str, tmp_path: Path) -> None:
    assert _race_to_decide(make_settings(schema_database, tmp_path / "i")) == {"won": 1, "told": RACERS - 1}


def test_control_without_the_lock_several_decide(schema_database: str, tmp_path: Path) -> None:
    assert _race_to_decide(make_settings(schema_database, tmp_path / "i", unsafe_no_guard=True))["won"] > 1


def _ordered(applying: Applying, who: str, label: str) -> tuple[int, int]:
    """A vendor's offer is taken up and the order placed, to be paid by check. (application, order)"""
    application_id = applying.write(who)
    by = Actor.person(applying.world.ids[who], who)
    with transaction() as db_session:
        event, row = applying.world.show(), db_session.get_one(Application, application_id)
        places, ends = [applying.floor.place(label)], utcnow() + timedelta(hours=48)
        offers.make_offer(db_session, event=event, application=row, places=places, expires_at=ends, by=BY, now=utcnow())
        cart = applying.floor.cart(db_session, who=who)
        offers.take_up(db_session, event=event, application=row, cart=cart, by=by, now=utcnow())
        order_id = cart.id
    place(applying, order_id, who)
    return application_id, order_id


def pay_or_withdraw(number: int, pairs: list[tuple[int, int]]) -> str:
    """The check of a vendor is recorded while that vendor withdraws. Without another try: a circle of locks would show."""
    application_id, order_id = pairs[number // 2]
    try:
        with transaction() as db_session:
            if number % 2:
                row = db_session.get_one(Application, application_id)
                offers.withdraw(db_session, application=row, reason="", by=BY, now=utcnow())
                return "withdrawn"
            order = db_session.get_one(Order, order_id)
            record_payment(
                db_session, order=order, method=PayMethod.CHECK, amount_minor=order.total_minor, reference="1",
                received_at=utcnow(), by=BY, now=utcnow(),
            )  # fmt: skip
            return "paid"
    except DomainError as error:
        return error.code


def test_withdrawing_while_the_order_is_paid_never_hangs(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "i")
    app = create_app(settings)
    with app.app_context():
        applying = Applying(Floor(World(app)))
        pairs = [_ordered(applying, who, f"A{number:02d}") for number, who in enumerate(WHO, 1)]
        db.session.remove()
        results = race(pay_or_withdraw, settings, processes=2, threads=4, arguments=(pairs,))
        assert Counter(results)["paid"] == len(WHO) and "withdrawn" not in results, results
        assert {applying.row(one).state for one, _ in pairs} == {ApplicationState.CONFIRMED}
        queries = [*doctor.QUERIES, *tables_doctor.QUERIES]
        assert [fault for query in queries for fault in query.find(db.session(), utcnow())] == []
        db.session.remove()
        db.engine.dispose()


def move_away(number: int, event_id: int, reservation_id: int, targets: list[int]) -> str:
    """Organizers in several tabs move the same vendor to different tables."""

    def work(db_session: Session) -> None:
        move_reservation(
            db_session,
            event=db_session.get_one(Event, event_id),
            reservation=db_session.get_one(Reservation, reservation_id),
            target=db_session.get_one(TablePlace, targets[number]),
            reason="power",
            is_told=False,
            by=BY,
            now=utcnow(),
        )

    try:
        attempt(work)
    except ReservationNotFound:
        return "told"
    return "moved"


def _race_to_move(settings: Settings, start_settings: Settings) -> tuple[Counter[str], list[str]]:
    """(what eight organizers were told, where the vendor stands after it)"""
    app = create_app(start_settings)
    with app.app_context():
        floor = Floor(World(app))
        floor.buy("A01", who="vic")
        row = floor.live("A01")
        assert row is not None
        targets = [floor.ids[label] for label in ("A02", "A03", "A04", "A05", "B01", "B02", "B03", "B04")]
        start = (floor.world.event_id, row.id, targets)
        db.session.remove()
        told = race(move_away, settings, processes=2, threads=RACERS // 2, arguments=start, keep_failures=True)
        stands = sorted(floor.states())
        db.session.remove()
        db.engine.dispose()
    return Counter(str(each) for each in told), stands


def test_a_vendor_moved_to_many_tables_at_once_has_one(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "i")
    told, stands = _race_to_move(settings, settings)
    assert told == {"moved": 1, "told": RACERS - 1} and len(stands) == 1 and stands != ["A01"]


def test_control_without_locks_a_vendor_stands_at_several_tables(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "i")
    told, stands = _race_to_move(settings.with_values(unsafe_no_guard=True), settings)
    assert told["moved"] > 1 and len(stands) > 1, (told, stands)
