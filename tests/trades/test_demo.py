"""The demo's trades: photos, offers in every state, reports; nothing for the doctor to find; the same each time."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra import demo_pictures
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.stage import Stage
from swapmeet.infra.uow import transaction
from swapmeet.trades import demo
from swapmeet.trades.demo_things import STOCKS, things
from swapmeet.trades.doctor import QUERIES
from swapmeet.trades.models import Listing, Message, Offer, OfferState, Report, TradeSettings
from tests import factories


def test_the_demo_shows_every_state(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "LISTINGS", 60)
    monkeypatch.setattr(demo_pictures, "HUES", 1)
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        event.trades_open_at = utcnow() - timedelta(days=30)
        db_session.add(TradeSettings(event_id=event.id, max_live_listings=5))
        people = [factories.person(db_session, f"Person Number{n}") for n in range(20)]
        fixed = {"organizer": "olga", "trader": "tess", "other_trader": "tom"}
        accounts = {name: db_session.get_one(Person, world.ids[key]) for name, key in fixed.items()}
        stage = Stage(now=utcnow(), random=Random(7), events=[event], people=people, accounts=accounts)
        demo.fill(db_session, stage)
    session = db.session()
    assert session.scalar(select(func.count(Listing.id))) == 60
    assert session.scalar(select(func.count(Listing.id)).where(Listing.cover_key.is_not(None))) > 35
    assert set(session.scalars(select(Offer.state).distinct())) == set(OfferState)
    assert session.scalar(select(func.count(Message.id))) and session.scalar(select(func.count(Report.id))) == 2
    assert [fault for query in QUERIES for fault in query.find(session, utcnow())] == []
    page = world.client().get(f"/shows/{world.slug}/trades").text
    assert page.count('class="panel listing"') == 24 and "/files/listing.photo/" in page
    assert "Meet " in world.client("tess").get("/me/trades").text


@pytest.mark.parametrize("stock", STOCKS)
def test_the_same_seed_gives_the_same_things_with_different_titles(stock: str) -> None:
    first = list(things(Random(3), stock=stock, count=100))
    assert first == list(things(Random(3), stock=stock, count=100))
    assert len({thing.title.casefold() for thing in first}) > 95


def test_every_category_has_a_drawing() -> None:
    from swapmeet.trades import vocab

    for category in vocab.CATEGORIES:
        assert demo_pictures.sketch_of(category.code) in demo_pictures.SKETCHES
    assert demo_pictures.draw_photo("house", 0) == demo_pictures.draw_photo("house", 0)
