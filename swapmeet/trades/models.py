"""Listings with photos, offers with their items, claims, threads, reports and blocks."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.files import StoredFile
from swapmeet.infra.types import BigId, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine

HOLD_HOURS = 72
MAX_LIVE_LISTINGS = 20
MAX_PHOTOS = 6


class TradeSettings(Model):
    """How trades run at one show. A show without a row has the defaults; `why_off` says why there are none."""

    __tablename__ = "trade_settings"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    max_live_listings: Mapped[int] = mapped_column(default=MAX_LIVE_LISTINGS)
    hold_hours: Mapped[int] = mapped_column(default=HOLD_HOURS)
    desk_text: Mapped[str] = mapped_column(String(500), default="")
    why_off: Mapped[str] = mapped_column(String(300), default="")

    __table_args__ = (
        CheckConstraint("max_live_listings > 0", name="some_listings"),
        CheckConstraint("hold_hours > 0", name="some_hold"),
    )


class ListingState(StrEnum):
    DRAFT = "draft"
    LISTED = "listed"
    RESERVED = "reserved"
    TRADED = "traded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


LISTING_MACHINE = Machine(
    "listing",
    ListingState,
    {
        ListingState.DRAFT: frozenset({ListingState.LISTED, ListingState.WITHDRAWN}),
        # Traded without having been reserved: in a trade round, which holds it meanwhile.
        ListingState.LISTED: frozenset(
            {ListingState.RESERVED, ListingState.TRADED, ListingState.WITHDRAWN, ListingState.EXPIRED}
        ),
        ListingState.RESERVED: frozenset({ListingState.LISTED, ListingState.TRADED}),
        ListingState.TRADED: frozenset(),
        ListingState.WITHDRAWN: frozenset({ListingState.LISTED}),
        ListingState.EXPIRED: frozenset(),
    },
)


class Listing(Model):
    """Something somebody has (or, with intent "wanted", looks for) at one show.

    `category`, `scale`, `condition`, `completeness` and `intent` are codes of vocab.py. `version` moves with every change.
    `cover_key` names the small picture of the first photo that is ready. A hidden listing is out of sight for all but its owner.
    """

    __tablename__ = "listing"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(32))
    scale: Mapped[str] = mapped_column(String(16))
    condition: Mapped[str] = mapped_column(String(16))
    completeness: Mapped[str] = mapped_column(String(16))
    intent: Mapped[str] = mapped_column(String(16))
    wants: Mapped[str] = mapped_column(String(300), default="")
    price_minor: Mapped[int | None] = mapped_column(BigId)
    state: Mapped[ListingState] = mapped_column(enum_column(ListingState), default=ListingState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    cover_key: Mapped[str | None] = mapped_column(String(120))
    cover_alt: Mapped[str] = mapped_column(String(200), default="")
    hidden_at: Mapped[optional_instant]
    hidden_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]
    changed_at: Mapped[instant]
    listed_at: Mapped[optional_instant]

    event: Mapped[Event] = relationship()
    owner: Mapped[Person] = relationship()
    photos: Mapped[list["ListingPhoto"]] = relationship(
        back_populates="listing",
        order_by="(ListingPhoto.position, ListingPhoto.id)",
        foreign_keys="ListingPhoto.listing_id",
        primaryjoin="ListingPhoto.listing_id == Listing.id",
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        CheckConstraint("title <> ''", name="title_given"),
        Index("ix_listing_event_state", "event_id", "state", "id"),
        Index("ix_listing_owner", "owner_id", "id"),
    )


class ListingPhoto(Model):
    """One photo of a listing. First only the file as uploaded; when it is encoded, a large and a small picture instead.

    `problem` says in plain words why a file could not be used.
    """

    __tablename__ = "listing_photo"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    listing_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int] = mapped_column(default=0)
    alt: Mapped[str] = mapped_column(String(200), default="")
    file_name: Mapped[str] = mapped_column(String(200), default="")
    incoming_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    large_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    small_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    width: Mapped[int | None]
    height: Mapped[int | None]
    problem: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]

    listing: Mapped[Listing] = relationship(
        back_populates="photos", foreign_keys=[listing_id], primaryjoin="ListingPhoto.listing_id == Listing.id"
    )
    large: Mapped[StoredFile | None] = relationship(foreign_keys=[large_id])
    small: Mapped[StoredFile | None] = relationship(foreign_keys=[small_id])
    incoming: Mapped[StoredFile | None] = relationship(foreign_keys=[incoming_id])

    __table_args__ = (
        same_event("listing_id", "listing", ondelete="CASCADE"),
        Index("ix_listing_photo_listing", "listing_id", "position"),
    )

    @property
    def is_ready(self) -> bool:
        return self.large_id is not None


class OfferState(StrEnum):
    OPEN = "open"
    COUNTERED = "countered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    COMPLETED = "completed"


OFFER_MACHINE = Machine(
    "offer",
    OfferState,
    {
        OfferState.OPEN: frozenset(
            {
                OfferState.COUNTERED,
                OfferState.ACCEPTED,
                OfferState.DECLINED,
                OfferState.WITHDRAWN,
                OfferState.EXPIRED,
            }
        ),
        OfferState.COUNTERED: frozenset(),
        # An agreed trade may still be called off by either side, or lapse when its time is over and nobody has ticked.
        OfferState.ACCEPTED: frozenset({OfferState.COMPLETED, OfferState.WITHDRAWN, OfferState.EXPIRED}),
        OfferState.DECLINED: frozenset(),
        OfferState.WITHDRAWN: frozenset(),
        OfferState.EXPIRED: frozenset(),
        OfferState.COMPLETED: frozenset(),
    },
)


class Offer(Model):
    """Items for items between two people. A counter-offer is a new offer whose parent is the one it answers.

    `expires_at`: for an open offer the end of the time to answer; for an agreed one the end of the time to hand over.
    """

    __tablename__ = "offer"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(BigId)
    thread_id: Mapped[int] = mapped_column(BigId)
    from_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[OfferState] = mapped_column(enum_column(OfferState), default=OfferState.OPEN)
    note: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[instant]
    expires_at: Mapped[instant]
    agreed_at: Mapped[optional_instant]
    from_done_at: Mapped[optional_instant]
    to_done_at: Mapped[optional_instant]
    closed_at: Mapped[optional_instant]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    close_note: Mapped[str] = mapped_column(String(500), default="")

    event: Mapped[Event] = relationship()
    from_person: Mapped[Person] = relationship(foreign_keys=[from_id])
    to_person: Mapped[Person] = relationship(foreign_keys=[to_id])
    items: Mapped[list["OfferItem"]] = relationship(
        back_populates="offer",
        order_by="OfferItem.id",
        foreign_keys="OfferItem.offer_id",
        primaryjoin="OfferItem.offer_id == Offer.id",
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("parent_id", "offer", ondelete="CASCADE"),
        same_event("thread_id", "thread", ondelete="CASCADE"),
        CheckConstraint("from_id <> to_id", name="two_people"),
        Index("ix_offer_from", "from_id", "state", "id"),
        Index("ix_offer_to", "to_id", "state", "id"),
        Index("ix_offer_thread", "thread_id", "id"),
    )

    @property
    def has_tick(self) -> bool:
        return self.from_done_at is not None or self.to_done_at is not None


class Side(StrEnum):
    GIVE = "give"  # from the one who makes the offer
    TAKE = "take"  # from the one who gets it


class OfferItem(Model):
    """One listing in an offer, and which version of it was looked at."""

    __tablename__ = "offer_item"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    offer_id: Mapped[int] = mapped_column(BigId)
    listing_id: Mapped[int] = mapped_column(BigId)
    side: Mapped[Side] = mapped_column(enum_column(Side))
    listing_version: Mapped[int]

    offer: Mapped[Offer] = relationship(
        back_populates="items", foreign_keys=[offer_id], primaryjoin="OfferItem.offer_id == Offer.id"
    )
    listing: Mapped[Listing] = relationship(foreign_keys=[listing_id], primaryjoin="OfferItem.listing_id == Listing.id")

    __table_args__ = (
        UniqueConstraint("offer_id", "listing_id"),
        same_event("offer_id", "offer", ondelete="CASCADE"),
        same_event("listing_id", "listing", ondelete="CASCADE"),
        Index("ix_offer_item_listing", "listing_id"),
    )


class TradeClaim(Model):
    """An agreed trade holds a listing. At most one live claim a listing: the index refuses a second.

    `settled_at` marks a claim whose trade is completed; it stays live for ever. Released ones are history.
    """

    __tablename__ = "trade_claim"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    listing_id: Mapped[int] = mapped_column(BigId)
    offer_id: Mapped[int] = mapped_column(BigId)
    claimed_at: Mapped[instant]
    settled_at: Mapped[optional_instant]
    released_at: Mapped[optional_instant]

    __table_args__ = (
        same_event("listing_id", "listing", ondelete="CASCADE"),
        same_event("offer_id", "offer", ondelete="CASCADE"),
        Index(
            "uq_trade_claim_live",
            "listing_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_trade_claim_offer", "offer_id"),
    )


class Thread(Model):
    """The talk between two people at one show. It opens with their first offer; nobody else can read it."""

    __tablename__ = "thread"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    low_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[instant]

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="in_order"),
    )


class Message(Model):
    """One thing said in a thread."""

    __tablename__ = "message"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    thread_id: Mapped[int] = mapped_column(BigId)
    sender_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[instant]

    sender: Mapped[Person] = relationship()

    __table_args__ = (
        same_event("thread_id", "thread", ondelete="CASCADE"),
        Index("ix_message_thread", "thread_id", "id"),
        Index("ix_message_sender", "sender_id"),
    )


class ReportReason(StrEnum):
    BANNED = "banned"
    NOT_AS_SAID = "not-as-said"
    STOLEN = "stolen"
    RUDE = "rude"
    SCAM = "scam"
    OTHER = "other"


REPORT_LABELS: dict[ReportReason, str] = {
    ReportReason.BANNED: "It may not be traded here",
    ReportReason.NOT_AS_SAID: "It is not what the listing says",
    ReportReason.STOLEN: "It, or its photo, belongs to somebody else",
    ReportReason.RUDE: "Rude, hurtful or frightening",
    ReportReason.SCAM: "It looks like a trick",
    ReportReason.OTHER: "Something else",
}


class ReportState(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


REPORT_MACHINE = Machine(
    "report",
    ReportState,
    {
        ReportState.OPEN: frozenset({ReportState.UPHELD, ReportState.DISMISSED}),
        ReportState.UPHELD: frozenset(),
        ReportState.DISMISSED: frozenset(),
    },
)


class Report(Model):
    """What somebody wants the show's team to look at: a listing, or a person (then `listing_id` may be empty)."""

    __tablename__ = "report"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    listing_id: Mapped[int | None] = mapped_column(BigId)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # whom it is about
    reporter_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[ReportReason] = mapped_column(enum_column(ReportReason))
    note: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[ReportState] = mapped_column(enum_column(ReportState), default=ReportState.OPEN)
    created_at: Mapped[instant]
    closed_at: Mapped[optional_instant]
    answer: Mapped[str] = mapped_column(String(300), default="")

    listing: Mapped[Listing | None] = relationship(
        foreign_keys=[listing_id], primaryjoin="Report.listing_id == Listing.id"
    )
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    reporter: Mapped[Person] = relationship(foreign_keys=[reporter_id])

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("listing_id", "listing", ondelete="CASCADE"),
        Index("ix_report_event_state", "event_id", "state", "id"),
        Index("ix_report_reporter", "reporter_id"),
    )


class Block(Model):
    """One person wants nothing from another: no offers, no messages, in neither direction, at any show."""

    __tablename__ = "block"

    id: Mapped[pk]
    blocker_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    blocked_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[instant]

    blocked: Mapped[Person] = relationship(foreign_keys=[blocked_id])

    __table_args__ = (
        UniqueConstraint("blocker_id", "blocked_id"),
        CheckConstraint("blocker_id <> blocked_id", name="not_oneself"),
    )


ALL_MACHINES: tuple[Machine[Any], ...] = (LISTING_MACHINE, OFFER_MACHINE, REPORT_MACHINE)
