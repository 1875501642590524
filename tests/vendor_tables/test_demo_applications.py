"""The demo's applications: every state is there, decisions wait, and the doctor finds nothing."""

import random
from typing import Any

from sqlalchemy import select

from swapmeet.events.queries import list_sale_periods
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.stage import Stage
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.applications import demo, fees
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.queries import list_decided
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.services import desk
from swapmeet.vendor_tables.upgrades import demo as upgrades_demo
from swapmeet.vendor_tables.upgrades.models import UpgradeOffer, UpgradeState
from tests import factories
from tests.vendor_tables.floor import rows_of_places, table_type

KEYS = {"organizer": "olga", "treasurer": "trudy", "vendor": "vic", "attendee": "ann", "trader": "tess"}


def play(world: Any, count: int) -> Stage:
    with transaction() as db_session:
        event = world.show()
        rows_of_places(db_session, event, table_type(db_session, event), names="ABCD", count=count)
        people = [factories.person(db_session, f"Person {number}") for number in range(24)]
        accounts = {key: world.person(name) for key, name in KEYS.items()}
        stage = Stage(utcnow(), random.Random(5), [event], people, accounts)
        demo.fill(db_session, stage)
    end_reading()
    return stage


def doctor_finds() -> list[str]:
    return [words for query in registry().doctor for words in query.find(db.session(), utcnow())]


def test_every_state_is_there_and_all_is_sound(world: Any) -> None:
    play(world, 10)
    found = set(db.session.scalars(select(Application.state)))
    assert found == set(ApplicationState)
    assert len(list_decided(db.session(), event_id=world.event_id)) == 3
    assert doctor_finds() == []
    client = world.client("olga")
    for rest in ("", "/decisions", "/waves", "/settings", "/review", "/list.csv"):
        assert client.get(f"/manage/shows/{world.slug}/applications{rest}").status_code == 200


def test_fees_stand_in_every_way_and_vic_is_offered_better_tables(world: Any) -> None:
    stage = play(world, 12)
    end_reading()
    asked = [row for row in db.session.scalars(select(Application)) if fees.fee_of(row)]
    found = [fees.standing_of(db.session(), row) for row in asked]
    assert sorted(fee.standing for fee in found if fee is not None) == ["due", "ordered", "paid"]
    with transaction() as db_session:
        event, vic = world.show(), world.person("vic")
        _, free = demo._room(db_session, event)
        holder = desk.NewHolder("Vic", vic.email, "Vance Miniature Lighting", person_id=vic.id)
        whole = list_sale_periods(db_session, event_id=event.id)[0]
        desk.assign_places(
            db_session, event=event, places=free[:2], period=whole, holder=holder, is_free=True,
            reason="an old friend", by=Actor.command("test"), now=utcnow(),
        )  # fmt: skip
        upgrades_demo.fill(db_session, stage)
    end_reading()
    offer = db.session.scalars(select(UpgradeOffer)).one()
    assert offer.state is UpgradeState.OFFERED and len(offer.places) == 2
    assert "Tables you wished for are free" in world.client("vic").get(f"/shows/{world.slug}/application").text
    placing = world.client("olga").get(f"/manage/shows/{world.slug}/placing").text
    assert "Left out: 2 vendors who owe the application fee" in placing
    assert doctor_finds() == []


def test_a_small_show_stays_as_it_is(world: Any) -> None:
    play(world, 2)
    assert db.session.scalars(select(Application)).all() == []
