"""Writes: make, change, order and switch off questions; keep answers; purge what was said about health."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.pieces import Division
from swapmeet.orders.services.divisions import move_seats
from swapmeet.questions.blocks import Block
from swapmeet.questions.errors import BadQuestion, QuestionFixed
from swapmeet.questions.kinds import CAN_LEAD, WITH_OPTIONS, QuestionKind
from swapmeet.questions.models import Answer, HealthAnswer, Question, Scope, may_follow
from swapmeet.questions.queries import BOTH, has_answers, list_questions
from swapmeet.questions.values import QuestionValues

PURGED = "question.health_purged"
MOST_QUESTIONS = 40
LONGEST_KEPT = timedelta(days=366)  # answers about health, after the show


# What an answer already given would be read by: it stays as it is.
FIXED_ONCE_ANSWERED = ("label", "kind", "scope", "is_health")
PLAIN = "label help kind scope is_required is_health needed_by_on purge_on depends_on_id depends_value".split()


def add_question(db_session: Session, *, event: Event, values: QuestionValues, by: Actor, now: datetime) -> Question:
    """A new question, last of all. Raises BadQuestion."""
    lock(db_session, event)
    known = list_questions(db_session, event_id=event.id, with_archived=True)
    if sum(each.archived_at is None for each in known) >= MOST_QUESTIONS:
        raise BadQuestion(f"A show asks {MOST_QUESTIONS} questions at most. Switch one off first.")
    last = max((each.position for each in known), default=-1)
    _check(event, known, values, position=last + 1, question_id=None)
    question = Question(event_id=event.id, position=last + 1, created_at=now)
    _write(question, values)
    db_session.add(question)
    db_session.flush()
    _note_what_is_asked(db_session, event)
    record(db_session, now=now, by=by, verb="question.added", subject=question, label=question.label)
    return question


def edit_question(
    db_session: Session, *, event: Event, question: Question, values: QuestionValues, by: Actor, now: datetime
) -> None:
    """Change a question. Raises BadQuestion, QuestionFixed where the answers given would mean something else."""
    lock(db_session, event)
    known = list_questions(db_session, event_id=event.id, with_archived=True)
    _check(event, known, values, position=question.position, question_id=question.id)
    if has_answers(db_session, question):
        _check_meaning(question, values)
    _check_followers(known, question, values)
    _write(question, values)
    db_session.flush()
    _note_what_is_asked(db_session, event)
    record(db_session, now=now, by=by, verb="question.edited", subject=question, label=question.label)


def move_question(
    db_session: Session, *, event: Event, question: Question, step: int, by: Actor, now: datetime
) -> None:
    """Up (-1) or down (+1); never past a question it depends on, or that depends on it. Raises BadQuestion."""
    lock(db_session, event)
    order = list_questions(db_session, event_id=event.id)
    place = next((index for index, each in enumerate(order) if each.id == question.id), None)
    if place is None or not 0 <= place + step < len(order):
        return
    other = order[place + step]
    if other.id == question.depends_on_id or question.id == other.depends_on_id:
        raise BadQuestion("These two belong together: the one that decides comes first.")
    order[place], order[place + step] = other, question
    for position, each in enumerate(order):
        each.position = position
    record(db_session, now=now, by=by, verb="question.moved", subject=question, step=step)


def archive_question(db_session: Session, *, event: Event, question: Question, by: Actor, now: datetime) -> None:
    """Not asked any more; answers stay. Raises BadQuestion while another depends on it."""
    lock(db_session, event)
    if question.archived_at is not None:
        return
    others = [each for each in list_questions(db_session, event_id=event.id) if each.id != question.id]
    if any(each.depends_on_id == question.id for each in others):
        raise BadQuestion(f"Another question depends on “{question.label}”. Change that one or switch it off first.")
    question.archived_at = now
    db_session.flush()
    _note_what_is_asked(db_session, event)
    record(db_session, now=now, by=by, verb="question.archived", subject=question)


def restore_question(db_session: Session, *, event: Event, question: Question, by: Actor, now: datetime) -> None:
    """Ask it again, last of all. Raises BadQuestion while the one it depends on is switched off."""
    lock(db_session, event)
    if question.archived_at is None:
        return
    lead = db_session.get(Question, question.depends_on_id) if question.depends_on_id else None
    if lead is not None and lead.archived_at is not None:
        raise BadQuestion(f"It depends on “{lead.label}”, which is switched off. Bring that one back first.")
    known = list_questions(db_session, event_id=event.id)
    if len(known) >= MOST_QUESTIONS:
        raise BadQuestion(f"A show asks {MOST_QUESTIONS} questions at most. Switch one off first.")
    question.archived_at = None
    question.position = max((each.position for each in known), default=-1) + 1
    db_session.flush()
    _note_what_is_asked(db_session, event)
    record(db_session, now=now, by=by, verb="question.restored", subject=question)


def _note_what_is_asked(db_session: Session, event: Event) -> None:
    """Pages of a show that asks nothing look no further."""
    asked = list_questions(db_session, event_id=event.id)
    event.asks_questions = bool(asked)
    event.asks_at_door = any(each.scope is Scope.DOOR for each in asked)


def keep_answers(
    db_session: Session,
    *,
    order: Order,
    answered: Sequence[tuple[Block, Mapping[str, Any]]],
    now: datetime,
    is_new: bool = False,
) -> int:
    """Make the answers of these blocks what is given: new, changed, and gone. Returns how many changed.

    `is_new`: the order was placed in this transaction, so there is nothing to compare with. Else the order is locked.
    """
    rows = {} if is_new else _rows_of(db_session, order.id)
    changed = 0
    for block, answers in answered:
        for each in block.questions:
            value, row = answers.get(each.key), rows.get((block.subject, int(each.key)))
            if value == (row.value if row is not None else None):
                continue
            changed += 1
            if value is None:
                db_session.delete(row)
            elif row is not None:
                row.value, row.answered_at = value, now
            else:
                db_session.add(_row(order, block, int(each.key), value, now, is_health=each.is_health))
    db_session.flush()
    return changed


def change_answers(
    db_session: Session,
    *,
    order: Order,
    answered: Sequence[tuple[Block, Mapping[str, Any]]],
    by: Actor,
    now: datetime,
) -> None:
    """The buyer answers later, or otherwise. The audit log says so, without the answers."""
    changed = keep_answers(db_session, order=order, answered=answered, now=now)
    if changed:
        record(db_session, now=now, by=by, verb="order.answered", subject=order, count=changed)


def _rows_of(db_session: Session, order_id: int) -> dict[tuple[str, int], Any]:
    return {
        (row.subject, row.question_id): row
        for model in BOTH
        for row in db_session.scalars(select(model).where(model.order_id == order_id))
    }


def _row(order: Order, block: Block, question_id: int, value: Any, now: datetime, *, is_health: bool) -> Any:
    model: Any = HealthAnswer if is_health else Answer
    return model(
        event_id=order.event_id,
        question_id=question_id,
        order_id=order.id,
        line_id=block.line_id,
        seat=block.seat,
        subject=block.subject,
        value=value,
        answered_at=now,
    )


def purge_health(db_session: Session, *, now: datetime) -> None:
    """Delete answers about health whose day is over. The question stays; the audit log says how many went."""
    is_answered = select(HealthAnswer.id).where(HealthAnswer.question_id == Question.id).exists()
    due = select(Question).where(Question.purge_on < (now - timedelta(hours=14)).date(), is_answered)
    for question in db_session.scalars(due.order_by(Question.id)):
        gone: Any = db_session.execute(delete(HealthAnswer).where(HealthAnswer.question_id == question.id))
        record(db_session, now=now, by=Actor.job("purge"), verb=PURGED, subject=question, count=gone.rowcount)


def forget_seat(_sender: object, *, db_session: Session, attendee: Any, now: datetime) -> None:
    """A ticket was passed on: what its old holder answered is not the new one's business."""
    for model in BOTH:
        db_session.execute(delete(model).where(model.line_id == attendee.line_id, model.seat == attendee.seat))


def follow_division(line: OrderLine, *, db_session: Session, new: OrderLine, division: Division, **_: Any) -> None:
    """Listens to `line_divided`: what somebody answered belongs to the line their ticket is in now."""
    for model in BOTH:
        move_seats(db_session, model, line=line, new=new, division=division, then=_name_subject)


def _name_subject(row: Any) -> None:
    row.subject = f"line:{row.line_id}:{row.seat}"


def _write(question: Question, values: QuestionValues) -> None:
    for name in PLAIN:
        setattr(question, name, getattr(values, name))
    question.options = list(values.options)
    question.product_ids = list(values.product_ids)


def _check(
    event: Event, known: Sequence[Question], values: QuestionValues, *, position: int, question_id: int | None
) -> None:
    if values.kind in WITH_OPTIONS and len(set(values.options)) < 2:
        raise BadQuestion("Write at least two different answers, one on each line.", field="options")
    if values.kind is QuestionKind.AGREEMENT and not values.help:
        raise BadQuestion("Write the statement that people agree to.", field="help")
    if values.scope is Scope.VENDOR:
        _check_for_vendors(values)
    if values.scope is Scope.DOOR:
        _check_for_door(values)
    if values.needed_by_on is not None and values.needed_by_on > event.last_day:
        raise BadQuestion("Choose a day before the show is over.", field="needed_by_on")
    if values.is_health:
        _check_purge(event, values.purge_on)
    if values.depends_on_id is not None:
        _check_lead(known, values, position=position, question_id=question_id)


def _check_for_vendors(values: QuestionValues) -> None:
    """An application is read by many and answered when it is sent."""
    if values.is_health:
        raise BadQuestion(
            "Vendors are not asked about health. Ask the people on their badges instead.", field="is_health"
        )
    if values.needed_by_on is not None:
        raise BadQuestion("Vendors answer when they send the application: leave this day out.", field="needed_by_on")
    if values.product_ids:
        raise BadQuestion("Vendors have no tickets when they apply: tick none here.", field="products")


def _check_for_door(values: QuestionValues) -> None:
    """A screen at the door is read by who stands behind it, too."""
    if values.is_health:
        raise BadQuestion("Nobody is asked about health at the door. Ask it with the order.", field="is_health")
    if values.needed_by_on is not None:
        raise BadQuestion("It is answered at the door: leave this day out.", field="needed_by_on")


def _check_purge(event: Event, purge_on: date | None) -> None:
    if purge_on is None or not event.last_day <= purge_on <= event.last_day + LONGEST_KEPT:
        raise BadQuestion(
            "Choose a day from the end of the show to a year after it; then these answers are deleted.",
            field="purge_on",
        )


def _check_lead(known: Sequence[Question], values: QuestionValues, *, position: int, question_id: int | None) -> None:
    lead = next((each for each in known if each.id == values.depends_on_id), None)
    if lead is None or lead.id == question_id or lead.position > position or lead.archived_at is not None:
        raise BadQuestion("Choose an earlier question that is asked.", field="condition")
    if not may_follow(values.scope, lead.scope):
        raise BadQuestion("Choose a question that is asked of the same people.", field="condition")
    if lead.is_health and not values.is_health:
        raise BadQuestion("It depends on a question about health, so it is about health too.", field="is_health")
    if lead.kind not in CAN_LEAD or values.depends_value not in (lead.options or ["yes", "no"]):
        raise BadQuestion("Choose one of the answers that can be given.", field="condition")


def _check_meaning(question: Question, values: QuestionValues) -> None:
    """Answers were given to these words and choices, so those stay."""
    changed = [name for name in FIXED_ONCE_ANSWERED if getattr(values, name) != getattr(question, name)]
    if not set(question.options) <= set(values.options):
        changed.append("options")
    if question.kind is QuestionKind.AGREEMENT and values.help != question.help:
        changed.append("help")
    if changed:
        raise QuestionFixed(
            "It has answers already, so this stays as it is. Switch the question off and ask a new one.",
            field=changed[0],
        )


def _check_followers(known: Sequence[Question], question: Question, values: QuestionValues) -> None:
    """Nothing may depend on an answer that can no longer be given."""
    allowed = list(values.options) if values.kind in WITH_OPTIONS else ["yes", "no"]
    for each in known:
        if each.depends_on_id != question.id or each.archived_at is not None:
            continue
        if values.kind not in CAN_LEAD or each.depends_value not in allowed or not may_follow(each.scope, values.scope):
            raise BadQuestion(
                f"“{each.label}” depends on the answer “{each.depends_value}”. Change that one first.",
                field="options" if values.kind in WITH_OPTIONS else "kind",
            )
