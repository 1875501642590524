"""A host puts in an official list: things of many people, all of it or nothing, each fault named by its line."""

from typing import Any

from sqlalchemy import select

from swapmeet.infra.db import db
from swapmeet.trades.rounds import rules
from swapmeet.trades.rounds.models import Phase, RoundEntry
from tests.badges import build
from tests.support.forms import post
from tests.trades.rounds.swap import host, open_round, put_in, switch
from tests.trades.stall import list_thing


def _entries() -> list[tuple[int, str, int]]:
    db.session.rollback()
    rows = db.session.scalars(select(RoundEntry).order_by(RoundEntry.number))
    return [(row.number, row.title, row.member.number) for row in rows]


def test_lines_say_whose_first_and_are_counted_with_their_faults() -> None:
    text = (
        "whose,title\n\nA1B2, Chair, Furniture, 1:12, Good, 5.00\n, Bed\nTESS@example.org, Lamp, Sofas\nx, " + "t" * 121
    )
    rows, faults = rules.read_official(text, "USD")
    assert [(line, who, thing.title, thing.value_minor) for line, who, thing in rows] == [(3, "A1B2", "Chair", 500)]
    assert [fault.partition(":")[0] for fault in faults] == ["Line 4", "Line 5", "Line 6"]
    assert "badge code or mail address" in faults[0] and "Sofas" in faults[1]
    assert rules.read_official("x, y\n" * (rules.MAX_OFFICIAL + 1), "USD")[1] == ["At most 5,000 lines at a time."]


def test_an_official_list_enters_whole_or_not_at_all(world: Any) -> None:
    host(world, "otto")
    round_id = open_round(world, max_entries=3)
    put_in(world, round_id, "tess", ["Own chair"])
    badge = build.admitted(world, "Tess Trader", person_id=world.ids["tess"])
    list_thing(world, "tom")
    otto, page = world.client("otto"), f"/manage/shows/{world.slug}/rounds/{round_id}/official-list"
    assert page in otto.get(f"/manage/shows/{world.slug}/rounds/{round_id}").text
    tom, ann = world.person("tom").email, world.person("ann").email

    def paste(*lines: str, sure: bool = True) -> Any:
        return post(otto, page, {"lines": "\n".join(lines)} | ({"is_theirs": "y"} if sure else {}))

    chair, lamp = f"{badge.code}, Stool", f"{tom.upper()}, Lamp, Lighting, 1:12, Good, 3.00"
    assert "Please confirm this" in paste(chair, sure=False).text
    unknown = paste(chair, lamp, f"{ann}, Bear")  # Ann has an account, but nothing to do with the show
    assert (
        unknown.status_code == 422
        and f"Line 3: nobody at this show has “{ann}”" in unknown.text
        and "Lamp" in unknown.text
    )
    assert "Line 1: One person may have 3 things" in paste(chair, chair, chair).text
    assert _entries() == [(1, "Own chair", 1)]
    wrong = paste(*[f"{badge.code}, Bed, Sofas"] * 30)
    assert "Line 20:" in wrong.text and "Line 21:" not in wrong.text and "and 10 more lines" in wrong.text
    whole = {"lines": "\n".join([chair, lamp, f"{badge.code}, Rug"]), "is_theirs": "y", "key": "k" * 32}
    assert post(otto, page, whole).status_code == 303
    assert post(otto, page, whole).status_code == 303, "pressed twice"
    assert _entries() == [(1, "Own chair", 1), (2, "Stool", 1), (3, "Rug", 1), (4, "Lamp", 2)]
    assert "Stool" in world.client("tess").get(f"/shows/{world.slug}/rounds/{round_id}/mine").text
    switch(world, round_id, Phase.FREEZE)
    assert "The list of this round is fixed" in otto.get(page).text
    late = paste(lamp)
    assert late.status_code == 422 and "fixed" in late.text and len(_entries()) == 4
    assert world.client("tom").get(page).status_code in (403, 404)
