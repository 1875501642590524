"""Money in a round: what owners ask, what people offer and spend at most, and who pays whom in a run."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.audit import install_append_only
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, instant, minor, pk
from swapmeet.trades.rounds.models import RoundEntry, RoundMember


class RoundAsk(Model):
    """ "Or for money": what the owner of `entry` gets for it where no want of theirs comes true."""

    __tablename__ = "round_ask"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(BigId)
    amount_minor: Mapped[minor]

    __table_args__ = (
        same_event("entry_id", "round_entry", ondelete="CASCADE"),
        UniqueConstraint("entry_id"),
        CheckConstraint("amount_minor > 0", name="some_money"),
    )


class RoundBid(Model):
    """The most that `member` pays for `target`. What is paid is what somebody in the loop asks."""

    __tablename__ = "round_bid"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(BigId)
    target_id: Mapped[int] = mapped_column(BigId)
    amount_minor: Mapped[minor]
    created_at: Mapped[instant]

    target: Mapped[RoundEntry] = relationship(
        foreign_keys=[target_id], primaryjoin="RoundBid.target_id == RoundEntry.id"
    )

    __table_args__ = (
        same_event("member_id", "round_member", ondelete="CASCADE"),
        same_event("target_id", "round_entry", ondelete="CASCADE"),
        UniqueConstraint("member_id", "target_id"),
        CheckConstraint("amount_minor > 0", name="some_money"),
        Index("ix_round_bid_target", "target_id"),
    )


class RoundBudget(Model):
    """The most that a person spends in a round, over all they offer. Without a row the offers alone are the limit."""

    __tablename__ = "round_budget"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(BigId)
    amount_minor: Mapped[minor]

    __table_args__ = (
        same_event("member_id", "round_member", ondelete="CASCADE"),
        UniqueConstraint("member_id"),
        CheckConstraint("amount_minor > 0", name="some_money"),
    )


class TradeRunPayment(Model):
    """In a run, whoever receives `entry` pays for it instead of giving: `payee` gets `amount_minor` for `for_entry`.

    It stands beside the move of `entry`, whose `for_entry` is the same.
    """

    __tablename__ = "trade_run_payment"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    run_id: Mapped[int] = mapped_column(BigId)
    entry_id: Mapped[int] = mapped_column(BigId)
    for_entry_id: Mapped[int] = mapped_column(BigId)
    payer_id: Mapped[int] = mapped_column(BigId)
    payee_id: Mapped[int] = mapped_column(BigId)
    amount_minor: Mapped[minor]

    payer: Mapped[RoundMember] = relationship(
        foreign_keys=[payer_id], primaryjoin="TradeRunPayment.payer_id == RoundMember.id"
    )
    payee: Mapped[RoundMember] = relationship(
        foreign_keys=[payee_id], primaryjoin="TradeRunPayment.payee_id == RoundMember.id"
    )

    __table_args__ = (
        same_event("run_id", "trade_run", ondelete="CASCADE"),
        same_event("entry_id", "round_entry", ondelete="CASCADE"),
        same_event("for_entry_id", "round_entry", ondelete="CASCADE"),
        same_event("payer_id", "round_member", ondelete="CASCADE"),
        same_event("payee_id", "round_member", ondelete="CASCADE"),
        UniqueConstraint("run_id", "entry_id"),
        UniqueConstraint("run_id", "for_entry_id"),
        CheckConstraint("amount_minor > 0", name="some_money"),
        CheckConstraint("payer_id <> payee_id", name="two_people"),
    )


install_append_only(TradeRunPayment.__table__)
