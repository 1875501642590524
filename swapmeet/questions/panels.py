"""Answers on the pages of an order: the buyer's and the team's."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.questions.asking import blocks_now, gaps, may_answer


def load_own(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel order.main: what was answered and what is missing."""
    if not order.event.asks_questions or order.state not in OPEN_STATES:
        return None
    blocks = blocks_now(db_session, order, now)
    if not blocks:
        return None
    return {"blocks": blocks, "missing": gaps(blocks), "may_answer": may_answer(order, now)}


def load_for_team(db_session: Session, order: Order, now: datetime) -> Mapping[str, Any] | None:
    """Panel manage.order: the answers, without those about health."""
    if not order.event.asks_questions or order.state not in OPEN_STATES:
        return None
    blocks = blocks_now(db_session, order, now)
    return {"blocks": blocks, "missing": gaps(blocks)} if blocks else None
