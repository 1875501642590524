"""The organizer's list of orders and its search by name, with 10,000 orders and with 100, one organizer looking."""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from benchmarks.browser import Browser
from benchmarks.harness import DATABASES, Check, Figure, Site, finish, load, report_checks, serve
from benchmarks.show import Filled, fill_show

ORDERS, FEW = 10_000, 100
RATIO = 1.5
LIST_MS, SEARCH_MS = 13, 20
LOOKS = 60
FIRST = "Ada Ben Cora Dan Eve Finn Gus Hana Ida Jon Kay Leo Mia Nils Olga Pia Quinn Rosa Sven Tess".split()
LAST = "Miller Brown Rivera Chen Novak Okafor Larsen Weber Rossi Kimura Haddad Silva Kowalski Berg Dubois Nagy".split()


def fill_few(app: Any) -> Filled:
    return fill(app, FEW)


def fill(app: Any, orders: int = ORDERS) -> Filled:
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.uow import transaction
    from swapmeet.orders.models import LineQuota, Order, OrderLine
    from swapmeet.registration.models import TicketType

    show, rng = fill_show(app), random.Random(1)
    with transaction() as db_session:
        kind = db_session.get_one(TicketType, show.free_type_id)
        now = utcnow()
        rows = [order_row(show.event_id, number, rng, now) for number in range(1, orders + 1)]
        db_session.execute(insert(Order), rows)
        same = {
            "event_id": show.event_id,
            "created_at": now,
            "kind": "ticket",
            "product_id": kind.id,
            "title": kind.name,
        }
        numbers = range(1, orders + 1)
        lines = [{**same, "id": n, "order_id": n, "quantity": 1, "unit_minor": 0, "facts": {}} for n in numbers]
        db_session.execute(insert(OrderLine), lines)
        held = {"quota_id": kind.quota_id, "event_id": show.event_id, "quantity": 1}
        db_session.execute(insert(LineQuota), [{**held, "line_id": n} for n in numbers])
        kind.quota.taken = orders
    return show


def order_row(event_id: int, number: int, rng: random.Random, now: datetime) -> dict[str, Any]:
    from swapmeet.infra.codes import order_code
    from swapmeet.infra.search import fold
    from swapmeet.orders.models import OrderState, PayMethod

    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    email, code = f"{name.lower().replace(' ', '.')}{number}@example.org", order_code()
    placed_at = now - timedelta(minutes=number)
    return {
        "id": number,
        "event_id": event_id,
        "code": code,
        "state": OrderState.CONFIRMED,
        "buyer_name": name,
        "buyer_email": email,
        "method": PayMethod.FREE,
        "currency": "USD",
        "total_minor": 0,
        "created_at": placed_at,
        "placed_at": placed_at,
        "confirmed_at": placed_at,
        "search_text": fold(f"{code} {name} {email} "),
    }


def look(site: Site, show: Filled, queries: list[str]) -> Figure:
    """One organizer who opens these in turn."""
    browser = Browser(site.port, cookies={"swapmeet_id": show.cookie})

    def open_list(number: int) -> None:
        query = queries[number % len(queries)]
        page = browser.get(f"/manage/shows/{show.slug}/orders{query}").expect(200)
        assert "@example.org" in page.text

    load(site, open_list, units=10, clients=1)
    return load(site, open_list, units=LOOKS, clients=1)


def main() -> int:
    checks: list[Check] = []
    for database in DATABASES:
        with serve(database, fill_few) as (site, show):
            few = look(site, show, [""])
        with serve(database, fill) as (site, show):
            whole = look(site, show, [""])
            deep = look(site, show, ["?page=150"])
            name = look(site, show, [f"?q={name}" for name in LAST])
            both = look(site, show, [f"?q={first}+{last}" for first, last in zip(FIRST, LAST, strict=False)])
        checks += [
            Check(f"list of orders, p50 ms, {database}", whole.p50_ms, at_most=LIST_MS, digits=1),
            Check(f"CPU of the same to that of {FEW}, ratio, {database}", whole.cpu_ms / few.cpu_ms, at_most=RATIO),
            Check(f"its page 150, p50 ms, {database}", deep.p50_ms, digits=1),
            Check(f"search by last name, p50 ms, {database}", name.p50_ms, at_most=SEARCH_MS, digits=1),
            Check(f"search by both names, p50 ms, {database}", both.p50_ms, at_most=SEARCH_MS, digits=1),
        ]
    report_checks(f"Order list with {ORDERS:,} orders", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
