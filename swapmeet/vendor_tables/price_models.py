"""Prices of a table type beyond its own one, and the deposit a show asks for."""

from datetime import date
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, pk


class PriceKind(StrEnum):
    LISTED = "listed"
    FURTHER = "further"
    MEMBER = "member"


class TablePrice(Model):
    """One rule for the price of a table type.

    `listed`: a price in a part of the floor ("" everywhere; "zone:", "row:", "at:" or "hall:" and a name), with a last day
    or for good. `further`: from a vendor's n-th table on. `member`: for members of the club. The last two ask for a price or
    take a percentage off.
    """

    __tablename__ = "table_price"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    type_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[PriceKind] = mapped_column(enum_column(PriceKind))
    part: Mapped[str | None] = mapped_column(String(140))
    until_on: Mapped[date | None]
    from_count: Mapped[int | None]
    price_minor: Mapped[int | None] = mapped_column(BigInteger)
    percent_off: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("type_id", "table_type", ondelete="CASCADE"),
        CheckConstraint("(price_minor IS NULL) <> (percent_off IS NULL)", name="price_or_percent"),
        CheckConstraint("price_minor IS NULL OR price_minor >= 0", name="price_not_negative"),
        CheckConstraint("percent_off IS NULL OR percent_off BETWEEN 1 AND 100", name="percent_sensible"),
        CheckConstraint("kind <> 'listed' OR (price_minor IS NOT NULL AND part IS NOT NULL)", name="list_has_prices"),
        CheckConstraint("kind = 'listed' OR (part IS NULL AND until_on IS NULL)", name="only_lists_have_parts"),
        CheckConstraint("(kind = 'further') = (from_count IS NOT NULL)", name="further_counts"),
        CheckConstraint("from_count IS NULL OR from_count BETWEEN 2 AND 1000", name="count_sensible"),
        Index("ix_table_price_type", "type_id"),
        Index(
            "uq_table_price_member",
            "type_id",
            unique=True,
            sqlite_where=text("kind = 'member'"),
            postgresql_where=text("kind = 'member'"),
        ),
        Index("uq_table_price_further", "type_id", "from_count", unique=True),
    )


class TableDeposit(Model):
    """How a show lets vendors pay for tables: so much with the order, the rest up to and with a day on its own clock.

    With the order: `percent` of what the tables cost, or `each_minor` for each of them.
    `lapses`: when the rest does not come, the tables go to others and the deposit is kept; else the treasurer decides.
    """

    __tablename__ = "table_deposit"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    percent: Mapped[int | None]
    each_minor: Mapped[int | None] = mapped_column(BigInteger)
    balance_on: Mapped[date]
    lapses: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        CheckConstraint("(percent IS NULL) <> (each_minor IS NULL)", name="percent_or_sum"),
        CheckConstraint("percent IS NULL OR percent BETWEEN 1 AND 99", name="percent_sensible"),
        CheckConstraint("each_minor IS NULL OR each_minor > 0", name="sum_positive"),
    )
