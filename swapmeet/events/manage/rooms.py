"""Halls and sale periods."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events import queries, services
from swapmeet.events.errors import StillInUse
from swapmeet.events.forms import PeriodForm, hall_form
from swapmeet.events.manage.blueprint import bp, setup_tabs
from swapmeet.events.models import Event
from swapmeet.events.services.setup import HallWish, PeriodWish
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form
from swapmeet.web.lengths import shown_length


@bp.get("/shows/<slug>/halls")
@requires(Permission.EVENT_EDIT)
def list_halls(event: Event) -> ResponseReturnValue:
    """All rooms with their measures."""
    halls = queries.list_halls(db.session(), event_id=event.id)
    return render_template(
        "events/halls.html",
        event=event,
        halls=halls,
        sizes={
            hall.id: tuple(shown_length(mm, event.length_unit) for mm in (hall.width_mm, hall.depth_mm))
            for hall in halls
        },
        tabs_of_setup=setup_tabs(event),
    )


@bp.get("/shows/<slug>/halls/new")
@requires(Permission.EVENT_EDIT)
def new_hall(event: Event) -> ResponseReturnValue:
    return _hall_page(event, hall_form(event), None)


@bp.post("/shows/<slug>/halls")
@requires(Permission.EVENT_EDIT)
def create_hall(event: Event) -> ResponseReturnValue:
    form = hall_form(event)
    if not form.validate_on_submit():
        return _hall_page(event, form, None), 422
    try:
        with transaction() as db_session:
            hall = services.add_hall(db_session, event=event, wish=_hall_wish(form), by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _hall_page(event, form, None), 422
    flash(f"{hall.name} is added.", "ok")
    return redirect(url_for(".list_halls", slug=event.slug), 303)


@bp.get("/shows/<slug>/halls/<int:hall_id>")
@requires(Permission.EVENT_EDIT)
def edit_hall(event: Event, hall_id: int) -> ResponseReturnValue:
    hall = queries.get_hall(db.session(), event_id=event.id, hall_id=hall_id)
    return _hall_page(event, hall_form(event, obj=hall), hall)


@bp.post("/shows/<slug>/halls/<int:hall_id>")
@requires(Permission.EVENT_EDIT)
def update_hall(event: Event, hall_id: int) -> ResponseReturnValue:
    hall = queries.get_hall(db.session(), event_id=event.id, hall_id=hall_id)
    form = hall_form(event, obj=hall)
    if not form.validate_on_submit():
        return _hall_page(event, form, hall), 422
    try:
        with transaction() as db_session:
            services.change_hall(db_session, event=event, hall=hall, wish=_hall_wish(form), by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _hall_page(event, form, hall), 422
    flash("Saved.", "ok")
    return redirect(url_for(".list_halls", slug=event.slug), 303)


@bp.post("/shows/<slug>/halls/<int:hall_id>/removal")
@requires(Permission.EVENT_EDIT)
def remove_hall(event: Event, hall_id: int) -> ResponseReturnValue:
    """Refused in words while something is planned there."""
    try:
        with transaction() as db_session:
            hall = queries.get_hall(db_session, event_id=event.id, hall_id=hall_id)
            services.remove_hall(db_session, event=event, hall=hall, by=actor(), now=utcnow())
    except StillInUse as error:
        flash(error.message, "bad")
        return redirect(url_for(".edit_hall", slug=event.slug, hall_id=hall_id), 303)
    flash("The room is removed.", "ok")
    return redirect(url_for(".list_halls", slug=event.slug), 303)


@bp.get("/shows/<slug>/periods")
@requires(Permission.EVENT_EDIT)
def list_periods(event: Event) -> ResponseReturnValue:
    """What a table is sold for: the whole show, a day, a part of one."""
    periods = queries.list_sale_periods(db.session(), event_id=event.id)
    return render_template("events/periods.html", event=event, periods=periods, tabs_of_setup=setup_tabs(event))


@bp.get("/shows/<slug>/periods/new")
@requires(Permission.EVENT_EDIT)
def new_period(event: Event) -> ResponseReturnValue:
    return _period_page(event, _period_form(event), None)


@bp.post("/shows/<slug>/periods")
@requires(Permission.EVENT_EDIT)
def create_period(event: Event) -> ResponseReturnValue:
    form = _period_form(event)
    if not form.validate_on_submit():
        return _period_page(event, form, None), 422
    try:
        with transaction() as db_session:
            services.add_sale_period(db_session, event=event, wish=_period_wish(form), by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _period_page(event, form, None), 422
    flash("The sale period is added.", "ok")
    return redirect(url_for(".list_periods", slug=event.slug), 303)


@bp.get("/shows/<slug>/periods/<int:period_id>")
@requires(Permission.EVENT_EDIT)
def edit_period(event: Event, period_id: int) -> ResponseReturnValue:
    period = queries.get_sale_period(db.session(), event_id=event.id, period_id=period_id)
    return _period_page(event, _period_form(event, obj=period), period)


@bp.post("/shows/<slug>/periods/<int:period_id>")
@requires(Permission.EVENT_EDIT)
def update_period(event: Event, period_id: int) -> ResponseReturnValue:
    period = queries.get_sale_period(db.session(), event_id=event.id, period_id=period_id)
    form = _period_form(event, obj=period)
    if not form.validate_on_submit():
        return _period_page(event, form, period), 422
    try:
        with transaction() as db_session:
            services.change_sale_period(
                db_session, event=event, period=period, wish=_period_wish(form), by=actor(), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return _period_page(event, form, period), 422
    flash("Saved.", "ok")
    return redirect(url_for(".list_periods", slug=event.slug), 303)


@bp.post("/shows/<slug>/periods/<int:period_id>/removal")
@requires(Permission.EVENT_EDIT)
def remove_period(event: Event, period_id: int) -> ResponseReturnValue:
    """Refused in words for the last one, and while tables are sold for it."""
    try:
        with transaction() as db_session:
            period = queries.get_sale_period(db_session, event_id=event.id, period_id=period_id)
            services.remove_sale_period(db_session, event=event, period=period, by=actor(), now=utcnow())
    except StillInUse as error:
        flash(error.message, "bad")
        return redirect(url_for(".edit_period", slug=event.slug, period_id=period_id), 303)
    flash("The sale period is removed.", "ok")
    return redirect(url_for(".list_periods", slug=event.slug), 303)


def _hall_wish(form: Any) -> HallWish:
    return HallWish(
        name=form.name.data,
        width_mm=form.width_mm.data,
        depth_mm=form.depth_mm.data,
        max_people=form.max_people.data,
        is_shared=form.is_shared.data,
        notes=form.notes.data or "",
    )


def _hall_page(event: Event, form: Any, hall: Any) -> str:
    return render_template("events/hall.html", event=event, form=form, hall=hall)


def _period_form(event: Event, **kwargs: Any) -> Any:
    return event_form(PeriodForm, zone_name=event.time_zone, currency=event.currency, **kwargs)


def _period_wish(form: Any) -> PeriodWish:
    return PeriodWish(form.label.data, form.starts_at.data, form.ends_at.data)


def _period_page(event: Event, form: Any, period: Any) -> str:
    return render_template("events/period.html", event=event, form=form, period=period)
