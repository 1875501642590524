"""What trades knows about a person: handed out to them, and erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, selectinload

from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries
from swapmeet.trades.models import (
    Block,
    Listing,
    ListingPhoto,
    ListingState,
    Message,
    Offer,
    OfferItem,
    OfferState,
    Report,
)
from swapmeet.trades.search_index import drop_from_index
from swapmeet.trades.services import listings as listing_services
from swapmeet.trades.services import offers as offer_services
from swapmeet.trades.services import photos, settling

GONE = "Removed"


class TradesData:
    """Listings with their photos, offers, messages and reports of one person; nobody else's words."""

    name = "trades"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """As plain lists, oldest first. Instants are ISO 8601 in UTC."""
        return {
            "listings": [_listing(row) for row in _listings(db_session, person_id)],
            "offers": [_offer(row, person_id) for row in _offers(db_session, person_id)],
            "messages": [
                {"sent_at": row.sent_at.isoformat(), "text": row.body}
                for row in db_session.scalars(
                    select(Message).where(Message.sender_id == person_id).order_by(Message.id)
                )
            ],
            "reports": [
                {"made_at": row.created_at.isoformat(), "reason": row.reason.value, "note": row.note}
                for row in db_session.scalars(select(Report).where(Report.reporter_id == person_id).order_by(Report.id))
            ],
            "blocked": [row.created_at.isoformat() for row in queries.list_blocks(db_session, blocker_id=person_id)],
        }

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Nothing the person wrote or showed stays; what they had agreed is called off, what was completed keeps its numbers."""
        by = Actor.job("personal data")
        _close_offers(db_session, person_id, by=by, now=now)
        for listing in _listings(db_session, person_id):
            _erase_listing(db_session, listing, by=by, now=now)
        plain = {"synchronize_session": False}
        mine = Offer.from_id == person_id
        db_session.execute(update(Offer).where(mine).values(note="").execution_options(**plain))
        closed = Offer.closed_by_id == person_id
        db_session.execute(update(Offer).where(closed).values(close_note="").execution_options(**plain))
        said = Message.sender_id == person_id
        db_session.execute(update(Message).where(said).values(body=GONE).execution_options(**plain))
        told = Report.reporter_id == person_id
        db_session.execute(update(Report).where(told).values(note="").execution_options(**plain))
        either = or_(Block.blocker_id == person_id, Block.blocked_id == person_id)
        db_session.execute(delete(Block).where(either).execution_options(**plain))
        db_session.expire_all()


def _close_offers(db_session: Session, person_id: int, *, by: Actor, now: datetime) -> None:
    """Open offers end, agreed trades are called off. A trade somebody has ticked stays: things have changed hands."""
    live = Offer.state.in_([OfferState.OPEN, OfferState.ACCEPTED])
    statement = select(Offer).where(live, or_(Offer.from_id == person_id, Offer.to_id == person_id))
    for offer in db_session.scalars(statement.order_by(Offer.id)).all():
        is_maker = offer.from_id == person_id
        if offer.state is OfferState.ACCEPTED and not offer.has_tick and offer.expires_at > now:
            settling.call_off(db_session, offer=offer, person_id=person_id, reason="", by=by, now=now)
        elif offer.state is OfferState.OPEN and is_maker:
            offer_services.withdraw_offer(db_session, offer=offer, person_id=person_id, by=by, now=now)
        elif offer.state is OfferState.OPEN and offer.expires_at > now:
            offer_services.decline_offer(db_session, offer=offer, person_id=person_id, note="", by=by, now=now)


def _erase_listing(db_session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    if listing.state in (ListingState.DRAFT, ListingState.LISTED):
        listing_services.withdraw_listing(db_session, listing=listing, by=by, now=now)
    photos.forget_photos(db_session, list(listing.photos), now=now)
    listing.title = GONE
    listing.description = listing.wants = listing.cover_alt = listing.hidden_reason = ""
    listing.cover_key = None
    drop_from_index(db_session, listing.id)
    db_session.flush()


def _listings(db_session: Session, person_id: int) -> list[Listing]:
    statement = (
        select(Listing)
        .where(Listing.owner_id == person_id)
        .options(selectinload(Listing.photos).joinedload(ListingPhoto.large))
        .order_by(Listing.id)
    )
    return list(db_session.scalars(statement))


def _offers(db_session: Session, person_id: int) -> list[Offer]:
    statement = select(Offer).where(or_(Offer.from_id == person_id, Offer.to_id == person_id))
    parts = selectinload(Offer.items).joinedload(OfferItem.listing)
    return list(db_session.scalars(statement.options(parts).order_by(Offer.id)))


def _listing(row: Listing) -> dict[str, Any]:
    names = ("title", "description", "category", "scale", "condition", "completeness", "intent", "wants", "price_minor")
    return {
        **{name: getattr(row, name) for name in names},
        "state": row.state.value,
        "written_at": row.created_at.isoformat(),
        "photos": [{"file": photo.large.key, "alt": photo.alt} for photo in row.photos if photo.large is not None],
    }


def _offer(row: Offer, person_id: int) -> dict[str, Any]:
    is_maker = row.from_id == person_id
    return {
        "made_at": row.created_at.isoformat(),
        "made_by_me": is_maker,
        "state": row.state.value,
        "note": row.note if is_maker else "",
        "my_things": [item.listing.title for item in row.items if item.listing.owner_id == person_id],
    }
