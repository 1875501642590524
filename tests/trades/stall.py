"""What the tests of trades need again and again: listings, offers, small pictures."""

from io import BytesIO
from typing import Any

from PIL import Image

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries, rules
from swapmeet.trades.models import Listing, Offer
from swapmeet.trades.services import listings, offers

SAYS = {
    "title": "Walnut ladder-back chairs, pair",
    "category": "furniture",
    "scale": "1-12",
    "condition": "excellent",
    "completeness": "complete",
    "intent": "trade",
    "wants": "a hen house",
    "description": "Turned by hand.",
    "price_minor": None,
}


def says(**changes: Any) -> listings.Says:
    return listings.Says(**{**SAYS, **changes})


def form_of(**changes: Any) -> dict[str, Any]:
    """What the listing form sends."""
    values = {**SAYS, "is_mine": "y", "key": "k1", "price": "", **changes}
    values.pop("price_minor")
    return values


def list_thing(world: Any, key: str, *, is_listed: bool = True, **changes: Any) -> int:
    """A listing of one of the cast; returns its id."""
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        by = Actor.person(world.ids[key])
        listing = listings.write_draft(
            db_session, event=event, owner_id=world.ids[key], says=says(**changes), by=by, now=utcnow()
        )
        if is_listed:
            owner = db_session.get_one(Person, world.ids[key])
            listings.publish_listing(db_session, event=event, listing=listing, owner=owner, by=by, now=utcnow())
        return listing.id


def offer_of(world: Any, maker: str, other: str, *, give: list[int], take: list[int], note: str = "") -> int:
    """An open offer; returns its id."""
    with transaction() as db_session:
        offer = offers.make_offer(
            db_session,
            event=db_session.get_one(Event, world.event_id),
            from_id=world.ids[maker],
            to_id=world.ids[other],
            terms=offers.Terms(give, take, note),
            by=Actor.person(world.ids[maker]),
            now=utcnow(),
        )
        return offer.id


def accept(world: Any, key: str, offer_id: int) -> None:
    with transaction() as db_session:
        offer = queries.get_offer(db_session, offer_id, person_id=world.ids[key])
        seen = rules.versions_seen((item.listing_id, item.listing.version) for item in offer.items)
        offers.accept_offer(
            db_session, offer=offer, person_id=world.ids[key], seen=seen, by=Actor.person(world.ids[key]), now=utcnow()
        )


def agreed_trade(world: Any) -> tuple[int, int, int]:
    """Tess gives her chairs for Tom's wagon, agreed: (offer, chairs, wagon)."""
    chairs = list_thing(world, "tess")
    wagon = list_thing(world, "tom", title="Hay wagon", category="vehicle", wants="chairs")
    offer_id = offer_of(world, "tess", "tom", give=[chairs], take=[wagon])
    accept(world, "tom", offer_id)
    return offer_id, chairs, wagon


def listing_state(listing_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Listing, listing_id).state.value


def offer_state(offer_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Offer, offer_id).state.value


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    target = BytesIO()
    Image.new("RGB", size, (30, 120, 200)).save(target, kind, **options)
    return target.getvalue()
