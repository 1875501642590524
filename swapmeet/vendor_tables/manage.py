"""The floor manager's board: who holds what; hold, release, move and assign by hand; the vendors of a show."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.accounts.queries import find_person_by_email
from swapmeet.events.models import Event, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra import codes, idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.orders.attempts import attempt
from swapmeet.vendor_tables import board, queries
from swapmeet.vendor_tables.documents import queries as document_queries
from swapmeet.vendor_tables.errors import PlaceNotFound
from swapmeet.vendor_tables.forms import AssignForm, HoldForm, MoveForm, ReasonForm, floor_form
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.vendor_tables.paper import KINDS
from swapmeet.vendor_tables.services import claims, desk
from swapmeet.web.access import actor, requires
from swapmeet.web.paging import page_number

bp = Blueprint("vendor_tables_manage", __name__)

MOST_AT_ONCE = 100


@bp.get("/manage/shows/<slug>/tables", endpoint="board")
@requires(Permission.VENDORS_VIEW)
def show_board(event: Event) -> ResponseReturnValue:
    """The plan and the list, with the names of who holds what."""
    lacking = document_queries.lacking(db.session(), event_id=event.id)
    wanted = board.BoardFilter(
        standing=request.args.get("state", "") if request.args.get("state") in board.STANDINGS else "",
        plan_id=whole(request.args.get("hall"), 17),
        text=request.args.get("q", "")[:100],
        with_power=request.args.get("power") == "1",
        area=request.args.get("area", "")[:120],
        lacks_documents=bool(lacking) and request.args.get("documents") == "1",
        lacking=lacking,
    )
    found = board.load_board(
        db.session(),
        event=event,
        period_id=whole(request.args.get("period"), 17),
        wanted=wanted,
        number=page_number(),
        now=utcnow(),
    )
    for row in found.rows:
        row.card.url = url_for(".show_place", slug=event.slug, place_id=row.card.id)
        if row.can_move and row.reservation is not None:
            row.card.move_url = url_for(".move", slug=event.slug, reservation_id=row.reservation.id)
    halls = [view for view in found.floor.halls if view.cards]
    hall = next((view for view in halls if view.plan.id == wanted.plan_id), halls[0] if halls else None)
    period_id = found.floor.period.id if found.floor.period is not None else None
    tabs = [
        {
            "label": view.hall.name,
            "url": url_for(".board", slug=event.slug, hall=view.plan.id, period=period_id),
            "is_current": view is hall,
        }
        for view in halls
    ]
    return render_template(
        "vendor_tables/manage/board.html",
        event=event,
        board=found,
        wanted=wanted,
        hall=hall,
        hall_tabs=tabs,
        paper_kinds=list(KINDS.items()),
    )


@bp.get("/manage/shows/<slug>/vendors")
@requires(Permission.VENDORS_VIEW)
def vendors(event: Event) -> ResponseReturnValue:
    """Who has tables, with how to reach them and whether they have paid."""
    query, standing = request.args.get("q", "")[:200], request.args.get("state", "")
    page = board.list_holders(
        db.session(), event=event, query=query, standing=standing, number=page_number(), now=utcnow()
    )
    return render_template("vendor_tables/manage/vendors.html", event=event, page=page, query=query, standing=standing)


@bp.get("/manage/shows/<slug>/tables/places/<int:place_id>")
@requires(Permission.VENDORS_VIEW)
def show_place(event: Event, place_id: int) -> ResponseReturnValue:
    """One table: who holds it, what can be done, what happened to it."""
    return _place_page(event, place_id)


def _place_page(event: Event, place_id: int, forms: Mapping[int, Mapping[str, Any]] = MappingProxyType({})) -> str:
    """`forms` by reservation id: those that came back with faults."""
    db_session = db.session()
    place = queries.get_place(db_session, event_id=event.id, place_id=place_id)
    periods = list_sale_periods(db_session, event_id=event.id)
    story = board.tell_story(db_session, place=place, periods=periods, now=utcnow())
    rows = [row for _, row in story.now_in if row is not None]
    blank = {row.id: {"release": ReasonForm(formdata=None), "move": MoveForm(formdata=None)} for row in rows}
    for row in rows:
        blank[row.id] |= forms.get(row.id, {})
        for form in blank[row.id].values():
            _tell_apart(form, row.id)
    return render_template(
        "vendor_tables/manage/place.html",
        event=event,
        story=story,
        standing_of=board.standing_of,
        standings=board.STANDINGS,
        forms=blank,
    )


def _tell_apart(form: Any, row_id: int) -> None:
    """The same form stands on the page once for each sale period: their fields need ids of their own."""
    for field in form:
        field.id = f"{field.id}-{row_id}"


@bp.route("/manage/shows/<slug>/tables/holds", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def holds(event: Event) -> ResponseReturnValue:
    """Keep the chosen places from sale, with a reason and an optional end."""
    places, period = _chosen(event)
    form = floor_form(HoldForm, event=event)
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _hold(db_session, event, places, period, form))
            flash(f"{_labels(places)} kept from sale.", "ok")
            return redirect(url_for(".board", slug=event.slug, period=period.id), 303)
        except DomainError as error:
            form.hang(error)
    return _desk_page("hold", event, form, places, period)


def _hold(db_session: Session, event: Event, places: Sequence[TablePlace], period: SalePeriod, form: Any) -> None:
    desk.hold_places(
        db_session,
        event=event,
        places=places,
        period=period,
        holder=form.holder.data or "",
        reason=form.reason.data,
        expires_at=form.expires_at.data,
        by=actor(),
        now=utcnow(),
    )


@bp.route("/manage/shows/<slug>/tables/assignments", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def assignments(event: Event) -> ResponseReturnValue:
    """Place a vendor by hand: an order in their name."""
    places, period = _chosen(event)
    form = AssignForm()
    if form.validate_on_submit():
        try:
            code = attempt(lambda db_session: _assign(db_session, event, places, period, form))
            flash(f"{_labels(places)} went to {form.sign.data or form.name.data} by order {code}.", "ok")
            return redirect(url_for(".board", slug=event.slug, period=period.id), 303)
        except DomainError as error:
            form.hang(error)
    return _desk_page("assign", event, form, places, period)


def _assign(
    db_session: Session, event: Event, places: Sequence[TablePlace], period: SalePeriod, form: AssignForm
) -> str:
    """Returns the order's code; a repeated form returns the first one."""
    fresh = db_session.get_one(Event, event.id)
    claims.lock_places(db_session, [place.id for place in places])  # a double click waits here for its first answer
    scope, key = f"assign:{event.id}", str(form.key.data or "")
    content = repr((sorted(place.id for place in places), period.id, form.name.data, form.email.data))
    answer = idempotency.find_answer(db_session, scope=scope, key=key, content=content)
    if answer is not None:
        return answer
    email = form.email.data or ""
    person = find_person_by_email(db_session, email) if email else None
    order = desk.assign_places(
        db_session,
        event=fresh,
        places=queries.list_places_by_id(db_session, event_id=event.id, ids=[place.id for place in places]),
        period=db_session.get_one(SalePeriod, period.id),
        holder=desk.NewHolder(
            name=str(form.name.data),
            email=email,
            sign=form.sign.data or str(form.name.data),
            sells=form.sells.data or "",
            person_id=person.id if person is not None and person.confirmed_at is not None else None,
        ),
        is_free=form.is_free.data,
        reason=str(form.reason.data),
        by=actor(),
        now=utcnow(),
    )
    idempotency.keep_answer(db_session, scope=scope, key=key, content=content, answer=order.code, now=utcnow())
    return order.code


@bp.post("/manage/shows/<slug>/tables/reservations/<int:reservation_id>/release")
@requires(Permission.TABLES_EDIT)
def release(event: Event, reservation_id: int) -> ResponseReturnValue:
    """Give a place that the team held back to everybody."""
    reservation = queries.get_reservation(db.session(), event_id=event.id, reservation_id=reservation_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction() as db_session:
                row = queries.get_reservation(db_session, event_id=event.id, reservation_id=reservation_id)
                desk.release_hold(db_session, reservation=row, reason=str(form.reason.data), by=actor(), now=utcnow())
            flash(f"Table {reservation.place.label} is free again.", "ok")
            return redirect(url_for(".show_place", slug=event.slug, place_id=reservation.place_id), 303)
        except DomainError as error:
            form.hang(error)
    return _place_page(event, reservation.place_id, {reservation_id: {"release": form}}), 422


@bp.route("/manage/shows/<slug>/tables/reservations/<int:reservation_id>/moves", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def move(event: Event, reservation_id: int) -> ResponseReturnValue:
    """Give the holder another free place instead; before that, what it would change."""
    reservation = queries.get_reservation(db.session(), event_id=event.id, reservation_id=reservation_id)
    form = MoveForm()
    if request.method == "GET":
        return _confirm_move(event, reservation, request.args.get("to", "")[:20])
    if form.validate_on_submit():
        try:
            moved_to = attempt(lambda db_session: _move(db_session, event, reservation_id, form))
            flash(f"Moved from {reservation.place.label} to {form.target.data}.", "ok")
            return redirect(url_for(".show_place", slug=event.slug, place_id=moved_to), 303)
        except DomainError as error:
            form.hang(error)
    return _place_page(event, reservation.place_id, {reservation_id: {"move": form}}), 422


def _confirm_move(event: Event, reservation: Reservation, label: str) -> ResponseReturnValue:
    """What a drag on the plan asks: who goes where, what it costs there, who is told."""
    db_session = db.session()
    target = queries.find_place_by_label(db_session, event_id=event.id, label=label.replace("\x00", ""))
    if target is None or reservation.released_at is not None:
        raise PlaceNotFound("There is no such move. The plan may have changed meanwhile; look at the board again.")
    line = reservation.line
    quote = (
        desk.price_there(db_session, event=event, line=line, target=target, now=utcnow()) if line is not None else None
    )
    is_free = not queries.is_held(db_session, place_id=target.id, now=utcnow())
    return render_template(
        "vendor_tables/manage/move.html",
        event=event,
        row=reservation,
        target=target,
        line=line,
        quote=quote,
        is_free=is_free,
        form=MoveForm(formdata=None, data={"target": target.label, "is_told": True}),
    )


def _move(db_session: Session, event: Event, reservation_id: int, form: MoveForm) -> int:
    row = queries.get_reservation(db_session, event_id=event.id, reservation_id=reservation_id)
    target = queries.find_place_by_label(db_session, event_id=event.id, label=str(form.target.data))
    if target is None:
        raise PlaceNotFound(f"There is no table {form.target.data} at this show.", field="target")
    place = queries.get_place(db_session, event_id=event.id, place_id=target.id)
    desk.move_reservation(
        db_session,
        event=db_session.get_one(Event, event.id),
        reservation=row,
        target=place,
        reason=str(form.reason.data),
        is_told=form.is_told.data,
        is_repriced=form.is_repriced.data,
        by=actor(),
        now=utcnow(),
    )
    return place.id


def _chosen(event: Event) -> tuple[list[TablePlace], SalePeriod]:
    """The places and the period named by the address or the form. 404 for unknown or foreign ones, or none at all."""
    db_session = db.session()
    asked = request.values.getlist("place")[:MOST_AT_ONCE]
    ids = {number for number in (whole(text, 17) for text in asked) if number}
    places = queries.list_places_by_id(db_session, event_id=event.id, ids=ids)
    period_id = whole(request.values.get("period"), 17)
    period = next((each for each in list_sale_periods(db_session, event_id=event.id) if each.id == period_id), None)
    if not places or len(places) < len(ids) or period is None:
        raise NotFound("Choose at least one table on the board first.")
    return places, period


def _desk_page(
    deed: str, event: Event, form: Any, places: Sequence[TablePlace], period: SalePeriod
) -> ResponseReturnValue:
    page = render_template(
        f"vendor_tables/manage/{deed}.html",
        event=event,
        form=form,
        places=places,
        period=period,
        labels=_labels(places),
        form_key=codes.link_key(),
    )
    return page, 422 if form.is_submitted() else 200


def _labels(places: Sequence[TablePlace]) -> str:
    return ", ".join(place.label for place in places)
