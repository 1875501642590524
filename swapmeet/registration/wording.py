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
    """ "Sat, May 15, from 10:00 AM", "Any one day: Sat, May 15 or Sun, May 16", "Every day"."""
    choice = _choice(len(days), days_allowed)
    parts = [choice, _listed(days, "or" if choice else "and", locale)]
    words = ": ".join(part for part in parts if part) or "Every day"
    return f"{words}, from {clock(entry_from, locale)}" if entry_from else words


def _choice(day_count: int, days_allowed: int | None) -> str:
    """ "Any one day", "Any 2 days"; "" for a ticket good on all of its days. A count of 0 stands for every day of the show."""
    if days_allowed is None or (day_count and days_allowed >= day_count):
        return ""
    return "Any one day" if days_allowed == 1 else f"Any {days_allowed} days"


def _listed(days: Sequence[date], last_word: str, locale: str) -> str:
    """ "Fri, May 14 to Sun, May 16" for three and more in a row; else each day. The days have commas, so the list has none."""
    shown = [short_day(day, locale) for day in days]
    if len(days) > 2 and (days[-1] - days[0]).days == len(days) - 1:
        return f"{shown[0]} to {shown[-1]}"
    return f"{'; '.join(shown[:-1])} {last_word} {shown[-1]}" if len(shown) > 1 else "".join(shown)


def days_of(values: Sequence[str]) -> list[date]:
    """Dates of the ISO strings kept with a ticket."""
    return [date.fromisoformat(value) for value in values]


def today(now: datetime, event: Event) -> date:
    """The day it is on the show's clock."""
    return to_local(now, event.time_zone).date()


def card_validity(row: Any, event: Event) -> str:
    """The days in few words, as the show's own days are known from the page: "Both days, from 10:00 AM", "Any one day"."""
    days = days_of(row.valid_days)
    official = (event.last_day - event.first_day).days + 1
    covers_all = days == [event.first_day + timedelta(days=offset) for offset in range(official)]
    if days and not covers_all:
        words = validity(days, None, row.days_allowed, locale=event.locale)
    elif official == 1:
        words = ""
    elif choice := _choice(official, row.days_allowed):
        words = choice
    elif days:
        words = "Both days" if official == 2 else f"All {official} days"
    else:
        words = "Every day"
    start = f"from {clock(row.entry_from, event.locale)}" if row.entry_from else ""
    joined = ", ".join(part for part in (words, start) if part)
    return joined[:1].upper() + joined[1:]


def rule_words(row: Any, event: Event, only_with: str) -> list[str]:
    """What a type asks beyond its price: what it goes with, how many of it, what members pay."""
    words = []
    if only_with:
        bounds = [
            f"at least {row.least_each}" if row.least_each else "",
            f"{row.most_each} at most" if row.most_each else "",
        ]
        each = ", ".join(bound for bound in bounds if bound)
        words.append(f"Only together with {only_with}" + (f", {each} for each" if each else ""))
    if row.per_person_limit:
        words.append(f"{row.per_person_limit} for one person at most")
    if row.member_price_minor is not None:
        words.append(f"Members pay {money(row.member_price_minor, event)}")
    return words


def card_text(row: Any, event: Event) -> str:
    """The line under a ticket's name: its own description and its days; then age and requirement."""
    parts = [
        row.description,
        card_validity(row, event) if row.is_admission or row.entry_from else "",  # a meal has its hour too
        f"Age {row.min_age} and over" if row.min_age else "",
        row.requirement,
        *rule_words(row, event, row.only_with or ""),
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)
