"""Orders on invoice: who may choose it, the invoice that is issued at once, its mail, and the reminders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import TeamMember
from swapmeet.events.models import Event
from swapmeet.infra import documents
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.due_models import PayLater
from swapmeet.orders.models import OPEN_STATES, Order, OrderState, PayMethod
from swapmeet.orders.services.checkout import mail_order
from swapmeet.payments.models import Invoice, InvoiceKind
from swapmeet.payments.services.invoicing import find_standing, issue_invoice

PAPER = "invoice"  # the kind of its document
PLACED, SOON, LATE = "placed", "invoice_soon", "invoice_late"  # facts whose mail brings the paper along
AT_ONCE = 50  # reminders in one transaction


def methods(db_session: Session, event: Event, person_id: int | None) -> list[PayMethod]:
    """An invoice, for a signed-in buyer whom a feature knows, where the show offers it to them."""
    if event.invoice_days is None or not event.invoice_online or person_id is None:
        return []
    is_known = any(knows(db_session, person_id) for knows in registry().known_buyers)
    return [PayMethod.INVOICE] if is_known else []


def is_club(db_session: Session, person_id: int) -> bool:
    """Somebody in the team of an organizer."""
    return bool(db_session.scalar(select(exists().where(TeamMember.person_id == person_id))))


def save_terms(
    db_session: Session, *, event: Event, days: int | None, extra_days: int, online: bool, by: Actor, now: datetime
) -> None:
    """Offer invoices with so many days to pay, or none (`days` None). Placed orders keep their dates."""
    lock(db_session, event)
    event.invoice_days, event.invoice_extra_days, event.invoice_online = days, extra_days, online
    record(
        db_session,
        now=now,
        by=by,
        verb="event.invoice_terms_changed",
        subject=event,
        event_id=event.id,
        days=days,
        extra_days=extra_days,
        online=online,
    )


def note_priced(sender: Order, **facts: Any) -> None:
    """Listens to `order_priced`: an order on invoice has one over all it holds, and its mail waits for the paper."""
    if sender.method is not PayMethod.INVOICE or sender.state not in OPEN_STATES or not sender.total_minor:
        return
    db_session: Session = facts["db_session"]
    address = facts["address"] or _last_address(db_session, sender) or sender.buyer_name
    issue_invoice(db_session, order=sender, address=address, by=facts["by"], now=facts["now"])
    if facts["is_mailed"]:
        mail_with_paper(db_session, sender, PLACED, now=facts["now"])


def _last_address(db_session: Session, order: Order) -> str:
    earlier = select(Invoice.address).where(Invoice.order_id == order.id, Invoice.kind == InvoiceKind.INVOICE)
    return db_session.scalar(earlier.order_by(Invoice.id.desc()).limit(1)) or ""


def mail_with_paper(db_session: Session, order: Order, fact: str, *, now: datetime) -> None:
    """Have the invoice drawn; the mail about the fact goes once it is there."""
    invoice = find_standing(db_session, order)
    if invoice is None or not order.buyer_email:
        return
    payload = paper_payload(invoice, fact)
    documents.request_document(db_session, kind=PAPER, payload=payload, now=now, event_id=order.event_id)


def paper_payload(invoice: Invoice, fact: str) -> dict[str, Any]:
    return {"invoice_id": invoice.id, "name": paper_name(invoice), "fact": fact}


def paper_name(invoice: Invoice) -> str:
    """What its file is called, without the ending."""
    return f"{invoice.kind.value.replace('_', '-')}-{invoice.number}"


def mail_paper(db_session: Session, payload: Mapping[str, Any], *, now: datetime) -> None:
    """The paper is there, or cannot be drawn: its mail goes now, in the second case without it."""
    invoice = db_session.get(Invoice, int(payload["invoice_id"]))
    if invoice is None or "fact" not in payload:
        return
    order = db_session.get_one(Order, invoice.order_id)
    fact = str(payload["fact"])
    if fact == PLACED:
        mail_order(db_session, order, PLACED, now=now, with_files=True)
        return
    queue_mail(
        db_session,
        kind=f"orders.{fact}",
        to=order.buyer_email,
        payload={"order_id": order.id},
        fact_key=f"order:{order.id}:{fact}:{invoice.id}",
        now=now,
        event_id=order.event_id,
        person_id=order.person_id,
        with_files=True,
    )


def papers_of_mail(db_session: Session, order: Order, fact: str) -> list[tuple[str, str, bytes]]:
    """The invoice as a file of that mail, where it was drawn for it lately."""
    if order.method is not PayMethod.INVOICE or fact not in (PLACED, SOON, LATE):
        return []
    invoice = find_standing(db_session, order)
    found = documents.find_ready(db_session, kind=PAPER, payload=paper_payload(invoice, fact)) if invoice else None
    if found is None:
        return []
    name = documents.kind_of(found).file_name(found.payload)
    return [(name, "application/pdf", documents.read_document(db_session, found))]


def remind(db_session: Session, *, now: datetime, limit: int = AT_ONCE) -> int:
    """Tell buyers on invoice before its day, and once more after it. Once each; returns how many were told."""
    is_soon = PayLater.told_soon_at.is_(None) & (PayLater.remind_at <= now)
    is_late = PayLater.told_late_at.is_(None) & (Order.due_at <= now)
    wanted = (
        select(PayLater, Order)
        .join(Order, Order.id == PayLater.order_id)
        .where(Order.state == OrderState.PLACED, Order.mail_held_at.is_(None), or_(is_soon, is_late))
        .order_by(PayLater.order_id)
        .limit(limit)
        .with_for_update(of=PayLater, skip_locked=True)
    )
    count = 0
    for terms, order in db_session.execute(wanted).all():
        is_past = order.due_at is not None and order.due_at <= now
        terms.told_soon_at = terms.told_soon_at or now
        terms.told_late_at = now if is_past else terms.told_late_at
        mail_with_paper(db_session, order, LATE if is_past else SOON, now=now)
        record(
            db_session,
            now=now,
            by=Actor.job("reminder"),
            verb="order.reminded",
            subject=order,
            target="invoice past its day" if is_past else "invoice due soon",
        )
        count += 1
    db_session.flush()
    return count
