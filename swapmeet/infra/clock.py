"""The only place that reads the clock. Tests set it; a file can set it for every process of a test installation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from flask import current_app


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """Reads an instant (ISO 8601, UTC) or an offset in seconds ("+3600") from a file at every call: one clock for all processes.

    An absent or empty file means the real time. Refused in production by the settings.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        real = datetime.now(UTC)
        try:
            text = self.path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return real
        if not text:
            return real
        if text[0] in "+-":
            return real + timedelta(seconds=int(text))
        return datetime.fromisoformat(text).astimezone(UTC)


class FixedClock:
    """A clock that only moves when told to."""

    def __init__(self, start: datetime) -> None:
        self.moment = start.astimezone(UTC)

    def now(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


def utcnow() -> datetime:
    """The present instant in UTC, from the clock of the running application."""
    clock: Clock = current_app.extensions["swapmeet_clock"]
    return clock.now()
