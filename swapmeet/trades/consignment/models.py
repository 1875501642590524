"""The bring and buy desk of a show, its sellers, their things, and what was paid out."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.audit import install_append_only
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, minor, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class DeskState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


DESK_MACHINE = Machine(
    "bring and buy desk",
    DeskState,
    {DeskState.OPEN: frozenset({DeskState.CLOSED}), DeskState.CLOSED: frozenset({DeskState.OPEN})},
)


class LotState(StrEnum):
    LISTED = "listed"
    HERE = "here"
    SOLD = "sold"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


LOT_MACHINE = Machine(
    "thing on sale at the desk",
    LotState,
    {
        LotState.LISTED: frozenset({LotState.HERE, LotState.WITHDRAWN}),
        LotState.HERE: frozenset({LotState.SOLD, LotState.RETURNED}),
        LotState.SOLD: frozenset({LotState.HERE}),  # a slip, until its price is paid out
        LotState.RETURNED: frozenset({LotState.HERE}),
        LotState.WITHDRAWN: frozenset(),
    },
)


class Consignment(Model):
    """The desk: one a show. See `rules.Terms`."""

    __tablename__ = "consignment"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), unique=True)
    state: Mapped[DeskState] = mapped_column(enum_column(DeskState), default=DeskState.OPEN)
    percent: Mapped[int]
    step_minor: Mapped[minor]
    min_minor: Mapped[minor]
    most_lots: Mapped[int]
    words: Mapped[str] = mapped_column(Text, default="")
    next_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[instant]

    event: Mapped[Event] = relationship()

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint("percent BETWEEN 0 AND 50", name="share_fits"),
        CheckConstraint("step_minor >= 1", name="step_fits"),
        CheckConstraint("min_minor >= 0", name="least_price_not_negative"),
        CheckConstraint("most_lots BETWEEN 1 AND 500", name="some_lots"),
    )


class ConsignmentFee(Model):
    """What the desk takes for each thing that is brought, sold or not. A desk without a row takes nothing."""

    __tablename__ = "consignment_fee"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    desk_id: Mapped[int] = mapped_column(BigId)
    lot_minor: Mapped[minor]

    __table_args__ = (
        same_event("desk_id", "consignment", ondelete="CASCADE"),
        UniqueConstraint("desk_id"),
        CheckConstraint("lot_minor > 0", name="some_fee"),
    )


class ConsignmentDrop(Model):
    """Once in the sale everything unsold gets cheaper by so many percent, from `starts_at` on; `done_at`: when the desk lowered the
    prices. A desk without a row lowers nothing."""

    __tablename__ = "consignment_drop"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    desk_id: Mapped[int] = mapped_column(BigId)
    percent: Mapped[int]
    starts_at: Mapped[instant]
    done_at: Mapped[optional_instant]

    __table_args__ = (
        same_event("desk_id", "consignment", ondelete="CASCADE"),
        UniqueConstraint("desk_id"),
        CheckConstraint("percent BETWEEN 5 AND 90", name="drop_fits"),
        CheckConstraint("done_at IS NULL OR done_at >= starts_at", name="done_after_start"),
    )


class ConsignmentSeller(Model):
    """Who brings things; `number` stands on each of them. Without a person it is somebody the desk wrote down by name."""

    __tablename__ = "consignment_seller"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    desk_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[instant]

    person: Mapped[Person | None] = relationship()

    __table_args__ = (
        same_event("desk_id", "consignment", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("desk_id", "number"),
        Index(
            "uq_consignment_seller_person",
            "desk_id",
            "person_id",
            unique=True,
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index("ix_consignment_seller_person", "person_id"),
    )


class ConsignmentPayout(Model):
    """Money over the desk: what some sales brought, what the desk kept of it, what the seller got. Never changed."""

    __tablename__ = "consignment_payout"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    seller_id: Mapped[int] = mapped_column(BigId)
    gross_minor: Mapped[minor]
    kept_minor: Mapped[minor]
    paid_minor: Mapped[minor]
    created_at: Mapped[instant]

    __table_args__ = (
        same_event("seller_id", "consignment_seller", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        CheckConstraint("gross_minor = kept_minor + paid_minor", name="adds_up"),
        CheckConstraint("paid_minor > 0", name="some_money"),
        Index("ix_consignment_payout_seller", "seller_id"),
    )


class ConsignmentLot(Model):
    """One thing with its price. `place` counts the things of its seller; both numbers stand on its label."""

    __tablename__ = "consignment_lot"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    seller_id: Mapped[int] = mapped_column(BigId)
    place: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    price_minor: Mapped[minor]
    keeps_price: Mapped[bool] = mapped_column(default=False, server_default=false())  # when the others are lowered
    state: Mapped[LotState] = mapped_column(enum_column(LotState), default=LotState.LISTED)
    sold_at: Mapped[optional_instant]
    payout_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[instant]

    seller: Mapped[ConsignmentSeller] = relationship(
        foreign_keys=[seller_id], primaryjoin="ConsignmentLot.seller_id == ConsignmentSeller.id"
    )

    __table_args__ = (
        same_event("seller_id", "consignment_seller", ondelete="CASCADE"),
        same_event("payout_id", "consignment_payout"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("seller_id", "place"),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("price_minor > 0", name="priced"),
        CheckConstraint("(sold_at IS NOT NULL) = (state = 'sold')", name="sold_when"),
        CheckConstraint("payout_id IS NULL OR state = 'sold'", name="paid_when_sold"),
        Index("ix_consignment_lot_payout", "payout_id"),
    )


install_append_only(ConsignmentPayout.__table__)
