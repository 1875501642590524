"""Sentences about tickets: which days they open the door, what is left, when a price changes. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from swapmeet.events.models import Event
from swapmeet.kernel.time import to_local
from swapmeet.web.filters import clock_time, short_day
from swapmeet.web.filters import price as price_words


def money(minor: int, event: Event) -> str:
    """In the show's currency and locale; "Free" for nothing."""
    return price_words(minor, event.currency, event.locale)


def clock(text: str, locale: str) -> str:
    """ "10:20" in the way of the locale."""
    hours, _, minutes = text.partition(":")
    return clock_time(time(int(hours), int(minutes)), locale=locale)


def validity(days: Sequence[date], entry_from: str | None, days_allowed: int | None, *, locale: str) -> str:
    """ "Sat, May 15 from 10:00 AM", "One of: Sat, May 15, Sun, May 16", "Every day"."""
    if not days:
        words = "Every day"
    elif days_allowed == 1 and len(days) > 1:
        words = "One day of " + ", ".join(short_day(day, locale) for day in days)
    elif len(days) > 2 and (days[-1] - days[0]).days == len(days) - 1:
        words = f"{short_day(days[0], locale)} to {short_day(days[-1], locale)}"
    else:
        words = (
            " and ".join(short_day(day, locale) for day in days)
            if len(days) < 3
            else ", ".join(short_day(day, locale) for day in days)
        )
    return f"{words}, from {clock(entry_from, locale)}" if entry_from else words


def days_of(values: Sequence[str]) -> list[date]:
    """Dates of the ISO strings kept with a ticket."""
    return [date.fromisoformat(value) for value in values]


def today(now: datetime, event: Event) -> date:
    """The day it is on the show's clock."""
    return to_local(now, event.time_zone).date()


def card_text(row: Any, *, locale: str) -> str:
    """The line under a ticket's name: its own description, else its days; then age and requirement."""
    parts = [row.description or validity(days_of(row.valid_days), row.entry_from, row.days_allowed, locale=locale)]
    if row.min_age:
        parts.append(f"Age {row.min_age} and over")
    if row.requirement:
        parts.append(row.requirement)
    return ". ".join(part.rstrip(".") for part in parts)
