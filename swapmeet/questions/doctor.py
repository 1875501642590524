"""Invariants of questions, as queries that must find nothing."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, exists, or_, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.models import OrderLine
from swapmeet.questions.models import Answer, HealthAnswer, Question, Scope
from swapmeet.questions.queries import BOTH

SHOWN = 20
GRACE = timedelta(days=3)


def answers_of_other_orders(db_session: Session, now: datetime) -> list[str]:
    """An answer about a person belongs to the order that bought their ticket, and to one of the line's people."""
    return [
        f"answer {answer_id} does not fit line {line_id}"
        for model in BOTH
        for answer_id, line_id in db_session.execute(
            select(model.id, model.line_id)
            .join(OrderLine, OrderLine.id == model.line_id)
            .where((OrderLine.order_id != model.order_id) | (model.subject != "line:" + _text(model)))
            .limit(SHOWN)
        )
    ]


def _text(model: Any) -> Any:
    return cast(model.line_id, String) + ":" + cast(model.seat, String)


def health_in_the_open(db_session: Session, now: datetime) -> list[str]:
    """Answers about health lie apart, and no longer than their question says."""
    open_ones = (
        select(Answer.id).join(Question, Question.id == Answer.question_id).where(Question.is_health).limit(SHOWN)
    )
    late = (
        select(HealthAnswer.id)
        .join(Question, Question.id == HealthAnswer.question_id)
        .where(Question.purge_on < (now - GRACE).date())
        .limit(SHOWN)
    )
    return [f"answer {each} is about health and does not lie apart" for each in db_session.scalars(open_ones)] + [
        f"answer {each} about health should be deleted by now" for each in db_session.scalars(late)
    ]


def shows_that_forget_to_ask(db_session: Session, now: datetime) -> list[str]:
    """A show says that it asks questions, and asks them at its door, exactly while it does."""
    asks = exists().where(Question.event_id == Event.id, Question.archived_at.is_(None))
    wrong = or_(Event.asks_questions != asks, Event.asks_at_door != asks.where(Question.scope == Scope.DOOR))
    return [
        f"show {event_id} does not know whether it asks questions"
        for event_id in db_session.scalars(select(Event.id).where(wrong).limit(SHOWN))
    ]


QUERIES = (
    DoctorQuery(12, "answers belong to who was asked", answers_of_other_orders),
    DoctorQuery(14, "answers about health lie apart and go in time", health_in_the_open),
    DoctorQuery(14, "shows know whether they ask", shows_that_forget_to_ask),
)
