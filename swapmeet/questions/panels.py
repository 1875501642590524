"""Answers on the pages of an order: the buyer's and the team's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.badges.holding import Held, find_held
from swapmeet.badges.models import Attendee
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.questions.asking import blocks_now, blocks_of_badge, gaps, may_answer


def load_own(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel order.more: what was answered and what is missing."""
    if not order.event.asks_questions or order.state not in OPEN_STATES:
        return None
    blocks = blocks_now(db_session, order, now)
    if not blocks:
        return None
    url = url_for("questions.edit_answers", code=order.code, key=order.link_key)
    return {"blocks": blocks, "missing": gaps(blocks), "may_answer": may_answer(order, now), "url": url}


def load_for_team(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.order: the answers, those given at the door too, without those about health."""
    if not order.event.asks_questions or order.state not in OPEN_STATES:
        return None
    blocks = blocks_now(db_session, order, now, with_door=True)
    return {"blocks": blocks, "missing": gaps(blocks)} if blocks else None


def load_of_attendee(db_session: Session, attendee: Attendee, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.attendee: the same of one person with a ticket."""
    held = find_held(db_session, attendee_id=attendee.id)
    if held is None or not held.event.asks_questions:
        return None
    blocks = blocks_of_badge(db_session, held, now, with_door=True)
    return {"blocks": blocks, "missing": gaps(blocks)} if blocks else None


def load_for_holder(db_session: Session, held: Held, now: datetime) -> Mapping[str, Any] | None:
    """Panel badge.main: what the holder of a ticket has answered."""
    if not held.event.asks_questions:
        return None
    blocks = blocks_of_badge(db_session, held, now)
    if not blocks:
        return None
    url = url_for("questions.edit_own", badge_id=held.badge.id, key=held.key)
    return {"blocks": blocks, "missing": gaps(blocks), "may_answer": may_answer(held.order, now), "url": url}
