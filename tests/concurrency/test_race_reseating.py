"""Two orders ended unpaid; both moneys come at once, and one table is left: one vendor is seated, the other's money goes back."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import Order, OrderState, PayMethod, Refund
from swapmeet.orders.services.closing import sweep_unpaid
from swapmeet.orders.services.payments import record_payment
from tests.cast import World
from tests.concurrency.test_race_tables import holders, remove_the_guard
from tests.support.databases import make_settings
from tests.support.processes import race
from tests.vendor_tables.floor import Floor

BY = Actor.command("treasurer")


def pay_late(number: int, order_ids: list[int]) -> str:
    """The treasurer records each check once."""

    def work(db_session: Session) -> str:
        order = db_session.get_one(Order, order_ids[number])
        record_payment(
            db_session, order=order, method=PayMethod.CHECK, amount_minor=order.total_minor, reference=str(number),
            received_at=utcnow(), by=BY, now=utcnow(),
        )  # fmt: skip
        return order.state.value

    return attempt(work)


def ended_unpaid(floor: Floor) -> list[int]:
    """Four orders whose time is over and whose tables are sold to others; A06 alone is free."""
    own = [f"A{number:02d}" for number in range(1, 5)]
    order_ids = [floor.hold(label) for label in own]
    for order_id in order_ids:
        floor.place_order(order_id)
    with transaction() as db_session:
        due = db_session.get_one(Order, order_ids[0]).due_at
        assert due is not None
        assert sweep_unpaid(db_session, now=due + timedelta(days=1)) == 4
    for label in [*own, *(f"B{number:02d}" for number in range(1, 7)), "A05"]:
        floor.buy(label, sign="Quick Works")
    assert set(floor.ids) - set(floor.states()) == {"A06"}
    db.session.remove()
    return order_ids


def test_of_late_payments_at_once_as_many_are_seated_as_tables_are_left(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "i")
    app = create_app(settings)
    with app.app_context():
        floor = Floor(World(app))
        order_ids = ended_unpaid(floor)
        results = race(pay_late, settings, processes=2, threads=2, arguments=(order_ids,))
        assert sorted(results) == ["confirmed", "expired", "expired", "expired"], results
        back = select(func.count(), func.sum(Refund.amount_minor)).where(Refund.order_id.in_(order_ids))
        assert tuple(db.session.execute(back).one()) == (3, 3 * 4500)
        states = db.session.scalars(select(Order.state).where(Order.id.in_(order_ids))).all()
        assert sorted(states) == [OrderState.CONFIRMED, *[OrderState.EXPIRED] * 3]
        assert set(floor.ids) == set(floor.states())
        assert [fault for query in registry().doctor for fault in query.find(db.session(), utcnow())] == []
        db.session.remove()
        db.engine.dispose()


def test_control_without_guard_and_index_several_are_seated_at_the_last_table(
    schema_database: str, tmp_path: Path
) -> None:
    settings = make_settings(schema_database, tmp_path / "i")
    app = create_app(settings)
    with app.app_context():
        order_ids = ended_unpaid(Floor(World(app)))
    remove_the_guard(app)
    naive = settings.with_values(unsafe_no_guard=True)
    results = race(pay_late, naive, processes=2, threads=2, arguments=(order_ids,), keep_failures=True)
    assert results.count("confirmed") > 1 and holders(app)["A06"] > 1, results
