"""Check-ins by the API: each a new badge, let in once, by scanners with a token."""

import json
from typing import Any

from sqlalchemy import func, select

from benchmarks.browser import Turns
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

LIMITS = {"sqlite": 12, "postgresql": 20}
AT_LEAST_A_SECOND = 290
ALONE_MS = 5
WARM, UNITS, ALONE = 400, 700, 200
VISITORS = WARM + 3 * UNITS + ALONE
AT_ONCE = 500


def fill(app: Any) -> tuple[Filled, list[str]]:
    """A show that is on today, and the codes of its badges."""
    from swapmeet.badges.models import Badge
    from swapmeet.badges.services import Admission, admit
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.db import db
    from swapmeet.infra.uow import transaction

    show = fill_show(app, first_day=utcnow().date(), time_zone="UTC")
    for first in range(0, VISITORS, AT_ONCE):
        with transaction() as db_session:
            people = [
                Admission(name=f"Visitor {number}", ticket_label="Weekend pass")
                for number in range(first, min(VISITORS, first + AT_ONCE))
            ]
            admit(db_session, event_id=show.event_id, admissions=people, now=utcnow())
    codes = list(db.session.scalars(select(Badge.code).order_by(Badge.id)))
    return show, codes


def scans(site: Site, show: Filled, codes: list[str]) -> Work:
    """Each scan by the scanner whose turn it is."""
    turns = Turns(site.port)
    path = f"/api/v1{show.path}/check-ins"

    def scan(number: int) -> None:
        body = json.dumps({"code": codes[number], "nonce": f"scan-{number:08}"})
        with turns.next() as browser:
            browser.post_json(path, body, show.token).expect(201)

    return scan


def count_entries(_app: Any) -> int:
    from swapmeet.badges.models import CheckIn
    from swapmeet.infra.db import db

    return db.session.scalar(select(func.count()).select_from(CheckIn)) or 0


def main() -> int:
    rows: list[Row] = []
    checks: list[Check] = []
    with yardstick() as yard:
        for database in DATABASES:
            with serve(database, fill) as (site, (show, codes)):
                scan = scans(site, show, codes)
                figure = compare(yard, site, scan, units=UNITS, warm=WARM)
                alone = load(site, scan, units=ALONE, clients=1, first=WARM + 3 * UNITS)
                assert in_app(site.environ, count_entries) == VISITORS
            rows.append(Row(f"check-in, {database}", figure, LIMITS[database]))
            checks.append(
                Check(f"a second at 8 clients, {database}", figure.rate, at_least=AT_LEAST_A_SECOND, digits=0)
            )
            checks.append(Check(f"one scanner alone, p50 ms, {database}", alone.p50_ms, at_most=ALONE_MS, digits=1))
    report("Check-in by API", rows)
    report_checks("Check-ins", checks)
    return finish(rows) or finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
