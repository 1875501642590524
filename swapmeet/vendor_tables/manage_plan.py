"""The organizer edits the floor: table types, terms, places one by one or by the row, things that stand in the hall."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event, Hall
from swapmeet.events.queries import list_halls
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.deposits import find_deposit
from swapmeet.vendor_tables.forms import PlaceForm, RowForm, ShapeForm, TermsForm, floor_form
from swapmeet.vendor_tables.geometry import Row
from swapmeet.vendor_tables.manage import bp
from swapmeet.vendor_tables.models import PlanShape, TablePlace, TableType
from swapmeet.vendor_tables.price_forms import type_form
from swapmeet.vendor_tables.prices import list_rule_words, list_rules, load_tags, part_options
from swapmeet.vendor_tables.services import plan
from swapmeet.web.access import actor, requires


@bp.route("/manage/shows/<slug>/tables/types", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def types(event: Event) -> ResponseReturnValue:
    """What is sold at which price, and the terms across types."""
    db_session = db.session()
    terms = queries.find_terms(db_session, event_id=event.id)
    deposit = find_deposit(db_session, event_id=event.id)
    said = (
        {name: getattr(deposit, name) for name in ("percent", "each_minor", "balance_on", "lapses")}
        if deposit is not None
        else {}
    )
    form = floor_form(TermsForm, event=event, obj=terms, data=said)

    def save(db_session: Session) -> None:
        plan.save_terms(
            db_session,
            event=event,
            max_tables=form.max_tables.data,
            text=form.text.data or "",
            deposit=form.deposit(),
            by=actor(),
            now=utcnow(),
        )

    if form.validate_on_submit() and _try(form, save):
        flash("The terms are saved.", "ok")
        return redirect(url_for(".types", slug=event.slug), 303)
    found = queries.list_types(db_session, event_id=event.id)
    counts = queries.count_places_by_type(db_session, event_id=event.id)
    tags = load_tags(db_session, event=event, now=utcnow())
    page = render_template(
        "vendor_tables/manage/types.html",
        event=event,
        types=found,
        counts=counts,
        form=form,
        rules=list_rule_words(db_session, tags, found),
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/manage/shows/<slug>/tables/types/new", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def new_type(event: Event) -> ResponseReturnValue:
    return _edit_type(event, None)


@bp.route("/manage/shows/<slug>/tables/types/<int:type_id>", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def edit_type(event: Event, type_id: int) -> ResponseReturnValue:
    return _edit_type(event, _get_type(event, type_id))


def _edit_type(event: Event, table_type: TableType | None) -> ResponseReturnValue:
    type_id = table_type.id if table_type is not None else None
    places = queries.list_places(db.session(), event_id=event.id)
    form = type_form(
        event,
        table_type=table_type,
        rules=list_rules(db.session(), event_id=event.id).get(type_id or 0, []),
        parts=part_options(db.session(), event_id=event.id, places=places),
        formdata=request.form,
    )

    def save(db_session: Session) -> None:
        known = db_session.get_one(TableType, type_id) if type_id is not None else None
        saved = plan.save_type(
            db_session, event=event, table_type=known, values=form.values(), by=actor(), now=utcnow()
        )
        plan.save_prices(db_session, table_type=saved, rules=form.rules(), by=actor(), now=utcnow())

    if form.validate_on_submit() and _try(form, save):
        flash(f"“{form.name.data}” is saved. Orders keep the price they were placed at.", "ok")
        return redirect(url_for(".types", slug=event.slug), 303)
    page = render_template("vendor_tables/manage/type.html", event=event, form=form, table_type=table_type)
    return page, 422 if form.is_submitted() else 200


@bp.post("/manage/shows/<slug>/tables/types/<int:type_id>/removal")
@requires(Permission.TABLES_EDIT)
def remove_type(event: Event, type_id: int) -> ResponseReturnValue:
    table_type = _get_type(event, type_id)
    name = table_type.name
    try:
        with transaction() as db_session:
            known = db_session.get_one(TableType, type_id)
            plan.remove_type(db_session, table_type=known, by=actor(), now=utcnow())
        flash(f"“{name}” is removed.", "ok")
    except DomainError as error:
        flash(error.message, "warn")
    return redirect(url_for(".types", slug=event.slug), 303)


def _get_type(event: Event, type_id: int) -> TableType:
    found = queries.find_type(db.session(), event_id=event.id, type_id=type_id)
    if found is None:
        raise NotFound("There is no such table type at this show.")
    return found


@bp.route("/manage/shows/<slug>/tables/rows", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def rows(event: Event) -> ResponseReturnValue:
    """A row of touching tables: "row A, nine tables of a kind from here to the east"."""
    form = floor_form(RowForm, event=event, data={"facing": "S", "runs": "E", "first_number": 1})
    halls = _offer(event, form)

    def save(db_session: Session) -> None:
        hall, kind = _hall_and_type(db_session, event, form)
        along = form.runs.data in ("E", "W")
        row = Row(
            name=form.name.data,
            count=form.count.data,
            x=form.x.data,
            y=form.y.data,
            length=kind.length_mm,
            depth_mm=kind.depth_mm,
            runs=form.runs.data,
            facing=form.facing.data if along == (form.facing.data in "NS") else ("S" if along else "E"),
            first_number=form.first_number.data,
            unit_mm=plan.ONE_MM,
        )
        plan.add_row(db_session, event=event, hall=hall, table_type=kind, row=row, by=actor(), now=utcnow())

    if halls and form.validate_on_submit() and _try(form, save):
        flash(f"Row {form.name.data} is on the plan.", "ok")
        return redirect(url_for(".board", slug=event.slug), 303)
    page = render_template("vendor_tables/manage/row.html", event=event, form=form, is_ready=bool(halls))
    return page, 422 if form.is_submitted() else 200


@bp.route("/manage/shows/<slug>/tables/places/new", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def new_place(event: Event) -> ResponseReturnValue:
    return _edit_place(event, None)


@bp.route("/manage/shows/<slug>/tables/places/<int:place_id>/edit", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def edit_place(event: Event, place_id: int) -> ResponseReturnValue:
    return _edit_place(event, queries.get_place(db.session(), event_id=event.id, place_id=place_id))


def _edit_place(event: Event, place: TablePlace | None) -> ResponseReturnValue:
    form = floor_form(PlaceForm, event=event, data=_place_data(place))
    is_ready = bool(_offer(event, form))
    place_id = place.id if place is not None else None

    def save(db_session: Session) -> None:
        hall, _ = _hall_and_type(db_session, event, form)
        known = db_session.get_one(TablePlace, place_id) if place_id is not None else None
        values = form.values(list(known.tags) if known is not None else [])
        plan.save_place(db_session, event=event, hall=hall, place=known, values=values, by=actor(), now=utcnow())

    if is_ready and form.validate_on_submit() and _try(form, save):
        flash(f"Table {form.label.data} is saved.", "ok")
        return redirect(url_for(".board", slug=event.slug), 303)
    page = render_template(
        "vendor_tables/manage/place_form.html", event=event, form=form, place=place, is_ready=is_ready
    )
    return page, 422 if form.is_submitted() else 200


def _place_data(place: TablePlace | None) -> dict[str, Any]:
    if place is None:
        return {"facing": "S", "is_sellable": True}
    return {
        "hall_id": place.plan.hall_id,
        "type_id": place.type_id,
        "label": place.label,
        "row": place.row,
        "x": place.x_mm,
        "y": place.y_mm,
        "w": place.w_mm,
        "d": place.d_mm,
        "rotation": place.rotation_ddeg // 10,
        "facing": place.facing.value,
        "has_power": "power" in place.tags,
        "is_sellable": place.is_sellable,
    }


@bp.post("/manage/shows/<slug>/tables/places/<int:place_id>/removal")
@requires(Permission.TABLES_EDIT)
def remove_place(event: Event, place_id: int) -> ResponseReturnValue:
    label = queries.get_place(db.session(), event_id=event.id, place_id=place_id).label
    try:
        with transaction() as db_session:
            place = db_session.get_one(TablePlace, place_id)
            plan.remove_place(db_session, event=event, place=place, by=actor(), now=utcnow())
        flash(f"Table {label} is off the plan.", "ok")
        return redirect(url_for(".board", slug=event.slug), 303)
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(url_for(".show_place", slug=event.slug, place_id=place_id), 303)


@bp.route("/manage/shows/<slug>/tables/shapes", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def shapes(event: Event) -> ResponseReturnValue:
    """Pillars, stages, walls and words on the plans."""
    form = floor_form(ShapeForm, event=event)
    halls = list_halls(db.session(), event_id=event.id)
    form.hall_id.choices = [(hall.id, hall.name) for hall in halls]

    def save(db_session: Session) -> None:
        hall = _one_of(list_halls(db_session, event_id=event.id), form.hall_id.data)
        plan.add_shape(db_session, event=event, hall=hall, values=form.values(), by=actor(), now=utcnow())

    if halls and form.validate_on_submit() and _try(form, save):
        flash("It is on the plan.", "ok")
        return redirect(url_for(".shapes", slug=event.slug), 303)
    plans = {each.id: each for each in queries.list_plans(db.session(), event_id=event.id)}
    found = queries.list_shapes(db.session(), event_id=event.id)
    page = render_template(
        "vendor_tables/manage/shapes.html", event=event, form=form, shapes=found, plans=plans, is_ready=bool(halls)
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/manage/shows/<slug>/tables/shapes/<int:shape_id>/removal")
@requires(Permission.TABLES_EDIT)
def remove_shape(event: Event, shape_id: int) -> ResponseReturnValue:
    with transaction() as db_session:
        shape = db_session.get(PlanShape, shape_id)
        if shape is None or shape.event_id != event.id:
            raise NotFound("There is no such thing on the plan.")
        plan.remove_shape(db_session, shape=shape, by=actor(), now=utcnow())
    flash("It is off the plan.", "ok")
    return redirect(url_for(".shapes", slug=event.slug), 303)


def _offer(event: Event, form: Any) -> list[Hall]:
    """The halls and table types to choose from; no halls when either is missing, so that nothing can be placed yet."""
    halls = list_halls(db.session(), event_id=event.id)
    kinds = queries.list_types(db.session(), event_id=event.id)
    form.hall_id.choices = [(hall.id, hall.name) for hall in halls]
    form.type_id.choices = [(kind.id, kind.name) for kind in kinds]
    return halls if kinds else []


def _hall_and_type(db_session: Session, event: Event, form: Any) -> tuple[Hall, TableType]:
    hall = _one_of(list_halls(db_session, event_id=event.id), form.hall_id.data)
    kind = _one_of(queries.list_types(db_session, event_id=event.id), form.type_id.data)
    return hall, kind


def _one_of(rows: list[Any], row_id: int) -> Any:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFound("It has been removed meanwhile. Reload the page.")
    return found


def _try(form: Any, save: Callable[[Session], None]) -> bool:
    """Save in a transaction; what the rules refuse is told at its field."""
    try:
        with transaction() as db_session:
            save(db_session)
    except DomainError as error:
        form.hang(error)
        return False
    return True
