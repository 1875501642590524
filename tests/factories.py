"""Builds rows with sensible values. Each factory takes the session and keyword changes, adds, flushes and returns the row."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.accounts.models import Organizer, Person, TeamMember
from swapmeet.events.models import Event, EventKind, EventState, Hall, Policy, PolicyKind, SalePeriod
from swapmeet.infra.audit import record
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import badge_code
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Quota

REFUND_STEPS = [
    {"until_days_before": 60, "refund_percent": 100, "fee_minor": 500},
    {"until_days_before": 14, "refund_percent": 50, "fee_minor": 0},
]


def _add(db_session: Session, row: Any) -> Any:
    db_session.add(row)
    db_session.flush()
    return row


def person(db_session: Session, name: str = "Pat Example", **changes: Any) -> Person:
    return _add(db_session, new_person(name, **changes))


def new_person(name: str, **changes: Any) -> Person:
    """Not yet in a session, so that many go in together."""
    values = {
        "name": name,
        "email": f"{name.lower().replace(' ', '.')}@example.org",
        "active": True,
        "fs_uniquifier": badge_code(),
        "confirmed_at": utcnow().replace(tzinfo=None),
        "created_at": utcnow(),
    }
    return Person(**{**values, **changes})


def organizer(db_session: Session, name: str = "Lakeside Club", **changes: Any) -> Organizer:
    values = {"name": name, "slug": name.lower().replace(" ", "-"), "email": "club@example.org", "created_at": utcnow()}
    return _add(db_session, Organizer(**{**values, **changes}))


def member(
    db_session: Session, *, organizer: Organizer, person: Person, roles: list[str], event: Event | None = None
) -> TeamMember:
    row = TeamMember(
        organizer_id=organizer.id,
        person_id=person.id,
        event_id=event.id if event else None,
        roles=roles,
        created_at=utcnow(),
    )
    return _add(db_session, row)


def event(db_session: Session, *, organizer: Organizer, name: str = "Lakeside Fair", **changes: Any) -> Event:
    """A published two-day show 90 days ahead, with one sale period and a refund policy."""
    first = changes.pop("first_day", None) or utcnow().date() + timedelta(days=90)
    values = {
        "organizer_id": organizer.id,
        "slug": name.lower().replace(" ", "-"),
        "name": name,
        "kind": EventKind.SWAP_MEET,
        "state": EventState.PUBLISHED,
        "first_day": first,
        "last_day": first + timedelta(days=1),
        "opens_from": first,
        "venue_name": "Harbour Hall",
        "place": "Lakeside",
        "time_zone": "America/New_York",
        "currency": "USD",
        "created_at": utcnow(),
        "published_at": utcnow(),
    }
    row = _add(db_session, Event(**{**values, **changes}))
    if row.state is EventState.PUBLISHED:
        record(db_session, now=utcnow(), by=Actor.command("test"), verb="event.published", subject=row, event_id=row.id)
    db_session.add(SalePeriod(event_id=row.id, code="whole", label="Whole show"))
    db_session.add_all(
        Policy(event_id=row.id, kind=kind, number=1, steps=REFUND_STEPS, created_at=utcnow())
        for kind in (PolicyKind.ATTENDEE_REFUND, PolicyKind.VENDOR_REFUND)
    )
    db_session.flush()
    return row


def hall(db_session: Session, *, event: Event, code: str = "main", **changes: Any) -> Hall:
    values = {
        "event_id": event.id,
        "code": code,
        "name": "Main hall",
        "width_mm": 30000,
        "depth_mm": 20000,
        "max_people": 300,
    }
    return _add(db_session, Hall(**{**values, **changes}))


def quota(db_session: Session, *, event: Event, capacity: int | None, name: str = "Weekend", **changes: Any) -> Quota:
    return _add(db_session, Quota(**{"event_id": event.id, "name": name, "capacity": capacity, **changes}))


def first_day() -> date:
    return utcnow().date() + timedelta(days=90)
