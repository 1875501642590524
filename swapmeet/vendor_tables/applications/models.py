"""How a show gives out its tables, what vendors apply with, where they would like to stand and near whom."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event, SalePeriod
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.models import TableType, Vendor

MOST_WISHES = 5
MOST_TABLES = 20
MOST_PHOTOS = 6


class SellingMode(StrEnum):
    DIRECT = "direct"
    APPLICATION = "application"
    WAVES = "waves"


class VendorSelling(Model):
    """How one show gives out tables. No row: direct sale. Times bound when applications may be sent."""

    __tablename__ = "vendor_selling"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    mode: Mapped[SellingMode] = mapped_column(enum_column(SellingMode), default=SellingMode.DIRECT)
    opens_at: Mapped[optional_instant]
    closes_at: Mapped[optional_instant]
    takes_late: Mapped[bool] = mapped_column(default=True)  # after closes_at, onto the waiting list
    offer_hours: Mapped[int] = mapped_column(default=120)
    is_blind: Mapped[bool] = mapped_column(default=False)
    receipt_mail: Mapped[bool] = mapped_column(default=False)
    has_upgrades: Mapped[bool] = mapped_column(
        default=False, server_default=false()
    )  # freed tables: placed vendors first
    fee_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # to be looked at; 0: none
    fee_policy: Mapped[str] = mapped_column(
        String(20), default="declined", server_default="declined"
    )  # a fees.FeePolicy
    most_photos: Mapped[int] = mapped_column(default=4, server_default="4")  # of an application; 0: none are asked for
    intro: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        CheckConstraint("offer_hours > 0", name="offer_has_time"),
        CheckConstraint("opens_at IS NULL OR closes_at IS NULL OR opens_at < closes_at", name="window_in_order"),
    )


class VendorCategory(Model):
    """A kind of wares the show wants a mix of. `most_tables` None: no quota."""

    __tablename__ = "vendor_category"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    most_tables: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "name"),
        CheckConstraint("most_tables IS NULL OR most_tables >= 0", name="quota_not_negative"),
    )

    @property
    def option(self) -> tuple[str, str]:
        """For a list to choose from."""
        return str(self.id), self.name


class VendorStanding(Model):
    """What a club knows of a vendor: points by its own rules, and whether they are a member."""

    __tablename__ = "vendor_standing"

    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"), primary_key=True)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id", ondelete="CASCADE"), primary_key=True)
    points: Mapped[int] = mapped_column(default=0)
    is_member: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint("points >= 0 AND points <= 100000", name="points_in_range"),
        Index("ix_vendor_standing_vendor", "vendor_id"),
    )


class Decision(StrEnum):
    """What the team means to say, before it is sent."""

    OFFER = "offer"
    WAITLIST = "waitlist"
    DECLINE = "decline"


class Application(Model):
    """One vendor's application at one show. `moves` counts its steps: forms carry it, so two deciders cannot cross.

    `snapshot` keeps the price list and the terms as they were when it was sent, and the offer as it was made.
    `places` are the ids of tables the team means to offer (a right to pick when there are none).
    """

    __tablename__ = "application"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id"))
    state: Mapped[ApplicationState] = mapped_column(enum_column(ApplicationState), default=ApplicationState.DRAFT)
    moves: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(200), default="")
    sells: Mapped[str] = mapped_column(String(300), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    category_id: Mapped[int | None] = mapped_column(BigId)
    type_id: Mapped[int | None] = mapped_column(BigId)  # None: any kind of table
    sale_period_id: Mapped[int | None] = mapped_column(BigId)
    table_count: Mapped[int] = mapped_column(default=1)
    wants_corner: Mapped[bool] = mapped_column(default=False)
    power_amps: Mapped[int] = mapped_column(default=0)
    step_free: Mapped[bool] = mapped_column(default=False)
    display_height_mm: Mapped[int | None]
    note: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    staff_note: Mapped[str] = mapped_column(Text, default="")
    message: Mapped[str] = mapped_column(Text, default="")  # the team's last words to the vendor
    is_late: Mapped[bool] = mapped_column(default=False)
    is_fee_waived: Mapped[bool] = mapped_column(default=False, server_default=false())
    submitted_at: Mapped[optional_instant]
    editable_until: Mapped[optional_instant]
    waitlisted_at: Mapped[optional_instant]
    willing_until: Mapped[date | None]
    offer_expires_at: Mapped[optional_instant]
    decision: Mapped[Decision | None] = mapped_column(enum_column(Decision))
    decision_message: Mapped[str] = mapped_column(Text, default="")
    places: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_at: Mapped[instant]

    event: Mapped[Event] = relationship()
    vendor: Mapped[Vendor] = relationship()
    category: Mapped[VendorCategory | None] = relationship(
        foreign_keys=[category_id], primaryjoin="Application.category_id == VendorCategory.id"
    )
    type: Mapped[TableType | None] = relationship(
        foreign_keys=[type_id], primaryjoin="Application.type_id == TableType.id"
    )
    period: Mapped[SalePeriod | None] = relationship(
        foreign_keys=[sale_period_id], primaryjoin="Application.sale_period_id == SalePeriod.id"
    )
    wishes: Mapped[list["ApplicationWish"]] = relationship(
        primaryjoin="Application.id == ApplicationWish.application_id",
        foreign_keys="ApplicationWish.application_id",
        order_by="ApplicationWish.rank",
        cascade="all, delete-orphan",
    )
    ties: Mapped[list["ApplicationTie"]] = relationship(
        primaryjoin="Application.id == ApplicationTie.application_id",
        foreign_keys="ApplicationTie.application_id",
        order_by="ApplicationTie.id",
        cascade="all, delete-orphan",
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "vendor_id"),
        same_event("category_id", "vendor_category"),
        same_event("type_id", "table_type"),
        same_event("sale_period_id", "sale_period"),
        CheckConstraint(f"table_count BETWEEN 1 AND {MOST_TABLES}", name="table_count_in_range"),
        CheckConstraint("power_amps BETWEEN 0 AND 400", name="power_in_range"),
        CheckConstraint("display_height_mm IS NULL OR display_height_mm > 0", name="height_positive"),
        CheckConstraint("(state = 'offered') = (offer_expires_at IS NOT NULL)", name="offer_has_clock"),
        CheckConstraint("submitted_at IS NOT NULL OR state IN ('draft', 'withdrawn')", name="sent_when_not_draft"),
        CheckConstraint("(state = 'waitlisted') = (waitlisted_at IS NOT NULL)", name="waits_since"),
        Index("ix_application_state", "event_id", "state"),
        Index("ix_application_vendor", "vendor_id"),
    )

    def is_writable_at(self, now: datetime) -> bool:
        """May the vendor still change it?"""
        if self.state is ApplicationState.DRAFT:
            return True
        asked = self.state is ApplicationState.CHANGES_REQUESTED
        return asked and (self.editable_until is None or now < self.editable_until)


class ApplicationPhoto(Model):
    """A photo of a vendor's booth or wares: first as sent, then only the two pictures made of it. Never public."""

    __tablename__ = "application_photo"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    application_id: Mapped[int] = mapped_column(BigId)
    alt: Mapped[str] = mapped_column(String(200), default="")
    incoming_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    large_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    small_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    problem: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]

    __table_args__ = (
        same_event("application_id", "application", ondelete="CASCADE"),
        Index("ix_application_photo_application", "application_id"),
    )

    @property
    def is_ready(self) -> bool:
        return self.large_id is not None

    @property
    def is_waiting(self) -> bool:
        return self.large_id is None and not self.problem


class ApplicationInLine(Model):
    """The place on the show's waiting list that an application took last; offers of the list come to it there."""

    __tablename__ = "application_in_line"

    application_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(BigId, unique=True)

    __table_args__ = (
        same_event("application_id", "application", ondelete="CASCADE"),
        same_event("entry_id", "waiting_entry", ondelete="CASCADE"),
    )


class WishKind(StrEnum):
    PLACE = "place"  # target: the stable id of a table
    ROW = "row"  # target: the name of a row, in any hall
    ZONE = "zone"  # target: the name of a hall or a part of one


class ApplicationWish(Model):
    """Where a vendor would like to stand, best first. `target` outlives labels; `label` is what was read then."""

    __tablename__ = "application_wish"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    application_id: Mapped[int] = mapped_column(BigId)
    rank: Mapped[int]
    kind: Mapped[WishKind] = mapped_column(enum_column(WishKind))
    target: Mapped[str] = mapped_column(String(80))
    label: Mapped[str] = mapped_column(String(80))

    __table_args__ = (
        same_event("application_id", "application", ondelete="CASCADE"),
        UniqueConstraint("application_id", "rank"),
        UniqueConstraint("application_id", "kind", "target"),
        CheckConstraint(f"rank BETWEEN 1 AND {MOST_WISHES}", name="rank_in_range"),
    )


class TieKind(StrEnum):
    NEAR = "near"
    AWAY = "away"


class ApplicationTie(Model):
    """Another vendor, by the name that was typed: to stand near (counts once they agree) or away from (the team's eyes only).

    `other_id` is their application at this show, once there is one of that name.
    """

    __tablename__ = "application_tie"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    application_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[TieKind] = mapped_column(enum_column(TieKind))
    name: Mapped[str] = mapped_column(String(200))
    other_id: Mapped[int | None] = mapped_column(BigId)
    is_agreed: Mapped[bool | None]
    answered_at: Mapped[optional_instant]

    other: Mapped[Application | None] = relationship(
        foreign_keys=[other_id], primaryjoin="ApplicationTie.other_id == Application.id"
    )

    __table_args__ = (
        same_event("application_id", "application", ondelete="CASCADE"),
        same_event("other_id", "application"),
        UniqueConstraint("application_id", "kind", "name"),
        CheckConstraint("other_id IS NULL OR other_id <> application_id", name="not_itself"),
        CheckConstraint("is_agreed IS NULL OR (kind = 'near' AND other_id IS NOT NULL)", name="near_is_agreed"),
        Index("ix_application_tie_other", "other_id"),
    )


class ApplicationScore(Model):
    """One reviewer's view of one application: 1 to 10, or a conflict of interest and no score."""

    __tablename__ = "application_score"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    application_id: Mapped[int] = mapped_column(BigId)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    score: Mapped[int | None]
    has_conflict: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(String(1000), default="")
    updated_at: Mapped[instant]

    reviewer: Mapped[Person] = relationship()

    __table_args__ = (
        same_event("application_id", "application", ondelete="CASCADE"),
        UniqueConstraint("application_id", "reviewer_id"),
        CheckConstraint("score IS NULL OR score BETWEEN 1 AND 10", name="score_in_range"),
        CheckConstraint("has_conflict = (score IS NULL)", name="score_or_conflict"),
        Index("ix_application_score_reviewer", "reviewer_id"),
    )


class WaveKind(StrEnum):
    EVERYBODY = "everybody"
    POINTS = "points"
    MEMBERS = "members"
    CODE = "code"


class SaleWave(Model):
    """Who may buy from when on, where a show sells in waves. A wave that is open stays open until the sale ends."""

    __tablename__ = "sale_wave"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[WaveKind] = mapped_column(enum_column(WaveKind))
    opens_at: Mapped[instant]
    min_points: Mapped[int | None]
    code: Mapped[str] = mapped_column(String(40), default="")  # folded, as it is compared

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "name"),
        CheckConstraint("(kind = 'points') = (min_points IS NOT NULL)", name="points_where_asked"),
        CheckConstraint("(kind = 'code') = (code <> '')", name="code_where_asked"),
    )


class WavePass(Model):
    """A person has given the code of a wave."""

    __tablename__ = "wave_pass"

    wave_id: Mapped[int] = mapped_column(ForeignKey("sale_wave.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    given_at: Mapped[instant]

    __table_args__ = (Index("ix_wave_pass_person", "person_id"),)
