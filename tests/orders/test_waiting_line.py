"""The decisions of the waiting list, without a database: clocks, shares, words."""

from datetime import UTC, datetime, timedelta

import pytest

from swapmeet.kernel.transitions import IllegalTransition
from swapmeet.orders.waitlist.line import Want, offer_end, offer_length, passed_words, share
from swapmeet.orders.waitlist.models import WAIT_MACHINE, WaitState

SHOW = datetime(2027, 5, 15, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "hours"),
    [
        (timedelta(days=60), 48),
        (timedelta(days=7), 48),
        (timedelta(days=7) - timedelta(seconds=1), 24),
        (timedelta(days=2), 24),
        (timedelta(days=2) - timedelta(seconds=1), 2),
        (timedelta(0), 2),
        (timedelta(hours=-5), 2),
    ],
)
def test_an_offer_is_the_shorter_the_nearer_the_show(before: timedelta, hours: int) -> None:
    assert offer_length(SHOW - before, SHOW) == timedelta(hours=hours)


def test_no_offer_outlasts_the_show() -> None:
    ends = SHOW + timedelta(days=2)
    assert offer_end(ends - HOUR, starts_at=SHOW, ends_at=ends) == ends
    assert offer_end(SHOW - 10 * 24 * HOUR, starts_at=SHOW, ends_at=ends) == SHOW - 8 * 24 * HOUR


def test_all_or_none_gets_all_or_none() -> None:
    wants = [Want(2, {1: 1})]
    assert not share(wants, {1: 1}, is_whole=True).is_enough
    assert share(wants, {1: 2}, is_whole=True).pieces == (2,)
    part = share(wants, {1: 1}, is_whole=False)
    assert part.is_enough and part.pieces == (1,)
    assert not share(wants, {1: 0}, is_whole=False).is_enough


def test_things_that_share_a_capacity_are_counted_together() -> None:
    wants = [Want(2, {1: 1, 9: 1}), Want(2, {2: 1, 9: 1})]
    assert share(wants, {1: None, 2: None, 9: 3}, is_whole=False).pieces == (2, 1)
    assert not share(wants, {1: None, 2: None, 9: 3}, is_whole=True).is_enough
    assert share(wants, {1: None, 2: None, 9: 4}, is_whole=True).is_enough


def test_what_no_quota_counts_is_bounded_by_what_is_free_of_it() -> None:
    assert share([Want(3, {}, 2)], {}, is_whole=False).pieces == (2,)


def test_the_reason_names_what_was_there() -> None:
    words = passed_words(["Weekend"], [2], [1], is_adjacent=False)
    assert words == "1 of 2 × Weekend was free, and you asked for all or none."
    assert "side by side" in passed_words(["Long table"], [2], [2], is_adjacent=True)
    both = passed_words(["Weekend", "Supper"], [1, 1], [1, 0], is_adjacent=False)
    assert both == "Weekend and no Supper was free, and you asked for all or none."


ALLOWED = {
    ("waiting", "offered"),
    ("waiting", "left"),
    ("waiting", "ended"),
    ("offered", "taken"),
    ("offered", "declined"),
    ("offered", "lapsed"),
    ("offered", "waiting"),
    ("declined", "waiting"),
    ("lapsed", "waiting"),
}


@pytest.mark.parametrize("origin", WaitState)
@pytest.mark.parametrize("target", WaitState)
def test_every_step_is_allowed_or_refused(origin: WaitState, target: WaitState) -> None:
    if (origin.value, target.value) in ALLOWED:
        WAIT_MACHINE.check(origin, target)
    else:
        with pytest.raises(IllegalTransition):
            WAIT_MACHINE.check(origin, target)
