"""Orders and bookings as CSV, line by line."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.money import plain_amount
from swapmeet.kernel.time import to_local
from swapmeet.orders.models import LedgerEntry, Order, OrderLine, Payment, PaymentState
from swapmeet.orders.queries import WAS_PLACED
from swapmeet.web.spreadsheet import csv_lines

ORDER_HEADER = (
    "order", "state", "placed", "confirmed", "name", "email", "phone", "total", "paid", "currency", "method", "holds", "note",
)  # fmt: skip
LEDGER_HEADER = ("booked", "transaction", "order", "account", "detail", "amount", "currency", "memo")


def order_lines(db_session: Session, event: Event) -> Iterator[str]:
    """One row an order, oldest first."""
    holds = _holds(db_session, event)
    paid = _paid(db_session, event)
    orders = db_session.execute(
        select(
            Order.id, Order.code, Order.state, Order.placed_at, Order.confirmed_at, Order.buyer_name,
            Order.buyer_email, Order.buyer_phone, Order.total_minor, Order.currency, Order.method, Order.note,
        )
        .where(Order.event_id == event.id, WAS_PLACED)
        .order_by(Order.placed_at, Order.id)
    )  # fmt: skip
    rows = (
        (
            row.code,
            row.state.value,
            _moment(event, row.placed_at),
            _moment(event, row.confirmed_at),
            row.buyer_name,
            row.buyer_email,
            row.buyer_phone,
            _amount(row.total_minor, row.currency),
            _amount(paid.get(row.id, 0), row.currency),
            row.currency,
            row.method.value if row.method else "",
            "; ".join(holds.get(row.id, [])),
            row.note,
        )
        for row in orders
    )
    return csv_lines(ORDER_HEADER, rows)


def ledger_lines(db_session: Session, event: Event) -> Iterator[str]:
    """One row a booking, in the order of booking."""
    entries = db_session.execute(
        select(
            LedgerEntry.posted_at, LedgerEntry.transaction_code, Order.code, LedgerEntry.account, LedgerEntry.detail,
            LedgerEntry.amount_minor, LedgerEntry.currency, LedgerEntry.memo,
        )
        .outerjoin(Order, Order.id == LedgerEntry.order_id)
        .where(LedgerEntry.event_id == event.id)
        .order_by(LedgerEntry.id)
    )  # fmt: skip
    rows = (
        (_moment(event, at), transaction, code or "", account.value, detail, _amount(amount, currency), currency, memo)
        for at, transaction, code, account, detail, amount, currency, memo in entries
    )
    return csv_lines(LEDGER_HEADER, rows)


def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(plain_amount(minor, currency))


def _moment(event: Event, moment: Any) -> str:
    return to_local(moment, event.time_zone).strftime("%Y-%m-%d %H:%M") if moment else ""


def _holds(db_session: Session, event: Event) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    lines = db_session.execute(
        select(OrderLine.order_id, OrderLine.quantity, OrderLine.title)
        .where(OrderLine.event_id == event.id, OrderLine.released_at.is_(None))
        .order_by(OrderLine.id)
    )
    for order_id, quantity, title in lines:
        found[order_id].append(f"{quantity} x {title}")
    return found


def _paid(db_session: Session, event: Event) -> dict[int, int]:
    found: dict[int, int] = defaultdict(int)
    rows = db_session.execute(
        select(Payment.order_id, Payment.amount_minor).where(
            Payment.event_id == event.id, Payment.state == PaymentState.CONFIRMED
        )
    )
    for order_id, amount in rows:
        found[order_id] += amount
    return found
