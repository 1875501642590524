"""The drawings of a hall over time: published versions that never change, and one draft that anybody of the team edits."""

from typing import Any

from sqlalchemy import DDL, CheckConstraint, ForeignKey, String, Text, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.infra.audit import append_only
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, instant, pk


class PlanVersion(Model):
    """A plan as it was published: its document (docs/floor-plan-format.md) and the SHA-256 of that text."""

    __tablename__ = "plan_version"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    plan_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[instant]

    __table_args__ = (
        same_event("plan_id", "floor_plan", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("plan_id", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
    )


class PlanDraft(Model):
    """What will be published next. `number` counts its savings; `based_on` is the newest version it knows (0: none)."""

    __tablename__ = "plan_draft"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    plan_id: Mapped[int] = mapped_column(BigId, unique=True)
    number: Mapped[int]
    based_on: Mapped[int] = mapped_column(default=0)
    document: Mapped[str] = mapped_column(Text)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    saved_at: Mapped[instant]

    saved_by: Mapped[Person | None] = relationship()

    __table_args__ = (
        same_event("plan_id", "floor_plan", ondelete="CASCADE"),
        CheckConstraint("number > 0 AND based_on >= 0", name="numbers_fit"),
    )


# Versions go with their plan (a hall that was never used), so only changing one is refused.
_versions: Any = PlanVersion.__table__
for _dialect, _statements in zip(("sqlite", "postgresql"), append_only(_versions), strict=True):
    for _statement in _statements:
        if "BEFORE DELETE" not in _statement:
            event.listen(
                _versions,
                "after_create",
                DDL(_statement.replace("%", "%%")).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]
            )
