"""The desk where vendors arrive: who is expected, who is here, whose tables are given to others."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.events.pages import today_at
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.models import Order
from swapmeet.orders.queries import get_order
from swapmeet.vendor_tables import board
from swapmeet.vendor_tables.forms import MissingForm
from swapmeet.vendor_tables.manage import bp
from swapmeet.vendor_tables.services import arrivals
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural
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


@bp.get("/manage/shows/<slug>/tables/no-shows")
@requires(Permission.TABLES_EDIT)
def list_missing(event: Event) -> ResponseReturnValue:
    """Everybody who is still expected, ticked, to be given up together."""
    missing = _missing(event)
    return _missing_page(event, missing, MissingForm(codes=[row.order_code for row in missing]))


@bp.post("/manage/shows/<slug>/tables/no-shows")
@requires(Permission.TABLES_EDIT)
def give_up_missing(event: Event) -> ResponseReturnValue:
    """One order after the other: who arrives meanwhile stays, and the others are not held up by it."""
    form, slug, event_id = MissingForm(), event.slug, event.id
    missing = _missing(event)
    if not form.validate_on_submit():
        return _missing_page(event, missing, form), 422
    names, freed = {row.order_code: row.name or row.buyer for row in missing}, 0
    for code in dict.fromkeys(form.codes.data or ()):
        if code not in names:  # has arrived, or was given up by an earlier press of the button
            continue
        try:
            with transaction() as db_session:
                show = db_session.get_one(Event, event_id)
                order = get_order(db_session, event_id=event_id, code=code)
                arrivals.give_up_no_show(db_session, event=show, order=order, by=actor(), now=utcnow())
            freed += 1
        except DomainError as error:
            flash(f"{names[code]}: {error.message}", "warn")
    if freed:
        flash(
            f"The tables of {plural(freed, 'vendor', 'vendors')} are free. Whoever waits for one is asked first.", "ok"
        )
    else:
        flash("No table was freed: of those you ticked, all are here or were given up already.", "warn")
    return redirect(url_for(".list_arrivals", slug=slug), 303)


def _missing(event: Event) -> list[board.VendorRow]:
    """Nobody before the first day: until then, nobody is late."""
    now = utcnow()
    return board.list_missing(db.session(), event=event, now=now) if _has_begun(event, now) else []


def _has_begun(event: Event, now: datetime) -> bool:
    return today_at(now, event.time_zone) >= event.first_day


def _missing_page(event: Event, missing: Sequence[board.VendorRow], form: MissingForm) -> str:
    form.codes.choices = [
        (row.order_code, f"{row.name or row.buyer}: {row.labels} ({row.buyer}, {row.order_code})") for row in missing
    ]
    begun = _has_begun(event, utcnow())
    return render_template("vendor_tables/manage/missing.html", event=event, form=form, missing=missing, begun=begun)


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
