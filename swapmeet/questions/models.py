"""Questions of a show and what was answered. Answers about health lie in a table of their own and go on a set day."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.questions.kinds import Asked, QuestionKind, shown


class Scope(StrEnum):
    """Whom it is asked of."""

    ORDER = "order"
    PERSON = "person"
    VENDOR = "vendor"  # who applies for a table; the answers lie with the application
    DOOR = "door"  # each person with a ticket, answered by who lets them in; `is_required`: before they come in


def may_follow(scope: str, lead: str) -> bool:
    """Both are asked of the same people. What is asked at the door can follow from what a person answered before."""
    return scope == lead or (scope == Scope.DOOR and lead == Scope.PERSON)


class Question(Model):
    """One question. `product_ids` are the ticket types it is asked for (empty: all).

    `needed_by_on`: it may be left open when ordering and is answered on the order's page until that day.
    `depends_on_id` is an earlier question of the same scope (at the door, also one to each person); this one is asked only
    after `depends_value`.
    Answers to a question about health are deleted on `purge_on`.
    """

    __tablename__ = "question"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(String(200))
    help: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[QuestionKind] = mapped_column(enum_column(QuestionKind))
    scope: Mapped[Scope] = mapped_column(enum_column(Scope))
    options: Mapped[list[Any]] = mapped_column(Json, default=list)
    is_required: Mapped[bool] = mapped_column(default=False)
    is_health: Mapped[bool] = mapped_column(default=False)
    needed_by_on: Mapped[date | None]
    purge_on: Mapped[date | None]
    depends_on_id: Mapped[int | None] = mapped_column(BigId)
    depends_value: Mapped[str | None] = mapped_column(String(200))
    product_ids: Mapped[list[Any]] = mapped_column(Json, default=list)
    position: Mapped[int] = mapped_column(default=0)
    archived_at: Mapped[optional_instant]
    created_at: Mapped[instant]

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("depends_on_id", "question"),
        CheckConstraint("needed_by_on IS NULL OR is_required", name="a_day_for_what_is_needed"),
        CheckConstraint("is_health = (purge_on IS NOT NULL)", name="health_is_purged"),
        CheckConstraint("(depends_on_id IS NULL) = (depends_value IS NULL)", name="condition_is_whole"),
        CheckConstraint("depends_on_id IS NULL OR depends_on_id <> id", name="not_after_itself"),
        Index("ix_question_event", "event_id", "position"),
        Index("ix_question_purge", "purge_on"),
    )

    def words(self, value: Any) -> str:
        """An answer to it, in words."""
        return shown(self.kind, value)

    @property
    def asked(self) -> Asked:
        """As the pure core takes it."""
        return Asked(
            key=str(self.id),
            kind=self.kind,
            label=self.label,
            is_required=self.is_required,
            options=tuple(str(each) for each in self.options),
            depends_on=str(self.depends_on_id) if self.depends_on_id else "",
            depends_value=self.depends_value or "",
            help=self.help,
            is_health=self.is_health,
        )


def _rules(name: str) -> Any:
    """The same constraints for both tables of answers."""
    return (
        UniqueConstraint("question_id", "subject"),
        same_event("question_id", "question", ondelete="CASCADE"),
        same_event("order_id", "order", ondelete="CASCADE"),
        same_event("line_id", "order_line", ondelete="CASCADE"),
        CheckConstraint("(line_id IS NULL) = (seat = 0)", name="seat_of_a_line"),
        Index(f"ix_{name}_event", "event_id", "question_id"),
        Index(f"ix_{name}_order", "order_id"),
        Index(f"ix_{name}_line", "line_id"),
    )


class _Answered:
    """One answer. `subject` is "order:5" or "line:7:2" (the second person of line 7); one answer a question and subject."""

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    question_id: Mapped[int] = mapped_column(BigId)
    order_id: Mapped[int] = mapped_column(BigId)
    line_id: Mapped[int | None] = mapped_column(BigId)
    seat: Mapped[int] = mapped_column(default=0)
    subject: Mapped[str] = mapped_column(String(60))
    value: Mapped[Any] = mapped_column(Json)
    answered_at: Mapped[instant]


class Answer(_Answered, Model):
    """An answer that the team reads."""

    __tablename__ = "answer"
    __table_args__ = _rules("answer")


class HealthAnswer(_Answered, Model):
    """Diet, allergies, access needs: shown as counts, by name only to those with the right, and deleted after the question's day."""

    __tablename__ = "health_answer"
    __table_args__ = _rules("health_answer")
