"""Orders that end by themselves: unpaid past their due date, or because their show is canceled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, literal_column, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.due_models import DuePart
from swapmeet.orders.models import (
    OPEN_STATES,
    ORDER_MACHINE,
    Order,
    OrderState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from swapmeet.orders.queries import list_live_lines, paid_so_far
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.carts import release_orders
from swapmeet.orders.services.checkout import mail_order
from swapmeet.orders.services.pay_later import still_kept
from swapmeet.web.filters import money, plural

UNPAID_GRACE = timedelta(hours=12)  # after the due day: a check may lie in the mailbox already
CANCEL_JOB = "orders.cancel_all"
AT_ONCE = 50  # orders closed in one transaction


def expire_unpaid(db_session: Session, *, order: Order, by: Actor, now: datetime) -> None:
    """An order whose due date has passed unpaid gives its places back. Part payments wait for the treasurer instead."""
    lock(db_session, order)
    is_due = order.state is OrderState.PLACED and order.due_at is not None and order.due_at <= now
    if is_due and paid_so_far(db_session, order) <= 0:
        _expire(db_session, [order], by=by, now=now)


def sweep_unpaid(db_session: Session, *, now: datetime, limit: int = AT_ONCE) -> int:
    """End orders that nobody paid by their due date (an invoice: the days after it) and a grace of twelve hours.

    Returns how many.
    """
    at = now - UNPAID_GRACE
    part_paid = exists().where(Payment.order_id == Order.id, Payment.state == PaymentState.CONFIRMED)
    due = (
        select(Order)
        .where(Order.state == literal_column("'placed'"), Order.due_at <= at, ~part_paid, ~still_kept(at))
        .order_by(Order.id)
        .limit(limit)
        .with_for_update(of=Order, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    orders = list(db_session.scalars(due))
    _expire(db_session, orders, by=Actor.job("expiry"), now=now)
    return len(orders)


def lapse_late(db_session: Session, *, now: datetime, limit: int = AT_ONCE) -> int:
    """End orders whose later part did not come by its date and a grace, where the terms say so: what was paid is kept.

    Orders with less than what was due before wait for the treasurer, as all part payments do. Returns how many ended.
    """
    late = (
        select(Order)
        .join(DuePart, and_(DuePart.order_id == Order.id, DuePart.due_at == Order.due_at))
        .where(
            Order.state == literal_column("'placed'"),
            Order.due_at <= now - UNPAID_GRACE,
            DuePart.lapses,
            DuePart.position > 0,
        )
        .order_by(Order.id)
        .limit(limit)
        .options(joinedload(Order.event))
        .with_for_update(of=Order, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    orders = list(db_session.scalars(late))
    for order in orders:
        cancel_order(
            db_session,
            event=order.event,
            order=order,
            seen_back_minor=0,
            reason="the rest had not come by its date",
            by=Actor.job("expiry"),
            now=now,
            keeps_all=True,
            fact="lapsed",
        )
    return len(orders)


def _expire(db_session: Session, orders: Sequence[Order], *, by: Actor, now: datetime) -> None:
    """Orders that are locked and have no money on them."""
    pairs = [(order, list_live_lines(db_session, order)) for order in orders]
    for order in orders:
        ORDER_MACHINE.check(order.state, OrderState.EXPIRED)
        order.state, order.closed_at, order.due_at = OrderState.EXPIRED, now, None
    release_orders(db_session, pairs=pairs, reason="unpaid", by=by, now=now)
    for order, lines in pairs:
        ledger.post_cancellation(db_session, order, lines, kept_minor=-order.adjust_minor, owed_back_minor=0, now=now)
        order.adjust_minor = 0
        record(
            db_session,
            now=now,
            by=by,
            verb="order.expired",
            subject=order,
            origin="placed",
            target="expired",
            reason="unpaid at its due date",
        )
        if order.mail_held_at is None:  # an order nobody was told about ends without a word, too
            mail_order(db_session, order, "expired", now=now)


def start_canceling(db_session: Session, event: Event, by: Actor, now: datetime) -> None:
    """The show is canceled: a job cancels its orders, a few in each transaction, with everything paid going back."""
    payload = {"event_id": event.id, "by": by.label, "person_id": by.person_id, "round": 0}
    enqueue(db_session, CANCEL_JOB, payload, now=now, key=f"{CANCEL_JOB}:{event.id}:0")


def preview_canceling(db_session: Session, event: Event, now: datetime) -> list[tuple[str, str]]:
    """What canceling the show would do to its orders: how many end, how much goes back."""
    open_ones = select(func.count()).where(Order.event_id == event.id, Order.state.in_(OPEN_STATES))
    came_in = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
        Payment.event_id == event.id, Payment.state == PaymentState.CONFIRMED
    )
    gone = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.event_id == event.id, Refund.state != RefundState.FAILED
    )
    count = db_session.scalar(open_ones) or 0
    back = int(db_session.scalar(came_in) or 0) - int(db_session.scalar(gone) or 0)
    return [
        ("Orders canceled", plural(count, "order", "orders")),
        ("Money to send back, at most", money(back, event.currency, event.locale)),
    ]


def cancel_some(db_session: Session, payload: dict[str, int | str | None], now: datetime) -> None:
    """One round of that job; it asks for the next one while orders are left."""
    event = db_session.get_one(Event, payload["event_id"])
    orders = _lock_open_orders(db_session, event.id)
    by = Actor.job(f"show canceled by {payload['by']}")
    for order in orders:
        preview = preview_cancellation(db_session, event=event, order=order, now=now, full_refund=True)
        cancel_order(
            db_session,
            event=event,
            order=order,
            seen_back_minor=preview.back_minor,
            reason="the show is canceled",
            by=by,
            now=now,
            full_refund=True,
        )
    if orders:
        following = int(payload["round"] or 0) + 1
        key = f"{CANCEL_JOB}:{event.id}:{following}"
        enqueue(db_session, CANCEL_JOB, {**payload, "round": following}, now=now, key=key)


def _lock_open_orders(db_session: Session, event_id: int) -> list[Order]:
    open_ones = (
        select(Order)
        .where(Order.event_id == event_id, Order.state.in_(OPEN_STATES))
        .order_by(Order.id)
        .limit(AT_ONCE)
        .options(joinedload(Order.event))
        .with_for_update(of=Order)
        .execution_options(populate_existing=True)
    )
    return list(db_session.scalars(open_ones))
