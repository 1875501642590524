"""Pages that send the tickets of an order to the people they are for: the buyer's, by the order's link, and the team's."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.badges.holding import Held, list_held
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.mail_cap import may_mail
from swapmeet.orders.models import Order
from swapmeet.orders.queries import get_order, get_order_by_link
from swapmeet.orders.views.carts import own_address
from swapmeet.registration import mailing
from swapmeet.web.access import actor, by_link, requires
from swapmeet.web.filters import plural
from swapmeet.web.security import limit

bp = Blueprint("ticket_mails", __name__)


@bp.route("/orders/<code>/<key>/tickets/mails", methods=["GET", "POST"])
@by_link
@limit("30 per hour", methods=["POST"])
def mail_own(code: str, key: str) -> ResponseReturnValue:
    """The buyer sends each ticket to whoever will use it."""
    order = get_order_by_link(db.session(), code=code, key=key)
    tickets = list_held(db.session(), order_id=order.id)
    form = mailing.mailing_form(tickets)
    problem: DomainError | None = None
    if form.validate_on_submit() and _may_go(form, tickets):
        problem = _send(form, lambda db_session: get_order_by_link(db_session, code=code, key=key), with_passed=False)
        if problem is None:
            return redirect(url_for("orders.show_order", code=code, key=key), 303)
    order = get_order_by_link(db.session(), code=code, key=key)
    page = render_template(
        "registration/mail_tickets.html", event=order.event, order=order, key=key, **_about(db.session(), order, form)
    )
    return page, _status(form, problem)


@bp.route("/manage/shows/<slug>/orders/<code>/tickets/mails", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def mail_for(event: Event, code: str) -> ResponseReturnValue:
    """The team sends them, those that were passed on too."""
    event_id, slug = event.id, event.slug
    order = get_order(db.session(), event_id=event_id, code=code)
    form = mailing.mailing_form(list_held(db.session(), order_id=order.id, with_passed=True))
    problem: DomainError | None = None
    if form.validate_on_submit():
        problem = _send(form, lambda db_session: get_order(db_session, event_id=event_id, code=code), with_passed=True)
        if problem is None:
            return redirect(url_for("orders_manage.show_order", slug=slug, code=code), 303)
    order = get_order(db.session(), event_id=event_id, code=code)
    about = _about(db.session(), order, form, with_passed=True)
    page = render_template("registration/manage_mail_tickets.html", event=order.event, order=order, **about)
    return page, _status(form, problem)


def _send(form: Any, find: Callable[[Session], Order], *, with_passed: bool) -> DomainError | None:
    """Mail what was written and say to whom. What stands in the way is told at the form, and returned. Raises NotFound."""
    try:
        with transaction() as db_session:
            told = _mail(db_session, find(db_session), form, with_passed=with_passed)
    except NotFound:
        raise
    except DomainError as error:
        form.hang(error)
        return error
    flash(_said(told), "ok")
    return None


def _mail(db_session: Session, order: Any, form: Any, *, with_passed: bool) -> list[str]:
    tickets = list_held(db_session, order_id=order.id, with_passed=with_passed)
    addresses = {
        each.attendee.id: form[name].data or "" for each in tickets if (name := mailing.field_of(each)) in form
    }
    return mailing.mail_tickets(
        db_session, order=order, addresses=addresses, by=actor(), now=utcnow(), with_passed=with_passed
    )


def _may_go(form: Any, tickets: list[Held]) -> bool:
    """Whether every address may get one more mail; one that may not is told so at its field."""
    is_good = True
    for each in tickets:
        field = form[mailing.field_of(each)]
        if field.data and not may_mail(field.data, own=own_address()):
            field.errors = ["This address got many mails about orders within the last hour. Try again in an hour."]
            is_good = False
    return is_good


def _about(db_session: Session, order: Any, form: Any, *, with_passed: bool = False) -> dict[str, Any]:
    tickets = list_held(db_session, order_id=order.id, with_passed=with_passed)
    said = mailing.said_of(db_session, tickets)
    rows = [
        (form[name], said.get(each.attendee.id, "")) for each in tickets if (name := mailing.field_of(each)) in form
    ]
    return {"form": form, "rows": rows}


def _said(told: list[str]) -> str:
    return f"{plural(len(told), 'ticket is', 'tickets are')} on the way to {', '.join(sorted(set(told)))}."


def _status(form: Any, problem: DomainError | None) -> int:
    return (409 if problem is not None else 422) if form.is_submitted() else 200
