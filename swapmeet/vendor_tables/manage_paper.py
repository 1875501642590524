"""The floor on paper and as files: prints, what changed since them, lists for spreadsheets."""

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.events.queries import list_sale_periods
from swapmeet.infra.audit import record
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.vendor_tables import board, paper
from swapmeet.vendor_tables.manage import bp
from swapmeet.web.access import actor, requires
from swapmeet.web.spreadsheet import csv_lines, csv_response, xlsx_response


@bp.post("/manage/shows/<slug>/tables/prints")
@requires(Permission.VENDORS_VIEW)
def make_print(event: Event) -> ResponseReturnValue:
    """The wall plan, lists by row or signs as a PDF, made by a job; the page it leads to waits for it."""
    kind = request.form.get("kind", "")
    if kind not in paper.KINDS:
        raise NotFound("There is no such paper. Choose one on the board.")
    period_id, now = whole(request.form.get("period"), 17), utcnow()
    with transaction() as db_session:
        payload = {"event_id": event.id, "period_id": period_id, "slug": event.slug}
        token = request_document(db_session, kind=f"tables.{kind}", payload=payload, now=now, event_id=event.id)
        record(
            db_session,
            now=now,
            by=actor(),
            verb=paper.PRINTED,
            subject=event,
            event_id=event.id,
            kind=kind,
            period_id=period_id,
        )
    return redirect(url_for("documents.show_document", token=token), 303)


@bp.get("/manage/shows/<slug>/tables/changes")
@requires(Permission.VENDORS_VIEW)
def list_changes(event: Event) -> ResponseReturnValue:
    """Which tables have another holder than on the paper that hangs on the wall."""
    db_session = db.session()
    prints = paper.list_prints(db_session, event=event)
    wanted = whole(request.args.get("since"), 17)
    since = next((each for each in prints if each.id == wanted), prints[0] if prints else None)
    periods = list_sale_periods(db_session, event_id=event.id)
    asked = whole(request.args.get("period"), 17) or (since.facts.get("period_id") if since else None)
    period = next((each for each in periods if each.id == asked), periods[0] if periods else None)
    changes = (
        paper.list_changes(db_session, event=event, period=period, since=since.at, now=utcnow())
        if since is not None and period is not None
        else []
    )
    return render_template(
        "vendor_tables/manage/changes.html",
        event=event,
        prints=prints,
        since=since,
        changes=changes,
        period=period,
        kinds=paper.KINDS,
    )


@bp.get("/manage/shows/<slug>/tables.csv", defaults={"kind": "csv"})
@bp.get("/manage/shows/<slug>/tables.xlsx", defaults={"kind": "xlsx"})
@requires(Permission.VENDORS_VIEW)
def export_places(event: Event, kind: str) -> ResponseReturnValue:
    """Every place with who holds it, as a file for a spreadsheet."""
    found = board.load_board(
        db.session(),
        event=event,
        period_id=whole(request.args.get("period"), 17),
        wanted=board.BoardFilter(),
        number=1,
        now=utcnow(),
    )
    return _sheet(kind, paper.CSV_PLACES, paper.place_rows(found, event), f"{event.slug}-tables")


@bp.get("/manage/shows/<slug>/vendors.csv", defaults={"kind": "csv"})
@bp.get("/manage/shows/<slug>/vendors.xlsx", defaults={"kind": "xlsx"})
@requires(Permission.VENDORS_VIEW)
def export_vendors(event: Event, kind: str) -> ResponseReturnValue:
    """Every order with tables, as the list of vendors shows it with its filters, as a file for a spreadsheet."""
    query, standing = request.args.get("q", "")[:200], request.args.get("state", "")
    rows = board.list_all_holders(db.session(), event=event, query=query, standing=standing, now=utcnow())
    words = {"sold": "paid", "waiting": "waiting for payment"}
    lines = [
        (row.name, row.sells, row.labels, words[row.standing], row.buyer, row.email, row.order_code) for row in rows
    ]
    return _sheet(kind, paper.CSV_VENDORS, lines, f"{event.slug}-vendors")


def _sheet(kind: str, header: Sequence[str], rows: Sequence[Sequence[object]], name: str) -> ResponseReturnValue:
    """The rows as a CSV file or an Excel workbook."""
    if kind == "xlsx":
        return xlsx_response(header, rows, f"{name}.xlsx")
    return csv_response(csv_lines(header, rows), f"{name}.csv")
