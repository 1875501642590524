"""Agreed trades: ticked as done by both sides, called off, or lapsed. The listings always go the same way together."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock, lock_ids
from swapmeet.kernel.actor import Actor
from swapmeet.trades import mail, rules
from swapmeet.trades.errors import OfferClosed
from swapmeet.trades.models import LISTING_MACHINE, Listing, ListingState, Offer, OfferState, TradeClaim
from swapmeet.trades.services.offers import move_offer


def tick_done(db_session: Session, *, offer: Offer, person_id: int, is_done: bool, by: Actor, now: datetime) -> None:
    """One side says the things have changed hands, or takes that back until the other has said so too.

    When both have, the trade is completed and its listings are traded. Saying it twice changes nothing. Raises OfferClosed.
    """
    listings = _lock_agreed(db_session, offer, now)
    mine = "from_done_at" if person_id == offer.from_id else "to_done_at"
    if (getattr(offer, mine) is not None) == is_done:
        return
    setattr(offer, mine, now if is_done else None)
    db_session.flush()
    verb = "offer.ticked" if is_done else "offer.unticked"
    record(db_session, now=now, by=by, verb=verb, subject=offer, side=mine.partition("_")[0])
    if offer.from_done_at is not None and offer.to_done_at is not None:
        _complete(db_session, offer, listings, by=by, now=now)
    elif is_done:
        mail.queue_tick(db_session, offer, to_id=_other(offer, person_id), now=now)


def call_off(db_session: Session, *, offer: Offer, person_id: int, reason: str, by: Actor, now: datetime) -> None:
    """Either side ends an agreed trade before both have ticked; everything in it is free again. Raises OfferClosed."""
    listings = _lock_agreed(db_session, offer, now)
    _free(db_session, offer, listings, by=by, now=now)
    offer.closed_at, offer.closed_by_id, offer.close_note = now, person_id, reason
    offer.from_done_at = offer.to_done_at = None
    move_offer(db_session, offer, OfferState.WITHDRAWN, by=by, now=now, reason=reason)
    mail.queue_called_off(db_session, offer, to_id=_other(offer, person_id), now=now)


def lapse_agreed(db_session: Session, *, now: datetime, limit: int = 200) -> int:
    """Tidy up agreed trades whose time is over with no tick: write down what time has decided. Returns how many."""
    statement = (
        select(Offer)
        .where(
            Offer.state == OfferState.ACCEPTED,
            Offer.expires_at <= now,
            Offer.from_done_at.is_(None),
            Offer.to_done_at.is_(None),
        )
        .order_by(Offer.id)
        .limit(limit)
    )
    offers = list(db_session.scalars(statement))
    for offer in offers:
        lock(db_session, offer)
        if offer.state is OfferState.ACCEPTED and not offer.has_tick:
            by = Actor.job("trades.tidy")
            _free(db_session, offer, _lock_listings(db_session, offer), by=by, now=now)
            offer.closed_at = now
            move_offer(db_session, offer, OfferState.EXPIRED, by=by, now=now)
    return len(offers)


def _lock_agreed(db_session: Session, offer: Offer, now: datetime) -> list[Listing]:
    """The offer's row first, then its listings. Raises OfferClosed unless it is agreed and its time is not over."""
    lock(db_session, offer)
    if offer.state is OfferState.COMPLETED:
        raise OfferClosed("Both of you have ticked this trade, so it is done.")
    listings = _lock_listings(db_session, offer)
    lapsed = rules.has_lapsed(expires_at=offer.expires_at, has_tick=offer.has_tick, now=now)
    if offer.state is not OfferState.ACCEPTED or lapsed:
        raise OfferClosed("This trade is not agreed any more. The page shows where it stands.")
    return listings


def _lock_listings(db_session: Session, offer: Offer) -> list[Listing]:
    return lock_ids(db_session, Listing, [item.listing_id for item in offer.items])


def _live_claims(db_session: Session, offer: Offer) -> list[TradeClaim]:
    statement = select(TradeClaim).where(TradeClaim.offer_id == offer.id, TradeClaim.released_at.is_(None))
    return list(db_session.scalars(statement.order_by(TradeClaim.listing_id)))


def _complete(db_session: Session, offer: Offer, listings: Sequence[Listing], *, by: Actor, now: datetime) -> None:
    for claim in _live_claims(db_session, offer):
        claim.settled_at = now
    for listing in listings:
        _move(db_session, listing, ListingState.TRADED, by=by, now=now, offer=offer)
    offer.closed_at = now
    move_offer(db_session, offer, OfferState.COMPLETED, by=by, now=now)


def _free(db_session: Session, offer: Offer, listings: Sequence[Listing], *, by: Actor, now: datetime) -> None:
    """Release what this offer still holds; a listing that was lent on after a lapse is not touched."""
    held = set()
    for claim in _live_claims(db_session, offer):
        claim.released_at = now
        held.add(claim.listing_id)
    db_session.flush()
    for listing in listings:
        if listing.id in held and listing.state is ListingState.RESERVED:
            _move(db_session, listing, ListingState.LISTED, by=by, now=now, offer=offer)


def _move(
    db_session: Session, listing: Listing, target: ListingState, *, by: Actor, now: datetime, offer: Offer
) -> None:
    origin = listing.state
    LISTING_MACHINE.check(origin, target)
    listing.state, listing.changed_at = target, now
    record(
        db_session,
        now=now,
        by=by,
        verb=f"listing.{target.value}",
        subject=listing,
        origin=origin.value,
        target=target.value,
        offer=offer.id,
    )


def _other(offer: Offer, person_id: int) -> int:
    return offer.to_id if person_id == offer.from_id else offer.from_id
