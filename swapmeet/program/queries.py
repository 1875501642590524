"""Reads of the program."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, case, exists, func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, Hall
from swapmeet.orders.models import Quota
from swapmeet.orders.scarcity import expired_of_show
from swapmeet.program.conflicts import Slot
from swapmeet.program.errors import SessionNotFound
from swapmeet.program.models import ProgramSession, SessionKind, SessionState, SignUp, SignUpState, Teacher


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
        """The state color of the seats: free, held (few), taken (full, or nothing to book), bad (canceled)."""
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
            return "No booking needed"
        if self.left is None:
            return "Sign up"
        return "Full" if self.left == 0 else f"{self.left} seat{'s' if self.left != 1 else ''} left"


SESSION, HALL = ProgramSession.__table__, Hall.__table__
BY_START = (SESSION.c.starts_at, HALL.c.position, SESSION.c.id)


@cache
def _session_rows() -> Any:
    """The columns of a SessionRow. Statements are built once, since that takes longer than running them."""
    teacher, quota, expired = Teacher.__table__.c, Quota.__table__.c, expired_of_show()
    names = "id code title kind state starts_at ends_at place_text needs_sign_up fee_minor kit_fee_minor scale"
    return (
        select(
            *(SESSION.c[name] for name in names.split()),
            HALL.c.name.label("hall"),
            teacher.name.label("teacher"),
            quota.capacity.label("seats"),
            (quota.capacity - quota.taken + func.coalesce(expired.c.units, 0)).label("left"),
        )
        .select_from(SESSION)
        .outerjoin(HALL, HALL.c.id == SESSION.c.hall_id)
        .outerjoin(Teacher.__table__, teacher.id == SESSION.c.teacher_id)
        .outerjoin(Quota.__table__, quota.id == SESSION.c.quota_id)
        .outerjoin(expired, expired.c.quota_id == quota.id)
        .where(SESSION.c.event_id == bindparam("event_id"))
    )


@cache
def _narrowed(with_canceled: bool, only: str) -> Any:
    statement = _session_rows().order_by(*BY_START)
    if not with_canceled:
        statement = statement.where(SESSION.c.state == SessionState.PLANNED)
    if only == "sign_up":
        statement = statement.where(SESSION.c.needs_sign_up.is_(True))
    return statement


def list_whole_program(db_session: Session, *, event_id: int) -> Sequence[ProgramSession]:
    """All sessions, canceled ones too, with their halls, by start, then id."""
    statement = (
        select(ProgramSession)
        .where(ProgramSession.event_id == event_id)
        .options(joinedload(ProgramSession.hall))
        .order_by(ProgramSession.starts_at, ProgramSession.id)
    )
    return db_session.scalars(statement).all()


def list_sessions(
    db_session: Session, *, event_id: int, now: datetime, with_canceled: bool = True, only: str = ""
) -> list[SessionRow]:
    """The program by start, then hall position, then id: one query. `only` = "sign_up" leaves open hours out."""
    statement = _narrowed(with_canceled, only)
    found = db_session.execute(statement, {"event_id": event_id, "now": now})
    return [_row(row) for row in found]


@cache
def _first_sessions() -> Any:
    """Open hours stand behind everything else, so they show only where there is nothing else."""
    is_open = case((SESSION.c.kind == SessionKind.OPEN_HOURS, 1), else_=0)
    return (
        _session_rows()
        .add_columns(func.count().over(partition_by=is_open).label("alike"))
        .where(SESSION.c.state == SessionState.PLANNED)
        .order_by(is_open, *BY_START)
        .limit(bindparam("most"))
    )


def list_first_sessions(
    db_session: Session, *, event_id: int, now: datetime, limit: int
) -> tuple[list[SessionRow], int]:
    """The first planned sessions that are no open hours (open hours where there are no others), and how many there are in all."""
    found = db_session.execute(_first_sessions(), {"event_id": event_id, "now": now, "most": limit}).all()
    alike = [row for row in found if (row.kind is SessionKind.OPEN_HOURS) == (found[0].kind is SessionKind.OPEN_HOURS)]
    return [_row(row) for row in alike], found[0].alike if found else 0


def _row(row: Any) -> SessionRow:
    return SessionRow(
        id=row.id,
        code=row.code,
        title=row.title,
        kind=row.kind.value,
        state=row.state.value,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        hall=row.hall or row.place_text,
        teacher=row.teacher or "",
        needs_sign_up=row.needs_sign_up,
        price_minor=row.fee_minor + row.kit_fee_minor,
        capacity=row.seats,
        left=None if row.seats is None or not row.needs_sign_up else max(0, int(row.left or 0)),
        scale=row.scale,
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


def list_selling_teachers(db_session: Session, *, event: Event) -> list[tuple[int, str]]:
    """(id, name) of teachers with a session that has seats for sale, by name."""
    sells = exists().where(ProgramSession.teacher_id == Teacher.id, ProgramSession.needs_sign_up.is_(True))
    wanted = select(Teacher.id, Teacher.name).where(Teacher.event_id == event.id, sells)
    return [(id_, name) for id_, name in db_session.execute(wanted.order_by(Teacher.name))]


def list_products_of_teacher(db_session: Session, *, event: Event, party_id: int) -> list[tuple[str, int]]:
    """The seats of their sessions, as orders name them."""
    wanted = select(ProgramSession.id).where(ProgramSession.event_id == event.id, ProgramSession.teacher_id == party_id)
    return [("seat", session_id) for session_id in db_session.scalars(wanted)]
