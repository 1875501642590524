"""A rush: 500 buyers at one moment for 100 places, through HTTP, many times. What was sold is counted in the database."""

import os
import threading
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from benchmarks.browser import Browser
from benchmarks.harness import DATABASES, Check, Site, finish, foreign_load, in_app, percentile, report_checks, serve
from benchmarks.registration import contact
from benchmarks.show import Filled, add_rush, fill_show

BUYERS, PLACES = 500, 100
RUNS = int(os.environ.get("RUSH_RUNS", "20"))
SOLD_WITHIN_S, TOLD_WITHIN_S, CPU_S = 7.0, 3.5, 13.0


@dataclass(frozen=True)
class Outcome:
    """One buyer: did they get a place, and seconds from the start until they knew."""

    won: bool
    seconds: float


@dataclass(frozen=True)
class Run:
    """One rush: confirmed orders in the database, seconds to the last sale, half of the losers' wait, CPU of the server."""

    sold: int
    last_sold_s: float
    losers_p50_s: float
    cpu_s: float


def fill(app: Any) -> list[Filled]:
    from swapmeet.infra.uow import transaction

    fill_show(app)
    with transaction() as db_session:
        return [add_rush(db_session, f"Rush {number}", PLACES) for number in range(RUNS)]


def buy(site: Site, show: Filled, number: int, start: float) -> Outcome:
    """As a person does: open the page, ask for a ticket, and with one in the cart place the order."""
    browser = Browser(site.port)
    browser.get(show.path).expect(200)
    put_in = browser.post(f"{show.path}/cart/lines", {f"ticket-{show.free_type_id}": "1", "to": "checkout"})
    if put_in.expect(303, 409).status == 409:
        assert "sold out" in put_in.text
        browser.close()
        return Outcome(False, time.perf_counter() - start)
    page = browser.get(put_in.target).expect(200)
    browser.post(f"{show.path}/checkout", contact(page.text, f"Buyer Number{number}")).expect(303)
    browser.close()
    return Outcome(True, time.perf_counter() - start)


def rush(site: Site, show: Filled) -> Run:
    outcomes: list[Outcome] = []
    faults: list[BaseException] = []
    gate = threading.Barrier(BUYERS + 1)
    start = [0.0]

    def buyer(number: int) -> None:
        gate.wait()
        try:
            outcomes.append(buy(site, show, number, start[0]))
        except (AssertionError, OSError, LookupError) as fault:
            faults.append(fault)

    threads = [threading.Thread(target=buyer, args=(number,)) for number in range(BUYERS)]
    for thread in threads:
        thread.start()
    cpu, start[0] = site.cpu(), time.perf_counter()
    gate.wait()
    for thread in threads:
        thread.join()
    cpu = site.cpu() - cpu
    if faults:
        raise faults[0]
    sold = in_app(site.environ, lambda app: count_sold(show))
    assert sold == sum(outcome.won for outcome in outcomes), "every order answered as placed is there, and no other"
    return Run(
        sold,
        max(outcome.seconds for outcome in outcomes if outcome.won),
        percentile([outcome.seconds for outcome in outcomes if not outcome.won], 50),
        cpu,
    )


def count_sold(show: Filled) -> int:
    """Confirmed orders of the show. The counter of the quota and what its lines hold must say the same."""
    from swapmeet.infra.db import db
    from swapmeet.orders.models import LineQuota, Order, OrderState, Quota
    from swapmeet.registration.models import TicketType

    quota = db.session.get_one(Quota, db.session.get_one(TicketType, show.free_type_id).quota_id)
    held = db.session.scalar(select(func.sum(LineQuota.quantity)).where(LineQuota.quota_id == quota.id))
    confirmed = select(func.count()).where(Order.event_id == show.event_id, Order.state == OrderState.CONFIRMED)
    sold = db.session.scalar(confirmed) or 0
    assert quota.taken == held == sold, (quota.taken, held, sold)
    return sold


def measure(database: str) -> list[Check]:
    with serve(database, fill) as (site, shows):
        runs = [rush(site, show) for show in shows]
    exact = sum(run.sold == PLACES for run in runs)
    last = [run.last_sold_s for run in runs]
    told = [run.losers_p50_s for run in runs]
    return [
        Check(f"runs of {RUNS} with exactly {PLACES} sold, {database}", exact, at_least=RUNS, digits=0),
        Check(f"last place sold, s, p50 of the runs, {database}", percentile(last, 50), at_most=SOLD_WITHIN_S),
        Check(f"last place sold, s, slowest run, {database}", max(last)),
        Check(f"losers told, s, p50 of the p50s, {database}", percentile(told, 50), at_most=TOLD_WITHIN_S),
        Check(f"losers told, s, slowest run's p50, {database}", max(told)),
        Check(
            f"CPU of the server a run, s, p50, {database}", percentile([run.cpu_s for run in runs], 50), at_most=CPU_S
        ),
    ]


def main() -> int:
    checks = [check for database in DATABASES for check in measure(database)]
    report_checks(f"{BUYERS} buyers for {PLACES} places, {RUNS} times; load {foreign_load()}", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
