"""The team answers for people: those without e-mail, those on the phone. Also after a question's day, and with gaps."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import lock
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import NotOnSale
from swapmeet.orders.models import OPEN_STATES, Order
from swapmeet.orders.queries import get_order
from swapmeet.questions.asking import blocks_for_team
from swapmeet.questions.blocks import Block
from swapmeet.questions.discretion import Apart, keep_apart
from swapmeet.questions.forms import answers_form
from swapmeet.questions.services import change_answers
from swapmeet.web.access import actor, may, requires

bp = Blueprint("answers_manage", __name__)


@bp.route("/manage/shows/<slug>/orders/<code>/answers", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def edit(event: Event, code: str) -> ResponseReturnValue:
    """All questions of an order with the answers so far. About health only for those who may see them."""
    order = get_order(db.session(), event_id=event.id, code=code)
    blocks, apart = _blocks(db.session(), order, utcnow())
    form = answers_form(blocks)
    is_refused = False
    if order.state in OPEN_STATES and form.validate_on_submit():
        try:
            attempt(lambda db_session: _change(db_session, event.id, code, form))
        except NotFound:
            raise
        except DomainError as error:
            form.hang(error)
            is_refused = True
        else:
            flash("The answers are saved.", "ok")
            return redirect(url_for("orders_manage.show_order", slug=event.slug, code=order.code), 303)
    page = render_template(
        "questions/manage_answers.html",
        event=event,
        order=order,
        blocks=blocks,
        apart=apart,
        form=form,
        is_open=order.state in OPEN_STATES,
    )
    return page, (409 if is_refused else 422) if form.is_submitted() else 200


def _blocks(db_session: Session, order: Order, now: datetime) -> tuple[Sequence[Block], Apart]:
    blocks = blocks_for_team(db_session, order, now)
    return (blocks, ()) if may(Permission.HEALTH_VIEW) else keep_apart(blocks)


def _change(db_session: Session, event_id: int, code: str, form: object) -> None:
    """The order is locked, then its blocks are read anew: a question may have been switched off meanwhile."""
    order = get_order(db_session, event_id=event_id, code=code)
    lock(db_session, order)
    if order.state not in OPEN_STATES:
        raise NotOnSale(f"This order is {order.state.value}; its answers cannot be changed.")
    answered = [(block, block.answers(form)) for block in _blocks(db_session, order, utcnow())[0]]
    change_answers(db_session, order=order, answered=answered, by=actor(), now=utcnow())
