"""The buyer's answers after the order is placed: on the order's page, and a form to answer later or otherwise."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import lock
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import NotOnSale, TooLateToEdit
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.orders.order_view import edit_closes_at
from swapmeet.orders.queries import get_order_by_link
from swapmeet.questions.asking import blocks_now, may_answer
from swapmeet.questions.blocks import Block
from swapmeet.questions.forms import answers_form
from swapmeet.questions.services import change_answers
from swapmeet.web.access import actor, by_link

bp = Blueprint("questions", __name__)


@bp.route("/orders/<code>/<key>/answers", methods=["GET", "POST"])
@by_link
def edit_answers(code: str, key: str) -> ResponseReturnValue:
    """All questions of an order with the answers so far, until the show begins."""
    now = utcnow()
    order, blocks = _read(db.session(), code, key, now)
    form = answers_form(blocks)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _change(db_session, code, key, form))
        except DomainError as error:
            problem = error
        else:
            flash("Your answers are saved.", "ok")
            return redirect(url_for("orders.show_order", code=code, key=key), 303)
    if problem is not None:
        form.hang(problem)
        order, blocks = _read(db.session(), code, key, now)
    page = render_template(
        "questions/answers.html",
        order=order,
        event=order.event,
        blocks=blocks,
        form=form,
        closes_at=edit_closes_at(order.event),
        is_closed=not may_answer(order, now),
    )
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _change(db_session: Session, code: str, key: str, form: Any) -> None:
    """The order is locked, then its blocks are read anew: a question may have been switched off meanwhile."""
    now = utcnow()
    order = get_order_by_link(db_session, code=code, key=key)
    lock(db_session, order)
    if order.state not in OPEN_STATES:
        raise NotOnSale(f"This order is {order.state.value}; its answers cannot be changed.")
    if now >= edit_closes_at(order.event):
        raise TooLateToEdit("The show has begun. Tell the people at the door what has changed.")
    blocks = blocks_now(db_session, order, now)
    answered = [(block, block.answers(form)) for block in blocks]
    change_answers(db_session, order=order, answered=answered, by=actor(), now=now)


def _read(db_session: Session, code: str, key: str, now: datetime) -> tuple[Order, Sequence[Block]]:
    order = get_order_by_link(db_session, code=code, key=key)
    return order, blocks_now(db_session, order, now)
