"""What the tests of managing shows share: forms as typed, the log of a show."""

from typing import Any

from sqlalchemy import select

from swapmeet.events.models import Event
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.db import db
from swapmeet.kernel.actor import Actor

BY = Actor.command("test")
NEW = {
    "name": "Spring Swap",
    "kind": "swap meet",
    "first_day": "2027-04-10",
    "last_day": "",
    "venue_name": "Harbour Hall",
    "place": "Lakeside",
    "time_zone": "America/Chicago",
    "currency": "USD",
    "locale": "en-US",
    "slug": "",
}


def details_of(event: Event, **changes: Any) -> dict[str, Any]:
    """The edit form as a browser sends it back untouched."""
    from swapmeet.events.forms import show_form
    from swapmeet.events.queries import list_series

    with db.session.get_bind().connect(), _request():
        form = show_form(event, list_series(db.session(), organizer_id=event.organizer_id), zone_name=event.time_zone)
        sent = {}
        for field in form:
            if field.type == "BooleanField":
                if field.data:
                    sent[field.name] = "y"
            elif field.type in ("ChoiceField", "RadioField"):
                sent[field.name] = "" if field.data is None else getattr(field.data, "value", field.data)
            elif field.type != "CSRFTokenField":
                sent[field.name] = field._value()
    return {**sent, **changes}


def _request() -> Any:
    from flask import current_app

    return current_app.test_request_context()


def fresh() -> None:
    """Let go of what was read: other sessions have written since."""
    db.session.rollback()
    db.session.expire_all()


def log_of(event_id: int) -> list[str]:
    return list(
        db.session.scalars(select(AuditEntry.verb).where(AuditEntry.event_id == event_id).order_by(AuditEntry.id))
    )
