"""Organizer pages about attendees: find, correct, print, export, give a new badge."""

from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.badges import queries, services
from swapmeet.badges.forms import AttendeeForm, ReissueForm
from swapmeet.badges.models import Attendee
from swapmeet.badges.queries import AttendeeFilter
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.search import fold
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import local_moment
from swapmeet.web.paging import PAGE_SIZE, Page, page_number
from swapmeet.web.panels import render_panels
from swapmeet.web.spreadsheet import csv_lines, csv_response

bp = Blueprint("badges_manage", __name__)

STATUSES = [("", "Everybody"), ("in", "Checked in"), ("not_in", "Not in yet"), ("canceled", "Canceled")]
CSV_HEADER = ("Name", "E-mail", "Ticket", "Days", "Order", "Badge", "Role", "Checked in")
EXPORT_LIMIT = 100_000


@bp.get("/manage/shows/<slug>/attendees")
@requires(Permission.ATTENDEES_VIEW)
def list_attendees(event: Event) -> ResponseReturnValue:
    """Search by any part of a name, an address, an order code or #number."""
    db_session = db.session()
    wanted = _filter()
    total = queries.count_attendees(db_session, event_id=event.id, wanted=wanted)
    number = min(page_number(), max(1, -(-total // PAGE_SIZE)))
    statement = queries.attendee_list(event.id, wanted).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return render_template(
        "badges/attendees.html",
        event=event,
        page=Page(db_session.execute(statement).all(), number, PAGE_SIZE, total),
        wanted=wanted,
        statuses=STATUSES,
        tickets=[("", "All tickets"), *((label, label) for label in _labels(event))],
    )


@bp.get("/manage/shows/<slug>/attendees.csv")
@requires(Permission.ATTENDEES_VIEW)
def export_attendees(event: Event) -> ResponseReturnValue:
    """What the list shows with its filters, as a file for a spreadsheet."""
    statement = queries.attendee_list(event.id, _filter()).limit(EXPORT_LIMIT)
    more = [columns for add in registry().attendee_columns if (columns := add(db.session(), event)) is not None]
    rows = [
        [*_csv_row(event, row), *(cell for columns in more for cell in columns.of((row.line_id, row.seat)))]
        for row in db.session().execute(statement)
    ]
    header = [*CSV_HEADER, *(name for columns in more for name in columns.header)]
    return csv_response(csv_lines(header, rows), f"{event.slug}-attendees.csv")


@bp.get("/manage/shows/<slug>/attendees/print")
@requires(Permission.ATTENDEES_VIEW)
def print_attendees(event: Event) -> ResponseReturnValue:
    """A to Z by last name with a box to tick: the paper the door falls back on."""
    statement = queries.attendee_list(event.id, _filter()).limit(EXPORT_LIMIT)
    rows = sorted(db.session().execute(statement), key=lambda row: (_last_name(row.name), fold(row.name), row.id))
    letters = [(letter, list(group)) for letter, group in groupby(rows, key=lambda row: _letter(row.name))]
    return render_template("badges/attendees_print.html", event=event, letters=letters, total=len(rows), now=utcnow())


@bp.get("/manage/shows/<slug>/attendees/<int:attendee_id>")
@requires(Permission.ATTENDEES_VIEW)
def show_attendee(event: Event, attendee_id: int) -> ResponseReturnValue:
    attendee = queries.get_attendee(db.session(), event_id=event.id, attendee_id=attendee_id)
    return _attendee_page(event, attendee, AttendeeForm(formdata=None, obj=attendee))


@bp.post("/manage/shows/<slug>/attendees/<int:attendee_id>")
@requires(Permission.ATTENDEES_EDIT)
def edit_attendee(event: Event, attendee_id: int) -> ResponseReturnValue:
    event_id, slug = event.id, event.slug
    attendee = queries.get_attendee(db.session(), event_id=event_id, attendee_id=attendee_id)
    form = AttendeeForm()
    if not form.validate_on_submit():
        return _attendee_page(event, attendee, form), 422
    with transaction() as db_session:
        attendee = queries.get_attendee(db_session, event_id=event_id, attendee_id=attendee_id)
        services.edit_attendee(
            db_session,
            attendee=attendee,
            name=form.name.data or "",
            email=form.email.data or "",
            by=actor(),
            now=utcnow(),
        )
    flash("Saved.", "ok")
    return redirect(url_for(".show_attendee", slug=slug, attendee_id=attendee_id), 303)


@bp.post("/manage/shows/<slug>/attendees/<int:attendee_id>/badges")
@requires(Permission.ATTENDEES_EDIT)
def reissue_badge(event: Event, attendee_id: int) -> ResponseReturnValue:
    """The old badge becomes void, a new one with another number and code takes its place."""
    event_id, slug = event.id, event.slug
    attendee = queries.get_attendee(db.session(), event_id=event_id, attendee_id=attendee_id)
    form = ReissueForm()
    if not form.validate_on_submit():
        return _attendee_page(event, attendee, AttendeeForm(formdata=None, obj=attendee), reissue=form), 422
    try:
        with transaction() as db_session:
            attendee = queries.get_attendee(db_session, event_id=event_id, attendee_id=attendee_id)
            badge = services.reissue_badge(
                db_session, attendee=attendee, reason=form.reason.data or "", by=actor(), now=utcnow()
            )
            number = badge.number
        flash(f"Badge {number} is issued. The old one does not open the door any more.", "ok")
    except DomainError as error:
        flash(error.message, "warn")
    return redirect(url_for(".show_attendee", slug=slug, attendee_id=attendee_id), 303)


def _filter() -> AttendeeFilter:
    status = request.args.get("status", "")
    known = {key for key, _ in STATUSES}
    return AttendeeFilter(
        query=request.args.get("q", "").replace("\x00", "")[:200].strip(),
        status=status if status in known else "",
        ticket=request.args.get("ticket", "").replace("\x00", "")[:200],
    )


def _labels(event: Event) -> list[str]:
    return queries.list_ticket_labels(db.session(), event_id=event.id)


def _csv_row(event: Event, row: Any) -> list[object]:
    entered = local_moment(row.entered_at, event.time_zone, event.locale) if row.entered_at else ""
    days = " ".join(row.valid_days)
    return [row.name, row.email, row.ticket_label, days, row.order_code, row.number, row.role.value, entered]


def _attendee_page(event: Event, attendee: Attendee, form: AttendeeForm, reissue: ReissueForm | None = None) -> str:
    db_session = db.session()
    return render_template(
        "badges/attendee.html",
        event=event,
        attendee=attendee,
        form=form,
        reissue=reissue or ReissueForm(formdata=None),
        badges=queries.list_badges(db_session, attendee_id=attendee.id),
        entries=queries.list_entries(db_session, attendee_id=attendee.id),
        panels=render_panels("manage.attendee", db_session, event=event, now=utcnow(), of=attendee),
    )


def _last_name(name: str) -> str:
    words = fold(name).split()
    return words[-1] if words else ""


def _letter(name: str) -> str:
    """The heading a name stands under: the first letter of the last name, # for what begins with none."""
    first = _last_name(name)[:1].upper()
    return first if first.isalpha() else "#"
