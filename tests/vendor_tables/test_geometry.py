"""Rows become places whose edges come from their own source values; neighbors, runs and corners are geometry."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from swapmeet.vendor_tables.geometry import (
    TOUCH_MM,
    Row,
    Spot,
    chains,
    features,
    feet,
    inches,
    lay_row,
    list_outside,
    list_overlaps,
    natural,
    nearest_free_run,
    neighbors,
    overlap_mm,
    touching_side,
)


def test_feet_and_inches_are_rounded_once() -> None:
    assert feet(6) == 1829 and feet(15.5) == 4724 and feet("0.1") == 30
    assert inches(30) == 762 and inches(28) == 711


def test_a_row_is_labeled_with_two_digits_and_runs_east() -> None:
    row = lay_row(Row("A", 9, 9.0, 4.0, 6, inches(30)))
    assert [spot.label for spot in row][::8] == ["A01", "A09"]
    assert (row[0].x_mm, row[0].y_mm, row[0].d_mm) == (feet(9), feet(4), 762)
    assert row[-1].x_mm == feet(9 + 8 * 6)


@pytest.mark.parametrize("seed", range(5))
def test_neighbors_share_an_edge_and_no_error_adds_up(seed: int) -> None:
    """Any start, length and direction: each edge is the rounding of its own value, so gaps stay under a millimeter."""
    rng = random.Random(seed)
    for _ in range(2000):
        runs = rng.choice("NESW")
        length = Fraction(rng.randint(20, 200), rng.choice([1, 2, 4, 8, 10, 16]))
        start = Fraction(rng.randint(2000, 9000), rng.choice([1, 3, 7, 10]))
        count = rng.randint(2, 12)
        row = Row("R", count, start, start, length, rng.randint(300, 3000), runs, "N" if runs in "EW" else "E")
        spots = lay_row(row)
        for index in (0, count - 1):
            step = {"E": 1, "S": 1, "W": -1, "N": -1}[runs]
            at = spots[index].x_mm if runs in "EW" else spots[index].y_mm
            assert abs(at - (start + length * index * step) * Fraction(3048, 10)) <= Fraction(1, 2)
        for one, other in pairwise(spots):
            assert touching_side(one, other) == runs
            assert overlap_mm(one, other) <= 1


@pytest.mark.parametrize("seed", range(4))
def test_neighbors_agree_with_looking_at_every_pair(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        spots = scattered(rng, rng.randint(2, 40))
        found = neighbors(spots)
        for one in spots:
            sides = {touching_side(one, other) for other in spots if other.key != one.key} - {""}
            assert set(found[one.key]) == sides


@pytest.mark.parametrize("seed", range(4))
def test_overlaps_agree_with_looking_at_every_pair(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(60):
        spots = scattered(rng, rng.randint(2, 40))
        naive = {
            frozenset((a.key, b.key))
            for i, a in enumerate(spots)
            for b in spots[:i]
            if a.hall == b.hall and overlap_mm(a, b) > TOUCH_MM
        }
        assert {frozenset((a.key, b.key)) for a, b in list_overlaps(spots)} == naive


def scattered(rng: random.Random, count: int) -> list[Spot]:
    """Boxes on a half-meter grid, so that many touch and some overlap; every third is turned a quarter."""
    return [
        Spot(
            key,
            f"P{key}",
            rng.randint(0, 16) * 500,
            rng.randint(0, 16) * 500,
            1000,
            500,
            hall=rng.randint(0, 1),
            rotation_ddeg=rng.choice([0, 0, 900]),
        )
        for key in range(count)
    ]


def test_a_quarter_turn_swaps_the_sides_of_the_box() -> None:
    assert Spot(1, "A", 0, 0, 2000, 1000, rotation_ddeg=900).box == (500, -500, 1500, 1500)
    assert overlap_mm(Spot(1, "A", 0, 0, 1000, 1000, rotation_ddeg=450), Spot(2, "B", 1210, 0, 1000, 1000)) == 0
    assert overlap_mm(Spot(1, "A", 0, 0, 1000, 1000, rotation_ddeg=450), Spot(2, "B", 1000, 0, 1000, 1000)) > 100


def test_back_to_back_tables_touch_but_are_not_a_run() -> None:
    front = lay_row(Row("B", 3, 0, 22, 10, 3048, "E", "N"))
    back = lay_row(Row("C", 3, 0, 32, 10, 3048, "E", "S"))
    assert neighbors([*front, *back])["B02"] == {"W": "B01", "E": "B03", "S": "C02"}
    assert [[spot.label for spot in run] for run in chains([*back, *front])] == [
        ["B01", "B02", "B03"],
        ["C01", "C02", "C03"],
    ]


def test_the_nearest_free_run_has_the_asked_size_and_stays_in_one_row() -> None:
    spots = lay_row(Row("A", 6, 0, 4, 6, 762)) + lay_row(Row("B", 6, 0, 14, 6, 762))
    free = {"A01", "A03", "A04", "B01", "B02", "B03"}
    assert labels(nearest_free_run(spots, free=free, wanted=["A05", "A06"], size=2)) == ["A03", "A04"]
    assert labels(nearest_free_run(spots, free=free, wanted=["A05"], size=3)) == ["B01", "B02", "B03"]
    assert nearest_free_run(spots, free=free, wanted=["A05"], size=4) == []


def test_a_run_in_the_same_hall_wins_over_a_nearer_drawing() -> None:
    here = lay_row(Row("A", 6, 0, 4, 6, 762), hall="main")
    there = lay_row(Row("B", 6, 0, 4, 6, 762), hall="annex")
    free = {"A06", "B01"}
    assert labels(nearest_free_run([*here, *there], free=free, wanted=["A01"], size=1)) == ["A06"]


@pytest.mark.parametrize("seed", range(4))
def test_the_nearest_free_run_agrees_with_trying_everything(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(200):
        rows = [lay_row(Row(name, 7, 0, 4 + 10 * i, 6, 762)) for i, name in enumerate("ABC")]
        spots = [spot for row in rows for spot in row]
        free = {spot.key for spot in spots if rng.random() < 0.5}
        wanted, size = rng.choice(spots), rng.randint(1, 4)
        run = nearest_free_run(spots, free=free, wanted=[wanted.key], size=size)
        windows = [row[i : i + size] for row in rows for i in range(8 - size)]
        fitting = [window for window in windows if all(spot.key in free for spot in window)]
        assert bool(run) == bool(fitting)
        if run:
            assert distance(run, wanted) == min(distance(window, wanted) for window in fitting)


def distance(window: list[Spot], aim: Spot) -> float:
    x = sum(spot.center[0] for spot in window) / len(window)
    y = sum(spot.center[1] for spot in window) / len(window)
    return round(((x - aim.center[0]) ** 2 + (y - aim.center[1]) ** 2) ** 0.5, 3)


def labels(spots: list[Spot]) -> list[str]:
    return [spot.label for spot in spots]


def test_ends_corners_and_walls() -> None:
    wall = lay_row(Row("A", 3, 9, 4, 6, 762, "E", "S"))
    island = lay_row(Row("B", 3, 9, 15.5, 6, 762, "E", "N"))
    jammed = lay_row(Row("C", 3, 0, 30, 6, 762, "E", "N"))
    found = features([*wall, *island, *jammed], width_mm=feet(72), depth_mm=feet(52))
    assert found["A01"] == ["end", "corner", "wall"] and found["A02"] == ["wall"]
    assert found["B02"] == [] and found["B03"] == ["end", "corner"]
    assert found["C01"] == ["end"], "against the wall nobody stands at the end"


def test_places_outside_of_the_hall_are_named() -> None:
    spots = lay_row(Row("A", 4, 0, 0, 6, 762))
    assert labels(list_outside(spots, width_mm=feet(18), depth_mm=3000)) == ["A04"]
    assert list_outside(spots, width_mm=feet(24), depth_mm=762) == []


def test_labels_sort_as_people_count() -> None:
    assert sorted(["B1", "A10", "AA1", "A2", "Z9", "12", "2"], key=natural) == [
        "2",
        "12",
        "A2",
        "A10",
        "B1",
        "Z9",
        "AA1",
    ]


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ValueError, match="N, E, S or W"):
        lay_row(Row("A", 1, 0, 0, 6, 762, "NE"))
