"""Reads the trade settings of a show file, and copies them to a clone."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import ImportReport
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import from_local, to_local
from swapmeet.trades import queries
from swapmeet.trades.models import HOLD_HOURS, MAX_LIVE_LISTINGS
from swapmeet.trades.services.settings import Wanted, save_settings

MAX_DAYS_BEFORE = 730
WHERE = "trade"


def check_trade(show: Mapping[str, Any], report: ImportReport) -> None:
    """Every problem of `trade`, at its key. A file without one has trades with the defaults."""
    trade = show.get("trade")
    if trade is None:
        return
    if not isinstance(trade, Mapping):
        report.problems.append((WHERE, "trade must be an object with enabled, listings_open_days_before and so on."))
        return
    if not isinstance(trade.get("enabled"), bool):
        report.problems.append((f"{WHERE}.enabled", "enabled must be true or false."))
    limits = {
        "listings_open_days_before": (0, MAX_DAYS_BEFORE),
        "max_live_listings_each": (1, 500),
        "hold_hours": (1, 720),
    }
    for key, (low, high) in limits.items():
        value = trade.get(key)
        if value is not None and not _is_whole(value, low, high):
            report.problems.append((f"{WHERE}.{key}", f"{key} must be a whole number from {low} to {high}."))
    if trade.get("listings_close") is not None and _day_and_time(trade["listings_close"]) is None:
        report.problems.append((f"{WHERE}.listings_close", 'listings_close must be like {"day": 0, "time": "12:00"}.'))
    if trade.get("circle_trade"):
        report.kept.append((f"{WHERE}.circle_trade", "The circle trade is kept, not used yet."))
    if trade.get("desk") is not None and not isinstance(trade["desk"], Mapping):
        report.problems.append((f"{WHERE}.desk", "desk must be an object with place, hand_in and collect, or null."))
    report.counts["trades"] = 1 if trade.get("enabled") is True else 0


def apply_trade(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Write the settings. The days count from the event's first day, on its own clock."""
    trade = show.get("trade")
    if not isinstance(trade, Mapping):
        return
    wanted = Wanted(
        enabled=bool(trade.get("enabled")),
        opens_at=_opens_at(trade, event),
        closes_at=_moment(trade.get("listings_close"), event),
        max_live_listings=int(trade.get("max_live_listings_each") or MAX_LIVE_LISTINGS),
        hold_hours=int(trade.get("hold_hours") or HOLD_HOURS),
        desk_text=_desk_words(trade, event)[:500],
        why_off=_sentence(str(trade.get("why") or ""))[:300],
    )
    save_settings(db_session, event=event, wanted=wanted, by=Actor.command("import"), now=now)


def copy_trade(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The clone trades by the same rules; its window moves by the same number of days on the clock."""
    terms = queries.get_terms(db_session, event_id=source.id)
    wanted = Wanted(
        enabled=source.trades_enabled,
        opens_at=_shifted(source.trades_open_at, source, target, shift_days),
        closes_at=_shifted(source.trades_close_at, source, target, shift_days),
        max_live_listings=terms.max_live_listings,
        hold_hours=terms.hold_hours,
        desk_text=terms.desk_text,
        why_off=terms.why_off,
    )
    save_settings(db_session, event=target, wanted=wanted, by=Actor.command("clone"), now=now)


def _shifted(moment: datetime | None, source: Event, target: Event, shift_days: int) -> datetime | None:
    if moment is None:
        return None
    local = to_local(moment, source.time_zone)
    return from_local(local.date() + timedelta(days=shift_days), local.time(), target.time_zone)


def _opens_at(trade: Mapping[str, Any], event: Event) -> datetime | None:
    days = trade.get("listings_open_days_before")
    if days is None:
        return None
    return from_local(event.first_day - timedelta(days=int(days)), time(0), event.time_zone)


def _moment(raw: Any, event: Event) -> datetime | None:
    found = _day_and_time(raw)
    return None if found is None else from_local(_day(event, found[0]), found[1], event.time_zone)


def _day(event: Event, offset: int) -> date:
    return event.first_day + timedelta(days=offset)


def _day_and_time(raw: Any) -> tuple[int, time] | None:
    if not isinstance(raw, Mapping) or not _is_whole(raw.get("day"), -60, 60):
        return None
    clock = _clock(raw.get("time"))
    return None if clock is None else (int(raw["day"]), clock)


def _clock(raw: Any) -> time | None:
    if not isinstance(raw, str) or len(raw) != 5 or raw[2] != ":":
        return None
    try:
        return time.fromisoformat(raw)
    except ValueError:
        return None


def _is_whole(value: Any, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _desk_words(trade: Mapping[str, Any], event: Event) -> str:
    """Where and when people hand over, in one line; what is left is said too."""
    desk = trade.get("desk")
    words = []
    if isinstance(desk, Mapping):
        words.append(f"Trade desk: {desk.get('place', '')}".rstrip(": "))
        words += [
            _span_words(label, desk.get(key), event) for key, label in (("hand_in", "hand in"), ("collect", "collect"))
        ]
    if trade.get("uncollected"):
        words.append(f"not collected: {trade['uncollected']}")
    return _sentence("; ".join(word for word in words if word))


def _span_words(label: str, raw: Any, event: Event) -> str:
    if not isinstance(raw, Mapping) or not _is_whole(raw.get("day"), -60, 60):
        return ""
    return f"{label} {_day(event, raw['day']):%A} {raw.get('from', '')} to {raw.get('until', '')}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""
