"""The desk where vendors arrive: who is expected, who is here, whose tables are given to others."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.models import Order
from swapmeet.orders.queries import get_order
from swapmeet.vendor_tables import board
from swapmeet.vendor_tables.manage import bp
from swapmeet.vendor_tables.services import arrivals
from swapmeet.web.access import actor, requires
from swapmeet.web.paging import page_number


@bp.get("/manage/shows/<slug>/tables/arrivals")
@requires(Permission.VENDORS_VIEW)
def list_arrivals(event: Event) -> ResponseReturnValue:
    """Everybody with paid tables, by the name on the sign."""
    query = request.args.get("q", "")[:200]
    page = board.list_holders(
        db.session(), event=event, query=query, standing="sold", number=page_number(), now=utcnow()
    )
    expected, here = board.count_arrivals(db.session(), event=event)
    return render_template(
        "vendor_tables/manage/arrivals.html", event=event, page=page, query=query, expected=expected, here=here
    )


@bp.post("/manage/shows/<slug>/tables/arrivals/<code>")
@requires(Permission.TABLES_EDIT)
def note_arrival(event: Event, code: str) -> ResponseReturnValue:
    def write(db_session: Session, order: Order) -> None:
        arrivals.note_arrival(db_session, order=order, by=actor(), now=utcnow())

    return _back(event, code, write, "{name} is here.")


@bp.post("/manage/shows/<slug>/tables/arrivals/<code>/removal")
@requires(Permission.TABLES_EDIT)
def take_back_arrival(event: Event, code: str) -> ResponseReturnValue:
    def write(db_session: Session, order: Order) -> None:
        arrivals.take_back_arrival(db_session, order=order, by=actor(), now=utcnow())

    return _back(event, code, write, "{name} is expected again.")


@bp.post("/manage/shows/<slug>/tables/no-shows/<code>")
@requires(Permission.TABLES_EDIT)
def give_up_no_show(event: Event, code: str) -> ResponseReturnValue:
    event_id = event.id

    def write(db_session: Session, order: Order) -> None:
        show = db_session.get_one(Event, event_id)
        arrivals.give_up_no_show(db_session, event=show, order=order, by=actor(), now=utcnow())

    return _back(event, code, write, "The tables of {name} are free. Whoever waits for one is asked first.")


def _back(event: Event, code: str, write: Callable[[Session, Order], Any], words: str) -> ResponseReturnValue:
    """Do it, and say so on the list, as it was searched."""
    slug, event_id = event.slug, event.id
    try:
        with transaction() as db_session:
            order = get_order(db_session, event_id=event_id, code=code)
            name = order.buyer_name
            write(db_session, order)
        flash(words.format(name=name), "ok")
    except DomainError as error:
        flash(error.message, "warn")
    return redirect(url_for(".list_arrivals", slug=slug, q=request.form.get("q", "")[:200] or None), 303)
