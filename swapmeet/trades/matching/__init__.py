"""The matching engine: many people, each ready to give something for something else, and the best closed loops among them.

Pure: no web framework, no database, no clock that decides anything. Numbers libraries load inside `solve`, never on import.

    from swapmeet.trades.matching import Item, Options, Problem, Want, solve
    result = solve(Problem(items=(Item("a", "ann", (Want("b"),)), Item("b", "bob", (Want("a"),)))), Options())

`verify` checks a result with the standard library alone and shares no code with the solver.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from swapmeet.trades.matching.model import (
    STAY_NO_LOOP,
    STAY_NO_WISH,
    STAY_OTHERS,
    STAY_TIED,
    STAY_UNWANTED,
    Bid,
    Bundle,
    Cancel,
    Canceled,
    Certificate,
    Chance,
    Faulty,
    Gain,
    Goal,
    Group,
    Item,
    Level,
    LevelReport,
    Limit,
    Loop,
    Move,
    Options,
    Payment,
    Person,
    Pool,
    Problem,
    Progress,
    Published,
    Result,
    Stay,
    TooLarge,
    Want,
)


def solve(
    problem: Problem, options: Options | None = None, progress: Progress | None = None, cancel: Cancel | None = None
) -> Result:
    """The best result by `options`, level by level; each level says whether it is proven.

    Same problem and options, same result, in whatever order the rows come, unless a level says `hit_limit`.
    Raises Faulty, TooLarge, Canceled. Near-linear for plain lists; rules that couple lists are searched within `seconds`.
    """
    from swapmeet.trades.matching.solving import solve_problem  # loads the numbers libraries

    return solve_problem(problem, options or Options(), progress, cancel)


def verify(
    problem: Mapping[str, Any], result: Mapping[str, Any], published: Mapping[str, Any] | None = None
) -> list[str]:
    """What is wrong with a result, in sentences; empty when it is right. All as JSON objects (`problem_to_json`, `result_to_json`).

    `published`: the earlier result that this one was to keep as far as it can; without it, what is kept is not counted.
    """
    from swapmeet.trades.matching.verifier import faults_in

    return faults_in(problem, result, published)


def published_from(result: Result) -> Published:
    """A result as `Options.keep` takes it, when the same lists, or what is left of them, are solved again."""
    return Published(frozenset((move.item, move.receiver) for move in result.moves), result.result_hash)


def explain_stays(problem: Problem, result: Result, items: Sequence[str] | None = None) -> list[Stay]:
    """Why each of `items` (all that stayed when None) did not trade. Exact."""
    from swapmeet.trades.matching.explaining import why_stayed

    return why_stayed(problem, result, items)


def explain_wishes(problem: Problem, result: Result, item: str, targets: Sequence[str] | None = None) -> list[Gain]:
    """What one more wish for `item` would do, for each of `targets` (all items of others when None) that would do something.

    Exact for plain lists (no bundles, budgets, limits or loop limit): each says how many more items would trade, 1 or more.
    """
    from swapmeet.trades.matching.explaining import what_if_wanted

    return what_if_wanted(problem, result, item, targets)


__all__ = [
    "STAY_NO_LOOP",
    "STAY_NO_WISH",
    "STAY_OTHERS",
    "STAY_TIED",
    "STAY_UNWANTED",
    "Bid",
    "Bundle",
    "Cancel",
    "Canceled",
    "Certificate",
    "Chance",
    "Faulty",
    "Gain",
    "Goal",
    "Group",
    "Item",
    "Level",
    "LevelReport",
    "Limit",
    "Loop",
    "Move",
    "Options",
    "Payment",
    "Person",
    "Pool",
    "Problem",
    "Progress",
    "Published",
    "Result",
    "Stay",
    "TooLarge",
    "Want",
    "explain_stays",
    "explain_wishes",
    "published_from",
    "solve",
    "verify",
]
