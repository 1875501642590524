"""Applications on the show's waiting list: each that waits for a table stands in the line of everybody who does."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.events.queries import list_sale_periods
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import end_of_day
from swapmeet.orders.waitlist import joining, marks
from swapmeet.orders.waitlist.joining import Newcomer
from swapmeet.orders.waitlist.models import WaitingItem, WaitState
from swapmeet.orders.waitlist.serving import lock_list
from swapmeet.vendor_tables import line as in_line
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications.models import Application, ApplicationInLine
from swapmeet.vendor_tables.applications.queries import find_entry
from swapmeet.vendor_tables.applications.states import ApplicationState

KIND = "application"  # of what is waited for: the tables of one application
AT_ONCE = 200


def lock_line(db_session: Session, event_id: int) -> None:
    """Before applications are locked that may leave the line or enter it: whoever serves holds the list first."""
    lock_list(db_session, event_id)


def enter(
    db_session: Session, application: Application, *, by: Actor, now: datetime, stood_at: datetime | None = None
) -> None:
    """It waits: a place at the end of the line, for as many tables side by side as were asked for.

    Who stands there already (an offer lapsed, and they wait again) keeps that place. A show without such tables has no line.
    """
    known = find_entry(db_session, application.id)
    if known is not None and known.state is WaitState.WAITING:
        return
    event = db_session.get_one(Event, application.event_id)
    found = _lines(db_session, event, application)
    if found is None:
        return
    period_id, title, queues = found
    item = WaitingItem(
        event_id=event.id,
        kind=KIND,
        product_id=application.id,
        choice={"sale_period_id": period_id},
        title=title,
        quantity=application.table_count,
        queues=queues,
    )
    person, until = application.vendor.person, application.willing_until
    who = Newcomer(
        name=application.name or application.vendor.name,
        email=person.email if person is not None and person.erased_at is None else "",
        person_id=person.id if person is not None else None,
        is_adjacent=application.table_count > 1,
        willing_until=end_of_day(until, event.time_zone) if until else None,
    )
    entry = joining.stand(db_session, event_id=event.id, items=[item], who=who, by=by, now=now, stood_at=stood_at)
    row = db_session.get(ApplicationInLine, application.id)
    if row is None:
        row = ApplicationInLine(application_id=application.id, event_id=event.id)
        db_session.add(row)
    row.entry_id = entry.id
    db_session.flush()


def _lines(db_session: Session, event: Event, application: Application) -> tuple[int, str, list[str]] | None:
    """(sale period, what is waited for, names of the lines), or None where no such table is sold."""
    periods = list_sale_periods(db_session, event_id=event.id)
    period = next((each for each in periods if each.id == application.sale_period_id), periods[0] if periods else None)
    if period is None:
        return None
    types = [
        each
        for each in floor_queries.list_types(db_session, event_id=event.id)
        if floor_queries.is_sold_in(each, period) and application.type_id in (None, each.id)
    ]
    if not types:
        return None
    title = types[0].name if len(types) == 1 else "Table of any kind"
    return period.id, title, sorted(in_line.queue(each.id, period.id) for each in types)


def leave(db_session: Session, application: Application, *, by: Actor, now: datetime, reason: str) -> None:
    """It waits no longer: out of the line, if it stands there."""
    entry = find_entry(db_session, application.id)
    if entry is not None and entry.state is WaitState.WAITING:
        marks.close(db_session, entry, WaitState.LEFT, by=by, now=now, reason=reason)


def enter_all(db_session: Session, *, now: datetime) -> None:
    """Who was put on the list before applications stood in line gets the place of that day."""
    stands = exists().where(ApplicationInLine.application_id == Application.id)
    statement = (
        select(Application)
        .join(Event, Event.id == Application.event_id)
        .where(Application.state == ApplicationState.WAITLISTED, Event.state == EventState.PUBLISHED, ~stands)
        .order_by(Application.waitlisted_at, Application.id)
        .limit(AT_ONCE)
    )
    for application in db_session.scalars(statement).all():
        enter(db_session, application, by=Actor.job("waiting list"), now=now, stood_at=application.waitlisted_at)
