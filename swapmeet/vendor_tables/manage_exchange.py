"""Floor plans in and out as files: our own format, CSV, SVG, DXF, PDF at true scale, a plain list."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from wtforms import SelectField
from wtforms.validators import Optional

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.vendor_tables import plan_paper, queries
from swapmeet.vendor_tables.layout.document import MOST_BYTES, Plan, PlanFault, dump_plan, load_plan
from swapmeet.vendor_tables.layout.drawing_dxf import TABLES, scan_dxf
from swapmeet.vendor_tables.layout.drawing_svg import read_svg, write_svg
from swapmeet.vendor_tables.layout.tables_csv import plain_list, read_csv, write_csv
from swapmeet.vendor_tables.layout.taking import take_places
from swapmeet.vendor_tables.limited import FileRefused, run_limited
from swapmeet.vendor_tables.manage import bp
from swapmeet.vendor_tables.manage_layout import HALL, change_draft, hall_of
from swapmeet.vendor_tables.models import new_uid
from swapmeet.vendor_tables.services import layouts
from swapmeet.web.access import requires
from swapmeet.web.forms import Form, LineField
from swapmeet.web.security import limit

WRITERS: dict[str, tuple[str, Callable[[Plan], str]]] = {
    "json": ("application/json", dump_plan),
    "csv": ("text/csv; charset=utf-8", write_csv),
    "svg": ("image/svg+xml", write_svg),
    "txt": ("text/plain; charset=utf-8", plain_list),
}
FILE_MB = 10


class ImportForm(Form):
    file = FileField("File", description="JSON or CSV or SVG up to 4 MB, DXF up to 10 MB.")
    type = SelectField("Kind of tables that name none")
    mode = SelectField(
        "Tables that are on the plan already",
        choices=[("add", "stay, if the file does not name them"), ("replace", "go, if the file does not name them")],
    )
    unit = LineField(
        "Millimeters of one unit",
        [Optional()],
        limit=12,
        description="For SVG drawings of other programs: how many millimeters of the hall one unit of the drawing is.",
    )
    layer = LineField("Layer with tables", [Optional()], limit=60, description="For DXF drawings.")
    walls = LineField("Layer with walls", [Optional()], limit=60, description="For DXF drawings, if you want them.")
    seen = LineField("", [Optional()], limit=12)


@bp.get(HALL + "/files/<name>.<ending>")
@requires(Permission.TABLES_EDIT)
def export_plan(event: Event, hall_id: int, name: str, ending: str) -> ResponseReturnValue:
    """The draft, or what is published, as a download."""
    hall = hall_of(event, hall_id)
    document = layouts.read_drawing(db.session(), event=event, hall=hall).document
    if ending == "dxf":
        end_reading()
        content = run_limited("write_dxf", dump_plan(document).encode()).content
        response = Response(content, content_type="image/vnd.dxf")
    elif ending in WRITERS:
        kind, write = WRITERS[ending]
        response = Response(write(document), content_type=kind)
    else:
        raise NotFound("A plan does not come in that format.")
    response.headers["Content-Disposition"] = f'attachment; filename="plan-{hall_id}.{ending}"'
    return response


@bp.post(HALL + "/paper")
@requires(Permission.TABLES_EDIT)
def print_plan(event: Event, hall_id: int) -> ResponseReturnValue:
    """Ask for the plan as a PDF at 1:100."""
    hall_of(event, hall_id)
    payload = {"event_id": event.id, "hall_id": hall_id}
    with transaction() as db_session:
        token = request_document(db_session, kind=plan_paper.KIND, payload=payload, now=utcnow(), event_id=event.id)
    return redirect(url_for("documents.show_document", token=token), 303)


@bp.route(HALL + "/import", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
@limit("30 per minute", methods=["POST"])
def import_plan(event: Event, hall_id: int) -> ResponseReturnValue:
    """Read a file into the draft; everything or nothing."""
    hall = hall_of(event, hall_id)
    drawing = layouts.read_drawing(db.session(), event=event, hall=hall)
    form = ImportForm(data={"layer": TABLES, "seen": str(drawing.number), "mode": "add"})
    types = queries.list_types(db.session(), event_id=event.id)
    form.type.choices = [(row.code, row.name) for row in types]
    faults: list[tuple[str, str]] = []
    if types and form.validate_on_submit():
        try:
            end_reading()
            change = _reader(form)
            change_draft(event, hall_id, change, seen=whole(form.seen.data, 9) or 0)
            flash("The file is in the draft. Look it over, then publish it.", "ok")
            return redirect(url_for(".edit_plan", slug=event.slug, hall_id=hall_id), 303)
        except PlanFault as fault:
            faults = fault.faults
        except DomainError as error:
            form.hang(error)
    page = render_template(
        "vendor_tables/manage/plan_files.html", event=event, hall=hall, form=form, faults=faults, has_types=bool(types)
    )
    return page, 422 if form.is_submitted() else 200


def _reader(form: ImportForm) -> Callable[[Plan], Plan]:
    """Reads the file and says what it would make of a plan. Raises PlanFault with lines, FileRefused."""
    sent = request.files.get("file")
    limit_bytes = FILE_MB * 1024 * 1024
    content = sent.read(limit_bytes + 1) if sent is not None else b""
    name = (sent.filename or "").lower() if sent is not None else ""
    if not content:
        raise FileRefused("Choose a file.", field="file")
    if len(content) > (limit_bytes if name.endswith(".dxf") else MOST_BYTES):
        raise FileRefused("This file is too large.", field="file")
    if name.endswith(".json"):
        return _whole_plan(load_plan(content))
    walls: list[Any] = []
    if name.endswith(".csv"):
        rows = read_csv(content)
    elif name.endswith(".svg"):
        rows = read_svg(content, mm_per_unit=_unit(form.unit.data))
    elif name.endswith(".dxf"):
        rows, walls = _read_dxf(content, form)
    else:
        raise FileRefused("Its name must end in .json, .csv, .svg or .dxf.", field="file")

    def change(plan: Plan) -> Plan:
        replaces = form.mode.data == "replace"
        taken = take_places(plan, rows, default_type=form.type.data, replaces=replaces, new_uid=new_uid)
        drawn = tuple({"uid": new_uid(), "points": tuple(map(tuple, points))} for points in walls)
        return taken.changed(walls=(*taken.walls, *drawn))

    return change


def _whole_plan(document: Plan) -> Callable[[Plan], Plan]:
    """The file is the plan; the picture under it stays the one of this installation."""
    return lambda plan: document.changed(background=plan.background)


def _unit(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise FileRefused("Write how many millimeters a unit is, such as 25.4.", field="unit") from error


def _read_dxf(content: bytes, form: ImportForm) -> tuple[list[Any], list[Any]]:
    scan_dxf(content)
    facts = run_limited("read_dxf", content, layer=form.layer.data or TABLES, walls_layer=form.walls.data or "").facts
    if "faults" in facts:
        raise PlanFault([(where, what) for where, what in facts["faults"]])
    return list(facts["places"]), list(facts["walls"])
