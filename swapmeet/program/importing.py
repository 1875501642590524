"""Reads sessions and opening hours of a show file, and copies the program to a clone."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Hall
from swapmeet.infra.registry import ImportReport
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import from_local, to_local
from swapmeet.orders.services.quotas import create_quota
from swapmeet.program.conflicts import Slot, taken_hall
from swapmeet.program.models import ProgramSession, SessionKind, SessionState
from swapmeet.program.queries import list_slots, slot_of

KINDS = {
    "workshop": SessionKind.WORKSHOP,
    "class": SessionKind.CLASS,
    "clinic": SessionKind.TALK,
    "talk": SessionKind.TALK,
    "make and take": SessionKind.MAKE_AND_TAKE,
    "game": SessionKind.GAME,
    "tournament": SessionKind.TOURNAMENT,
    "project": SessionKind.PROJECT,
    "round table": SessionKind.ROUND_TABLE,
}
BY = Actor.command("import-show")
SIGN_UP = ("first_come", "ranked_draw")


def check(show: Mapping[str, Any], report: ImportReport) -> None:
    """Every problem of `sessions` and `schedule_blocks`, by row."""
    halls = {hall.get("code") for hall in _rows(show.get("venue"), "halls")}
    seen: set[str] = set()
    for number, row in enumerate(_rows(show, "sessions")):
        where = f"sessions[{number}] {row.get('code', '')}".strip()
        _check_times(row, where, report)
        code = row.get("code")
        if not isinstance(code, str) or not code or len(code) > 40:
            report.problems.append((where, "A session needs a short code."))
        elif code in seen:
            report.problems.append((where, f"The code {code} is used twice."))
        seen.add(str(code))
        if not isinstance(row.get("title"), str) or not 0 < len(row["title"].strip()) <= 200:
            report.problems.append((where, "A session needs a title of at most 200 characters."))
        if row.get("room") is not None and row["room"] not in halls:
            report.problems.append((where, f"There is no hall {row['room']!r} at this venue."))
        if row.get("kind") not in KINDS:
            report.problems.append((where, f"The kind {row.get('kind')!r} is not known."))
        for key, low in (("capacity", 1), ("fee", 0), ("kit_fee", 0), ("min_to_run", 0), ("min_age", 0)):
            if not _is_whole(row.get(key), low):
                report.problems.append((where, f"{key} must be a whole number from {low} up."))
        if row.get("assign") == "ranked_draw":
            report.kept.append((where, "The ranked draw is kept, not used yet: seats go first come, first served."))
    for number, row in enumerate(_rows(show, "schedule_blocks")):
        where = f"schedule_blocks[{number}]"
        _check_times(row, where, report)
        if not isinstance(row.get("title"), str) or not 0 < len(row["title"].strip()) <= 200:
            report.problems.append((where, "A block needs a title of at most 200 characters."))
    report.counts["sessions"] = len(_rows(show, "sessions"))
    report.counts["opening hours"] = len(_rows(show, "schedule_blocks"))


def _rows(show: Any, key: str) -> list[Mapping[str, Any]]:
    rows = show.get(key) if isinstance(show, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _is_whole(value: Any, low: int) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and low <= value < 2**31)


def _check_times(row: Mapping[str, Any], where: str, report: ImportReport) -> None:
    start, end = _clock(row.get("start")), _clock(row.get("end"))
    if start is None or end is None:
        report.problems.append((where, "start and end must be times such as 09:30."))
    if not isinstance(row.get("day"), int) or isinstance(row.get("day"), bool) or abs(row["day"]) > 30:
        report.problems.append((where, "day must be a whole number, 0 for the first day."))


def _clock(text: Any) -> time | None:
    try:
        return time.fromisoformat(text) if isinstance(text, str) and len(text) == 5 else None
    except ValueError:
        return None


def apply(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Write sessions and opening hours that are not there yet (by code). Halls whose sessions overlap become shared."""
    halls = {hall.code: hall for hall in db_session.scalars(select(Hall).where(Hall.event_id == event.id))}
    known = set(db_session.scalars(select(ProgramSession.code).where(ProgramSession.event_id == event.id)))
    for row in _rows(show, "sessions"):
        if row["code"] not in known:
            _add_session(db_session, event, row, halls, now)
    for number, row in enumerate(_rows(show, "schedule_blocks"), 1):
        if f"open-{number}" not in known:
            _add_hours(db_session, event, f"open-{number}", row, halls, now)
    db_session.flush()
    _share_halls(db_session, event, list(halls.values()))


def _span(event: Event, row: Mapping[str, Any]) -> tuple[datetime, datetime]:
    day = event.first_day + timedelta(days=int(row["day"]))
    start, end = _clock(row["start"]), _clock(row["end"])
    assert start is not None and end is not None
    ends_on = day if end > start else day + timedelta(days=1)
    return from_local(day, start, event.time_zone), from_local(ends_on, end, event.time_zone)


def _add_session(
    db_session: Session, event: Event, row: Mapping[str, Any], halls: Mapping[str, Hall], now: datetime
) -> None:
    starts_at, ends_at = _span(event, row)
    needs_sign_up = row.get("assign") in SIGN_UP and row.get("capacity") is not None
    title = str(row["title"]).strip()
    quota = None
    if needs_sign_up:
        quota = create_quota(db_session, event=event, name=title, capacity=row["capacity"], by=BY, now=now)
    db_session.flush()
    hall = halls.get(str(row.get("room")))
    db_session.add(
        ProgramSession(
            event_id=event.id,
            code=row["code"],
            title=title,
            kind=KINDS[row["kind"]],
            about=str(row.get("note", "")),
            starts_at=starts_at,
            ends_at=ends_at,
            hall_id=hall.id if hall else None,
            capacity=row.get("capacity"),
            needs_sign_up=quota is not None,
            quota_id=quota.id if quota else None,
            fee_minor=row.get("fee") or 0,
            kit_fee_minor=row.get("kit_fee") or 0,
            min_to_run=row.get("min_to_run"),
            min_age=row.get("min_age"),
            scale=""
            if row.get("scale") in (None, "any")
            else re.sub(r"^([0-9]+)-([0-9]+)$", r"\1:\2", str(row["scale"])),
            skill=str(row.get("skill", "")),
            bring=[str(tool) for tool in row.get("tools_to_bring", [])],
            created_at=now,
            changed_at=now,
        )
    )


def _add_hours(
    db_session: Session, event: Event, code: str, row: Mapping[str, Any], halls: Mapping[str, Hall], now: datetime
) -> None:
    starts_at, ends_at = _span(event, row)
    hall = halls.get(str(row.get("room")))
    db_session.add(
        ProgramSession(
            event_id=event.id,
            code=code,
            title=str(row["title"]).strip(),
            kind=SessionKind.OPEN_HOURS,
            starts_at=starts_at,
            ends_at=ends_at,
            hall_id=hall.id if hall else None,
            place_text="" if hall else str(row.get("room", "")).capitalize(),
            created_at=now,
            changed_at=now,
        )
    )


def _share_halls(db_session: Session, event: Event, halls: list[Hall]) -> None:
    """A hall in which the file's own sessions overlap is one with several stations."""
    slots = list_slots(db_session, event_id=event.id, without_id=None)
    for hall in halls:
        there = [slot for slot in slots if slot.hall_id == hall.id]
        if any(_meets(slot, there) for slot in there):
            hall.is_shared = True
            needed = max(_crowd(slot.starts_at, there) for slot in there)
            if hall.max_people is not None and hall.max_people < needed:
                hall.max_people = needed


def _meets(slot: Slot, others: list[Slot]) -> bool:
    rest = [other for other in others if other.session_id != slot.session_id]
    return bool(taken_hall(slot, rest, is_shared=False, max_people=None))


def _crowd(moment: datetime, slots: list[Slot]) -> int:
    return sum(slot.people or 0 for slot in slots if slot.starts_at <= moment < slot.ends_at)


def copy(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """Copy the planned sessions to another show, `shift_days` later at the same clock times. Teachers are not copied."""
    halls = {hall.code: hall.id for hall in db_session.scalars(select(Hall).where(Hall.event_id == target.id))}
    names = {hall.id: hall.code for hall in db_session.scalars(select(Hall).where(Hall.event_id == source.id))}
    planned = select(ProgramSession).where(
        ProgramSession.event_id == source.id, ProgramSession.state == SessionState.PLANNED
    )
    for old in db_session.scalars(planned.order_by(ProgramSession.id)).all():
        quota = None
        if old.needs_sign_up:
            quota = create_quota(db_session, event=target, name=old.title, capacity=old.capacity, by=BY, now=now)
        db_session.flush()
        kept = {
            name: getattr(old, name)
            for name in (
                "code",
                "title",
                "kind",
                "about",
                "place_text",
                "capacity",
                "needs_sign_up",
                "fee_minor",
                "kit_fee_minor",
                "min_to_run",
                "min_age",
                "scale",
                "skill",
                "bring",
            )
        }
        db_session.add(
            ProgramSession(
                event_id=target.id,
                starts_at=_shift(old.starts_at, source, target, shift_days),
                ends_at=_shift(old.ends_at, source, target, shift_days),
                hall_id=halls.get(names.get(old.hall_id or 0, "")),
                quota_id=quota.id if quota else None,
                created_at=now,
                changed_at=now,
                **kept,
            )
        )


def _shift(moment: datetime, source: Event, target: Event, days: int) -> datetime:
    local = to_local(moment, source.time_zone)
    day: date = local.date() + timedelta(days=days)
    return from_local(day, local.time(), target.time_zone)


__all__ = ["apply", "check", "copy", "slot_of"]
