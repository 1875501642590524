"""What must always be true of shows, as queries that return no rows."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState, SalePeriod
from swapmeet.infra.audit import AuditEntry

STATE_VERBS = {
    EventState.PUBLISHED: "event.published",
    EventState.FINISHED: "event.finished",
    EventState.CANCELED: "event.canceled",
}


def unaudited_states(db_session: Session, now: datetime) -> list[str]:
    """Every published, finished or canceled show has the entry of that step in its log."""
    found = []
    for state, verb in STATE_VERBS.items():
        written = exists().where(AuditEntry.event_id == Event.id, AuditEntry.verb == verb)
        statement = select(Event.slug).where(Event.state == state, ~written).order_by(Event.id)
        found += [
            f"The show {slug} is {state.value} and its log does not say who did it."
            for slug in db_session.scalars(statement)
        ]
    return found


def periodless(db_session: Session, now: datetime) -> list[str]:
    """Every show has at least one sale period."""
    has_one = exists().where(SalePeriod.event_id == Event.id)
    statement = select(Event.slug).where(~has_one).order_by(Event.id)
    return [f"The show {slug} has no sale period." for slug in db_session.scalars(statement)]
