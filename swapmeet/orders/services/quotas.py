"""Capacities: made and changed here, each time with an audit entry, never below what is taken."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import AuditEntry, record
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.errors import CapacityBelowTaken
from swapmeet.orders.models import Quota
from swapmeet.orders.queries import Holder, list_holders
from swapmeet.orders.services.carts import close_expired

MOST = 1_000_000
NAMED = 20  # holders named in the sentence of a refusal
LISTED = 50  # and in its facts


def create_quota(
    db_session: Session, *, event: Event, name: str, capacity: int | None, by: Actor, now: datetime
) -> Quota:
    """A new capacity with nothing taken, flushed; None is unlimited. Raises Invalid for a senseless number."""
    _check(capacity, "capacity")
    quota = Quota(event_id=event.id, name=name[:200], capacity=capacity, taken=0)
    db_session.add(quota)
    record(db_session, now=now, by=by, verb="quota.created", subject=quota, capacity=capacity)
    return quota


def create_quotas(
    db_session: Session, *, event: Event, names: Sequence[str], capacity: int, by: Actor, now: datetime
) -> list[int]:
    """Many quotas of one capacity with their audit entries, in a few statements. Returns their ids in the order of the names."""
    if not names:
        return []
    rows = [{"event_id": event.id, "name": name, "capacity": capacity, "taken": 0} for name in names]
    ids = list(db_session.scalars(insert(Quota).returning(Quota.id, sort_by_parameter_order=True), rows))
    entries = [
        {
            "at": now,
            "event_id": event.id,
            "actor_kind": by.kind.value,
            "actor_person_id": by.person_id,
            "actor_label": by.label[:200],
            "verb": "quota.created",
            "subject": "Quota",
            "subject_id": quota_id,
            "reason": "",
            "facts": {"capacity": capacity},
        }
        for quota_id in ids
    ]
    db_session.execute(insert(AuditEntry), entries)
    return ids


def change_capacity(
    db_session: Session,
    *,
    quota: Quota,
    capacity: int | None,
    by: Actor,
    now: datetime,
    field: str | None = "capacity",
) -> None:
    """Set another capacity (None: no limit), after carts whose time is over gave their units back.

    `field` is where a refusal hangs. Raises Invalid for a senseless number, CapacityBelowTaken, with who holds what, when
    more than that is taken.
    """
    _check(capacity, field)
    if capacity == quota.capacity:
        return
    close_expired(db_session, quota_ids=[quota.id], now=now)
    before = quota.capacity
    statement = update(Quota).where(Quota.id == quota.id).values(capacity=capacity).returning(Quota.id)
    if capacity is not None:
        statement = statement.where(Quota.taken <= capacity)
    changed = db_session.scalar(statement.execution_options(synchronize_session=False))
    db_session.refresh(quota)
    if changed is None:
        raise _refusal(quota, list_holders(db_session, quota_id=quota.id), capacity, field)
    record(
        db_session,
        now=now,
        by=by,
        verb="quota.capacity_changed",
        subject=quota,
        origin=_word(before),
        target=_word(capacity),
        capacity=capacity,
    )


def _check(capacity: int | None, field: str | None) -> None:
    if capacity is not None and not 0 <= capacity <= MOST:
        raise Invalid(f"Write a whole number from 0 to {MOST:,}, or leave it empty for no limit.", field=field)


def _word(capacity: int | None) -> str:
    return "no limit" if capacity is None else str(capacity)


def _refusal(quota: Quota, holders: Sequence[Holder], capacity: int | None, field: str | None) -> CapacityBelowTaken:
    named = ", ".join(f"{holder.words} ({holder.units})" for holder in holders[:NAMED])
    more = f" and {len(holders) - NAMED} more" if len(holders) > NAMED else ""
    return CapacityBelowTaken(
        f"{quota.taken} are taken, so “{quota.name}” cannot go down to {capacity}. Held by: {named}{more}.",
        field=field,
        taken=quota.taken,
        holders=[{"code": each.code, "name": each.name, "units": each.units} for each in holders[:LISTED]],
    )
