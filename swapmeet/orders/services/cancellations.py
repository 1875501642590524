"""Cancellation: the sum is computed from the policy the order was placed under, shown first, then booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Policy
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders import ledger
from swapmeet.orders.errors import PriceChanged, RefundTooLarge
from swapmeet.orders.models import (
    ORDER_MACHINE,
    REFUND_MACHINE,
    Order,
    OrderLine,
    OrderState,
    Payment,
    PaymentState,
    PayMethod,
    Refund,
    RefundState,
)
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.refunds import RefundTerms, refund_sum, terms_on
from swapmeet.orders.services.carts import release_lines
from swapmeet.orders.services.checkout import mail_order


@dataclass(frozen=True)
class CancellationPreview:
    """What canceling now would mean: per line its terms, what was paid, what comes back, what is kept."""

    lines: Sequence[tuple[OrderLine, RefundTerms]]
    paid_minor: int
    back_minor: int
    kept_minor: int
    full_refund: bool = False


def preview_cancellation(
    db_session: Session, *, event: Event, order: Order, now: datetime, full_refund: bool = False
) -> CancellationPreview:
    """The sums of canceling at this instant. `full_refund` is the organizer's choice (and the rule when the show is canceled)."""
    lines = list_live_lines(db_session, order)
    today = to_local(now, event.time_zone).date()
    terms = [(line, _terms_for(db_session, order, line, event.first_day, today)) for line in lines]
    paid = paid_so_far(db_session, order)
    total = sum(line.total_minor for line in lines)
    back = paid if full_refund else refund_sum(paid, [(line.total_minor, term) for line, term in terms])
    if paid > total and not full_refund:
        back = min(paid, back + paid - total)  # what was paid too much always comes back
    return CancellationPreview(terms, paid, back, paid - back, full_refund)


def cancel_order(
    db_session: Session,
    *,
    event: Event,
    order: Order,
    seen_back_minor: int,
    reason: str,
    by: Actor,
    now: datetime,
    full_refund: bool = False,
) -> Refund | None:
    """Cancel the order: places free, badges void, the refund (if any) waits for the treasurer.

    Raises PriceChanged when the sum differs from the one shown, IllegalTransition for an order that is over already.
    """
    lock(db_session, order)
    ORDER_MACHINE.check(order.state, OrderState.CANCELED)
    preview = preview_cancellation(db_session, event=event, order=order, now=now, full_refund=full_refund)
    if preview.back_minor != seen_back_minor:
        raise PriceChanged("The refund has changed since you opened this page. Look at the new sum and confirm again.")
    origin = order.state
    lines = [line for line, _ in preview.lines]
    release_lines(db_session, order=order, lines=lines, reason="canceled", by=by, now=now)
    order.state = OrderState.CANCELED
    order.closed_at = now
    order.due_at = None
    order.cart_digest = None
    if origin is not OrderState.CART:
        ledger.post_cancellation(
            db_session, order, lines, kept_minor=preview.kept_minor, owed_back_minor=preview.back_minor, now=now
        )
    record(
        db_session,
        now=now,
        by=by,
        verb="order.canceled",
        subject=order,
        origin=origin.value,
        target="canceled",
        reason=reason,
        back_minor=preview.back_minor,
    )
    refund = _ask_refund(db_session, order, preview.back_minor, reason, by, now) if preview.back_minor else None
    mail_order(db_session, order, "canceled", now=now)
    return refund


def settle_refund(
    db_session: Session, *, refund: Refund, method: PayMethod, reference: str, by: Actor, now: datetime
) -> None:
    """The treasurer sent the money. Raises IllegalTransition when it was settled before, RefundTooLarge above what was captured."""
    order = db_session.get_one(Order, refund.order_id)
    lock(db_session, order)
    db_session.refresh(refund)
    REFUND_MACHINE.check(
        RefundState.APPROVED if refund.state is RefundState.REQUESTED else refund.state, RefundState.DONE
    )
    sent = (
        db_session.scalar(
            select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
                Refund.order_id == order.id, Refund.state == RefundState.DONE
            )
        )
        or 0
    )
    if sent + refund.amount_minor > captured(db_session, order):
        raise RefundTooLarge("That is more than was paid for this order.")
    origin = refund.state
    refund.state, refund.method, refund.reference = RefundState.DONE, method, reference
    refund.closed_at, refund.decided_by = now, by.person_id
    db_session.flush()
    ledger.post_refund(db_session, order, refund, now=now)
    record(
        db_session,
        now=now,
        by=by,
        verb="refund.settled",
        subject=refund,
        origin=origin.value,
        target="done",
        amount_minor=refund.amount_minor,
    )


def captured(db_session: Session, order: Order) -> int:
    """Minor units of confirmed payments."""
    statement = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
        Payment.order_id == order.id, Payment.state == PaymentState.CONFIRMED
    )
    return int(db_session.scalar(statement) or 0)


def paid_so_far(db_session: Session, order: Order) -> int:
    """Captured less refunds that are not failed."""
    back = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == order.id, Refund.state != RefundState.FAILED
    )
    return captured(db_session, order) - int(db_session.scalar(back) or 0)


def expire_unpaid(db_session: Session, *, event: Event, order: Order, by: Actor, now: datetime) -> None:
    """An order whose due date has passed unpaid gives its places back. Part payments wait for the treasurer instead."""
    lock(db_session, order)
    if (
        order.state is not OrderState.PLACED
        or order.due_at is None
        or order.due_at > now
        or paid_so_far(db_session, order) > 0
    ):
        return
    lines = list_live_lines(db_session, order)
    release_lines(db_session, order=order, lines=lines, reason="unpaid", by=by, now=now)
    ORDER_MACHINE.check(order.state, OrderState.EXPIRED)
    order.state, order.closed_at, order.due_at = OrderState.EXPIRED, now, None
    ledger.post_cancellation(db_session, order, lines, kept_minor=0, owed_back_minor=0, now=now)
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
    mail_order(db_session, order, "expired", now=now)


def _terms_for(db_session: Session, order: Order, line: OrderLine, first_day: date, today: date) -> RefundTerms:
    policy_id = order.vendor_policy_id if line.refund_policy == "vendor_refund" else order.policy_id
    policy = db_session.get(Policy, policy_id) if policy_id else None
    return terms_on(policy.steps if policy else [], first_day=first_day, today=today)


def _ask_refund(db_session: Session, order: Order, amount_minor: int, reason: str, by: Actor, now: datetime) -> Refund:
    last = db_session.scalar(
        select(Payment.method)
        .where(Payment.order_id == order.id, Payment.state == PaymentState.CONFIRMED)
        .order_by(Payment.id.desc())
        .limit(1)
    )
    refund = Refund(
        event_id=order.event_id,
        order_id=order.id,
        method=last or PayMethod.CHECK,
        state=RefundState.REQUESTED,
        amount_minor=amount_minor,
        currency=order.currency,
        reason=reason,
        created_at=now,
    )
    db_session.add(refund)
    record(
        db_session,
        now=now,
        by=by,
        verb="refund.requested",
        subject=refund,
        target="requested",
        amount_minor=amount_minor,
    )
    return refund


UNPAID_GRACE = timedelta(hours=12)
