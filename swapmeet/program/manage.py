"""The organizer's program pages."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.events.queries import list_halls
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.program import services
from swapmeet.program.forms import CancelForm, RemoveForm, SessionForm
from swapmeet.program.models import SessionKind
from swapmeet.program.queries import get_session, list_sessions, list_sign_ups, list_teachers
from swapmeet.program.views import days_of, local_day
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form

bp = Blueprint("program_manage", __name__, url_prefix="/manage/shows/<slug>/program")


@bp.get("")
@requires(Permission.PROGRAM_EDIT)
def list_planned(event: Event) -> ResponseReturnValue:
    """All sessions by day."""
    sessions = list_sessions(db.session(), event_id=event.id, now=utcnow())
    by_day = [(day, [row for row in sessions if local_day(event, row) == day]) for day in days_of(event, sessions)]
    return render_template("program/manage_list.html", event=event, by_day=by_day)


@bp.get("/new")
@requires(Permission.PROGRAM_EDIT)
def new_session(event: Event) -> ResponseReturnValue:
    return _form_page(event, _form(event), None)


@bp.post("/new")
@requires(Permission.PROGRAM_EDIT)
def create_session(event: Event) -> ResponseReturnValue:
    form = _form(event)
    if not form.validate_on_submit():
        return _form_page(event, form, None), 422
    try:
        with transaction() as db_session:
            session = services.plan_session(db_session, event=event, plan=_plan(form), by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _form_page(event, form, None), 409
    flash(f"“{session.title}” is on the program.", "ok")
    return redirect(url_for(".list_planned", slug=event.slug), 303)


@bp.get("/<code>")
@requires(Permission.PROGRAM_EDIT)
def edit_session(event: Event, code: str) -> ResponseReturnValue:
    session = get_session(db.session(), event_id=event.id, code=code)
    return _form_page(event, _form(event, session), session)


@bp.post("/<code>")
@requires(Permission.PROGRAM_EDIT)
def update_session(event: Event, code: str) -> ResponseReturnValue:
    session = get_session(db.session(), event_id=event.id, code=code)
    form = _form(event, session)
    if not form.validate_on_submit():
        return _form_page(event, form, session), 422
    try:
        with transaction() as db_session:
            services.change_session(
                db_session, event=event, session=session, plan=_plan(form), by=actor(), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return _form_page(event, form, get_session(db.session(), event_id=event.id, code=code)), 409
    flash("Saved.", "ok")
    return redirect(url_for(".edit_session", slug=event.slug, code=session.code), 303)


@bp.post("/<code>/cancellation")
@requires(Permission.PROGRAM_EDIT)
def cancel_session(event: Event, code: str) -> ResponseReturnValue:
    session = get_session(db.session(), event_id=event.id, code=code)
    form = CancelForm()
    if not form.validate_on_submit():
        return _form_page(event, _form(event, session), session, cancel_form=form), 422
    with transaction() as db_session:
        told = services.cancel_session(
            db_session, event=event, session=session, reason=form.reason.data or "", by=actor(), now=utcnow()
        )
    flash(f"“{session.title}” is canceled. {told} buyers get a mail.", "ok")
    return redirect(url_for(".list_planned", slug=event.slug), 303)


@bp.post("/<code>/removal")
@requires(Permission.PROGRAM_EDIT)
def remove_session(event: Event, code: str) -> ResponseReturnValue:
    session = get_session(db.session(), event_id=event.id, code=code)
    if not RemoveForm().validate_on_submit():
        return _form_page(event, _form(event, session), session), 422
    title = session.title
    with transaction() as db_session:
        services.remove_session(db_session, event=event, session=session, by=actor(), now=utcnow())
    flash(f"“{title}” is removed.", "ok")
    return redirect(url_for(".list_planned", slug=event.slug), 303)


def _form(event: Event, session: Any = None) -> SessionForm:
    values = {}
    if session is not None:
        values = {
            "hall_id": str(session.hall_id or ""),
            "kind": session.kind.value,
            "teacher_name": session.teacher.name if session.teacher else "",
            "bring": "\n".join(session.bring),
        }
    form = event_form(SessionForm, zone_name=event.time_zone, currency=event.currency, obj=session, data=values or None)
    if session is not None and not form.is_submitted():
        for name, value in values.items():
            form[name].data = value
    built: SessionForm = form.with_halls(list_halls(db.session(), event_id=event.id))
    return built


def _plan(form: SessionForm) -> services.Plan:
    """Only for a form that validated: both times are there."""
    starts_at, ends_at = form.starts_at.data, form.ends_at.data
    assert starts_at is not None and ends_at is not None
    return services.Plan(
        title=form.title.data or "",
        kind=SessionKind(form.kind.data),
        code=form.code.data or "",
        about=form.about.data or "",
        starts_at=starts_at,
        ends_at=ends_at,
        hall_id=int(form.hall_id.data) if form.hall_id.data else None,
        place_text=form.place_text.data or "",
        teacher_name=form.teacher_name.data or "",
        capacity=form.capacity.data,
        needs_sign_up=bool(form.needs_sign_up.data),
        fee_minor=form.fee_minor.data or 0,
        kit_fee_minor=form.kit_fee_minor.data or 0,
        min_to_run=form.min_to_run.data,
        min_age=form.min_age.data,
        scale=form.scale.data or "",
        skill=form.skill.data or "",
        bring=tuple(line.strip() for line in (form.bring.data or "").splitlines() if line.strip()),
    )


def _form_page(event: Event, form: SessionForm, session: Any, cancel_form: CancelForm | None = None) -> str:
    return render_template(
        "program/manage_session.html",
        event=event,
        form=form,
        session=session,
        sign_ups=list_sign_ups(db.session(), session_id=session.id) if session is not None else [],
        teachers=list_teachers(db.session(), event_id=event.id),
        cancel_form=cancel_form or CancelForm(formdata=None),
    )
