"""Parts in which an order is to be paid. An order without any is paid in one sum, by its own due date."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
