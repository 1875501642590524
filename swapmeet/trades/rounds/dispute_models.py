"""What goes wrong on the day and how it ends: disputes with photos and rulings, cash between people, and who may not trade again."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, minor, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.trades.rounds.hand_models import HandOver
from swapmeet.trades.rounds.models import RoundMember

MAX_PHOTOS = 4


class DisputeReason(StrEnum):
    MISSING = "missing"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"
    WRONG_THING = "wrong_thing"


class DisputeState(StrEnum):
    OPEN = "open"
    RULED = "ruled"
    WITHDRAWN = "withdrawn"


DISPUTE_MACHINE = Machine(
    "dispute",
    DisputeState,
    {
        DisputeState.OPEN: frozenset({DisputeState.RULED, DisputeState.WITHDRAWN}),
        DisputeState.RULED: frozenset(),
        DisputeState.WITHDRAWN: frozenset(),
    },
)


class Outcome(StrEnum):
    NOTHING = "nothing"
    UNDO = "undo"
    COMPENSATION = "compensation"
    WARNING = "warning"
    BLOCK = "block"


class RoundDispute(Model):
    """A receiver says what is wrong with a thing; its giver answers; a host rules. One open dispute a hand-over."""

    __tablename__ = "round_dispute"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    hand_over_id: Mapped[int] = mapped_column(BigId)
    reason: Mapped[DisputeReason] = mapped_column(enum_column(DisputeReason))
    words: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[optional_instant]
    state: Mapped[DisputeState] = mapped_column(enum_column(DisputeState), default=DisputeState.OPEN)
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome))
    ruling: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[instant]
    closed_at: Mapped[optional_instant]

    hand_over: Mapped[HandOver] = relationship(
        foreign_keys=[hand_over_id], primaryjoin="RoundDispute.hand_over_id == HandOver.id"
    )
    photos: Mapped[list["DisputePhoto"]] = relationship(
        order_by="DisputePhoto.id",
        foreign_keys="DisputePhoto.dispute_id",
        primaryjoin="DisputePhoto.dispute_id == RoundDispute.id",
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("hand_over_id", "hand_over", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        CheckConstraint("(state = 'ruled') = (outcome IS NOT NULL)", name="ruled_how"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_when"),
        Index(
            "uq_round_dispute_open",
            "hand_over_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_round_dispute_round", "round_id", "state"),
    )


class DisputePhoto(Model):
    """A photo beside a dispute, seen by both sides and the hosts only: first as sent, then only the picture made of it."""

    __tablename__ = "dispute_photo"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    dispute_id: Mapped[int] = mapped_column(BigId)
    by_giver: Mapped[bool] = mapped_column(default=False)
    incoming_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id", ondelete="SET NULL"))
    problem: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]

    __table_args__ = (
        same_event("dispute_id", "round_dispute", ondelete="CASCADE"),
        Index("ix_dispute_photo_dispute", "dispute_id"),
    )


class RoundCash(Model):
    """Money that one person of a round owes another one, over the desk: a ruling, or what the two have agreed."""

    __tablename__ = "round_cash"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    payer_id: Mapped[int] = mapped_column(BigId)
    payee_id: Mapped[int] = mapped_column(BigId)
    amount_minor: Mapped[minor]
    why: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[instant]

    payer: Mapped[RoundMember] = relationship(
        foreign_keys=[payer_id], primaryjoin="RoundCash.payer_id == RoundMember.id"
    )
    payee: Mapped[RoundMember] = relationship(
        foreign_keys=[payee_id], primaryjoin="RoundCash.payee_id == RoundMember.id"
    )

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("payer_id", "round_member", ondelete="CASCADE"),
        same_event("payee_id", "round_member", ondelete="CASCADE"),
        CheckConstraint("amount_minor > 0", name="some_money"),
        CheckConstraint("payer_id <> payee_id", name="two_people"),
        Index("ix_round_cash_round", "round_id"),
    )


class RoundCashPaid(Model):
    """Money that crossed the desk: above zero paid in by the person, below zero paid out to them."""

    __tablename__ = "round_cash_paid"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(BigId)
    member_id: Mapped[int] = mapped_column(BigId)
    amount_minor: Mapped[minor]
    by_label: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[instant]

    __table_args__ = (
        same_event("round_id", "trade_round", ondelete="CASCADE"),
        same_event("member_id", "round_member", ondelete="CASCADE"),
        CheckConstraint("amount_minor <> 0", name="some_money"),
        Index("ix_round_cash_paid_round", "round_id"),
    )


class RoundBar(Model):
    """A person may not enter rounds of an organizer any more, until somebody lifts it."""

    __tablename__ = "round_bar"

    id: Mapped[pk]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[instant]
    lifted_at: Mapped[optional_instant]

    person: Mapped[Person] = relationship()

    __table_args__ = (
        Index(
            "uq_round_bar_live",
            "organizer_id",
            "person_id",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )
