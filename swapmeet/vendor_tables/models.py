"""Table types, floor plans with their places and shapes, vendor profiles, and who holds which place when."""

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Hall, SalePeriod
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, minor, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.orders.models import OrderLine

STAMP_BITS = 40  # sums over a hundred thousand live rows stay within 63 bits


def new_uid() -> str:
    """The name of a place that outlives its label and its edition."""
    return uuid4().hex


def new_stamp() -> int:
    """A random number for one state of one reservation."""
    return secrets.randbits(STAMP_BITS)


class TableType(Model):
    """What is sold: a size, its price and what comes with it. `first_*` apply to a vendor's first table of the type.

    `limit_per_vendor` counts per sale period where the type is `sold_by_period`. `max_badges` bounds an order's badges.
    """

    __tablename__ = "table_type"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    length_mm: Mapped[int]
    depth_mm: Mapped[int]
    chairs: Mapped[int] = mapped_column(default=0)
    has_power: Mapped[bool] = mapped_column(default=False)
    power_on_request: Mapped[bool] = mapped_column(default=False)
    price_minor: Mapped[minor]
    first_price_minor: Mapped[int | None] = mapped_column(BigInteger)
    badges_included: Mapped[int] = mapped_column(default=0)
    first_badges: Mapped[int | None]
    max_badges: Mapped[int | None]
    limit_per_vendor: Mapped[int | None]
    sold_by_period: Mapped[bool] = mapped_column(default=False)
    rule: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "code"),
        CheckConstraint("length_mm > 0 AND depth_mm > 0", name="has_area"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("first_price_minor IS NULL OR first_price_minor >= 0", name="first_price_not_negative"),
        CheckConstraint("limit_per_vendor IS NULL OR limit_per_vendor > 0", name="limit_positive"),
    )


class ExtraKind(StrEnum):
    POWER = "power"
    CHAIR = "chair"
    BADGE = "badge"
    OTHER = "other"


class TableExtra(Model):
    """Something that can be had with a table for money: power, a chair, one more helper's badge (`kind` badge issues it)."""

    __tablename__ = "table_extra"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ExtraKind] = mapped_column(enum_column(ExtraKind), default=ExtraKind.OTHER)
    price_minor: Mapped[minor]
    limit_per_order: Mapped[int] = mapped_column(default=10)
    is_sold: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "name"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("limit_per_order > 0", name="limit_positive"),
    )


class VendorTerms(Model):
    """A show's terms for vendors that bind across table types. `max_tables` None is no limit."""

    __tablename__ = "vendor_terms"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    max_tables: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text, default="")


class FloorPlan(Model):
    """The drawing of one hall of one edition. Its size is the hall's."""

    __tablename__ = "floor_plan"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    hall_id: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[instant]

    hall: Mapped[Hall] = relationship(foreign_keys=[hall_id], primaryjoin="FloorPlan.hall_id == Hall.id")

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("hall_id", "hall", ondelete="CASCADE"),
        UniqueConstraint("event_id", "hall_id"),
    )


class ShapeKind(StrEnum):
    WALL = "wall"
    DOOR = "door"
    PILLAR = "pillar"
    STAGE = "stage"
    POWER = "power"
    AISLE = "aisle"
    LABEL = "label"


class PlanShape(Model):
    """Something drawn on a plan that nobody rents: a line or a box from (x1, y1) to (x2, y2), with words."""

    __tablename__ = "plan_shape"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    plan_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[ShapeKind] = mapped_column(enum_column(ShapeKind))
    x1_mm: Mapped[int]
    y1_mm: Mapped[int]
    x2_mm: Mapped[int]
    y2_mm: Mapped[int]
    text: Mapped[str] = mapped_column(String(120), default="")
    uid: Mapped[str] = mapped_column(String(36), default="", server_default="")  # the thing of the plan's document

    __table_args__ = (same_event("plan_id", "floor_plan", ondelete="CASCADE"), Index("ix_plan_shape_plan", "plan_id"))


class Facing(StrEnum):
    """The side the buyer stands on."""

    NORTH = "N"
    EAST = "E"
    SOUTH = "S"
    WEST = "W"


class PlaceArea(Model):
    """What the published plan says of where a place stands: the zone it is in, the circuit that feeds it. "": none."""

    __tablename__ = "place_area"

    place_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    zone: Mapped[str] = mapped_column(String(120), default="")
    circuit: Mapped[str] = mapped_column(String(120), default="")

    __table_args__ = (
        same_event("place_id", "table_place", ondelete="CASCADE"),
        CheckConstraint("zone <> '' OR circuit <> ''", name="says_something"),
        Index("ix_place_area_event", "event_id"),
    )


class TablePlace(Model):
    """One numbered place. `uid` stays when the label changes and in the next edition; `label` is what people read.

    (x, y) is the top left of the unturned box, `rotation_ddeg` turns it about its center in tenths of a degree.
    A place that was held before it left the plan stays as a row with `retired_at`.
    """

    __tablename__ = "table_place"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    uid: Mapped[str] = mapped_column(String(36), default=new_uid)
    plan_id: Mapped[int] = mapped_column(BigId)
    type_id: Mapped[int] = mapped_column(BigId)
    label: Mapped[str] = mapped_column(String(20))
    row: Mapped[str] = mapped_column(String(20), default="")
    sequence: Mapped[int] = mapped_column(default=0)
    x_mm: Mapped[int]
    y_mm: Mapped[int]
    w_mm: Mapped[int]
    d_mm: Mapped[int]
    rotation_ddeg: Mapped[int] = mapped_column(default=0)
    facing: Mapped[Facing] = mapped_column(enum_column(Facing), default=Facing.SOUTH)
    tags: Mapped[list[Any]] = mapped_column(Json, default=list)
    is_sellable: Mapped[bool] = mapped_column(default=True)
    retired_at: Mapped[optional_instant]

    plan: Mapped[FloorPlan] = relationship(foreign_keys=[plan_id], primaryjoin="TablePlace.plan_id == FloorPlan.id")
    type: Mapped[TableType] = relationship(foreign_keys=[type_id], primaryjoin="TablePlace.type_id == TableType.id")
    area: Mapped[PlaceArea | None] = relationship(
        foreign_keys=[PlaceArea.place_id],
        primaryjoin="TablePlace.id == PlaceArea.place_id",
        viewonly=True,
        uselist=False,
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "uid"),
        UniqueConstraint("event_id", "label"),
        same_event("plan_id", "floor_plan", ondelete="CASCADE"),
        same_event("type_id", "table_type"),
        CheckConstraint("w_mm > 0 AND d_mm > 0", name="has_area"),
        CheckConstraint("rotation_ddeg >= 0 AND rotation_ddeg < 3600", name="rotation_in_circle"),
        Index("ix_table_place_plan", "plan_id"),
    )


class Vendor(Model):
    """Who sells: a trading name and wares, living across shows. A guest's profile has no person behind it."""

    __tablename__ = "vendor"

    id: Mapped[pk]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    sells: Mapped[str] = mapped_column(String(300), default="")
    scales: Mapped[list[Any]] = mapped_column(Json, default=list)
    about: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    email: Mapped[str] = mapped_column(String(255), default="")  # for the organizer only
    is_listed: Mapped[bool] = mapped_column(default=True)
    search_text: Mapped[str] = mapped_column(String(800), default="")
    created_at: Mapped[instant]

    person: Mapped[Person | None] = relationship()


class ReservationKind(StrEnum):
    CART = "cart"
    OFFER = "offer"
    INCUMBENT = "incumbent"
    STAFF = "staff"
    SOLD = "sold"


class ReservationState(StrEnum):
    HELD = "held"
    OFFERED = "offered"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    RELEASED = "released"
    LAPSED = "lapsed"


RESERVATION_MACHINE = Machine(
    "table reservation",
    ReservationState,
    {
        ReservationState.HELD: frozenset({ReservationState.CONFIRMED, ReservationState.RELEASED}),
        ReservationState.OFFERED: frozenset(
            {ReservationState.CONFIRMED, ReservationState.LAPSED, ReservationState.RELEASED}
        ),
        ReservationState.CONFIRMED: frozenset({ReservationState.CHECKED_IN, ReservationState.RELEASED}),
        ReservationState.CHECKED_IN: frozenset({ReservationState.CONFIRMED, ReservationState.RELEASED}),
        ReservationState.RELEASED: frozenset(),
        ReservationState.LAPSED: frozenset(),
    },
)


class Reservation(Model):
    """One holder of one place in one sale period. At most one is live (`released_at` empty) per place and period.

    A hold whose `expires_at` has passed counts as free for whoever asks next, whether or not it has been tidied away.
    `stamp` is random and new with each state; the sum over live rows is the version of a floor that polls compare.
    """

    __tablename__ = "reservation"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    place_id: Mapped[int] = mapped_column(BigId)
    sale_period_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[ReservationKind] = mapped_column(enum_column(ReservationKind))
    state: Mapped[ReservationState] = mapped_column(enum_column(ReservationState))
    vendor_id: Mapped[int | None] = mapped_column(ForeignKey("vendor.id", ondelete="SET NULL"))
    line_id: Mapped[int | None] = mapped_column(BigId)
    holder: Mapped[str] = mapped_column(String(200), default="")
    sells: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(String(500), default="")
    expires_at: Mapped[optional_instant]
    released_at: Mapped[optional_instant]
    release_reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[instant]
    stamp: Mapped[int] = mapped_column(BigInteger, default=new_stamp)

    place: Mapped[TablePlace] = relationship(
        foreign_keys=[place_id], primaryjoin="Reservation.place_id == TablePlace.id"
    )
    period: Mapped[SalePeriod] = relationship(
        foreign_keys=[sale_period_id], primaryjoin="Reservation.sale_period_id == SalePeriod.id"
    )
    line: Mapped[OrderLine | None] = relationship(
        foreign_keys=[line_id], primaryjoin="Reservation.line_id == OrderLine.id"
    )
    vendor: Mapped[Vendor | None] = relationship()

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("place_id", "table_place"),
        same_event("sale_period_id", "sale_period"),
        same_event("line_id", "order_line", ondelete="CASCADE"),
        Index(
            "uq_reservation_live",
            "place_id",
            "sale_period_id",
            unique=True,
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index(
            "ix_reservation_floor",
            "event_id",
            "stamp",
            "expires_at",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
        Index("ix_reservation_line", "line_id"),
        Index("ix_reservation_vendor", "vendor_id"),
        CheckConstraint("(released_at IS NULL) = (state NOT IN ('released', 'lapsed'))", name="released_when_over"),
    )

    def is_live_at(self, now: datetime) -> bool:
        """Does it keep others out at this instant?"""
        return self.released_at is None and (self.expires_at is None or self.expires_at > now)
