"""Prices that prove a result although limits or budgets bind; progress, cancel and time-outs inside the levels."""

import json
import random
from dataclasses import replace

import pytest

from swapmeet.trades.matching import (
    Bid,
    Canceled,
    Goal,
    Item,
    Level,
    Limit,
    Options,
    Person,
    Problem,
    Want,
    solve,
    verify,
)
from swapmeet.trades.matching.jsonform import problem_to_json, result_to_json
from swapmeet.trades.matching.searching import Search
from tests.trades.matching.oracle import Counts, outcomes, random_problem

QUICK = frozenset({Level.ITEMS, Level.COST})
ONE_OF_TWO = Problem(
    (
        Item("a", "ann", (Want("b"),)),
        Item("c", "ann", (Want("d"),)),
        Item("b", "bob", (Want("a"),)),
        Item("d", "dan", (Want("c"),)),
    ),
    limits=(Limit("one copy", "ann", ("b", "d"), 1),),
)


def test_a_limit_that_binds_has_a_price_and_the_prices_prove_the_result():
    result = solve(ONE_OF_TWO, Options(levels=QUICK))
    assert (result.items_traded, result.report(Level.ITEMS).proven) == (2, True)
    assert result.certificate.limits["one copy"] > 0
    assert verify(problem_to_json(ONE_OF_TWO), result_to_json(result)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["limits"].update({"one copy": -1}), "below 0"),
        (lambda c: c["limits"].update({"one copy": 0}), "add up to more"),
        (lambda c: c["limits"].update({"one copy": 10**6}), "The prices prove"),
        (lambda c: c["limits"].update({"another": 5}), "not the form"),
        (lambda c: c.update(scale=0), "below 0"),
        (lambda c: c.update(scale=1), "add up to more"),
        (lambda c: c.update(scale=1.5), "not whole numbers"),
    ],
)
def test_a_wrong_price_of_a_limit_is_found(change, said):
    answer = json.loads(json.dumps(result_to_json(solve(ONE_OF_TWO, Options(levels=QUICK)))))
    change(answer["certificate"])
    assert any(said in fault for fault in verify(problem_to_json(ONE_OF_TWO), answer))


def test_a_budget_that_binds_has_a_price():
    problem = Problem(
        (Item("i", "ann", ask=10), Item("j", "ann", ask=10), Item("k", "cat", ask=3)),
        bids=tuple(Bid(f"bid {key}", "bob", 10, (Want(key),)) for key in "ijk"),
        people=(Person("bob", budget=13),),
    )
    result = solve(problem, Options(use_cash=True, levels=QUICK))
    assert result.items_traded == 2
    assert result.certificate.budgets == {} or result.certificate.budgets["bob"] > 0
    assert verify(problem_to_json(problem), result_to_json(result)) == []


@pytest.mark.parametrize("feature", ["limits", "cash"])
def test_most_results_carry_prices_and_every_price_is_right(feature):
    priced = 0
    for seed in range(200):
        chance = random.Random(f"priced {feature} {seed}")
        problem = random_problem(chance, feature)
        items = tuple(
            replace(item, wants=tuple(replace(want, cost=chance.randint(0, 4)) for want in item.wants))
            for item in problem.items
        )
        problem = replace(problem, items=items)
        result = solve(problem, Options(use_cash=True, levels=QUICK))
        best = max((len(found.takes), -found.cost) for found in outcomes(problem))
        if not any(item.ask for item in items):
            assert (result.items_traded, -result.priority_cost) == best, seed
        assert verify(problem_to_json(problem), result_to_json(result)) == [], seed
        priced += result.certificate is not None
    assert priced > 160


def test_a_search_that_finds_nothing_in_time_answers_with_what_it_has_and_a_bound(monkeypatch):
    """As when time is up before the first result: what is known without a search stays, within all rules."""
    monkeypatch.setattr(Search, "_solve", lambda self, weights, seconds: (None, None))
    for feature, goal in (("limits", Goal.ITEMS), ("plain", Goal.PEOPLE), ("cash", Goal.ITEMS), ("plain", Goal.ITEMS)):
        for seed in range(60):
            problem = random_problem(random.Random(f"late {feature} {seed}"), feature)
            result = solve(problem, Options(goal, use_cash=True, levels=frozenset(Level)))
            known = [Counts(problem).of(outcome) for outcome in outcomes(problem)]
            assert verify(problem_to_json(problem), result_to_json(result)) == [], seed
            first = Level.ITEMS if goal is Goal.ITEMS else Level.PEOPLE
            report, best = result.report(first), max(row[first] for row in known)
            assert report.value <= best <= report.bound, seed
            assert report.proven == (report.value == report.bound), seed


def test_progress_is_told_and_a_cancel_is_heard_inside_a_level():
    told: list[tuple[Level, float]] = []
    solve(ONE_OF_TWO, Options(), progress=lambda level, share: told.append((level, share)))
    assert [row for row in told if row[1] == 1.0] == [(Level.ITEMS, 1.0), (Level.PEOPLE, 1.0), (Level.LOOPS, 1.0)]
    asked = 0

    def cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > 4

    with pytest.raises(Canceled):
        solve(ONE_OF_TWO, Options(), cancel=cancel)
    asked = 0
    keys = [f"i{number:02d}" for number in range(40)]
    wants = {key: (Want(keys[(at + 1) % 40]), Want(keys[(at + 2) % 40])) for at, key in enumerate(keys)}
    problem = Problem(tuple(Item(key, key, wants[key]) for key in keys))
    with pytest.raises(Canceled):
        solve(problem, Options(), cancel=cancel)
    assert asked == 5


def test_a_search_with_a_watcher_finds_the_same():
    for seed in range(40):
        problem = random_problem(random.Random(f"watched {seed}"), "limits")
        alone = solve(problem, Options())
        assert solve(problem, Options(), cancel=lambda: False).result_hash == alone.result_hash
