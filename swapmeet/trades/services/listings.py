"""Listings: written as drafts, listed, changed, taken back, and over when their show is."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event, EventState
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries, rules, vocab
from swapmeet.trades.errors import BadListing, ListingBusy, ListingChanged, TooManyListings, TradesClosed
from swapmeet.trades.models import LISTING_MACHINE, Listing, ListingState
from swapmeet.trades.rounds.queries import list_locked
from swapmeet.trades.search_index import index_listing

CHANGEABLE = (ListingState.DRAFT, ListingState.LISTED, ListingState.WITHDRAWN)


@dataclass(frozen=True)
class Says:
    """What a listing says; the codes are those of vocab.py, the price is in the show's minor units."""

    title: str
    category: str
    scale: str
    condition: str
    completeness: str
    intent: str
    description: str = ""
    wants: str = ""
    price_minor: int | None = None


def write_draft(db_session: Session, *, event: Event, owner_id: int, says: Says, by: Actor, now: datetime) -> Listing:
    """A listing that only its owner sees yet. Raises TradesClosed, BadListing."""
    if queries.floor_of(event, now) not in (rules.Floor.SOON, rules.Floor.OPEN):
        raise TradesClosed("New listings are closed for this show.")
    _check(says)
    listing = Listing(
        event_id=event.id, owner_id=owner_id, created_at=now, changed_at=now, state=ListingState.DRAFT, **asdict(says)
    )
    db_session.add(listing)
    db_session.flush()
    record(db_session, now=now, by=by, verb="listing.drafted", subject=listing, target="draft")
    return listing


def publish_listing(
    db_session: Session, *, event: Event, listing: Listing, owner: Person, by: Actor, now: datetime
) -> None:
    """Show it to everybody, also again after it was taken back. Raises TradesClosed, TooManyListings, IllegalTransition.

    The owner's row is locked, so that two tabs cannot pass the show's limit together.
    """
    lock(db_session, [listing, owner])
    floor = queries.floor_of(event, now)
    if floor is rules.Floor.SOON:
        raise TradesClosed(
            "Listings are not open yet at this show. Your draft is kept.", opens_at=str(event.trades_open_at)
        )
    if floor is not rules.Floor.OPEN:
        raise TradesClosed("New listings are closed for this show. Your draft is kept.")
    if listing.hidden_at is not None:
        raise ListingBusy("The show's team has hidden this listing, so it cannot be listed.")
    terms = queries.get_terms(db_session, event_id=event.id)
    if queries.count_live(db_session, owner_id=owner.id, event_id=event.id) >= terms.max_live_listings:
        raise TooManyListings(
            f"You have {terms.max_live_listings} things listed at this show, and that is its limit. "
            "Take one back first; this one is kept as a draft.",
            limit=terms.max_live_listings,
        )
    _move(db_session, listing, ListingState.LISTED, by=by, now=now)
    listing.listed_at = now
    index_listing(db_session, listing)


def change_listing(
    db_session: Session, *, listing: Listing, says: Says, seen_version: int, by: Actor, now: datetime
) -> None:
    """Say it differently. Raises ListingChanged when it was saved since `seen_version`, ListingBusy, BadListing."""
    lock(db_session, listing)
    if listing.state not in CHANGEABLE:
        raise ListingBusy("This is part of an agreed trade, or has left already, so it stays as it was agreed on.")
    if listing.version != seen_version:
        raise ListingChanged(
            "This listing was changed in another window since you opened it. Reload the page to see it; "
            "copy what you typed first."
        )
    _check(says)
    changed = sorted(name for name, value in asdict(says).items() if getattr(listing, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(listing, name, getattr(says, name))
    listing.version += 1
    listing.changed_at = now
    db_session.flush()
    if listing.state is ListingState.LISTED:
        index_listing(db_session, listing)
    record(db_session, now=now, by=by, verb="listing.changed", subject=listing, fields=changed)


def withdraw_listing(db_session: Session, *, listing: Listing, by: Actor, now: datetime, reason: str = "") -> None:
    """Take it back. It can be listed again. Raises ListingBusy while it is promised to somebody."""
    lock(db_session, listing)
    if listing.state is ListingState.RESERVED:
        raise ListingBusy("It is promised in an agreed trade. Call the trade off first, on its own page.")
    if list_locked(db_session, [listing.id]):
        raise ListingBusy("It is in a trade round whose list is fixed. Say there that you keep it at home.")
    _move(db_session, listing, ListingState.WITHDRAWN, by=by, now=now, reason=reason)


def expire_listings(db_session: Session, *, now: datetime, limit: int = 500) -> int:
    """Tidy up: write down for shows that are over what everybody can see already. Returns how many."""
    statement = (
        select(Listing)
        .join(Event, Event.id == Listing.event_id)
        .where(
            Listing.state == ListingState.LISTED,
            (Event.state == EventState.CANCELED) | (Event.last_day <= (now + timedelta(days=1)).date()),
        )
        .options(joinedload(Listing.event))
        .order_by(Listing.id)
        .limit(limit)
    )
    over = [row for row in db_session.scalars(statement) if queries.floor_of(row.event, now) is rules.Floor.OVER]
    for listing in over:
        lock(db_session, listing)
        if listing.state is ListingState.LISTED:
            _move(db_session, listing, ListingState.EXPIRED, by=Actor.job("trades.tidy"), now=now)
    return len(over)


def _move(
    db_session: Session, listing: Listing, target: ListingState, *, by: Actor, now: datetime, reason: str = ""
) -> None:
    origin = listing.state
    LISTING_MACHINE.check(origin, target)
    listing.state = target
    listing.changed_at = now
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"listing.{target.value}",
        subject=listing,
        origin=origin.value,
        target=target.value,
        reason=reason,
    )


def _check(says: Says) -> None:
    """The rules behind the form: codes from our lists, and what is wanted or asked is said."""
    if not says.title.strip():
        raise BadListing("Give it a title.", field="title")
    known = {
        "category": vocab.is_category(says.category),
        "scale": vocab.is_scale(says.scale),
        "condition": vocab.is_condition(says.condition),
        "completeness": says.completeness in vocab.COMPLETENESS,
        "intent": says.intent in set(vocab.Intent),
    }
    for name, is_known in known.items():
        if not is_known:
            raise BadListing("Choose one from the list.", field=name)
    faults = rules.listing_faults(intent=says.intent, wants=says.wants, price_minor=says.price_minor)
    if faults:
        raise BadListing(faults[0].message, field=faults[0].field)
