"""Check-ins: let somebody in at most once a day, undo it, and keep the gates."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from swapmeet.badges.asking import lacking
from swapmeet.badges.door import BadgeFacts, Door, Outcome, decide
from swapmeet.badges.errors import AlreadyUndone, GateNameTaken, GateNotFound, NonceReused
from swapmeet.badges.models import Attendee, Badge, BadgeState, CheckIn, Gate
from swapmeet.badges.queries import find_live_badge
from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.codes import clean_typed
from swapmeet.infra.types import BigId
from swapmeet.infra.uow import guard_is_on, lock_ids, open_gap
from swapmeet.kernel.actor import Actor

MAIN_DOOR = "Main door"


@dataclass(frozen=True, slots=True)
class GateRef:
    """A gate as far as an entry needs it."""

    id: int
    name: str


def _find_statement(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Built once: putting a statement of this size together costs more than running it.

    Parameters: event_id, today, nonce, and that of `which`.
    """
    badge, attendee, entries, gates = Badge.__table__.c, Attendee.__table__.c, CheckIn.__table__, Gate.__table__
    entry, repeat, entry_gate, repeat_gate = (
        entries.alias("entry"),
        entries.alias("repeat"),
        gates.alias("entry_gate"),
        gates.alias("repeat_gate"),
    )
    today, nonce = bindparam("today", type_=Date), bindparam("nonce", type_=String)
    return (
        select(
            badge.id.label("badge_id"),
            badge.number,
            badge.state,
            badge.event_id,
            attendee.id.label("attendee_id"),
            attendee.name,
            attendee.ticket_label,
            attendee.valid_days,
            attendee.days_allowed,
            attendee.entry_from,
            attendee.canceled_at,
            attendee.order_code,
            entry.c.id.label("entry_id"),
            entry.c.at.label("entry_at"),
            entry.c.by_label.label("entry_by"),
            entry_gate.c.name.label("entry_gate"),
            repeat.c.id.label("repeat_id"),
            repeat.c.badge_id.label("repeat_badge_id"),
            repeat.c.at.label("repeat_at"),
            repeat.c.by_label.label("repeat_by"),
            repeat_gate.c.name.label("repeat_gate"),
        )
        .select_from(Badge.__table__)
        .join(Attendee.__table__, attendee.id == badge.attendee_id)
        .outerjoin(entry, and_(entry.c.attendee_id == attendee.id, entry.c.day == today, entry.c.undone_at.is_(None)))
        .outerjoin(entry_gate, entry_gate.c.id == entry.c.gate_id)
        .outerjoin(repeat, and_(repeat.c.event_id == bindparam("event_id", type_=BigId), repeat.c.nonce == nonce))
        .outerjoin(repeat_gate, repeat_gate.c.id == repeat.c.gate_id)
        .where(which)
        .order_by(badge.id.desc())
        .limit(1)
    )


FIND_BY_CODE = _find_statement(Badge.__table__.c.code == bindparam("code", type_=String))
FIND_BY_ATTENDEE = _find_statement(
    and_(
        Badge.__table__.c.attendee_id == bindparam("attendee_id", type_=BigId),
        Badge.__table__.c.event_id == bindparam("event_id", type_=BigId),
    )
)
FIND_GATE = (
    select(Gate.__table__.c.id, Gate.__table__.c.name)
    .where(
        Gate.__table__.c.event_id == bindparam("event_id", type_=BigId),
        or_(bindparam("name", type_=String).is_(None), Gate.__table__.c.name == bindparam("name", type_=String)),
        or_(bindparam("gate_id", type_=BigId).is_(None), Gate.__table__.c.id == bindparam("gate_id", type_=BigId)),
    )
    .order_by(Gate.__table__.c.position, Gate.__table__.c.id)
    .limit(1)
)
ENTER = {
    "sqlite": sqlite.insert(CheckIn).on_conflict_do_nothing().returning(CheckIn.id),
    "postgresql": postgresql.insert(CheckIn).on_conflict_do_nothing().returning(CheckIn.id),
}
ENTER_UNGUARDED = insert(CheckIn).returning(CheckIn.id)


@dataclass(frozen=True)
class Answer:
    """The door's answer with all that its words need. `at`, `gate`, `by` are those of the entry, present or earlier."""

    outcome: Outcome
    name: str = ""
    ticket_label: str = ""
    number: int | None = None
    attendee_id: int | None = None
    check_in_id: int | None = None
    at: datetime | None = None
    gate: str = ""
    by: str = ""
    entry_from: str | None = None
    valid_days: list[str] = field(default_factory=list)
    used_on: list[date] = field(default_factory=list)
    order_code: str = ""
    replaced_by: int | None = None  # the number of the badge that took the place of a void one, and since when
    replaced_at: datetime | None = None
    asked: Sequence[str] = ()  # what has to be answered first
    is_repeat: bool = False


def check_in(
    db_session: Session,
    *,
    door: Door,
    gate: GateRef,
    now: datetime,
    by: Actor,
    code: str | None = None,
    attendee_id: int | None = None,
    nonce: str | None = None,
) -> Answer:
    """Answer a badge code (or an attendee picked from a list) at a gate; let the person in when all is well.

    A repeated nonce returns the first answer, so a device may send its queue again. Raises NonceReused when it came
    with another badge before. At most one live entry per attendee and day: the unique index decides between scanners.
    """
    row = _find_row(db_session, door, code=code, attendee_id=attendee_id, nonce=nonce)
    if row is None:
        return Answer(Outcome.UNKNOWN)
    if row.repeat_id is not None:
        return _repeat(row)
    outcome = decide(door, _facts(db_session, row, door))
    if outcome is not Outcome.IN:
        return _answer(db_session, row, outcome, door)
    if door.asks and (asked := lacking(db_session, event_id=door.event_id, attendee_id=row.attendee_id)):
        return replace(_answer(db_session, row, Outcome.ASK_FIRST, door), asked=asked)
    entered = _enter(db_session, row, door, gate, nonce=nonce, by=by, now=now)
    if entered is None:
        return _lost_race(db_session, row, door, nonce)
    return _entry_answer(row, Outcome.IN, entered, now, gate.name, by.label)


def _find_row(
    db_session: Session, door: Door, *, code: str | None, attendee_id: int | None, nonce: str | None
) -> Any | None:
    """The badge with its attendee, today's entry and the entry of the same nonce: one statement."""
    facts = {"event_id": door.event_id, "today": door.today, "nonce": nonce}
    if attendee_id is not None:
        return db_session.connection().execute(FIND_BY_ATTENDEE, {**facts, "attendee_id": attendee_id}).first()
    return db_session.connection().execute(FIND_BY_CODE, {**facts, "code": clean_typed(code or "")}).first()


def _facts(db_session: Session, row: Any, door: Door) -> BadgeFacts:
    counts_days = row.days_allowed is not None and row.entry_id is None
    return BadgeFacts(
        event_id=row.event_id,
        is_void=row.state is BadgeState.VOID,
        is_canceled=row.canceled_at is not None,
        valid_days=row.valid_days,
        days_allowed=row.days_allowed,
        entry_from=row.entry_from,
        is_in=row.entry_id is not None,
        other_days=_days_used(db_session, row.attendee_id, door.today) if counts_days else (),
    )


def _days_used(db_session: Session, attendee_id: int, today: date) -> list[date]:
    statement = select(CheckIn.day).where(
        CheckIn.attendee_id == attendee_id, CheckIn.undone_at.is_(None), CheckIn.day != today
    )
    return sorted(set(db_session.scalars(statement)))


def _enter(
    db_session: Session, row: Any, door: Door, gate: GateRef, *, nonce: str | None, by: Actor, now: datetime
) -> int | None:
    """The id of the new entry, or None when another scanner was faster."""
    values = {
        "event_id": door.event_id,
        "attendee_id": row.attendee_id,
        "badge_id": row.badge_id,
        "gate_id": gate.id,
        "day": door.today,
        "at": now,
        "by_person_id": by.person_id,
        "by_label": by.label[:200],
        "nonce": nonce,
        "undone_by": "",
    }
    if not guard_is_on():
        open_gap(db_session)
        return int(db_session.connection().execute(ENTER_UNGUARDED, values).scalar_one())
    connection = db_session.connection()
    entered: int | None = connection.execute(ENTER[connection.dialect.name], values).scalar_one_or_none()
    return entered


def _lost_race(db_session: Session, row: Any, door: Door, nonce: str | None) -> Answer:
    """Another scanner let the person in between our look and our entry; its row is there to be read now."""
    again = _find_row(db_session, door, code=None, attendee_id=row.attendee_id, nonce=nonce)
    if again is not None and again.repeat_id is not None:
        return _repeat(again)
    return _answer(db_session, again or row, Outcome.ALREADY, door)


def _repeat(row: Any) -> Answer:
    if row.repeat_badge_id != row.badge_id:
        raise NonceReused("This nonce was used for another badge. Make a new one for each scan.", field="nonce")
    answer = _entry_answer(row, Outcome.IN, row.repeat_id, row.repeat_at, row.repeat_gate, row.repeat_by)
    return replace(answer, is_repeat=True)


def _answer(db_session: Session, row: Any, outcome: Outcome, door: Door) -> Answer:
    if outcome is Outcome.OTHER_SHOW:
        return Answer(outcome)  # nothing of another show is told here
    answer = _entry_answer(row, outcome, row.entry_id, row.entry_at, row.entry_gate or "", row.entry_by or "")
    if outcome is Outcome.USED_UP:
        return replace(answer, used_on=_days_used(db_session, row.attendee_id, door.today))
    if outcome is Outcome.VOID:
        live = find_live_badge(db_session, row.attendee_id)
        return replace(answer, replaced_by=live.number, replaced_at=live.issued_at) if live is not None else answer
    return answer


def _entry_answer(
    row: Any, outcome: Outcome, check_in_id: int | None, at: datetime | None, gate: str, by: str
) -> Answer:
    return Answer(
        outcome=outcome,
        name=row.name,
        ticket_label=row.ticket_label,
        number=row.number,
        attendee_id=row.attendee_id,
        check_in_id=check_in_id,
        at=at,
        gate=gate,
        by=by,
        entry_from=row.entry_from,
        valid_days=list(row.valid_days),
        order_code=row.order_code,
    )


def undo_check_in(db_session: Session, *, event_id: int, check_in_id: int, by: Actor, now: datetime) -> None:
    """Take an entry back: the person may come in again. Raises AlreadyUndone; unknown and foreign ids too, as there is nothing to undo."""
    statement = (
        update(CheckIn)
        .where(CheckIn.id == check_in_id, CheckIn.event_id == event_id, CheckIn.undone_at.is_(None))
        .values(undone_at=now, undone_by=by.label[:200])
        .returning(CheckIn.id)
        .execution_options(synchronize_session=False)
    )
    if db_session.execute(statement).scalar_one_or_none() is None:
        raise AlreadyUndone("This entry was undone before.")
    entry = db_session.get_one(CheckIn, check_in_id, populate_existing=True)
    record(db_session, now=now, by=by, verb="check_in.undone", subject=entry, origin="in", target="undone")


def gate_for(db_session: Session, *, event_id: int, name: str | None = None, gate_id: int | None = None) -> GateRef:
    """The gate named or numbered, else the show's first one, which is made when there is none. Raises GateNotFound."""
    wanted = {"event_id": event_id, "name": name, "gate_id": gate_id}
    row = db_session.connection().execute(FIND_GATE, wanted).first()
    if row is None and (gate_id is not None or name is not None):
        raise GateNotFound("There is no such gate in this show.")
    if row is None:
        lock_ids(db_session, Event, [event_id])  # the first scans of a show come together: one of them makes the gate
        row = db_session.connection().execute(FIND_GATE, wanted).first()
    if row is not None:
        return GateRef(row.id, row.name)
    made = _add_gate(db_session, event_id, MAIN_DOOR)
    return GateRef(made.id, made.name)


def add_gate(db_session: Session, *, event_id: int, name: str, by: Actor, now: datetime) -> Gate:
    """One more gate, last in the order. Raises GateNameTaken."""
    _check_name_is_free(db_session, event_id, name, but=None)
    gate = _add_gate(db_session, event_id, name)
    record(db_session, now=now, by=by, verb="gate.added", subject=gate)
    return gate


def rename_gate(db_session: Session, *, gate: Gate, name: str, by: Actor, now: datetime) -> None:
    """Raises GateNameTaken."""
    _check_name_is_free(db_session, gate.event_id, name, but=gate.id)
    record(db_session, now=now, by=by, verb="gate.renamed", subject=gate, origin=gate.name[:64], target=name[:64])
    gate.name = name
    db_session.flush()


def _add_gate(db_session: Session, event_id: int, name: str) -> Gate:
    last = db_session.scalar(select(func.max(Gate.position)).where(Gate.event_id == event_id))
    gate = Gate(event_id=event_id, name=name, position=0 if last is None else last + 1)
    db_session.add(gate)
    db_session.flush()
    return gate


def _check_name_is_free(db_session: Session, event_id: int, name: str, but: int | None) -> None:
    statement = select(Gate.id).where(Gate.event_id == event_id, func.lower(Gate.name) == name.lower())
    if but is not None:
        statement = statement.where(Gate.id != but)
    if db_session.scalar(statement.limit(1)) is not None:
        raise GateNameTaken("There is a gate of this name already.", field="name")
