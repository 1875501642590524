"""Sixteen accepts from two processes, all sharing one listing: one trade is agreed, whole; everybody else keeps everything."""

from collections import Counter
from pathlib import Path

from sqlalchemy import func, select, text

from swapmeet.accounts.models import Person
from swapmeet.config import Settings
from swapmeet.factory import create_app
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades import doctor, queries, rules
from swapmeet.trades.errors import ItemsTaken, OfferClosed
from swapmeet.trades.models import Listing, ListingState, Offer, OfferState, TradeClaim
from swapmeet.trades.services import listings, offers, settling
from tests import factories
from tests.support.databases import make_settings
from tests.support.processes import race

RACERS = 16
SAYS = listings.Says(
    title="Thing",
    category="furniture",
    scale="1-12",
    condition="good",
    completeness="complete",
    intent="trade",
    wants="a lot",
)


def _thing(event_id: int, owner_id: int) -> int:
    from swapmeet.events.models import Event

    db_session = db.session()
    event, owner = db_session.get_one(Event, event_id), db_session.get_one(Person, owner_id)
    by = Actor.person(owner_id)
    listing = listings.write_draft(db_session, event=event, owner_id=owner_id, says=SAYS, by=by, now=utcnow())
    listings.publish_listing(db_session, event=event, listing=listing, owner=owner, by=by, now=utcnow())
    return listing.id


def fill(settings: Settings) -> list[tuple[int, int]]:
    """Tess has one bed and a chair for each of sixteen people, who each offer a wagon for the bed and their chair.

    Returns (offer, Tess) for each.
    """
    app = create_app(settings)
    with app.app_context():
        with transaction() as db_session:
            event = factories.event(db_session, organizer=factories.organizer(db_session))
            tess = factories.person(db_session, "Tess Trader")
            bed = _thing(event.id, tess.id)
            made = []
            for number in range(RACERS):
                other = factories.person(db_session, f"Trader Number{number}")
                # the chair has a higher id than the bed for some and a lower one would need another order: mix both
                pair = [bed, _thing(event.id, tess.id)]
                terms = offers.Terms([_thing(event.id, other.id)], pair if number % 2 else pair[::-1])
                offer = offers.make_offer(
                    db_session,
                    event=event,
                    from_id=other.id,
                    to_id=tess.id,
                    terms=terms,
                    by=Actor.person(other.id),
                    now=utcnow(),
                )
                made.append((offer.id, tess.id))
        db.engine.dispose()
    return made


def accept(number: int, made: list[tuple[int, int]]) -> str:
    """Look at the offer as its page does, then accept it."""
    offer_id, person_id = made[number]
    seen = _seen(offer_id, person_id)
    try:
        with transaction() as db_session:
            offer = queries.get_offer(db_session, offer_id, person_id=person_id)
            offers.accept_offer(
                db_session, offer=offer, person_id=person_id, seen=seen, by=Actor.person(person_id), now=utcnow()
            )
    except (ItemsTaken, OfferClosed):
        return "lost"
    return "won"


def _seen(offer_id: int, person_id: int) -> str:
    offer = queries.get_offer(db.session(), offer_id, person_id=person_id)
    return rules.versions_seen((item.listing_id, item.listing.version) for item in offer.items)


def accept_the_same(number: int, made: list[tuple[int, int]]) -> str:
    """A double click of sixteen tabs on one offer."""
    return accept(0, made)


def accept_or_call_off(number: int, made: list[tuple[int, int]]) -> str:
    """Half accept theirs, half call the first one off as soon as it is agreed."""
    if number % 2 == 0:
        return accept(number, made)
    offer_id, person_id = made[0]
    try:
        with transaction() as db_session:
            offer = queries.get_offer(db_session, offer_id, person_id=person_id)
            settling.call_off(
                db_session, offer=offer, person_id=person_id, reason="", by=Actor.person(person_id), now=utcnow()
            )
    except OfferClosed:
        return "not agreed"
    return "called off"


def _faults(settings: Settings) -> list[str]:
    """What the doctor says about trades."""
    app = create_app(settings)
    with app.app_context():
        found = [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]
        db.session.remove()
        db.engine.dispose()
    return found


def _counts(settings: Settings) -> dict[str, int]:
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        counts = {
            "agreed": session.scalar(select(func.count(Offer.id)).where(Offer.state == OfferState.ACCEPTED)),
            "claims": session.scalar(select(func.count(TradeClaim.id)).where(TradeClaim.released_at.is_(None))),
            "reserved": session.scalar(select(func.count(Listing.id)).where(Listing.state == ListingState.RESERVED)),
        }
        db.session.remove()
        db.engine.dispose()
    return {name: int(count or 0) for name, count in counts.items()}


def test_r_t57_of_accepts_that_share_a_listing_one_wins_and_wins_whole(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    made = fill(settings)
    results = race(accept, settings, processes=2, threads=8, arguments=(made,))
    assert Counter(results) == {"won": 1, "lost": RACERS - 1}
    assert _counts(settings) == {"agreed": 1, "claims": 3, "reserved": 3}
    assert _faults(settings) == []


def test_sixteen_clicks_on_one_offer_agree_once(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    made = fill(settings)
    results = race(accept_the_same, settings, processes=2, threads=8, arguments=(made,))
    assert Counter(results) == {"won": 1, "lost": RACERS - 1}
    assert _counts(settings) == {"agreed": 1, "claims": 3, "reserved": 3}


def test_accepting_and_calling_off_at_once_leaves_no_half_trade(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance")
    made = fill(settings)
    race(accept_or_call_off, settings, processes=2, threads=8, arguments=(made,))
    counts = _counts(settings)
    assert counts["agreed"] <= 1 and counts["claims"] == counts["reserved"] == 3 * counts["agreed"]
    assert _faults(settings) == []


def test_r_t57_control_without_the_guard_several_win(schema_database: str, tmp_path: Path) -> None:
    settings = make_settings(schema_database, tmp_path / "instance", unsafe_no_guard=True)
    made = fill(settings)
    app = create_app(settings)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(text("DROP INDEX uq_trade_claim_live"))
        db.engine.dispose()
    results = race(accept, settings, processes=2, threads=8, arguments=(made,))
    assert Counter(results)["won"] > 1
    assert any("live trades" in fault for fault in _faults(settings))
