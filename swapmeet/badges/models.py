"""Attendees, badges, gates and check-ins."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, String, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.orders.models import OrderLine


class AttendeeRole(StrEnum):
    VISITOR = "visitor"
    VENDOR = "vendor"
    ASSISTANT = "assistant"
    TEACHER = "teacher"
    VOLUNTEER = "volunteer"


class Attendee(Model):
    """A person admitted to one show, by the order line that paid for it. `valid_days` empty means every day.

    `days_allowed` bounds on how many of them the badge opens the door (None: on all). `order_code` is kept here so that
    search and the door ask one table.
    """

    __tablename__ = "attendee"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    line_id: Mapped[int | None] = mapped_column(BigId)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    role: Mapped[AttendeeRole] = mapped_column(enum_column(AttendeeRole), default=AttendeeRole.VISITOR)
    name: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(255), default="")
    ticket_label: Mapped[str] = mapped_column(String(200), default="")
    valid_days: Mapped[list[Any]] = mapped_column(Json, default=list)  # ISO dates
    days_allowed: Mapped[int | None]
    entry_from: Mapped[str | None] = mapped_column(String(5))  # "10:20" on the show's clock
    seat: Mapped[int] = mapped_column(default=1)  # which of the line's quantity
    order_code: Mapped[str] = mapped_column(String(16), default="")
    canceled_at: Mapped[optional_instant]
    passed_on_at: Mapped[optional_instant]  # it belongs to somebody else than the buyer since
    created_at: Mapped[instant]
    search_text: Mapped[str] = mapped_column(String(600), default="")

    line: Mapped[OrderLine | None] = relationship(
        foreign_keys=[line_id], primaryjoin="Attendee.line_id == OrderLine.id"
    )
    badges: Mapped[list["Badge"]] = relationship(
        back_populates="attendee",
        order_by="Badge.id",
        foreign_keys="Badge.attendee_id",
        primaryjoin="Badge.attendee_id == Attendee.id",
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("line_id", "order_line", ondelete="CASCADE"),
        Index("uq_attendee_line_seat", "line_id", "role", "seat", unique=True),
        Index("ix_attendee_event_name", "event_id", "name"),
        Index("ix_attendee_event_order", "event_id", "order_code"),
        Index("ix_attendee_person", "person_id"),
    )

    @property
    def days(self) -> list[date]:
        return [date.fromisoformat(value) for value in self.valid_days]


class BadgeState(StrEnum):
    ISSUED = "issued"
    VOID = "void"


BADGE_MACHINE = Machine(
    "badge", BadgeState, {BadgeState.ISSUED: frozenset({BadgeState.VOID}), BadgeState.VOID: frozenset()}
)


class Badge(Model):
    """What proves an attendee, with a number for people and a secret code for scanners. One live badge per attendee."""

    __tablename__ = "badge"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    code: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[BadgeState] = mapped_column(enum_column(BadgeState), default=BadgeState.ISSUED)
    issued_at: Mapped[instant]
    voided_at: Mapped[optional_instant]
    void_reason: Mapped[str] = mapped_column(String(200), default="")

    attendee: Mapped[Attendee] = relationship(
        back_populates="badges", foreign_keys=[attendee_id], primaryjoin="Badge.attendee_id == Attendee.id"
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("attendee_id", "attendee", ondelete="CASCADE"),
        UniqueConstraint("event_id", "number"),
        Index(
            "uq_badge_live",
            "attendee_id",
            unique=True,
            sqlite_where=text("state = 'issued'"),
            postgresql_where=text("state = 'issued'"),
        ),
    )


# Written into statements, since a database that plans with a placeholder cannot use uq_badge_live, and reads every badge instead.
ISSUED: ColumnElement[Any] = literal_column("'issued'")


class BadgeCounter(Model):
    """The last badge number given out in a show; moved by one update, so numbers never repeat."""

    __tablename__ = "badge_counter"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class Gate(Model):
    """Where people are let in. Every show has at least the main door."""

    __tablename__ = "gate"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    position: Mapped[int] = mapped_column(default=0)

    __table_args__ = (UniqueConstraint("event_id", "id"), UniqueConstraint("event_id", "name"))


class CheckIn(Model):
    """One entry of somebody on a day. At most one live per attendee and day, whatever gate or badge; an undo keeps the row."""

    __tablename__ = "check_in"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    attendee_id: Mapped[int] = mapped_column(BigId)
    badge_id: Mapped[int] = mapped_column(BigId)
    gate_id: Mapped[int] = mapped_column(BigId)
    day: Mapped[date]
    at: Mapped[instant]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    by_label: Mapped[str] = mapped_column(String(200), default="")
    nonce: Mapped[str | None] = mapped_column(String(64))
    undone_at: Mapped[optional_instant]
    undone_by: Mapped[str] = mapped_column(String(200), default="")

    badge: Mapped[Badge] = relationship(foreign_keys=[badge_id], primaryjoin="CheckIn.badge_id == Badge.id")
    attendee: Mapped[Attendee] = relationship(
        foreign_keys=[attendee_id], primaryjoin="CheckIn.attendee_id == Attendee.id"
    )
    gate: Mapped[Gate] = relationship(foreign_keys=[gate_id], primaryjoin="CheckIn.gate_id == Gate.id")

    __table_args__ = (
        same_event("attendee_id", "attendee", ondelete="CASCADE"),
        same_event("badge_id", "badge", ondelete="CASCADE"),
        same_event("gate_id", "gate", ondelete="CASCADE"),
        Index(
            "uq_check_in_live",
            "attendee_id",
            "day",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        Index("uq_check_in_nonce", "event_id", "nonce", unique=True),
        Index("ix_check_in_event_at", "event_id", "at"),
        Index("ix_check_in_badge", "badge_id"),
        CheckConstraint("undone_at IS NULL OR undone_at >= at", name="undone_after"),
    )
