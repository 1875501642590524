"""Choosing wants: ticked, ranked, grouped, copied; private; by rows that scripts-off forms send."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.rounds import doctor, parts, queries
from swapmeet.trades.rounds.models import Phase, RoundMember
from tests.support.forms import post
from tests.trades.rounds.swap import open_round, put_in, switch, wanted
from tests.trades.stall import list_thing


@pytest.fixture
def swap(world: Any) -> dict[str, Any]:
    round_id = open_round(world)
    tess = put_in(world, round_id, "tess", ["Chair", "Bed"], 10_000)
    tom = put_in(world, round_id, "tom", ["Hay wagon", "Loco", "Tiny lamp"], 1_000)
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    return {
        "round": round_id,
        "tess": tess,
        "tom": tom,
        "page": f"/shows/{world.slug}/rounds/{round_id}/wants/{tess[0]}",
    }


def test_wants_are_ticked_ranked_by_number_and_removed(world: Any, swap: dict[str, Any]) -> None:
    tess, page, (wagon, loco, lamp) = world.client("tess"), swap["page"], swap["tom"]
    post(tess, f"{page}/additions", {"targets": [wagon, loco, lamp]})
    assert wanted(swap["tess"][0]) == [(wagon, ""), (loco, ""), (lamp, "")]
    ids = [want.id for want in queries.list_wants(db.session(), entry_id=swap["tess"][0])]
    order = {f"rank-{ids[0]}": "9", f"rank-{ids[1]}": "1", f"rank-{ids[2]}": "x", f"pick-{ids[0]}": "A"}
    post(tess, f"{page}/order", {**order, f"pick-{ids[1]}": "A", "gone": ids[2]})
    assert wanted(swap["tess"][0]) == [(loco, "A"), (wagon, "A")]


def test_a_second_tick_changes_nothing_and_own_things_are_refused(world: Any, swap: dict[str, Any]) -> None:
    tess, page = world.client("tess"), swap["page"]
    for _turn in range(2):
        post(tess, f"{page}/additions", {"targets": swap["tom"][0]})
    post(tess, f"{page}/additions", {"targets": swap["tess"][1]})
    assert wanted(swap["tess"][0]) == [(swap["tom"][0], "")]
    for odd in ("", "0", "-4", "abc", "9" * 30):
        assert post(tess, f"{page}/additions", {"targets": odd}).status_code == 303
    assert len(wanted(swap["tess"][0])) == 1


def test_nobody_else_sees_or_changes_wants(world: Any, swap: dict[str, Any]) -> None:
    post(world.client("tess"), f"{swap['page']}/additions", {"targets": swap["tom"][0]})
    tom = world.client("tom")
    assert tom.get(swap["page"]).status_code == 404
    for step in ("additions", "order", "copies"):
        assert post(tom, f"{swap['page']}/{step}", {"targets": swap["tom"][1]}).status_code == 404
    assert world.client().get(swap["page"]).status_code == 303


def test_wants_are_copied_to_other_things_behind_what_they_have(world: Any, swap: dict[str, Any]) -> None:
    tess, page, (wagon, loco, _lamp) = world.client("tess"), swap["page"], swap["tom"]
    other = page.replace(f"/wants/{swap['tess'][0]}", f"/wants/{swap['tess'][1]}")
    post(tess, f"{page}/additions", {"targets": [wagon, loco]})
    post(tess, f"{other}/additions", {"targets": loco})
    post(tess, f"{page}/copies", {"entries": swap["tess"][1]})
    assert [row[0] for row in wanted(swap["tess"][1])] == [loco, wagon]


def test_a_want_far_below_the_value_is_warned_of(world: Any, swap: dict[str, Any]) -> None:
    tess = world.client("tess")
    assert "Worth far less than yours" in tess.get(swap["page"]).text
    post(tess, f"{swap['page']}/additions", {"targets": swap["tom"][2]})
    assert "Keep it only if you mean it" in tess.get(swap["page"]).text


def test_protection_against_two_of_the_same_is_on_until_it_is_turned_off(world: Any, swap: dict[str, Any]) -> None:
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{swap['round']}"
    assert "You are protected" in tess.get(f"{page}/mine").text
    post(tess, f"{page}/protection", {"protects": "0"})
    db.session.rollback()
    member = db.session.scalar(select(RoundMember).where(RoundMember.person_id == world.ids["tess"]))
    assert member is not None and not member.protects


def test_wants_are_closed_outside_their_phase(world: Any, swap: dict[str, Any]) -> None:
    switch(world, swap["round"], Phase.FREEZE)
    tess = world.client("tess")
    post(tess, f"{swap['page']}/additions", {"targets": swap["tom"][0]})
    assert wanted(swap["tess"][0]) == []
    assert "at “Choose wants”" in tess.get(swap["page"]).text


def test_filters_narrow_what_is_there_to_tick_and_come_back(world: Any, swap: dict[str, Any]) -> None:
    tess = world.client("tess")
    page = tess.get(f"{swap['page']}?q=wagon&scale=1-12&near=1").text
    assert "Hay wagon" in page and "Tiny lamp" not in page
    back = post(tess, f"{swap['page']}/additions", {"targets": swap["tom"][0], "q": "wagon", "near": "1"})
    assert back.location.endswith("?q=wagon&near=1")
    assert "Nothing found" in tess.get(f"{swap['page']}?q=%25").text


def test_people_who_blocked_each_other_cannot_want_each_others_things(world: Any, swap: dict[str, Any]) -> None:
    listing = list_thing(world, "tom", title="Another")
    assert post(world.client("tess"), f"/trades/{listing}/block").status_code == 303
    post(world.client("tess"), f"{swap['page']}/additions", {"targets": swap["tom"][0]})
    assert wanted(swap["tess"][0]) == []


def test_export_and_erasure_know_the_round(world: Any, swap: dict[str, Any]) -> None:
    post(world.client("tess"), f"{swap['page']}/additions", {"targets": swap["tom"][0]})
    data = parts.RoundsData()
    (kept,) = data.export(db.session(), person_id=world.ids["tess"])
    assert kept["things"][0]["wants"] == [3]
    assert doctor.wants_across_rounds(db.session(), utcnow()) == []
    with transaction() as db_session:
        data.erase(db_session, person_id=world.ids["tess"], now=utcnow())
    page = world.client().get(f"/shows/{world.slug}/rounds/{swap['round']}").text
    assert "Chair" not in page and "Hay wagon" in page
