"""A statement of account as a document: what the template reads."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import DocumentKind
from swapmeet.orders.receipt_pdf import paper_of
from swapmeet.orders.shares import Sums
from swapmeet.orders.statements import read_statement
from swapmeet.web.filters import babel_locale, day, money, zoned_moment

KIND = "statement"
HEADS = ("", "Sold", "Kept", "Paid", "Sent back", "Owed", "To send back")
NOTE = "The money of an order is shared out over what it holds, by price. Sold and owed are with tax."


def load_statement(db_session: Session, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """Strings only; None when it is gone."""
    event = db_session.get(Event, int(payload["event_id"]))
    if event is None:
        return None
    as_of = datetime.fromisoformat(str(payload["as_of"]))
    kind, party_id = str(payload["kind"]), int(payload["party_id"])
    found = read_statement(db_session, event, kind=kind, party_id=party_id, as_of=as_of)
    if found is None:
        return None
    stands = (
        f"the end of {day(date.fromisoformat(payload['day']), event.locale)}"
        if payload["day"]
        else zoned_moment(as_of, event.time_zone, event.locale)
    )
    rows = [(row.name, row.detail, _cells(row.sums, event)) for row in found.rows]
    return {
        "title": "Statement of account",
        "lang": babel_locale(event.locale).partition("_")[0],
        "paper": paper_of(event),
        "facts": [(found.word, found.name), ("Show", event.name), ("As of", stands)],
        "heads": HEADS,
        "rows": [{"name": name, "detail": detail, "cells": cells} for name, detail, cells in rows],
        "total": _cells(found.total, event),
        "note": NOTE,
        "footer": f"{event.organizer.name} · made {zoned_moment(now, event.time_zone, event.locale)}",
    }


def _cells(sums: Sums, event: Event) -> list[str]:
    amounts = (sums.sold, sums.kept, sums.paid, sums.refunded, sums.owed, sums.to_send_back)
    return [money(amount, event.currency, event.locale) for amount in amounts]


DOCUMENT = DocumentKind(
    "statement.typ", load_statement, lambda payload: f"statement-{payload['kind']}-{payload['party_id']}.pdf"
)
