"""Blocks lay their tables where they should, number them as asked, and keep who they are when they change."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swapmeet.vendor_tables.geometry import TOUCH_MM, list_overlaps
from swapmeet.vendor_tables.layout.blocks import (
    expand,
    frame_of,
    free_block,
    guess_blocks,
    labels_of,
    lay_block,
    relabeled,
    remove_block,
    renumbered,
)
from swapmeet.vendor_tables.layout.document import Block, Numbering, PlanFault
from swapmeet.vendor_tables.layout.edges import with_edges
from swapmeet.vendor_tables.layout.shapes import corners_of, hull, spot_of
from tests.vendor_tables.layout.plans import clean, island, namer, row, uid_of, with_place


def labels(numbering: Numbering, *sides: int) -> list[str]:
    slots = [("abcd"[index], seq + 1) for index, number in enumerate(sides) for seq in range(number)]
    return list(labels_of(numbering, slots).values())


def test_numbers_run_along_snake_or_take_turns() -> None:
    assert labels(Numbering(prefix="A"), 3, 2) == ["A01", "A02", "A03", "A04", "A05"]
    assert labels(Numbering(prefix="A", order="snake"), 3, 3) == ["A01", "A02", "A03", "A06", "A05", "A04"]
    hundreds = Numbering(start=301, digits=3, order="odd_even")
    assert labels(hundreds, 3, 3) == ["301", "303", "305", "302", "304", "306"]
    assert labels(Numbering(start=12, skip=(13,), digits=1), 3) == ["12", "14", "15"]
    assert labels(Numbering(prefix="C-", start=10, step=10, digits=3), 3) == ["C-010", "C-020", "C-030"]


def test_an_island_has_two_sides_back_to_back_and_ends() -> None:
    block = island(m=1, n=3)
    slots = expand(block)
    assert [(slot.side, slot.facing) for slot in slots] == [
        *[("a", "N")] * 3,
        *[("b", "S")] * 3,
        ("c", "W"),
        ("d", "E"),
    ]
    assert frame_of(block) == (3 * 1829 + 2 * 762, 1829)


def test_tables_along_the_walls_face_the_room() -> None:
    values = {"uid": "p", "kind": "perimeter", "x_mm": 0, "y_mm": 0, "w_mm": 1800, "d_mm": 800, "n": 4, "m": 2}
    block = Block.model_validate({**values, "frame_w_mm": 10_000, "frame_d_mm": 8000})
    found = {slot.side: slot.facing for slot in expand(block)}
    assert found == {"a": "S", "b": "W", "c": "N", "d": "E"} and len(expand(block)) == 12
    with pytest.raises(PlanFault, match="do not fit"):
        expand(Block.model_validate({**values, "frame_w_mm": 7000, "frame_d_mm": 8000}))


def test_a_u_opens_downwards_and_can_be_turned() -> None:
    values = {"uid": "u", "kind": "u", "x_mm": 0, "y_mm": 0, "w_mm": 1800, "d_mm": 800, "n": 3, "m": 2}
    block = Block.model_validate(values)
    assert {slot.side: slot.facing for slot in expand(block)} == {"a": "S", "b": "E", "c": "W"}
    half = Block.model_validate({**values, "rot_ddeg": 1800})
    assert {slot.side: slot.facing for slot in expand(half)} == {"a": "N", "b": "W", "c": "E"}
    assert all(slot.rot_ddeg == 0 for slot in expand(half))


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["row", "island", "u", "perimeter"]),
    n=st.integers(1, 9),
    m=st.integers(0, 3),
    w=st.integers(500, 4000),
    d=st.integers(300, 1200),
    gap=st.integers(0, 700),
    rot=st.integers(0, 3599),
)
def test_a_block_never_stands_on_itself_and_fills_its_frame(
    kind: str, n: int, m: int, w: int, d: int, gap: int, rot: int
) -> None:
    values = {"uid": "b", "kind": kind, "x_mm": 5000, "y_mm": 5000, "w_mm": w, "d_mm": d, "n": n, "m": m}
    frame = {"frame_w_mm": n * (w + gap), "frame_d_mm": m * (w + gap) + 2 * d}
    block = Block.model_validate({**values, **frame, "gap_mm": gap, "rot_ddeg": rot})
    try:
        plan = lay_block(clean(places=(), blocks=()), block, namer())
    except PlanFault:
        return
    assert list_overlaps([spot_of(place) for place in plan.places]) == []
    west, north, east, south = hull(point for place in plan.places for point in corners_of(place))
    width, depth = frame_of(block)
    assert east - west <= width + depth + 2 and south - north <= width + depth + 2
    if rot == 0:
        assert (west, north) >= (5000, 5000) and (east, south) <= (5000 + width, 5000 + depth)


def test_a_longer_block_keeps_its_tables_and_adds_new_ones() -> None:
    plan = clean()
    before = {place.label: place for place in plan.places}
    longer = lay_block(plan, row(n=6, x_mm=5000), namer("new"))
    after = {place.label: place for place in longer.places}
    assert {label: after[label].uid for label in before} == {label: place.uid for label, place in before.items()}
    assert after["B01"].x_mm == before["B01"].x_mm + 1000
    assert sorted(after.keys() - before.keys()) == ["B05", "B06"]
    shorter = lay_block(longer, row(n=2), namer("x"))
    assert sorted(place.label for place in shorter.places if place.row == "B") == ["B01", "B02"]


def test_numbering_anew_is_shown_first_and_touches_labels_only() -> None:
    plan = lay_block(clean(), row(numbering={"prefix": "B", "start": 10}), namer("x"))
    assert [place.label for place in plan.places if place.row == "B"] == ["B01", "B02", "B03", "B04"]
    preview = renumbered(plan, "row")
    assert [(place.label, label) for place, label in preview][:2] == [("B01", "B10"), ("B02", "B11")]
    done = relabeled(plan, {place.uid: label for place, label in preview})
    changed = {place.uid: place for place in done.places}
    for place in plan.places:
        assert changed[place.uid].model_dump(exclude={"label"}) == place.model_dump(exclude={"label"})
    assert changed[uid_of(plan, "B01")].label == "B10"


def test_a_block_goes_with_its_tables_or_leaves_them_free() -> None:
    plan = clean()
    assert len(remove_block(plan, "row").places) == 10
    loose = free_block(plan, "row")
    assert len(loose.places) == 14 and [block.uid for block in loose.blocks] == ["isle"]


def test_neighbors_are_data_that_a_hand_can_correct() -> None:
    plan = with_edges(clean())
    kinds = {(edge.a, edge.b): edge.kind for edge in plan.edges}
    a1, a2, a6 = (uid_of(plan, label) for label in ("A01", "A02", "A06"))
    assert kinds[min(a1, a2), max(a1, a2)] == "side"
    assert kinds[min(a1, a6), max(a1, a6)] == "back"
    cut = {"a": min(a1, a2), "b": max(a1, a2), "kind": "side", "by": "hand", "is_cut": True}
    again = with_edges(plan.changed(edges=(*[edge for edge in plan.edges if edge.a != cut["a"]], cut)))
    assert next(edge for edge in again.edges if (edge.a, edge.b) == (cut["a"], cut["b"])).is_cut
    gone = with_edges(again.changed(places=tuple(place for place in again.places if place.uid != a2)))
    assert all(a2 not in (edge.a, edge.b) for edge in gone.edges)


def test_rows_across_a_way_face_each_other() -> None:
    plan = clean(places=(), blocks=())
    plan = lay_block(lay_block(plan, row(y_mm=2000), namer("n")), row(uid="s", y_mm=5000, side="N"), namer("s"))
    facing = {(edge.a, edge.b) for edge in with_edges(plan).edges if edge.kind == "facing"}
    assert facing == {(f"n{number}", f"s{number}") for number in (1, 2, 3, 4)}


def test_tables_of_a_block_touch_within_five_millimeters() -> None:
    for rot in (0, 123, 450, 900, 2700):
        slots = expand(row(n=12, rot_ddeg=rot))
        for one, other in pairwise(slots):
            dx, dy = other.x_mm + other.w_mm / 2 - one.x_mm - one.w_mm / 2, other.y_mm - one.y_mm
            assert abs((dx**2 + dy**2) ** 0.5 - 1829) <= TOUCH_MM


def test_rows_drawn_table_by_table_are_known_as_rows() -> None:
    plan = clean()
    for block in (row(), row(rot_ddeg=900, x_mm=8000), row(rot_ddeg=2700, x_mm=8000), row(side="N", gap_mm=200)):
        loose = free_block(lay_block(clean(places=(), blocks=()), block, namer()), "row")
        found = guess_blocks(loose)
        assert [(place.uid, place.x_mm, place.y_mm) for place in found.places] == [
            (place.uid, place.x_mm, place.y_mm) for place in loose.places
        ]
        assert len(found.blocks) == 1 and {place.block for place in found.places} == {"block-1"}
        again = lay_block(found, found.blocks[0], namer("x"))
        assert {place.uid for place in again.places} == {place.uid for place in loose.places}
        assert sorted(place.label for place in again.places) == ["B01", "B02", "B03", "B04"]
    crooked = with_place(free_block(plan, "row"), "B02", x_mm=6500)
    assert [block.uid for block in guess_blocks(crooked).blocks] == ["isle"]
