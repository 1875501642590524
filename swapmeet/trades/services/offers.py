"""Offers of items for items: made, countered, answered. Accepting reserves everything in it, or nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import guard_is_on, lock, lock_ids, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.trades import mail, queries, rules
from swapmeet.trades.errors import (
    BadOffer,
    ItemsTaken,
    ListingChanged,
    NoSuchListing,
    OfferClosed,
    PersonBlocked,
    TradesClosed,
)
from swapmeet.trades.models import (
    OFFER_MACHINE,
    Listing,
    ListingState,
    Offer,
    OfferItem,
    OfferState,
    Side,
    Thread,
    TradeClaim,
)
from swapmeet.trades.rounds.queries import list_locked
from swapmeet.trades.vocab import Intent


@dataclass(frozen=True)
class Terms:
    """What an offer says: listing ids as chosen on each side, and a note."""

    give: Sequence[int]
    take: Sequence[int]
    note: str = ""


def make_offer(
    db_session: Session, *, event: Event, from_id: int, to_id: int, terms: Terms, by: Actor, now: datetime
) -> Offer:
    """Ask for some of another's things. Raises TradesClosed, PersonBlocked, BadOffer, ItemsTaken, OfferClosed."""
    _check_offers_go_on(event, now)
    if from_id == to_id:
        raise BadOffer("These things are your own.")
    _check_not_blocked(db_session, from_id, to_id)
    listings = _pick(db_session, event=event, from_id=from_id, to_id=to_id, terms=terms)
    ids = [*terms.give, *terms.take]
    if queries.has_open_offer(db_session, from_id=from_id, to_id=to_id, listing_ids=ids, now=now):
        raise OfferClosed("You have made this very offer already, and it still waits for an answer.")
    offer = _add_offer(db_session, event, from_id, to_id, terms, listings, now=now, parent=None)
    record(db_session, now=now, by=by, verb="offer.made", subject=offer, target="open")
    mail.queue_offer_received(db_session, offer, now=now)
    return offer


def counter_offer(
    db_session: Session, *, offer: Offer, person_id: int, terms: Terms, by: Actor, now: datetime
) -> Offer:
    """Answer an offer with another one, the other way round. Raises OfferClosed and what `make_offer` raises."""
    _check_offers_go_on(offer.event, now)
    lock(db_session, offer)
    _check_answerable(offer, person_id, now)
    _check_not_blocked(db_session, offer.from_id, offer.to_id)
    listings = _pick(db_session, event=offer.event, from_id=offer.to_id, to_id=offer.from_id, terms=terms)
    if {(row.listing_id, row.side) for row in offer.items} == {
        *((listing_id, Side.TAKE) for listing_id in terms.give),
        *((listing_id, Side.GIVE) for listing_id in terms.take),
    }:
        raise BadOffer("This is the offer you got, unchanged. Accept it, or change something.")
    _close(db_session, offer, OfferState.COUNTERED, by=by, now=now, closed_by=person_id)
    answer = _add_offer(db_session, offer.event, offer.to_id, offer.from_id, terms, listings, now=now, parent=offer)
    record(db_session, now=now, by=by, verb="offer.made", subject=answer, target="open", answers=offer.id)
    mail.queue_offer_received(db_session, answer, now=now)
    return answer


def accept_offer(db_session: Session, *, offer: Offer, person_id: int, seen: str, by: Actor, now: datetime) -> None:
    """Agree: every listing of the offer is reserved, or none is. `seen` is what the page showed (rules.versions_seen).

    The offer's row is locked first, then its listings in ascending id, so two accepts that share one never deadlock.
    Raises OfferClosed, ListingChanged, BadOffer, ItemsTaken, TradesClosed, PersonBlocked.
    """
    _check_offers_go_on(offer.event, now)
    lock(db_session, offer)
    _check_answerable(offer, person_id, now)
    _check_not_blocked(db_session, offer.from_id, offer.to_id)
    ids = sorted(item.listing_id for item in offer.items)
    if guard_is_on():
        listings = lock_ids(db_session, Listing, ids)
        _check_unchanged(listings, seen)
        _check_still_things(listings)
        _reserve(db_session, offer, listings, now)
    else:
        _reserve_without_guard(db_session, offer, ids, now)
    offer.agreed_at = now
    terms = queries.get_terms(db_session, event_id=offer.event_id)
    offer.expires_at = rules.hand_over_by(now=now, hold_hours=terms.hold_hours, ends_at=queries.ends_at(offer.event))
    move_offer(db_session, offer, OfferState.ACCEPTED, by=by, now=now, listings=ids)
    mail.queue_offer_answered(db_session, offer, now=now)


def decline_offer(db_session: Session, *, offer: Offer, person_id: int, note: str, by: Actor, now: datetime) -> None:
    """No, thank you. Raises OfferClosed."""
    lock(db_session, offer)
    _check_answerable(offer, person_id, now)
    offer.close_note = note
    _close(db_session, offer, OfferState.DECLINED, by=by, now=now, closed_by=person_id)
    mail.queue_offer_answered(db_session, offer, now=now)


def withdraw_offer(db_session: Session, *, offer: Offer, person_id: int, by: Actor, now: datetime) -> None:
    """The one who made it takes it back before it is answered. Raises OfferClosed."""
    lock(db_session, offer)
    if offer.from_id != person_id or offer.state is not OfferState.OPEN:
        raise OfferClosed("This offer cannot be taken back any more. The page shows where it stands.")
    _close(db_session, offer, OfferState.WITHDRAWN, by=by, now=now, closed_by=person_id)


def expire_offers(db_session: Session, *, now: datetime, limit: int = 500) -> int:
    """Tidy up: write down what time has decided already for offers that nobody answered. Returns how many."""
    statement = (
        select(Offer).where(Offer.state == OfferState.OPEN, Offer.expires_at <= now).order_by(Offer.id).limit(limit)
    )
    offers = list(db_session.scalars(statement))
    for offer in offers:
        lock(db_session, offer)
        if offer.state is OfferState.OPEN:
            _close(db_session, offer, OfferState.EXPIRED, by=Actor.job("trades.tidy"), now=now, closed_by=None)
    return len(offers)


def move_offer(
    db_session: Session,
    offer: Offer,
    target: OfferState,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> None:
    """The one place that moves an offer's state, with its audit entry."""
    origin = offer.state
    OFFER_MACHINE.check(origin, target)
    offer.state = target
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"offer.{target.value}",
        subject=offer,
        origin=origin.value,
        target=target.value,
        reason=reason,
        **facts,
    )


def _close(
    db_session: Session, offer: Offer, target: OfferState, *, by: Actor, now: datetime, closed_by: int | None
) -> None:
    offer.closed_at, offer.closed_by_id = now, closed_by
    move_offer(db_session, offer, target, by=by, now=now)


def _check_offers_go_on(event: Event, now: datetime) -> None:
    floor = queries.floor_of(event, now)
    if floor is rules.Floor.OFF:
        raise TradesClosed("This show has no trades.")
    if floor is rules.Floor.OVER:
        raise TradesClosed("The show is over, so nothing more can be agreed here.")


def _check_not_blocked(db_session: Session, one_id: int, other_id: int) -> None:
    if queries.are_blocked(db_session, one_id, other_id):
        raise PersonBlocked("You two cannot make offers to each other.")


def _check_answerable(offer: Offer, person_id: int, now: datetime) -> None:
    if offer.to_id != person_id or offer.state is not OfferState.OPEN:
        raise OfferClosed("This offer has been answered or taken back. The page shows where it stands.")
    if rules.has_lapsed(expires_at=offer.expires_at, has_tick=False, now=now):
        raise OfferClosed("The time to answer this offer is over. Make a new one if you still like it.")


def _pick(db_session: Session, *, event: Event, from_id: int, to_id: int, terms: Terms) -> dict[int, Listing]:
    """The listings of an offer by id. Raises BadOffer for a wrong shape, ItemsTaken for things that are not on offer now."""
    ids = [*terms.give, *terms.take]
    statement = select(Listing).where(Listing.id.in_(ids), Listing.event_id == event.id)
    listings = {row.id: row for row in db_session.scalars(statement)}
    owners = {**dict.fromkeys(terms.give, from_id), **dict.fromkeys(terms.take, to_id)}
    if any(
        listing_id not in listings or listings[listing_id].owner_id != owner for listing_id, owner in owners.items()
    ):
        raise NoSuchListing("One of these things is not there.")
    intents = [listings[listing_id].intent for listing_id in terms.take]
    fault = rules.offer_fault(give=terms.give, take=terms.take, take_intents=intents)
    if fault is not None:
        raise BadOffer(fault, field="give")
    _check_things(listings, terms)
    _check_free(listings.values())
    _check_not_in_round(db_session, listings.values())
    return listings


def _check_things(listings: Mapping[int, Listing], terms: Terms) -> None:
    """A wanted notice says what somebody looks for: nobody can give it, and nobody can ask for it."""
    if any(listings[listing_id].intent == Intent.WANTED for listing_id in terms.give):
        raise BadOffer("A wanted notice is no thing to give. Choose something you have.", field="give")
    if any(listings[listing_id].intent == Intent.WANTED for listing_id in terms.take):
        raise BadOffer("A wanted notice is no thing to ask for. Choose something they have.", field="take")


def _check_still_things(listings: Collection[Listing]) -> None:
    """A listing may have become a wanted notice after the offer was made."""
    titles = ", ".join(row.title for row in listings if row.intent == Intent.WANTED)
    if titles:
        raise BadOffer(f"Now a wanted notice and no thing to hand over: {titles}. Nothing was reserved.")


def _check_free(listings: Collection[Listing]) -> None:
    gone = [row for row in listings if row.state is not ListingState.LISTED or row.hidden_at is not None]
    if gone:
        titles = ", ".join(row.title for row in gone)
        raise ItemsTaken(f"No longer to be had: {titles}. Nothing was reserved.", listings=[row.id for row in gone])


def _check_not_in_round(db_session: Session, listings: Collection[Listing]) -> None:
    """A trade round holds what is in it from the moment its list is fixed until it is over."""
    held = list_locked(db_session, [row.id for row in listings])
    if held:
        titles = ", ".join(row.title for row in listings if row.id in held)
        raise ItemsTaken(
            f"In a trade round whose list is fixed: {titles}. Nothing was reserved.", listings=sorted(held)
        )


def _check_unchanged(listings: Collection[Listing], seen: str) -> None:
    if rules.versions_seen((row.id, row.version) for row in listings) != seen:
        raise ListingChanged(
            "Something in this offer has been changed since you opened the page. Look at it again before you accept."
        )


def _add_offer(
    db_session: Session,
    event: Event,
    from_id: int,
    to_id: int,
    terms: Terms,
    listings: dict[int, Listing],
    *,
    now: datetime,
    parent: Offer | None,
) -> Offer:
    hold_hours = queries.get_terms(db_session, event_id=event.id).hold_hours
    offer = Offer(
        event_id=event.id,
        parent_id=parent.id if parent else None,
        thread_id=_thread_id(db_session, event.id, from_id, to_id, now),
        from_id=from_id,
        to_id=to_id,
        state=OfferState.OPEN,
        note=terms.note,
        created_at=now,
        expires_at=rules.answer_by(now=now, hold_hours=hold_hours),
    )
    db_session.add(offer)
    db_session.flush()
    sides = [(listing_id, Side.GIVE) for listing_id in terms.give] + [
        (listing_id, Side.TAKE) for listing_id in terms.take
    ]
    for listing_id, side in sides:
        version = listings[listing_id].version
        row = OfferItem(event_id=event.id, offer_id=offer.id, listing_id=listing_id, side=side, listing_version=version)
        db_session.add(row)
    db_session.flush()
    return offer


def _thread_id(db_session: Session, event_id: int, one_id: int, other_id: int, now: datetime) -> int:
    """The talk of these two at this show; opened when there is none."""
    low, high = sorted((one_id, other_id))
    statement = select(Thread.id).where(Thread.event_id == event_id, Thread.low_id == low, Thread.high_id == high)
    found = db_session.scalar(statement)
    if found is not None:
        return found
    thread = Thread(event_id=event_id, low_id=low, high_id=high, created_at=now)
    db_session.add(thread)
    db_session.flush()
    return thread.id


def _reserve(db_session: Session, offer: Offer, listings: Sequence[Listing], now: datetime) -> None:
    """All or none: lapsed claims let go, then every listing moves by a guarded write, then the claims are added.

    The check gives the friendly answer; the WHERE decides; the partial unique index makes two live claims impossible.
    """
    ids = [row.id for row in listings]
    release_lapsed(db_session, ids, now)
    _check_free(listings)
    _check_not_in_round(db_session, listings)
    moved = db_session.execute(
        update(Listing)
        .where(Listing.id.in_(ids), Listing.state == ListingState.LISTED, Listing.hidden_at.is_(None))
        .values(state=ListingState.RESERVED, changed_at=now)
        .execution_options(synchronize_session="fetch")
    )
    if not isinstance(moved, CursorResult) or moved.rowcount != len(offer.items):
        raise ItemsTaken("Something in this offer has just gone to somebody else. Nothing was reserved.")
    try:
        _add_claims(db_session, offer, ids, now)
    except IntegrityError as error:
        raise ItemsTaken("Something in this offer has just gone to somebody else. Nothing was reserved.") from error


def _reserve_without_guard(db_session: Session, offer: Offer, ids: Sequence[int], now: datetime) -> None:
    """The naive way (read, check, pause, write), for the control of the race tests only: two accepts must both win."""
    states = db_session.execute(select(Listing.state).where(Listing.id.in_(ids))).scalars()
    if any(state is not ListingState.LISTED for state in states):
        raise ItemsTaken("Something in this offer is no longer to be had. Nothing was reserved.")
    open_gap(db_session)
    plain = update(Listing).where(Listing.id.in_(ids)).values(state=ListingState.RESERVED, changed_at=now)
    db_session.execute(plain.execution_options(synchronize_session=False))
    _add_claims(db_session, offer, ids, now)


def _add_claims(db_session: Session, offer: Offer, ids: Sequence[int], now: datetime) -> None:
    for listing_id in ids:
        claim = TradeClaim(event_id=offer.event_id, listing_id=listing_id, offer_id=offer.id, claimed_at=now)
        db_session.add(claim)
    db_session.flush()


def release_lapsed(db_session: Session, listing_ids: Collection[int], now: datetime) -> None:
    """Free listings whose agreed trade ran out of time with no tick. Their rows must be locked by the caller.

    The lapsed offers themselves are written down by the tidying job: they must not be locked after listings.
    """
    claims = queries.list_live_claims(db_session, listing_ids)
    offers = {
        row.id: row
        for row in db_session.scalars(
            select(Offer)
            .where(Offer.id.in_({claim.offer_id for claim in claims}), Offer.state == OfferState.ACCEPTED)
            .execution_options(populate_existing=True)
        )
    }
    for claim in claims:
        held = offers.get(claim.offer_id)
        if held is not None and rules.has_lapsed(expires_at=held.expires_at, has_tick=held.has_tick, now=now):
            claim.released_at = now
            listing = db_session.get_one(Listing, claim.listing_id)
            listing.state = ListingState.LISTED
    db_session.flush()
