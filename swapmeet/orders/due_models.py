"""Parts in which an order is to be paid (without any: in one sum, by its own due date), and what a show offers of that kind."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, instant, minor, optional_instant, pk


class DuePart(Model):
    """A sum of an order and when it is due, fixed when the order is placed; the last one is whatever is left then.

    `lapses`: when it does not come by its date, although all before it has, the order ends and what was paid is kept.
    """

    __tablename__ = "due_part"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    order_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    amount_minor: Mapped[minor]
    due_at: Mapped[instant]
    lapses: Mapped[bool] = mapped_column(default=False)
    reminded_at: Mapped[optional_instant]

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("order_id", "order", ondelete="CASCADE"),
        UniqueConstraint("order_id", "position"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("position >= 0", name="position_from_zero"),
        Index("ix_due_part_due", "due_at"),
    )


class InstalmentPlan(Model):
    """A show whose buyers may pay in parts: so much with the order, each later share by its day. Tables have terms of their own.

    `lapses`: when a later part does not come, the places go to others and what was paid is kept; else the treasurer decides.
    """

    __tablename__ = "instalment_plan"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    lapses: Mapped[bool] = mapped_column(default=False)

    dates: Mapped[list["InstalmentDate"]] = relationship(
        order_by="InstalmentDate.due_on", cascade="all, delete-orphan", lazy="joined"
    )


class InstalmentDate(Model):
    """A later share of the price, in percent, up to and with a day on the show's own clock."""

    __tablename__ = "instalment_date"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("instalment_plan.event_id", ondelete="CASCADE"))
    percent: Mapped[int]
    due_on: Mapped[date]

    __table_args__ = (
        UniqueConstraint("event_id", "due_on"),
        CheckConstraint("percent BETWEEN 1 AND 99", name="percent_sensible"),
    )


class PayLater(Model):
    """An order on invoice: when its buyer is reminded, and how long it keeps its places although the due day has passed."""

    __tablename__ = "pay_later"

    order_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    remind_at: Mapped[instant]
    keeps_until: Mapped[instant]
    told_soon_at: Mapped[optional_instant]
    told_late_at: Mapped[optional_instant]

    __table_args__ = (same_event("order_id", "order", ondelete="CASCADE"), Index("ix_pay_later_remind", "remind_at"))
