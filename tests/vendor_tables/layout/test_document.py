"""The format of floor plans: one text for one content, a published schema, faults that say where."""

import json
from importlib.resources import files
from typing import Any

import pytest

from swapmeet.vendor_tables.layout.changes import carried, compare, distance_mm
from swapmeet.vendor_tables.layout.document import PlanFault, dump_plan, json_schema, load_plan
from swapmeet.vendor_tables.layout.edges import with_edges
from tests.vendor_tables.layout.plans import clean, many, uid_of, with_place


def test_a_plan_round_trips_byte_for_byte() -> None:
    for plan in (clean(), with_edges(clean()), many(400)):
        text = dump_plan(plan)
        assert dump_plan(load_plan(text)) == text
        shuffled = json.loads(text)
        shuffled["places"].reverse()
        assert dump_plan(load_plan(json.dumps(shuffled, indent=3))) == text


def test_the_published_schema_is_the_one_of_the_code() -> None:
    published = (files("swapmeet") / "data" / "floor_plan.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == json_schema()


@pytest.mark.parametrize(
    ("change", "where", "what"),
    [
        ({"outline": [[0, 0], [1, 1]]}, "outline", "at least 3"),
        ({"min_aisle_mm": -5}, "min_aisle_mm", "greater than or equal to 600"),
        ({"surprise": 1}, "surprise", "not permitted"),
        ({"version": 2}, "version", "should be 1"),
        ({"places": [{"uid": "p", "label": "A1", "x_mm": 0, "y_mm": 0, "w_mm": -1, "d_mm": 5}]}, "places[0].w_mm", ""),
        ({"places": [{"uid": "p", "label": "A1", "x_mm": 0.5, "y_mm": 0, "w_mm": 1, "d_mm": 5}]}, "places[0].x_mm", ""),
        ({"places": [{"uid": "p", "label": "A\n", "x_mm": 0, "y_mm": 0, "w_mm": 1, "d_mm": 5}]}, "places[0].label", ""),
        ({"circuits": [{"uid": "c", "name": "", "capacity_ma": 1}] * 2}, "", "the uid c is there twice"),
    ],
)
def test_a_fault_says_where_it_is(change: dict[str, Any], where: str, what: str) -> None:
    values = {**json.loads(dump_plan(clean())), **change}
    with pytest.raises(PlanFault) as caught:
        load_plan(json.dumps(values))
    told = caught.value.faults[0]
    assert told[0] == where and what in told[1]


@pytest.mark.parametrize("text", ["", "{", "[]", "nul", '{"outline": NaN}', '{"a": ' * 3000, "\ud800", "7"])
def test_what_is_no_plan_is_refused_with_words(text: str) -> None:
    with pytest.raises(PlanFault) as caught:
        load_plan(text)
    assert caught.value.faults


def test_changes_are_told_by_uid() -> None:
    old = clean()
    new = with_place(with_place(old, "B01", label="B99"), "B02", x_mm=9000, y_mm=17_000)
    new = with_place(with_place(new, "B03", w_mm=2438), "B04", type="booth")
    new = new.changed(
        places=tuple(place for place in new.places if place.label != "A01"),
        walls=({"uid": "w", "points": ((0, 0), (1, 1))},),
    )
    found = compare(old, new)
    assert [place.label for place in found.removed] == ["A01"] and not found.added
    assert [(a.label, b.label) for a, b in found.relabeled] == [("B01", "B99")]
    assert [a.label for a, _ in found.moved] == ["B02"] and distance_mm(found.moved[0]) == 4365
    assert [a.label for a, _ in found.resized] == ["B03"] and [a.label for a, _ in found.retyped] == ["B04"]
    assert found.things == {"walls": 1} and compare(new, new).is_empty


def test_a_change_made_elsewhere_comes_into_the_draft_thing_by_thing() -> None:
    old = clean()
    draft = with_place(with_place(old, "A01", x_mm=100), "A02", label="Z1")
    new = with_place(old, "A01", label="Q1").changed(aisles=())
    new = new.changed(places=tuple(place for place in new.places if place.label != "A03"))
    got = carried(draft, old, new)
    places = {place.uid: place for place in got.places}
    assert places[uid_of(old, "A01")].label == "Q1" and places[uid_of(old, "A02")].label == "Z1"
    assert uid_of(old, "A03") not in places and got.aisles == () and len(got.places) == 13
