"""What was mailed to the buyer of an order, and the note that mail to an address came back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra import codes
from swapmeet.infra.audit import AuditEntry, record
from swapmeet.infra.outbox import MailState, OutboxMessage
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.models import Order

CAME_BACK = "order.mail_came_back"
SHOWN = 50
STATES = {
    MailState.QUEUED: ("info", "On its way"),
    MailState.SENT: ("ok", "Sent"),
    MailState.DROPPED: ("bad", "Not sent"),
}


def list_mails(db_session: Session, order: Order) -> Sequence[OutboxMessage]:
    """What went to the buyer's address about this show, newest first; nothing about what they trade with others."""
    wanted = select(OutboxMessage).where(
        OutboxMessage.event_id == order.event_id,
        OutboxMessage.to_address == order.buyer_email,
        OutboxMessage.kind.not_like("trades.%"),
    )
    return db_session.scalars(wanted.order_by(OutboxMessage.id.desc()).limit(SHOWN)).all()


def note_came_back(db_session: Session, *, order: Order, by: Actor, now: datetime) -> None:
    """Mail to the buyer's present address came back. Raises Invalid for an order without one."""
    lock(db_session, order)
    if not order.buyer_email:
        raise Invalid("This order has no address.")
    record(db_session, now=now, by=by, verb=CAME_BACK, subject=order, mark=_mark(order))


def find_came_back(db_session: Session, order: Order) -> AuditEntry | None:
    """The last note about the address that the order has now; another address makes a fresh start."""
    wanted = select(AuditEntry).where(
        AuditEntry.subject == "Order",
        AuditEntry.subject_id == order.id,
        AuditEntry.verb == CAME_BACK,
    )
    notes = db_session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(SHOWN))
    return next((note for note in notes if note.facts.get("mark") == _mark(order)), None)


def _mark(order: Order) -> str:
    """Which address it was. The log forgets nothing, so no address stands in it."""
    return codes.digest(order.buyer_email)[:16]


def load_panel(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.order."""
    if not order.buyer_email:
        return None
    mails, back = list_mails(db_session, order), find_came_back(db_session, order)
    return {"mails": mails, "back": back, "states": STATES} if mails or back else None
