"""The demo's applications: every state is there, decisions wait, and the doctor finds nothing."""

import random
from typing import Any

from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.stage import Stage
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.orders import doctor as orders_doctor
from swapmeet.vendor_tables import doctor as tables_doctor
from swapmeet.vendor_tables.applications import demo, doctor
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.queries import list_decided
from swapmeet.vendor_tables.applications.states import ApplicationState
from tests import factories
from tests.vendor_tables.floor import rows_of_places, table_type

KEYS = {"organizer": "olga", "treasurer": "trudy", "vendor": "vic"}


def play(world: Any, count: int) -> None:
    with transaction() as db_session:
        event = world.show()
        rows_of_places(db_session, event, table_type(db_session, event), names="ABCD", count=count)
        people = [factories.person(db_session, f"Person {number}") for number in range(24)]
        accounts = {key: world.person(name) for key, name in KEYS.items()}
        demo.fill(db_session, Stage(utcnow(), random.Random(5), [event], people, accounts))
    end_reading()


def test_every_state_is_there_and_all_is_sound(world: Any) -> None:
    play(world, 10)
    found = set(db.session.scalars(select(Application.state)))
    assert found == set(ApplicationState)
    assert len(list_decided(db.session(), event_id=world.event_id)) == 3
    queries = (*tables_doctor.QUERIES, *doctor.QUERIES, *orders_doctor.QUERIES)
    assert [words for query in queries for words in query.find(db.session(), utcnow())] == []
    client = world.client("olga")
    for rest in ("", "/decisions", "/waves", "/settings", "/review", "/list.csv"):
        assert client.get(f"/manage/shows/{world.slug}/applications{rest}").status_code == 200


def test_a_small_show_stays_as_it_is(world: Any) -> None:
    play(world, 2)
    assert db.session.scalars(select(Application)).all() == []
