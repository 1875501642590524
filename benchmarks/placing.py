"""The placing on made-up shows: how good the answers are beside a bound that nobody can beat, and what they cost.

    python -m benchmarks.placing [--quick]

Fixed seeds; CPU seconds of this process. `--quick` leaves 1,000 vendors out.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.harness import Check, finish, foreign_load, report_checks
from benchmarks.placing_generator import placing
from swapmeet.vendor_tables.placing import picking
from swapmeet.vendor_tables.placing.grid import lay_out
from swapmeet.vendor_tables.placing.judging import Floor, welfare
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.placing.solving import place_vendors, search

SEED = "benchmark"
SHOWS = {100: (1, 2, 3), 300: (1, 2, 3), 1000: (1,)}
BEST_FIT = {100: 0.995, 300: 0.995, 1000: 0.99}
OVER_FIRST_COME, SEARCH = 1.03, 0.975
CPU_S = {300: 30.0}
PATIENCE_S = 900.0  # a busy machine is slow on the clock, not in CPU
T = TypeVar("T")


@dataclass(frozen=True)
class Figures:
    """Of one show: the search over first come, the search and best fit over the bound, CPU seconds."""

    over_first_come: float
    search: float
    best_fit: float
    first_choices: int
    search_cpu: float
    cpu: float
    ended_early: bool


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.process_time()
    answer = work()
    return time.process_time() - start, answer


def measure_show(vendors: int, seed: int) -> Figures:
    problem = placing(vendors, seed)
    grid, floor = lay_out(problem), Floor(problem)
    first_come = welfare(floor, grid.given(picking.pick_in_turn(grid, picking.by_arrival(grid))))
    search_cpu, at = timed(lambda: search(grid, picking.pick_in_turn(grid, picking.by_points(grid, SEED)), SEED))
    found = welfare(floor, grid.given(at))
    cpu, outcome = timed(lambda: place_vendors(problem, Rule.BEST_FIT, SEED, seconds=PATIENCE_S))
    return Figures(
        found / first_come,
        found / outcome.bound,
        outcome.welfare / outcome.bound,
        outcome.measures.first_choices,
        search_cpu,
        cpu,
        outcome.ended_early,
    )


def check_size(vendors: int, seeds: tuple[int, ...]) -> list[Check]:
    shows = [measure_show(vendors, seed) for seed in seeds]
    worst = {name: min(getattr(show, name) for show in shows) for name in ("over_first_come", "search", "best_fit")}
    return [
        Check(
            f"{vendors}: search over first come, worst", worst["over_first_come"], at_least=OVER_FIRST_COME, digits=4
        ),
        Check(f"{vendors}: search over the bound, worst", worst["search"], at_least=SEARCH, digits=4),
        Check(f"{vendors}: best fit over the bound, worst", worst["best_fit"], at_least=BEST_FIT[vendors], digits=4),
        Check(f"{vendors}: first choices in best fit, mean", statistics.mean(s.first_choices for s in shows), digits=1),
        Check(f"{vendors}: search, CPU s, most", max(show.search_cpu for show in shows)),
        Check(f"{vendors}: best fit in all, CPU s, most", max(s.cpu for s in shows), at_most=CPU_S.get(vendors)),
        Check(f"{vendors}: shows where time ran out", sum(s.ended_early for s in shows), at_most=0, digits=0),
    ]


def main(arguments: list[str]) -> int:
    load = foreign_load()
    checks: list[Check] = []
    for vendors, seeds in SHOWS.items():
        if vendors < 1000 or "--quick" not in arguments:
            checks += check_size(vendors, seeds)
    report_checks(f"Placing of vendors (processes waiting for a core before: {load})", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
