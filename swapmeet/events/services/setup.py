"""Halls, sale periods, policies and news of a show. Each change moves the show's version and is written to the log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.errors import CodeTaken, StillInUse
from swapmeet.events.models import Announcement, Event, Hall, Policy, PolicyKind, SalePeriod
from swapmeet.events.queries import find_policy, list_halls, list_sale_periods
from swapmeet.events.services.shows import check_open, touch
from swapmeet.events.slugs import slug_of
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid


@dataclass(frozen=True)
class HallWish:
    """A room: lengths in millimeters; `max_people` None is not settled."""

    name: str
    width_mm: int
    depth_mm: int
    max_people: int | None = None
    is_shared: bool = False
    notes: str = ""


@dataclass(frozen=True)
class PeriodWish:
    """What a place is sold for; without times it is the whole show."""

    label: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def add_hall(db_session: Session, *, event: Event, wish: HallWish, by: Actor, now: datetime) -> Hall:
    """A new room at the end of the list. Raises CodeTaken when the show has one of that name."""
    lock(db_session, event)
    check_open(event)
    halls = list_halls(db_session, event_id=event.id)
    _check_hall_name(halls, wish.name, None)
    hall = Hall(
        event_id=event.id,
        code=_free_code([hall.code for hall in halls], slug_of(wish.name, fallback="hall")[:30]),
        position=max((hall.position for hall in halls), default=-1) + 1,
        doors=[],
        **asdict(wish),
    )
    db_session.add(hall)
    _note(db_session, event, hall, "hall.added", by, now, name=wish.name)
    return hall


def change_hall(db_session: Session, *, event: Event, hall: Hall, wish: HallWish, by: Actor, now: datetime) -> None:
    """New measures or words; the code, which plans and files know it by, stays."""
    lock(db_session, event)
    check_open(event)
    _check_hall_name(list_halls(db_session, event_id=event.id), wish.name, hall.id)
    if _apply(hall, asdict(wish)):
        _note(db_session, event, hall, "hall.changed", by, now, **asdict(wish))


def remove_hall(db_session: Session, *, event: Event, hall: Hall, by: Actor, now: datetime) -> None:
    """Raises StillInUse while a plan, a session or anything else is in the room."""
    lock(db_session, event)
    check_open(event)
    _check_unused(db_session, hall, "Something is still planned in this room. Move its tables and sessions first.")
    _note(db_session, event, hall, "hall.removed", by, now, name=hall.name)
    db_session.delete(hall)
    db_session.flush()


def add_sale_period(db_session: Session, *, event: Event, wish: PeriodWish, by: Actor, now: datetime) -> SalePeriod:
    """A new period at the end of the list. Raises CodeTaken when the show has one of that name."""
    lock(db_session, event)
    check_open(event)
    periods = list_sale_periods(db_session, event_id=event.id)
    _check_period(periods, wish, None)
    period = SalePeriod(
        event_id=event.id,
        code=_free_code([period.code for period in periods], slug_of(wish.label, fallback="period")[:30]),
        position=max((period.position for period in periods), default=-1) + 1,
        **asdict(wish),
    )
    db_session.add(period)
    _note(db_session, event, period, "sale_period.added", by, now, label=wish.label)
    return period


def change_sale_period(
    db_session: Session, *, event: Event, period: SalePeriod, wish: PeriodWish, by: Actor, now: datetime
) -> None:
    """New words or times for a period."""
    lock(db_session, event)
    check_open(event)
    _check_period(list_sale_periods(db_session, event_id=event.id), wish, period.id)
    if _apply(period, asdict(wish)):
        _note(db_session, event, period, "sale_period.changed", by, now, label=wish.label)


def remove_sale_period(db_session: Session, *, event: Event, period: SalePeriod, by: Actor, now: datetime) -> None:
    """Raises StillInUse for the last one, and for one that tables are sold for."""
    lock(db_session, event)
    check_open(event)
    if len(list_sale_periods(db_session, event_id=event.id)) < 2:
        raise StillInUse("A show needs at least one sale period.")
    _check_unused(db_session, period, "Tables are sold for this period. Give them another one first.")
    _note(db_session, event, period, "sale_period.removed", by, now, label=period.label)
    db_session.delete(period)
    db_session.flush()


def save_policy(
    db_session: Session,
    *,
    event: Event,
    kind: PolicyKind,
    steps: list[dict[str, Any]],
    text: str,
    by: Actor,
    now: datetime,
) -> Policy | None:
    """A new version of a policy; orders keep the version they were placed under. None when nothing is different."""
    lock(db_session, event)
    check_open(event)
    current = find_policy(db_session, event_id=event.id, kind=kind)
    ordered = sorted(steps, key=lambda step: (bool(step.get("only_if")), -int(step["until_days_before"])))
    if current is not None and (current.steps, current.text) == (ordered, text):
        return None
    number = current.number + 1 if current else 1
    policy = Policy(event_id=event.id, kind=kind, number=number, steps=ordered, text=text, created_at=now)
    db_session.add(policy)
    _note(
        db_session,
        event,
        policy,
        "policy.changed",
        by,
        now,
        kind=kind.value,
        number=number,
        before=current.steps if current else [],
        after=ordered,
    )
    return policy


def announce(
    db_session: Session, *, event: Event, title: str, body: str, by: Actor, now: datetime, is_public: bool = True
) -> Announcement:
    """News on the show's page, from now on; or not there, where they are only mailed."""
    lock(db_session, event)
    announcement = Announcement(event_id=event.id, title=title, body=body, published_at=now, is_public=is_public)
    db_session.add(announcement)
    _note(db_session, event, announcement, "announcement.published", by, now, title=title)
    return announcement


def change_announcement(
    db_session: Session,
    *,
    event: Event,
    announcement: Announcement,
    title: str,
    body: str,
    by: Actor,
    now: datetime,
) -> None:
    """Other words; the time it came out stays."""
    lock(db_session, event)
    if _apply(announcement, {"title": title, "body": body}):
        _note(db_session, event, announcement, "announcement.changed", by, now, title=title)


def remove_announcement(
    db_session: Session, *, event: Event, announcement: Announcement, by: Actor, now: datetime
) -> None:
    lock(db_session, event)
    _note(db_session, event, announcement, "announcement.removed", by, now, title=announcement.title)
    db_session.delete(announcement)
    db_session.flush()


def _note(db_session: Session, event: Event, row: Any, verb: str, by: Actor, now: datetime, **facts: Any) -> None:
    db_session.flush()
    touch(db_session, event)
    record(db_session, now=now, by=by, verb=verb, subject=row, event_id=event.id, **facts)


def _apply(row: Any, values: Mapping[str, Any]) -> bool:
    """Write the values that differ; False when none does."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def _check_hall_name(halls: list[Hall], name: str, own_id: int | None) -> None:
    if any(hall.name.casefold() == name.casefold() and hall.id != own_id for hall in halls):
        raise CodeTaken("This show has a room of that name already.", field="name")


def _check_period(periods: list[SalePeriod], wish: PeriodWish, own_id: int | None) -> None:
    if any(period.label.casefold() == wish.label.casefold() and period.id != own_id for period in periods):
        raise CodeTaken("This show has a sale period of that name already.", field="label")
    if wish.starts_at and wish.ends_at and wish.ends_at <= wish.starts_at:
        raise Invalid("It must end after it starts.", field="ends_at")


def _free_code(taken: list[str], wanted: str) -> str:
    code, number = wanted, 1
    while code in taken:
        number += 1
        code = f"{wanted}-{number}"
    return code


def _check_unused(db_session: Session, row: Any, words: str) -> None:
    """Raises StillInUse when any table's row points at this one, whatever the database would do about it."""
    table = type(row).__table__
    for other in table.metadata.sorted_tables:
        for constraint in other.foreign_key_constraints:
            if constraint.referred_table is not table or other is table:
                continue
            conditions = [element.parent == getattr(row, element.column.name) for element in constraint.elements]
            if db_session.scalar(select(func.count()).select_from(other).where(*conditions)):
                raise StillInUse(words)
