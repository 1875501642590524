"""Each planted violation is found by the query that stands for it, and a sound floor by none."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.vendor_tables import doctor
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TableType
from tests.vendor_tables.floor import Floor


def findings() -> dict[str, list[str]]:
    end_reading()
    return {query.name: found for query in doctor.QUERIES if (found := query.find(db.session(), utcnow()))}


def test_a_floor_with_every_state_is_sound(floor: Floor, world: Any, clock: Any) -> None:
    floor.buy("A01", "A02", who="vic")
    floor.place_order(floor.hold("A03"))
    floor.hold("A04")
    clock.advance(minutes=20)
    floor.hold("A04", "A05")
    assert findings() == {}


def plant_a_dead_order(db_session: Session, floor: Floor) -> None:
    db_session.execute(update(Order).values(state=OrderState.CANCELED))


def plant_a_released_line(db_session: Session, floor: Floor) -> None:
    db_session.execute(update(OrderLine).values(released_at=utcnow()))


def plant_a_lost_place(db_session: Session, floor: Floor) -> None:
    db_session.execute(update(Reservation).values(state=ReservationState.RELEASED, released_at=utcnow()))


def plant_an_endless_hold(db_session: Session, floor: Floor) -> None:
    db_session.execute(update(Reservation).values(expires_at=None))


def plant_a_longer_hold(db_session: Session, floor: Floor) -> None:
    db_session.execute(update(Reservation).values(expires_at=utcnow() + timedelta(days=9)))


def plant_a_silent_sale(db_session: Session, floor: Floor) -> None:
    db_session.execute(update(Reservation).values(state=ReservationState.CONFIRMED, kind=ReservationKind.SOLD))


def plant_another_kind_of_sale(db_session: Session, floor: Floor) -> None:
    db_session.execute(update(TableType).values(sold_by_period=True))


def plant_an_offer_without_a_clock(db_session: Session, floor: Floor) -> None:
    offer = {"state": ReservationState.OFFERED, "kind": ReservationKind.OFFER, "expires_at": None}
    db_session.execute(update(Reservation).values(**offer))


@pytest.mark.parametrize(
    ("plant", "name"),
    [
        (plant_an_offer_without_a_clock, "offered tables are free to offer"),
        (plant_a_dead_order, "held tables belong to somebody"),
        (plant_a_released_line, "held tables belong to somebody"),
        (plant_a_lost_place, "open orders hold their tables"),
        (plant_an_endless_hold, "table holds end with their cart"),
        (plant_a_longer_hold, "table holds end with their cart"),
        (plant_a_silent_sale, "every step of a reservation"),
        (plant_another_kind_of_sale, "tables are held for what they are sold for"),
    ],
)
def test_a_planted_violation_is_found(floor: Floor, plant: Callable[[Session, Floor], None], name: str) -> None:
    floor.hold("A01")
    with transaction() as db_session:
        plant(db_session, floor)
    found = findings()
    assert name in found
    assert len(found[name]) == 1 and "A01" in found[name][0]


def test_a_confirmed_order_without_a_sold_table_is_found(floor: Floor) -> None:
    floor.buy("A01")
    with transaction() as db_session:
        db_session.execute(update(Reservation).values(state=ReservationState.HELD))
    assert "open orders hold their tables" in findings()


def test_two_holders_of_one_table_are_found_where_the_index_is_gone(floor: Floor) -> None:
    """The index makes it impossible, so it is taken away for the moment of planting."""
    floor.hold("A01")
    row = floor.live("A01")
    assert row is not None
    values = {column.name: getattr(row, column.name) for column in Reservation.__table__.columns if column.name != "id"}
    end_reading()
    try:
        with transaction() as db_session:
            db_session.execute(text("DROP INDEX uq_reservation_live"))
            db_session.add(Reservation(**values))
            db_session.flush()
            found = doctor.places_held_twice(db_session, utcnow())
            raise LookupError("roll back, index and all")
    except LookupError:
        pass
    assert found == [f"table A01 (place {floor.ids['A01']}) has 2 holders in sale period {floor.period_id}"]
