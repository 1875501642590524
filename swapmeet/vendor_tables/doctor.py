"""The invariants of tables as queries that must find nothing: one holder a place, holds that end, a log of every step."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from swapmeet.events.models import SalePeriod
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace, TableType
from swapmeet.vendor_tables.plan_models import PlanVersion
from swapmeet.vendor_tables.queries import KIND, SOLD_STATES, WHOLE

SHOWN = 20  # sentences a query returns at most
LIVE = Reservation.released_at.is_(None)


def _rows(db_session: Session, statement: Any) -> Sequence[Any]:
    return db_session.execute(statement.limit(SHOWN)).all()


def places_held_twice(db_session: Session, now: datetime) -> list[str]:
    """2. One live reservation per place and sale period."""
    twice = (
        select(TablePlace.label, Reservation.place_id, Reservation.sale_period_id, func.count().label("holders"))
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .where(LIVE)
        .group_by(TablePlace.label, Reservation.place_id, Reservation.sale_period_id)
        .having(func.count() > 1)
        .order_by(Reservation.place_id)
    )
    return [
        f"table {row.label} (place {row.place_id}) has {row.holders} holders in sale period {row.sale_period_id}"
        for row in _rows(db_session, twice)
    ]


def orders_without_their_table(db_session: Session, now: datetime) -> list[str]:
    """2. Every live table line of an open order holds its place; a confirmed one has it sold."""
    held = and_(LIVE, Reservation.line_id == OrderLine.id, Reservation.place_id == OrderLine.product_id)
    lines = (
        select(OrderLine.id, OrderLine.title, Order.code, Order.state)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(Reservation, held)
        .where(
            OrderLine.kind == KIND,
            OrderLine.released_at.is_(None),
            or_(
                and_(Order.state.in_((OrderState.CART, OrderState.PLACED)), Reservation.id.is_(None)),
                and_(
                    Order.state == OrderState.CONFIRMED,
                    or_(Reservation.id.is_(None), Reservation.state.not_in(SOLD_STATES)),
                ),
            ),
        )
        .order_by(OrderLine.id)
    )
    return [
        f"order {row.code} ({row.state.value}) has {row.title} but does not hold it" for row in _rows(db_session, lines)
    ]


def tables_of_nobody(db_session: Session, now: datetime) -> list[str]:
    """2. A reservation by order belongs to a live line of an order that is not over."""
    stray = (
        select(Reservation.id, TablePlace.label, Order.code, Order.state)
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            LIVE,
            or_(
                OrderLine.released_at.is_not(None),
                Order.state.in_((OrderState.EXPIRED, OrderState.CANCELED)),
                OrderLine.product_id != Reservation.place_id,
            ),
        )
        .order_by(Reservation.id)
    )
    return [
        f"reservation {row.id} keeps table {row.label} for order {row.code}, which is {row.state.value} or gave it up"
        for row in _rows(db_session, stray)
    ]


def tables_sold_the_wrong_way(db_session: Session, now: datetime) -> list[str]:
    """2. Whole-show tables are held for the whole show, the others for a part of it, so the two never meet on a place."""
    mixed = (
        select(Reservation.id, TablePlace.label, SalePeriod.code)
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .join(TableType, TableType.id == TablePlace.type_id)
        .join(SalePeriod, SalePeriod.id == Reservation.sale_period_id)
        .where(LIVE, (SalePeriod.code == WHOLE) == TableType.sold_by_period)
        .order_by(Reservation.id)
    )
    return [f"reservation {row.id} holds table {row.label} for {row.code}" for row in _rows(db_session, mixed)]


def holds_that_never_end(db_session: Session, now: datetime) -> list[str]:
    """7. What is in a cart ends when the cart does. A hold past its end counts as free, so no worker has to run."""
    endless = (
        select(Reservation.id, TablePlace.label, Order.code)
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .outerjoin(OrderLine, OrderLine.id == Reservation.line_id)
        .outerjoin(Order, Order.id == OrderLine.order_id)
        .where(
            LIVE,
            Reservation.kind == ReservationKind.CART,
            or_(
                Order.id.is_(None),
                and_(
                    Order.state == OrderState.CART,
                    or_(Reservation.expires_at.is_(None), Reservation.expires_at != Order.expires_at),
                ),
                and_(Order.state == OrderState.PLACED, Reservation.expires_at.is_not(None)),
            ),
        )
        .order_by(Reservation.id)
    )
    return [
        f"reservation {row.id} on table {row.label} does not end with its cart {row.code or '(none)'}"
        for row in _rows(db_session, endless)
    ]


def reservations_without_audit(db_session: Session, now: datetime) -> list[str]:
    """14. The newest entry about a reservation says the state it is in."""
    entry = and_(AuditEntry.subject == "Reservation", AuditEntry.subject_id == Reservation.id)
    newest = select(func.max(AuditEntry.id)).where(entry).correlate(Reservation).scalar_subquery()
    told = select(AuditEntry.target).where(AuditEntry.id == newest).correlate(Reservation).scalar_subquery()
    silent = (
        select(Reservation.id, TablePlace.label, Reservation.state, told.label("told"))
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .where(or_(told.is_(None), told != Reservation.state))
        .order_by(Reservation.id)
    )
    return [
        f"reservation {row.id} on table {row.label} is {row.state.value}, the log says {row.told or 'nothing'}"
        for row in _rows(db_session, silent)
    ]


def offers_above_free_places(db_session: Session, now: datetime) -> list[str]:
    """11. Open offers never exceed free places: an offered place is on sale, free of others, and its clock runs.

    These are offers of places by name; offers of the waiting list are carts, which its own queries look at.
    """
    rival = aliased(Reservation)
    taken = exists().where(
        rival.place_id == Reservation.place_id,
        rival.sale_period_id == Reservation.sale_period_id,
        rival.released_at.is_(None),
        rival.id != Reservation.id,
    )
    offers = (
        select(TablePlace.label, Reservation.id, taken.label("is_taken"))
        .join(TablePlace, TablePlace.id == Reservation.place_id)
        .where(LIVE, Reservation.state == ReservationState.OFFERED)
        .where(or_(taken, TablePlace.is_sellable.is_(False), Reservation.expires_at.is_(None)))
        .order_by(Reservation.id)
    )
    return [
        f"offer {row.id} of table {row.label} is for a place that is not free to offer"
        for row in _rows(db_session, offers)
    ]


def plans_unlike_their_version(db_session: Session, now: datetime) -> list[str]:
    """2. The tables of a hall are those of its newest published plan, and no version is missing or altered."""
    found = []
    versions = db_session.scalars(select(PlanVersion).order_by(PlanVersion.plan_id, PlanVersion.number)).all()
    newest = {version.plan_id: version for version in versions}
    counts = Counter(version.plan_id for version in versions)
    labels: dict[int, dict[str, str]] = {plan_id: {} for plan_id in newest}
    rows = select(TablePlace.plan_id, TablePlace.uid, TablePlace.label).where(TablePlace.retired_at.is_(None))
    for row in db_session.execute(rows.where(TablePlace.plan_id.in_(list(newest)))):
        labels[row.plan_id][row.uid] = row.label
    for version in versions:
        if sha256(version.document.encode()).hexdigest() != version.digest:
            found.append(f"version {version.number} of plan {version.plan_id} is not what was published")
    for plan_id, version in newest.items():
        if version.number != counts[plan_id]:
            found.append(f"plan {plan_id} lacks a version before {version.number}")
        wanted = {place["uid"]: place["label"] for place in json.loads(version.document)["places"]}
        differing = wanted.items() ^ labels[plan_id].items()
        if differing:
            names = ", ".join(sorted({label for _, label in differing})[:5])
            found.append(f"plan {plan_id} does not show its version {version.number}: {names}")
    return found[:SHOWN]


QUERIES = (
    DoctorQuery(2, "one holder per table and period", places_held_twice),
    DoctorQuery(2, "open orders hold their tables", orders_without_their_table),
    DoctorQuery(2, "held tables belong to somebody", tables_of_nobody),
    DoctorQuery(2, "tables are held for what they are sold for", tables_sold_the_wrong_way),
    DoctorQuery(2, "plans show their newest version", plans_unlike_their_version),
    DoctorQuery(7, "table holds end with their cart", holds_that_never_end),
    DoctorQuery(11, "offered tables are free to offer", offers_above_free_places),
    DoctorQuery(14, "every step of a reservation", reservations_without_audit),
)
