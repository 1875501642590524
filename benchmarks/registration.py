"""A guest's complete registration: page, cart, checkout, confirmed free order. Five requests, as a browser makes them."""

from typing import Any

from sqlalchemy import func, select

from benchmarks.browser import Browser
from benchmarks.harness import (
    DATABASES,
    Check,
    Row,
    Site,
    Work,
    compare,
    finish,
    in_app,
    load,
    report,
    report_checks,
    serve,
    yardstick,
)
from benchmarks.show import Filled, fill_show

LIMIT = 80
AT_LEAST_A_SECOND = 45
ALONE_MS = 40
WARM, UNITS, ALONE = 400, 300, 60


def register(browser: Browser, show: Filled, type_id: int, name: str) -> str:
    """From the show's page to the page of the confirmed order. Returns the order's path. Raises Unexpected when refused."""
    browser.get(show.path).expect(200)
    chosen = {f"ticket-{type_id}": "1", "to": "checkout"}
    put_in = browser.post(f"{show.path}/cart/lines", chosen).expect(303)
    page = browser.get(put_in.target).expect(200)
    placed = browser.post(f"{show.path}/checkout", contact(page.text, name)).expect(303)
    assert "Confirmed" in browser.get(placed.target).expect(200).text
    return placed.target


def contact(page: str, name: str) -> dict[str, str]:
    """What a buyer types into the checkout form: contact, and a name on each ticket."""
    typed = {"buyer_name": name, "buyer_email": f"{name.lower().replace(' ', '.')}@example.org"}
    fields = [part.partition('"')[0] for part in page.split(' name="line-')[1:]]
    return typed | {f"line-{field}": name for field in fields}


def buyers(site: Site, show: Filled) -> Work:
    """Each a new visitor with a connection of their own."""

    def buy(number: int) -> None:
        browser = Browser(site.port)
        register(browser, show, show.free_type_id, f"Buyer Number{number}")
        assert browser.requests == 5
        browser.close()

    return buy


def count_rows(app: Any) -> dict[str, int]:
    """What registrations leave behind."""
    from swapmeet.badges.models import Badge
    from swapmeet.infra.audit import AuditEntry
    from swapmeet.infra.db import db
    from swapmeet.infra.jobs import Job
    from swapmeet.infra.outbox import OutboxMessage
    from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState

    confirmed = select(func.count()).select_from(Order).where(Order.state == OrderState.CONFIRMED)
    counts = {"orders": db.session.scalar(confirmed) or 0}
    for name, model in (
        ("lines", OrderLine),
        ("holds", LineQuota),
        ("badges", Badge),
        ("mails", OutboxMessage),
        ("jobs", Job),
        ("audit entries", AuditEntry),
    ):
        counts[name] = db.session.scalar(select(func.count()).select_from(model)) or 0
    return counts


def check_rows(site: Site, registrations: int) -> None:
    """Nothing was answered as confirmed that is not in the database with all that belongs to it."""
    counts = in_app(site.environ, count_rows)
    for name in ("orders", "lines", "holds", "badges", "mails", "jobs"):
        assert counts[name] == registrations, (name, counts, registrations)
    assert counts["audit entries"] >= registrations, counts


def main() -> int:
    rows: list[Row] = []
    checks: list[Check] = []
    with yardstick() as yard:
        for database in DATABASES:
            with serve(database, fill_show) as (site, show):
                figure = compare(yard, site, buyers(site, show), units=UNITS, warm=WARM)
                done = WARM + 3 * UNITS
                alone = load(site, buyers(site, show), units=ALONE, clients=1, first=done)
                check_rows(site, done + ALONE)
            rows.append(Row(f"registration, {database}", figure, LIMIT))
            checks.append(Check(f"a second, {database}", figure.rate, at_least=AT_LEAST_A_SECOND, digits=0))
            checks.append(Check(f"one buyer alone, p50 ms, {database}", alone.p50_ms, at_most=ALONE_MS, digits=1))
    report("Complete guest registration (5 requests)", rows)
    report_checks("Registrations", checks)
    return finish(rows) or finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
