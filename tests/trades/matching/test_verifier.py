"""The verifier finds each lie and says which one it is."""

import copy
import random
import time
from dataclasses import replace

import pytest

from swapmeet.trades.matching import Bid, Goal, Group, Item, Limit, Options, Person, Pool, Problem, Want, solve, verify
from swapmeet.trades.matching.jsonform import hash_of, problem_to_json, result_to_json
from swapmeet.trades.matching.reading import read_problem
from tests.trades.matching.oracle import outcomes, random_problem

LIST = """#! ALLOW-DUMMIES LINEAR-PRIORITIES
(ann) a1 : b1 %c
(ann) a2 : c1 b1
(ann) %c : c1 c2
(bob) b1 : a1 ; c2
(cat) c1 : a1 a2
(cat) c2 : b1 a2
(dan) d1 : e1
(eve) e1 : d1
(fay) f1 :
"""


def _answer(problem: Problem, **options):
    return problem_to_json(problem), result_to_json(solve(problem, Options(**options)))


def _seal(problem, answer):
    """The hashes as a liar would make them fit."""
    answer["input_hash"] = hash_of(problem)
    rows = [[[move[0], move[3]] for move in loop["moves"]] for loop in answer["loops"]]
    answer["result_hash"] = hash_of([answer["input_hash"], rows])


def _wishes(problem, key):
    return next(row for row in problem["items"] if row["key"] == key)["wants"]


def _move_to(answer, key):
    return next(move for loop in answer["loops"] for move in loop["moves"] if move[0] == key)


# what was done, how, and what the verifier says
LIES = {
    "the hash of another problem": (lambda p, a: a.update(input_hash="0" * 64), "belongs to another problem"),
    "other loops than were hashed": (lambda p, a: a.update(result_hash="0" * 64), "not the ones that were hashed"),
    "a move that is missing": (lambda p, a: a["loops"][0]["moves"].pop(), "does not close"),
    "a loop that is missing": (lambda p, a: a["loops"].pop(), "items_traded says"),
    "two loops told as one": (
        lambda p, a: a["loops"][0]["moves"].extend(a["loops"].pop()["moves"]),
        "Loop 1 does not close",
    ),
    "a loop that is empty": (lambda p, a: a["loops"].append({"moves": [], "payments": []}), "does not close"),
    "a loop that is told twice": (lambda p, a: a["loops"].append(copy.deepcopy(a["loops"][1])), "is given 2 times"),
    "an item that moves twice": (
        lambda p, a: a["loops"][1]["moves"].append(list(a["loops"][0]["moves"][0])),
        "is given 2 times",
    ),
    "an item of somebody else's": (lambda p, a: _move_to(a, "D1").__setitem__(1, "ANN"), "D1 is not ANN's to give"),
    "an unknown item": (lambda p, a: _move_to(a, "D1").__setitem__(0, "NOTHING"), "NOTHING is not DAN's to give"),
    "something given by one who does not have it": (
        lambda p, a: _move_to(a, "D1").__setitem__(2, "ANN"),
        "E1 is not ANN's to give for D1",
    ),
    "an owner who gives to the same owner": (
        lambda p, a: a["loops"].append({"moves": [["F1", "FAY", "FAY", "F1"]], "payments": []}),
        "FAY gives F1 to nobody else",
    ),
    "something that nobody wished for": (
        lambda p, a: _wishes(p, "E1").__setitem__(0, ["F1", 1]),
        "Nothing says that EVE takes D1 for E1",
    ),
    "a group that passes on more than its cap": (
        lambda p, a: [row["wants"].clear() or row["wants"].append(["%C for user (ANN)", 1]) for row in p["items"][:2]],
        "A group or pool of ANN passes on more than its cap",
    ),
    "more than a limit lets come": (
        lambda p, a: p["limits"].append({"key": "one", "owner": "EVE", "items": ["D1"], "most": 0, "gives": False}),
        "EVE receives 1 of the 0 that one allows",
    ),
    "more than a limit lets go": (
        lambda p, a: p["limits"].append({"key": "one", "owner": "EVE", "items": ["E1"], "most": 0, "gives": True}),
        "EVE gives 1 of the 0 that one allows",
    ),
    "people who do not deal with each other": (
        lambda p, a: p["people"].append({"key": "DAN", "budget": None, "avoids": ["EVE"], "refuses": []}),
        "Nothing says that DAN takes E1",
    ),
    "a label that is refused": (
        lambda p, a: [
            p["people"].append({"key": "DAN", "budget": None, "avoids": [], "refuses": ["rusty"]}),
            next(row for row in p["items"] if row["key"] == "E1")["labels"].append("rusty"),
        ],
        "Nothing says that DAN takes E1",
    ),
    "more items than there are": (lambda p, a: a.update(items=99), "items says 99"),
    "more items traded": (lambda p, a: a.update(items_traded=99), "items_traded says 99"),
    "more people than there are": (lambda p, a: a.update(users=99), "users says 99"),
    "more people trading": (lambda p, a: a.update(users_trading=99), "users_trading says 99"),
    "a level with another value": (lambda p, a: a["value"].update(people=99, loops=1), "The level loops says 1"),
    "a bound that proves nothing": (lambda p, a: a["bound"].update(items=99), "its bound 99 is not its value"),
    "a lower cost": (
        lambda p, a: [a.update(priority_cost=1), a["value"].update(cost=1), a["bound"].update(cost=1)],
        "priority_cost says 1",
    ),
    "a proof without prices": (lambda p, a: a.update(certificate=None), "claims a proof but carries no prices"),
    "a wish that the prices forget": (
        lambda p, a: [_wishes(p, "F1").append(["D1", 1]), _wishes(p, "E1").append(["F1", 1])],
        "F1 add up to more than 1|F1 and D1 add up to more than 1",
    ),
    "a price too high": (
        lambda p, a: a["certificate"]["prices"]["F1"].__setitem__(0, 10**6),
        "The prices of F1 add up to more than",
    ),
    "a sum that is too low": (
        lambda p, a: a["certificate"]["prices"]["F1"].__setitem__(0, -(10**6)),
        "The prices prove",
    ),
    "a price that is no whole number": (
        lambda p, a: a["certificate"]["prices"]["F1"].__setitem__(0, 0.5),
        "not whole numbers",
    ),
    "a price that is missing": (lambda p, a: a["certificate"]["prices"].pop("F1"), "do not name exactly"),
    "a weight that a cost outweighs": (lambda p, a: a["certificate"].update(weight=1), "The weight is too small"),
    "another weight than was stated": (
        lambda p, a: p.update(nontrade_cost=10**6),
        "not the one the problem states",
    ),
    "no loops at all": (lambda p, a: a.update(loops=None), "not the form it should have"),
}
HASHES = {"the hash of another problem", "other loops than were hashed", "no loops at all"}


@pytest.mark.parametrize("name", LIES)
def test_each_lie_is_found_and_named(name):
    problem, answer = _answer(read_problem(LIST).problem)
    assert verify(problem, answer) == []
    change, said = LIES[name]
    change(problem, answer)
    if name not in HASHES:
        _seal(problem, answer)
    faults = verify(problem, answer)
    assert any(part in fault for fault in faults for part in said.split("|")), faults


CASH = Problem(
    (Item("i", "ann", ask=1500), Item("j", "ann", ask=500)),
    bids=(Bid("b", "bob", 2000, (Want("i"),)), Bid("c", "bob", 600, (Want("j"),))),
    people=(Person("bob", budget=2000),),
)
CASH_LIES = {
    "a payment below the ask": (lambda p, a: a["loops"][0]["payments"][0].__setitem__(4, 1400), "is not the ask"),
    "an ask above the bid": (lambda p, a: p["bids"][0].update(amount=1000), "is not the ask, or more than the bid"),
    "a payment to somebody else": (lambda p, a: a["loops"][0]["payments"][0].__setitem__(3, "eve"), "the wrong people"),
    "more money than the budget": (lambda p, a: p["people"][0].update(budget=1999), "more than the budget of 1999"),
    "money from one whom the seller avoids": (
        lambda p, a: p["people"].append({"key": "ann", "budget": None, "avoids": ["bob"], "refuses": []}),
        "ann and bob do not deal|Nothing says that bob takes i",
    ),
}


@pytest.mark.parametrize("name", CASH_LIES)
def test_each_lie_about_money_is_found_and_named(name):
    problem, answer = _answer(CASH, use_cash=True)
    assert verify(problem, answer) == []
    change, said = CASH_LIES[name]
    change(problem, answer)
    _seal(problem, answer)
    faults = verify(problem, answer)
    assert any(part in fault for fault in faults for part in said.split("|")), faults


@pytest.mark.parametrize("feature", ["plain", "costs", "groups", "pools", "rules", "limits", "cash"])
@pytest.mark.parametrize("goal", list(Goal))
def test_what_the_solver_says_is_right(feature, goal):
    for seed in range(60):
        chance = random.Random(f"verify {feature} {seed}")
        problem = random_problem(chance, feature)
        if seed % 2:
            ranked = [
                replace(item, wants=tuple(replace(want, cost=chance.randint(0, 4)) for want in item.wants))
                for item in problem.items
            ]
            problem = replace(problem, items=tuple(ranked))
        assert verify(*_answer(problem, goal=goal, use_cash=True)) == [], seed


def test_no_result_that_breaks_a_cap_passes():
    """Caps are lowered after solving: the verifier then finds another way through the groups, or there is none."""
    refused = 0
    for seed in range(400):
        problem = random_problem(random.Random(f"caps {seed}"), "groups")
        full = replace(problem, groups=tuple(replace(group, cap=2) for group in problem.groups))
        narrow = replace(problem, groups=tuple(replace(group, cap=1) for group in problem.groups))
        _, answer = _answer(full, goal=Goal.PEOPLE)
        data = problem_to_json(narrow)
        _seal(data, answer)
        most = max(len(found.takes) for found in outcomes(narrow))
        faults = verify(data, answer)
        assert not faults or all("more than its cap" in fault for fault in faults), faults
        assert faults or answer["items_traded"] <= most, seed
        refused += bool(faults)
    assert refused > 20


def _hub(groups: tuple[Group, ...], wants, things: int, pools: tuple[Pool, ...] = ()):
    """One person who swaps so many things with as many others."""
    items = [Item(f"h{number}", "hub", wants(number)) for number in range(things)]
    items += [Item(f"o{number}", f"p{number}", (Want(f"h{number}"),)) for number in range(things)]
    problem = problem_to_json(Problem(tuple(items), groups, pools))
    loops = [
        {"moves": [[f"h{k}", "hub", f"p{k}", f"o{k}"], [f"o{k}", f"p{k}", "hub", f"h{k}"]], "payments": []}
        for k in range(things)
    ]
    answer = {
        "items": 2 * things, "items_traded": 2 * things, "users": things + 1, "users_trading": things + 1,
        "priority_cost": None, "goal": "people", "cash": False, "proven": {}, "value": {}, "bound": {}, "loops": loops,
        "certificate": None,
    }  # fmt: skip
    _seal(problem, answer)
    return problem, answer


def test_two_thousand_things_of_one_person_take_no_long_search():
    """Every thing may pass two of forty groups that are exactly full: trying all choices would take 2^2000 steps."""
    things, count = 2000, 40

    def wants(number: int) -> tuple[Want, ...]:
        return Want(f"g{number % count}"), Want(f"g{(number // count) % count}")

    def groups(cap: int) -> tuple[Group, ...]:
        targets = [
            tuple(Want(f"o{k}") for k in range(things) if g in (k % count, k // count % count)) for g in range(count)
        ]
        return tuple(Group(f"g{g}", "hub", targets[g], cap) for g in range(count))

    start = time.process_time()
    assert verify(*_hub(groups(things // count), wants, things)) == []
    assert "more than its cap" in verify(*_hub(groups(things // count - 1), wants, things))[0]
    assert time.process_time() - start < 10


def test_groups_behind_groups_are_counted_too():
    inner = tuple(Want(f"o{number}") for number in range(3))

    def wants(_number: int) -> tuple[Want, ...]:
        return (Want("outer"),)

    outer = Group("outer", "hub", (Want("inner"), Want("other")), 3)
    fits = (outer, Group("inner", "hub", inner, 1), Group("other", "hub", inner, 2))
    assert verify(*_hub(fits, wants, 3)) == []
    for broken in (replace(outer, cap=2), replace(fits[2], cap=1)):
        groups = tuple(broken if group.key == broken.key else group for group in fits)
        assert "more than its cap" in verify(*_hub(groups, wants, 3))[0]


def test_a_limit_counts_over_all_lists_of_its_person():
    problem = Problem(
        (
            Item("a", "ann", (Want("b"),)),
            Item("c", "ann", (Want("d"),)),
            Item("b", "bob", (Want("a"),)),
            Item("d", "dan", (Want("c"),)),
        )
    )
    data, answer = _answer(problem)
    assert verify(data, answer) == []
    limited = problem_to_json(replace(problem, limits=(Limit("one copy", "ann", ("b", "d"), 1),)))
    _seal(limited, answer)
    assert verify(limited, answer) == ["ann receives 2 of the 1 that one copy allows."]
