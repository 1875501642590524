"""Plan, change, cancel and remove sessions."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Hall
from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.time import to_local
from swapmeet.orders.models import Order, OrderLine, Quota
from swapmeet.orders.services.quotas import change_capacity, create_quota
from swapmeet.program.conflicts import Slot, busy_teacher, taken_hall
from swapmeet.program.errors import HallTaken, SeatsSold, TeacherBusy
from swapmeet.program.models import (
    SESSION_MACHINE,
    ProgramSession,
    SessionKind,
    SessionState,
    SignUp,
    SignUpState,
    Teacher,
)
from swapmeet.program.queries import list_slots, slot_of


@dataclass(frozen=True)
class Plan:
    """What a session is to be. Times are instants, amounts minor units of the show's currency."""

    title: str
    kind: SessionKind
    starts_at: datetime
    ends_at: datetime
    code: str = ""
    about: str = ""
    hall_id: int | None = None
    place_text: str = ""
    teacher_name: str = ""
    capacity: int | None = None
    needs_sign_up: bool = False
    fee_minor: int = 0
    kit_fee_minor: int = 0
    min_to_run: int | None = None
    min_age: int | None = None
    scale: str = ""
    skill: str = ""
    bring: tuple[str, ...] = field(default_factory=tuple)


def plan_session(db_session: Session, *, event: Event, plan: Plan, by: Actor, now: datetime) -> ProgramSession:
    """Add a session. Raises HallTaken and TeacherBusy with what is there, and Invalid at the field."""
    lock(db_session, event)
    _check_shape(db_session, event, plan, None)
    session = ProgramSession(
        event_id=event.id, code=plan.code or _next_code(db_session, event), created_at=now, sequence=-1
    )
    _fill(db_session, event, session, plan, by, now)
    _check_conflicts(db_session, event, slot_of(session))
    db_session.add(session)
    db_session.flush()
    record(db_session, now=now, by=by, verb="session.planned", subject=session, target="planned", title=plan.title)
    event.version += 1
    return session


def change_session(
    db_session: Session, *, event: Event, session: ProgramSession, plan: Plan, by: Actor, now: datetime
) -> None:
    """Change a session. Raises HallTaken, TeacherBusy, and SeatsSold when sign-up would end while people hold seats."""
    lock(db_session, event)
    _check_shape(db_session, event, plan, session)
    before = (session.title, session.starts_at, session.ends_at, session.hall_id)
    _fill(db_session, event, session, plan, by, now)
    if session.state is SessionState.PLANNED:
        _check_conflicts(db_session, event, slot_of(session))
    db_session.flush()
    after = (session.title, session.starts_at, session.ends_at, session.hall_id)
    moved = before != after
    record(db_session, now=now, by=by, verb="session.changed", subject=session, moved=moved, title=plan.title)
    event.version += 1


def cancel_session(
    db_session: Session, *, event: Event, session: ProgramSession, reason: str, by: Actor, now: datetime
) -> int:
    """Take a session off the program and tell its buyers by mail; returns how many. Money goes back on the order."""
    lock(db_session, event)
    SESSION_MACHINE.check(session.state, SessionState.CANCELED)
    session.state = SessionState.CANCELED
    session.sequence += 1
    session.changed_at = now
    record(
        db_session,
        now=now,
        by=by,
        verb="session.canceled",
        subject=session,
        origin="planned",
        target="canceled",
        reason=reason,
    )
    event.version += 1
    return _tell_holders(db_session, session, reason, now)


def remove_session(db_session: Session, *, event: Event, session: ProgramSession, by: Actor, now: datetime) -> None:
    """Delete a session that nobody has or had a seat in. Raises SeatsSold."""
    lock(db_session, event)
    held = select(OrderLine.id).where(
        OrderLine.event_id == event.id, OrderLine.kind == "seat", OrderLine.product_id == session.id
    )
    if db_session.scalar(held.limit(1)) is not None:
        raise SeatsSold("People have or had a seat in this session, so it stays in the books. Cancel it instead.")
    record(
        db_session,
        now=now,
        by=by,
        verb="session.removed",
        subject=session,
        origin=session.state.value,
        title=session.title,
    )
    quota = db_session.get(Quota, session.quota_id) if session.quota_id else None
    db_session.delete(session)
    db_session.flush()
    if quota is not None:
        db_session.delete(quota)
    event.version += 1


def _check_shape(db_session: Session, event: Event, plan: Plan, session: ProgramSession | None) -> None:
    if plan.ends_at <= plan.starts_at:
        raise Invalid("The end must be after the start.", field="ends_at")
    first, last = to_local(plan.starts_at, event.time_zone).date(), to_local(plan.ends_at, event.time_zone).date()
    if first < event.opens_from or (last - event.last_day).days > 1:
        raise Invalid(
            f"The show runs from {event.opens_from:%b %-d} to {event.last_day:%b %-d, %Y}.", field="starts_at"
        )
    if plan.needs_sign_up and plan.capacity is None:
        raise Invalid("A session with sign-up needs a number of seats.", field="capacity")
    code_owner = db_session.scalar(
        select(ProgramSession.id).where(ProgramSession.event_id == event.id, ProgramSession.code == plan.code)
    )
    if plan.code and code_owner is not None and (session is None or code_owner != session.id):
        raise Invalid("Another session of this show has that code.", field="code")
    if session is not None and session.quota_id is not None:
        _check_seats(db_session, session, plan)


def _check_seats(db_session: Session, session: ProgramSession, plan: Plan) -> None:
    quota = db_session.get_one(Quota, session.quota_id)
    lock(db_session, quota)
    if quota.taken and not plan.needs_sign_up:
        raise SeatsSold(f"{quota.taken} seats are taken, so sign-up cannot be switched off.", field="needs_sign_up")


def _fill(db_session: Session, event: Event, session: ProgramSession, plan: Plan, by: Actor, now: datetime) -> None:
    teacher = _teacher(db_session, event, plan.teacher_name)
    session.title, session.kind, session.about = plan.title, plan.kind, plan.about
    session.code = plan.code or session.code
    session.starts_at, session.ends_at = plan.starts_at, plan.ends_at
    session.hall_id, session.place_text = plan.hall_id, plan.place_text
    session.teacher_id = teacher.id if teacher else None
    session.capacity, session.needs_sign_up = plan.capacity, plan.needs_sign_up
    session.fee_minor, session.kit_fee_minor = plan.fee_minor, plan.kit_fee_minor
    session.min_to_run, session.min_age = plan.min_to_run, plan.min_age
    session.scale, session.skill, session.bring = plan.scale, plan.skill, list(plan.bring)
    session.sequence += 1
    session.changed_at = now
    if plan.needs_sign_up:
        _quota(db_session, event, session, plan, by, now)


def _quota(db_session: Session, event: Event, session: ProgramSession, plan: Plan, by: Actor, now: datetime) -> None:
    if session.quota_id is None:
        quota = create_quota(db_session, event=event, name=plan.title, capacity=plan.capacity, by=by, now=now)
        session.quota_id = quota.id
        return
    quota = db_session.get_one(Quota, session.quota_id)
    quota.name = plan.title
    change_capacity(db_session, quota=quota, capacity=plan.capacity, by=by, now=now)


def _teacher(db_session: Session, event: Event, name: str) -> Teacher | None:
    """The show's teacher of that name; a new one when there is none yet."""
    if not name:
        return None
    teacher = db_session.scalar(select(Teacher).where(Teacher.event_id == event.id, Teacher.name == name))
    if teacher is None:
        teacher = Teacher(event_id=event.id, name=name)
        db_session.add(teacher)
        db_session.flush()
    return teacher


def _check_conflicts(db_session: Session, event: Event, wanted: Slot) -> None:
    others = list_slots(db_session, event_id=event.id, without_id=wanted.session_id)
    busy = busy_teacher(wanted, others)
    if busy:
        raise TeacherBusy(f"The teacher is giving {_there(event, busy)} at that time.", field="teacher_name")
    hall = db_session.get(Hall, wanted.hall_id) if wanted.hall_id else None
    if hall is None:
        return
    taken = taken_hall(wanted, others, is_shared=hall.is_shared, max_people=hall.max_people)
    if taken and hall.is_shared:
        raise HallTaken(
            f"{hall.name} holds {hall.max_people} people, and there is {_there(event, taken)}.", field="hall_id"
        )
    if taken:
        raise HallTaken(
            f"{hall.name} is taken: there is {_there(event, taken)}. Choose another time or hall.", field="hall_id"
        )


def _there(event: Event, slots: list[Slot]) -> str:
    zone = event.time_zone
    words = [
        f"“{slot.title}” ({to_local(slot.starts_at, zone):%a %H:%M}–{to_local(slot.ends_at, zone):%H:%M})"
        for slot in slots[:3]
    ]
    return ", ".join(words) + (f" and {len(slots) - 3} more" if len(slots) > 3 else "")


def _next_code(db_session: Session, event: Event) -> str:
    used = set(db_session.scalars(select(ProgramSession.code).where(ProgramSession.event_id == event.id)))
    number = 1
    while f"S{number}" in used:
        number += 1
    return f"S{number}"


def _tell_holders(db_session: Session, session: ProgramSession, reason: str, now: datetime) -> int:
    statement = (
        select(Order)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(SignUp, SignUp.line_id == OrderLine.id)
        .where(SignUp.session_id == session.id, SignUp.state == SignUpState.CONFIRMED)
        .distinct()
    )
    orders = list(db_session.scalars(statement))
    for order in orders:
        if order.buyer_email:
            queue_mail(
                db_session,
                kind="program.canceled",
                to=order.buyer_email,
                payload={"session_id": session.id, "order_id": order.id, "reason": reason},
                fact_key=f"session:{session.id}:canceled:{session.sequence}:{order.id}",
                now=now,
                event_id=session.event_id,
                person_id=order.person_id,
            )
    return len(orders)
