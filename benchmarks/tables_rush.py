"""A rush for tables: 500 vendors, 300 tables, runs of one to three side by side, 64 vendors at once, through HTTP."""

import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from benchmarks.browser import Answer, Browser
from benchmarks.harness import DATABASES, Check, Site, finish, in_app, load, percentile, report_checks, serve
from benchmarks.registration import contact
from benchmarks.show import Filled, fill_show

VENDORS, AT_ONCE, ROWS, TABLES_A_ROW = 500, 64, 20, 15
MOST_TRIES = 12


@dataclass
class Tally:
    """What the vendors lived through. Times in ms."""

    claims_ms: list[float] = field(default_factory=list)
    got: list[list[int]] = field(default_factory=list)
    refused: int = 0
    told_lost: int = 0  # refusals that named the tables that went
    told_free: int = 0  # refusals that offered a free run of the same size
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


def measure(database: str) -> list[Check]:
    tally = Tally()
    with serve(database, fill) as (site, show):
        figure = load(site, lambda number: vendor(site, show, tally, number), units=VENDORS, clients=AT_ONCE)
        groups = in_app(site.environ, lambda app: held_groups(show))
    taken = Counter(place_id for group in groups for place_id in group)
    half = [group for group in groups if group not in tally.got]
    assert groups == sorted(tally.got), "orders hold exactly the runs that were answered as taken"
    return [
        Check(f"places with two holders, {database}", sum(count > 1 for count in taken.values()), at_most=0, digits=0),
        Check(f"groups held in part, {database}", len(half), at_most=0, digits=0),
        Check(f"tables sold of {ROWS * TABLES_A_ROW}, {database}", len(taken), digits=0),
        Check(f"refusals on the way, {database}", tally.refused, digits=0),
        Check(
            f"refusals that did not name what went, {database}", tally.refused - tally.told_lost, at_most=0, digits=0
        ),
        Check(f"refusals without a free run of that size, {database}", tally.refused - tally.told_free, digits=0),
        Check(f"vendors that found no free run any more, {database}", tally.left_without, digits=0),
        Check(f"claim answered, p50 ms, {database}", percentile(tally.claims_ms, 50), digits=0),
        Check(f"claim answered, p95 ms, {database}", percentile(tally.claims_ms, 95), digits=0),
        Check(f"whole visit, p50 ms, {database}", figure.p50_ms, digits=0),
        Check(f"whole visit, p95 ms, {database}", figure.p95_ms, digits=0),
        Check(f"vendors served a second, {database}", figure.rate, digits=0),
        Check(f"CPU of the server a vendor, ms, {database}", figure.cpu_ms, digits=1),
    ]


def main() -> int:
    checks = [check for database in DATABASES for check in measure(database)]
    report_checks(f"{VENDORS} vendors for {ROWS * TABLES_A_ROW} tables, {AT_ONCE} at once", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
