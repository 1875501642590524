"""Things enter a round by listing or by list, and stay home when their owner says so."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.db import db
from swapmeet.trades.rounds.models import Phase, RoundEntry
from swapmeet.trades.rounds.rules import is_far_below, read_lines, title_key
from tests.support.forms import post
from tests.trades.rounds.swap import open_round, put_in, switch
from tests.trades.stall import agreed_trade, list_thing


def _entries() -> list[RoundEntry]:
    db.session.rollback()
    return list(db.session.scalars(select(RoundEntry).order_by(RoundEntry.number)))


def test_own_listings_enter_and_can_be_taken_out_until_the_list_is_fixed(world: Any) -> None:
    chairs = list_thing(world, "tess")
    round_id = open_round(world)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}"
    assert "Walnut ladder-back chairs" in tess.get(f"{page}/mine").text
    assert post(tess, f"{page}/entries", {"listings": chairs}).status_code == 303
    (entry,) = _entries()
    assert entry.listing_id == chairs and "#1" in world.client().get(page).text
    post(tess, f"{page}/entries/{entry.id}/removal")
    assert _entries()[0].withdrawn_at is not None
    post(tess, f"{page}/entries", {"listings": chairs})
    switch(world, round_id, Phase.FREEZE)
    second = _entries()[1]
    post(tess, f"{page}/entries/{second.id}/removal")
    assert second.number == 2 and _entries()[1].withdrawn_at is None


def test_a_thing_in_an_agreed_trade_cannot_enter(world: Any) -> None:
    _offer, chairs, _wagon = agreed_trade(world)
    round_id = open_round(world)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}"
    post(tess, f"{page}/entries", {"listings": chairs})
    assert _entries() == [] and "cannot enter" in tess.get(f"{page}/mine").text


@pytest.mark.parametrize("value", ["", "-1", "abc", "99999999999999999999", "\x00"])
def test_odd_ids_enter_nothing(world: Any, value: str) -> None:
    round_id = open_round(world)
    answer = post(world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}/entries", {"listings": value})
    assert answer.status_code in (303, 400, 422) and _entries() == []


def test_a_list_enters_whole_or_not_at_all(world: Any) -> None:
    round_id = open_round(world)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}"
    good = 'title,category,scale,condition,value\nOak dresser,Furniture,1:12,Like new,24.00\n"Cups, six"\n'
    bad = post(tess, f"{page}/lines", {"lines": good + "Lamp,Spaceships", "is_mine": "y"})
    assert bad.status_code == 422 and "Line 4" in bad.text and "Oak dresser" in bad.text and _entries() == []
    assert post(tess, f"{page}/lines", {"lines": good, "is_mine": "y"}).status_code == 303
    one, two = _entries()
    assert (one.title, one.scale, one.value_minor) == ("Oak dresser", "1-12", 2400) and two.title == "Cups, six"


def test_nobody_passes_the_limit_of_the_round(world: Any) -> None:
    round_id = open_round(world, max_entries=2)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}"
    answer = post(tess, f"{page}/lines", {"lines": "a\nb\nc", "is_mine": "y"})
    assert answer.status_code == 422 and "may have 2 things" in answer.text and _entries() == []


def test_a_thing_stays_home_and_others_cannot_say_so(world: Any) -> None:
    round_id = open_round(world)
    (chair,) = put_in(world, round_id, "tess", ["Chair"])
    page = f"/shows/{world.slug}/rounds/{round_id}"
    assert post(world.client("tom"), f"{page}/entries/{chair}/home", {"stays": "1"}).status_code == 404
    post(world.client("tess"), f"{page}/entries/{chair}/home", {"stays": "1"})
    assert _entries()[0].stays_home and "Stays with you" in world.client("tess").get(f"{page}/mine").text


def test_lists_and_values_are_read_as_a_person_means_them() -> None:
    things, faults = read_lines("Chair\n,,,\nLamp,lighting,HO,good,-3\n" + "x" * 121, "USD")
    assert [thing.title for thing in things] == ["Chair"] and len(faults) == 2
    assert read_lines("a\n" * 301, "USD")[1] == ["At most 300 lines at a time."]
    assert is_far_below(10_000, 3_999) and not is_far_below(10_000, 4_000) and not is_far_below(None, 1)
    assert title_key("Oak  Dresser!") == title_key("oak dresser")


def test_pages_of_a_round_are_there_for_everybody_and_empty_ones_say_so(world: Any) -> None:
    assert "No round yet" in world.client().get(f"/shows/{world.slug}/rounds").text
    round_id = open_round(world)
    page = f"/shows/{world.slug}/rounds/{round_id}"
    assert "Nothing is in the round yet" in world.client().get(page).text
    assert world.client().get(f"/shows/{world.slug}/rounds/99999").status_code == 404
    assert world.client().get(f"{page}?q=%00&page=99999999&scale=zzz").status_code == 200
