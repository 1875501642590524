"""Reads of the program."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Hall
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState, Quota
from swapmeet.program.conflicts import Slot
from swapmeet.program.errors import SessionNotFound
from swapmeet.program.models import ProgramSession, SessionState, SignUp, SignUpState, Teacher


@dataclass(frozen=True)
class SessionRow:
    """A session as lists show it: plain values and the seats left (None: no limit or no sign-up)."""

    id: int
    code: str
    title: str
    kind: str
    state: str
    starts_at: datetime
    ends_at: datetime
    hall: str
    teacher: str
    needs_sign_up: bool
    price_minor: int
    capacity: int | None
    left: int | None
    scale: str

    @property
    def seats_kind(self) -> str:
        """The state color of the seats: free, held (few), taken (full or open to all), bad (canceled)."""
        if self.state == SessionState.CANCELED:
            return "bad"
        if not self.needs_sign_up or self.left == 0:
            return "taken"
        return "held" if self.left is not None and self.left <= 3 else "free"

    @property
    def seats_words(self) -> str:
        if self.state == SessionState.CANCELED:
            return "Canceled"
        if not self.needs_sign_up:
            return "Open to all"
        if self.left is None:
            return "Sign up"
        return "Full" if self.left == 0 else f"{self.left} seat{'s' if self.left != 1 else ''} left"


def _expired_units(now: datetime) -> Any:
    """Units of a quota still counted by carts whose time is over, as a scalar subquery over `quota`."""
    return (
        select(func.coalesce(func.sum(LineQuota.quantity), 0))
        .join(OrderLine, OrderLine.id == LineQuota.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(LineQuota.quota_id == Quota.id, Order.state == OrderState.CART, Order.expires_at <= now)
        .correlate(Quota)
        .scalar_subquery()
    )


def list_sessions(
    db_session: Session,
    *,
    event_id: int,
    now: datetime,
    limit: int | None = None,
    with_canceled: bool = True,
    only: str = "",
) -> list[SessionRow]:
    """The program by start, then hall position, then id: one query. `only` = "sign_up" leaves open hours out."""
    left = func.coalesce(Quota.capacity - Quota.taken + _expired_units(now), None)
    statement = (
        select(ProgramSession, Hall.name, Teacher.name, Quota.capacity, left)
        .outerjoin(Hall, Hall.id == ProgramSession.hall_id)
        .outerjoin(Teacher, Teacher.id == ProgramSession.teacher_id)
        .outerjoin(Quota, Quota.id == ProgramSession.quota_id)
        .where(ProgramSession.event_id == event_id)
        .order_by(ProgramSession.starts_at, Hall.position, ProgramSession.id)
    )
    if not with_canceled:
        statement = statement.where(ProgramSession.state == SessionState.PLANNED)
    if only == "sign_up":
        statement = statement.where(ProgramSession.needs_sign_up.is_(True))
    if limit is not None:
        statement = statement.limit(limit)
    return [_row(*found) for found in db_session.execute(statement)]


def _row(
    session: ProgramSession, hall: str | None, teacher: str | None, capacity: int | None, left: int | None
) -> SessionRow:
    return SessionRow(
        id=session.id,
        code=session.code,
        title=session.title,
        kind=session.kind.value,
        state=session.state.value,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        hall=hall or session.place_text,
        teacher=teacher or "",
        needs_sign_up=session.needs_sign_up,
        price_minor=session.price_minor,
        capacity=session.capacity,
        left=None if capacity is None or not session.needs_sign_up else max(0, int(left or 0)),
        scale=session.scale,
    )


def get_session(db_session: Session, *, event_id: int, code: str) -> ProgramSession:
    """By its code within the show, with hall, teacher and quota. Raises SessionNotFound."""
    statement = (
        select(ProgramSession)
        .where(ProgramSession.event_id == event_id, ProgramSession.code == code)
        .options(joinedload(ProgramSession.hall), joinedload(ProgramSession.teacher), joinedload(ProgramSession.quota))
    )
    found = db_session.scalar(statement)
    if found is None:
        raise SessionNotFound("There is no such session in this show.")
    return found


def list_slots(db_session: Session, *, event_id: int, without_id: int | None) -> list[Slot]:
    """What is planned, for the conflict check. Open hours of a hall take nobody's place and are left out."""
    statement = select(ProgramSession).where(
        ProgramSession.event_id == event_id,
        ProgramSession.state == SessionState.PLANNED,
        ProgramSession.kind != "open hours",
    )
    sessions = [row for row in db_session.scalars(statement.order_by(ProgramSession.id)) if row.id != without_id]
    return [slot_of(row) for row in sessions]


def slot_of(session: ProgramSession) -> Slot:
    return Slot(
        session.id,
        session.title,
        session.starts_at,
        session.ends_at,
        session.hall_id,
        session.teacher_id,
        session.capacity,
    )


def list_teachers(db_session: Session, *, event_id: int) -> list[Teacher]:
    """By name."""
    return list(
        db_session.scalars(select(Teacher).where(Teacher.event_id == event_id).order_by(Teacher.name, Teacher.id))
    )


def list_sign_ups(db_session: Session, *, session_id: int) -> list[SignUp]:
    """Confirmed seats by name."""
    statement = select(SignUp).where(SignUp.session_id == session_id, SignUp.state == SignUpState.CONFIRMED)
    return list(db_session.scalars(statement.order_by(SignUp.name, SignUp.id)))


def list_seats_of_person(db_session: Session, *, person_id: int) -> Sequence[SignUp]:
    """A person's confirmed seats in all shows, by start."""
    statement = (
        select(SignUp)
        .join(ProgramSession, ProgramSession.id == SignUp.session_id)
        .where(SignUp.person_id == person_id, SignUp.state == SignUpState.CONFIRMED)
        .options(joinedload(SignUp.session))
        .order_by(ProgramSession.starts_at, SignUp.id)
    )
    return db_session.scalars(statement).all()
