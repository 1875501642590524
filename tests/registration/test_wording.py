"""The days of a ticket in words, for one day and for many."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from swapmeet.registration.wording import card_validity, validity

FRI, SAT, SUN, MON = (date(2027, 5, day) for day in (14, 15, 16, 17))


@pytest.mark.parametrize(
    ("days", "allowed", "words"),
    [
        ([], None, "Every day"),
        ([], 1, "Any one day"),
        ([SAT], None, "Sat, May 15"),
        ([SAT], 1, "Sat, May 15"),
        ([SAT, SUN], None, "Sat, May 15 and Sun, May 16"),
        ([SAT, SUN], 1, "Any one day: Sat, May 15 or Sun, May 16"),
        ([FRI, SAT, SUN], None, "Fri, May 14 to Sun, May 16"),
        ([FRI, SAT, SUN], 1, "Any one day: Fri, May 14 to Sun, May 16"),
        ([FRI, SAT, SUN], 2, "Any 2 days: Fri, May 14 to Sun, May 16"),
        ([FRI, SAT, SUN], 3, "Fri, May 14 to Sun, May 16"),
        ([FRI, SAT, MON], None, "Fri, May 14; Sat, May 15 and Mon, May 17"),
        ([FRI, SAT, MON], 2, "Any 2 days: Fri, May 14; Sat, May 15 or Mon, May 17"),
    ],
)
def test_the_days_of_a_ticket_say_whether_one_may_choose(days: list[date], allowed: int | None, words: str) -> None:
    assert validity(days, None, allowed, locale="en-US") == words


def test_the_hour_of_entry_follows_the_days() -> None:
    assert validity([SAT, SUN], "10:00", 1, locale="en-US").replace("\u202f", " ") == (
        "Any one day: Sat, May 15 or Sun, May 16, from 10:00 AM"
    )


@pytest.mark.parametrize(
    ("first", "last", "days", "allowed", "words"),
    [
        (SAT, SUN, [SAT, SUN], None, "Both days"),
        (SAT, SUN, [SAT, SUN], 1, "Any one day"),
        (FRI, SUN, [FRI, SAT, SUN], None, "All 3 days"),
        (FRI, SUN, [FRI, SAT, SUN], 2, "Any 2 days"),
        (FRI, SUN, [], 1, "Any one day"),
        (FRI, SUN, [], None, "Every day"),
        (FRI, SUN, [SAT, SUN], 1, "Any one day: Sat, May 15 or Sun, May 16"),
        (FRI, SUN, [SAT], None, "Sat, May 15"),
        (SAT, SAT, [SAT], None, ""),
        (SAT, SAT, [], None, ""),
        (SAT, SAT, [], 1, ""),
    ],
)
def test_a_card_names_the_days_only_where_they_are_not_those_of_the_show(
    first: date, last: date, days: list[date], allowed: int | None, words: str
) -> None:
    row: Any = SimpleNamespace(valid_days=[day.isoformat() for day in days], days_allowed=allowed, entry_from=None)
    show: Any = SimpleNamespace(first_day=first, last_day=last, locale="en-US")
    assert card_validity(row, show) == words
