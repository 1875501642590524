"""Series, events, halls, sale periods, policies and announcements."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Organizer
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.search import fold
from swapmeet.infra.types import Json, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class EventKind(StrEnum):
    HOUSEPARTY = "houseparty"
    GATHERING = "gathering"
    CONVENTION = "convention"
    CLUB_DAY = "club day"
    SALES_FAIR = "sales fair"
    SWAP_MEET = "swap meet"
    TRAIN_SHOW = "train show"
    CLUB_SHOW = "club show"


class EventState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    FINISHED = "finished"
    CANCELED = "canceled"


EVENT_MACHINE = Machine(
    "show",
    EventState,
    {
        EventState.DRAFT: frozenset({EventState.PUBLISHED, EventState.CANCELED}),
        EventState.PUBLISHED: frozenset({EventState.FINISHED, EventState.CANCELED}),
        EventState.FINISHED: frozenset(),
        EventState.CANCELED: frozenset(),
    },
)


class EventSeries(Model):
    """What comes back each year."""

    __tablename__ = "event_series"

    id: Mapped[pk]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[instant]

    organizer: Mapped[Organizer] = relationship()

    __table_args__ = (UniqueConstraint("organizer_id", "slug"),)


def searchable(name: str, place: str, venue_name: str, theme: str, summary: str) -> str:
    """What the list of shows is searched in, folded like the words of a query."""
    return fold(" ".join(part for part in (name, place, venue_name, theme, summary) if part))[:1200]


def _searchable(context: Any) -> str:
    row = context.get_current_parameters()
    return searchable(*(row.get(key) or "" for key in ("name", "place", "venue_name", "theme", "summary")))


class Event(Model):
    """One dated run of a show. `version` moves with every change that public pages show (live polls compare it)."""

    __tablename__ = "event"

    id: Mapped[pk]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="RESTRICT"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("event_series.id", ondelete="SET NULL"))
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[EventKind] = mapped_column(enum_column(EventKind))
    state: Mapped[EventState] = mapped_column(enum_column(EventState), default=EventState.DRAFT)
    summary: Mapped[str] = mapped_column(String(500), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    theme: Mapped[str] = mapped_column(String(200), default="")
    first_day: Mapped[date]
    last_day: Mapped[date]
    opens_from: Mapped[date]  # the first day anything happens (pre-show days included)
    doors_text: Mapped[str] = mapped_column(String(200), default="")
    venue_name: Mapped[str] = mapped_column(String(200), default="")
    venue_address: Mapped[str] = mapped_column(String(500), default="")
    place: Mapped[str] = mapped_column(String(120), default="")  # town or region, for the list of shows
    country: Mapped[str] = mapped_column(String(2), default="")
    access_text: Mapped[str] = mapped_column(String(500), default="")
    time_zone: Mapped[str] = mapped_column(String(64))
    currency: Mapped[str] = mapped_column(String(3))
    locale: Mapped[str] = mapped_column(String(16), default="en-US")
    length_unit: Mapped[str] = mapped_column(String(4), default="ft")
    contact_email: Mapped[str] = mapped_column(String(255), default="")
    vendor_word: Mapped[str] = mapped_column(String(40), default="Vendor")
    hold_minutes: Mapped[int] = mapped_column(default=15)
    hold_max_minutes: Mapped[int] = mapped_column(default=45)
    payment_due_days: Mapped[int] = mapped_column(default=14)
    per_order_limit: Mapped[int] = mapped_column(default=20)
    pay_by_check: Mapped[bool] = mapped_column(default=True)
    pay_by_transfer: Mapped[bool] = mapped_column(default=True)
    pay_at_door: Mapped[bool] = mapped_column(default=True)
    payment_instructions: Mapped[str] = mapped_column(Text, default="")
    invoice_days: Mapped[int | None]  # days to pay an order on invoice; None: there are none
    invoice_extra_days: Mapped[int] = mapped_column(default=7)  # how long it keeps its places after that
    invoice_online: Mapped[bool] = mapped_column(
        default=False
    )  # also for vendors and clubs at checkout, not for the desk alone
    # Product kind -> {"name", "basis_points", "is_added"}
    taxes: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    invoice_head: Mapped[str] = mapped_column(Text, default="")  # who sells: name, address, tax number
    tables_open_at: Mapped[optional_instant]
    tables_close_at: Mapped[optional_instant]
    trades_enabled: Mapped[bool] = mapped_column(default=True)
    trades_open_at: Mapped[optional_instant]
    trades_close_at: Mapped[optional_instant]
    source_id: Mapped[str | None] = mapped_column(String(120))
    source_digest: Mapped[str | None] = mapped_column(String(64))
    # Imported data that nothing uses yet; large, so it is read only when asked for.
    kept: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, deferred=True)
    search_text: Mapped[str] = mapped_column(String(1200), default=_searchable)
    asks_questions: Mapped[bool] = mapped_column(default=False)  # so that a checkout without questions asks for none
    asks_at_door: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[instant]
    published_at: Mapped[optional_instant]
    canceled_at: Mapped[optional_instant]
    cancel_reason: Mapped[str] = mapped_column(Text, default="")

    organizer: Mapped[Organizer] = relationship()
    series: Mapped[EventSeries | None] = relationship()

    __table_args__ = (
        UniqueConstraint("organizer_id", "source_id", "first_day"),
        CheckConstraint("last_day >= first_day", name="days_in_order"),
        CheckConstraint("opens_from <= first_day", name="opens_before_first_day"),
        Index("ix_event_public", "state", "last_day"),
    )

    @property
    def is_on_sale(self) -> bool:
        return self.state is EventState.PUBLISHED


class SalePeriod(Model):
    """What a place is sold for: the whole show, a day, or a part of one. Every event has at least one."""

    __tablename__ = "sale_period"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[optional_instant]
    ends_at: Mapped[optional_instant]
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("event_id", "id"), UniqueConstraint("event_id", "code"))


class Hall(Model):
    """Any room of the venue. Lengths in millimeters. `max_people` bounds the sessions that share it at one time."""

    __tablename__ = "hall"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    width_mm: Mapped[int]
    depth_mm: Mapped[int]
    max_people: Mapped[int | None]
    is_shared: Mapped[bool] = mapped_column(default=False)
    doors: Mapped[list[Any]] = mapped_column(
        Json, default=list
    )  # {"side": "N", "at_mm": …, "width_mm": …, "kind": "public"}
    notes: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "code"),
        CheckConstraint("width_mm > 0 AND depth_mm > 0", name="has_area"),
    )


class PolicyKind(StrEnum):
    ATTENDEE_REFUND = "attendee_refund"
    VENDOR_REFUND = "vendor_refund"
    TERMS = "terms"


class Policy(Model):
    """One immutable version of the terms of a show. Orders keep the version they were placed under.

    `steps` of refund kinds: [{"until_days_before": 60, "refund_percent": 100, "fee_minor": 2500}, …], days counted back
    from the first day; the first step whose day has not passed applies, none means no refund.
    """

    __tablename__ = "policy"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    kind: Mapped[PolicyKind] = mapped_column(enum_column(PolicyKind))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text, default="")
    steps: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_at: Mapped[instant]

    __table_args__ = (UniqueConstraint("event_id", "id"), UniqueConstraint("event_id", "kind", "number"))


class Announcement(Model):
    """News of a show, on its public page unless it was only mailed."""

    __tablename__ = "announcement"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[instant]
    is_public: Mapped[bool] = mapped_column(default=True)


__all__ = [
    "EVENT_MACHINE",
    "Announcement",
    "Event",
    "EventKind",
    "EventSeries",
    "EventState",
    "Hall",
    "Policy",
    "PolicyKind",
    "SalePeriod",
    "same_event",
    "searchable",
]
