"""Reads of table types, plans, places and reservations."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event, EventState, Hall, SalePeriod
from swapmeet.orders.models import LIVE_STATES, Order, OrderLine, OrderState
from swapmeet.vendor_tables.errors import PlaceNotFound, ReservationNotFound
from swapmeet.vendor_tables.geometry import Spot, natural
from swapmeet.vendor_tables.models import (
    FloorPlan,
    PlanShape,
    Reservation,
    ReservationKind,
    ReservationState,
    TablePlace,
    TableType,
    Vendor,
    VendorTerms,
)
from swapmeet.vendor_tables.words import plain_label

WHOLE = "whole"  # the code of the sale period every show has
KIND = "table"  # the kind of order lines
SOLD_STATES = (ReservationState.CONFIRMED, ReservationState.CHECKED_IN)


def live_at(now: Any) -> ColumnElement[bool]:
    """Reservations that keep others out at this instant."""
    return and_(Reservation.released_at.is_(None), or_(Reservation.expires_at.is_(None), Reservation.expires_at > now))


def list_types(db_session: Session, *, event_id: int) -> list[TableType]:
    """By position, then id."""
    statement = select(TableType).where(TableType.event_id == event_id).order_by(TableType.position, TableType.id)
    return list(db_session.scalars(statement))


def find_type(db_session: Session, *, event_id: int, type_id: int) -> TableType | None:
    return db_session.scalar(select(TableType).where(TableType.event_id == event_id, TableType.id == type_id))


def find_terms(db_session: Session, *, event_id: int) -> VendorTerms | None:
    return db_session.get(VendorTerms, event_id)


def list_plans(db_session: Session, *, event_id: int) -> list[FloorPlan]:
    """With their halls, by the halls' position."""
    statement = (
        select(FloorPlan)
        .join(Hall, FloorPlan.hall_id == Hall.id)
        .where(FloorPlan.event_id == event_id)
        .options(joinedload(FloorPlan.hall))
        .order_by(Hall.position, Hall.id)
    )
    return list(db_session.scalars(statement))


def list_shapes(db_session: Session, *, event_id: int) -> list[PlanShape]:
    """By plan, then id."""
    statement = select(PlanShape).where(PlanShape.event_id == event_id).order_by(PlanShape.plan_id, PlanShape.id)
    return list(db_session.scalars(statement))


def list_places(db_session: Session, *, event_id: int) -> list[TablePlace]:
    """With their types and plans, by label as people count (A2 before A10)."""
    statement = (
        select(TablePlace)
        .where(TablePlace.event_id == event_id, TablePlace.retired_at.is_(None))
        .options(joinedload(TablePlace.type), joinedload(TablePlace.plan), joinedload(TablePlace.area))
    )
    return sorted(db_session.scalars(statement), key=lambda place: natural(place.label))


def list_places_by_id(db_session: Session, *, event_id: int, ids: Iterable[int]) -> list[TablePlace]:
    """With their types, by id. Ids of other shows and unknown ones are left out."""
    statement = (
        select(TablePlace)
        .where(TablePlace.event_id == event_id, TablePlace.id.in_(sorted(set(ids))))
        .options(
            joinedload(TablePlace.type),
            joinedload(TablePlace.area),
            joinedload(TablePlace.plan).joinedload(FloorPlan.hall),
        )
        .order_by(TablePlace.id)
    )
    return list(db_session.scalars(statement))


def get_place(db_session: Session, *, event_id: int, place_id: int) -> TablePlace:
    """With its type, plan and hall. Raises PlaceNotFound."""
    found = list_places_by_id(db_session, event_id=event_id, ids=[place_id])
    if not found:
        raise PlaceNotFound("There is no such table at this show.")
    return found[0]


def find_place_by_label(db_session: Session, *, event_id: int, label: str) -> TablePlace | None:
    """By its label as people write it: "a2" is A02 where no table is called A2."""
    here = TablePlace.event_id == event_id
    wanted = func.lower(TablePlace.label) == label.strip().lower()
    found = db_session.scalar(select(TablePlace).where(here, wanted).limit(1))
    plain = plain_label(label)
    if found is not None or not plain:
        return found
    rows = db_session.execute(select(TablePlace.id, TablePlace.label).where(here)).all()
    near = [row.id for row in rows if plain_label(row.label) == plain]
    return db_session.get(TablePlace, near[0]) if len(near) == 1 else None


def spot_of(place: TablePlace) -> Spot:
    """The place as geometry sees it; its key is the id."""
    return Spot(
        key=place.id,
        label=place.label,
        x_mm=place.x_mm,
        y_mm=place.y_mm,
        w_mm=place.w_mm,
        d_mm=place.d_mm,
        hall=place.plan_id,
        kind=place.type_id,
        row=place.row,
        sequence=place.sequence,
        facing=place.facing.value,
        rotation_ddeg=place.rotation_ddeg,
    )


def list_spots(db_session: Session, *, event_id: int) -> tuple[list[Spot], set[int]]:
    """All places as geometry sees them, and the ids of those for sale. Plain columns: a refused buyer waits for it."""
    wanted = select(
        TablePlace.id,
        TablePlace.label,
        TablePlace.x_mm,
        TablePlace.y_mm,
        TablePlace.w_mm,
        TablePlace.d_mm,
        TablePlace.plan_id,
        TablePlace.type_id,
        TablePlace.row,
        TablePlace.sequence,
        TablePlace.facing,
        TablePlace.rotation_ddeg,
        TablePlace.is_sellable,
    ).where(TablePlace.event_id == event_id, TablePlace.retired_at.is_(None))
    rows = db_session.execute(wanted.order_by(TablePlace.id)).all()
    spots = [Spot(*row[:10], facing=row.facing.value, rotation_ddeg=row.rotation_ddeg) for row in rows]
    return spots, {row.id for row in rows if row.is_sellable}


def live_states(db_session: Session, *, event_id: int, sale_period_id: int, now: datetime) -> dict[int, str]:
    """ "held" or "taken" by place id; places that are not named are free. One query of plain columns.

    Held is what may come free by itself or by a word of the team; sold places and unpaid orders are taken.
    """
    statement = select(Reservation.place_id, Reservation.state, Reservation.kind, Reservation.expires_at).where(
        Reservation.event_id == event_id, Reservation.sale_period_id == sale_period_id, live_at(now)
    )
    return {row.place_id: shown_state(row.state, row.kind, row.expires_at) for row in db_session.execute(statement)}


def shown_state(state: ReservationState, kind: ReservationKind, expires_at: datetime | None) -> str:
    """What the public sees of a live reservation."""
    waits_for_money = kind is ReservationKind.CART and expires_at is None
    return "taken" if state in SOLD_STATES or waits_for_money else "held"


@dataclass(frozen=True)
class FloorVersion:
    """The show behind a live address and the tag of its floor at this instant."""

    event_id: int
    tag: str


@cache
def _floor_version() -> Any:
    """Built once, since polls ask for it and little else."""
    live = (Reservation.event_id == Event.id, Reservation.released_at.is_(None))
    stamps = select(func.coalesce(func.sum(Reservation.stamp), 0)).where(*live).scalar_subquery()
    over = select(func.count()).where(*live, Reservation.expires_at <= bindparam("now")).scalar_subquery()
    return select(Event.id, Event.version, stamps.label("stamps"), over.label("over")).where(
        Event.slug == bindparam("slug"), Event.state != EventState.DRAFT
    )


def find_floor_version(db_session: Session, slug: str, *, now: datetime) -> FloorVersion | None:
    """One query: the sum of the stamps of live rows, and how many of them have run out but still stand."""
    row = db_session.execute(_floor_version(), {"slug": slug, "now": now}).first()
    return None if row is None else FloorVersion(row.id, f"{row.version}-{int(row.stamps):x}-{row.over}")


@dataclass(frozen=True)
class FloorCount:
    """How many tables there are and how they stand, counting each sale period a place is sold for."""

    total: int = 0
    sold: int = 0
    waiting: int = 0
    held: int = 0

    @property
    def left(self) -> int:
        return max(0, self.total - self.sold - self.waiting - self.held)


@cache
def _floor_counts() -> Any:
    sold = Reservation.state.in_(SOLD_STATES)
    waiting = and_(~sold, Reservation.kind == ReservationKind.CART, Reservation.expires_at.is_(None))
    of_event = SalePeriod.event_id == bindparam("event_id")
    periods = select(func.count()).where(of_event, SalePeriod.code != WHOLE).scalar_subquery()
    return (
        select(
            TableType.sold_by_period,
            func.count(TablePlace.id.distinct()).label("places"),
            periods.label("periods"),
            func.count(case((sold, Reservation.id))).label("sold"),
            func.count(case((waiting, Reservation.id))).label("waiting"),
            func.count(Reservation.id).label("live"),
        )
        .select_from(TablePlace)
        .join(TableType, TableType.id == TablePlace.type_id)
        .outerjoin(Reservation, and_(Reservation.place_id == TablePlace.id, live_at(bindparam("now"))))
        .where(TablePlace.event_id == bindparam("event_id"), TablePlace.is_sellable)
        .group_by(TableType.sold_by_period)
    )


def count_floor(db_session: Session, *, event_id: int, now: datetime) -> tuple[FloorCount, FloorCount]:
    """(tables sold for the whole show, tables sold by period), of those for sale. One aggregate query."""
    counts = {False: FloorCount(), True: FloorCount()}
    for row in db_session.execute(_floor_counts(), {"event_id": event_id, "now": now}):
        total = row.places * (row.periods if row.sold_by_period else 1)
        counts[bool(row.sold_by_period)] = FloorCount(total, row.sold, row.waiting, row.live - row.sold - row.waiting)
    return counts[False], counts[True]


def list_live_of_lines(db_session: Session, lines: Sequence[OrderLine]) -> list[Reservation]:
    """Live reservations of these order lines, by place and period."""
    ids = [line.id for line in lines]
    statement = (
        select(Reservation)
        .where(Reservation.line_id.in_(ids), Reservation.released_at.is_(None))
        .order_by(Reservation.place_id, Reservation.sale_period_id)
    )
    return list(db_session.scalars(statement))


def list_live_of_order(db_session: Session, *, order_id: int) -> list[Reservation]:
    """Live reservations of an order with place, hall and period, by label as people count."""
    statement = (
        select(Reservation)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .where(OrderLine.order_id == order_id, Reservation.released_at.is_(None))
        .options(
            joinedload(Reservation.period),
            joinedload(Reservation.place).joinedload(TablePlace.type),
            joinedload(Reservation.place).joinedload(TablePlace.plan).joinedload(FloorPlan.hall),
        )
    )
    return sorted(db_session.scalars(statement), key=lambda row: natural(row.place.label))


@dataclass(frozen=True)
class Owned:
    """One table a buyer has in this show, in a cart or an order."""

    type_id: int
    sale_period_id: int
    line_id: int
    order_id: int
    place_id: int


def list_owned(
    db_session: Session, *, event_id: int, person_id: int | None, cart_id: int | None, now: datetime
) -> list[Owned]:
    """What the buyer holds already: in this cart, and (for a signed-in person) in any live order of this show."""
    whose = []
    if cart_id is not None:
        whose.append(Order.id == cart_id)
    if person_id is not None:
        whose.append(Order.person_id == person_id)
    if not whose:
        return []
    statement = (
        select(TablePlace.type_id, Reservation.sale_period_id, OrderLine.id, Order.id, TablePlace.id)
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.event_id == event_id, or_(*whose), Order.state.in_(LIVE_STATES), live_at(now))
        .order_by(OrderLine.id)
    )
    return [Owned(*row) for row in db_session.execute(statement)]


def list_expired_orders(
    db_session: Session, *, event_id: int, places: Iterable[int], periods: Iterable[int], now: datetime
) -> list[int]:
    """Ids of carts whose time is over and that still hold these places."""
    statement = (
        select(Order.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Reservation, Reservation.line_id == OrderLine.id)
        .where(
            Reservation.event_id == event_id,
            Reservation.place_id.in_(list(places)),
            Reservation.sale_period_id.in_(list(periods)),
            Reservation.released_at.is_(None),
            Order.state == OrderState.CART,
            Order.expires_at <= now,
        )
        .distinct()
        .order_by(Order.id)
    )
    return list(db_session.scalars(statement))


def list_places_of_orders(db_session: Session, order_ids: Iterable[int]) -> list[int]:
    """Ids of the places that these orders hold."""
    statement = (
        select(Reservation.place_id)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .where(OrderLine.order_id.in_(list(order_ids)), Reservation.released_at.is_(None))
        .distinct()
    )
    return list(db_session.scalars(statement))


def list_ended(
    db_session: Session, *, places: Iterable[int], periods: Iterable[int], now: datetime
) -> list[Reservation]:
    """Holds without an order (the team's, offers) on these places whose time is over, by place."""
    statement = (
        select(Reservation)
        .where(
            Reservation.place_id.in_(list(places)),
            Reservation.sale_period_id.in_(list(periods)),
            Reservation.released_at.is_(None),
            Reservation.line_id.is_(None),
            Reservation.expires_at <= now,
        )
        .order_by(Reservation.place_id, Reservation.id)
    )
    return list(db_session.scalars(statement))


def get_reservation(db_session: Session, *, event_id: int, reservation_id: int) -> Reservation:
    """With place, period, line and vendor. Raises ReservationNotFound."""
    statement = (
        select(Reservation)
        .where(Reservation.event_id == event_id, Reservation.id == reservation_id)
        .options(
            joinedload(Reservation.place).joinedload(TablePlace.type),
            joinedload(Reservation.period),
            joinedload(Reservation.line).joinedload(OrderLine.order),
            joinedload(Reservation.vendor),
        )
    )
    row = db_session.scalar(statement)
    if row is None:
        raise ReservationNotFound("There is no such reservation at this show.")
    return row


def find_live(db_session: Session, *, place_id: int, sale_period_id: int) -> Reservation | None:
    """The row that has not been released, whether or not its time is over."""
    statement = select(Reservation).where(
        Reservation.place_id == place_id,
        Reservation.sale_period_id == sale_period_id,
        Reservation.released_at.is_(None),
    )
    return db_session.scalar(statement)


def is_held(db_session: Session, *, place_id: int, now: datetime) -> bool:
    """Does anybody hold it in any period?"""
    live = select(Reservation.id).where(Reservation.place_id == place_id, live_at(now))
    return db_session.scalar(live.limit(1)) is not None


def count_places_by_type(db_session: Session, *, event_id: int) -> dict[int, int]:
    """How many places there are of each type."""
    statement = select(TablePlace.type_id, func.count()).where(TablePlace.event_id == event_id)
    return {row[0]: row[1] for row in db_session.execute(statement.group_by(TablePlace.type_id))}


def list_live_by_hand(db_session: Session, *, event_id: int) -> list[Reservation]:
    """Reservations without an order that have not been released, by place."""
    statement = (
        select(Reservation)
        .where(Reservation.event_id == event_id, Reservation.released_at.is_(None), Reservation.line_id.is_(None))
        .order_by(Reservation.place_id, Reservation.id)
    )
    return list(db_session.scalars(statement))


def is_vendor(db_session: Session, person_id: int) -> bool:
    """They have a profile as somebody who sells."""
    return find_vendor_of(db_session, person_id=person_id) is not None


def find_vendor_of(db_session: Session, *, person_id: int) -> Vendor | None:
    return db_session.scalar(select(Vendor).where(Vendor.person_id == person_id))


def periods_for(types: Iterable[TableType], periods: Sequence[SalePeriod]) -> list[SalePeriod]:
    """The sale periods in which something of these types is sold, in the show's order."""
    kinds = {table_type.sold_by_period for table_type in types}
    return [period for period in periods if (period.code != WHOLE) in kinds]


def is_sold_in(table_type: TableType, period: SalePeriod) -> bool:
    """Whole-show types are sold for the whole show, the others for each part of it."""
    return table_type.sold_by_period == (period.code != WHOLE)


def by_id(rows: Iterable[Any]) -> Mapping[int, Any]:
    return {row.id: row for row in rows}


def list_buying_vendors(db_session: Session, *, event: Event) -> list[tuple[int, str]]:
    """(id, name) of vendors who have ordered tables at this show, by name, those who gave them up too.

    Where two trade under one name, the person stands behind it.
    """
    wanted = (
        select(Vendor.id, Vendor.name, Person.name.label("person"))
        .join(Reservation, Reservation.vendor_id == Vendor.id)
        .outerjoin(Person, Person.id == Vendor.person_id)
        .where(Reservation.event_id == event.id, Reservation.line_id.is_not(None))
        .distinct()
        .order_by(Vendor.name, Vendor.id)
    )
    rows = db_session.execute(wanted).all()
    often = Counter(row.name for row in rows)
    return [(row.id, f"{row.name} ({row.person})" if often[row.name] > 1 and row.person else row.name) for row in rows]


def list_orders_of_vendor(db_session: Session, *, event: Event, party_id: int) -> list[int]:
    """Ids of the orders that hold or held tables of this vendor."""
    wanted = (
        select(OrderLine.order_id)
        .join(Reservation, Reservation.line_id == OrderLine.id)
        .where(Reservation.event_id == event.id, Reservation.vendor_id == party_id)
    )
    return list(db_session.scalars(wanted.distinct()))
