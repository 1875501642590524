"""Instants in UTC, days and clock times in a show's own zone, and half-open windows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """The IANA zone. Raises ValueError for an unknown name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def require_utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime: those never cross a function boundary."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    return moment.astimezone(UTC)


def to_local(moment: datetime, zone_name: str) -> datetime:
    return require_utc(moment).astimezone(zone(zone_name))


@lru_cache(maxsize=4096)
def from_local(day: date, clock: time, zone_name: str) -> datetime:
    """The UTC instant of a wall-clock time. In an autumn fold the first one; a time in a spring gap moves forward by it."""
    local = datetime.combine(day, clock.replace(tzinfo=None), tzinfo=zone(zone_name))
    return local.astimezone(UTC)


def is_real_local(day: date, clock: time, zone_name: str) -> bool:
    """False for a wall-clock time that the spring change skips."""
    back = to_local(from_local(day, clock, zone_name), zone_name)
    return back.date() == day and back.time().replace(tzinfo=None) == clock.replace(tzinfo=None)


def end_of_day(day: date, zone_name: str) -> datetime:
    """The instant at which the day is over: midnight that starts the next one, local time."""
    return from_local(day + timedelta(days=1), time(0), zone_name)


@dataclass(frozen=True, slots=True)
class Window:
    """A half-open span [start, end) of instants; None means open on that side."""

    start: datetime | None
    end: datetime | None

    def contains(self, moment: datetime) -> bool:
        return (self.start is None or moment >= self.start) and (self.end is None or moment < self.end)

    def overlaps(self, other: "Window") -> bool:
        starts_before_other_ends = self.start is None or other.end is None or self.start < other.end
        other_starts_before_end = other.start is None or self.end is None or other.start < self.end
        return starts_before_other_ends and other_starts_before_end
