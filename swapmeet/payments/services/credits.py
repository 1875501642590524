"""A credit instead of a refund: made from a refund that waits, spent at any later show of the organizer."""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.codes import clean_typed, order_code
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders import ledger
from swapmeet.orders.models import Order, Payment, PayMethod, Refund
from swapmeet.orders.services.payments import record_payment
from swapmeet.orders.services.settling import settle_refund
from swapmeet.payments.errors import CreditUnknown
from swapmeet.payments.models import Credit, CreditUse


def turn_into_credit(
    db_session: Session, *, event: Event, refund: Refund, expires_on: date | None, by: Actor, now: datetime
) -> Credit:
    """The refund is settled by a credit of the same sum; its code goes to the buyer by mail. Raises what settling raises."""
    order, code = db_session.get_one(Order, refund.order_id), f"C{order_code()}"
    settle_refund(db_session, refund=refund, method=PayMethod.CREDIT, reference=code, by=by, now=now)
    credit = Credit(
        organizer_id=event.organizer_id,
        event_id=event.id,
        refund_id=refund.id,
        code=code,
        amount_minor=refund.amount_minor,
        left_minor=refund.amount_minor,
        currency=refund.currency,
        holder_name=order.buyer_name,
        holder_email=order.buyer_email,
        expires_on=expires_on,
        created_at=now,
    )
    db_session.add(credit)
    db_session.flush()
    record(db_session, now=now, by=by, verb="credit.made", subject=credit, amount_minor=credit.amount_minor)
    if order.buyer_email:
        queue_mail(
            db_session,
            kind="payments.credit",
            to=order.buyer_email,
            payload={"credit_id": credit.id},
            fact_key=f"credit:{credit.id}",
            now=now,
            event_id=event.id,
            person_id=order.person_id,
        )
    return credit


def spend_credit(db_session: Session, *, event: Event, order: Order, code: str, by: Actor, now: datetime) -> Payment:
    """Pay as much of what is owed as the credit still has. Raises CreditUnknown, and what `record_payment` raises.

    The guarded update decides between two who spend it at once.
    """
    lock(db_session, order)
    today = to_local(now, event.time_zone).date()
    credit = find_credit(db_session, event=event, code=code, today=today)
    if credit is None:
        raise CreditUnknown("There is no credit with this code for this show, or nothing is left of it.", field="code")
    amount = min(credit.left_minor, max(0, ledger.owed(db_session, order)))
    if amount <= 0:
        raise CreditUnknown("Nothing has to be paid on this order.", field="code")
    open_gap(db_session)
    _take(db_session, credit, amount)
    payment = record_payment(
        db_session,
        order=order,
        method=PayMethod.CREDIT,
        amount_minor=amount,
        reference=credit.code,
        received_at=now,
        by=by,
        now=now,
    )
    db_session.add(CreditUse(payment_id=payment.id, credit_id=credit.id))
    record(db_session, now=now, by=by, verb="credit.spent", subject=credit, event_id=event.id, amount_minor=amount)
    db_session.flush()
    return payment


def find_credit(db_session: Session, *, event: Event, code: str, today: date) -> Credit | None:
    """A credit that can be spent at this show today."""
    wanted = select(Credit).where(
        Credit.code == clean_typed(code)[:16],
        Credit.organizer_id == event.organizer_id,
        Credit.currency == event.currency,
        Credit.left_minor > 0,
    )
    credit = db_session.scalar(wanted.execution_options(populate_existing=True))
    return credit if credit is not None and (credit.expires_on is None or credit.expires_on >= today) else None


def _take(db_session: Session, credit: Credit, amount: int) -> None:
    """Raises CreditUnknown when somebody else was faster."""
    left = update(Credit).where(Credit.id == credit.id).values(left_minor=Credit.left_minor - amount)
    if not guard_is_on():
        left = update(Credit).where(Credit.id == credit.id).values(left_minor=credit.left_minor - amount)
    else:
        left = left.where(Credit.left_minor >= amount)
    result = db_session.execute(left.execution_options(synchronize_session=False))
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise CreditUnknown("This credit was spent a moment ago. Look at what is left of it.", field="code")
    db_session.expire(credit, ["left_minor"])
