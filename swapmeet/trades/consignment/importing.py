"""Reads the bring and buy desk of a show file: `consignment`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import ImportReport
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import from_local
from swapmeet.trades.consignment import queries, services
from swapmeet.trades.consignment.models import Consignment, DeskState
from swapmeet.trades.consignment.rules import Drop, Terms

WHERE = "consignment"
LIMITS = {"commission_pct": (0, 50), "min_price": (0, 10**8), "seller_item_max": (1, 500), "listing_fee": (0, 10**6)}
BY = Actor.command("import")
TIMES = (("check_in", "Bring things"), ("sale", "Sale"), ("payout", "Fetch your money and what is left"))


def check_desk(show: Mapping[str, Any], report: ImportReport) -> None:
    """Every problem of `consignment`, at its key. A file without one opens no desk."""
    raw = show.get(WHERE)
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        report.problems.append((WHERE, "consignment must be an object with commission_pct and so on, or null."))
        return
    for key, (low, high) in LIMITS.items():
        value = raw.get(key)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if (value is None and key == "commission_pct") or (
            value is not None and not (is_whole and low <= value <= high)
        ):
            report.problems.append((f"{WHERE}.{key}", f"{key} must be a whole number from {low} to {high}."))
    _check_drops(raw.get("price_drops"), report)
    report.counts["bring and buy desks"] = 1


def _check_drops(rows: Any, report: ImportReport) -> None:
    """The first planned drop is used, if it says when and by how much; what is not used is said."""
    where = f"{WHERE}.price_drops"
    if not rows:
        return
    if _drop_of(rows) is None:
        words = "A price drop needs day, start (15:00) and percent (5 to 90); without them it is kept, not used."
        report.kept.append((where, words))
    elif len(rows) > 1:
        report.kept.append((where, "The first price drop is used; the others are kept, not used."))


def _drop_of(rows: Any) -> tuple[int, time, int] | None:
    """(day of the show, time, percent) of the first planned drop; None where it cannot be read."""
    row = rows[0] if isinstance(rows, list) and rows else None
    if not isinstance(row, Mapping):
        return None
    day, percent = row.get("day"), row.get("percent")
    if type(day) is not int or type(percent) is not int or not (-60 <= day <= 60 and 5 <= percent <= 90):
        return None
    try:
        return day, time.fromisoformat(str(row.get("start"))).replace(tzinfo=None), percent
    except ValueError:
        return None


def apply_desk(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Open the desk, or change how it works while nothing has been sold."""
    raw = show.get(WHERE)
    if not isinstance(raw, Mapping):
        return
    terms = terms_of(raw, event)
    desk = queries.find_desk(db_session, event_id=event.id)
    if desk is None:
        services.open_desk(db_session, event=event, terms=terms, by=BY, now=now)
        return
    if queries.has_things(db_session, desk_id=desk.id):  # their sellers know it as it is
        terms = replace(terms, drop=queries.drop_of(db_session, desk_id=desk.id))
    if _may_change(db_session, desk) and terms != queries.terms_of(db_session, desk):
        services.change_terms(db_session, desk=desk, terms=terms, by=BY, now=now)


def _may_change(db_session: Session, row: Consignment) -> bool:
    return row.state is DeskState.OPEN and not queries.has_sales(db_session, desk_id=row.id)


def terms_of(raw: Mapping[str, Any], event: Event) -> Terms:
    """The terms of a file; times and what becomes of the rest go into the words for people."""
    rounding = f"{raw.get('rounding') or ''} {raw.get('commission_rounding') or ''}"
    words = [line for key, label in TIMES if (line := _times(raw.get(key), label, event))]
    if raw.get("unclaimed"):
        words.append(f"Unclaimed: {raw['unclaimed']}.")
    return Terms(
        percent=int(raw.get("commission_pct") or 0),
        step_minor=25 if "quarter" in rounding else 100 if "whole" in rounding else 1,
        min_minor=int(raw.get("min_price") or 0),
        most_lots=int(raw.get("seller_item_max") or 40),
        words="\n".join(words)[:2000],
        fee_minor=int(raw.get("listing_fee") or 0),
        drop=_planned(raw.get("price_drops"), event),
    )


def _planned(rows: Any, event: Event) -> Drop | None:
    found = _drop_of(rows)
    if found is None:
        return None
    day, start, percent = found
    return Drop(percent, from_local(_day(event, day), start, event.time_zone))


def _times(raw: Any, label: str, event: Event) -> str:
    """ "Sale: Saturday 10:30 to 15:00; Sunday 10:00 to 15:00." """
    spans = [
        f"{_day(event, row['day']):%A} {row.get('start', '')} to {row.get('end', '')}"
        for row in (raw if isinstance(raw, list) else [])
        if isinstance(row, Mapping) and isinstance(row.get("day"), int) and -60 <= row["day"] <= 60
    ]
    return f"{label}: {'; '.join(spans)}." if spans else ""


def _day(event: Event, offset: int) -> date:
    return event.first_day + timedelta(days=offset)
