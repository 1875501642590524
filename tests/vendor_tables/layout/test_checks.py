"""Each rule of the floor plan finds its own fault and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from swapmeet.vendor_tables.layout.checks import WORDS, Rule, check_plan
from swapmeet.vendor_tables.layout.document import Block, Place, Plan
from tests.vendor_tables.layout.plans import HALL, NOTCHED, TYPES, clean, many, uid_of, with_place

Spoil = Callable[[Plan], tuple[Plan, set[str]]]


def _moved_on_its_neighbor(plan: Plan) -> tuple[Plan, set[str]]:
    first = next(place for place in plan.places if place.label == "B01")
    return with_place(plan, "B02", x_mm=first.x_mm + 900), {uid_of(plan, "B01"), uid_of(plan, "B02")}


def _turned_into_its_neighbor(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", x_mm=9000, rot_ddeg=450), {uid_of(plan, "B03"), uid_of(plan, "B04")}


def _on_the_pillar(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", x_mm=19_600, y_mm=12_400), {uid_of(plan, "B04"), "pillar"}


def _through_the_wall(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B01", x_mm=-300), {uid_of(plan, "B01")}


def _in_the_notch(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", x_mm=21_000, y_mm=16_000).changed(outline=NOTCHED), {uid_of(plan, "B04")}


def _before_the_door(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", x_mm=300, y_mm=8500, facing="S"), {uid_of(plan, "B04"), "door"}


def _in_the_no_go_area(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", x_mm=26_000, y_mm=1000), {uid_of(plan, "B04"), "nogo"}


def _aisle_drawn_narrow(plan: Plan) -> tuple[Plan, set[str]]:
    aisle = {"uid": "side", "points": ((15_000, 0), (15_000, 5000)), "width_mm": 900}
    return plan.changed(aisles=(*plan.aisles, aisle)), {"side"}


def _table_in_the_aisle(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", y_mm=10_800, facing="S"), {uid_of(plan, "B04"), "way"}


def _wall_at_the_table(plan: Plan) -> tuple[Plan, set[str]]:
    wall = {"uid": "wall", "points": ((4000, 15_000), (5500, 15_000)), "thickness_mm": 100}
    return plan.changed(walls=(wall,)), {uid_of(plan, "B01"), "wall"}


def _too_much_power(plan: Plan) -> tuple[Plan, set[str]]:
    plan = with_place(with_place(plan, "A01", circuit="c1", load_ma=9000), "A02", circuit="c1", load_ma=9000)
    return plan, {"c1", uid_of(plan, "A01"), uid_of(plan, "A02")}


def _same_number_twice(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", label="b03"), {uid_of(plan, "B03"), uid_of(plan, "B04")}


def _block_without_tables(plan: Plan) -> tuple[Plan, set[str]]:
    values = {"uid": "ghost", "kind": "row", "x_mm": 0, "y_mm": 0, "w_mm": 1829, "d_mm": 762, "n": 3}
    return plan.changed(blocks=(*plan.blocks, Block.model_validate(values))), {"ghost"}


def _place_without_its_block(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", block="gone"), {uid_of(plan, "B04")}


def _circuit_nobody_drew(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", circuit="c9", load_ma=1), {uid_of(plan, "B04")}


def _kind_nobody_rents(plan: Plan) -> tuple[Plan, set[str]]:
    return with_place(plan, "B04", type="booth"), {uid_of(plan, "B04")}


FAULTS: list[tuple[Rule, Spoil]] = [
    (Rule.OVERLAP, _moved_on_its_neighbor),
    (Rule.OVERLAP, _turned_into_its_neighbor),
    (Rule.OVERLAP, _on_the_pillar),
    (Rule.OUTSIDE_HALL, _through_the_wall),
    (Rule.OUTSIDE_HALL, _in_the_notch),
    (Rule.KEEP_CLEAR, _before_the_door),
    (Rule.KEEP_CLEAR, _in_the_no_go_area),
    (Rule.NARROW_AISLE, _aisle_drawn_narrow),
    (Rule.NARROW_AISLE, _table_in_the_aisle),
    (Rule.NO_AISLE_IN_FRONT, _wall_at_the_table),
    (Rule.CIRCUIT_OVERLOADED, _too_much_power),
    (Rule.DUPLICATE_LABEL, _same_number_twice),
    (Rule.ORPHAN_BLOCK, _block_without_tables),
    (Rule.ORPHAN_BLOCK, _place_without_its_block),
    (Rule.UNKNOWN_CIRCUIT, _circuit_nobody_drew),
    (Rule.UNKNOWN_TYPE, _kind_nobody_rents),
]


def test_nothing_is_wrong_with_the_clean_plan() -> None:
    assert check_plan(clean(), types=TYPES) == []


@pytest.mark.parametrize(("rule", "spoil"), FAULTS, ids=[spoil.__name__.strip("_") for _, spoil in FAULTS])
def test_a_fault_trips_its_rule_and_no_other(rule: Rule, spoil: Spoil) -> None:
    plan, uids = spoil(clean())
    found = check_plan(plan, types=TYPES)
    assert [(each.rule, set(each.uids)) for each in found] == [(rule, uids)]
    assert found[0].message.endswith(".")


def test_every_rule_has_a_fault_and_words() -> None:
    assert {rule for rule, _ in FAULTS} == set(Rule) == set(WORDS)


def test_two_rows_too_close_are_one_finding_a_pair() -> None:
    plan = with_place(clean(), "B01", y_mm=8424, facing="N")  # 900 mm before A06, which faces it
    plan = plan.changed(aisles=())
    found = check_plan(plan, types=TYPES)
    assert [(each.rule, set(each.uids)) for each in found] == [
        (Rule.NARROW_AISLE, {uid_of(plan, "A06"), uid_of(plan, "B01")})
    ]
    assert "900 mm" in found[0].message


def test_a_table_against_a_wall_cannot_be_reached() -> None:
    plan = with_place(clean(), "B04", y_mm=19_238)
    assert [each.rule for each in check_plan(plan)] == [Rule.NO_AISLE_IN_FRONT]


def test_a_table_that_faces_a_slanting_wall_is_measured_at_its_nearest_corner() -> None:
    outline = (*HALL[:2], (30_000, 14_000), (24_000, 20_000), HALL[3])
    place: dict[str, Any] = {"uid": "x", "label": "X1", "w_mm": 1800, "d_mm": 800, "rot_ddeg": 3150, "facing": "S"}
    near = Place.model_validate({**place, "x_mm": 25_300, "y_mm": 15_500})
    far = Place.model_validate({**place, "x_mm": 24_000, "y_mm": 14_200})
    plan = clean(outline=outline)
    assert [each.rule for each in check_plan(plan.changed(places=(*plan.places, far)))] == []
    found = check_plan(plan.changed(places=(*plan.places, near)))
    assert [(each.rule, each.uids) for each in found] == [(Rule.NARROW_AISLE, ("x",))]


def test_two_thousand_tables_are_checked_whole() -> None:
    plan = many()
    assert len(plan.places) == 2000 and check_plan(plan, types=TYPES) == []
    last = plan.places[-1]
    spoiled = with_place(plan, last.label, x_mm=last.x_mm + 30)
    assert [each.rule for each in check_plan(spoiled, types=TYPES)] == []
    spoiled = with_place(plan, last.label, x_mm=last.x_mm - 30)
    assert [each.rule for each in check_plan(spoiled, types=TYPES)] == [Rule.OVERLAP]
