"""Want lists solved by `swapmeet trade solve FILE --json`: six real ones from a folder beside the project, and made-up ones.

    python -m benchmarks.trade_lists [FOLDER]

FOLDER, or else SWAPMEET_TRADE_LISTS, or else ../shared/trades. CPU is that of the whole process, start included, in the middle of
three runs; "warm" is reading and solving once more in a process that has done it before.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import ROOT, Check, finish, foreign_load, report_checks
from benchmarks.trade_generator import trade_list

SOLVE = [sys.executable, "-m", "swapmeet", "trade", "solve"]
VERIFIER = [sys.executable, "swapmeet/trades/matching/verifier.py"]
COLD_S, WARM_S, ALL_S, RUNS = 0.45, 0.1, 20, 3
PEOPLE_FIRST_S, CASH_S, VERIFIER_S, VERIFIED = 120, 90, 2, 10_000
# Items -> most CPU seconds for items with proof, and for most people with proof after those.
MADE_UP = {2_000: (0.6, None), 10_000: (1.6, None), 50_000: (15, 40)}


@dataclass(frozen=True)
class Known:
    """What is proven about a real list: most items, most people at those; the sum of squares of loops to stay within."""

    items: int
    people: int | None = None
    squares: int | None = None
    people_first: tuple[int, int] | None = None  # most people, most items at those
    cash: int | None = None  # items of the official result, with money
    options: tuple[str, ...] = ()  # under which the people were counted


REAL = {
    "brazil-2024": Known(196, 78, 3_790, (91, 177)),
    "canada-2021": Known(166, 76, 4_088, (84, 152)),
    "onewant": Known(336, 151, 13_754, (171, 291)),
    "poland-30": Known(210, 102, people_first=(115, 187)),
    "australia-2008-cash": Known(195, cash=195),
    "australia-2011-cash": Known(442, 87, 26_388, (87, 442), 486, ("--ignore-priorities",)),
}
TIMED = ("brazil-2024", "canada-2021", "onewant", "australia-2011-cash")


def run(file: Path, *options: str) -> tuple[float, dict[str, Any]]:
    """(CPU seconds of the whole process, its answer)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [*SOLVE, str(file), "--json", *options]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answer: dict[str, Any] = json.loads(done.stdout)
    return used, answer


def cold(file: Path, times: int = RUNS) -> tuple[float, dict[str, Any]]:
    """Items with proof, from the start of the process."""
    runs = [run(file, "--only", "items") for _ in range(times)]
    return statistics.median(used for used, _ in runs), runs[0][1]


def warm(file: Path) -> float:
    """CPU seconds of reading and solving for items, when everything has loaded."""
    from swapmeet.trades.matching import Level, Options, solve
    from swapmeet.trades.matching.reading import read_problem

    options = Options(levels=frozenset({Level.ITEMS, Level.COST}))
    times = []
    for _ in range(RUNS + 1):
        start = time.process_time()
        solve(read_problem(file.read_bytes()).problem, options)
        times.append(time.process_time() - start)
    return statistics.median(times[1:])


def proofs(answer: dict[str, Any]) -> str:
    """The levels of an answer and whether each is proven."""
    return ", ".join(f"{level} {'proven' if proven else 'not proven'}" for level, proven in answer["proven"].items())


def check_real(name: str, file: Path, known: Known) -> list[Check]:
    used, answer = cold(file)
    is_timed = name in TIMED
    checks = [
        Check(f"{name}: items that trade", answer["items_traded"], at_least=known.items, digits=0),
        Check(f"{name}: items proven", answer["proven"]["items"], at_least=1, digits=0),
        Check(f"{name}: items, CPU s", used, at_most=COLD_S if is_timed else None),
        Check(f"{name}: items, warm, CPU s", warm(file), at_most=WARM_S if is_timed else None),
    ]
    used, answer = run(file, *known.options)
    checks += [
        Check(f"{name}: people who trade ({proofs(answer)})", answer["users_trading"], at_least=known.people, digits=0),
        Check(f"{name}: loops, sum of squares", answer["value"]["loops"], at_most=known.squares, digits=0),
        Check(f"{name}: all levels, CPU s", used, at_most=ALL_S if is_timed else None),
    ]
    return checks + check_people_first(name, file, known) + check_cash(name, file, known)


def check_people_first(name: str, file: Path, known: Known) -> list[Check]:
    """Most people, then most items, without priorities."""
    if known.people_first is None:
        return []
    people, items = known.people_first
    used, answer = run(file, "--goal", "people", "--only", "people", "--ignore-priorities")
    return [
        Check(f"{name}: people first ({proofs(answer)})", answer["users_trading"], at_least=people, digits=0),
        Check(f"{name}: items then", answer["items_traded"], at_least=items, digits=0),
        Check(
            f"{name}: people and items proven",
            min(map(answer["proven"].get, ("people", "items"))),
            at_least=1,
            digits=0,
        ),
        Check(f"{name}: people first, CPU s", used, at_most=PEOPLE_FIRST_S),
    ]


def check_cash(name: str, file: Path, known: Known) -> list[Check]:
    """Items with asks, bids and spending limits."""
    if known.cash is None:
        return []
    used, answer = run(file, "--cash", "--only", "items")
    return [
        Check(f"{name}: items with cash", answer["items_traded"], at_least=known.cash, digits=0),
        Check(f"{name}: items with cash proven", answer["proven"]["items"], at_least=1, digits=0),
        Check(f"{name}: items with cash, CPU s", used, at_most=CASH_S),
    ]


def check_verifier(folder: Path) -> list[Check]:
    """The verifier on a made-up list of 290,000 wishes."""
    file, problem, result = folder / "verified.txt", folder / "problem.json", folder / "result.json"
    file.write_text("\n".join(trade_list(VERIFIED)), encoding="utf-8")
    for command, target in ((["convert"], problem), (["solve", "--json", "--only", "items"], result)):
        with target.open("wb") as out:
            subprocess.run([*SOLVE[:-1], command[0], str(file), *command[1:]], check=True, cwd=ROOT, stdout=out)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*VERIFIER, str(problem), str(result)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [Check(f"{VERIFIED:,} made up: verifier, CPU s", used, at_most=VERIFIER_S)]


def check_made_up(items: int, at_most: float, people_at_most: float | None, folder: Path) -> list[Check]:
    file = folder / f"{items}.txt"
    file.write_text("\n".join(trade_list(items)), encoding="utf-8")
    used, answer = cold(file, 1 if items > 10_000 else RUNS)
    with_people, further = run(file, "--only", "people")
    return [
        Check(f"{items:,} made up: items that trade ({proofs(answer)})", answer["items_traded"], digits=0),
        Check(f"{items:,} made up: items, CPU s", used, at_most=at_most),
        Check(f"{items:,} made up: people who trade", further["users_trading"], digits=0),
        Check(f"{items:,} made up: people proven", further["proven"]["people"], at_least=1, digits=0),
        Check(f"{items:,} made up: items and people, CPU s", with_people, at_most=people_at_most),
    ]


def main(arguments: list[str]) -> int:
    lists = Path(
        arguments[0] if arguments else os.environ.get("SWAPMEET_TRADE_LISTS", ROOT.parent / "shared" / "trades")
    )
    checks: list[Check] = []
    load = foreign_load()
    if lists.is_dir():
        for name, known in REAL.items():
            if (file := lists / f"{name}.txt").exists():
                checks += check_real(name, file, known)
    else:
        print(f"No want lists in {lists}: name their folder to measure real ones.")
    with tempfile.TemporaryDirectory(prefix="swbench") as folder:
        for items, (at_most, people_at_most) in MADE_UP.items():
            checks += check_made_up(items, at_most, people_at_most, Path(folder))
        checks += check_verifier(Path(folder))
    report_checks(f"Want lists (processes waiting for a core before: {load})", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
