"""Composes this feature's mails from rows, when the worker sends them."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.events.mail import mail_of_show
from swapmeet.infra.outbox import Mail
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine
from swapmeet.vendor_tables.models import Reservation


def compose_moved(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """A vendor has another table now. Dropped when that has changed again, or the order is gone."""
    row = db_session.get(Reservation, int(payload["reservation_id"]))
    if row is None or row.released_at is not None or row.line is None:
        return None
    line: OrderLine = row.line
    event = line.order.event
    values = {
        "order": line.order,
        "place": row.place,
        "origin": payload["origin"],
        "is_repriced": bool(payload.get("is_repriced")),
        "link": url_for("orders.show_order", code=line.order.code, key=line.order.link_key, _external=True),
    }
    subject = f"Your table at {event.name} is now {row.place.label}"
    return mail_of_show(
        event,
        subject=subject,
        text="email/vendor_tables/moved.txt",
        html="email/vendor_tables/moved.html",
        values=values,
    )


def compose_reseated(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """A payment came late, and the vendor stands elsewhere. Dropped when the order is over again."""
    order = db_session.get(Order, int(payload["order_id"]))
    if order is None or order.state not in OPEN_STATES:
        return None
    event = order.event
    values = {
        "order": order,
        "moved": payload["moved"],
        "link": url_for("orders.show_order", code=order.code, key=order.link_key, _external=True),
    }
    subject = f"Your table at {event.name} is now {', '.join(new for _, new in payload['moved'])}"
    return mail_of_show(
        event,
        subject=subject,
        text="email/vendor_tables/reseated.txt",
        html="email/vendor_tables/reseated.html",
        values=values,
    )
