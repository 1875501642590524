"""Why something stayed, and what one more wish would do, against trying everything."""

import random
from dataclasses import replace

from swapmeet.trades.matching import (
    STAY_NO_LOOP,
    STAY_NO_WISH,
    STAY_OTHERS,
    STAY_UNWANTED,
    Item,
    Level,
    Options,
    Problem,
    Want,
    explain_stays,
    explain_wishes,
    solve,
)
from tests.trades.matching.oracle import outcomes, random_problem

QUICK = Options(levels=frozenset({Level.ITEMS, Level.COST}))


def test_each_reason_is_told():
    wants = {"a": "b", "b": "ac", "c": "b", "d": "a", "e": "", "f": "b", "g": "", "h": "g"}
    items = tuple(Item(key, f"of {key}", tuple(Want(target) for target in targets)) for key, targets in wants.items())
    loop = (
        Item("x", "x", (Want("y"), Want("k"))),
        Item("y", "y", (Want("z"),)),
        Item("z", "z", (Want("x"),)),
        Item("k", "k", (Want("x"),)),
    )
    problem = Problem((*items, *loop))
    result = solve(problem, QUICK)
    told = {stay.item: (stay.reason, stay.loss) for stay in explain_stays(problem, result)}
    assert told["e"] == (STAY_NO_WISH, 0)
    assert told["d"] == (STAY_UNWANTED, 0)
    assert told["k"] == (STAY_OTHERS, 1)
    assert told["g"][0] == STAY_NO_WISH
    chain = Problem(
        (Item("p", "p", (Want("q"),)), Item("q", "q", (Want("r"),)), Item("r", "r"), Item("s", "s", (Want("p"),)))
    )
    reasons = {stay.item: stay.reason for stay in explain_stays(chain, solve(chain, QUICK))}
    assert reasons["q"] == STAY_NO_LOOP


def test_one_more_wish_does_what_is_said():
    for seed in range(150):
        problem = random_problem(random.Random(f"wish {seed}"), "plain")
        result = solve(problem, QUICK)
        item = problem.items[0]
        said = {gain.target: gain.gain for gain in explain_wishes(problem, result, item.key)}
        for other in problem.items:
            if other.owner == item.owner:
                continue
            wished = replace(item, wants=(*item.wants, Want(other.key)))
            most = max(len(found.takes) for found in outcomes(replace(problem, items=(wished, *problem.items[1:]))))
            assert said.get(other.key, 0) == most - result.items_traded, seed


def test_one_more_wish_does_the_same_when_everything_is_solved_again():
    more = 0
    for feature in ("groups", "copies", "pools", "rules", "costs", "nested", "cash"):
        for seed in range(60):
            problem = random_problem(random.Random(f"wish {feature} {seed}"), feature)
            problem = replace(problem, people=tuple(replace(person, budget=None) for person in problem.people))
            use_cash = Options(levels=QUICK.levels, use_cash=True)
            result = solve(problem, use_cash)
            for item in problem.items[:2]:
                said = {gain.target: gain.gain for gain in explain_wishes(problem, result, item.key)}
                for other in problem.items:
                    if other.owner != item.owner and other.key not in {want.target for want in item.wants}:
                        wished = replace(item, wants=(*item.wants, Want(other.key)))
                        rows = tuple(wished if row.key == item.key else row for row in problem.items)
                        again = solve(replace(problem, items=rows), use_cash)
                        assert said.get(other.key, 0) == again.items_traded - result.items_traded, (feature, seed)
                        more += other.key in said
    assert more > 100
