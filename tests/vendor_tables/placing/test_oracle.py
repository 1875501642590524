"""The three rules against every possible placing of small problems."""

import random

import pytest

from swapmeet.vendor_tables.placing import searching
from swapmeet.vendor_tables.placing.bounding import bound, gains, no_prices
from swapmeet.vendor_tables.placing.drawing import draw_order
from swapmeet.vendor_tables.placing.grid import lay_out
from swapmeet.vendor_tables.placing.judging import Floor, faults, liking, welfare
from swapmeet.vendor_tables.placing.optimum import GAP
from swapmeet.vendor_tables.placing.picking import by_points, pick_in_turn
from swapmeet.vendor_tables.placing.problem import BASE, Problem, check, weight_of
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.placing.searching import Search
from swapmeet.vendor_tables.placing.solving import place_vendors, search
from tests.vendor_tables.placing.small import all_placings, small_problem

CASES, PARTS = 2_100, 6


@pytest.mark.parametrize("part", range(PARTS))
def test_best_fit_is_the_best_of_all_placings_and_its_bound_holds(part, monkeypatch):
    monkeypatch.setattr(searching, "MOVES_PER_VENDOR", 20)  # what it misses, the programs find
    for number in range(CASES // PARTS):
        problem = small_problem(random.Random(part * 10_000 + number))
        floor = Floor(problem)
        best = max(welfare(floor, given) for given in all_placings(problem))
        outcome = place_vendors(problem, Rule.BEST_FIT, f"seed {number}")
        assert not outcome.ended_early
        assert outcome.welfare == welfare(floor, outcome.given) and not faults(floor, outcome.given)
        assert best * (1 - GAP) <= outcome.welfare <= best <= outcome.bound, f"part {part}, case {number}"


def test_search_never_loses_to_the_draft_and_counts_its_worth_like_the_judge(monkeypatch):
    monkeypatch.setattr(searching, "MOVES_PER_VENDOR", 60)
    for number in range(300):
        problem = small_problem(random.Random(number))
        grid, floor = lay_out(problem), Floor(problem)
        draft = pick_in_turn(grid, by_points(grid, "s"))
        found = search(grid, draft, "s")
        assert Search(grid, found).worth == welfare(floor, grid.given(found))
        assert welfare(floor, grid.given(found)) >= welfare(floor, grid.given(draft))
        assert not faults(floor, grid.given(found))
        assert bound(grid, no_prices(grid), gains(grid, no_prices(grid))) >= welfare(floor, grid.given(found))


@pytest.mark.parametrize("rule", [Rule.FIRST_COME, Rule.DRAFT])
def test_in_turn_everybody_takes_what_it_likes_best_of_what_is_left(rule):
    for number in range(400):
        problem = small_problem(random.Random(50_000 + number))
        outcome = place_vendors(problem, rule, "lot")
        assert outcome.welfare <= outcome.bound
        if rule is Rule.DRAFT:
            order = draw_order([(vendor.key, vendor.points) for vendor in problem.vendors], "lot")
        else:
            order = [v.key for v in sorted(problem.vendors, key=lambda v: (v.applied, v.key))]
        _check_turns(problem, order, outcome.given)


def _check_turns(problem: Problem, order: list[str], given: dict[str, tuple[str, ...]]) -> None:
    floor = Floor(problem)
    vendors = {vendor.key: vendor for vendor in problem.vendors}
    so_far: dict[str, tuple[str, ...]] = {}
    for key in order:
        best = None
        for run in floor.runs(vendors[key].tables):
            after = {**so_far, key: run}
            if not faults(floor, after):
                best = (
                    max(best, _own(problem, floor, key, run, so_far))
                    if best is not None
                    else _own(problem, floor, key, run, so_far)
                )
        if best is None:
            assert key not in given
            continue
        assert _own(problem, floor, key, given[key], so_far) == best
        so_far[key] = given[key]


def _own(problem: Problem, floor: Floor, key: str, run: tuple[str, ...], so_far: dict[str, tuple[str, ...]]) -> int:
    """Own liking at weight 100, and what the run adds in neighbors."""
    vendor = next(v for v in problem.vendors if v.key == key)
    before, after = welfare(floor, so_far), welfare(floor, {**so_far, key: run})
    return after - before - (weight_of(vendor) - BASE) * liking(floor, vendor, run)


def test_the_same_input_and_seed_give_the_same_outcome_in_any_order_of_vendors():
    for number in range(30):
        problem = small_problem(random.Random(70_000 + number))
        check(problem)
        first = place_vendors(problem, Rule.BEST_FIT, "s")
        assert place_vendors(problem, Rule.BEST_FIT, "s") == first
