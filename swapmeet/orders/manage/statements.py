"""Statements of account: for each vendor, each teacher and the organizer, as of any past day; as a page, CSV and PDF."""

from datetime import date, datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import NotFound
from swapmeet.kernel.money import plain_amount
from swapmeet.kernel.time import to_local
from swapmeet.orders import books, statement_pdf
from swapmeet.orders.manage import bp
from swapmeet.orders.manage.money import day_of, money_tabs
from swapmeet.orders.statements import PartyStatement, list_parties, read_statement
from swapmeet.web.access import requires
from swapmeet.web.spreadsheet import csv_lines, csv_response

HEADER = ("what", "holds", "sold", "kept", "paid", "refunded", "owed", "to send back", "currency")


@bp.get("/money/accounts")
@requires(Permission.MONEY_VIEW)
def list_statements(event: Event) -> ResponseReturnValue:
    """Everybody a statement can be made for."""
    day, today, _ = _asked(event)
    return render_template(
        "orders/manage_statements.html",
        event=event,
        parties=list_parties(db.session(), event),
        day=day,
        today=today,
        tabs=money_tabs(event),
    )


@bp.get("/money/accounts/<kind>/<int:party_id>")
@requires(Permission.MONEY_VIEW)
def show_statement(event: Event, kind: str, party_id: int) -> ResponseReturnValue:
    """One of them, as of now or the end of a past day."""
    day, today, as_of = _asked(event)
    return render_template(
        "orders/manage_statement.html",
        event=event,
        statement=_read(event, kind, party_id, as_of),
        kind=kind,
        party_id=party_id,
        day=day,
        today=today,
    )


@bp.get("/money/accounts/<kind>/<int:party_id>.csv")
@requires(Permission.MONEY_VIEW)
def export_statement(event: Event, kind: str, party_id: int) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    day, today, as_of = _asked(event)
    found = _read(event, kind, party_id, as_of)
    rows = [(row.name, row.detail, row.sums) for row in found.rows]
    lines = [
        (
            name,
            detail,
            *(
                plain_amount(amount, event.currency)
                for amount in (sums.sold, sums.kept, sums.paid, sums.refunded, sums.owed, sums.to_send_back)
            ),
            event.currency,
        )
        for name, detail, sums in [*rows, ("In all", "", found.total)]
    ]
    file_name = f"{event.slug}-{kind}-{party_id}-{(day or today).isoformat()}.csv"
    return csv_response(csv_lines(HEADER, lines), file_name)


@bp.post("/money/accounts/<kind>/<int:party_id>/documents")
@requires(Permission.MONEY_VIEW)
def print_statement(event: Event, kind: str, party_id: int) -> ResponseReturnValue:
    """The same on paper."""
    day, _, as_of = _asked(event)
    _read(event, kind, party_id, as_of)
    payload = {
        "event_id": event.id,
        "kind": kind,
        "party_id": party_id,
        "as_of": as_of.isoformat(),
        "day": day.isoformat() if day else "",
    }
    with transaction() as db_session:
        token = request_document(db_session, kind=statement_pdf.KIND, payload=payload, now=utcnow(), event_id=event.id)
    return redirect(url_for("documents.show_document", token=token), 303)


def _asked(event: Event) -> tuple[date | None, date, datetime]:
    """(a past day or None, today, the instant)."""
    now = utcnow()
    day, today = day_of(request.values.get("day", "")), to_local(now, event.time_zone).date()
    if day is None or day >= today:
        return None, today, now
    return day, today, books.last_instant(event, day)


def _read(event: Event, kind: str, party_id: int, as_of: datetime) -> PartyStatement:
    found = read_statement(db.session(), event, kind=kind, party_id=party_id, as_of=as_of)
    if found is None:
        raise NotFound("There is nobody like that in this show.")
    return found
