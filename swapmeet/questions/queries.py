"""Reads of questions and answers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine
from swapmeet.questions.errors import QuestionNotFound
from swapmeet.questions.kinds import COUNTABLE, counted
from swapmeet.questions.models import Answer, HealthAnswer, Question, Scope

BOTH: tuple[Any, Any] = (Answer, HealthAnswer)


def get_question(db_session: Session, *, event_id: int, question_id: int, is_health: bool | None = None) -> Question:
    """Raises QuestionNotFound for ids of other shows and unknown ones alike; also for the other kind, if `is_health` is given."""
    found = db_session.scalar(select(Question).where(Question.event_id == event_id, Question.id == question_id))
    if found is None or is_health not in (None, found.is_health):
        raise QuestionNotFound("There is no such question in this show.")
    return found


def list_questions(db_session: Session, *, event_id: int, with_archived: bool = False) -> list[Question]:
    """By position, then id."""
    statement = select(Question).where(Question.event_id == event_id)
    if not with_archived:
        statement = statement.where(Question.archived_at.is_(None))
    return list(db_session.scalars(statement.order_by(Question.position, Question.id)))


def answers_of_order(db_session: Session, *, order_id: int) -> dict[tuple[str, int], Any]:
    """Every answer of one order, about health too, by (subject, question id): for the buyer's own eyes."""
    found: dict[tuple[str, int], Any] = {}
    for model in BOTH:
        rows = db_session.execute(
            select(model.subject, model.question_id, model.value).where(model.order_id == order_id)
        )
        found |= {(subject, question_id): value for subject, question_id, value in rows}
    return found


def count_answers(db_session: Session, *, event_id: int) -> dict[int, int]:
    """How many answers there are, by question; also those of orders that were canceled since."""
    found: dict[int, int] = {}
    for model in BOTH:
        rows = db_session.execute(
            select(model.question_id, func.count()).where(model.event_id == event_id).group_by(model.question_id)
        )
        found |= {question_id: int(count) for question_id, count in rows}
    return found | {key: len(rows) for key, rows in answers_of_vendors(db_session, event_id=event_id).items()}


def answers_of_vendors(db_session: Session, *, event_id: int) -> dict[int, list[tuple[str, Any]]]:
    """What was answered in applications that were sent: question id -> [(who, answer)], oldest application first."""
    found: dict[int, list[tuple[str, Any]]] = {}
    for read in registry().kept_answers:
        for who, answers in read(db_session, event_id=event_id):
            for key, value in answers.items():
                found.setdefault(int(key), []).append((who, value))
    return found


def has_answers(db_session: Session, question: Question) -> bool:
    if question.scope is Scope.VENDOR:
        return question.id in answers_of_vendors(db_session, event_id=question.event_id)
    return any(
        db_session.scalar(select(model.id).where(model.question_id == question.id).limit(1)) is not None
        for model in BOTH
    )


def tallies(db_session: Session, *, event_id: int, questions: Sequence[Question]) -> dict[int, list[tuple[str, int]]]:
    """How often each answer was given, for kinds that can be counted: of orders that still stand, and of vendors who applied."""
    by_id = {each.id: each for each in questions if each.kind in COUNTABLE}
    found: dict[int, list[tuple[Any, int]]] = {
        question_id: [(value, 1) for _, value in rows]
        for question_id, rows in answers_of_vendors(db_session, event_id=event_id).items()
        if question_id in by_id
    }
    for model in BOTH:
        statement = (
            _standing(model, model.question_id, model.value, func.count())
            .where(model.event_id == event_id, model.question_id.in_(by_id))
            .group_by(model.question_id, model.value)
        )
        for question_id, value, count in db_session.execute(statement):
            found.setdefault(question_id, []).append((value, int(count)))
    return {question_id: counted(by_id[question_id].kind, rows) for question_id, rows in found.items()}


def answers_to(question: Question) -> Select[Any]:
    """Who answered one question what: order code, buyer, line's facts and title, seat, answer; those of orders that still stand."""
    model: Any = HealthAnswer if question.is_health else Answer
    statement = _standing(
        model, model.value, model.seat, Order.code, Order.buyer_name, OrderLine.title, OrderLine.facts
    )
    return statement.where(model.question_id == question.id).order_by(Order.code, model.line_id, model.seat)


def answers_by_order(db_session: Session, event: Event) -> dict[int, dict[int, Any]]:
    """What was asked of orders, nothing about health: order id -> question id -> answer."""
    found: dict[int, dict[int, Any]] = {}
    rows = db_session.execute(
        select(Answer.order_id, Answer.question_id, Answer.value).where(
            Answer.event_id == event.id, Answer.line_id.is_(None)
        )
    )
    for order_id, question_id, value in rows:
        found.setdefault(order_id, {})[question_id] = value
    return found


def answers_by_seat(db_session: Session, event: Event) -> dict[tuple[int, int], dict[int, Any]]:
    """What people were asked, nothing about health: (line id, seat) -> question id -> answer."""
    found: dict[tuple[int, int], dict[int, Any]] = {}
    rows = db_session.execute(
        select(Answer.line_id, Answer.seat, Answer.question_id, Answer.value).where(
            Answer.event_id == event.id, Answer.line_id.is_not(None)
        )
    )
    for line_id, seat, question_id, value in rows:
        found.setdefault((line_id, seat), {})[question_id] = value
    return found


def name_of_seat(facts: dict[str, Any] | None, seat: int) -> str:
    """The name that the buyer gave for one person of a line."""
    names = (facts or {}).get("names", [])
    return str(names[seat - 1]) if 0 < seat <= len(names) else ""


def _standing(model: Any, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(Order, Order.id == model.order_id)
        .outerjoin(OrderLine, OrderLine.id == model.line_id)
        .where(Order.state.in_(OPEN_STATES), or_(model.line_id.is_(None), OrderLine.released_at.is_(None)))
    )
