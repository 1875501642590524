"""The talk between two people who have an offer between them. Nobody else reads it, and no address is shown."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor
from swapmeet.trades import mail, queries
from swapmeet.trades.errors import BadOffer, PersonBlocked
from swapmeet.trades.models import Message, Offer


def send_message(db_session: Session, *, offer: Offer, sender_id: int, body: str, by: Actor, now: datetime) -> Message:
    """Say something to the other side of an offer. Raises PersonBlocked, BadOffer for an empty text."""
    other_id = offer.to_id if sender_id == offer.from_id else offer.from_id
    if queries.are_blocked(db_session, sender_id, other_id):
        raise PersonBlocked("You two cannot write to each other.", field="body")
    if not body.strip():
        raise BadOffer("Write something first.", field="body")
    message = Message(event_id=offer.event_id, thread_id=offer.thread_id, sender_id=sender_id, body=body, sent_at=now)
    db_session.add(message)
    db_session.flush()
    record(db_session, now=now, by=by, verb="message.sent", subject=message)
    mail.queue_message(db_session, offer, to_id=other_id, now=now)
    return message
