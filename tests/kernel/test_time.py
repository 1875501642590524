"""Instants and wall clocks: both nights of a change, in six zones."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapmeet.kernel.time import Window, end_of_day, from_local, is_real_local, require_utc, to_local, zone

# Wall-clock times, so without a zone.
FIRST, LAST = (datetime.combine(date(year, 1, 1), time(0)) for year in (2020, 2035))
ZONES = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/St_Johns",
    "Pacific/Auckland",
]


@given(st.datetimes(FIRST, LAST), st.sampled_from(ZONES))
def test_a_real_wall_clock_time_comes_back(moment: datetime, name: str) -> None:
    instant = from_local(moment.date(), moment.time(), name)
    if is_real_local(moment.date(), moment.time(), name):
        assert to_local(instant, name).replace(tzinfo=None) == moment


def test_a_time_in_the_spring_gap_is_not_real() -> None:
    assert not is_real_local(date(2027, 3, 14), time(2, 30), "America/New_York")
    assert is_real_local(date(2027, 3, 14), time(3, 30), "America/New_York")


def test_a_day_of_the_autumn_change_has_25_hours() -> None:
    day = date(2027, 11, 7)
    assert end_of_day(day, "America/New_York") - from_local(day, time(0), "America/New_York") == timedelta(hours=25)


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        require_utc(FIRST)


@pytest.mark.parametrize("name", ["", "Mars/Base", "../etc/passwd", "x" * 300])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        zone(name)


moments = st.one_of(st.none(), st.integers(0, 20).map(lambda h: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=h)))


@given(moments, moments, moments, moments)
def test_windows_overlap_when_they_share_an_instant(
    a: datetime | None, b: datetime | None, c: datetime | None, d: datetime | None
) -> None:
    first, second = Window(a, b), Window(c, d)
    if (a and b and a >= b) or (c and d and c >= d):
        return
    ticks = [datetime(2026, 12, 31, tzinfo=UTC) + timedelta(minutes=30 * i) for i in range(150)]
    assert first.overlaps(second) == any(first.contains(t) and second.contains(t) for t in ticks)
