"""Teachers, program sessions and the people signed up for them."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.events.models import Event, Hall
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, minor, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.orders.models import Quota


class Teacher(Model):
    """Who gives a session. One teacher cannot give two sessions at one time."""

    __tablename__ = "teacher"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(255), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (UniqueConstraint("event_id", "id"), UniqueConstraint("event_id", "name"))


class SessionKind(StrEnum):
    WORKSHOP = "workshop"
    CLASS = "class"
    TALK = "talk"
    MAKE_AND_TAKE = "make and take"
    GAME = "game"
    TOURNAMENT = "tournament"
    PROJECT = "project"
    ROUND_TABLE = "round table"
    SOCIAL = "social"
    OPEN_HOURS = "open hours"


class SessionState(StrEnum):
    PLANNED = "planned"
    CANCELED = "canceled"


SESSION_MACHINE = Machine(
    "session",
    SessionState,
    {
        SessionState.PLANNED: frozenset({SessionState.CANCELED}),
        SessionState.CANCELED: frozenset({SessionState.PLANNED}),
    },
)


class ProgramSession(Model):
    """One thing on the program, at a time and (mostly) in a hall. With `needs_sign_up` its seats are sold by the cart.

    `sequence` moves with each change of what a calendar shows. Amounts are minor units of the show's currency.
    """

    __tablename__ = "program_session"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[SessionKind] = mapped_column(enum_column(SessionKind))
    state: Mapped[SessionState] = mapped_column(enum_column(SessionState), default=SessionState.PLANNED)
    about: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[instant]
    ends_at: Mapped[instant]
    hall_id: Mapped[int | None] = mapped_column(BigId)
    place_text: Mapped[str] = mapped_column(String(120), default="")
    teacher_id: Mapped[int | None] = mapped_column(BigId)
    capacity: Mapped[int | None]
    needs_sign_up: Mapped[bool] = mapped_column(default=False)
    quota_id: Mapped[int | None] = mapped_column(BigId)
    fee_minor: Mapped[minor] = mapped_column(default=0)
    kit_fee_minor: Mapped[minor] = mapped_column(default=0)
    min_to_run: Mapped[int | None]
    min_age: Mapped[int | None]
    scale: Mapped[str] = mapped_column(String(40), default="")
    skill: Mapped[str] = mapped_column(String(40), default="")
    bring: Mapped[list[Any]] = mapped_column(Json, default=list)
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[instant]
    changed_at: Mapped[instant]

    event: Mapped[Event] = relationship(viewonly=True)
    hall: Mapped[Hall | None] = relationship(
        foreign_keys=[hall_id], primaryjoin="ProgramSession.hall_id == Hall.id", viewonly=True
    )
    teacher: Mapped[Teacher | None] = relationship(
        foreign_keys=[teacher_id], primaryjoin="ProgramSession.teacher_id == Teacher.id", viewonly=True
    )
    quota: Mapped[Quota | None] = relationship(
        foreign_keys=[quota_id], primaryjoin="ProgramSession.quota_id == Quota.id", viewonly=True
    )

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "code"),
        same_event("hall_id", "hall"),
        same_event("teacher_id", "teacher"),
        same_event("quota_id", "quota"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
        CheckConstraint("fee_minor >= 0 AND kit_fee_minor >= 0", name="fees_not_negative"),
        CheckConstraint("NOT needs_sign_up OR quota_id IS NOT NULL", name="sign_up_has_quota"),
        Index("ix_program_session_event_start", "event_id", "starts_at", "id"),
    )

    @property
    def price_minor(self) -> int:
        return self.fee_minor + self.kit_fee_minor


class SignUpState(StrEnum):
    CONFIRMED = "confirmed"
    CANCELED = "canceled"


SIGN_UP_MACHINE = Machine(
    "sign-up",
    SignUpState,
    {SignUpState.CONFIRMED: frozenset({SignUpState.CANCELED}), SignUpState.CANCELED: frozenset()},
)


class SignUp(Model):
    """One seat in a session, for one person, by the order line that holds it."""

    __tablename__ = "sign_up"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(BigId)
    line_id: Mapped[int] = mapped_column(BigId)
    seat: Mapped[int]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[SignUpState] = mapped_column(enum_column(SignUpState), default=SignUpState.CONFIRMED)
    created_at: Mapped[instant]
    canceled_at: Mapped[optional_instant]

    session: Mapped[ProgramSession] = relationship(
        foreign_keys=[session_id], primaryjoin="SignUp.session_id == ProgramSession.id", viewonly=True
    )

    __table_args__ = (
        same_event("session_id", "program_session"),
        same_event("line_id", "order_line", ondelete="CASCADE"),
        UniqueConstraint("line_id", "seat"),
        Index(
            "uq_sign_up_person",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'confirmed'"),
            postgresql_where=text("state = 'confirmed'"),
        ),
        Index("ix_sign_up_session", "session_id"),
    )
