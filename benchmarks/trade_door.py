"""No-shows: what survives of a result when some people stay away, and what solving again at the door brings.

    python -m benchmarks.trade_door [FOLDER]

FOLDER as for `trade_lists`. Every person stays away with a chance of 3 in 100. "Survivors" is the expectation, exact: a loop with
a person missing is void as a whole. "At the door" is the mean of 20 draws with fixed seeds: the lists without the missing people are
solved again, keeping what was published as far as it goes; CPU is that of one solve in a process that has loaded everything.
"""

import os
import random
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.harness import ROOT, Check, finish, foreign_load, report_checks
from swapmeet.trades.matching import Item, Level, Options, Problem, Published, Result, Want, published_from, solve
from swapmeet.trades.matching.reading import read_problem

MISSING, DRAWS = 0.03, 20
AT_LEAST, DOOR_SHARE, DOOR_S = 2.4, 0.93, 1.0
SINGLE_RUN = {"brazil-2024": 41, "canada-2021": 42, "onewant": 91, "australia-2011-cash": 42}  # survivors, reference
UNRANKED = {"australia-2011-cash"}


def survivors(result: Result) -> float:
    """How many things are expected to change hands when loops with a missing person are void."""
    return sum(
        len(loop.moves)
        * (1 - MISSING) ** len({move.giver for move in loop.moves} | {move.receiver for move in loop.moves})
        for loop in result.loops
    )


def without(problem: Problem, gone: set[str]) -> Problem:
    """The lists of those who came, with wishes for what came."""
    items = {item.key for item in problem.items if item.owner not in gone}
    groups = {group.key for group in problem.groups if group.owner not in gone}

    def left(wants: tuple[Want, ...]) -> tuple[Want, ...]:
        return tuple(want for want in wants if want.target in items or want.target in groups)

    return replace(
        problem,
        items=tuple(replace(item, wants=left(item.wants)) for item in problem.items if item.key in items),
        groups=tuple(replace(group, wants=left(group.wants)) for group in problem.groups if group.key in groups),
        bids=(),
        people=(),
    )


def at_the_door(problem: Problem, published: Published, draw: int) -> tuple[int, int, float]:
    """(things that trade, things that go to the same person as published, CPU seconds)."""
    chance = random.Random(f"no-shows {draw}")
    people = sorted({item.owner for item in problem.items})
    left = without(problem, {person for person in people if chance.random() < MISSING})
    began = time.process_time()
    result = solve(left, Options(keep=published, levels=frozenset({Level.ITEMS, Level.COST, Level.PEOPLE})))
    used = time.process_time() - began
    kept = result.report(Level.KEPT)
    return result.items_traded, kept.value if kept else 0, used


def check(name: str, file: Path) -> list[Check]:
    problem = without(read_problem(file.read_bytes(), ignore_priorities=name in UNRANKED).problem, set())
    result = solve(problem)
    draws = [at_the_door(problem, published_from(result), draw) for draw in range(DRAWS)]
    items, kept, used = (statistics.mean(values) for values in zip(*draws, strict=True))
    return [
        Check(f"{name}: expected survivors", survivors(result), at_least=AT_LEAST * SINGLE_RUN[name], digits=1),
        Check(f"{name}: share at the door", items / result.items_traded, at_least=DOOR_SHARE, digits=3),
        Check(f"{name}: of that, told before", kept / items, digits=3),
        Check(f"{name}: at the door, CPU s", used, at_most=DOOR_S),
    ]


def main(arguments: list[str]) -> int:
    folder = arguments[0] if arguments else os.environ.get("SWAPMEET_TRADE_LISTS", ROOT.parent / "shared" / "trades")
    checks: list[Check] = []
    load = foreign_load()
    solve(Problem((Item("a", "a", (Want("b"),)), Item("b", "b", (Want("a"),)))), Options(levels=frozenset(Level)))
    for name in SINGLE_RUN:
        if (file := Path(folder) / f"{name}.txt").exists():
            checks += check(name, file)
    if not checks:
        print(f"No want lists in {folder}: name their folder to measure real ones.")
    report_checks(f"No-shows (processes waiting for a core before: {load})", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
