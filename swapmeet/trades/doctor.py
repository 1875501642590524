"""What must always be true of trades, as queries that must find nothing."""

from datetime import datetime

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery
from swapmeet.trades.models import Listing, ListingState, Offer, OfferItem, OfferState, TradeClaim
from swapmeet.trades.rounds.hand_models import HandOver
from swapmeet.trades.rounds.models import RoundEntry

SHOWN = 50
HOLDING = (OfferState.ACCEPTED, OfferState.COMPLETED)


def listings_in_two_trades(db_session: Session, now: datetime) -> list[str]:
    """A listing with two live claims (the unique index forbids it)."""
    statement = (
        select(TradeClaim.listing_id, func.count())
        .where(TradeClaim.released_at.is_(None))
        .group_by(TradeClaim.listing_id)
        .having(func.count() > 1)
        .order_by(TradeClaim.listing_id)
        .limit(SHOWN)
    )
    return [f"listing {row[0]} is in {row[1]} live trades" for row in db_session.execute(statement)]


def half_trades(db_session: Session, now: datetime) -> list[str]:
    """An agreed or completed trade that does not hold everything in it. Lapsed ones may have let go before they were written down."""
    has_claim = exists().where(
        TradeClaim.offer_id == OfferItem.offer_id,
        TradeClaim.listing_id == OfferItem.listing_id,
        TradeClaim.released_at.is_(None),
    )
    has_tick = or_(Offer.from_done_at.is_not(None), Offer.to_done_at.is_not(None))
    alive = or_(Offer.state == OfferState.COMPLETED, has_tick, Offer.expires_at > now)
    statement = (
        select(Offer.id, OfferItem.listing_id)
        .join(OfferItem, OfferItem.offer_id == Offer.id)
        .where(Offer.state.in_(HOLDING), alive, ~has_claim)
        .order_by(Offer.id, OfferItem.listing_id)
        .limit(SHOWN)
    )
    return [f"trade {row[0]} does not hold its listing {row[1]}" for row in db_session.execute(statement)]


def claims_without_trade(db_session: Session, now: datetime) -> list[str]:
    """A live claim whose offer is neither agreed nor completed."""
    statement = (
        select(TradeClaim.id, TradeClaim.listing_id, Offer.state)
        .join(Offer, Offer.id == TradeClaim.offer_id)
        .where(TradeClaim.released_at.is_(None), Offer.state.not_in(HOLDING))
        .order_by(TradeClaim.id)
        .limit(SHOWN)
    )
    return [
        f"listing {row[1]} is held by claim {row[0]} of a trade that is {row[2].value}"
        for row in db_session.execute(statement)
    ]


def listings_out_of_step(db_session: Session, now: datetime) -> list[str]:
    """Reserved without a live claim, traded without a completed trade or settled round, or listed while one holds it."""
    in_round = (
        select(HandOver.id)
        .join(RoundEntry, RoundEntry.id == HandOver.entry_id)
        .where(RoundEntry.listing_id == Listing.id, HandOver.settled_at.is_not(None))
        .exists()
    )
    claim = aliased(TradeClaim)
    held_by = (
        select(Offer.state)
        .join(claim, claim.offer_id == Offer.id)
        .where(claim.listing_id == Listing.id, claim.released_at.is_(None))
        .limit(1)
        .scalar_subquery()
    )
    wrong = or_(
        and_(Listing.state == ListingState.RESERVED, or_(held_by.is_(None), held_by != OfferState.ACCEPTED)),
        and_(
            Listing.state == ListingState.TRADED,
            or_(and_(held_by.is_(None), ~in_round), held_by != OfferState.COMPLETED),
        ),
        and_(Listing.state.not_in([ListingState.RESERVED, ListingState.TRADED]), held_by.is_not(None)),
    )
    statement = select(Listing.id, Listing.state).where(wrong).order_by(Listing.id).limit(SHOWN)
    return [f"listing {row[0]} is {row[1].value}, its trade says otherwise" for row in db_session.execute(statement)]


def completed_with_open_side(db_session: Session, now: datetime) -> list[str]:
    """A completed trade that one side has not ticked, or an agreed one that both have."""
    both = and_(Offer.from_done_at.is_not(None), Offer.to_done_at.is_not(None))
    statement = (
        select(Offer.id, Offer.state)
        .where(or_(and_(Offer.state == OfferState.COMPLETED, ~both), and_(Offer.state == OfferState.ACCEPTED, both)))
        .order_by(Offer.id)
        .limit(SHOWN)
    )
    return [f"trade {row[0]} is {row[1].value}, its ticks say otherwise" for row in db_session.execute(statement)]


def trades_without_audit(db_session: Session, now: datetime) -> list[str]:
    """An answered offer whose answer nobody wrote down."""
    written = exists().where(
        AuditEntry.subject == "Offer", AuditEntry.subject_id == Offer.id, AuditEntry.target == Offer.state
    )
    statement = select(Offer.id, Offer.state).where(~written).order_by(Offer.id).limit(SHOWN)
    return [f"offer {row[0]} became {row[1].value} without an audit entry" for row in db_session.execute(statement)]


def hidings_without_audit(db_session: Session, now: datetime) -> list[str]:
    """A hidden listing that nobody is written down to have hidden."""
    written = exists().where(
        AuditEntry.subject == "Listing", AuditEntry.subject_id == Listing.id, AuditEntry.verb == "listing.hidden"
    )
    statement = select(Listing.id).where(Listing.hidden_at.is_not(None), ~written).order_by(Listing.id).limit(SHOWN)
    return [f"listing {row_id} was hidden without an audit entry" for row_id in db_session.scalars(statement)]


QUERIES = [
    DoctorQuery(10, "no listing in two trades", listings_in_two_trades),
    DoctorQuery(10, "agreed trades hold all their listings", half_trades),
    DoctorQuery(10, "live claims belong to live trades", claims_without_trade),
    DoctorQuery(10, "listings and trades tell the same", listings_out_of_step),
    DoctorQuery(10, "completed trades are ticked by both", completed_with_open_side),
    DoctorQuery(14, "answers to offers are written down", trades_without_audit),
    DoctorQuery(14, "hidden listings are written down", hidings_without_audit),
]
