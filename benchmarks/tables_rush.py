"""A rush for tables: 500 vendors, 300 tables, runs of one to three side by side, 64 vendors at once, through HTTP; ten times.

`RUSH_RUNS=1` for one run a database.
"""

import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from benchmarks.browser import Answer, Browser
from benchmarks.harness import DATABASES, Check, Figure, Site, finish, in_app, load, percentile, report_checks, serve
from benchmarks.registration import contact
from benchmarks.show import Filled, fill_show

VENDORS, AT_ONCE, ROWS, TABLES_A_ROW = 500, 64, 20, 15
MOST_TRIES = 12
RUNS = int(os.environ.get("RUSH_RUNS", "10"))


@dataclass
class Tally:
    """What the vendors lived through. Times in ms."""

    claims_ms: list[float] = field(default_factory=list)
    got: list[list[int]] = field(default_factory=list)
    refused: int = 0
    told_lost: int = 0  # refusals that named the tables that went
    told_free: int = 0  # refusals that offered a free run of the same size
    told_none: int = 0  # refusals that said that none is left, and what is free one by one
    left_without: int = 0


def fill(app: Any) -> Filled:
    return fill_show(app, table_rows=ROWS, tables_a_row=TABLES_A_ROW, session_count=4)


def free_runs(show: Filled, live: dict[str, list[int]], size: int) -> list[list[int]]:
    """Places side by side of which none is held or taken."""
    gone = {*live["held"], *live["taken"]}
    found = []
    for row in show.rows.values():
        for first in range(len(row) - size + 1):
            run = row[first : first + size]
            if not gone.intersection(run):
                found.append(run)
    return found


def vendor(site: Site, show: Filled, tally: Tally, number: int) -> None:
    """Open the picker, choose a run, and after a refusal choose again from what is free now; then place the order."""
    rng, browser = random.Random(number), Browser(site.port)
    browser.get(f"{show.path}/tables").expect(200)
    choose_until_served(browser, show, tally, rng, number, size=rng.randint(1, 3))


def choose_until_served(
    browser: Browser, show: Filled, tally: Tally, rng: random.Random, number: int, *, size: int
) -> None:
    """On the open picker: claim a free run of this size, after each refusal another; order it, or leave without."""
    for _ in range(MOST_TRIES):
        live = json.loads(browser.get(f"{show.path}/tables/live.json?period={show.period_id}").expect(200).body)
        choices = free_runs(show, live, size)
        if not choices:
            break
        run = rng.choice(choices)
        answer = claim(browser, show, run, tally)
        if answer.status == 303:
            order(browser, show, answer, f"Vendor Number{number}")
            tally.got.append(run)
            browser.close()
            return
        tally.refused += 1
    tally.left_without += 1
    browser.close()


def claim(browser: Browser, show: Filled, run: list[int], tally: Tally) -> Answer:
    start = time.perf_counter()
    wanted = {f"table-{place_id}": str(show.period_id) for place_id in run}
    answer = browser.post(f"{show.path}/cart/lines", {**wanted, "to": "checkout"}).expect(303, 409)
    tally.claims_ms.append((time.perf_counter() - start) * 1000)
    if answer.status == 409:
        tally.told_lost += "just taken" in answer.text
        tally.told_free += " instead</button>" in answer.text
        tally.told_none += " free any more" in answer.text or " side by side any more" in answer.text
    return answer


def order(browser: Browser, show: Filled, claimed: Answer, name: str) -> None:
    page = browser.get(claimed.target).expect(200)
    browser.post(f"{show.path}/checkout", {**contact(page.text, name), "method": "check"}).expect(303)


def held_groups(show: Filled) -> list[list[int]]:
    """Places of each order, in order, from live reservations. A place in two sale periods or orders would stand twice."""
    from swapmeet.infra.db import db
    from swapmeet.orders.models import OrderLine
    from swapmeet.vendor_tables.models import Reservation

    statement = (
        select(OrderLine.order_id, Reservation.place_id)
        .join(OrderLine, OrderLine.id == Reservation.line_id)
        .where(Reservation.event_id == show.event_id, Reservation.released_at.is_(None))
        .order_by(Reservation.place_id)
    )
    groups: dict[int, list[int]] = {}
    for order_id, place_id in db.session.execute(statement):
        groups.setdefault(order_id, []).append(place_id)
    return sorted(groups.values())


@dataclass(frozen=True)
class Rush:
    """One run: what the vendors lived through, what the server needed, the places of each order after it."""

    tally: Tally
    figure: Figure
    groups: list[list[int]]

    @property
    def twice(self) -> int:
        """Places with two holders."""
        return sum(count > 1 for count in Counter(place for group in self.groups for place in group).values())

    @property
    def half(self) -> int:
        """Orders that hold something else than the run that was answered as taken."""
        return sum(group not in self.tally.got for group in self.groups)


def run_once(database: str, turn: int) -> Rush:
    tally = Tally()
    with serve(database, fill) as (site, show):
        figure = load(
            site, lambda number: vendor(site, show, tally, number), units=VENDORS, clients=AT_ONCE, first=VENDORS * turn
        )
        groups = in_app(site.environ, lambda app: held_groups(show))
    assert groups == sorted(tally.got), "orders hold exactly the runs that were answered as taken"
    return Rush(tally, figure, groups)


def measure(database: str) -> list[Check]:
    """Sums over all runs; times are those of all claims together, the visits and CPU of the worst run."""
    rushes = [run_once(database, turn) for turn in range(RUNS)]
    tallies = [rush.tally for rush in rushes]
    claims_ms = [ms for tally in tallies for ms in tally.claims_ms]
    refused, lost = sum(t.refused for t in tallies), sum(t.told_lost for t in tallies)
    free, none = sum(t.told_free for t in tallies), sum(t.told_none for t in tallies)
    least = min(sum(map(len, rush.groups)) for rush in rushes)
    return [
        Check(f"places with two holders, {database}", sum(rush.twice for rush in rushes), at_most=0, digits=0),
        Check(f"groups held in part, {database}", sum(rush.half for rush in rushes), at_most=0, digits=0),
        Check(f"tables sold of {ROWS * TABLES_A_ROW}, the fewest, {database}", least, digits=0),
        Check(f"refusals on the way, {database}", refused, digits=0),
        Check(f"refusals that did not name what went, {database}", refused - lost, at_most=0, digits=0),
        Check(f"refusals without a free run of that size, {database}", refused - free, digits=0),
        Check(f"refusals that did not say what is free, {database}", refused - free - none, at_most=0, digits=0),
        Check(f"vendors that found no free run any more, {database}", sum(t.left_without for t in tallies), digits=0),
        Check(f"claim answered, p50 ms, {database}", percentile(claims_ms, 50), digits=0),
        Check(f"claim answered, p95 ms, {database}", percentile(claims_ms, 95), digits=0),
        Check(f"whole visit, p50 ms, {database}", max(rush.figure.p50_ms for rush in rushes), digits=0),
        Check(f"whole visit, p95 ms, {database}", max(rush.figure.p95_ms for rush in rushes), digits=0),
        Check(f"vendors served a second, {database}", min(rush.figure.rate for rush in rushes), digits=0),
        Check(f"CPU of the server a vendor, ms, {database}", max(rush.figure.cpu_ms for rush in rushes), digits=1),
    ]


def main() -> int:
    checks = [check for database in DATABASES for check in measure(database)]
    report_checks(f"{VENDORS} vendors for {ROWS * TABLES_A_ROW} tables, {AT_ONCE} at once, {RUNS} runs", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
