"""Answers in the files for spreadsheets: columns beside orders and attendees. Nothing about health."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import MoreColumns
from swapmeet.questions import queries
from swapmeet.questions.models import Scope


def order_columns(db_session: Session, event: Event) -> MoreColumns | None:
    """What was asked of orders, by order id."""
    return _columns(db_session, event, (Scope.ORDER,), queries.answers_by_order)


def attendee_columns(db_session: Session, event: Event) -> MoreColumns | None:
    """What people were asked, when ordering and at the door, by (line id, seat)."""
    return _columns(db_session, event, (Scope.PERSON, Scope.DOOR), queries.answers_by_seat)


def _columns(
    db_session: Session,
    event: Event,
    scopes: Sequence[Scope],
    read: Callable[[Session, Event], Mapping[Any, Mapping[int, Any]]],
) -> MoreColumns | None:
    if not event.asks_questions:
        return None
    questions = [
        each
        for each in queries.list_questions(db_session, event_id=event.id)
        if each.scope in scopes and not each.is_health
    ]
    return MoreColumns(
        [each.label for each in questions],
        {key: [each.words(found.get(each.id)) for each in questions] for key, found in read(db_session, event).items()},
    )
