"""Rounds with their phases and deadlines, who takes part with what, and what they would take for it."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.trades.models import Listing


class Phase(StrEnum):
    LISTING = "listing"
    FREEZE = "freeze"
    WANTS = "wants"
    CLOSED = "closed"


PHASE_MACHINE = Machine(
    "trade round",
    Phase,
    {
        # Each of the first three may be taken back one step, and the round may be called off (closed) from any of them.
        Phase.LISTING: frozenset({Phase.FREEZE, Phase.CLOSED}),
        Phase.FREEZE: frozenset({Phase.WANTS, Phase.LISTING, Phase.CLOSED}),
        Phase.WANTS: frozenset({Phase.FREEZE, Phase.CLOSED}),
        Phase.CLOSED: frozenset(),
    },
)


class TradeRound(Model):
    """One multi-way swap at a show."""

    __tablename__ = "trade_round"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(120))
    phase: Mapped[Phase] = mapped_column(enum_column(Phase), default=Phase.LISTING)
    max_entries: Mapped[int] = mapped_column(default=60)
    next_number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[instant]

    event: Mapped[Event] = relationship()

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint("title <> ''", name="title_given"),
        CheckConstraint("max_entries > 0", name="some_entries"),
    )


class RoundDeadline(Model):
    """Until when a phase is meant to last. Only the host switches; `reminded_at` says that people were told."""

    __tablename__ = "round_deadline"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    phase: Mapped[Phase] = mapped_column(enum_column(Phase))
    ends_at: Mapped[instant]
    reminded_at: Mapped[optional_instant]

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        UniqueConstraint("round_id", "phase"),
    )


class RoundMember(Model):
    """A person in a round. `number` is the handle others see; `protects` refuses second copies of one title."""

    __tablename__ = "round_member"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[int]
    protects: Mapped[bool] = mapped_column(default=True)
    joined_at: Mapped[instant]

    person: Mapped[Person] = relationship()

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("round_id", "person_id"),
        UniqueConstraint("round_id", "number"),
        Index("ix_round_member_person", "person_id"),
    )


class RoundEntry(Model):
    """One thing in a round. `number` is on its label; what it says is copied, so the round outlives the listing."""

    __tablename__ = "round_entry"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    member_id: Mapped[int] = mapped_column(BigId)
    listing_id: Mapped[int | None] = mapped_column(BigId)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(32))
    scale: Mapped[str] = mapped_column(String(16))
    condition: Mapped[str] = mapped_column(String(16))
    value_minor: Mapped[int | None] = mapped_column(BigId)
    stays_home: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[optional_instant]
    created_at: Mapped[instant]

    member: Mapped[RoundMember] = relationship(
        foreign_keys=[member_id], primaryjoin="RoundEntry.member_id == RoundMember.id"
    )
    listing: Mapped[Listing | None] = relationship(
        foreign_keys=[listing_id], primaryjoin="RoundEntry.listing_id == Listing.id"
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("member_id", "round_member", ondelete="CASCADE"),
        same_event("listing_id", "listing", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("round_id", "number"),
        CheckConstraint("value_minor IS NULL OR value_minor >= 0", name="value_not_negative"),
        Index("ix_round_entry_member", "member_id", "number"),
        Index(
            "uq_round_entry_live",
            "listing_id",
            "round_id",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )


class RoundWant(Model):
    """ "I would give `entry` for `target`." Rank 1 is liked best. Of all with one `pick_one` letter at most one comes."""

    __tablename__ = "round_want"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(BigId)
    target_id: Mapped[int] = mapped_column(BigId)
    rank: Mapped[int]
    pick_one: Mapped[str] = mapped_column(String(1), default="")

    target: Mapped[RoundEntry] = relationship(
        foreign_keys=[target_id], primaryjoin="RoundWant.target_id == RoundEntry.id"
    )

    __table_args__ = (
        same_event("entry_id", "round_entry", ondelete="CASCADE"),
        same_event("target_id", "round_entry", ondelete="CASCADE"),
        UniqueConstraint("entry_id", "target_id"),
        CheckConstraint("entry_id <> target_id", name="not_itself"),
        CheckConstraint("rank > 0", name="rank_from_one"),
        Index("ix_round_want_target", "target_id"),
    )
