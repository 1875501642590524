"""Importing a show: upload, a preview that lists everything, then the button. The upload waits as a private file in between."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.access.permissions import Permission
from swapmeet.accounts.models import Organizer
from swapmeet.events import queries, services, uploads
from swapmeet.events.errors import ShowFileDamaged
from swapmeet.events.forms import ImportForm, UploadForm
from swapmeet.events.manage.blueprint import bp
from swapmeet.events.showfile import choose_show, digest_of, read_file
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires
from swapmeet.web.security import limit


@bp.get("/organizers/<organizer_slug>/imports/new")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def new_import(organizer: Organizer) -> ResponseReturnValue:
    return _upload_page(organizer, UploadForm())


@bp.post("/organizers/<organizer_slug>/imports")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
@limit("60 per hour")
def create_import(organizer: Organizer) -> ResponseReturnValue:
    """Keep a readable file and go to its preview; an unreadable one is told at once and not kept."""
    form: Any = UploadForm()
    if not form.validate_on_submit():
        return _upload_page(organizer, form), 422
    content = form.file.data.read()
    try:
        shows = read_file(content)
    except ShowFileDamaged as error:
        form.hang(error)
        return _upload_page(organizer, form), 422
    with transaction() as db_session:
        upload = uploads.keep(db_session, content, organizer=organizer, person_id=current_user.id, now=utcnow())
    url = url_for(
        ".preview_import",
        organizer_slug=organizer.slug,
        file_id=upload.id,
        show=shows[0]["id"],
        first_day=form.first_day.data,
    )
    return redirect(url, 303)


@bp.get("/organizers/<organizer_slug>/imports/<int:file_id>")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def preview_import(organizer: Organizer, file_id: int) -> ResponseReturnValue:
    """Problems and warnings by row, what is kept but not used yet, and how many of everything."""
    shows = _shows(organizer, file_id)
    form = _form(shows, {"show": request.args.get("show", ""), "first_day": as_day(request.args.get("first_day", ""))})
    return _preview_page(organizer, file_id, shows, form)


@bp.post("/organizers/<organizer_slug>/imports/<int:file_id>/shows")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def confirm_import(organizer: Organizer, file_id: int) -> ResponseReturnValue:
    """Everything is checked again, then written: the whole show or nothing."""
    shows = _shows(organizer, file_id)
    form = _form(shows, None)
    if not form.validate_on_submit():
        return _preview_page(organizer, file_id, shows, form), 422
    show: Any = choose_show(shows, form.show.data)
    first_day: Any = form.first_day.data
    try:
        with transaction() as db_session:
            event = services.import_show(
                db_session, organizer=organizer, show=show, first_day=first_day, by=actor(), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return _preview_page(organizer, file_id, shows, form), 422
    flash(f"“{event.name}” is imported as a draft. Look through it, then publish it.", "ok")
    return redirect(url_for(".overview", slug=event.slug), 303)


def _shows(organizer: Organizer, file_id: int) -> list[dict[str, Any]]:
    """The shows of a kept upload. Raises NotFound for one that is somebody else's, another organizer's or gone."""
    content = uploads.get_content(db.session(), organizer=organizer, person_id=current_user.id, file_id=file_id)
    return read_file(content)


def _form(shows: list[dict[str, Any]], data: dict[str, Any] | None) -> Any:
    form: Any = ImportForm(data=data)
    form.show.choices = [(show["id"], str(show.get("name") or show["id"])[:200]) for show in shows]
    return form


def as_day(text: str) -> date | None:
    """A day of the address, None for anything else."""
    try:
        return date.fromisoformat(text) if text.isascii() and len(text) == 10 else None
    except ValueError:
        return None


def _upload_page(organizer: Organizer, form: Any) -> str:
    return render_template("events/import_new.html", organizer=organizer, form=form)


def _preview_page(organizer: Organizer, file_id: int, shows: list[dict[str, Any]], form: Any) -> str:
    chosen = form.show.data if form.show.data in {show["id"] for show in shows} else shows[0]["id"]
    show, first_day = choose_show(shows, chosen), form.first_day.data
    known = None
    if first_day is not None:
        known = queries.find_imported(
            db.session(), organizer_id=organizer.id, source_id=show["id"], first_day=first_day
        )
    return render_template(
        "events/import_preview.html",
        organizer=organizer,
        file_id=file_id,
        form=form,
        show=show,
        several=len(shows) > 1,
        report=services.check_show(show, first_day),
        known=known,
        is_same=known is not None and known.source_digest == digest_of(show),
    )
