"""Refunds are sent: the treasurer says so, once each, and never more than came in."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.errors import RefundTooLarge, WrongAmount
from swapmeet.orders.models import REFUND_MACHINE, Order, PayMethod, Refund, RefundState
from swapmeet.orders.queries import captured, sent_back


def settle_refund(
    db_session: Session, *, refund: Refund, method: PayMethod, reference: str, by: Actor, now: datetime
) -> None:
    """The money was sent. Raises IllegalTransition when it was settled before, RefundTooLarge above what came in."""
    order = db_session.get_one(Order, refund.order_id)
    lock(db_session, order)
    db_session.refresh(refund)
    origin = refund.state
    if origin is RefundState.REQUESTED:  # sending it is approving it
        refund.state = RefundState.APPROVED
    REFUND_MACHINE.check(refund.state, RefundState.DONE)
    if method not in ledger.TENDER:
        raise WrongAmount("Choose cash, check or bank transfer.", field="method")
    if sent_back(db_session, order) + refund.amount_minor > captured(db_session, order):
        raise RefundTooLarge("That is more than was paid for this order.")
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
        method=method.value,
    )
