"""Composes the mails about documents when the worker sends them."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event
from swapmeet.infra.outbox import Mail
from swapmeet.vendor_tables.documents import queries
from swapmeet.vendor_tables.documents.models import AskedDocument, DocumentState, VendorDocument


def compose_decided(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Accepted, or why not. Dropped when it has moved on since."""
    document = db_session.get(VendorDocument, int(payload["document_id"]))
    if document is None or document.moves != payload["moves"]:
        return None
    asked = db_session.get_one(AskedDocument, document.asked_id)
    event = db_session.get_one(Event, document.event_id)
    is_good = document.state is DocumentState.ACCEPTED
    values = {
        "asked": asked,
        "is_good": is_good,
        "reason": document.reason,
        "link": url_for("vendor_documents.show_own", slug=event.slug, asked_id=asked.id, _external=True),
    }
    return mail_of_show(
        event,
        subject=f"{asked.name} for {event.name}: {'accepted' if is_good else 'please send another'}",
        text="email/vendor_tables/document.txt",
        html="email/vendor_tables/document.html",
        values=values,
    )


def compose_reminder(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """What is still to come from this vendor. Dropped when all of it is here."""
    event = db_session.get(Event, int(payload["event_id"]))
    if event is None:
        return None
    asked = queries.list_asked(db_session, event_id=event.id)
    documents = queries.documents_of(db_session, event_id=event.id)
    missing = [row.asked for row in queries.standings(asked, documents, int(payload["vendor_id"])) if row.is_open]
    if not missing:
        return None
    values = {"missing": missing, "link": url_for("vendor_documents.list_own", slug=event.slug, _external=True)}
    return mail_of_show(
        event,
        subject=f"Documents for {event.name}",
        text="email/vendor_tables/documents.txt",
        html="email/vendor_tables/documents.html",
        values=values,
    )
