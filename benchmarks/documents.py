"""Tickets as PDF: one, and 200 in one file, read from the database and rendered as the job does it."""

import statistics
import time
from pathlib import Path
from typing import Any

from benchmarks.harness import Check, finish, in_app, installation, report_checks
from benchmarks.show import Filled, fill_show

ONE_CPU_MS, MANY_S = 40, 1.0
MANY, RUNS = 200, 7


def fill(app: Any) -> tuple[Filled, list[int]]:
    """Two people: one has one ticket, the other 200."""
    from swapmeet.badges.services import Admission, admit
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.uow import transaction
    from tests import factories

    show = fill_show(app)
    with transaction() as db_session:
        people = [factories.person(db_session, name) for name in ("Ann Attendee", "Bea Bulk")]
        for person, count in zip(people, (1, MANY), strict=True):
            wanted = [
                Admission(name=f"Guest {number} of {person.name}", person_id=person.id, ticket_label="Weekend pass")
                for number in range(count)
            ]
            admit(db_session, event_id=show.event_id, admissions=wanted, now=utcnow())
        return show, [person.id for person in people]


def render(app: Any, show: Filled, person_id: int) -> tuple[float, float, int]:
    """(wall seconds, CPU seconds, bytes) of one document."""
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.db import db
    from swapmeet.infra.pdf import font_folders, make_pdf
    from swapmeet.registration.tickets import DOCUMENT

    wall, cpu = time.perf_counter(), time.process_time()
    data = DOCUMENT.load(db.session(), {"event_id": show.event_id, "person_id": person_id}, utcnow())
    assert data is not None
    fonts = font_folders(Path(app.static_folder), Path(app.instance_path))
    content = make_pdf(DOCUMENT.template, data, fonts=fonts)
    return time.perf_counter() - wall, time.process_time() - cpu, len(content)


def measure(app: Any, show: Filled, people: list[int]) -> list[Check]:
    first = render(app, show, people[0])
    one = [render(app, show, people[0]) for _ in range(RUNS)]
    many = [render(app, show, people[1]) for _ in range(RUNS)]
    one_ms = statistics.median(cpu for _, cpu, _ in one) * 1000
    return [
        Check("1 ticket, CPU ms", one_ms, at_most=ONE_CPU_MS, digits=1),
        Check("the first one in a process, which loads the compiler, CPU ms", first[1] * 1000, digits=0),
        Check(f"{MANY} tickets in one file, s", statistics.median(wall for wall, _, _ in many), at_most=MANY_S),
        Check(f"{MANY} tickets in one file, CPU s", statistics.median(cpu for _, cpu, _ in many)),
        Check(f"size of {MANY} tickets, kB", many[0][2] / 1000, digits=0),
    ]


def main() -> int:
    with installation("sqlite", fill) as (site, (show, people)):
        checks: list[Check] = in_app(site.environ, lambda app: measure(app, show, people))
    report_checks("Tickets as PDF", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
