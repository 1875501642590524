"""Times for people who may be elsewhere: the zone is named, midnight is said in words, and a change of the clock is told."""

from datetime import UTC, date, datetime

import pytest

from swapmeet.web.filters import from_moment, until_moment, zone_note, zone_words, zoned_moment, zoned_time

CHICAGO = "America/Chicago"
WINTER = datetime(2027, 3, 3, 15, tzinfo=UTC)  # 9:00 AM in Chicago
SUMMER = datetime(2027, 5, 15, 14, tzinfo=UTC)  # 9:00 AM in Chicago
WINTER_MIDNIGHT = datetime(2027, 3, 3, 6, tzinfo=UTC)
SUMMER_MIDNIGHT = datetime(2027, 5, 15, 5, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_the_zone_goes_with_the_time_and_the_season() -> None:
    assert plain(zoned_time(WINTER, CHICAGO, "en-US")) == "9:00 AM CST"
    assert plain(zoned_time(SUMMER, CHICAGO, "en-US")) == "9:00 AM CDT"
    assert plain(zoned_moment(SUMMER, CHICAGO, "en-US")) == "Sat, May 15, 2027, 9:00 AM CDT"
    assert zoned_time(SUMMER, "Europe/London", "en-GB") == "15:00 BST"


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first, second = (datetime(2027, 11, 7, hour, 30, tzinfo=UTC) for hour in (6, 7))
    assert plain(zoned_time(first, CHICAGO)) == "1:30 AM CDT"
    assert plain(zoned_time(second, CHICAGO)) == "1:30 AM CST"


@pytest.mark.parametrize(
    ("zone_name", "words"),
    [("America/Sao_Paulo", "UTC-3"), ("Asia/Dubai", "UTC+4"), ("Pacific/Chatham", "UTC+12:45"), ("UTC", "UTC")],
)
def test_a_zone_without_a_name_is_told_by_its_hours(zone_name: str, words: str) -> None:
    assert zone_words(datetime(2027, 6, 1, tzinfo=UTC), zone_name) == words


def test_midnight_is_said_in_words() -> None:
    assert from_moment(WINTER_MIDNIGHT, CHICAGO, "en-US") == "the start of Wed, Mar 3, 2027 (CST)"
    assert until_moment(WINTER_MIDNIGHT, CHICAGO, "en-US") == "the end of Tue, Mar 2, 2027 (CST)"
    assert from_moment(SUMMER_MIDNIGHT, CHICAGO, "en-US") == "the start of Sat, May 15, 2027 (CDT)"
    assert plain(from_moment(WINTER, CHICAGO, "en-US")) == "Wed, Mar 3, 2027, 9:00 AM CST"
    assert plain(until_moment(SUMMER, CHICAGO, "en-US")) == "Sat, May 15, 2027, 9:00 AM CDT"


def test_midnight_of_another_zone_is_no_midnight_here() -> None:
    assert plain(from_moment(WINTER_MIDNIGHT, "America/New_York", "en-US")) == "Wed, Mar 3, 2027, 1:00 AM EST"


def test_a_page_says_once_which_clock_its_times_are_on() -> None:
    days = (date(2027, 5, 15), date(2027, 5, 16))
    assert zone_note(CHICAGO, *days) == "All times are Chicago time (CDT)."
    assert zone_note("America/New_York", *days) == "All times are New York time (EDT)."
    assert zone_note("UTC", *days) == "All times are UTC."


def test_a_show_over_a_change_of_the_clock_names_both() -> None:
    autumn = (date(2027, 11, 5), date(2027, 11, 8))
    assert zone_note(CHICAGO, *autumn, "en-US") == "All times are Chicago time (CDT, and CST from Sun, Nov 7)."
    spring = (date(2027, 3, 13), date(2027, 3, 14))
    assert zone_note(CHICAGO, *spring, "en-US") == "All times are Chicago time (CST, and CDT from Sun, Mar 14)."
