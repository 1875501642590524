"""Who waits for what. A place in line is kept by time; an offer is a cart that the list filled, so it holds what it offers."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.orders.links import link_key


class WaitState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"
    LEFT = "left"
    ENDED = "ended"


WAIT_MACHINE = Machine(
    "place in line",
    WaitState,
    {
        WaitState.WAITING: frozenset({WaitState.OFFERED, WaitState.LEFT, WaitState.ENDED}),
        # back to waiting: a part was taken, and the rest is still wanted
        WaitState.OFFERED: frozenset({WaitState.TAKEN, WaitState.DECLINED, WaitState.LAPSED, WaitState.WAITING}),
        WaitState.TAKEN: frozenset(),
        WaitState.DECLINED: frozenset({WaitState.WAITING}),
        WaitState.LAPSED: frozenset({WaitState.WAITING}),
        WaitState.LEFT: frozenset(),
        WaitState.ENDED: frozenset(),
    },
)


class WaitingList(Model):
    """The list of one show. Its row is locked by whoever moves the line. While it is paused nobody gets an offer by himself."""

    __tablename__ = "waiting_list"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    is_paused: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[instant]

    @property
    def id(self) -> int:
        return self.event_id


class WaitingEntry(Model):
    """Somebody in line. The earlier `stood_at`, the earlier served. `is_whole`: all of it or nothing.

    An offer is the cart `offer_order_id`; `offer_number` counts the offers. `passed_*` say when the line last went past
    this entry although something was free, and why.
    """

    __tablename__ = "waiting_entry"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    link_seal: Mapped[str] = mapped_column(String(64))
    state: Mapped[WaitState] = mapped_column(enum_column(WaitState), default=WaitState.WAITING)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(255))
    is_whole: Mapped[bool] = mapped_column(default=True)
    is_adjacent: Mapped[bool] = mapped_column(default=False)
    willing_until: Mapped[optional_instant]
    stood_at: Mapped[instant]
    offer_number: Mapped[int] = mapped_column(default=0)
    offered_at: Mapped[optional_instant]
    offer_ends_at: Mapped[optional_instant]
    offer_order_id: Mapped[int | None] = mapped_column(BigId)
    passed_count: Mapped[int] = mapped_column(default=0)
    passed_at: Mapped[optional_instant]
    passed_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]
    closed_at: Mapped[optional_instant]

    event: Mapped[Event] = relationship(viewonly=True)
    person: Mapped[Person | None] = relationship()
    items: Mapped[list["WaitingItem"]] = relationship(
        back_populates="entry",
        order_by="WaitingItem.id",
        foreign_keys="WaitingItem.entry_id",
        primaryjoin="WaitingItem.entry_id == WaitingEntry.id",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("offer_order_id", "order"),
        CheckConstraint(
            "state <> 'offered' OR (offer_order_id IS NOT NULL AND offer_ends_at IS NOT NULL)", name="offer_is_held"
        ),
        CheckConstraint("passed_count >= 0 AND offer_number >= 0", name="counts_not_negative"),
        Index("ix_waiting_entry_line", "event_id", "state", "stood_at", "id"),
        Index("ix_waiting_entry_email", "event_id", "email"),
        Index("ix_waiting_entry_person", "person_id"),
    )

    @property
    def link_key(self) -> str:
        """The secret of the entry's link."""
        return link_key(self.code, self.link_seal)


class WaitingItem(Model):
    """One thing that is waited for: a ticket type, a session, a type of table; `choice` is the feature's own (a sale period).

    `queues` are the names of the lines it stands in: everything that draws on the same capacity.
    """

    __tablename__ = "waiting_item"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(32))
    product_id: Mapped[int] = mapped_column(BigId)
    choice: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    title: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[int]
    queues: Mapped[list[Any]] = mapped_column(Json, default=list)

    entry: Mapped[WaitingEntry] = relationship(
        back_populates="items", foreign_keys=[entry_id], primaryjoin="WaitingItem.entry_id == WaitingEntry.id"
    )

    __table_args__ = (
        same_event("entry_id", "waiting_entry", ondelete="CASCADE"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_waiting_item_entry", "entry_id"),
    )


class WaitingQueue(Model):
    """A line an entry stands in while it waits, and only then. Every claim looks here whether somebody comes first."""

    __tablename__ = "waiting_queue"

    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))

    __table_args__ = (
        same_event("entry_id", "waiting_entry", ondelete="CASCADE"),
        Index("ix_waiting_queue_entry", "entry_id"),
    )


def quota_queue(quota_id: int) -> str:
    """The name of the line for units of a quota."""
    return f"quota:{quota_id}"
