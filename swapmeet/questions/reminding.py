"""Answers that are needed by a day: a week before, buyers and holders of tickets are told what is missing, person by person.

A job a show and day does it once, some orders at a time, so that nothing is looked at twice.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.badges.holding import Held, find_held
from swapmeet.badges.models import Attendee
from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event, EventState
from swapmeet.infra.clock import utcnow
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail, queue_mail
from swapmeet.kernel.time import to_local
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.questions.asking import blocks_now, blocks_of_badge, may_answer
from swapmeet.questions.blocks import Block
from swapmeet.questions.kinds import missing
from swapmeet.questions.models import Question
from swapmeet.web.filters import day

JOB = "questions.remind"
KIND = "questions.missing"
AHEAD = timedelta(days=7)
AT_ONCE = 50  # orders in one transaction

People = Sequence[tuple[str, Sequence[str]]]


def ask_to_remind(db_session: Session, *, now: datetime) -> None:
    """Tidying: one job for each show and day that is a week away or less."""
    soon = (
        select(Question.event_id, Question.needed_by_on, Event.time_zone)
        .join(Event, Event.id == Question.event_id)
        .where(
            Question.needed_by_on.is_not(None),
            Question.needed_by_on >= now.date() - timedelta(days=1),
            Question.needed_by_on <= now.date() + AHEAD + timedelta(days=1),
            Question.archived_at.is_(None),
            Event.state == EventState.PUBLISHED,
        )
        .distinct()
    )
    for event_id, last_on, zone_name in db_session.execute(
        soon.order_by(Question.event_id, Question.needed_by_on)
    ).all():
        today = to_local(now, zone_name).date()
        if last_on is not None and today <= last_on <= today + AHEAD:
            payload = {"event_id": event_id, "day": last_on.isoformat(), "after": 0}
            enqueue(db_session, JOB, payload, now=now, key=f"{JOB}:{event_id}:{last_on.isoformat()}:0")


def remind_some(db_session: Session, payload: Mapping[str, Any], *, now: datetime) -> None:
    """The next orders of the show, with the tickets of theirs that others hold; then a job for those after them."""
    event_id, last_day, after = int(payload["event_id"]), str(payload["day"]), int(payload["after"])
    wanted = select(Order).where(Order.event_id == event_id, Order.state.in_(OPEN_STATES), Order.id > after)
    orders = db_session.scalars(wanted.order_by(Order.id).limit(AT_ONCE)).all()
    for order in orders:
        _remind(db_session, order, last_day, now)
    if len(orders) == AT_ONCE:
        following = {**payload, "after": orders[-1].id}
        key = f"{JOB}:{event_id}:{last_day}:{orders[-1].id}"
        enqueue(db_session, JOB, following, now=now, key=key)


def _remind(db_session: Session, order: Order, last_day: str, now: datetime) -> None:
    given = {"day": last_day}
    if order.buyer_email and may_answer(order, now) and _lacking(blocks_now(db_session, order, now)):
        _queue(
            db_session, order, order.buyer_email, {**given, "order_id": order.id}, f"order:{order.id}:{last_day}", now
        )
    passed = select(Attendee).where(
        Attendee.event_id == order.event_id,
        Attendee.order_code == order.code,
        Attendee.passed_on_at.is_not(None),
        Attendee.canceled_at.is_(None),
        Attendee.email != "",
    )
    for attendee in db_session.scalars(passed.order_by(Attendee.id)).all():
        held = find_held(db_session, attendee_id=attendee.id)
        if held is not None and may_answer(held.order, now) and _lacking(blocks_of_badge(db_session, held, now)):
            fact = f"attendee:{attendee.id}:{last_day}"
            _queue(db_session, order, attendee.email, {**given, "attendee_id": attendee.id}, fact, now)


def _queue(db_session: Session, order: Order, to: str, payload: Mapping[str, Any], fact: str, now: datetime) -> None:
    queue_mail(
        db_session,
        kind=KIND,
        to=to,
        payload=dict(payload),
        fact_key=f"{KIND}:{fact}",
        now=now,
        event_id=order.event_id,
    )


def _lacking(blocks: Sequence[Block]) -> People:
    """Who lacks which answers, in words; nobody whose answers are there."""
    found = []
    for block in blocks:
        keys = missing(block.questions, block.values)
        labels = [each.label for each in block.questions if each.key in keys]
        if labels:
            found.append((unlinked(block.title), labels))
    return found


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """What is missing when the mail is sent; None when it was answered meanwhile."""
    now = utcnow()
    if "attendee_id" in payload:
        held: Held | None = find_held(db_session, attendee_id=int(payload["attendee_id"]))
        if held is None:
            return None
        event, people = held.event, _lacking(blocks_of_badge(db_session, held, now))
        link = url_for("questions.edit_own", badge_id=held.badge.id, key=held.key, _external=True)
    else:
        order = db_session.get(Order, int(payload["order_id"]))
        if order is None or order.state not in OPEN_STATES:
            return None
        event, people = order.event, _lacking(blocks_now(db_session, order, now))
        link = url_for("questions.edit_answers", code=order.code, key=order.link_key, _external=True)
    if not people:
        return None
    last_day = day(date.fromisoformat(payload["day"]), event.locale)
    return mail_of_show(
        event,
        subject=f"A few answers are missing · {event.name}",
        text="email/questions/missing.txt",
        html="email/questions/missing.html",
        values={"people": people, "link": link, "last_day": last_day},
    )
