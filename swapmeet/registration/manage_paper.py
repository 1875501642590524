"""Organizer page for forms that came by post: one after the other, by keyboard alone."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra import idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import Order
from swapmeet.orders.order_pages import order_panels
from swapmeet.orders.order_view import view_of
from swapmeet.orders.queries import find_order
from swapmeet.orders.services.buying import WENT_TO_LIST
from swapmeet.orders.waitlist.serving import serve
from swapmeet.registration.paper import Alike, Paper, enter_form, find_alike
from swapmeet.registration.paper_faults import faults_at
from swapmeet.registration.paper_forms import FURTHER_ROWS, ROWS, PaperForm, paper_form
from swapmeet.registration.paper_goods import goods_of
from swapmeet.web.access import actor, may, requires

bp = Blueprint("paper", __name__)


@bp.route("/manage/shows/<slug>/posted-forms", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def enter(event: Event) -> ResponseReturnValue:
    """The empty form, with what became of the one before; or a filled one becomes an order."""
    form = _form(event)
    if not form.is_submitted():
        return _page(event, form)
    if not form.validate():
        return _page(event, form), 422
    paper = form.values()
    event_id, slug = event.id, event.slug
    is_new = _earlier(db.session(), event_id, form.key.data or "", paper) is None
    if is_new and not form.is_known.data and (alike := find_alike(db.session(), event=event, paper=paper)):
        return _page(event, form, alike=alike), 409
    try:
        code = attempt(lambda db_session: _enter(db_session, event_id, form.key.data or "", paper))
    except DomainError as error:
        if error.facts.get(WENT_TO_LIST):  # offers were made and undone with the form: again, to stay
            attempt(lambda db_session: serve(db_session, event=db_session.get_one(Event, event_id), now=utcnow()))
        form.hang_all(faults_at(db.session(), event=event, paper=paper, error=error, now=utcnow()))
        return _page(event, form), 409
    flash(f"The form of {paper.name} is in: order {code}.", "ok")
    return redirect(url_for(".enter", slug=slug, last=code), 303)


def _enter(db_session: Session, event_id: int, key: str, paper: Paper) -> str:
    """Once per key of the form, however often it is sent. Returns the code of the order."""
    if (earlier := _earlier(db_session, event_id, key, paper)) is not None:
        return earlier
    event, now = db_session.get_one(Event, event_id), utcnow()
    order = enter_form(db_session, event=event, paper=paper, by=actor(), now=now)
    if key:
        scope, content = _scope(event_id), repr(paper)
        idempotency.keep_answer(db_session, scope=scope, key=key, content=content, answer=order.code, now=now)
    return order.code


def _earlier(db_session: Session, event_id: int, key: str, paper: Paper) -> str | None:
    """The code of the order that this very form has made before. Raises KeyReused when it said something else then."""
    if not key:
        return None
    return idempotency.find_answer(db_session, scope=_scope(event_id), key=key, content=repr(paper))


def _scope(event_id: int) -> str:
    return f"paper:{event_id}"


def _form(event: Event) -> PaperForm:
    goods = goods_of(db.session(), event, utcnow())
    return paper_form(event, goods, takes_money=may(Permission.MONEY_RECORD), now=utcnow())


def _page(event: Event, form: PaperForm, *, alike: Sequence[Alike] = ()) -> str:
    last: Order | None = find_order(db.session(), event_id=event.id, code=request.args.get("last", "")[:20])
    values: dict[str, Any] = {
        "rows": [form.row(number) for number in range(ROWS)] if form.goods.for_people else [],
        "further_rows": [form.further_row(number) for number in range(FURTHER_ROWS)] if form.goods.further else [],
        "takes_money": "amount" in form,
        "alike": alike,
        "asks_again": bool(alike or form.is_known.data),
        "last": view_of(db.session(), last, event) if last is not None else None,
        "panels": order_panels(db.session(), last, event, utcnow(), place="manage.entered") if last is not None else [],
    }
    return render_template("registration/paper.html", event=event, form=form, **values)
