"""The mail about where an application stands, composed when the worker sends it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event
from swapmeet.infra.outbox import Mail
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services.rights import list_kept_for
from swapmeet.vendor_tables.applications.states import ApplicationState, seen_by_vendor
from swapmeet.vendor_tables.queries import list_places_by_id
from swapmeet.vendor_tables.services.claims import listed

S = ApplicationState
SUBJECTS: Mapping[ApplicationState, str] = {
    S.SUBMITTED: "Your application for {show} has come in",
    S.CHANGES_REQUESTED: "Please change your application for {show}",
    S.WAITLISTED: "You are on the waiting list of {show}",
    S.OFFERED: "A table for you at {show}",
    S.DECLINED: "Your application for {show}",
    S.LAPSED: "The offer of {show} has lapsed",
    S.WITHDRAWN: "Your application for {show} is withdrawn",
    S.CONFIRMED: "Your table at {show} is confirmed",
    S.CANCELED: "Your table at {show} is canceled",
}


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Dropped when the application has moved on meanwhile, or such a step is told to nobody."""
    application = db_session.get(Application, int(payload["application_id"]))
    if application is None or application.moves != payload["moves"]:
        return None
    places = list_places_by_id(db_session, event_id=application.event_id, ids=application.places)
    return preview(
        application,
        application.state,
        application.message,
        labels=[place.label for place in places],
        expires_at=application.offer_expires_at,
    )


def preview(
    application: Application,
    state: ApplicationState,
    message: str,
    *,
    labels: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> Mail | None:
    """The mail that says this; the organizer may look at it before it is sent."""
    state = seen_by_vendor(state)
    if state not in SUBJECTS:
        return None
    event = application.event
    subject = SUBJECTS[state].format(show=event.name)
    shared = {
        "application": application,
        "state": state.value,
        "message": message,
        "labels": ("tables " if len(labels) > 1 else "table ") + listed(labels) if labels else "",
        "expires_at": expires_at,
        "link": url_for("applications.show_own", slug=event.slug, _external=True),
    }
    return mail_of_show(
        event,
        subject=subject,
        text="email/vendor_tables/application.txt",
        html="email/vendor_tables/application.html",
        values=shared,
    )


def compose_right(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Last time's tables are kept for this vendor. Dropped when none is any more."""
    event = db_session.get(Event, int(payload["event_id"]))
    vendor_id = int(payload["vendor_id"])
    rows = list_kept_for(db_session, event_id=event.id, vendor_id=vendor_id) if event is not None else []
    if event is None or not rows:
        return None
    until = min(row.expires_at for row in rows if row.expires_at is not None)
    subject = f"Your table at {event.name} again?"
    shared = {
        "labels": listed([row.place.label for row in rows]),
        "until": until,
        "link": url_for("applications.show_own", slug=event.slug, _external=True),
    }
    return mail_of_show(
        event,
        subject=subject,
        text="email/vendor_tables/right.txt",
        html="email/vendor_tables/right.html",
        values=shared,
    )
