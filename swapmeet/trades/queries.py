"""Reads of trades, besides browsing (catalog.py)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from swapmeet.accounts.models import Person
from swapmeet.badges.queries import select_holder, select_holders
from swapmeet.events.models import Event, EventState
from swapmeet.events.queries import PUBLIC_STATES
from swapmeet.kernel.time import end_of_day
from swapmeet.trades import rules
from swapmeet.trades.consignment.models import Consignment, DeskState
from swapmeet.trades.errors import NoSuchListing, NoSuchOffer
from swapmeet.trades.exchanges.models import Exchange, ExchangeState
from swapmeet.trades.models import (
    HOLD_HOURS,
    MAX_LIVE_LISTINGS,
    Block,
    Listing,
    ListingPhoto,
    ListingState,
    Message,
    Offer,
    OfferItem,
    OfferState,
    Report,
    ReportState,
    TradeClaim,
    TradeSettings,
)
from swapmeet.trades.vocab import Intent

SEEN_BY_ALL = (ListingState.LISTED, ListingState.RESERVED, ListingState.TRADED)
LIVE_LISTINGS = (ListingState.LISTED, ListingState.RESERVED)


@dataclass(frozen=True)
class Terms:
    """How trades run at a show: its settings, or the defaults where nobody set any."""

    max_live_listings: int = MAX_LIVE_LISTINGS
    hold_hours: int = HOLD_HOURS
    desk_text: str = ""
    why_off: str = ""


def get_terms(db_session: Session, *, event_id: int) -> Terms:
    row = db_session.get(TradeSettings, event_id)
    return Terms(row.max_live_listings, row.hold_hours, row.desk_text, row.why_off) if row else Terms()


def ends_at(event: Event) -> datetime:
    """The end of the show's last day, on its own clock."""
    return end_of_day(event.last_day, event.time_zone)


def floor_of(event: Event, now: datetime) -> rules.Floor:
    """Whether the show takes listings, only offers, or nothing at the moment."""
    return rules.floor_of(
        enabled=event.trades_enabled,
        is_published=event.state is EventState.PUBLISHED,
        opens_at=event.trades_open_at,
        closes_at=event.trades_close_at,
        ends_at=ends_at(event),
        now=now,
    )


def list_trading_events(db_session: Session, *, now: datetime) -> list[Event]:
    """Published shows with trades that are not over, the next one first."""
    statement = (
        select(Event)
        .where(
            Event.state == EventState.PUBLISHED,
            Event.trades_enabled.is_(True),
            Event.last_day >= (now - timedelta(days=1)).date(),
        )
        .order_by(Event.first_day, Event.id)
    )
    return [event for event in db_session.scalars(statement) if now < ends_at(event)]


def is_seen_by(listing: Listing, person_id: int | None) -> bool:
    """Owners see their own in any state; everybody else what is listed or was traded, unless it is hidden."""
    if person_id is not None and listing.owner_id == person_id:
        return True
    is_public = listing.event.state in PUBLIC_STATES and listing.event.trades_enabled
    return is_public and listing.hidden_at is None and listing.state in SEEN_BY_ALL


def get_listing(db_session: Session, listing_id: int, *, viewer_id: int | None) -> Listing:
    """With its show, owner and photos. Raises NoSuchListing for what the viewer may not see."""
    statement = (
        select(Listing)
        .where(Listing.id == listing_id)
        .options(
            joinedload(Listing.event),
            joinedload(Listing.owner),
            selectinload(Listing.photos).options(joinedload(ListingPhoto.large), joinedload(ListingPhoto.small)),
        )
    )
    listing = db_session.scalar(statement)
    if listing is None or not is_seen_by(listing, viewer_id):
        raise NoSuchListing("There is no such listing. It may have been taken back.")
    return listing


def get_own_listing(db_session: Session, listing_id: int, *, owner_id: int) -> Listing:
    """Raises NoSuchListing for other people's."""
    listing = get_listing(db_session, listing_id, viewer_id=owner_id)
    if listing.owner_id != owner_id:
        raise NoSuchListing("There is no such listing among yours.")
    return listing


def get_own_photo(listing: Listing, photo_id: int) -> ListingPhoto:
    """Raises NoSuchListing for a photo of another listing."""
    for photo in listing.photos:
        if photo.id == photo_id:
            return photo
    raise NoSuchListing("There is no such photo.")


def my_listings(*, owner_id: int, states: Collection[ListingState] | None = None) -> Select[Listing]:
    """Newest first, with their shows."""
    statement = select(Listing).where(Listing.owner_id == owner_id).options(joinedload(Listing.event))
    if states is not None:
        statement = statement.where(Listing.state.in_(states))
    return statement.order_by(Listing.id.desc())


def list_tradeable(
    db_session: Session,
    *,
    owner_id: int,
    event_id: int,
    but_not: Collection[int] = (),
    only_things: bool = False,
    limit: int = 200,
) -> list[Listing]:
    """What a person has on offer at a show, by title. `only_things` leaves out wanted notices: nobody can hand them over."""
    statement = (
        select(Listing)
        .where(
            Listing.owner_id == owner_id,
            Listing.event_id == event_id,
            Listing.state == ListingState.LISTED,
            Listing.hidden_at.is_(None),
            Listing.id.not_in(but_not),
            *((Listing.intent != Intent.WANTED,) if only_things else ()),
        )
        .order_by(Listing.title, Listing.id)
        .limit(limit)
    )
    return list(db_session.scalars(statement))


def count_live(db_session: Session, *, owner_id: int, event_id: int) -> int:
    """How many listings of a person count against the show's limit."""
    statement = select(func.count(Listing.id)).where(
        Listing.owner_id == owner_id, Listing.event_id == event_id, Listing.state.in_(LIVE_LISTINGS)
    )
    return db_session.scalar(statement) or 0


@cache
def _on_offer() -> Any:
    """Built once: this stands on every show's page."""
    things = select(func.count(Listing.id)).where(
        Listing.event_id == bindparam("event_id"), Listing.state == ListingState.LISTED, Listing.hidden_at.is_(None)
    )
    exchanges = select(func.count(Exchange.id)).where(
        Exchange.event_id == bindparam("event_id"), Exchange.state.in_([ExchangeState.OPEN, ExchangeState.DRAWN])
    )
    desks = select(func.count(Consignment.id)).where(
        Consignment.event_id == bindparam("event_id"), Consignment.state == DeskState.OPEN
    )
    return select(things.scalar_subquery(), exchanges.scalar_subquery(), desks.scalar_subquery())


def count_on_offer(db_session: Session, *, event_id: int) -> tuple[int, int, int]:
    """Things to trade at a show, exchanges that are not over, and open bring and buy desks, for its public page. One statement."""
    things, exchanges, desks = db_session.execute(_on_offer(), {"event_id": event_id}).one()
    return things, exchanges, desks


def find_badge_holder(db_session: Session, *, event_id: int, text: str) -> int | None:
    """The account of whoever has the badge with this code, if they have one."""
    return db_session.scalar(select_holder(event_id, text))


def find_trader(db_session: Session, *, event_id: int, text: str) -> int | None:
    """The account of whoever has a badge with this code, or this mail address and a badge or a listing at the show."""
    person_id = find_badge_holder(db_session, event_id=event_id, text=text)
    if person_id is not None or "@" not in text:
        return person_id
    listed = select(Listing.owner_id).where(Listing.event_id == event_id)
    comes = or_(Person.id.in_(listed), Person.id.in_(select_holders(event_id)))
    return db_session.scalar(select(Person.id).where(func.lower(Person.email) == text.strip().lower(), comes))


def find_visitor(db_session: Session, *, event_id: int, text: str) -> tuple[int | None, str]:
    """(account, name) of whoever stands at a desk: by their badge, else a guest who is called what was typed."""
    person_id = find_badge_holder(db_session, event_id=event_id, text=text)
    person = db_session.get(Person, person_id) if person_id else None
    return person_id, person.name if person else text


def name_of(db_session: Session, person_id: int) -> str:
    """What a person is called where others see it."""
    person = db_session.get(Person, person_id)
    return (person.name if person else "") or "A guest"


def count_by_state(db_session: Session, *, event_id: int) -> dict[ListingState, int]:
    statement = (
        select(Listing.state, func.count(Listing.id)).where(Listing.event_id == event_id).group_by(Listing.state)
    )
    return {row[0]: row[1] for row in db_session.execute(statement)}


def _mine(person_id: int) -> ColumnElement[bool]:
    return or_(Offer.from_id == person_id, Offer.to_id == person_id)


def _with_parts(statement: Select[Offer]) -> Select[Offer]:
    return statement.options(
        joinedload(Offer.event),
        joinedload(Offer.from_person),
        joinedload(Offer.to_person),
        selectinload(Offer.items).joinedload(OfferItem.listing),
    )


def get_offer(db_session: Session, offer_id: int, *, person_id: int) -> Offer:
    """With people and items. Raises NoSuchOffer for anybody but the two."""
    offer = db_session.scalar(_with_parts(select(Offer).where(Offer.id == offer_id, _mine(person_id))))
    if offer is None:
        raise NoSuchOffer("There is no such offer among yours.")
    return offer


def my_offers(*, person_id: int) -> Select[Offer]:
    """All offers of a person, made and received, newest first."""
    return _with_parts(select(Offer).where(_mine(person_id))).order_by(Offer.id.desc())


def list_open_offers(db_session: Session, *, person_id: int, now: datetime, limit: int = 100) -> list[Offer]:
    """Offers that wait for an answer, to or from this person, oldest deadline first."""
    statement = select(Offer).where(_mine(person_id), Offer.state == OfferState.OPEN, Offer.expires_at > now)
    return list(db_session.scalars(_with_parts(statement).order_by(Offer.expires_at, Offer.id).limit(limit)))


def list_agreed(db_session: Session, *, person_id: int, now: datetime, limit: int = 100) -> list[Offer]:
    """Trades that are agreed and not yet done, oldest first."""
    alive = or_(Offer.expires_at > now, Offer.from_done_at.is_not(None), Offer.to_done_at.is_not(None))
    statement = select(Offer).where(_mine(person_id), Offer.state == OfferState.ACCEPTED, alive)
    return list(db_session.scalars(_with_parts(statement).order_by(Offer.id).limit(limit)))


def has_open_offer(
    db_session: Session, *, from_id: int, to_id: int, listing_ids: Collection[int], now: datetime
) -> bool:
    """Does this person have an unanswered offer to the other for exactly these things?"""
    statement = select(Offer).where(
        Offer.from_id == from_id, Offer.to_id == to_id, Offer.state == OfferState.OPEN, Offer.expires_at > now
    )
    wanted = set(listing_ids)
    offers = db_session.scalars(statement.options(selectinload(Offer.items)))
    return any({item.listing_id for item in offer.items} == wanted for offer in offers)


def list_live_claims(db_session: Session, listing_ids: Collection[int]) -> list[TradeClaim]:
    """Claims that are not released, by listing id."""
    statement = select(TradeClaim).where(TradeClaim.listing_id.in_(listing_ids), TradeClaim.released_at.is_(None))
    return list(db_session.scalars(statement.order_by(TradeClaim.listing_id)))


def messages_of(*, thread_id: int) -> Select[Message]:
    """Newest first, with their senders."""
    return (
        select(Message)
        .where(Message.thread_id == thread_id)
        .options(joinedload(Message.sender))
        .order_by(Message.id.desc())
    )


def are_blocked(db_session: Session, one_id: int, other_id: int) -> bool:
    """Has either blocked the other?"""
    pair = or_(
        and_(Block.blocker_id == one_id, Block.blocked_id == other_id),
        and_(Block.blocker_id == other_id, Block.blocked_id == one_id),
    )
    return db_session.scalar(select(Block.id).where(pair).limit(1)) is not None


def list_strangers(db_session: Session, person_id: int | None) -> list[int]:
    """People whose things are kept out of this person's lists: blocked by them, or who blocked them."""
    if person_id is None:
        return []
    statement = select(Block.blocker_id, Block.blocked_id).where(
        or_(Block.blocker_id == person_id, Block.blocked_id == person_id)
    )
    return sorted({other for pair in db_session.execute(statement) for other in pair if other != person_id})


def list_blocks(db_session: Session, *, blocker_id: int) -> Sequence[Block]:
    """Whom a person has blocked, newest first."""
    statement = select(Block).where(Block.blocker_id == blocker_id).options(joinedload(Block.blocked))
    return db_session.scalars(statement.order_by(Block.id.desc())).all()


def reports_of(*, event_id: int, states: Collection[ReportState]) -> Select[Report]:
    """Reports of a show, oldest first; with what they are about."""
    statement = select(Report).where(Report.event_id == event_id, Report.state.in_(states))
    parts = (joinedload(Report.listing), joinedload(Report.person), joinedload(Report.reporter))
    return statement.options(*parts).order_by(Report.id)


def list_hidden(db_session: Session, *, event_id: int, limit: int = 100) -> list[Listing]:
    """Listings the team has hidden, the latest first."""
    statement = select(Listing).where(Listing.event_id == event_id, Listing.hidden_at.is_not(None))
    return list(db_session.scalars(statement.order_by(Listing.hidden_at.desc(), Listing.id.desc()).limit(limit)))


def find_report(db_session: Session, report_id: int, *, event_id: int) -> Report | None:
    return db_session.scalar(select(Report).where(Report.id == report_id, Report.event_id == event_id))


def count_open_reports(db_session: Session, *, event_id: int) -> int:
    statement = select(func.count(Report.id)).where(Report.event_id == event_id, Report.state == ReportState.OPEN)
    return db_session.scalar(statement) or 0


def find_answer_id(db_session: Session, *, offer_id: int) -> int | None:
    """The offer that answers this one, if there is one."""
    return db_session.scalar(select(Offer.id).where(Offer.parent_id == offer_id).order_by(Offer.id.desc()).limit(1))
