"""Who gets what on the day: hand-overs with their boxes, people who collect for others, and how the desk runs."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.trades.rounds.models import RoundEntry, RoundMember


class HandOverState(StrEnum):
    WAITING = "waiting"
    HANDED = "handed"
    UNCLAIMED = "unclaimed"
    VOID = "void"


HAND_OVER_MACHINE = Machine(
    "hand-over",
    HandOverState,
    {
        HandOverState.WAITING: frozenset({HandOverState.HANDED, HandOverState.UNCLAIMED, HandOverState.VOID}),
        HandOverState.HANDED: frozenset({HandOverState.WAITING}),  # a slip of the desk, until the round is closed
        HandOverState.UNCLAIMED: frozenset({HandOverState.HANDED}),
        HandOverState.VOID: frozenset(),
    },
)


class HandOver(Model):
    """`entry` goes to `receiver`, who gives `for_entry`, as a published final run says; void when a repair has replaced it.

    `boxed_at`: sorted into the receiver's box. `settled_at`: the round is closed, its whole loop has moved.
    """

    __tablename__ = "hand_over"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    run_id: Mapped[int] = mapped_column(BigId)
    loop: Mapped[int]
    entry_id: Mapped[int] = mapped_column(BigId)
    for_entry_id: Mapped[int] = mapped_column(BigId)
    giver_id: Mapped[int] = mapped_column(BigId)
    receiver_id: Mapped[int] = mapped_column(BigId)
    state: Mapped[HandOverState] = mapped_column(enum_column(HandOverState), default=HandOverState.WAITING)
    boxed_at: Mapped[optional_instant]
    handed_at: Mapped[optional_instant]
    handed_to: Mapped[str] = mapped_column(String(200), default="")
    by_label: Mapped[str] = mapped_column(String(200), default="")
    settled_at: Mapped[optional_instant]

    entry: Mapped[RoundEntry] = relationship(foreign_keys=[entry_id], primaryjoin="HandOver.entry_id == RoundEntry.id")
    for_entry: Mapped[RoundEntry] = relationship(
        foreign_keys=[for_entry_id], primaryjoin="HandOver.for_entry_id == RoundEntry.id"
    )
    giver: Mapped[RoundMember] = relationship(
        foreign_keys=[giver_id], primaryjoin="HandOver.giver_id == RoundMember.id"
    )
    receiver: Mapped[RoundMember] = relationship(
        foreign_keys=[receiver_id], primaryjoin="HandOver.receiver_id == RoundMember.id"
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("run_id", "trade_run", ondelete="CASCADE"),
        same_event("entry_id", "round_entry", ondelete="CASCADE"),
        same_event("for_entry_id", "round_entry", ondelete="CASCADE"),
        same_event("giver_id", "round_member", ondelete="CASCADE"),
        same_event("receiver_id", "round_member", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("run_id", "entry_id"),
        CheckConstraint("(state = 'handed') = (handed_at IS NOT NULL)", name="handed_when"),
        CheckConstraint("settled_at IS NULL OR state IN ('handed', 'unclaimed')", name="settled_whole"),
        Index(
            "uq_hand_over_live",
            "entry_id",
            unique=True,
            sqlite_where=text("state <> 'void'"),
            postgresql_where=text("state <> 'void'"),
        ),
        Index(
            "uq_hand_over_live_for",
            "for_entry_id",
            unique=True,
            sqlite_where=text("state <> 'void'"),
            postgresql_where=text("state <> 'void'"),
        ),
        Index("ix_hand_over_round", "round_id", "run_id", "loop"),
        Index("ix_hand_over_receiver", "receiver_id"),
        Index("ix_hand_over_giver", "giver_id"),
    )


class RoundBox(Model):
    """The box that a receiver's things are sorted into. `slot_at` is when they are asked to come, if slots are given."""

    __tablename__ = "round_box"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    member_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    shelf: Mapped[str] = mapped_column(String(8))
    slot_at: Mapped[optional_instant]

    member: Mapped[RoundMember] = relationship(
        foreign_keys=[member_id], primaryjoin="RoundBox.member_id == RoundMember.id"
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("member_id", "round_member", ondelete="CASCADE"),
        UniqueConstraint("member_id"),
        UniqueConstraint("round_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
    )


class RoundProxy(Model):
    """Somebody who may hand in and collect for a member. Whoever shows `code` is taken for them until it is revoked."""

    __tablename__ = "round_proxy"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    member_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    created_at: Mapped[instant]
    revoked_at: Mapped[optional_instant]

    member: Mapped[RoundMember] = relationship(
        foreign_keys=[member_id], primaryjoin="RoundProxy.member_id == RoundMember.id"
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("member_id", "round_member", ondelete="CASCADE"),
        CheckConstraint("name <> ''", name="name_given"),
        Index("ix_round_proxy_member", "member_id"),
    )


class RoundDesk(Model):
    """How a round's desk runs. A round without a row has no slots, and no money changes hands over its desk."""

    __tablename__ = "round_desk"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    slots_from: Mapped[optional_instant]
    slot_minutes: Mapped[int] = mapped_column(default=15)
    slot_people: Mapped[int] = mapped_column(default=6)
    uses_money: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        UniqueConstraint("round_id"),
        CheckConstraint("slot_minutes > 0 AND slot_people > 0", name="some_slots"),
    )
