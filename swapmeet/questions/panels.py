"""Answers on the pages of an order: the buyer's and the team's."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.badges.holding import Held, find_held
from swapmeet.badges.models import Attendee
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.questions.asking import blocks_now, blocks_of_badge, gaps, may_answer
from swapmeet.questions.blocks import Block
from swapmeet.questions.discretion import keep_apart, shown_to_reader
from swapmeet.web.access import may


def load_own(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel order.more: what was answered and what is missing."""
    if not order.event.asks_questions or order.state not in OPEN_STATES:
        return None
    blocks = blocks_now(db_session, order, now)
    if not blocks:
        return None
    url = url_for("questions.edit_answers", code=order.code, key=order.link_key)
    shown, apart = shown_to_reader(order, blocks)
    return {"blocks": shown, "apart": apart, "missing": gaps(blocks), "may_answer": may_answer(order, now), "url": url}


def load_for_team(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.order: the answers, those given at the door too, without those about health."""
    if not order.event.asks_questions or order.state not in OPEN_STATES:
        return None
    blocks = blocks_now(db_session, order, now, with_door=True)
    if not blocks:
        return None
    shown, apart = keep_apart(blocks)
    return {"blocks": shown, "apart": apart, "missing": _gaps_for_team(blocks), "url": _team_url(order)}


def load_entered(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.entered: how many answers whoever has entered an order can still fill in."""
    if not order.event.asks_questions or order.state not in OPEN_STATES:
        return None
    missing = _gaps_for_team(blocks_now(db_session, order, now))
    return {"missing": missing, "url": _team_url(order)} if missing else None


def _gaps_for_team(blocks: Sequence[Block]) -> int:
    """Answers that are missing and that the asker may give."""
    return gaps(blocks if may(Permission.HEALTH_VIEW) else keep_apart(blocks)[0])


def _team_url(order: Order) -> str:
    """The page on which the team answers; "" for who may only look."""
    if not may(Permission.ORDERS_EDIT):
        return ""
    return url_for("answers_manage.edit", slug=order.event.slug, code=order.code)


def load_of_attendee(db_session: Session, attendee: Attendee, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.attendee: the same of one person with a ticket."""
    held = find_held(db_session, attendee_id=attendee.id)
    if held is None or not held.event.asks_questions:
        return None
    blocks = blocks_of_badge(db_session, held, now, with_door=True)
    if not blocks:
        return None
    shown, apart = keep_apart(blocks)
    return {"blocks": shown, "apart": apart, "missing": _gaps_for_team(blocks), "url": _team_url(held.order)}


def load_for_holder(db_session: Session, held: Held, now: datetime) -> Mapping[str, Any] | None:
    """Panel badge.main: what the holder of a ticket has answered."""
    if not held.event.asks_questions:
        return None
    blocks = blocks_of_badge(db_session, held, now)
    if not blocks:
        return None
    url = url_for("questions.edit_own", badge_id=held.badge.id, key=held.key)
    missing = gaps(blocks)
    return {"blocks": blocks, "apart": (), "missing": missing, "may_answer": may_answer(held.order, now), "url": url}
