"""Invariants of badges and check-ins, as queries that must find nothing."""

from datetime import datetime

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from swapmeet.badges.models import Attendee, Badge, BadgeState, CheckIn
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import DoctorQuery

SHOWN = 20


def numbers_used_twice(db_session: Session, now: datetime) -> list[str]:
    """One live badge per number, one live badge per attendee."""
    doubled = (
        select(Badge.event_id, Badge.number, func.count())
        .where(Badge.state == BadgeState.ISSUED)
        .group_by(Badge.event_id, Badge.number)
        .having(func.count() > 1)
        .limit(SHOWN)
    )
    holders = (
        select(Badge.attendee_id, func.count())
        .where(Badge.state == BadgeState.ISSUED)
        .group_by(Badge.attendee_id)
        .having(func.count() > 1)
        .limit(SHOWN)
    )
    numbers = [
        f"show {event_id}: {count} live badges have number {number}"
        for event_id, number, count in db_session.execute(doubled)
    ]
    people = [f"attendee {attendee_id} has {count} live badges" for attendee_id, count in db_session.execute(holders)]
    return (numbers + people)[:SHOWN]


def badges_of_canceled_people(db_session: Session, now: datetime) -> list[str]:
    """A void code never opens a door: who was canceled has no live badge."""
    live = (
        select(Badge.id, Attendee.id)
        .join(Attendee, Attendee.id == Badge.attendee_id)
        .where(Badge.state == BadgeState.ISSUED, Attendee.canceled_at.is_not(None))
        .limit(SHOWN)
    )
    return [
        f"attendee {attendee_id} was canceled and badge {badge_id} is live"
        for badge_id, attendee_id in db_session.execute(live)
    ]


def entered_twice(db_session: Session, now: datetime) -> list[str]:
    """One live entry per attendee and day."""
    doubled = (
        select(CheckIn.attendee_id, CheckIn.day, func.count())
        .where(CheckIn.undone_at.is_(None))
        .group_by(CheckIn.attendee_id, CheckIn.day)
        .having(func.count() > 1)
        .limit(SHOWN)
    )
    return [
        f"attendee {attendee_id} was let in {count} times on {day}"
        for attendee_id, day, count in db_session.execute(doubled)
    ]


def entries_by_foreign_badges(db_session: Session, now: datetime) -> list[str]:
    """An entry names a badge of the very attendee who came in."""
    crossed = (
        select(CheckIn.id)
        .join(Badge, Badge.id == CheckIn.badge_id)
        .where(Badge.attendee_id != CheckIn.attendee_id)
        .limit(SHOWN)
    )
    return [
        f"check-in {check_in_id} was made with somebody else's badge" for check_in_id in db_session.scalars(crossed)
    ]


def changes_without_audit(db_session: Session, now: datetime) -> list[str]:
    """Undone entries and badges that replaced another have an audit entry each."""
    undone = select(CheckIn.id).where(
        CheckIn.undone_at.is_not(None),
        ~exists().where(
            and_(
                AuditEntry.subject == "CheckIn",
                AuditEntry.subject_id == CheckIn.id,
                AuditEntry.verb == "check_in.undone",
            )
        ),
    )
    earlier = aliased(Badge)
    replaced = select(Badge.id).where(
        exists().where(and_(earlier.attendee_id == Badge.attendee_id, earlier.id < Badge.id)),
        ~exists().where(
            and_(AuditEntry.subject == "Badge", AuditEntry.subject_id == Badge.id, AuditEntry.verb == "badge.reissued")
        ),
    )
    found = [f"check-in {row_id} was undone by nobody" for row_id in db_session.scalars(undone.limit(SHOWN))]
    found += [
        f"badge {row_id} replaced another and nobody wrote it down"
        for row_id in db_session.scalars(replaced.limit(SHOWN))
    ]
    return found[:SHOWN]


QUERIES = (
    DoctorQuery(2, "live badge numbers", numbers_used_twice),
    DoctorQuery(2, "no live badge of a canceled attendee", badges_of_canceled_people),
    DoctorQuery(9, "one live entry per attendee and day", entered_twice),
    DoctorQuery(9, "entries by the attendee's own badge", entries_by_foreign_badges),
    DoctorQuery(14, "undone entries and new badges", changes_without_audit),
)
