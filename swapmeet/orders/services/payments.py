"""Payments recorded by a treasurer: cash, check, bank transfer."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.errors import AlreadyPaid, NotOnSale, WrongAmount
from swapmeet.orders.models import Order, OrderState, Payment, PaymentState, PayMethod
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.checkout import confirm_order


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
) -> Payment:
    """Money came in by hand. An order with nothing left to pay is confirmed in the same transaction.

    Part payments add up; too much is kept as a credit on the order and shown. Raises NotOnSale for an order that is not
    waiting for money, AlreadyPaid when nothing is owed, WrongAmount for sums that make no sense.
    """
    lock(db_session, order)
    if order.state is OrderState.CONFIRMED and ledger.owed(db_session, order) <= 0:
        raise AlreadyPaid("Nothing is owed on this order. It was paid before.")
    if order.state not in (OrderState.PLACED, OrderState.CONFIRMED):
        raise NotOnSale(f"This order is {order.state.value}; money for it cannot be recorded here.")
    if method not in ledger.TENDER:
        raise WrongAmount("Choose cash, check or bank transfer.", field="method")
    if amount_minor <= 0:
        raise WrongAmount("Write the sum that came in.", field="amount")
    payment = Payment(
        event_id=order.event_id,
        order_id=order.id,
        method=method,
        state=PaymentState.CONFIRMED,
        amount_minor=amount_minor,
        currency=order.currency,
        reference=reference,
        received_at=received_at,
        created_at=now,
        confirmed_at=now,
        recorded_by=by.person_id,
    )
    db_session.add(payment)
    db_session.flush()
    ledger.post_payment(db_session, order, payment, now=now)
    record(
        db_session,
        now=now,
        by=by,
        verb="payment.recorded",
        subject=payment,
        target="confirmed",
        amount_minor=amount_minor,
        method=method.value,
    )
    db_session.flush()
    if order.state is OrderState.PLACED and ledger.owed(db_session, order) <= 0:
        confirm_order(db_session, order=order, lines=list_live_lines(db_session, order), by=by, now=now)
    return payment
