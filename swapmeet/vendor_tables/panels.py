"""This feature's parts of the gathering pages."""

from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import Waiting
from swapmeet.kernel.time import end_of_day
from swapmeet.orders.models import Order
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.models import Reservation, ReservationKind
from swapmeet.web.filters import local_moment, plural

SOON = timedelta(days=3)


def tables_left(db_session: Session, event: Event, now: datetime) -> dict[str, Any] | None:
    """ "31 of 96 tables left": one query. Nothing where the show has no tables, is canceled or over."""
    if event.canceled_at is not None or now >= end_of_day(event.last_day, event.time_zone):
        return None
    whole, by_period = queries.count_floor(db_session, event_id=event.id, now=now)
    return {"whole": whole, "by_period": by_period} if whole.total or by_period.total else None


def table_numbers(db_session: Session, event: Event, now: datetime) -> dict[str, Any] | None:
    """How many of all tables are sold, unpaid and on hold."""
    counts = queries.count_floor(db_session, event_id=event.id, now=now)
    total = sum(count.total for count in counts)
    if not total:
        return None
    return {
        "total": total,
        "sold": sum(count.sold for count in counts),
        "waiting": sum(count.waiting for count in counts),
        "held": sum(count.held for count in counts),
        "left": sum(count.left for count in counts),
    }


def tables_by_state(db_session: Session, event: Event, now: datetime) -> dict[str, Any] | None:
    """The parts of one bar: sold, waiting for payment, on hold, free."""
    found = table_numbers(db_session, event, now)
    if found is None:
        return None
    parts = [
        ("taken", "Sold", found["sold"]),
        ("brand", "Waiting for payment", found["waiting"]),
        ("held", "On hold", found["held"]),
        ("free", "Free", found["left"]),
    ]
    return {"total": found["total"], "parts": parts}


def waiting_lines(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Holds of the team that end soon: afterwards anybody can take those tables."""
    statement = select(func.count(), func.min(Reservation.expires_at)).where(
        Reservation.event_id == event.id,
        Reservation.kind == ReservationKind.STAFF,
        Reservation.released_at.is_(None),
        Reservation.expires_at > now,
        Reservation.expires_at <= now + SOON,
    )
    count, first = db_session.execute(statement).one()
    if not count or first is None:
        return []
    title = f"{plural(count, 'table you hold comes', 'tables you hold come')} free soon"
    detail = f"The first one on {local_moment(first, event.time_zone, event.locale)}."
    return [Waiting(title, detail, "Look", url_for("vendor_tables_manage.board", slug=event.slug, state="held"))]


def tables_of_order(db_session: Session, order: Order, now: datetime) -> dict[str, Any] | None:
    """Where the tables of an order stand, for its buyer. Nothing for an order without any."""
    if not any(line.kind == queries.KIND for line in order.lines):
        return None
    rows = queries.list_live_of_order(db_session, order_id=order.id)
    return {"rows": rows} if rows else None
