"""The doctor finds nothing in a healthy stall, and each violation that is planted."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.trades.doctor import QUERIES
from swapmeet.trades.models import Listing, ListingState, Offer, OfferState, TradeClaim
from tests.support.forms import post
from tests.trades.stall import agreed_trade, list_thing, offer_of


def _found() -> set[str]:
    db.session.rollback()
    return {query.name for query in QUERIES if query.find(db.session(), utcnow())}


@pytest.fixture
def stall(world: Any) -> tuple[Any, int, int]:
    """An agreed trade, a completed one, a called-off one and an open offer."""
    offer_id, chairs, _ = agreed_trade(world)
    for step in ({"done": "1"},):
        done, _, _ = agreed_trade(world)
        post(world.client("tess"), f"/me/trades/offers/{done}/completion", step)
        post(world.client("tom"), f"/me/trades/offers/{done}/completion", step)
    off, _, _ = agreed_trade(world)
    post(world.client("tess"), f"/me/trades/offers/{off}/cancellation")
    bear, wagon = list_thing(world, "ann", title="Bear"), list_thing(world, "tom", title="Cart")
    offer_of(world, "ann", "tom", give=[bear], take=[wagon])
    return world, offer_id, chairs


def test_a_healthy_stall_has_no_faults(stall: Any) -> None:
    assert _found() == set()


def _release_one(session: Session, offer_id: int, listing_id: int) -> None:
    where = TradeClaim.listing_id == listing_id
    session.execute(update(TradeClaim).where(where).values(released_at=utcnow()))


def _decline_agreed(session: Session, offer_id: int, listing_id: int) -> None:
    session.execute(update(Offer).where(Offer.id == offer_id).values(state=OfferState.DECLINED))


def _list_again(session: Session, offer_id: int, listing_id: int) -> None:
    session.execute(update(Listing).where(Listing.id == listing_id).values(state=ListingState.LISTED))


def _reserve_out_of_nothing(session: Session, offer_id: int, listing_id: int) -> None:
    session.execute(update(Listing).where(Listing.title == "Bear").values(state=ListingState.RESERVED))


def _trade_out_of_nothing(session: Session, offer_id: int, listing_id: int) -> None:
    session.execute(update(Listing).where(Listing.title == "Bear").values(state=ListingState.TRADED))


def _complete_with_one_tick(session: Session, offer_id: int, listing_id: int) -> None:
    values = {"state": OfferState.COMPLETED, "from_done_at": utcnow()}
    session.execute(update(Offer).where(Offer.id == offer_id).values(**values))


def _tick_twice_without_completing(session: Session, offer_id: int, listing_id: int) -> None:
    values = {"from_done_at": utcnow(), "to_done_at": utcnow()}
    session.execute(update(Offer).where(Offer.id == offer_id).values(**values))


def _decline_in_silence(session: Session, offer_id: int, listing_id: int) -> None:
    open_one = Offer.state == OfferState.OPEN
    session.execute(update(Offer).where(open_one).values(state=OfferState.DECLINED))


def _hide_in_silence(session: Session, offer_id: int, listing_id: int) -> None:
    session.execute(update(Listing).where(Listing.title == "Bear").values(hidden_at=utcnow()))


PLANTS: list[tuple[Callable[[Session, int, int], None], str]] = [
    (_release_one, "agreed trades hold all their listings"),
    (_decline_agreed, "live claims belong to live trades"),
    (_list_again, "listings and trades tell the same"),
    (_reserve_out_of_nothing, "listings and trades tell the same"),
    (_trade_out_of_nothing, "listings and trades tell the same"),
    (_complete_with_one_tick, "completed trades are ticked by both"),
    (_tick_twice_without_completing, "completed trades are ticked by both"),
    (_decline_in_silence, "answers to offers are written down"),
    (_hide_in_silence, "hidden listings are written down"),
]


@pytest.mark.parametrize(("plant", "name"), PLANTS)
def test_a_planted_fault_is_found(stall: Any, plant: Any, name: str) -> None:
    _, offer_id, listing_id = stall
    with transaction() as db_session:
        plant(db_session, offer_id, listing_id)
    assert name in _found()


def test_two_live_claims_on_one_listing_are_found_where_no_index_forbids_them(stall: Any) -> None:
    _, offer_id, listing_id = stall
    session = db.session()
    session.rollback()
    session.connection(execution_options={"swapmeet_writes": True})
    try:
        session.execute(text("DROP INDEX uq_trade_claim_live"))
        claim = TradeClaim(event_id=stall[0].event_id, listing_id=listing_id, offer_id=offer_id, claimed_at=utcnow())
        session.add(claim)
        session.flush()
        names = {query.name for query in QUERIES if query.find(session, utcnow())}
    finally:
        session.rollback()
    assert "no listing in two trades" in names
