"""The engine against trying everything: 2,000 swaps and more of every feature, and of every level beyond items and cost.

Each swap of each feature is solved in one of several ways in turn, so that every feature meets every level.
"""

import random
from collections import Counter

import pytest

from swapmeet.trades.matching import Goal, Level, Options, Problem, Result, solve, verify
from swapmeet.trades.matching.jsonform import problem_to_json, result_to_json
from swapmeet.trades.matching.model import USUAL
from swapmeet.trades.matching.reading import read_problem
from tests.trades.matching.oracle import (
    FEATURES,
    Counts,
    Outcome,
    bundle_outcomes,
    bundled_problem,
    outcomes,
    random_problem,
    random_published,
)

SWAPS = 2000
QUICK = frozenset({Level.ITEMS, Level.COST})
PEOPLE = QUICK | {Level.PEOPLE}
WAYS = (  # each level beyond items and cost in 2,000 swaps and more
    {"levels": QUICK},
    {"levels": USUAL, "moves": 200},
    {"levels": QUICK},
    {"levels": PEOPLE, "goal": Goal.PEOPLE},
    {"levels": QUICK},
    {"levels": QUICK, "max_loop": 2},
    {"levels": QUICK},
    {"levels": QUICK | {Level.EVEN}},
    {"levels": QUICK},
    {"levels": PEOPLE, "max_loop": 3, "goal": Goal.PEOPLE},
    {"levels": QUICK},
    {"levels": frozenset(Level), "keep": True, "moves": 200},
)


def _options(problem: Problem, number: int, chance: random.Random) -> Options:
    """How this swap is solved."""
    way = dict(WAYS[number % len(WAYS)])
    if way.pop("keep", False):
        way["keep"] = random_published(problem, chance)
    return Options(use_cash=True, **way)


def _order(options: Options) -> list[Level]:
    order = [level for level in (Level.PEOPLE, Level.EVEN, Level.PARTNERS) if level in options.levels]
    at = 1 if options.goal is Goal.PEOPLE else 0
    order[at:at] = [Level.ITEMS, Level.COST]
    return order + ([Level.KEPT] if options.keep else [])


def _rank(problem: Problem, result: Result, order: list[Level], value: dict[Level, int]) -> tuple[int, ...]:
    """The values in their order. Where a thing is not worth any cost, items and cost are one; then come those with as many items."""
    rank = [value[level] for level in order]
    if problem.nontrade_cost is not None:
        at = order.index(Level.ITEMS)
        items, cost = rank[at : at + 2]
        rank[at : at + 2] = [cost + problem.nontrade_cost * items, items == result.items_traded]
    return tuple(rank)


def _check_best(problem: Problem, options: Options, result: Result, known: list[Outcome]) -> None:
    counts, order = Counts(problem, options.keep), _order(options)
    values = [counts.of(outcome) for outcome in known]
    if options.max_loop is not None:
        values = [value for value in values if -value[Level.LOOPS] <= options.max_loop]
    found = {report.level: report.value for report in result.levels}
    found |= {level: -found[level] for level in (Level.EVEN, Level.PARTNERS) if level in found}
    found[Level.COST] = -result.priority_cost
    best = max(_rank(problem, result, order, value) for value in values)
    assert _rank(problem, result, order, found) == best, [level.value for level in order]


def _check(problem: Problem, number: int, chance: random.Random, known: list[Outcome]) -> Result:
    options = _options(problem, number, chance)
    result = solve(problem, options)
    _check_best(problem, options, result, known)
    assert all(report.proven for report in result.levels if report.level is not Level.LOOPS), number
    before = None
    if options.keep is not None:
        moves = [[key, "", person, ""] for key, person in options.keep.moves]
        before = {"result_hash": options.keep.result_hash, "loops": [{"moves": moves}]}
    assert verify(problem_to_json(problem), result_to_json(result), before) == [], (number, options)
    return result


@pytest.mark.parametrize("feature", FEATURES)
def test_no_result_is_better(feature):
    traded = Counter[bool]()
    for number in range(SWAPS):
        chance = random.Random(f"{feature} {number}")
        problem = random_problem(chance, feature)
        result = _check(problem, number, chance, list(outcomes(problem)))
        traded[result.items_traded > 0] += 1
    assert traded[True] > SWAPS // 6


def test_bundles_are_all_or_nothing_and_nothing_is_better():
    fired = 0
    for number in range(SWAPS):
        chance = random.Random(f"bundles {number}")
        problem = bundled_problem(chance)
        result = _check(problem, number, chance, list(bundle_outcomes(problem)))
        fired += any(move.for_.startswith("b") for move in result.moves)
    assert fired > 100


RANKS = {
    "LINEAR": lambda rank, wishes: rank,
    "TRIANGLE": lambda rank, wishes: sum(range(rank + 1)),
    "SQUARE": lambda rank, wishes: rank**2,
    "SCALED": lambda rank, wishes: 1 + int((rank - 1) * 2520 / wishes),
    "EXPLICIT": lambda rank, wishes: rank,
}


def _ranked_list(chance: random.Random, scheme: str) -> tuple[str, dict[str, list[tuple[str, int]]]]:
    """A traders' list with priorities, and the cost of each wish counted by hand."""
    owner = {f"I{number}": chance.choice("UVW") for number in range(chance.randint(3, 5))}
    small, big = chance.randint(0, 3), chance.randint(0, 9)
    lines = [f"#! {scheme}-PRIORITIES SMALL-STEP={small} BIG-STEP={big}", "!BEGIN-OFFICIAL-NAMES", *owner, "SILENT"]
    lines.append("!END-OFFICIAL-NAMES")
    costs: dict[str, list[tuple[str, int]]] = {}
    for key, of in owner.items():
        words = [other for other in (*owner, "SILENT", "NOTHING") if chance.random() < 0.6]
        chance.shuffle(words)
        tokens: list[str] = []
        rank, costs[key] = 1, []
        wishes = sum(word in owner and owner[word] != of for word in words)
        for word in words:
            if chance.random() < 0.2 and tokens:
                tokens.append(";")
                rank += big
            if scheme == "EXPLICIT" and chance.random() < 0.5:
                rank = chance.randint(1, 20)
                tokens.append(f"{word}={rank}")
            else:
                tokens.append(word)
            if word in owner and owner[word] != of:
                costs[key].append((word, RANKS[scheme](rank, wishes)))
            if word == "SILENT" or (word in owner and owner[word] != of):
                rank += small
        lines.append(f"({of}) {key} : {' '.join(tokens)}")
    return "\n".join(lines), costs


@pytest.mark.parametrize("scheme", RANKS)  # 2,000 lists in all
def test_priorities_cost_what_the_scheme_says_and_no_result_costs_less(scheme):
    for number in range(SWAPS // len(RANKS)):
        text, costs = _ranked_list(random.Random(f"{scheme} {number}"), scheme)
        problem = read_problem(text).problem
        assert {row.key: [(want.target, want.cost) for want in row.wants] for row in problem.items} == costs, text
        result = solve(problem, Options(levels=QUICK))
        best = max((len(outcome.takes), -outcome.cost) for outcome in outcomes(problem))
        assert (result.items_traded, -result.priority_cost) == best, text
