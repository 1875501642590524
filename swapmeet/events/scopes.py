"""Turns the show named in an address into the thing and the asker's standing there."""

from flask import g

from swapmeet.accounts.queries import standing_of
from swapmeet.accounts.scopes import asker
from swapmeet.events.queries import find_event
from swapmeet.infra.db import db
from swapmeet.web.access import Scope


def load_event(slug: str) -> Scope | None:
    """For `@requires(...)` on an address with `<slug>`; the view receives `event`, in any state."""
    db_session = db.session()
    event = find_event(db_session, slug)
    if event is None:
        return None
    standing = standing_of(
        db_session, person=asker(), organizer_id=event.organizer_id, event_id=event.id, token=g.get("api_token")
    )
    return Scope("event", event, standing)
