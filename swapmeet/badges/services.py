"""Writes about attendees and badges: admit, withdraw, rename, reissue. Check-ins are in `check_ins.py`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from swapmeet.badges.errors import NotReissuable
from swapmeet.badges.models import BADGE_MACHINE, ISSUED, Attendee, AttendeeRole, Badge, BadgeCounter, BadgeState
from swapmeet.badges.queries import find_live_badge
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.counters import take_numbers
from swapmeet.infra.search import fold
from swapmeet.infra.uow import lock, write
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import OrderLine
from swapmeet.orders.pieces import Division
from swapmeet.orders.services.divisions import move_seats


@dataclass(frozen=True)
class Admission:
    """One person to admit: who, by which order line and seat of it, on which days and from what time."""

    name: str
    line_id: int | None = None
    seat: int = 1
    email: str = ""
    person_id: int | None = None
    role: AttendeeRole = AttendeeRole.VISITOR
    ticket_label: str = ""
    valid_days: Sequence[str] = field(default_factory=tuple)
    days_allowed: int | None = None
    entry_from: str | None = None
    order_code: str = ""  # where those admitted together come from several orders


def admit(
    db_session: Session, *, event_id: int, admissions: Sequence[Admission], order_code: str = "", now: datetime
) -> list[int]:
    """Attendees with a badge each. Numbers come from the show's counter in one guarded update, codes from `secrets`.

    Returns the ids of the attendees, in the order of the admissions.
    """
    if not admissions:
        return []
    first = take_numbers(db_session, BadgeCounter, event_id=event_id, count=len(admissions))
    attendees = [
        {
            "event_id": event_id,
            "line_id": admission.line_id,
            "person_id": admission.person_id,
            "role": admission.role,
            "name": admission.name,
            "email": admission.email,
            "ticket_label": admission.ticket_label,
            "valid_days": list(admission.valid_days),
            "days_allowed": admission.days_allowed,
            "entry_from": admission.entry_from,
            "seat": admission.seat,
            "created_at": now,
            "order_code": admission.order_code or order_code,
            "search_text": search_text(
                admission.name, admission.email, admission.order_code or order_code, first + index
            ),
        }
        for index, admission in enumerate(admissions)
    ]
    ids = [int(row.id) for row in write(db_session, _insert_attendees(), attendees)]
    badges = [
        {
            "event_id": event_id,
            "attendee_id": attendee_id,
            "number": first + index,
            "code": codes.badge_code(),
            "state": BadgeState.ISSUED,
            "issued_at": now,
        }
        for index, attendee_id in enumerate(ids)
    ]
    write(db_session, _insert_badges(), badges)
    return ids


@cache
def _insert_attendees() -> Any:
    """Both statements are built once: every order admits somebody."""
    table: Any = Attendee.__table__
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)


@cache
def _insert_badges() -> Any:
    table: Any = Badge.__table__
    return insert(table).inline()


def withdraw(db_session: Session, *, line_ids: Iterable[int], reason: str, now: datetime) -> None:
    """The lines were given up: their attendees are canceled and their live badges void. Nothing happens to lines without attendees."""
    ids = sorted(set(line_ids))
    if not ids:
        return
    whose = select(Attendee.id).where(Attendee.line_id.in_(ids))
    db_session.execute(
        update(Badge)
        .where(Badge.attendee_id.in_(whose), Badge.state == ISSUED)
        .values(state=BadgeState.VOID, voided_at=now, void_reason=reason[:200])
        .execution_options(synchronize_session=False)
    )
    db_session.execute(
        update(Attendee)
        .where(Attendee.line_id.in_(ids), Attendee.canceled_at.is_(None))
        .values(canceled_at=now)
        .execution_options(synchronize_session=False)
    )


def follow_division(line: OrderLine, *, db_session: Session, new: OrderLine, division: Division, **_: Any) -> None:
    """Listens to `line_divided`: people belong to the line their ticket is in now. Their badges stay as they are."""
    move_seats(db_session, Attendee, line=line, new=new, division=division)


def rename_attendees(
    db_session: Session, *, attendees: Sequence[Attendee], names: Mapping[int, str], by: Actor, now: datetime
) -> int:
    """Write the names given by attendee id; returns how many changed. Each change is in the audit log, without the names."""
    changed = 0
    for attendee in attendees:
        name = names.get(attendee.id, attendee.name)
        if name != attendee.name:
            attendee.name = name
            attendee.search_text = search_text(
                name, attendee.email, attendee.order_code, *_numbers(db_session, attendee)
            )
            record(db_session, now=now, by=by, verb="attendee.renamed", subject=attendee)
            changed += 1
    db_session.flush()
    return changed


def edit_attendee(db_session: Session, *, attendee: Attendee, name: str, email: str, by: Actor, now: datetime) -> None:
    """Correct who somebody is."""
    lock(db_session, attendee)
    attendee.name, attendee.email = name, email
    attendee.search_text = search_text(name, email, attendee.order_code, *_numbers(db_session, attendee))
    record(db_session, now=now, by=by, verb="attendee.edited", subject=attendee)


def reissue_badge(db_session: Session, *, attendee: Attendee, reason: str, by: Actor, now: datetime) -> Badge:
    """Void the live badge (lost, damaged) and issue a new one with a new number and code. Raises NotReissuable."""
    lock(db_session, attendee)
    if attendee.canceled_at is not None:
        raise NotReissuable("This ticket was canceled, so it gets no badge.")
    old = find_live_badge(db_session, attendee.id)
    if old is not None:
        BADGE_MACHINE.check(old.state, BadgeState.VOID)
        old.state, old.voided_at, old.void_reason = BadgeState.VOID, now, reason[:200]
        db_session.flush()
    badge = Badge(
        event_id=attendee.event_id,
        attendee_id=attendee.id,
        number=take_numbers(db_session, BadgeCounter, event_id=attendee.event_id),
        code=codes.badge_code(),
        state=BadgeState.ISSUED,
        issued_at=now,
    )
    db_session.add(badge)
    db_session.flush()
    attendee.search_text = search_text(attendee.name, attendee.email, attendee.order_code, badge.number)
    old_number = old.number if old else None
    record(db_session, now=now, by=by, verb="badge.reissued", subject=badge, reason=reason, old_number=old_number)
    return badge


def search_text(name: str, email: str, order_code: str, *numbers: int) -> str:
    """What the list of attendees is searched by: folded, any part of it matches."""
    return fold(" ".join([name, email, order_code, *(f"#{number}" for number in numbers)]))[:600]


def _numbers(db_session: Session, attendee: Attendee) -> list[int]:
    badge = find_live_badge(db_session, attendee.id)
    return [badge.number] if badge else []
