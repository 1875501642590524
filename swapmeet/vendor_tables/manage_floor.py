"""The editor's page, and the picture that is drawn over."""

import json

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from sqlalchemy import select

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event, Hall
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile, read_file, save_file
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.layout.document import Background
from swapmeet.vendor_tables.limited import FileRefused, run_limited
from swapmeet.vendor_tables.manage import bp
from swapmeet.vendor_tables.manage_layout import HALL, hall_of
from swapmeet.vendor_tables.services import layouts
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import Form
from swapmeet.web.security import limit

PURPOSE = "plan.picture"
MOST_BYTES = 10 * 1024 * 1024


class PictureForm(Form):
    file = FileField("PDF or picture of the hall", description="At most 10 MB. Of a PDF the first page is used.")


@bp.get(HALL)
@requires(Permission.TABLES_EDIT)
def edit_plan(event: Event, hall_id: int) -> ResponseReturnValue:
    """Draw the hall."""
    return _editor(event, hall_of(event, hall_id), PictureForm(formdata=None))


def _editor(event: Event, hall: Hall, form: PictureForm) -> str:
    types = queries.list_types(db.session(), event_id=event.id)
    sizes = [{"code": row.code, "name": row.name, "w": row.length_mm, "d": row.depth_mm} for row in types]
    return render_template(
        "vendor_tables/manage/floor_editor.html",
        event=event,
        hall=hall,
        types=[(row.code, row.name) for row in types],
        types_json=json.dumps(sizes),
        unit="ft" if event.length_unit == "ft" else "m",
        form=form,
        pictures=url_for(".plan_picture", slug=event.slug, hall_id=hall.id, key="-").removesuffix("-"),
    )


@bp.post(HALL + "/picture")
@requires(Permission.TABLES_EDIT)
@limit("20 per minute")
def add_picture(event: Event, hall_id: int) -> ResponseReturnValue:
    """Put a picture, or the first page of a PDF, under the drawing, as wide as the hall."""
    hall, form, slug, event_id = hall_of(event, hall_id), PictureForm(), event.slug, event.id
    sent = request.files.get("file")
    content = sent.read(MOST_BYTES + 1) if sent is not None else b""
    try:
        if not form.validate_on_submit() or not content:
            raise FileRefused("Choose a PDF or a picture.", field="file")
        if len(content) > MOST_BYTES:
            raise FileRefused("This file is larger than 10 MB.", field="file")
        drawn = run_limited("picture", content)
        _keep_picture(event_id, hall_id, drawn.content, drawn.facts["width"], drawn.facts["height"])
    except DomainError as error:
        form.hang(error)
        return _editor(event, hall, form), 422
    flash("The picture lies under the plan. Set its true size next.", "ok")
    return redirect(url_for(".edit_plan", slug=slug, hall_id=hall_id), 303)


def _keep_picture(event_id: int, hall_id: int, content: bytes, width: int, height: int) -> None:
    with transaction() as db_session:
        event, hall = db_session.get_one(Event, event_id), db_session.get_one(Hall, hall_id)
        now = utcnow()
        row = save_file(
            db_session,
            content,
            purpose=PURPOSE,
            suffix=".webp",
            content_type="image/webp",
            now=now,
            event_id=event_id,
        )
        drawing = layouts.read_drawing(db_session, event=event, hall=hall)
        depth = max(1, hall.width_mm * height // width)
        background = Background(key=row.key, w_mm=hall.width_mm, d_mm=depth)
        document = drawing.document.changed(background=background)
        layouts.save_draft(
            db_session, event=event, hall=hall, document=document, seen=drawing.number, by=actor(), now=now
        )


@bp.get(HALL + "/picture/<path:key>")
@requires(Permission.TABLES_EDIT)
def plan_picture(event: Event, hall_id: int, key: str) -> ResponseReturnValue:
    """The picture under the drawing, for the team only."""
    hall_of(event, hall_id)
    wanted = select(StoredFile).where(StoredFile.event_id == event.id, StoredFile.purpose == PURPOSE)
    row = db.session.scalar(wanted.where(StoredFile.key == key[:120])) if "\x00" not in key else None
    if row is None:
        raise NotFound("There is no such picture.")
    response = Response(read_file(row.key), content_type=row.content_type)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
