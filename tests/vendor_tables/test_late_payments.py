"""Money for tables that comes late, twice, or after everything was released: sold or sent back, never both, never neither."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import AlreadyPaid
from swapmeet.orders.models import Order, OrderLine, OrderState, Refund
from swapmeet.orders.services.closing import sweep_unpaid
from swapmeet.vendor_tables.doctor import QUERIES
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.vendor_tables.price_models import PriceKind, TablePrice
from swapmeet.vendor_tables.services import desk
from tests.vendor_tables.floor import Floor


def unpaid(floor: Floor, clock: Any, *labels: str) -> int:
    """An order for these tables that has ended unpaid."""
    order_id = floor.hold(*labels)
    floor.place_order(order_id)
    with transaction() as db_session:
        due = db_session.get_one(Order, order_id).due_at
    assert due is not None
    clock.set(due + timedelta(days=1))
    with transaction() as db_session:
        assert sweep_unpaid(db_session, now=utcnow()) == 1
    return order_id


def labels_of(order_id: int) -> list[str]:
    db.session.rollback()
    held = (
        select(TablePlace.label)
        .join(Reservation, Reservation.place_id == TablePlace.id)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .where(OrderLine.order_id == order_id, Reservation.released_at.is_(None))
        .order_by(TablePlace.label)
    )
    return list(db.session.scalars(held))


def fate(order_id: int) -> tuple[OrderState, int]:
    """(state, minor units that go back). Nothing is ever sold and sent back."""
    db.session.rollback()
    back = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(Refund.order_id == order_id)
    state = db.session.get_one(Order, order_id).state
    found = int(db.session.scalar(back) or 0)
    assert (state is OrderState.CONFIRMED) != (found > 0)
    assert all(not query.find(db.session(), utcnow()) for query in QUERIES)
    return state, found


def test_late_money_takes_the_same_tables_while_they_are_free(floor: Floor, clock: Any, mail: Any) -> None:
    order_id = unpaid(floor, clock, "A02", "A03")
    floor.pay(order_id)
    assert fate(order_id) == (OrderState.CONFIRMED, 0)
    assert labels_of(order_id) == ["A02", "A03"]
    assert not [each for each in mail.to("vic@example.org") if "is now" in each["Subject"]]


def test_late_money_seats_the_vendor_at_the_nearest_free_run(floor: Floor, clock: Any, mail: Any) -> None:
    order_id = unpaid(floor, clock, "A02", "A03")
    floor.buy("A03", sign="Quick Works")
    floor.pay(order_id)
    assert fate(order_id) == (OrderState.CONFIRMED, 0)
    assert labels_of(order_id) == ["A01", "A02"]
    with transaction() as db_session:
        lines = db_session.scalars(select(OrderLine).where(OrderLine.order_id == order_id)).all()
        assert sorted((line.title, line.unit_minor) for line in lines) == [("Table A01", 4500), ("Table A02", 4500)]
    told = [mail.text(each) for each in mail.to("vic@example.org") if "is now" in each["Subject"]]
    assert len(told) == 1 and "A02 instead of A03" in told[0] and "A01 instead of A02" in told[0]


def test_where_no_run_of_the_same_size_is_free_the_money_goes_back(floor: Floor, clock: Any) -> None:
    order_id = unpaid(floor, clock, "A02", "A03")
    with transaction() as db_session:
        places = [
            db_session.get_one(TablePlace, floor.ids[label]) for label in ("A02", "A04", "A06", "B02", "B04", "B06")
        ]
        desk.hold_places(
            db_session, event=floor.world.show(), places=places, period=floor.period("whole"), holder="club",
            reason="kept", expires_at=None, by=Actor.command("test"), now=utcnow(),
        )  # fmt: skip
    floor.pay(order_id)
    assert fate(order_id) == (OrderState.EXPIRED, 9000)
    assert labels_of(order_id) == []


def test_nobody_is_seated_where_a_table_costs_more_or_less(floor: Floor, clock: Any) -> None:
    order_id = unpaid(floor, clock, "A02")
    with transaction() as db_session:
        values = {"event_id": floor.world.event_id, "type_id": floor.type_id, "kind": PriceKind.LISTED}
        db_session.add(TablePrice(part="row:A", price_minor=5000, **values))
        db_session.add(TablePrice(part="row:B", price_minor=4000, **values))
    for label in ("A01", "A02", "A03", "A04", "A05"):
        floor.buy(label)
    floor.pay(order_id)
    assert fate(order_id) == (OrderState.CONFIRMED, 0)
    assert labels_of(order_id) == ["A06"]


def test_money_that_comes_twice_is_kept_once(floor: Floor, clock: Any) -> None:
    order_id = unpaid(floor, clock, "A02")
    floor.buy("A02")
    floor.pay(order_id)
    with pytest.raises(AlreadyPaid):
        floor.pay(order_id)
    assert fate(order_id) == (OrderState.CONFIRMED, 0)


def test_late_money_that_comes_twice_for_nothing_goes_back_twice(floor: Floor, clock: Any) -> None:
    order_id = unpaid(floor, clock, "A02")
    for label in floor.ids:
        floor.buy(label)
    floor.pay(order_id)
    floor.pay(order_id)
    assert fate(order_id) == (OrderState.EXPIRED, 9000)


def test_late_money_after_the_table_left_the_plan_finds_another(floor: Floor, clock: Any) -> None:
    order_id = unpaid(floor, clock, "A02")
    with transaction() as db_session:
        place = db_session.get_one(TablePlace, floor.ids["A02"])
        place.is_sellable, place.retired_at = False, utcnow()
    floor.pay(order_id)
    assert fate(order_id) == (OrderState.CONFIRMED, 0)
    assert labels_of(order_id) in (["A01"], ["A03"])
