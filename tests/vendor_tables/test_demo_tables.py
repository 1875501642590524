"""The demo's floors: every state is there, the doctor finds nothing, and the smallest show is no trouble."""

import random
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.stage import Stage
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.vendor_tables import demo, doctor
from swapmeet.vendor_tables.board import standing_of
from swapmeet.vendor_tables.models import Reservation
from swapmeet.vendor_tables.queries import count_floor
from tests import factories
from tests.vendor_tables.floor import rows_of_places, table_type

KEYS = {"organizer": "olga", "treasurer": "trudy", "vendor": "vic"}


def play(world: Any, *, rows: str, count: int) -> None:
    with transaction() as db_session:
        event = world.show()
        rows_of_places(db_session, event, table_type(db_session, event), names=rows, count=count)
        people = [factories.person(db_session, f"Person {number}") for number in range(64)]
        accounts = {key: world.person(name) for key, name in KEYS.items()}
        stage = Stage(utcnow(), random.Random(5), [event], people, accounts)
        demo.fill(db_session, stage)
    end_reading()


def test_a_floor_has_every_standing_and_is_sound(world: Any) -> None:
    play(world, rows="ABCDE", count=12)
    found = {
        standing_of(row) for row in db.session.scalars(select(Reservation).where(Reservation.released_at.is_(None)))
    }
    assert found == {"sold", "waiting", "held", "in_cart"}
    whole, _ = count_floor(db.session(), event_id=world.event_id, now=utcnow())
    assert whole.total == 60 and 5 <= whole.left <= 30
    assert [words for query in doctor.QUERIES for words in query.find(db.session(), utcnow())] == []


@pytest.mark.parametrize("count", [1, 2, 4, 5])
def test_a_handful_of_tables_is_no_trouble(world: Any, count: int) -> None:
    play(world, rows="A", count=count)
    assert [words for query in doctor.QUERIES for words in query.find(db.session(), utcnow())] == []
