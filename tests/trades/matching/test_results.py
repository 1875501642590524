"""What a result promises: the same for any order of rows, and checked by a program that shares nothing with the solver."""

import json
import random
import re
from dataclasses import replace

import pytest

from benchmarks.trade_generator import trade_list
from swapmeet.trades.matching import Bid, Faulty, Item, Level, Options, Problem, TooLarge, Want, solve, verify
from swapmeet.trades.matching.jsonform import (
    hash_of,
    hash_of_problem,
    problem_from_json,
    problem_to_json,
    result_to_json,
)
from swapmeet.trades.matching.reading import read_problem
from tests.trades.matching.oracle import random_problem

LIST = """#! ALLOW-DUMMIES LINEAR-PRIORITIES
(ann) a1 : b1 %c
(ann) a2 : c1 b1
(ann) %c : c1 c2
(bob) b1 : a1 ; c2
(cat) c1 : a1 a2
(cat) c2 : b1 a2
"""


def _timeless(result) -> str:
    answer = result_to_json(result)
    return json.dumps({name: value for name, value in answer.items() if name != "seconds"})


@pytest.mark.parametrize("feature", ["plain", "costs", "groups", "pools", "cash"])
def test_the_order_of_rows_changes_no_byte(feature):
    for seed in range(60):
        chance = random.Random(f"{feature} {seed}")
        problem = random_problem(chance, feature)
        mixed = {}
        for name in ("items", "groups", "pools", "bids", "people"):
            rows = [
                replace(row, wants=tuple(chance.sample(row.wants, len(row.wants)))) if hasattr(row, "wants") else row
                for row in getattr(problem, name)
            ]
            chance.shuffle(rows)
            mixed[name] = tuple(rows)
        options = Options(use_cash=True)
        assert _timeless(solve(problem, options)) == _timeless(solve(replace(problem, **mixed), options))


def test_a_problem_survives_its_own_json():
    problem = read_problem(LIST).problem
    data = json.loads(json.dumps(problem_to_json(problem)))
    assert problem_to_json(problem_from_json(data)) == problem_to_json(problem)


def test_large_and_small_lists_are_solved_alike(monkeypatch):
    from swapmeet.trades.matching import optimum

    problems = [
        random_problem(random.Random(f"{kind} {seed}"), kind) for kind in ("plain", "costs") for seed in range(40)
    ]
    problems += [_made_up(seed, priorities=bool(seed % 2)) for seed in range(4)]
    small = [solve(problem, Options(moves=100)) for problem in problems]
    monkeypatch.setattr(optimum, "SMALL", -1)
    monkeypatch.setattr(optimum, "MANY", -1)
    for problem, before in zip(problems, small, strict=True):
        result = solve(problem, Options(moves=100))
        assert (result.items_traded, result.priority_cost) == (before.items_traded, before.priority_cost)
        assert result.users_trading == before.users_trading
        assert result.chances == before.chances
        for one in (before, result):
            assert verify(problem_to_json(problem), result_to_json(one)) == []


def _made_up(seed: int, *, priorities: bool) -> Problem:
    """A list of a hundred things in several parts that reach each other one way only: the second half wishes for the first as well."""
    lines = list(trade_list(50, seed, priorities=priorities))
    names = {f"{number:05d}-" for number in range(50)}
    others = [
        "".join(
            f"X{word}" if word[:6] in names or word[:2] == "%T" else word for word in re.split(r"(\s+)", line)
        ).replace("(P", "(Q")
        for line in lines
        if line[0] == "("
    ]
    first = next(line.split()[0] for line in lines[2:])
    others = [f"{line} {first}" if ") X0" in line else line for line in others]
    return read_problem("\n".join([lines[0], *[line for line in lines if line[0] == "("], *others])).problem


def test_most_items_by_sets_of_bits_fit_every_arc():
    from swapmeet.trades.matching import bitsets, vectors

    for seed in range(300):
        chance = random.Random(f"bits {seed}")
        size = chance.randint(1, 14)
        share = chance.choice((0.1, 0.2, 0.4))
        targets = [[j for j in range(size) if j != i and chance.random() < share] for i in range(size)]
        is_item = bytearray(chance.random() < 0.7 for _ in range(size))
        staying = []
        for method, apart in ((bitsets, 0), (bitsets, 1), (vectors, 1)):
            column_of, u, v, tight = method.most_items(targets, is_item, apart)
            assert sorted(column_of) == list(range(size))
            assert all(u[i] + v[j] <= 0 for i, row in enumerate(targets) for j in row)
            assert all(u[i] + v[i] <= is_item[i] for i in range(size))
            assert all(column in tight[i] for i, column in enumerate(column_of))
            staying.append(sum(is_item[i] for i, column in enumerate(column_of) if i == column))
            assert sum(u) + sum(v) == staying[-1]  # so nothing better exists
        assert len(set(staying)) == 1


def test_the_hash_of_a_problem_is_that_of_its_json():
    for feature in ("mixed", "costs", "limits", "cash"):
        for seed in range(50):
            problem = random_problem(random.Random(f"{feature} {seed}"), feature)
            odd = replace(
                problem, items=(*problem.items, Item('"\u2028\\ é', "\ud800", labels=frozenset({"b", 'a"'}), ask=3))
            )
            assert hash_of_problem(odd) == hash_of(problem_to_json(odd))


def test_what_is_too_large_is_refused_before_memory_is_gone():
    wishes = (Want("i0"),) * 3_000_001
    with pytest.raises(TooLarge, match="3,000,001 wishes"):
        solve(Problem((Item("i0", "a", wishes),)))
    with pytest.raises(TooLarge, match="60,001 items"):
        solve(Problem(tuple(Item(f"i{number}", "a") for number in range(60_001))))


def test_what_cannot_be_solved_is_said():
    item = Item("i", "a", (Want("nothing"),))
    with pytest.raises(Faulty, match="no item and no group"):
        solve(Problem((item,)))
    with pytest.raises(Faulty, match="stands twice"):
        solve(Problem((Item("i", "a"), Item("i", "b"))))


def test_cash_pays_the_ask_within_the_bid():
    problem = Problem((Item("i", "ann", ask=1500),), bids=(Bid("b", "bob", 2000, (Want("i"),)),))
    result = solve(problem, Options(use_cash=True))
    assert [(p.payer, p.payee, p.amount) for p in result.loops[0].payments] == [("bob", "ann", 1500)]
    assert solve(problem).items_traded == 0


def test_shorter_loops_keep_who_trades_and_repeat_exactly():
    for seed in range(50):
        problem = random_problem(random.Random(f"loops {seed}"), "plain")
        long = solve(problem, Options(levels=frozenset(Level) - {Level.LOOPS}))
        short = solve(problem, Options())
        assert _timeless(short) == _timeless(solve(problem, Options()))
        assert {move.item for move in short.moves} == {move.item for move in long.moves}
        assert short.report(Level.LOOPS).value <= long.report(Level.LOOPS).value
        assert verify(problem_to_json(problem), result_to_json(short)) == []


@pytest.mark.parametrize("feature", ["limits", "cash", "nontrade"])
def test_most_people_are_found_within_limits_budgets_and_what_trading_is_worth(feature):
    for seed in range(150):
        problem = random_problem(random.Random(f"{feature} {seed}"), feature)
        result = solve(problem, Options(use_cash=True))
        assert verify(problem_to_json(problem), result_to_json(result)) == [], seed
