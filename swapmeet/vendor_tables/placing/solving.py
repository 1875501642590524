"""PURE but for the clock that stops a solve as a whole: one placing by one rule, judged, bounded, with its reasons."""

import time
from collections.abc import Callable

from swapmeet.vendor_tables.placing import picking, searching
from swapmeet.vendor_tables.placing.bounding import bound, gains, no_prices
from swapmeet.vendor_tables.placing.drawing import random_of
from swapmeet.vendor_tables.placing.grid import Grid, lay_out
from swapmeet.vendor_tables.placing.jsonform import given_to_json, hash_of, problem_to_json
from swapmeet.vendor_tables.placing.judging import Floor, faults, measure, welfare
from swapmeet.vendor_tables.placing.outcome import Broken, Outcome
from swapmeet.vendor_tables.placing.problem import Problem, check
from swapmeet.vendor_tables.placing.reasons import Rule, reasons

SECONDS = 80.0  # for the programs of best fit; then the search's answer stands

Progress = Callable[[str, float], None]


def place_vendors(
    problem: Problem, rule: Rule, seed: str, *, seconds: float = SECONDS, progress: Progress | None = None
) -> Outcome:
    """Place by one rule. The same problem, rule and seed give the same outcome. Raises Faulty, Broken."""
    check(problem)
    tell = progress or (lambda _step, _share: None)
    end = time.monotonic() + seconds
    grid = lay_out(problem)
    tell("reading", 1.0)
    at, least, ended_early = _solve(grid, rule, seed, lambda: end - time.monotonic(), tell)
    given, floor = grid.given(at), Floor(problem)
    if broken := faults(floor, given):
        raise Broken("; ".join(broken[:5]))
    tell("reasons", 0.0)
    said = reasons(floor, given, rule)
    return Outcome(
        rule=rule,
        seed=seed,
        given=given,
        welfare=welfare(floor, given),
        bound=least,
        measures=measure(floor, given),
        reasons=said,
        ended_early=ended_early,
        input_hash=hash_of(problem_to_json(problem)),
        result_hash=hash_of(given_to_json(given)),
    )


def _solve(grid: Grid, rule: Rule, seed: str, left: Callable[[], float], tell: Progress) -> tuple[list[int], int, bool]:
    """(starts by vendor, the bound, did time run out)"""
    if rule is Rule.FIRST_COME:
        at = picking.pick_in_turn(grid, picking.by_arrival(grid))
    else:
        at = picking.pick_in_turn(grid, picking.by_points(grid, seed))
    if rule is Rule.BEST_FIT:
        at = search(grid, at, seed, lambda share: tell("search", share))
    return _with_programs(grid, rule, at, left, tell)


def search(grid: Grid, at: list[int], seed: str, progress: Callable[[float], None] | None = None) -> list[int]:
    """Draft and local search: the answer of best fit without programs."""
    moves = searching.MOVES_PER_VENDOR * len(at)
    return searching.improve(grid, at, random_of(seed, "search"), moves=moves, progress=progress)


def _with_programs(
    grid: Grid, rule: Rule, at: list[int], left: Callable[[], float], tell: Progress
) -> tuple[list[int], int, bool]:
    from swapmeet.vendor_tables.placing.optimum import OutOfTime, relax, solve_whole

    start = no_prices(grid)
    least = bound(grid, start, gains(grid, start))
    try:
        relaxed = relax(grid, at, left, tell)
    except OutOfTime:
        return at, least, True
    least = min(least, relaxed.bound)
    if rule is not Rule.BEST_FIT:
        return at, least, False
    try:
        tell("best fit", 0.0)
        found = solve_whole(grid, relaxed, at, left)
    except OutOfTime:
        return at, least, True
    better = found if searching.Search(grid, found).worth > searching.Search(grid, at).worth else at
    return better, least, False
