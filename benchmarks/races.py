"""The races between processes of tests/concurrency, twenty rounds, each with its controls, on both databases."""

import os
import re
import subprocess
import sys
import time
from collections import Counter

from benchmarks.harness import ROOT, Check, finish, report_checks

REPEATS = int(os.environ.get("RACE_REPEATS", "10"))  # each run of the tests has two rounds


def run_once() -> Counter[str]:
    """Passed and failed tests of one run."""
    races = [str(path) for path in sorted((ROOT / "tests" / "concurrency").glob("test_race_*.py"))]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *races]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    counts = Counter({word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", said)})
    if counts["failed"] or counts["error"] or not counts["passed"]:
        print(said[-4000:])
    return counts


def main() -> int:
    start, counts = time.perf_counter(), Counter[str]()
    for _ in range(REPEATS):
        counts += run_once()
    wrong = counts["failed"] + counts["error"]
    checks = [
        Check("races and controls that ended as they must", counts["passed"], at_least=REPEATS, digits=0),
        Check("that did not", wrong, at_most=0, digits=0),
        Check("minutes", (time.perf_counter() - start) / 60, digits=1),
    ]
    report_checks(f"Races between processes, {2 * REPEATS} rounds", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
