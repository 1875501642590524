"""The demo's tickets: orders in every state, badges to match, books that balance."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from swapmeet.badges import demo as badges_demo
from swapmeet.badges import doctor as badges_doctor
from swapmeet.badges.models import Badge, Gate
from swapmeet.events.models import EventState
from swapmeet.events.services.importing import import_show
from swapmeet.events.showfile import sample_shows
from swapmeet.infra.clock import utcnow
from swapmeet.infra.stage import Stage
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderState
from swapmeet.registration import demo, doctor
from tests import factories
from tests.registration import build

ACCOUNTS = {
    "organizer": "olga",
    "treasurer": "trudy",
    "attendee": "ann",
    "vendor": "vic",
    "trader": "tess",
    "other_trader": "tom",
}


@pytest.fixture
def played(world, monkeypatch):
    monkeypatch.setattr(demo, "ORDERS_A_SHOW", 40)
    show = next(show for show in sample_shows()["shows"] if show["id"] == "quill-river-train-show")
    now = utcnow()
    with transaction() as db_session:
        event = import_show(
            db_session,
            organizer=world.organizer,
            show=show,
            first_day=now.date() + timedelta(days=23),
            by=Actor.command("demo"),
            now=now - timedelta(days=200),
        )
        event.state = EventState.PUBLISHED
        stage = Stage(now=now, random=Random(7), events=[event])
        stage.accounts = {name: world.person(key) for name, key in ACCOUNTS.items()}
        stage.people = [factories.person(db_session, f"Person Number{number}") for number in range(30)]
        demo.fill(db_session, stage)
        badges_demo.fill(db_session, stage)
    return build.fresh(world)


def test_there_are_orders_in_every_state_and_nothing_is_out_of_order(played):
    states = dict(played.execute(select(Order.state, func.count()).group_by(Order.state)).all())
    assert set(states) >= {OrderState.CONFIRMED, OrderState.PLACED, OrderState.CART, OrderState.CANCELED}
    assert played.scalar(select(func.count()).select_from(Badge)) > 40
    assert list(played.scalars(select(Gate.name).order_by(Gate.position))) == ["Main door", "Side door"]
    queries = [*doctor.QUERIES, *badges_doctor.QUERIES]
    assert [words for query in queries for words in query.find(played, utcnow())] == []
