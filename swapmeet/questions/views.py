"""Answers after the order is placed: the buyer's for the whole order, and the holder's of one ticket."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.badges.holding import get_held_by_link
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import lock
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import NotOnSale, TooLateToEdit
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.orders.order_view import edit_closes_at
from swapmeet.orders.queries import get_order_by_link
from swapmeet.questions.asking import blocks_now, blocks_of_badge, may_answer
from swapmeet.questions.blocks import Block
from swapmeet.questions.discretion import shown_to_reader
from swapmeet.questions.forms import answers_form
from swapmeet.questions.services import change_answers
from swapmeet.web.access import actor, by_link

bp = Blueprint("questions", __name__)


@dataclass(frozen=True)
class _Sheet:
    """What is asked on one page, of which order, and the page it came from."""

    order: Order
    blocks: Sequence[Block]
    back_url: str
    back_label: str


Read = Callable[[Session], _Sheet]


@bp.route("/orders/<code>/<key>/answers", methods=["GET", "POST"])
@by_link
def edit_answers(code: str, key: str) -> ResponseReturnValue:
    """All questions of an order with the answers so far, until the show begins."""

    def read(db_session: Session) -> _Sheet:
        order = get_order_by_link(db_session, code=code, key=key)
        url = url_for("orders.show_order", code=code, key=key)
        blocks, _ = shown_to_reader(order, blocks_now(db_session, order, utcnow()))
        return _Sheet(order, blocks, url, f"Order {order.code}")

    return _page(read)


@bp.route("/tickets/<int:badge_id>/<key>/answers", methods=["GET", "POST"])
@by_link
def edit_own(badge_id: int, key: str) -> ResponseReturnValue:
    """The same for one ticket, by its holder."""

    def read(db_session: Session) -> _Sheet:
        held = get_held_by_link(db_session, badge_id=badge_id, key=key)
        url = url_for("holders.show_ticket", badge_id=badge_id, key=key)
        return _Sheet(held.order, blocks_of_badge(db_session, held, utcnow()), url, "Your ticket")

    return _page(read)


def _page(read: Read) -> ResponseReturnValue:
    sheet = read(db.session())
    form = answers_form(sheet.blocks)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _change(db_session, read, form))
        except NotFound:
            raise
        except DomainError as error:
            problem = error
        else:
            flash("Your answers are saved.", "ok")
            return redirect(sheet.back_url, 303)
    if problem is not None:
        form.hang(problem)
        sheet = read(db.session())
    event = sheet.order.event
    page = render_template(
        "questions/answers.html",
        event=event,
        blocks=sheet.blocks,
        form=form,
        closes_at=edit_closes_at(event),
        is_closed=not may_answer(sheet.order, utcnow()),
        back_url=sheet.back_url,
        back_label=sheet.back_label,
    )
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _change(db_session: Session, read: Read, form: object) -> None:
    """The order is locked, then its blocks are read anew: a question may have been switched off meanwhile."""
    order = read(db_session).order
    lock(db_session, order)
    if order.state not in OPEN_STATES:
        raise NotOnSale(f"This order is {order.state.value}; its answers cannot be changed.")
    if utcnow() >= edit_closes_at(order.event):
        raise TooLateToEdit("The show has begun. Tell the people at the door what has changed.")
    answered = [(block, block.answers(form)) for block in read(db_session).blocks]
    change_answers(db_session, order=order, answered=answered, by=actor(), now=utcnow())
