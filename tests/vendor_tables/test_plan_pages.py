"""The floor plan in number fields: blocks, tables and aisles typed in, checked, published; two people at once."""

import re
from typing import Any

import pytest

from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.vendor_tables.models import TablePlace
from tests.support.forms import fields_of, token_of
from tests.support.forms import post as send
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.test_plan_versions import Desk

BLOCK = {
    "shape": "island", "name": "C", "type": "std6", "n": "5", "m": "0", "x": "10", "y": "35", "w": "6", "d": "2.5",
    "side": "S", "faces": "in", "start": "1", "digits": "2", "step": "1", "order": "along", "seen": "0",
}  # fmt: skip


@pytest.fixture
def desk(floor: Floor) -> Desk:
    return Desk(floor)


def url(desk: Desk, rest: str = "") -> str:
    return f"/manage/shows/{desk.world.slug}/tables/floor/{desk.hall.id}{rest}"


def test_a_block_is_typed_in_checked_and_published(desk: Desk) -> None:
    client = desk.world.client("olga")
    page = client.get(url(desk, "/things")).get_data(as_text=True)
    assert "Plan of Main hall, as tables" in page and "A01" in page and "Row" in page
    shown = client.get(url(desk, "/things/blocks/new")).get_data(as_text=True)
    assert 'value="6"' in shown and "(milliamps)" not in shown
    assert send(client, url(desk, "/things/blocks/new"), data=BLOCK).status_code == 303
    block = next(block for block in desk.drawing().document.blocks if block.name == "C")
    assert (block.x_mm, block.w_mm, block.n) == (3048, 1829, 5)
    page = client.get(url(desk, f"/things/blocks/{block.uid}")).get_data(as_text=True)
    fields = fields_of(page, "")
    assert (fields["n"], fields["x"], fields["seen"]) == ("5", "10", "1")
    check = client.get(url(desk, "/check")).get_data(as_text=True)
    assert "<b>10 new:</b> C01" in check and "Publish this plan" in check
    assert send(client, url(desk, "/publication"), data={"seen": "1"}).status_code == 303
    assert len(desk.places()) == 22
    listed = client.get(f"/manage/shows/{desk.world.slug}/tables/floor").get_data(as_text=True)
    assert "22 tables" in listed and "version 2" in listed


def test_what_cannot_stand_is_told_with_everything_typed_kept(desk: Desk) -> None:
    client = desk.world.client("olga")
    answer = send(client, url(desk, "/things/blocks/new"), data={**BLOCK, "n": "0", "x": "far"})
    words = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Write a whole number from 1 to 400" in words and 'value="far"' in words
    frame = {**BLOCK, "shape": "perimeter", "frame_w": "10", "frame_d": "10"}
    answer = send(client, url(desk, "/things/blocks/new"), data=frame)
    assert answer.status_code == 422 and "do not fit along a frame" in answer.get_data(as_text=True)
    assert desk.drawing().number == 0


def test_faults_are_told_rule_by_rule(desk: Desk) -> None:
    client = desk.world.client("olga")
    send(client, url(desk, "/things/blocks/new"), data={**BLOCK, "y": "4"})
    check = client.get(url(desk, "/check")).get_data(as_text=True)
    assert "stand on each other." in check and "Publish this plan" not in check
    send(client, url(desk, "/publication"), data={"seen": "1"})
    assert len(desk.places()) == 12
    assert "stand on each other" in client.get(url(desk, "/check")).get_data(as_text=True)


def test_numbering_anew_shows_before_and_after(desk: Desk) -> None:
    client = desk.world.client("olga")
    row = next(block for block in desk.drawing().document.blocks if block.name == "A")
    fields = fields_of(client.get(url(desk, f"/things/blocks/{row.uid}")).get_data(as_text=True), "")
    changed = {
        **fields,
        "start": "101",
        "digits": "3",
        "shape": "row",
        "type": "std6",
        "order": "along",
        "side": "S",
        "faces": "in",
    }
    assert send(client, url(desk, f"/things/blocks/{row.uid}"), data=changed).status_code == 303
    page = client.get(url(desk, f"/numbers/{row.uid}")).get_data(as_text=True)
    assert re.search(r"A01</th><td[^>]*>A101", page)
    assert send(client, url(desk, f"/numbers/{row.uid}"), data={"seen": "1"}).status_code == 303
    assert {place.label for place in desk.drawing().document.places if place.row == "A"} == {
        f"A10{number}" for number in range(1, 7)
    }
    assert "A01" in desk.places()


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("aisles", {"name": "Main way", "sort": "main", "width": "8", "x1": "0", "y1": "9", "x2": "90", "y2": "9"}),
        ("walls", {"thickness": "0.5", "x1": "0", "y1": "50", "x2": "20", "y2": "50"}),
        ("doors", {"sort": "fire", "x1": "0", "y1": "50", "x2": "0", "y2": "55", "keep_clear": "5"}),
        ("solids", {"sort": "stage", "text": "Stage", "x": "60", "y": "50", "w": "20", "d": "10"}),
        ("zones", {"sort": "area", "name": "Dolls", "color": "blue", "pattern": "dots", "x": "1", "y": "1", "w": "9", "d": "9"}),
        ("circuits", {"name": "North wall", "capacity": "16000"}),
        ("texts", {"text": "Café", "x": "50", "y": "50"}),
        ("places", {"label": "X1", "type": "std6", "x": "60", "y": "40", "w": "6", "d": "2.5", "facing": "S", "circuit": ""}),
    ],
)  # fmt: skip
def test_every_thing_can_be_added_shown_and_removed(desk: Desk, kind: str, values: dict[str, str]) -> None:
    client = desk.world.client("olga")
    answer = send(client, url(desk, f"/things/{kind}/new"), data={**values, "seen": "0"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    before = {place.uid for place in desk.drawing().published.places}
    thing = next(each for each in getattr(desk.drawing().document, kind) if each.uid not in before)
    page = client.get(url(desk, f"/things/{kind}/{thing.uid}")).get_data(as_text=True)
    assert all(fields_of(page, "").get(name, value) == value for name, value in values.items())
    assert client.get(url(desk, "/things")).status_code == 200
    check = client.get(url(desk, "/check"))
    assert check.status_code == 200 and ("Which tables stand in a zone" in check.text) is (kind == "zones")
    assert send(client, url(desk, f"/things/{kind}/{thing.uid}/removal"), data={"seen": "1"}).status_code == 303
    assert thing.uid not in {each.uid for each in getattr(desk.drawing().document, kind)}
    assert client.get(url(desk, f"/things/{kind}/{thing.uid}")).status_code == 404


def test_a_table_moved_by_itself_leaves_its_block(desk: Desk) -> None:
    client = desk.world.client("olga")
    place = next(place for place in desk.drawing().document.places if place.label == "A06")
    values = {"label": "A06", "type": "std6", "x": "60", "y": "40", "w": "6", "d": "2.5", "facing": "S", "circuit": ""}
    send(client, url(desk, f"/things/places/{place.uid}"), data={**values, "is_sellable": "y", "seen": "0"})
    moved = next(each for each in desk.drawing().document.places if each.uid == place.uid)
    assert (moved.block, moved.x_mm) == ("", 18_288)


def save(desk: Desk, client: Any, plan: Any, seen: Any) -> Any:
    headers = {"X-CSRFToken": token_of(client), "Accept": "application/json"}
    return client.post(url(desk, "/draft"), json={"seen": seen, "plan": plan}, headers=headers)


def test_the_editor_saves_by_number_and_is_told_of_others(desk: Desk) -> None:
    client = desk.world.client("olga")
    draft = client.get(url(desk, "/draft")).get_json()
    assert draft["number"] == 0 and len(draft["plan"]["places"]) == 12
    answer = save(desk, client, draft["plan"], 0)
    assert answer.status_code == 200 and answer.get_json() == {"number": 1, "findings": [], "held": []}
    late = save(desk, client, draft["plan"], 0)
    assert late.status_code == 409 and "Olga Organizer has saved this plan since" in late.get_json()["detail"]
    assert late.get_json()["number"] == 1
    draft["plan"]["places"][0]["x_mm"] = -900
    told = save(desk, client, draft["plan"], 1).get_json()
    assert {finding["rule"] for finding in told["findings"]} >= {"outside_hall"}
    assert client.get(url(desk, "/draft")).get_json()["findings"] == told["findings"]
    send(client, url(desk, "/draft/removal"), data={"seen": "2"})
    assert desk.drawing().number == 0


@pytest.mark.parametrize("plan", [None, 7, "x", {}, {"outline": []}, [1], {"places": [{"uid": 5}]}])
def test_what_is_no_plan_is_refused_in_words(desk: Desk, plan: Any) -> None:
    answer = save(desk, desk.world.client("olga"), plan, 0)
    assert answer.status_code == 422 and answer.get_json()["detail"].startswith("The plan could not be saved")
    assert desk.drawing().number == 0


@pytest.mark.parametrize("seen", [None, "0", True, 1.5])
def test_a_save_without_its_number_is_refused(desk: Desk, seen: Any) -> None:
    plan = desk.drawing().document.model_dump(mode="json")
    assert save(desk, desk.world.client("olga"), plan, seen).status_code == 422


def test_halls_of_other_shows_and_things_that_never_were_are_not_found(desk: Desk) -> None:
    client = desk.world.client("olga")
    for rest in ("/things/blocks/nothing", "/things/elephants/new", "/numbers/nothing"):
        assert client.get(url(desk, rest)).status_code == 404
    assert client.get(f"/manage/shows/{desk.world.slug}/tables/floor/99999/check").status_code == 404
    end_reading()
    assert db.session.query(TablePlace).count() == 12
