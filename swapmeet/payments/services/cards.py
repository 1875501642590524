"""Payments on a provider's page: opened once, taken in once, sent back once, however often anybody says so."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.codes import link_key
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.errors import AlreadyPaid, NotOnSale
from swapmeet.orders.models import (
    OPEN_STATES,
    PAYMENT_MACHINE,
    REFUND_MACHINE,
    Order,
    OrderState,
    Payment,
    PaymentState,
    PayMethod,
    Refund,
    RefundSource,
    RefundState,
)
from swapmeet.orders.services.cancellations import ask_refund
from swapmeet.orders.services.due_dates import due_now
from swapmeet.orders.services.payments import give_credit_back, take_in
from swapmeet.orders.services.settling import settle_refund
from swapmeet.payments.errors import NotByCard
from swapmeet.payments.models import CardPayment, CardRefund, ProviderEvent
from swapmeet.payments.providers.interface import BackState, HostedPage, Message, PageState, SentBack

PAGE_LIVES = timedelta(minutes=35)
REFUND_JOB = "payments.card_refund"
LOOK_UP_JOB = "payments.card_look_up"
WAITING = (PaymentState.CREATED, PaymentState.PENDING)
PROVIDER = Actor.job("payment provider")


def begin_payment(
    db_session: Session, *, order: Order, provider: str, by: Actor, now: datetime, is_whole: bool = False
) -> CardPayment:
    """The payment whose page the buyer goes to: the one that is open already, while its sum is right, or a new one.

    Of an order in parts it is the next part, or all that is owed (`is_whole`). So a double click and a second tab lead to
    one page. Raises AlreadyPaid, NotOnSale.
    """
    lock(db_session, order)
    owed = ledger.owed(db_session, order)
    amount = owed if is_whole else due_now(db_session, order)
    if order.state not in OPEN_STATES:
        raise NotOnSale("This order is over; it cannot be paid any more.")
    if owed <= 0:
        raise AlreadyPaid("Nothing has to be paid on this order any more.")
    open_ones = (
        select(CardPayment)
        .join(Payment, Payment.id == CardPayment.payment_id)
        .where(Payment.order_id == order.id, Payment.state.in_(WAITING), Payment.amount_minor == amount)
        .where(CardPayment.ends_at > now + timedelta(minutes=1))
        .order_by(CardPayment.payment_id.desc())
    )
    known = db_session.scalars(open_ones).first()
    if known is not None:
        return known
    payment = Payment(
        event_id=order.event_id,
        order_id=order.id,
        method=PayMethod.CARD,
        state=PaymentState.CREATED,
        amount_minor=amount,
        currency=order.currency,
        created_at=now,
        recorded_by=by.person_id,
    )
    db_session.add(payment)
    db_session.flush()
    card = CardPayment(payment_id=payment.id, provider=provider, seal=link_key(), ends_at=now + PAGE_LIVES)
    db_session.add(card)
    record(db_session, now=now, by=by, verb="payment.begun", subject=payment, target="created", amount_minor=amount)
    db_session.flush()
    return card


def find_begun(db_session: Session, *, order_id: int) -> Payment | None:
    """The newest payment of an order whose page was opened and whose end nobody has told yet."""
    wanted = (
        select(Payment)
        .join(CardPayment, CardPayment.payment_id == Payment.id)
        .where(Payment.order_id == order_id, Payment.state == PaymentState.PENDING)
        .order_by(Payment.id.desc())
    )
    return db_session.scalars(wanted.limit(1)).one_or_none()


def keep_page(db_session: Session, *, payment_id: int, page: HostedPage, now: datetime) -> None:
    """The provider has made the page. Asked again with the same key it names the same one."""
    card, payment = _locked(db_session, payment_id)
    card.session_ref, card.page_url = page.session_ref, page.url
    if payment.state is PaymentState.CREATED:
        PAYMENT_MACHINE.check(payment.state, PaymentState.PENDING)
        payment.state = PaymentState.PENDING
    db_session.flush()


def take_message(db_session: Session, *, provider: str, message: Message, now: datetime) -> str:
    """Do what a signed message says, once. Returns the outcome in a word; a repeat does nothing and says "repeated"."""
    known = select(ProviderEvent.id).where(
        ProviderEvent.provider == provider, ProviderEvent.event_ref == message.event_ref
    )
    if db_session.scalar(known) is not None:
        return "repeated"
    outcome = "not followed"
    if message.page is not None:
        outcome = take_page(db_session, page=message.page, by=PROVIDER, now=now)
    elif message.sent_back is not None:
        outcome = take_sent_back(db_session, sent_back=message.sent_back, by=PROVIDER, now=now)
    db_session.add(
        ProviderEvent(
            provider=provider,
            event_ref=message.event_ref,
            kind=message.kind,
            about=message.about,
            outcome=outcome,
            received_at=now,
        )
    )
    db_session.flush()
    return outcome


def take_page(db_session: Session, *, page: HostedPage, by: Actor, now: datetime) -> str:
    """A page stands so at the provider, told by a message or looked up. The first who says "paid" confirms the payment."""
    card = db_session.scalar(select(CardPayment).where(CardPayment.session_ref == page.session_ref))
    if card is None:
        return "unknown"
    if guard_is_on():
        card, payment = _locked(db_session, card.payment_id)
    else:
        payment = db_session.get_one(Payment, card.payment_id)
    open_gap(db_session)
    if payment.state not in WAITING:
        return "known before"
    if page.state is PageState.PAID:
        return _take_paid(db_session, card, payment, page, by, now)
    if page.state in (PageState.EXPIRED, PageState.FAILED):
        target = PaymentState.CANCELED if page.state is PageState.EXPIRED else PaymentState.FAILED
        PAYMENT_MACHINE.check(payment.state, target)
        origin, payment.state = payment.state, target
        record(
            db_session, now=now, by=by, verb="payment.ended", subject=payment, origin=origin.value, target=target.value
        )
        return target.value
    return "open"


def _take_paid(
    db_session: Session, card: CardPayment, payment: Payment, page: HostedPage, by: Actor, now: datetime
) -> str:
    if (page.amount_minor, page.currency) != (payment.amount_minor, payment.currency):
        card.problem = f"The provider says {page.amount_minor} {page.currency} were paid, which is another sum."
        record(db_session, now=now, by=by, verb="payment.differs", subject=payment, reason=card.problem)
        return "another sum"
    order = db_session.get_one(Order, payment.order_id)
    was_over = order.state in (OrderState.EXPIRED, OrderState.CANCELED)
    card.intent_ref = page.intent_ref
    take_in(
        db_session,
        order=order,
        payment=payment,
        reference=(page.intent_ref or page.session_ref)[:100],
        received_at=now,
        by=by,
        now=now,
    )
    if order.state in OPEN_STATES and ledger.owed(db_session, order) < 0:  # two pages with different sums were open
        give_credit_back(db_session, order=order, reason="paid twice by card", by=by, now=now)
    if was_over:
        _tell_team(db_session, order, payment, now)
    return "paid"


def _tell_team(db_session: Session, order: Order, payment: Payment, now: datetime) -> None:
    """Money came for an order that had ended: the team learns whether it stands again or the money has to go back."""
    if order.event.contact_email:
        queue_mail(
            db_session,
            kind="payments.late",
            to=order.event.contact_email,
            payload={"payment_id": payment.id},
            fact_key=f"late:{payment.id}",
            now=now,
            event_id=order.event_id,
        )


def approve_card_refund(db_session: Session, *, refund: Refund, by: Actor, now: datetime) -> None:
    """The treasurer sends it back to the card it came from: a job asks the provider, with a key of the refund's own.

    Raises NotByCard, IllegalTransition when it was settled before. Asked twice, the job is asked for once.
    """
    lock(db_session, db_session.get_one(Order, refund.order_id))
    db_session.refresh(refund)
    if _intent_of(db_session, refund) is None:
        raise NotByCard("This refund did not come by card: send it the way its money came.")
    known = db_session.get(CardRefund, refund.id)
    if refund.state is RefundState.APPROVED and known is not None and not known.problem:
        return
    if refund.state is not RefundState.APPROVED:
        REFUND_MACHINE.check(refund.state, RefundState.APPROVED)
        origin, refund.state, refund.decided_by = refund.state, RefundState.APPROVED, by.person_id
        record(
            db_session, now=now, by=by, verb="refund.approved", subject=refund, origin=origin.value, target="approved"
        )
    if known is None:
        db_session.add(CardRefund(refund_id=refund.id))
    else:
        known.problem = ""
    db_session.flush()
    enqueue(db_session, REFUND_JOB, {"refund_id": refund.id}, now=now)


def _intent_of(db_session: Session, refund: Refund) -> str | None:
    wanted = (
        select(CardPayment.intent_ref)
        .join(RefundSource, RefundSource.payment_id == CardPayment.payment_id)
        .where(RefundSource.refund_id == refund.id)
    )
    return db_session.scalar(wanted)


def refund_to_send(db_session: Session, refund_id: int) -> tuple[str, int] | None:
    """(the provider's payment, minor units) of an approved refund; None when nothing is to be done any more."""
    refund = db_session.get(Refund, refund_id)
    intent = _intent_of(db_session, refund) if refund is not None else None
    if refund is None or intent is None or refund.state is not RefundState.APPROVED:
        return None
    return intent, refund.amount_minor


def keep_sent_back(
    db_session: Session, *, refund_id: int, sent_back: SentBack | None, problem: str, by: Actor, now: datetime
) -> None:
    """What the provider answered to a refund: on its way, done, or a refusal for the treasurer to read."""
    card = db_session.get_one(CardRefund, refund_id)
    if sent_back is None:
        card.problem = problem[:300]
        return
    card.refund_ref, card.problem = sent_back.refund_ref, ""
    db_session.flush()
    take_sent_back(db_session, sent_back=sent_back, by=by, now=now)


def take_sent_back(db_session: Session, *, sent_back: SentBack, by: Actor, now: datetime) -> str:
    """A refund stands so at the provider. The first who says "done" settles it."""
    card = db_session.scalar(select(CardRefund).where(CardRefund.refund_ref == sent_back.refund_ref))
    if card is None:
        return "unknown"
    refund = db_session.get_one(Refund, card.refund_id)
    order = db_session.get_one(Order, refund.order_id)
    lock(db_session, order)
    db_session.refresh(refund)
    if refund.state in (RefundState.DONE, RefundState.FAILED):
        return "known before"
    if refund.state is not RefundState.SENT:
        REFUND_MACHINE.check(refund.state, RefundState.SENT)
        origin, refund.state = refund.state, RefundState.SENT
        record(db_session, now=now, by=by, verb="refund.sent", subject=refund, origin=origin.value, target="sent")
    if sent_back.state is BackState.DONE:
        settle_refund(
            db_session, refund=refund, method=PayMethod.CARD, reference=sent_back.refund_ref[:100], by=by, now=now
        )
        return "done"
    if sent_back.state is BackState.FAILED:
        _ask_anew(db_session, order, refund, card, sent_back.problem, by, now)
        return "failed"
    return "sent"


def _ask_anew(
    db_session: Session, order: Order, refund: Refund, card: CardRefund, problem: str, by: Actor, now: datetime
) -> None:
    """The bank behind the card gave the refund back: the sum is still owed, so another refund waits for the treasurer."""
    REFUND_MACHINE.check(refund.state, RefundState.FAILED)
    refund.state, refund.closed_at = RefundState.FAILED, now
    card.problem = problem or "The card did not take the money back."
    record(
        db_session,
        now=now,
        by=by,
        verb="refund.failed",
        subject=refund,
        origin="sent",
        target="failed",
        reason=card.problem,
    )
    db_session.flush()
    again = ask_refund(
        db_session,
        order=order,
        amount_minor=refund.amount_minor,
        reason="the card did not take it back: send it another way",
        by=by,
        now=now,
    )
    again.method = PayMethod.CHECK


def ask_for_look_ups(db_session: Session, *, now: datetime) -> None:
    """Tidying: pages that nobody has said a word about for a while are looked up at the provider by a job."""
    stale = (
        select(CardPayment.payment_id)
        .join(Payment, Payment.id == CardPayment.payment_id)
        .where(
            Payment.state == PaymentState.PENDING,
            Payment.created_at < now - timedelta(minutes=2),
            Payment.created_at > now - timedelta(days=8),
        )
        .order_by(CardPayment.payment_id)
        .limit(50)
    )
    for payment_id in list(db_session.scalars(stale)):
        enqueue(
            db_session,
            LOOK_UP_JOB,
            {"payment_id": payment_id},
            now=now,
            key=f"{LOOK_UP_JOB}:{payment_id}:{now:%Y%m%d%H}{now.minute // 5}",
        )


def _locked(db_session: Session, payment_id: int) -> tuple[CardPayment, Payment]:
    """The order first, as everywhere, then payment and page read anew."""
    payment = db_session.get_one(Payment, payment_id)
    lock(db_session, db_session.get_one(Order, payment.order_id))
    db_session.refresh(payment)
    card = db_session.get_one(CardPayment, payment_id)
    db_session.refresh(card)
    return card, payment
