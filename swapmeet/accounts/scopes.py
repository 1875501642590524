"""Turns the organizer named in an address into the thing and the asker's standing there."""

from flask import g
from flask_login import current_user

from swapmeet.accounts.models import Person
from swapmeet.accounts.queries import find_organizer, standing_of
from swapmeet.infra.db import db
from swapmeet.web.access import Scope


def asker() -> Person | None:
    """The person of the API token, else of the sign-in session, else None."""
    token = g.get("api_token")
    if token is not None:
        return db.session.get(Person, token.person_id)
    return current_user._get_current_object() if current_user.is_authenticated else None


def load_organizer(slug: str) -> Scope | None:
    """For `@requires(..., scope="organizer_slug")`; the view receives `organizer`."""
    db_session = db.session()
    organizer = find_organizer(db_session, slug)
    if organizer is None:
        return None
    standing = standing_of(db_session, person=asker(), organizer_id=organizer.id, token=g.get("api_token"))
    return Scope("organizer", organizer, standing)
