"""Admits people for these tests through the service that orders call, and makes API tokens."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import ApiToken
from swapmeet.badges.models import Attendee, Badge
from swapmeet.badges.services import Admission, admit
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import digest, link_key
from swapmeet.infra.uow import transaction
from swapmeet.kernel.time import from_local


def attendee(
    db_session: Session, event: Event, name: str = "Ann Lee", *, order_code: str = "K7Q2MMMM", **changes: Any
) -> Badge:
    """One attendee's badge."""
    values = {"name": name, "email": "ann@example.org", "ticket_label": "Weekend pass", **changes}
    people = [Admission(**values)]
    admitted = admit(db_session, event_id=event.id, admissions=people, order_code=order_code, now=utcnow())
    return db_session.scalars(select(Badge).where(Badge.attendee_id.in_(admitted))).one()


def admitted(world: Any, name: str = "Ann Lee", **changes: Any) -> Badge:
    """The same, committed."""
    with transaction() as db_session:
        return attendee(db_session, world.show(), name, **changes)


def at_show_time(world: Any, clock: Any, hours: int = 10, minutes: int = 2, *, day: int = 0) -> datetime:
    """Set the clock to a local time of the show's first (or later) day."""
    event = world.show()
    moment = from_local(event.first_day + timedelta(days=day), time(hours, minutes), event.time_zone)
    clock.set(moment)
    return moment


def attendee_of(db_session: Session, badge: Badge) -> Attendee:
    return db_session.scalars(select(Attendee).where(Attendee.id == badge.attendee_id)).one()


def token(
    world: Any, *, key: str = "dora", event_id: int | None = None, permissions: tuple[str, ...] = ("door.check_in",)
) -> str:
    """A fresh API token of one of the cast."""
    secret = link_key()
    with transaction() as db_session:
        row = ApiToken(
            organizer_id=world.organizer.id,
            event_id=event_id,
            person_id=world.ids[key],
            label="Scanner 1",
            token_digest=digest(secret),
            permissions=list(permissions),
            created_at=utcnow(),
        )
        db_session.add(row)
    return secret
