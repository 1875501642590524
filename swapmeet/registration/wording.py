"""Sentences about tickets: which days they open the door, what is left, when a price changes. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
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


def card_validity(row: Any, event: Event) -> str:
    """The days in few words, as the show's own days are known from the page: "Both days, from 10:00 AM"."""
    days = days_of(row.valid_days)
    official = (event.last_day - event.first_day).days + 1
    covers_all = days == [event.first_day + timedelta(days=offset) for offset in range(official)]
    if row.days_allowed == 1 and len(days) > 1:
        words = "One day, your choice"
    elif covers_all and official > 1:
        words = "Both days" if official == 2 else f"All {official} days"
    elif covers_all:
        words = ""
    else:
        words = validity(days, None, None, locale=event.locale)
    start = f"from {clock(row.entry_from, event.locale)}" if row.entry_from else ""
    joined = ", ".join(part for part in (words, start) if part)
    return joined[:1].upper() + joined[1:]


def card_text(row: Any, event: Event) -> str:
    """The line under a ticket's name: its own description and its days; then age and requirement."""
    parts = [
        row.description,
        card_validity(row, event) if row.is_admission else "",
        f"Age {row.min_age} and over" if row.min_age else "",
        row.requirement,
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)
