"""Receipts: one for each paid order, numbered without gap or repeat within a show."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.infra.counters import take_numbers
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, instant, minor, pk
from swapmeet.orders.models import Order

SHOWN = 20


class ReceiptSeries(Model):
    """The last number given out in a show. It moves in the transaction that adds the receipt, so a rollback leaves no gap."""

    __tablename__ = "receipt_series"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class Receipt(Model):
    """Proof that an order was paid in full, at that instant and of that sum."""

    __tablename__ = "receipt"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    order_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    total_minor: Mapped[minor]
    issued_at: Mapped[instant]

    __table_args__ = (
        same_event("order_id", "order"),
        UniqueConstraint("event_id", "number"),
        UniqueConstraint("order_id"),
    )


def issue_receipt(db_session: Session, *, order: Order, now: datetime) -> Receipt:
    """Number the order's receipt. Call once, when a paid order is confirmed; the unique order id refuses a second one."""
    number = take_numbers(db_session, ReceiptSeries, event_id=order.event_id)
    receipt = Receipt(
        event_id=order.event_id, order_id=order.id, number=number, total_minor=order.total_minor, issued_at=now
    )
    db_session.add(receipt)
    db_session.flush()
    return receipt


def find_receipt(db_session: Session, *, order_id: int) -> Receipt | None:
    return db_session.scalar(select(Receipt).where(Receipt.order_id == order_id))


def gaps_and_repeats(db_session: Session, now: datetime) -> list[str]:
    """Numbers 1..n of each show are there once each, and n is the series' last number."""
    counted = (
        select(
            Receipt.event_id,
            func.count().label("count"),
            func.count(Receipt.number.distinct()).label("different"),
            func.min(Receipt.number).label("least"),
            func.max(Receipt.number).label("greatest"),
        )
        .group_by(Receipt.event_id)
        .subquery()
    )
    statement = (
        select(counted.c.event_id, counted.c.count, counted.c.different, counted.c.greatest, ReceiptSeries.last_number)
        .outerjoin(ReceiptSeries, ReceiptSeries.event_id == counted.c.event_id)
        .where(
            (counted.c.least != 1)
            | (counted.c.count != counted.c.different)
            | (counted.c.greatest != counted.c.count)
            | (func.coalesce(ReceiptSeries.last_number, -1) != counted.c.greatest)
        )
        .limit(SHOWN)
    )
    return [
        f"show {event_id}: {count} receipts with {different} numbers up to {greatest}, the series says {last}"
        for event_id, count, different, greatest, last in db_session.execute(statement)
    ]
