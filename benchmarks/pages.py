"""The public show page, uncached, and the live poll of the table picker when nothing has changed."""

import gzip
from typing import Any

from benchmarks.browser import Browser, Turns
from benchmarks.harness import (
    DATABASES,
    Check,
    Row,
    Site,
    Work,
    compare,
    finish,
    greet,
    in_app,
    load,
    report,
    report_checks,
    serve,
    yardstick,
)
from benchmarks.show import Filled, fill_show

LIMITS = {"sqlite": 20, "postgresql": 30}
POLL_LIMIT = 3
VISITORS = 8


def visits(site: Site, path: str, status: int = 200, headers: dict[str, str] | None = None) -> Work:
    """The same page again and again, by visitors without cookies."""
    turns = Turns(site.port)

    def visit(_: int) -> None:
        with turns.next() as browser:
            browser.cookies.clear()
            browser.get(path, headers).expect(status)

    return visit


def count_queries(site: Site, path: str) -> int:
    """SQL statements of one page, the second time it is asked for."""
    from sqlalchemy import Engine, event

    seen: list[str] = []

    def ask(app: Any) -> int:
        client = app.test_client()
        client.get(path, base_url=site.environ["SWAPMEET_PUBLIC_URL"])
        event.listen(Engine, "before_cursor_execute", note)
        answer = client.get(path, base_url=site.environ["SWAPMEET_PUBLIC_URL"])
        event.remove(Engine, "before_cursor_execute", note)
        assert answer.status_code == 200, answer.text
        return len([statement for statement in seen if not statement.startswith("BEGIN")])

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    return int(in_app(site.environ, ask))


def measure(database: str, yard: Site) -> tuple[list[Row], list[Check]]:
    with serve(database, fill_show) as (site, show):
        page = compare(yard, site, visits(site, show.path), units=400, clients=VISITORS)
        alone = load(site, visits(site, show.path), units=100, clients=1)
        body = Browser(site.port).get(show.path).expect(200).body
        rows = [
            Row(f"show page, {database}", page, LIMITS[database]),
            Row(f"unchanged live poll, {database}", measure_poll(yard, site, show), POLL_LIMIT),
        ]
        checks = [
            Check(f"queries of the show page, {database}", count_queries(site, show.path), at_most=8, digits=0),
            Check(f"kB of the show page before compression, {database}", len(body) / 1000, at_most=100, digits=1),
            Check(f"kB compressed, {database}", len(gzip.compress(body)) / 1000, digits=1),
            Check(f"show page, one visitor alone, p50 ms, {database}", alone.p50_ms, digits=1),
        ]
    return rows, checks


def measure_poll(yard: Site, site: Site, show: Filled) -> Any:
    path = f"{show.path}/tables/live.json"
    tag = Browser(site.port).get(path).expect(200).headers["etag"]
    return compare(yard, site, visits(site, path, 304, {"If-None-Match": tag}), units=1500, clients=VISITORS)


def main() -> int:
    rows: list[Row] = []
    checks: list[Check] = []
    with yardstick() as yard:
        load(yard, greet(yard), units=500, clients=8)
        for database in DATABASES:
            found = measure(database, yard)
            rows += found[0]
            checks += found[1]
    report("Pages", rows)
    report_checks("The show page", checks)
    return finish(rows) or finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
