"""A run that has no time left: its programs are not begun, and the answer found so far stands."""

import random

from swapmeet.vendor_tables.placing.grid import lay_out
from swapmeet.vendor_tables.placing.picking import by_points, pick_in_turn
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.placing.solving import place_vendors, search
from tests.vendor_tables.placing.small import small_problem


def test_without_time_left_the_answer_of_the_search_stands() -> None:
    for number in range(20):
        problem = small_problem(random.Random(number))
        grid = lay_out(problem)
        outcome = place_vendors(problem, Rule.BEST_FIT, "s", seconds=-1)
        assert outcome.ended_early or outcome.bound == 0  # where nothing fits there is nothing to solve
        assert outcome.given == grid.given(search(grid, pick_in_turn(grid, by_points(grid, "s")), "s"))
        assert outcome.welfare <= outcome.bound


def test_rules_that_pick_in_turn_say_that_their_bound_is_a_rough_one() -> None:
    outcome = place_vendors(small_problem(random.Random(3)), Rule.DRAFT, "s", seconds=-1)
    assert outcome.ended_early and outcome.bound >= outcome.welfare
