"""Orders and bookings for a spreadsheet, row by row."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import MoreColumns, registry
from swapmeet.kernel.money import plain_amount
from swapmeet.kernel.time import to_local
from swapmeet.orders.models import (
    OPEN_STATES,
    LedgerEntry,
    Order,
    OrderLine,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from swapmeet.orders.queries import WAS_PLACED
from swapmeet.orders.sellables import PARTS, VOUCHER
from swapmeet.web.spreadsheet import csv_lines

ORDER_HEADER = (
    "order", "state", "placed", "confirmed", "name", "email", "phone", "total", "paid", "currency", "method", "holds", "note",
    "due", "closed", "account", "kept or given back", "refunded", "refund waits", "owed", "payments", "last payment",
    "pieces", "tickets", "tickets sum", "tables", "tables sum", "seats", "seats sum", "others", "others sum", "given up",
    "codes", "names", "day placed", "days before the show", "mail held back",
)  # fmt: skip
COUNTED = ("ticket", "table", "seat")  # kinds of lines with columns of their own; the rest is "others"
LEDGER_HEADER = ("booked", "transaction", "order", "account", "detail", "amount", "currency", "memo")


def order_lines(db_session: Session, event: Event) -> Iterator[str]:
    """One row an order, oldest first, as CSV."""
    return csv_lines(*order_table(db_session, event))


def order_table(db_session: Session, event: Event) -> tuple[Sequence[str], Iterator[tuple[object, ...]]]:
    """Header and rows for any kind of table, with the columns that other features add."""
    more = [columns for add in registry().order_columns if (columns := add(db_session, event)) is not None]
    header = [*ORDER_HEADER, *(name for columns in more for name in columns.header)]
    return header, order_rows(db_session, event, more)


def order_rows(db_session: Session, event: Event, more: Sequence[MoreColumns] = ()) -> Iterator[tuple[object, ...]]:
    """The rows alone. Four queries, however many orders there are."""
    holds, paid, back = _holds(db_session, event), _paid(db_session, event), _back(db_session, event)
    orders = db_session.execute(
        select(
            Order.id, Order.code, Order.state, Order.placed_at, Order.confirmed_at, Order.buyer_name, Order.buyer_email,
            Order.buyer_phone, Order.total_minor, Order.adjust_minor, Order.currency, Order.method, Order.note,
            Order.due_at, Order.closed_at, Order.person_id, Order.mail_held_at,
        )
        .where(Order.event_id == event.id, WAS_PLACED)
        .order_by(Order.placed_at, Order.id)
    )  # fmt: skip
    for row in orders:
        cells = _order_row(event, row, holds.get(row.id, Held()), paid.get(row.id, Came()), back.get(row.id, (0, 0)))
        yield (*cells, *(cell for columns in more for cell in columns.of(row.id))) if more else cells


def _order_row(event: Event, row: Any, held: "Held", came: "Came", back: tuple[int, int]) -> tuple[object, ...]:
    currency = row.currency
    is_open = row.state in OPEN_STATES
    adjust = row.adjust_minor if is_open else 0
    owed = row.total_minor + adjust - came.minor + sum(back) if is_open else 0
    placed = to_local(row.placed_at, event.time_zone) if row.placed_at else None
    kinds = [value for kind in (*COUNTED, "") for value in (held.pieces[kind], _amount(held.minor[kind], currency))]
    return (
        row.code, row.state.value, _moment(event, row.placed_at), _moment(event, row.confirmed_at), row.buyer_name,
        row.buyer_email, row.buyer_phone, _amount(row.total_minor, currency), _amount(came.minor, currency), currency,
        row.method.value if row.method else "", "; ".join(held.words), row.note,
        _moment(event, row.due_at), _moment(event, row.closed_at), "yes" if row.person_id else "",
        _amount(adjust, currency), _amount(back[0], currency), _amount(back[1], currency), _amount(owed, currency),
        came.count, _moment(event, came.last), sum(held.pieces.values()), *kinds, held.given_up,
        "; ".join(held.codes), "; ".join(held.names), placed.date().isoformat() if placed else "",
        (event.first_day - placed.date()).days if placed else "", "yes" if row.mail_held_at else "",
    )  # fmt: skip


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


@lru_cache(maxsize=4096)
def _amount(minor: int, currency: str) -> Decimal:
    return Decimal(plain_amount(minor, currency))


def _moment(event: Event, moment: Any) -> str:
    return to_local(moment, event.time_zone).isoformat(" ", "minutes")[:16] if moment else ""


@dataclass
class Held:
    """What the lines of one order hold, by kind; "" is every kind without columns of its own."""

    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    pieces: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*COUNTED, ""), 0))
    minor: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*COUNTED, ""), 0))
    given_up: int = 0


@dataclass
class Came:
    """Money that came in for one order."""

    minor: int = 0
    count: int = 0
    last: datetime | None = None


def _holds(db_session: Session, event: Event) -> dict[int, Held]:
    found: dict[int, Held] = defaultdict(Held)
    lines = db_session.execute(
        select(
            OrderLine.order_id, OrderLine.kind, OrderLine.quantity, OrderLine.title, OrderLine.unit_minor,
            OrderLine.facts, OrderLine.released_at,
        )
        .where(OrderLine.event_id == event.id)
        .order_by(OrderLine.id)
    )  # fmt: skip
    for order_id, kind, quantity, title, unit_minor, facts, released_at in lines:
        held = found[order_id]
        if released_at is not None:
            held.given_up += quantity
            continue
        column = kind if kind in COUNTED else ""
        held.words.append(f"{quantity} x {title}" + (f" ({facts[PARTS]})" if facts.get(PARTS) else ""))
        held.pieces[column] += quantity
        held.minor[column] += quantity * unit_minor
        held.names += [str(name) for name in facts.get("names", []) if name]
        if code := facts.get(VOUCHER):
            held.codes.append(str(code))
    return found


def _paid(db_session: Session, event: Event) -> dict[int, Came]:
    found: dict[int, Came] = defaultdict(Came)
    rows = db_session.execute(
        select(Payment.order_id, Payment.amount_minor, Payment.confirmed_at)
        .where(Payment.event_id == event.id, Payment.state == PaymentState.CONFIRMED)
        .order_by(Payment.id)
    )
    for order_id, amount, confirmed_at in rows:
        came = found[order_id]
        came.minor += amount
        came.count += 1
        came.last = confirmed_at or came.last
    return found


def _back(db_session: Session, event: Event) -> dict[int, tuple[int, int]]:
    """(sent back, waits to be sent) by order."""
    found: dict[int, tuple[int, int]] = {}
    rows = db_session.execute(
        select(Refund.order_id, Refund.amount_minor, Refund.state).where(
            Refund.event_id == event.id, Refund.state != RefundState.FAILED
        )
    )
    for order_id, amount, state in rows:
        done, waits = found.get(order_id, (0, 0))
        is_done = state is RefundState.DONE
        found[order_id] = (done + amount, waits) if is_done else (done, waits + amount)
    return found
