"""Codes. How often one was used, and what it may cost, are quotas: counted and given back like everything that is scarce."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, minor, optional_instant, pk
from swapmeet.orders.models import Quota


class Effect(StrEnum):
    NONE = "none"
    PERCENT = "percent"
    AMOUNT = "amount"
    PRICE = "price"


class Voucher(Model):
    """A code of one show. `quota_id` counts its uses (one a piece), `budget_quota_id` the minor units it has given away.

    `scope_kind` "" is everything; `scope_id` narrows it to one product (a type, for tables). With `reserved_quota_id` its
    uses were taken out of that quota and are kept for it: a piece bought with the code takes none of it.
    """

    __tablename__ = "voucher"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    batch: Mapped[str] = mapped_column(String(120), default="")
    effect: Mapped[Effect] = mapped_column(enum_column(Effect), default=Effect.NONE)
    value: Mapped[minor] = mapped_column(default=0)  # percent, or minor units
    quota_id: Mapped[int] = mapped_column(BigId)
    budget_quota_id: Mapped[int | None] = mapped_column(BigId)
    reserved_quota_id: Mapped[int | None] = mapped_column(BigId)
    scope_kind: Mapped[str] = mapped_column(String(32), default="")
    scope_id: Mapped[int | None] = mapped_column(BigId)
    opens_hidden: Mapped[bool] = mapped_column(default=False)
    valid_until: Mapped[optional_instant]
    email: Mapped[str] = mapped_column(String(255), default="")
    mailed_at: Mapped[optional_instant]
    off_at: Mapped[optional_instant]
    created_at: Mapped[instant]

    quota: Mapped[Quota] = relationship(
        foreign_keys=[quota_id], primaryjoin="Voucher.quota_id == Quota.id", viewonly=True
    )
    budget: Mapped[Quota | None] = relationship(
        foreign_keys=[budget_quota_id], primaryjoin="Voucher.budget_quota_id == Quota.id", viewonly=True
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "code"),
        UniqueConstraint("quota_id"),
        same_event("quota_id", "quota"),
        same_event("budget_quota_id", "quota"),
        same_event("reserved_quota_id", "quota"),
        CheckConstraint("value >= 0", name="value_not_negative"),
        CheckConstraint("effect <> 'percent' OR value <= 100", name="percent_sensible"),
        CheckConstraint("scope_id IS NULL OR scope_kind <> ''", name="scope_has_kind"),
        Index("ix_voucher_event_batch", "event_id", "batch"),
    )
