"""Demo: the first show asks a few questions; those who order answer most of them."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.orders.checkout_pages import checkout_fields
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Buyer
from swapmeet.questions.asking import blocks_of_order
from swapmeet.questions.kinds import QuestionKind
from swapmeet.questions.models import Scope
from swapmeet.questions.queries import list_questions
from swapmeet.questions.services import add_question, keep_answers
from swapmeet.questions.values import QuestionValues

PARTY = "Banquet: with whom do you sit?"
PARTIES = ("Mini Mafia", "mini mafia", "The Lathe Gang", "Tiny Doors", "Glue and Glory", "First-timers")
HEARD_OF = "How did you hear of us?"
HEARD = ("From a friend", "In a shop", "In a magazine", "I was here before")
DIETS = ("Vegetarian", "Vegan", "No nuts", "No gluten")
SCALES = ("1:12", "1:24", "1:48", "1:144")
MADE = ("All of it", "About half", "I sell what others make")
ANSWERED = 0.85


def ask_vendors(db_session: Session, stage: Stage) -> None:
    """Comes before the applications, so that vendors answer."""
    by = Actor.job("demo")
    for event in stage.events:
        known = list_questions(db_session, event_id=event.id, with_archived=True)
        if event.state is not EventState.PUBLISHED or any(each.scope is Scope.VENDOR for each in known):
            continue
        drives = QuestionValues("Do you come with a trailer?", QuestionKind.YES_NO, Scope.VENDOR, is_required=True)
        lead = add_question(db_session, event=event, values=drives, by=by, now=stage.now)
        for values in _of_vendors(lead.id):
            add_question(db_session, event=event, values=values, by=by, now=stage.now)


def _of_vendors(lead_id: int) -> list[QuestionValues]:
    return [
        QuestionValues(
            "How long is it, in feet?", QuestionKind.NUMBER, Scope.VENDOR, depends_on_id=lead_id, depends_value="yes"
        ),
        QuestionValues("What do you make yourself?", QuestionKind.ONE_OF, Scope.VENDOR, options=MADE),
    ]


def fill(db_session: Session, stage: Stage) -> None:
    """The first show asks its own questions. Those of show files, such as dishes, are answered too."""
    _ask_people(db_session, stage)
    _ask_parties(db_session, stage)
    others = replace(
        stage, random=Random(len(stage.people))
    )  # apart, so that what comes later in the demo stays the same
    for event in stage.events:
        _answer_all(db_session, stage if event is stage.events[0] else others, event)


def _ask_people(db_session: Session, stage: Stage) -> None:
    event, by = stage.events[0], Actor.job("demo")
    known = list_questions(db_session, event_id=event.id, with_archived=True)
    if any(each.label == HEARD_OF for each in known):
        return
    eats = add_question(db_session, event=event, values=_about_diet(event), by=by, now=stage.now)
    for values in (_which_diet(event, eats.id), *_others(event)):
        add_question(db_session, event=event, values=values, by=by, now=stage.now)


def _ask_parties(db_session: Session, stage: Stage) -> None:
    """The houseparty asks who sits with whom at its banquet."""
    for event in stage.events[1:2]:
        if not any(each.label == PARTY for each in list_questions(db_session, event_id=event.id, with_archived=True)):
            values = QuestionValues(PARTY, QuestionKind.TEXT, Scope.PERSON, help="Write the word of your party.")
            add_question(db_session, event=event, values=values, by=Actor.job("demo"), now=stage.now)


def _answer_all(db_session: Session, stage: Stage, event: Event) -> None:
    asked = list_questions(db_session, event_id=event.id)
    if all(each.scope is Scope.VENDOR for each in asked):
        return
    orders = select(Order).where(Order.event_id == event.id, Order.state.in_(OPEN_STATES)).order_by(Order.id)
    for order in db_session.scalars(orders).all():
        if stage.random.random() < ANSWERED:
            _answer(db_session, stage, event, order)


def _about_diet(event: Event) -> QuestionValues:
    return QuestionValues(
        "Do you eat a special diet?", QuestionKind.YES_NO, Scope.PERSON, is_health=True, purge_on=_purge_on(event)
    )


def _which_diet(event: Event, lead_id: int) -> QuestionValues:
    return QuestionValues(
        "Which one?",
        QuestionKind.SEVERAL_OF,
        Scope.PERSON,
        options=DIETS,
        is_health=True,
        purge_on=_purge_on(event),
        depends_on_id=lead_id,
        depends_value="yes",
    )


def _purge_on(event: Event) -> date:
    return event.last_day + timedelta(days=30)


def _others(event: Event) -> list[QuestionValues]:
    the_day_before = event.first_day - timedelta(days=1)
    return [
        QuestionValues("What scale do you build in?", QuestionKind.ONE_OF, Scope.PERSON, options=SCALES),
        QuestionValues(
            "When do you arrive?", QuestionKind.TIME, Scope.ORDER, is_required=True, needed_by_on=the_day_before
        ),
        QuestionValues(HEARD_OF, QuestionKind.ONE_OF, Scope.ORDER, options=HEARD),
        QuestionValues("Show bag handed out?", QuestionKind.YES_NO, Scope.DOOR),
    ]


def _answer(db_session: Session, stage: Stage, event: Event, order: Order) -> None:
    lines = list_live_lines(db_session, order)
    fields = checkout_fields(db_session, lines, Buyer(order.person_id, order.buyer_email, order))
    blocks = blocks_of_order(db_session, event=event, order=order, lines=lines, fields=fields, now=stage.now)
    answered = []
    for block in blocks:
        answers: dict[str, Any] = {}
        for each in block.questions:
            if not each.depends_on or answers.get(each.depends_on) is True:
                answers[each.key] = _said(stage, each)
        answered.append((block, answers))
    keep_answers(db_session, order=order, answered=answered, is_new=True, now=order.placed_at or stage.now)


def _said(stage: Stage, asked: Any) -> Any:
    if asked.kind is QuestionKind.YES_NO:
        return stage.random.random() < 0.2
    if asked.label == PARTY:
        return stage.random.choice(PARTIES)
    if asked.kind is QuestionKind.TIME:
        return f"{stage.random.randint(9, 12):02}:{stage.random.choice((0, 15, 30, 45)):02}"
    return (
        [stage.random.choice(asked.options)]
        if asked.kind is QuestionKind.SEVERAL_OF
        else stage.random.choice(asked.options)
    )
