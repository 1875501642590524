"""The hobby's lists, and the plain decisions of trading."""

from datetime import UTC, datetime, timedelta

import pytest

from swapmeet.trades import rules, vocab
from swapmeet.trades.models import ALL_MACHINES, LISTING_MACHINE, OFFER_MACHINE, ListingState, OfferState
from swapmeet.trades.vocab import Intent

NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
END = NOW + timedelta(days=10)


def test_the_lists_are_whole_and_no_code_stands_twice() -> None:
    assert (len(vocab.SCALES), len(vocab.CATEGORIES), len(vocab.CONDITIONS)) == (28, 30, 9)
    for rows in (vocab.SCALES, vocab.CATEGORIES, vocab.CONDITIONS):
        assert len({row.code for row in rows}) == len(rows)
    assert set(vocab.INTENT_LABELS) == set(vocab.INTENT_WORDS.values()) == set(Intent)


@pytest.mark.parametrize(
    ("code", "near"),
    [
        ("N", {"N", "1-144", "10mm"}),
        ("1-12", {"1-12"}),
        ("1-48", {"1-48", "O", "32mm"}),
        ("HO", {"HO", "OO"}),
        ("OO", {"OO", "HO", "1-72", "20mm"}),
        ("1-24", {"1-24", "G", "75mm"}),
        ("1-16", {"1-16", "1-18"}),
        ("mixed", {"mixed"}),
    ],
)
def test_near_scales_look_right_together(code: str, near: set[str]) -> None:
    assert set(vocab.near_scales(code)) == near and vocab.near_scales(code)[0] == code


def test_nearness_goes_both_ways() -> None:
    for one in vocab.SCALES:
        for other in vocab.near_scales(one.code):
            assert one.code in vocab.near_scales(other)


def test_this_condition_or_better() -> None:
    assert vocab.conditions_from("like-new") == ("new-sealed", "new-open", "like-new")
    assert len(vocab.conditions_from("parts-only")) == 9


@pytest.mark.parametrize(
    ("changes", "floor"),
    [
        ({}, rules.Floor.OPEN),
        ({"enabled": False}, rules.Floor.OFF),
        ({"is_published": False}, rules.Floor.OVER),
        ({"now": END}, rules.Floor.OVER),
        ({"now": END - timedelta(seconds=1)}, rules.Floor.OPEN),
        ({"opens_at": NOW}, rules.Floor.OPEN),
        ({"opens_at": NOW + timedelta(seconds=1)}, rules.Floor.SOON),
        ({"closes_at": NOW}, rules.Floor.CLOSED),
        ({"closes_at": NOW + timedelta(seconds=1)}, rules.Floor.OPEN),
    ],
)
def test_the_floor_opens_and_closes_at_its_minute(changes: dict[str, object], floor: rules.Floor) -> None:
    values = {"enabled": True, "is_published": True, "opens_at": None, "closes_at": None, "ends_at": END, "now": NOW}
    assert rules.floor_of(**{**values, **changes}) is floor


def test_an_agreed_trade_is_held_until_after_the_show() -> None:
    assert rules.hand_over_by(now=NOW, hold_hours=24, ends_at=END) == END + timedelta(hours=24)
    assert rules.hand_over_by(now=END, hold_hours=24, ends_at=NOW) == END + timedelta(hours=24)
    assert rules.has_lapsed(expires_at=NOW, has_tick=False, now=NOW)
    assert not rules.has_lapsed(expires_at=NOW, has_tick=True, now=NOW)


@pytest.mark.parametrize(
    ("give", "take", "intents", "fault"),
    [
        ([1], [2], [Intent.TRADE], None),
        ([], [2], [Intent.GIVE], None),
        ([], [2], [Intent.SELL], None),
        ([], [2, 3], [Intent.GIVE, Intent.TRADE], "of your own things"),
        ([1], [], [], "one of their things"),
        ([1, 1], [2], [Intent.TRADE], "twice"),
        ([1], [1], [Intent.TRADE], "twice"),
        (list(range(11)), [20], [Intent.TRADE], "At most 10"),
    ],
)
def test_the_shape_of_an_offer(give: list[int], take: list[int], intents: list[str], fault: str | None) -> None:
    found = rules.offer_fault(give=give, take=take, take_intents=intents)
    assert found is None if fault is None else fault in str(found)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Tess Trader", "Tess T."),
        ("Cher", "Cher"),
        ("", "A trader"),
        ("李小龍", "李小龍"),
        ("Ann  van der Lee", "Ann L."),
    ],
)
def test_strangers_see_a_short_name(name: str, shown: str) -> None:
    assert rules.short_name(name) == shown


def test_what_is_done_is_done() -> None:
    assert OFFER_MACHINE.final_states() == set(OfferState) - {OfferState.OPEN, OfferState.ACCEPTED}
    assert LISTING_MACHINE.final_states() == {ListingState.TRADED, ListingState.EXPIRED}
    assert all(machine.mermaid().startswith("stateDiagram") for machine in ALL_MACHINES)
