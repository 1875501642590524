"""The organizer's list of orders: filtered by state, searched by code, name, address or phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.search import words_of
from swapmeet.orders import ledger
from swapmeet.orders.due_models import DuePart
from swapmeet.orders.models import Order, OrderState, PayMethod
from swapmeet.orders.queries import WAS_PLACED
from swapmeet.web.paging import Page, paginate

FILTERS: dict[str, str] = {
    "": "All orders",
    "placed": "Waiting for payment",
    "overdue": "Past the due date",
    "invoice": "On invoice, not paid yet",
    "confirmed": "Confirmed",
    "canceled": "Canceled",
    "expired": "Ended unpaid",
}


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to. An unknown state means all."""

    query: str = ""
    state: str = ""


def list_orders(db_session: Session, *, event_id: int, asked: Asked, number: int, now: datetime) -> Page:
    """One page, newest first, as rows of just the columns the list shows."""
    return paginate(db_session, _statement(event_id, asked, now), number=number, scalars=False)


def _statement(event_id: int, asked: Asked, now: datetime) -> Any:
    statement: Any = select(
        Order.id,
        Order.code,
        Order.state,
        Order.buyer_name,
        Order.buyer_email,
        Order.total_minor,
        Order.method,
        Order.placed_at,
        Order.due_at,
    ).where(Order.event_id == event_id, WAS_PLACED)
    if asked.state == "overdue":
        statement = statement.where(Order.state == OrderState.PLACED, Order.due_at <= now)
    elif asked.state == "invoice":
        statement = statement.where(Order.state == OrderState.PLACED, Order.method == PayMethod.INVOICE)
    elif asked.state in FILTERS and asked.state:
        statement = statement.where(Order.state == OrderState(asked.state))
    for word in words_of(asked.query):
        statement = statement.where(Order.search_text.contains(word, autoescape=True))
    return statement.order_by(Order.placed_at.desc(), Order.id.desc())


def due_sums(db_session: Session, order_ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Of those orders that are paid in parts: the name of the part that is due next, and what is left of it."""
    parts: dict[int, list[Any]] = {}
    wanted = (
        select(DuePart.order_id, DuePart.name, DuePart.amount_minor, DuePart.due_at, Order.due_at.label("next_at"))
        .join(Order, Order.id == DuePart.order_id)
        .where(DuePart.order_id.in_(order_ids), Order.state == OrderState.PLACED)
        .order_by(DuePart.order_id, DuePart.position)
    )
    for row in db_session.execute(wanted):
        parts.setdefault(row.order_id, []).append(row)
    owed = ledger.owed_of(db_session, list(parts))
    found = {}
    for order_id, rows in parts.items():
        due = next((row for row in rows if row.due_at == row.next_at), rows[0])
        later = sum(row.amount_minor for row in rows if row.due_at > due.due_at)
        found[order_id] = due.name, max(0, owed.get(order_id, 0) - later)
    return found
