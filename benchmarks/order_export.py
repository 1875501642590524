"""Orders for a spreadsheet: 10,000 orders with 37 columns as CSV and as an Excel workbook."""

import time
from typing import Any

from benchmarks.browser import Browser
from benchmarks.harness import DATABASES, Check, Site, finish, report_checks, serve
from benchmarks.order_list import ORDERS, fill
from benchmarks.show import Filled

COLUMNS = 37
CSV_S, XLSX_S = 1.0, 10.0
TRIES = 3


def fetch(site: Site, show: Filled, name: str) -> tuple[float, Any]:
    """(best of some tries in seconds, the last answer)."""
    browser = Browser(site.port, cookies={"swapmeet_id": show.cookie})
    best, page = float("inf"), None
    for _ in range(TRIES):
        begun = time.perf_counter()
        page = browser.get(f"/manage/shows/{show.slug}/{name}").expect(200)
        best = min(best, time.perf_counter() - begun)
    return best, page


def main() -> int:
    checks: list[Check] = []
    for database in DATABASES:
        with serve(database, fill) as (site, show):
            csv_s, page = fetch(site, show, "orders.csv")
            rows = page.text.splitlines()
            assert len(rows) == ORDERS + 1
            assert rows[0].count(",") == COLUMNS - 1
            xlsx_s, _ = fetch(site, show, "orders.xlsx")
        checks += [
            Check(f"CSV, seconds, {database}", csv_s, at_most=CSV_S, digits=2),
            Check(f"Excel, seconds, {database}", xlsx_s, at_most=XLSX_S, digits=2),
        ]
    report_checks(f"Export of {ORDERS:,} orders with {COLUMNS} columns", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
