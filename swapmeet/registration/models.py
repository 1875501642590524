"""Ticket types, the steps of their prices and their rules. Capacities are quotas of `orders`; several types may share one."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, minor, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.orders.links import link_key
from swapmeet.orders.models import Quota


class TicketType(Model):
    """One kind of ticket of a show.

    `quota_id` counts this type alone (its capacity may be unlimited), `shared_quota_id` is a limit it shares with other
    types. `valid_days` (ISO dates) empty means every day; `days_allowed` bounds on how many of them it opens the door.
    A type that is no admission (parking) gives no badge.
    """

    __tablename__ = "ticket_type"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500), default="")
    requirement: Mapped[str] = mapped_column(String(200), default="")
    price_minor: Mapped[minor] = mapped_column(default=0)
    valid_days: Mapped[list[Any]] = mapped_column(Json, default=list)
    days_allowed: Mapped[int | None]
    entry_from: Mapped[str | None] = mapped_column(String(5))
    min_age: Mapped[int | None]
    per_order_limit: Mapped[int] = mapped_column(default=10)
    sale_starts_at: Mapped[optional_instant]
    sale_ends_at: Mapped[optional_instant]
    names_until_on: Mapped[date | None]
    quota_id: Mapped[int] = mapped_column(BigId)
    shared_quota_id: Mapped[int | None] = mapped_column(BigId)
    position: Mapped[int] = mapped_column(default=0)
    is_hidden: Mapped[bool] = mapped_column(default=False)
    is_door_only: Mapped[bool] = mapped_column(default=False)
    is_admission: Mapped[bool] = mapped_column(default=True)
    refund_policy: Mapped[str] = mapped_column(String(32), default="attendee_refund")
    archived_at: Mapped[optional_instant]
    created_at: Mapped[instant]

    quota: Mapped[Quota] = relationship(foreign_keys=[quota_id], primaryjoin="TicketType.quota_id == Quota.id")
    shared_quota: Mapped[Quota | None] = relationship(
        foreign_keys=[shared_quota_id], primaryjoin="TicketType.shared_quota_id == Quota.id"
    )
    tiers: Mapped[list["PriceTier"]] = relationship(
        back_populates="ticket_type",
        order_by="PriceTier.position",
        foreign_keys="PriceTier.ticket_type_id",
        primaryjoin="PriceTier.ticket_type_id == TicketType.id",
    )

    rule: Mapped["TicketRule | None"] = relationship(
        foreign_keys="TicketRule.ticket_type_id",
        primaryjoin="TicketRule.ticket_type_id == TicketType.id",
        viewonly=True,
        uselist=False,
    )

    age: Mapped["TicketAge | None"] = relationship(
        foreign_keys="TicketAge.ticket_type_id",
        primaryjoin="TicketAge.ticket_type_id == TicketType.id",
        viewonly=True,
        uselist=False,
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "code"),
        same_event("quota_id", "quota"),
        same_event("shared_quota_id", "quota"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("per_order_limit BETWEEN 1 AND 1000", name="limit_sensible"),
        CheckConstraint("days_allowed IS NULL OR days_allowed > 0", name="days_positive"),
        CheckConstraint("min_age IS NULL OR min_age BETWEEN 0 AND 120", name="age_sensible"),
        CheckConstraint(
            "sale_ends_at IS NULL OR sale_starts_at IS NULL OR sale_ends_at > sale_starts_at", name="sale_in_order"
        ),
        Index("ix_ticket_type_quota", "quota_id"),
        Index("ix_ticket_type_shared_quota", "shared_quota_id"),
    )

    @property
    def days(self) -> list[date]:
        return [date.fromisoformat(value) for value in self.valid_days]


class PriceTier(Model):
    """A price that holds until a day (or instant), or for the first so many, or both; then the next tier, at last the type's price.

    "The first so many" is a quota of its own, moved by the same guarded update as every other, so it is exact.
    """

    __tablename__ = "price_tier"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    ticket_type_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int]
    price_minor: Mapped[minor]
    until_on: Mapped[date | None]  # the last day, on the show's clock
    until_at: Mapped[optional_instant]
    quota_id: Mapped[int | None] = mapped_column(BigId)

    ticket_type: Mapped[TicketType] = relationship(
        back_populates="tiers", foreign_keys=[ticket_type_id], primaryjoin="PriceTier.ticket_type_id == TicketType.id"
    )
    quota: Mapped[Quota | None] = relationship(foreign_keys=[quota_id], primaryjoin="PriceTier.quota_id == Quota.id")

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("ticket_type_id", "position"),
        same_event("ticket_type_id", "ticket_type", ondelete="CASCADE"),
        same_event("quota_id", "quota"),
        CheckConstraint("price_minor >= 0", name="price_not_negative"),
        CheckConstraint("until_on IS NOT NULL OR until_at IS NOT NULL OR quota_id IS NOT NULL", name="has_an_end"),
        CheckConstraint("until_on IS NULL OR until_at IS NULL", name="one_end"),
        Index("ix_price_tier_quota", "quota_id"),
    )


class TicketRule(Model):
    """What a ticket type asks beyond its price and days. A type without a row asks nothing more.

    `only_with_id` makes it an extra of another type: at most `most_each` and at least `least_each` of it for each of those.
    `is_open_price`: the buyer chooses the amount, and the type's price is the least. `member_price_minor` is for numbers
    of the membership list.
    """

    __tablename__ = "ticket_rule"

    ticket_type_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    only_with_id: Mapped[int | None] = mapped_column(BigId)
    least_each: Mapped[int] = mapped_column(default=0)
    most_each: Mapped[int | None]
    per_person_limit: Mapped[int | None]
    is_open_price: Mapped[bool] = mapped_column(default=False)
    member_price_minor: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        same_event("ticket_type_id", "ticket_type", ondelete="CASCADE"),
        same_event("only_with_id", "ticket_type"),
        CheckConstraint("only_with_id IS NULL OR only_with_id <> ticket_type_id", name="not_with_itself"),
        CheckConstraint("only_with_id IS NOT NULL OR (least_each = 0 AND most_each IS NULL)", name="each_of_something"),
        CheckConstraint("least_each BETWEEN 0 AND 100", name="least_sensible"),
        CheckConstraint(
            "most_each IS NULL OR (most_each BETWEEN 1 AND 100 AND most_each >= least_each)", name="most_sensible"
        ),
        CheckConstraint("per_person_limit IS NULL OR per_person_limit BETWEEN 1 AND 1000", name="limit_sensible"),
        CheckConstraint("member_price_minor IS NULL OR member_price_minor >= 0", name="price_not_negative"),
        CheckConstraint("member_price_minor IS NULL OR NOT is_open_price", name="one_kind_of_price"),
        Index("ix_ticket_rule_only_with", "only_with_id"),
    )


class TicketVariant(Model):
    """One of the choices of a ticket type: a dish, a size. A type with any is sold by choice only.

    `price_minor` None is the type's own price. Its quota counts what is sold of it, limited or not. `off_at`: not offered any more.
    """

    __tablename__ = "ticket_variant"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    ticket_type_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    quota_id: Mapped[int] = mapped_column(BigId)
    off_at: Mapped[optional_instant]

    quota: Mapped[Quota] = relationship(foreign_keys=[quota_id], primaryjoin="TicketVariant.quota_id == Quota.id")

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("ticket_type_id", "name"),
        same_event("ticket_type_id", "ticket_type", ondelete="CASCADE"),
        same_event("quota_id", "quota"),
        CheckConstraint("name <> ''", name="name_not_empty"),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        Index("uq_ticket_variant_quota", "quota_id", unique=True),
        Index("ix_ticket_variant_event", "event_id"),
    )


class BundlePart(Model):
    """So many of one ticket type in a bundle. A type with any is a bundle: sold as one, at its own price, and each part counts
    against its own capacity.
    """

    __tablename__ = "bundle_part"

    bundle_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    part_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    quantity: Mapped[int]

    __table_args__ = (
        same_event("bundle_id", "ticket_type", ondelete="CASCADE"),
        same_event("part_id", "ticket_type"),
        CheckConstraint("bundle_id <> part_id", name="not_in_itself"),
        CheckConstraint("quantity BETWEEN 1 AND 20", name="quantity_sensible"),
        Index("ix_bundle_part_part", "part_id"),
        Index("ix_bundle_part_event", "event_id"),
    )


class MemberNumber(Model):
    """A number of the club's membership list, folded. Its quota counts the tickets it has bought at the members' price."""

    __tablename__ = "member_number"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(40))
    quota_id: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[instant]

    quota: Mapped[Quota] = relationship(foreign_keys=[quota_id], primaryjoin="MemberNumber.quota_id == Quota.id")

    __table_args__ = (
        UniqueConstraint("event_id", "number"),
        same_event("quota_id", "quota"),
        CheckConstraint("number <> ''", name="number_not_empty"),
        Index("ix_member_number_quota", "quota_id"),
    )


class TicketAge(Model):
    """A ticket type that asks for ages: a row makes it ask. Its least age is the type's own `min_age`.

    Who is younger than `guardian_below` needs an adult of the same order who agrees and looks after them.
    """

    __tablename__ = "ticket_age"

    ticket_type_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    max_age: Mapped[int | None]
    guardian_below: Mapped[int | None]

    __table_args__ = (
        same_event("ticket_type_id", "ticket_type", ondelete="CASCADE"),
        CheckConstraint("max_age IS NULL OR max_age BETWEEN 0 AND 120", name="age_sensible"),
        CheckConstraint("guardian_below IS NULL OR guardian_below BETWEEN 1 AND 21", name="guardian_sensible"),
        Index("ix_ticket_age_event", "event_id"),
    )


class TransferState(StrEnum):
    OFFERED = "offered"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


TRANSFER_MACHINE = Machine(
    "ticket that is passed on",
    TransferState,
    {
        TransferState.OFFERED: frozenset({TransferState.TAKEN, TransferState.WITHDRAWN}),
        TransferState.TAKEN: frozenset(),
        TransferState.WITHDRAWN: frozenset(),
    },
)


class TicketTransfer(Model):
    """A link under which somebody's ticket can be taken. One open link a ticket."""

    __tablename__ = "ticket_transfer"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[TransferState] = mapped_column(enum_column(TransferState), default=TransferState.OFFERED)
    link_seal: Mapped[str] = mapped_column(String(64))  # with the secret key it gives the link
    created_at: Mapped[instant]
    closed_at: Mapped[optional_instant]

    __table_args__ = (
        same_event("attendee_id", "attendee", ondelete="CASCADE"),
        CheckConstraint("(state = 'offered') = (closed_at IS NULL)", name="closed_says_when"),
        Index("ix_ticket_transfer_event", "event_id"),
        Index(
            "uq_ticket_transfer_open",
            "attendee_id",
            unique=True,
            sqlite_where=text("state = 'offered'"),
            postgresql_where=text("state = 'offered'"),
        ),
    )

    @property
    def link_key(self) -> str:
        """The secret of the link."""
        return link_key(f"transfer {self.id}", self.link_seal)
