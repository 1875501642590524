"""A list of 10,000 people with 3 % wrong rows: read and checked, then written as orders; then the same file once more.

Each step is the job as the worker runs it, in a process of its own: seconds from its start to its end, and the most memory it held.
"""

import csv
import io
import random
import resource
import subprocess
import sys
import time
from typing import Any

from benchmarks.harness import DATABASES, ROOT, Check, finish, in_app, installation, report_checks
from benchmarks.show import Filled, fill_show

ROWS, WRONG = 10_000, 300
NAMES = ("Whole weekend", "Saturday alone", "Sunday alone")
SECONDS, MEGABYTES = 30.0, 300.0
JOB = "from benchmarks.order_import import run_job; run_job()"


def make_list(names: tuple[str, ...], kind: str) -> bytes:
    """Families of up to four, most paid; every 33rd row has one of six faults. As CSV or as a workbook."""
    chance = random.Random(7)
    wrong = set(chance.sample(range(ROWS), WRONG))
    head = [
        "key",
        "order",
        "name",
        "email",
        "phone",
        "ticket",
        "price",
        "paid",
        "paid by",
        "reference",
        "paid on",
        "note",
    ]
    rows: list[list[Any]] = []
    for number in range(ROWS):
        row: list[Any] = [f"r{number}", "", f"Guest {number} Müller", f"guest{number}@example.org", "+1 555 0100",
                          chance.choice(names), "24.00", chance.choice(["yes", "24.00", "24.00", ""]), "transfer", f"T{number}",
                          "", "came from the old list"]  # fmt: skip
        if number % 10 == 1:
            row[1] = f"family {number}"
        if number % 10 == 2 and number not in wrong and number - 1 not in wrong:
            row[1] = f"family {number - 1}"
        if number in wrong:
            place, bad = chance.choice(
                [(2, ""), (3, "no address"), (5, "Gala"), (6, "much"), (7, "99.00"), (8, "shells")]
            )
            row[place] = bad
        rows.append(row)
    return _workbook([head, *rows]) if kind == "Excel" else _text([head, *rows])


def _text(rows: list[list[Any]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def _workbook(rows: list[list[Any]]) -> bytes:
    import xlsxwriter

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return content.getvalue()


def fill(app: Any) -> Filled:
    """The show, with three more tickets of which there are enough."""
    from swapmeet.events.models import Event
    from swapmeet.infra.uow import transaction
    from tests.registration.build import ticket_type

    show = fill_show(app)
    with transaction() as db_session:
        event = db_session.get_one(Event, show.event_id)
        for name in NAMES:
            ticket_type(db_session, event, name, capacity=1_000_000)
    return show


def send(app: Any, show: Filled, kind: str) -> int:
    """The file comes in, as from the page. Returns the id of its list."""
    from swapmeet.events.models import Event
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.uow import transaction
    from swapmeet.kernel.actor import Actor
    from swapmeet.orders.models import PayMethod
    from swapmeet.registration.lists import services

    with transaction() as db_session:
        event = db_session.get_one(Event, show.event_id)
        row = services.take_list(
            db_session,
            event=event,
            content=make_list(NAMES, kind),
            file_name="people",
            method=PayMethod.TRANSFER,
            takes_money=True,
            by=Actor.job("bench"),
            now=utcnow(),
        )
        return row.id


def ask(app: Any, list_id: int) -> None:
    """Press the button for the good rows."""
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.uow import transaction
    from swapmeet.kernel.actor import Actor
    from swapmeet.registration.lists import services
    from swapmeet.registration.lists.models import OrderList

    with transaction() as db_session:
        row = db_session.get_one(OrderList, list_id)
        options: dict[str, Any] = {"is_all": False, "rows_text": "", "may_record_money": True}
        services.ask_to_write(db_session, row=row, by=Actor.job("bench"), now=utcnow(), **options)


def run_job() -> None:
    """In a process of its own: the next job of lists, with its seconds and its memory printed."""
    from swapmeet.factory import create_app
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.jobs import claim, run_claim
    from swapmeet.infra.uow import transaction
    from swapmeet.registration.lists.jobs import HANDLERS

    app = create_app()
    with app.app_context():
        begun = time.perf_counter()
        with transaction() as db_session:
            found = claim(db_session, now=utcnow(), kinds=list(HANDLERS))
        assert found is not None
        run_claim(HANDLERS[found.kind], found)
        seconds = time.perf_counter() - begun
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")


def job(environ: dict[str, str]) -> tuple[float, float]:
    """(seconds, megabytes) of the next job."""
    done = subprocess.run(
        [sys.executable, "-c", JOB], env=environ, cwd=ROOT, capture_output=True, text=True, check=True
    )
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def counts(app: Any, list_id: int) -> tuple[int, int, int, int]:
    """(good, wrong, known, orders of the show)."""
    from sqlalchemy import func, select

    from swapmeet.infra.db import db
    from swapmeet.orders.models import Order
    from swapmeet.registration.lists.models import OrderList

    row = db.session.get_one(OrderList, list_id)
    orders = db.session.scalar(select(func.count()).select_from(Order)) or 0
    return row.good_count, row.bad_count, row.known_count, orders


def broken(app: Any) -> list[str]:
    """What the doctor finds in the books, orders, capacities and badges."""
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.db import db

    queries = [each for each in app.extensions["swapmeet_registry"].doctor if each.invariant in (1, 2, 3, 4, 5, 7, 13)]
    return [sentence for query in queries for sentence in query.find(db.session(), utcnow())]


def measure(database: str, kind: str) -> list[Check]:
    with installation(database, fill) as (site, show):
        list_id = in_app(site.environ, lambda app: send(app, show, kind))
        read_s, read_mb = job(site.environ)
        good, wrong, _, none_yet = in_app(site.environ, lambda app: counts(app, list_id))
        in_app(site.environ, lambda app: ask(app, list_id))
        write_s, write_mb = job(site.environ)
        _, _, _, orders = in_app(site.environ, lambda app: counts(app, list_id))
        again = in_app(site.environ, lambda app: send(app, show, kind))
        again_s, _ = job(site.environ)
        left, _, known, still = in_app(site.environ, lambda app: counts(app, again))
        assert none_yet == 0 and good + wrong == ROWS and WRONG <= wrong <= WRONG + 60, (none_yet, good, wrong)
        assert (left, known, still) == (0, good, orders), "the same file twice makes nothing new"
        assert in_app(site.environ, broken) == []
    name = f"{kind}, {database}"
    return [
        Check(f"{name}: read and checked, {wrong} rows wrong, s", read_s, at_most=SECONDS),
        Check(f"{name}: {good} rows written as {orders} orders, s", write_s, at_most=SECONDS),
        Check(f"{name}: both together, s", read_s + write_s, at_most=SECONDS),
        Check(f"{name}: the most memory, MB", max(read_mb, write_mb), at_most=MEGABYTES, digits=0),
        Check(f"{name}: the same file again, s", again_s, at_most=SECONDS),
    ]


def main() -> int:
    checks = [each for database in DATABASES for kind in ("CSV", "Excel") for each in measure(database, kind)]
    report_checks(f"Import of {ROWS:,} people", checks)
    return finish(checks)


if __name__ == "__main__":
    raise SystemExit(main())
