"""Organizer pages about tickets: the list with what is sold, one type with its price steps, archive."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, Refused
from swapmeet.registration import queries, services
from swapmeet.registration.forms import TicketTypeForm, ticket_type_form
from swapmeet.registration.models import TicketType
from swapmeet.registration.overview import list_rows, list_shared_rows
from swapmeet.web.access import actor, requires

bp = Blueprint("registration_manage", __name__)


@bp.get("/manage/shows/<slug>/tickets")
@requires(Permission.TICKETS_EDIT)
def list_ticket_types(event: Event) -> ResponseReturnValue:
    """What is sold, how many are left, at what price today."""
    db_session = db.session()
    rows = list_rows(db_session, event, now=utcnow())
    return render_template(
        "registration/types.html",
        event=event,
        rows=[row for row in rows if not row.is_archived],
        archived=[row for row in rows if row.is_archived],
        shared=list_shared_rows(db_session, event),
    )


@bp.route("/manage/shows/<slug>/tickets/new", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def add_ticket_type(event: Event) -> ResponseReturnValue:
    form = _form(event, None)
    if not form.validate_on_submit():
        return _form_page(event, form, None), 422 if request.method == "POST" else 200
    event_id, slug = event.id, event.slug
    values = form.values(event)
    try:
        with transaction() as db_session:
            show = db_session.get_one(Event, event_id)
            services.add_ticket_type(db_session, event=show, values=values, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _form_page(event, form, None), 422
    flash(f"{values.name} is there.", "ok")
    return redirect(url_for(".list_ticket_types", slug=slug), 303)


@bp.route("/manage/shows/<slug>/tickets/<int:ticket_type_id>", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def edit_ticket_type(event: Event, ticket_type_id: int) -> ResponseReturnValue:
    kind = queries.get_ticket_type(db.session(), event_id=event.id, ticket_type_id=ticket_type_id)
    form = _form(event, kind)
    if not form.validate_on_submit():
        return _form_page(event, form, kind), 422 if request.method == "POST" else 200
    event_id, slug = event.id, event.slug
    values = form.values(event)
    try:
        with transaction() as db_session:
            show = db_session.get_one(Event, event_id)
            kind = queries.get_ticket_type(db_session, event_id=event_id, ticket_type_id=ticket_type_id)
            services.edit_ticket_type(db_session, event=show, kind=kind, values=values, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _form_page(event, form, kind, error), 422
    flash("Saved.", "ok")
    return redirect(url_for(".list_ticket_types", slug=slug), 303)


@bp.post("/manage/shows/<slug>/tickets/<int:ticket_type_id>/archive")
@requires(Permission.TICKETS_EDIT)
def archive_ticket_type(event: Event, ticket_type_id: int) -> ResponseReturnValue:
    """Off sale for good; sold tickets stay good."""
    event_id, slug = event.id, event.slug
    try:
        with transaction() as db_session:
            kind = queries.get_ticket_type(db_session, event_id=event_id, ticket_type_id=ticket_type_id)
            services.archive_ticket_type(db_session, kind=kind, by=actor(), now=utcnow())
    except Refused as error:
        flash(error.message, "warn")
        return redirect(url_for(".list_ticket_types", slug=slug), 303)
    flash("It is not sold any more. Tickets that are sold stay good.", "ok")
    return redirect(url_for(".list_ticket_types", slug=slug), 303)


@bp.post("/manage/shows/<slug>/tickets/<int:ticket_type_id>/restoration")
@requires(Permission.TICKETS_EDIT)
def restore_ticket_type(event: Event, ticket_type_id: int) -> ResponseReturnValue:
    event_id, slug = event.id, event.slug
    try:
        with transaction() as db_session:
            kind = queries.get_ticket_type(db_session, event_id=event_id, ticket_type_id=ticket_type_id)
            services.restore_ticket_type(db_session, kind=kind, by=actor(), now=utcnow())
    except Refused as error:
        flash(error.message, "warn")
        return redirect(url_for(".list_ticket_types", slug=slug), 303)
    flash("It is on the list again.", "ok")
    return redirect(url_for(".list_ticket_types", slug=slug), 303)


@bp.post("/manage/shows/<slug>/tickets/<int:ticket_type_id>/position")
@requires(Permission.TICKETS_EDIT)
def move_ticket_type(event: Event, ticket_type_id: int) -> ResponseReturnValue:
    """One place up or down in the list that buyers see."""
    event_id, slug = event.id, event.slug
    step = -1 if request.form.get("step") == "up" else 1
    with transaction() as db_session:
        show = db_session.get_one(Event, event_id)
        kind = queries.get_ticket_type(db_session, event_id=event_id, ticket_type_id=ticket_type_id)
        services.move_ticket_type(db_session, event=show, kind=kind, step=step)
    return redirect(url_for(".list_ticket_types", slug=slug), 303)


def _form(event: Event, kind: TicketType | None) -> TicketTypeForm:
    formdata = request.form if request.method == "POST" else None
    shared = queries.list_shared_quotas(db.session(), event_id=event.id)
    others = queries.list_ticket_types(db.session(), event_id=event.id)
    return ticket_type_form(event, kind=kind, shared=shared, others=others, formdata=formdata)


def _form_page(event: Event, form: TicketTypeForm, kind: TicketType | None, error: DomainError | None = None) -> str:
    holders = error.facts.get("holders", []) if error is not None else []
    return render_template("registration/type.html", event=event, form=form, kind=kind, holders=holders)
