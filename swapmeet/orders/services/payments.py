"""Payments recorded by a treasurer: cash, check, bank transfer. Also money that comes too late, twice, or too much."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.registry import registry
from swapmeet.infra.signals import order_priced
from swapmeet.infra.uow import guard_is_on, lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import ledger
from swapmeet.orders.errors import AlreadyPaid, NotOnSale, WrongAmount
from swapmeet.orders.models import (
    ORDER_MACHINE,
    PAYMENT_MACHINE,
    Order,
    OrderLine,
    OrderState,
    Payment,
    PaymentState,
    PayMethod,
    Refund,
)
from swapmeet.orders.queries import list_lines, list_live_lines
from swapmeet.orders.scarcity import expire_carts, move_counters
from swapmeet.orders.sellables import HELD, Buyer, Quote, Wish
from swapmeet.orders.services.cancellations import ask_refund
from swapmeet.orders.services.carts import by_kind, hold_units, let_go, sellable_of, wanted_units
from swapmeet.orders.services.checkout import confirm_order, due_date
from swapmeet.orders.services.due_dates import follow_parts
from swapmeet.orders.services.pay_later import keep_terms
from swapmeet.orders.vouchers.applying import with_vouchers


def record_payment(
    db_session: Session,
    *,
    order: Order,
    method: PayMethod,
    amount_minor: int,
    reference: str,
    received_at: datetime,
    by: Actor,
    now: datetime,
    is_extra: bool = False,
) -> Payment:
    """Money came in by hand. An order with nothing left to pay is confirmed in the same transaction.

    Part payments add up; too much is kept as a credit and shown. Money for an order that ended unpaid brings it back while
    everything is still free; otherwise, and for a canceled order, it waits to be sent back.
    Raises NotOnSale for a cart, AlreadyPaid when nothing is owed (unless `is_extra` says so knowingly), WrongAmount.
    """
    lock(db_session, order)
    _check(db_session, order, method, amount_minor, is_extra)
    payment = Payment(
        event_id=order.event_id,
        order_id=order.id,
        method=method,
        state=PaymentState.CREATED,
        amount_minor=amount_minor,
        currency=order.currency,
        created_at=now,
        recorded_by=by.person_id,
    )
    db_session.add(payment)
    db_session.flush()
    take_in(db_session, order=order, payment=payment, reference=reference, received_at=received_at, by=by, now=now)
    return payment


def take_in(
    db_session: Session,
    *,
    order: Order,
    payment: Payment,
    reference: str,
    received_at: datetime,
    by: Actor,
    now: datetime,
) -> None:
    """The money of a payment is there: books, audit, and what follows for its order, which is locked.

    Raises IllegalTransition when it was confirmed, failed or was called off before.
    """
    PAYMENT_MACHINE.check(payment.state, PaymentState.CONFIRMED)
    if order.state is OrderState.EXPIRED:
        revive_order(db_session, event=order.event, order=order, by=by, now=now)
    payment.state, payment.confirmed_at = PaymentState.CONFIRMED, now
    payment.reference, payment.received_at = reference, received_at
    db_session.flush()
    ledger.post_payment(db_session, order, payment, now=now)
    record(
        db_session,
        now=now,
        by=by,
        verb="payment.recorded",
        subject=payment,
        target="confirmed",
        amount_minor=payment.amount_minor,
        method=payment.method.value,
    )
    db_session.flush()
    if order.state is OrderState.PLACED and ledger.owed(db_session, order) <= 0:
        confirm_order(db_session, order=order, lines=list_live_lines(db_session, order), by=by, now=now)
    elif order.state is OrderState.PLACED:
        follow_parts(db_session, order)
    elif order.state in (OrderState.EXPIRED, OrderState.CANCELED):
        give_credit_back(db_session, order=order, reason="came after the order had ended", by=by, now=now)


def _check(db_session: Session, order: Order, method: PayMethod, amount_minor: int, is_extra: bool) -> None:
    if order.placed_at is None:
        raise NotOnSale("This was a cart and never an order; money for it cannot be recorded.")
    if method not in ledger.TENDER:
        raise WrongAmount("Choose cash, check or bank transfer.", field="method")
    if amount_minor <= 0:
        raise WrongAmount("Write the sum that came in.", field="amount")
    if order.state is OrderState.CONFIRMED and not is_extra and ledger.owed(db_session, order) <= 0:
        raise AlreadyPaid(
            "Nothing is owed on this order; it was paid before. If this is more money, tick the box and record it again.",
            field="is_extra",
        )


def give_credit_back(db_session: Session, *, order: Order, reason: str, by: Actor, now: datetime) -> Refund:
    """What was paid too much waits for the treasurer to send it back. Raises WrongAmount when there is no such sum."""
    credit = -ledger.owed(db_session, order)
    if credit <= 0:
        raise WrongAmount("Nothing was paid too much on this order.")
    ledger.post_credit_back(db_session, order, credit, now=now)
    return ask_refund(db_session, order=order, amount_minor=credit, reason=reason, by=by, now=now)


def revive_order(db_session: Session, *, event: Event, order: Order, by: Actor, now: datetime) -> bool:
    """Bring an order back that ended unpaid, at its old prices. False leaves it as it is.

    All of it is still free, or a feature finds as good a place for what is gone (the nearest free tables of the same size).
    """
    lines = [
        line
        for line in list_lines(db_session, order)
        if line.released_at is not None and order.closed_at is not None and line.released_at >= order.closed_at
    ]
    if not _claim_or_nothing(db_session, event, order, lines, by, now, elsewhere=False) and not _claim_or_nothing(
        db_session, event, order, lines, by, now, elsewhere=True
    ):
        return False
    ORDER_MACHINE.check(order.state, OrderState.PLACED)
    order.state, order.closed_at = OrderState.PLACED, None
    order.due_at = due_date(event, order.method, now)
    keep_terms(db_session, event=event, order=order, now=now)
    ledger.post_sale(db_session, order, lines, now=now)
    record(db_session, now=now, by=by, verb="order.revived", subject=order, origin="expired", target="placed")
    db_session.flush()
    order_priced.send(order, db_session=db_session, order=order, address="", is_mailed=False, by=by, now=now)
    return True


def _claim_or_nothing(
    db_session: Session,
    event: Event,
    order: Order,
    lines: Sequence[OrderLine],
    by: Actor,
    now: datetime,
    *,
    elsewhere: bool,
) -> bool:
    try:  # a control run ends its transaction on the way
        with db_session.begin_nested() if guard_is_on() else nullcontext():
            if elsewhere and not _look_elsewhere(db_session, event, order, lines, by, now):
                return False
            _claim_again(db_session, event, order, lines, by, now)
    except DomainError:
        return False
    return True


def _look_elsewhere(
    db_session: Session, event: Event, order: Order, lines: Sequence[OrderLine], by: Actor, now: datetime
) -> bool:
    """Each feature moves its lines to what is free; False when none of them could."""
    given = {"event": event, "order": order, "lines": lines, "by": by, "now": now}
    moved = [move(db_session, **given) for move in registry().reseaters]
    return any(moved)


def _claim_again(
    db_session: Session, event: Event, order: Order, lines: Sequence[OrderLine], by: Actor, now: datetime
) -> None:
    """Quotas and places of released lines, all or nothing. Raises SoldOut and what the sellables raise."""
    buyer = Buyer(order.person_id, order.buyer_email, order)
    pairs: list[tuple[OrderLine, Quote]] = []
    blockers: list[int] = []
    for kind, group in by_kind(lines):
        wishes = [Wish(kind, line.product_id, line.quantity, {**line.facts, HELD: line.id}) for line in group]
        sellable = sellable_of(kind)
        quotes = sellable.quote(db_session, event=event, wishes=wishes, buyer=buyer, now=now)
        quotes = with_vouchers(db_session, event, quotes)
        pairs += zip(group, quotes, strict=True)
        blockers += sellable.blockers(db_session, event=event, wishes=wishes, now=now)
    wanted = wanted_units([quote for _, quote in pairs])
    expired = expire_carts(db_session, quota_ids=wanted, order_ids=blockers, now=now)
    let_go(db_session, expired, now=now)
    move_counters(db_session, wanted=wanted, given_back=expired.given_back, now=now)
    for line in lines:
        line.released_at = None
    db_session.flush()
    hold_units(db_session, [line for line, _ in pairs], [quote for _, quote in pairs])
    for kind, group in by_kind(lines):
        sellable_of(kind).claim(db_session, event=event, lines=group, now=now, expires_at=now, by=by)
        sellable_of(kind).extend(db_session, lines=group, expires_at=None)
