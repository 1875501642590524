"""The first minute of a sale through HTTP: 1,000 people look at the plan, 300 of them claim tables.

Every viewer polls the live state each five seconds, give or take one, over a kept connection with the tag of the last answer. The
claims come early: half of them in the first quarter of the minute. Load and server share the machine.
"""

import heapq
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.browser import Browser
from benchmarks.harness import (
    DATABASES,
    Check,
    Site,
    finish,
    foreign_load,
    in_app,
    percentile,
    report_checks,
    serve,
)
from benchmarks.show import Filled
from benchmarks.tables_rush import Tally, choose_until_served, fill, held_groups

VIEWERS, CLAIMERS, SECONDS, PAUSE_S = 1000, 300, 60.0, 5.0
POLLING_THREADS, CLAIMING_THREADS = 32, 48
MOST_TRIES = 8


@dataclass
class Watch:
    """What the viewers lived through. Times in ms."""

    state_ms: list[float] = field(default_factory=list)
    unchanged: int = 0
    faults: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock)


@dataclass(order=True)
class Viewer:
    due: float
    number: int
    browser: Browser = field(compare=False)
    tag: str = field(default="", compare=False)


def poll(viewer: Viewer, show: Filled, watch: Watch) -> None:
    """One look; the body comes only when something changed."""
    start = time.perf_counter()
    headers = {"If-None-Match": viewer.tag} if viewer.tag else {}
    path = f"{show.path}/tables/live.json?period={show.period_id}"
    answer = viewer.browser.get(path, headers).expect(200, 304)
    watch.state_ms.append((time.perf_counter() - start) * 1000)
    watch.unchanged += answer.status == 304
    viewer.tag = answer.headers.get("etag", viewer.tag)


def keep_polling(viewers: list[Viewer], show: Filled, watch: Watch, end: float) -> None:
    """Take whoever is due next, until the minute is over."""
    rng = random.Random()
    while not watch.faults:
        with watch.guard:
            viewer = heapq.heappop(viewers) if viewers and viewers[0].due < end else None
        if viewer is None:
            return
        time.sleep(max(0.0, viewer.due - time.monotonic()))
        poll(viewer, show, watch)
        viewer.due = time.monotonic() + PAUSE_S + rng.uniform(-1, 1)
        with watch.guard:
            heapq.heappush(viewers, viewer)


def claim_tables(site: Site, show: Filled, tally: Tally, number: int, at: float) -> None:
    """Wait for one's moment, choose a run, and after a refusal choose again from what is free then."""
    rng, browser = random.Random(number), Browser(site.port)
    time.sleep(max(0.0, at - time.monotonic()))
    browser.get(f"{show.path}/tables").expect(200)
    choose_until_served(browser, show, tally, rng, number, size=rng.randint(1, 2))


def watched(watch: Watch, work: Callable[[], None]) -> threading.Thread:
    """A thread whose fault ends the run and is told."""

    def run() -> None:
        try:
            work()
        except (AssertionError, OSError, ValueError) as fault:
            watch.faults.append(f"{type(fault).__name__}: {str(fault)[:300]}")

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def measure(database: str) -> list[Check]:
    tally, watch, rng = Tally(), Watch(), random.Random(7)
    with serve(database, fill) as (site, show):
        start = time.monotonic() + 1
        viewers = [Viewer(start + rng.uniform(0, PAUSE_S), n, Browser(site.port)) for n in range(VIEWERS)]
        heapq.heapify(viewers)
        moments = sorted(start + SECONDS * rng.random() ** 2 for _ in range(CLAIMERS))
        waiting = list(enumerate(moments))[::-1]

        def claim_in_turn() -> None:
            while True:
                with watch.guard:
                    if not waiting:
                        return
                    number, at = waiting.pop()
                claim_tables(site, show, tally, number, at)

        threads = [
            watched(watch, lambda: keep_polling(viewers, show, watch, start + SECONDS)) for _ in range(POLLING_THREADS)
        ]
        threads += [watched(watch, claim_in_turn) for _ in range(CLAIMING_THREADS)]
        for thread in threads:
            thread.join()
        groups = in_app(site.environ, lambda app: held_groups(show))
    assert groups == sorted(tally.got), "orders hold exactly the runs that were answered as taken"
    return _checks(database, tally, watch)


def _checks(database: str, tally: Tally, watch: Watch) -> list[Check]:
    for fault in watch.faults[:3]:
        print(fault)
    return [
        Check(f"answers of 500 and above, broken connections, {database}", len(watch.faults), at_most=0, digits=0),
        Check(f"claim answered, p50 ms, {database}", percentile(tally.claims_ms, 50), digits=0),
        Check(f"claim answered, p95 ms, {database}", percentile(tally.claims_ms, 95), at_most=1000, digits=0),
        Check(f"state answered, p50 ms, {database}", percentile(watch.state_ms, 50), digits=0),
        Check(f"state answered, p95 ms, {database}", percentile(watch.state_ms, 95), at_most=300, digits=0),
        Check(f"looks a second, {database}", len(watch.state_ms) / SECONDS, digits=0),
        Check(f"of them unchanged, percent, {database}", 100 * watch.unchanged / len(watch.state_ms), digits=0),
        Check(f"vendors served, {database}", len(tally.got), digits=0),
        Check(f"refusals on the way, {database}", tally.refused, digits=0),
        Check(f"vendors that found no free run, {database}", tally.left_without, digits=0),
    ]


def main() -> int:
    checks = [check for database in DATABASES for check in measure(database)]
    report_checks(f"{VIEWERS} viewers and {CLAIMERS} claiming in the first minute (load {foreign_load()})", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
