"""What the organizer's page of one order shows."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.audit import AuditEntry
from swapmeet.orders.models import LedgerEntry, Order, OrderState, Payment, Refund
from swapmeet.orders.order_pages import asked_names, order_panels
from swapmeet.orders.order_view import view_of
from swapmeet.orders.receipts import find_receipt
from swapmeet.orders.words import METHOD_WORDS, REFUND_WORDS, TENDER_WORDS
from swapmeet.web.access import may

ACCOUNT_WORDS = {
    "receivable": "Owed by the buyer",
    "sales": "Sales",
    "cash": "Cash",
    "checks": "Checks",
    "bank": "Bank",
    "fees_kept": "Kept after cancellation",
    "refunds_owed": "Owed to the buyer",
    "credits": "Credit for later shows",
    "card": "Card, at the provider",
    "tax": "Tax",
    "given_back": "Given back, order stands",
    "cash_difference": "Cash difference",
}
VERB_WORDS = {
    "order.placed": "Placed",
    "order.confirmed": "Confirmed",
    "order.canceled": "Canceled",
    "order.expired": "Ended unpaid",
    "order.revived": "Brought back by a late payment",
    "order.reseated": "Seated elsewhere: the tables had gone when the payment came",
    "order.reminded": "Reminded of what is due",
    "order.renamed": "Names changed",
    "order.answered": "Questions answered",
    "order.contact_changed": "Contact changed",
    "order.mail_again": "E-mail sent again",
    "order.mail_came_back": "Mail came back",
    "order.part_given_up": "Part of it given up",
    "order.part_given_back": "Part of the price given back",
    "order.exchanged": "One thing exchanged for another",
    "order.mail_held": "E-mail held back: the address had many",
    "news.wanted": "Wants mails about the show again",
    "news.stopped": "Wants no more mails about the show",
    "payment.begun": "Card payment begun",
    "payment.ended": "Card payment ended without money",
    "payment.differs": "Card payment differs from what was asked",
    "payment.recorded": "Payment recorded",
    "refund.requested": "Refund asked for",
    "refund.approved": "Refund approved",
    "refund.sent": "Refund on its way",
    "refund.failed": "Refund failed",
    "refund.settled": "Refund sent",
}
HISTORY = 100


def manage_page(db_session: Session, event: Event, order: Order, now: datetime) -> dict[str, Any]:
    """The values of templates/orders/manage_order.html. The books are read for those who may see money."""
    view = view_of(db_session, order, event)
    sees_money = may(Permission.MONEY_VIEW)
    return {
        "event": event,
        "order": order,
        "view": view,
        "given_up_names": {line.id: names for line, names in view.given_up},
        "sums": view.sums,
        "state": view.state,
        "is_overdue": order.state is OrderState.PLACED and order.due_at is not None and order.due_at <= now,
        "method": METHOD_WORDS[order.method] if order.method else "",
        "tender_words": TENDER_WORDS,
        "refund_words": REFUND_WORDS,
        "names": asked_names(db_session, view) if view.is_open else [],
        "panels": order_panels(db_session, order, event, now, place="manage.order"),
        "receipt": find_receipt(db_session, order_id=order.id) if order.total_minor else None,
        "history": list_history(db_session, order),
        "verb_words": VERB_WORDS,
        "entries": list_entries(db_session, order) if sees_money and order.total_minor else [],
        "account_words": ACCOUNT_WORDS,
        "can_record": may(Permission.MONEY_RECORD),
        "can_refund": may(Permission.MONEY_REFUND),
        "can_edit": may(Permission.ORDERS_EDIT),
    }


def list_history(db_session: Session, order: Order) -> list[AuditEntry]:
    """The audit entries about the order, its payments and refunds, newest first, at most a hundred."""
    payments = select(Payment.id).where(Payment.order_id == order.id)
    refunds = select(Refund.id).where(Refund.order_id == order.id)
    about = or_(
        (AuditEntry.subject == "Order") & (AuditEntry.subject_id == order.id),
        (AuditEntry.subject == "Payment") & AuditEntry.subject_id.in_(payments),
        (AuditEntry.subject == "Refund") & AuditEntry.subject_id.in_(refunds),
    )
    return list(db_session.scalars(select(AuditEntry).where(about).order_by(AuditEntry.id.desc()).limit(HISTORY)))


def list_entries(db_session: Session, order: Order) -> list[LedgerEntry]:
    """What the books say of the order, in the order of booking."""
    return list(
        db_session.scalars(select(LedgerEntry).where(LedgerEntry.order_id == order.id).order_by(LedgerEntry.id))
    )
