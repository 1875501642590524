"""Eight give the whole price back at once, the same ticket of several, or spend one credit: never more than was paid or is left."""

from collections import Counter
from pathlib import Path

from flask import current_app
from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders import doctor
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import LineGone, RefundTooLarge
from swapmeet.orders.models import Order, PayMethod, Refund
from swapmeet.orders.pieces import Some
from swapmeet.orders.services.parts import give_back, give_up_lines
from swapmeet.orders.services.payments import record_payment
from swapmeet.payments import doctor as payments_doctor
from swapmeet.payments.errors import CreditUnknown
from swapmeet.payments.services.credits import spend_credit, turn_into_credit
from tests.orders.wares import put_on_sale
from tests.payments.selling import sell
from tests.support.databases import make_settings
from tests.support.processes import race

RACERS = 8
TREASURER = Actor.job("treasurer")


def fill_refunds(settings: Settings) -> int:
    """The id of an order of 100 that is paid."""
    app = create_app(settings)
    with app.app_context():
        with transaction() as db_session:
            order = sell(app, db_session, price=10000)
            _pay(db_session, order, 10000)
            order_id = order.id
        db.session.remove()
        db.engine.dispose()
    return order_id


def _pay(db_session: object, order: Order, amount: int) -> None:
    record_payment(
        db_session,  # type: ignore[arg-type]
        order=order,
        method=PayMethod.CASH,
        amount_minor=amount,
        reference="",
        received_at=utcnow(),
        by=TREASURER,
        now=utcnow(),
    )


def refund(number: int, order_id: int) -> str:
    def work(db_session: object) -> None:
        order = db.session.get_one(Order, order_id)
        give_back(
            db_session,  # type: ignore[arg-type]
            order=order,
            amount_minor=10000,
            reason="",
            by=TREASURER,
            now=utcnow(),
        )

    try:
        attempt(work)
    except RefundTooLarge:
        return "too large"
    return "given"


def fill_pieces(settings: Settings) -> int:
    """The id of a paid order whose one line holds nine tickets of 10."""
    app = create_app(settings)
    with app.app_context():
        with transaction() as db_session:
            order = sell(app, db_session, price=1000, quantity=RACERS + 1)
            _pay(db_session, order, 1000 * (RACERS + 1))
            order_id = order.id
        db.session.remove()
        db.engine.dispose()
    return order_id


def give_up_the_first(number: int, order_id: int) -> str:
    put_on_sale(current_app)

    def work(db_session: object) -> None:
        order = db.session.get_one(Order, order_id)
        give_up_lines(
            db_session,  # type: ignore[arg-type]
            event=order.event,
            order=order,
            line_ids=[],
            some=[Some(order.lines[0].id, RACERS + 1, frozenset({1}))],
            is_full=True,
            reason="",
            by=TREASURER,
            now=utcnow(),
        )

    try:
        attempt(work)
    except LineGone:
        return "gone"
    return "given"


def fill_credits(settings: Settings) -> tuple[str, list[int]]:
    """The code of a credit of 100, and eight orders of 100 that wait for money."""
    app = create_app(settings)
    with app.app_context():
        with transaction() as db_session:
            first = sell(app, db_session, price=10000)
            _pay(db_session, first, 10000)
            waits = give_back(db_session, order=first, amount_minor=10000, reason="", by=TREASURER, now=utcnow())
            credit = turn_into_credit(
                db_session, event=first.event, refund=waits, expires_on=None, by=TREASURER, now=utcnow()
            )
            orders = [sell(app, db_session, price=10000, event=first.event).id for _ in range(RACERS)]
            found = (credit.code, orders)
        db.session.remove()
        db.engine.dispose()
    return found


def spend(number: int, code: str, orders: list[int]) -> str:
    put_on_sale(current_app)

    def work(db_session: object) -> None:
        order = db.session.get_one(Order, orders[number])
        spend_credit(
            db_session,  # type: ignore[arg-type]
            event=order.event,
            order=order,
            code=code,
            by=TREASURER,
            now=utcnow(),
        )

    try:
        attempt(work)
    except CreditUnknown:
        return "spent before"
    return "spent"


def outcome(settings: Settings) -> tuple[int, list[str]]:
    """Minor units that go back, and what the doctors say of refunds and credits."""
    app = create_app(settings)
    with app.app_context():
        total = db.session.scalar(select(func.coalesce(func.sum(Refund.amount_minor), 0))) or 0
        faults = [
            *doctor.refunds_too_large(db.session(), utcnow()),
            *payments_doctor.credits_differ(db.session(), utcnow()),
        ]
        db.session.remove()
        db.engine.dispose()
    return int(total), faults


def test_r_t46_of_eight_full_refunds_at_once_one_is_given(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    order_id = fill_refunds(settings)
    results = race(refund, settings, processes=2, threads=4, arguments=(order_id,))
    assert Counter(results) == {"given": 1, "too large": RACERS - 1}
    assert outcome(settings) == (10000, [])


def test_r_t46_control_without_the_guard_more_goes_back_than_came_in(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    order_id = fill_refunds(settings)
    results = race(refund, settings, processes=2, threads=4, arguments=(order_id,))
    assert Counter(results)["given"] > 1
    total, faults = outcome(settings)
    assert total > 10000 and faults != []


def test_of_eight_who_give_one_ticket_of_nine_back_at_once_one_does(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    order_id = fill_pieces(settings)
    results = race(give_up_the_first, settings, processes=2, threads=4, arguments=(order_id,))
    assert Counter(results) == {"given": 1, "gone": RACERS - 1}
    assert outcome(settings) == (1000, [])


def test_control_without_the_guard_one_ticket_is_paid_back_more_than_once(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    order_id = fill_pieces(settings)
    results = race(give_up_the_first, settings, processes=2, threads=4, arguments=(order_id,))
    assert Counter(results)["given"] > 1
    assert outcome(settings)[0] > 1000


def test_of_eight_who_spend_one_credit_at_once_one_does(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    found = fill_credits(settings)
    results = race(spend, settings, processes=2, threads=4, arguments=found)
    assert Counter(results) == {"spent": 1, "spent before": RACERS - 1}
    assert outcome(settings) == (10000, [])


def test_control_without_the_guard_a_credit_is_spent_more_than_once(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    found = fill_credits(settings)
    results = race(spend, settings, processes=2, threads=4, arguments=found)
    assert Counter(results)["spent"] > 1
    assert outcome(settings)[1] != []
