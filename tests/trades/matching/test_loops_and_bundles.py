"""A limit on the length of loops, and bundles, beyond what `test_oracle` tries."""

import json
import random
from dataclasses import replace

import pytest
from click.testing import CliRunner

from swapmeet.cli.trade import trade_group
from swapmeet.trades.matching import (
    Bid,
    Bundle,
    Faulty,
    Group,
    Item,
    Level,
    Options,
    Problem,
    Want,
    cycles,
    solve,
    verify,
)
from swapmeet.trades.matching.jsonform import hash_of, problem_from_json, problem_to_json, result_to_json
from swapmeet.trades.matching.textresult import result_to_text
from tests.trades.matching.oracle import Counts, bundle_outcomes, bundled_problem, outcomes, random_problem


def _ring(size: int, *short: tuple[int, int]) -> Problem:
    """Things in a ring that each want the next, and further wishes."""
    wants = {number: [(number + 1) % size] for number in range(size)}
    for one, other in short:
        wants[one].append(other)
    return Problem(
        tuple(Item(f"i{n:02d}", f"p{n}", tuple(Want(f"i{k:02d}") for k in targets)) for n, targets in wants.items())
    )


def test_what_is_not_listed_is_never_called_proven(monkeypatch):
    monkeypatch.setattr(cycles, "MAX_CYCLES", 1)
    unproven = 0
    for seed in range(300):
        chance = random.Random(f"unlisted {seed}")
        problem = random_problem(chance, "groups" if seed % 2 else "plain")
        result = solve(problem, Options(max_loop=3))
        counts = [Counts(problem).of(outcome) for outcome in outcomes(problem)]
        best = max(count[Level.ITEMS] for count in counts if -count[Level.LOOPS] <= 3)
        report = result.report(Level.ITEMS)
        assert result.items_traded <= best <= report.bound, seed
        assert not report.proven or result.items_traded == best, seed
        assert verify(problem_to_json(problem), result_to_json(result)) == [], seed
        unproven += not report.proven
    assert unproven > 10


def test_bundles_that_are_not_listed_have_a_bound(monkeypatch):
    monkeypatch.setattr(cycles, "MAX_GROWTH", 3)
    unproven = 0
    for seed in range(150):
        problem = bundled_problem(random.Random(f"unsearched {seed}"))
        result = solve(problem, Options(max_loop=2, levels=frozenset({Level.ITEMS, Level.COST})))
        counts = [Counts(problem).of(outcome) for outcome in bundle_outcomes(problem)]
        best = max(count[Level.ITEMS] for count in counts if -count[Level.LOOPS] <= 2)
        report = result.report(Level.ITEMS)
        assert result.items_traded <= best <= report.bound, seed
        assert not report.proven or result.items_traded == best, seed
        assert verify(problem_to_json(problem), result_to_json(result)) == [], seed
        unproven += not report.proven
    assert unproven > 3


def test_a_loop_that_is_short_enough_keeps_its_proof():
    result = solve(_ring(4), Options(max_loop=4))
    assert (result.items_traded, result.certificate is not None, result.max_loop) == (4, True, 4)
    short = solve(_ring(4, (1, 0)), Options(max_loop=3))
    assert (short.items_traded, short.certificate, short.report(Level.ITEMS).proven) == (2, None, True)
    assert solve(_ring(4), Options(max_loop=3)).items_traded == 0


def test_loops_pass_groups_that_take_several_things():
    group = Group("g", "hub", (Want("x"), Want("y")), cap=2)
    items = (Item("a", "hub", (Want("g"),)), Item("b", "hub", (Want("g"),)))
    others = (Item("x", "xan", (Want("a"),)), Item("y", "yan", (Want("b"),)))
    problem = Problem((*items, *others), (group,))
    result = solve(problem, Options(max_loop=2))
    assert (result.items_traded, len(result.loops)) == (4, 2)
    assert verify(problem_to_json(problem), result_to_json(result)) == []


def test_money_counts_as_a_step_of_a_loop():
    problem = Problem((Item("i", "ann", ask=5),), bids=(Bid("b", "bob", 5, (Want("i"),)),))
    assert solve(problem, Options(use_cash=True, max_loop=2)).items_traded == 1


TWO_FOR_ONE = Problem(
    (
        Item("car 1", "ann"), Item("car 2", "ann"), Item("engine", "bob"), Item("lamp", "bob", (Want("car 1"),)),
    ),
    bundles=(
        Bundle("cars", "ann", ("car 1", "car 2"), (Want("engine"),), 1),
        Bundle("engine for two", "bob", ("engine",), (Want("car 1"), Want("car 2")), 2),
    ),
)  # fmt: skip


def test_two_cars_go_for_one_engine(tmp_path):
    result = solve(TWO_FOR_ONE)
    assert [(move.item, move.for_) for move in result.moves] == [
        ("car 1", "engine for two"),
        ("car 2", "engine for two"),
        ("engine", "cars"),
    ]
    assert problem_from_json(json.loads(json.dumps(problem_to_json(TWO_FOR_ONE)))) == TWO_FOR_ONE
    assert "(ann) car 1 goes in a bundle and sends to (bob) engine for two" in result_to_text(TWO_FOR_ONE, result)
    file, answer = tmp_path / "problem.json", tmp_path / "result.json"
    file.write_text(json.dumps(problem_to_json(TWO_FOR_ONE)))
    told = CliRunner().invoke(trade_group, ["solve", str(file), "--json"])
    answer.write_text(told.stdout)
    assert CliRunner().invoke(trade_group, ["verify", str(file), str(answer)]).exit_code == 0


def _seal(problem, answer):
    answer["input_hash"] = hash_of(problem)
    rows = [[[move[0], move[3]] for move in loop["moves"]] for loop in answer["loops"]]
    answer["result_hash"] = hash_of([answer["input_hash"], rows])


LIES = {
    "a bundle that gives only half": (lambda p, a: a["loops"][0]["moves"].pop(1), "does not close"),
    "a bundle that receives too little": (lambda p, a: p["bundles"][1].update(receives=1), "does not close"),
    "a bundle of something else": (lambda p, a: p["bundles"][0]["items"].pop(), "does not close"),
    "a bundle of somebody else's": (lambda p, a: p["bundles"][0].update(owner="bob"), "cars is not ann's to give"),
    "a bundle that wanted something else": (
        lambda p, a: p["bundles"][0]["wants"].clear(),
        "Nothing says that ann takes engine for cars",
    ),
    "a thing given for itself and in a bundle": (
        lambda p, a: a["loops"][0]["moves"].append(["lamp", "bob", "ann", "car 1"]),
        "does not close",
    ),
    "a longer loop than allowed": (lambda p, a: a.update(max_loop=2), "has 3 hand-overs, more than 2"),
}


@pytest.mark.parametrize("name", LIES)
def test_each_lie_about_bundles_and_loops_is_found(name):
    problem, answer = problem_to_json(TWO_FOR_ONE), result_to_json(solve(TWO_FOR_ONE))
    assert verify(problem, answer) == []
    change, said = LIES[name]
    change(problem, answer)
    _seal(problem, answer)
    assert any(said in fault for fault in verify(problem, answer)), verify(problem, answer)


def test_the_order_of_rows_changes_nothing():
    def timeless(problem: Problem, **options) -> dict:
        return {**result_to_json(solve(problem, Options(**options))), "seconds": None}

    for seed in range(60):
        chance = random.Random(f"order {seed}")
        bundled, plain = bundled_problem(chance), random_problem(chance, "groups")
        for problem, options in ((bundled, {}), (plain, {"max_loop": 3})):
            mixed = {
                name: tuple(chance.sample(rows, len(rows)))
                for name in ("items", "groups", "bundles")
                if (rows := getattr(problem, name))
            }
            assert timeless(problem, **options) == timeless(replace(problem, **mixed), **options)


def test_what_cannot_be_solved_is_said():
    for problem, options, said in (
        (_ring(3), Options(max_loop=1), "must be 2 or more"),
        (replace(TWO_FOR_ONE, bundles=(Bundle("b", "ann", ("engine",), ()),)), Options(), "is not an item of ann"),
        (replace(TWO_FOR_ONE, bundles=(Bundle("b", "ann", (), ()),)), Options(), "one thing or more"),
        (replace(TWO_FOR_ONE, bundles=(Bundle("b", "ann", ("car 1",), (), 0),)), Options(), "must receive one"),
    ):
        with pytest.raises(Faulty, match=said):
            solve(problem, options)


def test_the_command_limits_loops(tmp_path):
    file = tmp_path / "list.txt"
    file.write_text("(ann) a : b\n(bob) b : c a\n(cat) c : a\n")
    answer = json.loads(CliRunner().invoke(trade_group, ["solve", str(file), "--json", "--max-loop", "2"]).stdout)
    assert (answer["items_traded"], answer["max_loop"], answer["proven"]["items"]) == (2, 2, True)
