"""A person's own trades: handed out whole, and erased without a trace of what was said."""

import json
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select, text

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import list_keys
from swapmeet.infra.jobs import Worker, run_claim
from swapmeet.infra.uow import transaction
from swapmeet.trades import catalog
from swapmeet.trades.doctor import QUERIES
from swapmeet.trades.models import Block, Listing, ListingPhoto, Message, Report
from swapmeet.trades.personal import TradesData
from tests.support.forms import post
from tests.trades.stall import agreed_trade, list_thing, listing_state, offer_of, offer_state, picture


@pytest.fixture
def life(world: Any) -> dict[str, int]:
    """Tess has traded, offered, written, reported, blocked, and shown a photo."""
    offer_id, chairs, wagon = agreed_trade(world)
    bed = list_thing(world, "tess", title="Brass bed xyzzy", description="Plugh words")
    open_id = offer_of(
        world, "tess", "ann", give=[bed], take=[list_thing(world, "ann", title="Bear")], note="Frotz note"
    )
    tess, tom = world.client("tess"), world.client("tom")
    post(tess, f"/me/trades/offers/{offer_id}/messages", {"body": "Tess writes gnusto"})
    post(tom, f"/me/trades/offers/{offer_id}/messages", {"body": "Tom writes rezrov"})
    post(tess, f"/trades/{wagon}/report", {"reason": "rude", "note": "Report blorb"})
    post(tess, f"/trades/{bed}/photos", {"photos": [(BytesIO(picture()), "a.jpg")]}, content_type="multipart/form-data")
    _work(world)
    post(tess, f"/trades/{list_thing(world, 'otto', title='Case')}/block")
    return {"agreed": offer_id, "open": open_id, "chairs": chairs, "wagon": wagon, "bed": bed}


def _work(world: Any) -> None:
    db.session.rollback()
    handlers = world.app.extensions["swapmeet_registry"].jobs
    Worker(world.app, handlers, run_heavy=lambda claim: run_claim(handlers[claim.kind], claim)).drain()
    db.session.rollback()


def test_r_t61_the_export_has_all_of_ones_own_and_nobody_elses(world: Any, life: dict[str, int]) -> None:
    exported = json.dumps(TradesData().export(db.session(), person_id=world.ids["tess"]))
    for words in (
        "Walnut",
        "Brass bed xyzzy",
        "Plugh",
        "Frotz note",
        "Tess writes gnusto",
        "Report blorb",
        "listing.photo/",
    ):
        assert words in exported
    for words in ("rezrov", "Hay wagon", "Bear", "Tom", "otto"):
        assert words not in exported
    assert TradesData().export(db.session(), person_id=world.ids["vic"])["listings"] == []


def test_r_t60_erasing_leaves_no_word_and_no_picture(world: Any, life: dict[str, int]) -> None:
    key = db.session.get_one(Listing, life["bed"]).cover_key
    with transaction() as db_session:
        TradesData().erase(db_session, person_id=world.ids["tess"], now=utcnow())
    _work(world)
    assert offer_state(life["agreed"]) == "withdrawn" and offer_state(life["open"]) == "withdrawn"
    assert listing_state(life["wagon"]) == "listed" and listing_state(life["chairs"]) == "withdrawn"
    for words in ("walnut", "xyzzy", "plugh", "frotz", "gnusto", "blorb"):
        assert not _in_database(words), words
    assert _in_database("rezrov") and _in_database("hay wagon")
    assert world.client().get(f"/files/{key}").status_code == 404 and key not in list_keys()
    assert not db.session.scalars(select(ListingPhoto)).all() and not db.session.scalars(select(Block)).all()
    found = catalog.find_listings(
        db.session(), event_ids=[world.event_id], filters=catalog.Filters(q="xyzzy"), number=1
    )
    assert found.page.rows == []
    assert [fault for query in QUERIES for fault in query.find(db.session(), utcnow())] == []
    assert db.session.scalars(select(Report)).one().note == "" and len(db.session.scalars(select(Message)).all()) == 2


def test_a_trade_somebody_has_ticked_is_not_called_off_by_erasing(world: Any) -> None:
    offer_id, _, wagon = agreed_trade(world)
    post(world.client("tess"), f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    with transaction() as db_session:
        TradesData().erase(db_session, person_id=world.ids["tess"], now=utcnow())
    assert offer_state(offer_id) == "accepted"
    post(world.client("tom"), f"/me/trades/offers/{offer_id}/completion", {"done": "1"})
    assert listing_state(wagon) == "traded"


def _in_database(words: str) -> bool:
    """Is it in any text of trades' tables, the index included?"""
    session = db.session()
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    tables = ("listing", "listing_photo", "offer", "message", "report", "listing_fts")
    for table in tables:
        row = f'"{table}".document' if table == "listing_fts" and is_sqlite else f"CAST({table} AS text)"
        if is_sqlite and table != "listing_fts":
            names = [column[1] for column in session.execute(text(f"PRAGMA table_info({table})"))]
            row = " || ' ' || ".join(f"coalesce(CAST({name} AS text), '')" for name in names)
        found = session.execute(text(f"SELECT count(*) FROM {table} WHERE lower({row}) LIKE :w"), {"w": f"%{words}%"})
        if found.scalar_one():
            return True
    return False
