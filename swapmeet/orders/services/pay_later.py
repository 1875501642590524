"""Orders on invoice: when their buyers are reminded, and until when they keep their places after the due day."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.time import end_of_day, to_local
from swapmeet.orders.due_models import PayLater
from swapmeet.orders.models import Order, PayMethod

REMIND_BEFORE = timedelta(days=7)


def keep_terms(db_session: Session, *, event: Event, order: Order, now: datetime) -> None:
    """Write down what the invoice's due date means for an order that has just been placed, or has come back.

    Its places are never kept longer than the show lasts. The reminder comes a week ahead, or half-way where the time is short.
    """
    if order.method is not PayMethod.INVOICE or order.due_at is None:
        return
    due_on = to_local(order.due_at, event.time_zone).date()
    last = max(due_on, min(event.last_day, due_on + timedelta(days=event.invoice_extra_days)))
    db_session.merge(
        PayLater(
            order_id=order.id,
            event_id=order.event_id,
            remind_at=order.due_at - min(REMIND_BEFORE, (order.due_at - now) / 2),
            keeps_until=end_of_day(last, event.time_zone) - timedelta(minutes=1),
            told_soon_at=None,
            told_late_at=None,
        )
    )
    db_session.flush()


def still_kept(at: datetime) -> ColumnElement[bool]:
    """For a statement about orders: an invoice keeps this one although its due date has passed."""
    return exists().where(PayLater.order_id == Order.id, PayLater.keeps_until > at)
