"""Answers in the files for spreadsheets: columns beside orders and attendees. Nothing about health."""

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import MoreColumns
from swapmeet.questions import queries
from swapmeet.questions.models import Question, Scope


def order_columns(db_session: Session, event: Event) -> MoreColumns | None:
    """What was asked of orders, by order id."""
    if not event.asks_questions:
        return None
    questions = _columns(db_session, event, Scope.ORDER)
    answers = queries.answers_by_order(db_session, event)
    return MoreColumns(
        [each.label for each in questions],
        {key: [each.words(found.get(each.id)) for each in questions] for key, found in answers.items()},
    )


def attendee_columns(db_session: Session, event: Event) -> MoreColumns | None:
    """What people were asked, by (line id, seat)."""
    if not event.asks_questions:
        return None
    questions = _columns(db_session, event, Scope.PERSON)
    answers = queries.answers_by_seat(db_session, event)
    return MoreColumns(
        [each.label for each in questions],
        {key: [each.words(found.get(each.id)) for each in questions] for key, found in answers.items()},
    )


def _columns(db_session: Session, event: Event, scope: Scope) -> list[Question]:
    return [
        each
        for each in queries.list_questions(db_session, event_id=event.id)
        if each.scope is scope and not each.is_health
    ]
