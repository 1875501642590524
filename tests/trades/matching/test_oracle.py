"""The engine against trying everything, on swaps small enough for that."""

import random

import pytest

from swapmeet.trades.matching import Goal, Level, Options, solve, verify
from swapmeet.trades.matching.jsonform import problem_to_json, result_to_json
from tests.trades.matching.oracle import outcomes, random_problem

QUICK = frozenset({Level.ITEMS, Level.COST})


@pytest.mark.parametrize("feature", ["plain", "costs", "groups", "pools", "rules"])
def test_no_result_has_more_items_or_less_cost(feature):
    for seed in range(2000):
        problem = random_problem(random.Random(f"{feature} {seed}"), feature)
        result = solve(problem, Options(levels=QUICK))
        best = min((-items, cost) for items, cost, _ in outcomes(problem))
        assert (-result.items_traded, result.priority_cost) == best, seed
        assert verify(problem_to_json(problem), result_to_json(result)) == [], seed


def test_a_small_nontrade_cost_forbids_loops_that_are_not_worth_it():
    for seed in range(2000):
        problem = random_problem(random.Random(f"nontrade {seed}"), "nontrade")
        result = solve(problem, Options(levels=QUICK))
        best = min(cost + 2 * (result.items - items) for items, cost, _ in outcomes(problem))
        assert result.priority_cost + 2 * (result.items - result.items_traded) == best, seed


@pytest.mark.parametrize("feature", ["cash", "limits"])
def test_no_result_within_budgets_and_limits_has_more_items(feature):
    for seed in range(2000):
        problem = random_problem(random.Random(f"{feature} {seed}"), feature)
        result = solve(problem, Options(levels=QUICK, use_cash=True))
        assert result.items_traded == max(items for items, _, _ in outcomes(problem)), seed
        if feature == "cash":
            assert verify(problem_to_json(problem), result_to_json(result)) == [], seed


@pytest.mark.parametrize("goal", list(Goal))
def test_no_result_has_more_people(goal):
    for seed in range(250):
        problem = random_problem(random.Random(f"people {seed}"), "plain")
        result = solve(problem, Options(goal=goal))
        found = (result.items_traded, result.users_trading)
        order = (lambda row: row) if goal is Goal.ITEMS else (lambda row: (row[1], row[0]))
        assert found == max(((items, people) for items, _, people in outcomes(problem)), key=order), seed
        assert all(report.proven for report in result.levels if report.level is not Level.LOOPS)
