"""A plan is published without tables that vendors claim at the same moment: each table is held or gone, never both.

The control takes the locks and the second look away: then somebody holds a table that is not on the plan.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from swapmeet.config import Settings
from swapmeet.events.models import Event, Hall
from swapmeet.infra import uow
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.vendor_tables.errors import PlanMoved, PlanNotReady
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.vendor_tables.plan_models import PlanDraft
from swapmeet.vendor_tables.services import layouts
from tests.concurrency.test_race_tables import ROW_A, claim, fill
from tests.support.databases import make_settings
from tests.support.processes import race

BY = Actor.command("race")


def take_off_or_claim(number: int, event_id: int, labels: Sequence[str] = ROW_A) -> list[str]:
    """The first racer publishes the plan without one table after the other; the others claim them."""
    done = []
    for label in labels:
        if number:
            wait_for_a_draft(number)
        try:
            take_off(event_id, label) if number == 0 else claim(event_id, [label])
            done.append(label)
        except PlanNotReady:
            throw_away(event_id)
        except (DomainError, PlanMoved):
            continue
    if number == 0:
        draw(event_id, without="")  # nobody waits for another
    return done


def take_off_or_claim_slowly(number: int, event_id: int) -> list[str]:
    """With gaps longer than anybody waits between two looks at a locked database, so that one is hit on a busy machine too."""
    uow.GAP_S = 0.25
    return take_off_or_claim(number, event_id, ROW_A[:4])


def wait_for_a_draft(number: int) -> None:
    """Until the first racer is about to publish (at most a second), and then a little, each racer twice as long as the one before."""
    until = time.monotonic() + 1
    while time.monotonic() < until:
        end_reading()
        if db.session.scalar(select(PlanDraft.id)) is not None:
            break
        time.sleep(0.002)
    time.sleep(0.0025 * 2**number)


def take_off(event_id: int, label: str) -> None:
    draw(event_id, without=label)
    with transaction() as db_session:
        event, hall = _event_and_hall(db_session, event_id)
        seen = layouts.read_drawing(db_session, event=event, hall=hall).number
        layouts.publish_draft(db_session, event=event, hall=hall, seen=seen, by=BY, now=utcnow())


def draw(event_id: int, *, without: str) -> None:
    """Leave a draft of the plan without this table."""
    with transaction() as db_session:
        event, hall = _event_and_hall(db_session, event_id)
        drawing = layouts.read_drawing(db_session, event=event, hall=hall)
        places = tuple(place for place in drawing.document.places if place.label != without)
        document = drawing.document.changed(places=places)
        layouts.save_draft(
            db_session, event=event, hall=hall, document=document, seen=drawing.number, by=BY, now=utcnow()
        )


def throw_away(event_id: int) -> None:
    with transaction() as db_session:
        event, hall = _event_and_hall(db_session, event_id)
        seen = layouts.read_drawing(db_session, event=event, hall=hall).number
        layouts.discard_draft(db_session, event=event, hall=hall, seen=seen, by=BY, now=utcnow())


def _event_and_hall(db_session: object, event_id: int) -> tuple[Event, Hall]:
    event = db.session.get_one(Event, event_id)
    return event, db.session.scalars(select(Hall).where(Hall.event_id == event_id)).one()


def held_off_the_plan(app: Flask) -> int:
    """Live reservations of tables that left the plan."""
    with app.app_context():
        end_reading()
        stray = select(func.count()).select_from(Reservation).join(TablePlace, TablePlace.id == Reservation.place_id)
        live = stray.where(Reservation.released_at.is_(None), TablePlace.retired_at.is_not(None))
        return db.session.scalar(live) or 0


def run(database: str, folder: Path, *, unsafe_no_guard: bool = False) -> tuple[Flask, list[list[str]]]:
    settings: Settings = make_settings(database, folder / "instance", unsafe_no_guard=unsafe_no_guard)
    app, event_id = fill(settings)
    work = take_off_or_claim_slowly if unsafe_no_guard else take_off_or_claim
    return app, race(work, settings, processes=2, threads=4, arguments=(event_id,), timeout_s=240)


def test_a_table_is_held_or_off_the_plan(schema_database: str, tmp_path: Path) -> None:
    app, (taken_off, *claimed) = run(schema_database, tmp_path)
    assert held_off_the_plan(app) == 0
    won = [label for labels in claimed for label in labels]
    assert sorted([*taken_off, *won]) == ROW_A


@pytest.mark.only(
    "sqlite"
)  # there the claim waits for the gap; a server that is busy rarely hits its twenty milliseconds
def test_control_without_locks_somebody_holds_a_table_that_is_gone(schema_database: str, tmp_path: Path) -> None:
    app, _ = run(schema_database, tmp_path, unsafe_no_guard=True)
    assert held_off_the_plan(app) > 0
