"""Sixteen treasurers record one bank line at once: it becomes one payment."""

from collections import Counter
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import Payment
from swapmeet.payments import doctor
from swapmeet.payments.errors import LineDecided
from swapmeet.payments.models import BankLine
from swapmeet.payments.services import importing, recording
from tests.orders.wares import put_on_sale
from tests.payments.files import american_csv
from tests.payments.selling import sell
from tests.support.databases import make_settings
from tests.support.processes import race

RACERS = 16
TREASURER = Actor.job("treasurer")


def fill(settings: Settings) -> tuple[int, int, int]:
    """(show, order, bank line): an order that owes 30, and a line of 30 with its code."""
    app = create_app(settings)
    with app.app_context():
        with transaction() as db_session:
            order = sell(app, db_session, price=3000)
            content = american_csv([(date(2026, 11, 24), 3000, "Gus Guest", order.code)])
            read = importing.read_file(order.event, content, day_first=None)
            importing.import_statement(
                db_session, event=order.event, read=read, file_name="x.csv", by=TREASURER, now=utcnow()
            )
            found = (order.event_id, order.id, db_session.scalars(select(BankLine.id)).one())
        db.session.remove()
        db.engine.dispose()
    return found


def record(number: int, event_id: int, order_id: int, line_id: int) -> str:
    from flask import current_app

    put_on_sale(current_app)
    try:
        attempt(
            lambda db_session: recording.record_line(
                db_session,
                event=db_session.get_one(Event, event_id),
                line_id=line_id,
                parts=[(order_id, 3000)],
                by=TREASURER,
                now=utcnow(),
            )
        )
    except LineDecided:
        return "decided"
    return "recorded"


def outcome(settings: Settings) -> tuple[int, list[str]]:
    """Payments there are, and what the doctor says about bank lines."""
    app = create_app(settings)
    with app.app_context():
        count = db.session.scalar(select(func.count(Payment.id))) or 0
        faults = doctor.lines_differ(db.session(), utcnow())
        db.session.remove()
        db.engine.dispose()
    return count, faults


def test_of_sixteen_recordings_of_one_line_one_counts(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    found = fill(settings)
    results = race(record, settings, processes=2, threads=8, arguments=found)
    assert Counter(results) == {"recorded": 1, "decided": RACERS - 1}
    assert outcome(settings) == (1, [])


def test_control_without_the_guard_one_line_counts_more_than_once(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    found = fill(settings)
    results = race(record, settings, processes=2, threads=8, arguments=found)
    assert Counter(results)["recorded"] > 1
    count, faults = outcome(settings)
    assert count > 1 and faults != []
