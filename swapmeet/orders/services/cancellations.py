"""Cancellation: the sum is computed from the policy the order was placed under, shown first, then booked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState, Policy
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders import ledger
from swapmeet.orders.errors import PriceChanged
from swapmeet.orders.models import (
    ORDER_MACHINE,
    Order,
    OrderLine,
    OrderState,
    Payment,
    PaymentState,
    PayMethod,
    Refund,
    RefundSource,
    RefundState,
)
from swapmeet.orders.queries import list_live_lines, paid_so_far
from swapmeet.orders.refunds import RefundTerms, cancel_sum, split_over, terms_on
from swapmeet.orders.services.carts import release_lines
from swapmeet.orders.services.checkout import hold_mail, mail_order


@dataclass(frozen=True)
class CancellationPreview:
    """What canceling now would mean: per line its terms, what was paid, what comes back, what is kept."""

    lines: Sequence[tuple[OrderLine, RefundTerms]]
    paid_minor: int
    back_minor: int
    kept_minor: int
    full_refund: bool = False

    @property
    def fee_minor(self) -> int:
        """The fee of the terms, taken once an order."""
        return max((terms.fee_minor for line, terms in self.lines if line.total_minor and terms.percent), default=0)


def preview_cancellation(
    db_session: Session,
    *,
    event: Event,
    order: Order,
    now: datetime,
    full_refund: bool = False,
    keeps_all: bool = False,
) -> CancellationPreview:
    """The sums of canceling now. `full_refund` is the organizer's choice, and the rule when the show is canceled.

    `keeps_all`: the order has lapsed, and what was paid is kept as its buyer had agreed to.
    """
    lines = list_live_lines(db_session, order)
    today = to_local(now, event.time_zone).date()
    terms = [(line, terms_for(db_session, order, line, event.first_day, today)) for line in lines]
    full_refund = full_refund or event.state is EventState.CANCELED
    paid = paid_so_far(db_session, order)
    back = 0 if keeps_all else paid
    if not full_refund and not keeps_all:
        totals = [(line.total_minor, term) for line, term in terms]
        back = cancel_sum(paid, sum(line.total_minor for line in lines), order.adjust_minor, totals)
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
    keeps_all: bool = False,
    is_mailed: bool = True,
    fact: str = "canceled",
) -> Refund | None:
    """Cancel the order: places free, badges void, the refund (if any) waits for the treasurer.

    `is_mailed`: False when the buyer's address has had so many mails that this one is held back. `fact` names the mail.

    Raises PriceChanged when the sum differs from the one shown, IllegalTransition for an order that is over already.
    """
    lock(db_session, order)
    ORDER_MACHINE.check(order.state, OrderState.CANCELED)
    preview = preview_cancellation(
        db_session, event=event, order=order, now=now, full_refund=full_refund, keeps_all=keeps_all
    )
    if preview.back_minor != seen_back_minor:
        raise PriceChanged("The refund has changed since you opened this page. Look at the new sum and confirm again.")
    origin, back = order.state, preview.back_minor
    lines = [line for line, _ in preview.lines]
    kept = preview.kept_minor - order.adjust_minor
    order.state, order.closed_at, order.due_at = OrderState.CANCELED, now, None
    order.adjust_minor = 0
    release_lines(db_session, order=order, lines=lines, reason="canceled", by=by, now=now)
    if origin is not OrderState.CART:
        ledger.post_cancellation(db_session, order, lines, kept_minor=kept, owed_back_minor=back, now=now)
    record(
        db_session,
        now=now,
        by=by,
        verb="order.canceled",
        subject=order,
        origin=origin.value,
        target="canceled",
        reason=reason,
        back_minor=back,
        kept_minor=preview.kept_minor,
    )
    refund = ask_refund(db_session, order=order, amount_minor=back, reason=reason, by=by, now=now) if back else None
    if is_mailed:
        mail_order(db_session, order, fact, now=now)
    else:
        hold_mail(db_session, order, now=now)
    return refund


def ask_refund(
    db_session: Session, *, order: Order, amount_minor: int, reason: str, by: Actor, now: datetime
) -> Refund:
    """A refund that waits for the treasurer, one for each payment it gives back, the newest first. Returns the first.

    The debt is booked by the caller, who has made sure that so much was paid.
    """
    refunds = []
    for payment, amount in _sources(db_session, order, amount_minor):
        refund = Refund(
            event_id=order.event_id,
            order_id=order.id,
            method=payment.method if payment is not None else PayMethod.CHECK,
            state=RefundState.REQUESTED,
            amount_minor=amount,
            currency=order.currency,
            reason=reason,
            created_at=now,
        )
        db_session.add(refund)
        db_session.flush()
        if payment is not None:
            db_session.add(RefundSource(refund_id=refund.id, payment_id=payment.id))
        record(
            db_session,
            now=now,
            by=by,
            verb="refund.requested",
            subject=refund,
            target="requested",
            amount_minor=amount,
        )
        refunds.append(refund)
    db_session.flush()
    return refunds[0]


def _sources(db_session: Session, order: Order, amount_minor: int) -> list[tuple[Payment | None, int]]:
    """Payments that can still give back, newest first, with the part each gives. None: what no payment covers."""
    confirmed = (
        select(Payment)
        .where(Payment.order_id == order.id, Payment.state == PaymentState.CONFIRMED)
        .order_by(Payment.id.desc())
    )
    gone = (
        select(RefundSource.payment_id, func.sum(Refund.amount_minor))
        .join(Refund, Refund.id == RefundSource.refund_id)
        .where(Refund.order_id == order.id, Refund.state != RefundState.FAILED)
        .group_by(RefundSource.payment_id)
    )
    given = {payment_id: int(sum_) for payment_id, sum_ in db_session.execute(gone)}
    payments = list(db_session.scalars(confirmed))
    parts, rest = split_over(amount_minor, [each.amount_minor - given.get(each.id, 0) for each in payments])
    found: list[tuple[Payment | None, int]] = [(each, part) for each, part in zip(payments, parts, strict=True) if part]
    return [*found, (None, rest)] if rest else found


def terms_for(db_session: Session, order: Order, line: OrderLine, first_day: date, today: date) -> RefundTerms:
    """The terms for a line on a day, of the policy the order was placed under."""
    policy_id = order.vendor_policy_id if line.refund_policy == "vendor_refund" else order.policy_id
    policy = db_session.get(Policy, policy_id) if policy_id else None
    return terms_on(policy.steps if policy else [], first_day=first_day, today=today)
