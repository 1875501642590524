"""What the door answers to a badge. Pure: the facts of the badge and the moment in, one outcome out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum


class Outcome(StrEnum):
    """The answers of the door. Only IN lets somebody in."""

    IN = "in"
    ALREADY = "already"
    ASK_FIRST = "ask_first"
    UNPAID = "unpaid"
    TOO_EARLY = "too_early"
    WRONG_DAY = "wrong_day"
    USED_UP = "used_up"
    CANCELED = "canceled"
    VOID = "void"
    OTHER_SHOW = "other_show"
    UNKNOWN = "unknown"


KINDS: dict[Outcome, str] = {
    Outcome.IN: "ok",
    Outcome.ALREADY: "warn",
    Outcome.ASK_FIRST: "warn",
    Outcome.UNPAID: "warn",
    Outcome.TOO_EARLY: "warn",
    Outcome.WRONG_DAY: "bad",
    Outcome.USED_UP: "bad",
    Outcome.CANCELED: "bad",
    Outcome.VOID: "bad",
    Outcome.OTHER_SHOW: "bad",
    Outcome.UNKNOWN: "bad",
}


@dataclass(frozen=True, slots=True)
class Door:
    """One show's door at one moment: the show's days and the local time there, and whether questions are asked at it."""

    event_id: int
    opens_from: date
    last_day: date
    local_now: datetime
    asks: bool = False

    @property
    def today(self) -> date:
        return self.local_now.date()

    @property
    def is_show_day(self) -> bool:
        return self.opens_from <= self.today <= self.last_day


@dataclass(frozen=True, slots=True)
class BadgeFacts:
    """What is known of a scanned badge. `valid_days` are ISO dates, empty for every day of the show.

    `other_days` are the days it was used on before today, `is_in` whether its holder is in today.
    """

    event_id: int
    is_void: bool
    is_canceled: bool
    valid_days: Sequence[str]
    days_allowed: int | None
    entry_from: str | None
    is_in: bool
    other_days: Collection[date] = ()


def decide(door: Door, badge: BadgeFacts | None) -> Outcome:
    """Validity comes before duplicates: a canceled badge that was used before is canceled, not "already in"."""
    if badge is None:
        return Outcome.UNKNOWN
    if badge.event_id != door.event_id:
        return Outcome.OTHER_SHOW
    if badge.is_canceled:
        return Outcome.CANCELED
    if badge.is_void:
        return Outcome.VOID
    if not is_valid_on(door, badge.valid_days, door.today):
        return Outcome.WRONG_DAY
    if badge.is_in:
        return Outcome.ALREADY
    if badge.days_allowed is not None and len(set(badge.other_days)) >= badge.days_allowed:
        return Outcome.USED_UP
    if badge.entry_from is not None and door.local_now.time().replace(tzinfo=None) < clock_of(badge.entry_from):
        return Outcome.TOO_EARLY
    return Outcome.IN


def is_valid_on(door: Door, valid_days: Sequence[str], day: date) -> bool:
    """On the days of the ticket; without any, on every day of the show."""
    return day.isoformat() in valid_days if valid_days else door.opens_from <= day <= door.last_day


def clock_of(text: str) -> time:
    """10:20 of "10:20"."""
    hours, _, minutes = text.partition(":")
    return time(int(hours), int(minutes))
