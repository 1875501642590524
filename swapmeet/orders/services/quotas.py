"""Capacities: made and changed here, each time with an audit entry, never below what is taken."""

from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.errors import CapacityBelowTaken
from swapmeet.orders.models import Quota
from swapmeet.orders.queries import Holder, list_holders

MOST = 1_000_000
NAMED = 20  # holders named in the refusal


def create_quota(
    db_session: Session, *, event: Event, name: str, capacity: int | None, by: Actor, now: datetime
) -> Quota:
    """A new capacity with nothing taken; None is unlimited. Raises Invalid for a senseless number."""
    _check(capacity)
    quota = Quota(event_id=event.id, name=name[:200], capacity=capacity, taken=0)
    db_session.add(quota)
    record(db_session, now=now, by=by, verb="quota.created", subject=quota, capacity=capacity)
    return quota


def change_capacity(db_session: Session, *, quota: Quota, capacity: int | None, by: Actor, now: datetime) -> None:
    """Set another capacity. Raises CapacityBelowTaken, with who holds what, when more than that is taken already.

    Carts whose time is over still count as taken here until they are tidied up; the refusal names them too.
    """
    _check(capacity)
    lock(db_session, quota)
    if capacity == quota.capacity:
        return
    if capacity is not None and quota.taken > capacity:
        raise _refusal(quota, capacity, list_holders(db_session, quota_id=quota.id))
    before = quota.capacity
    quota.capacity = capacity
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


def _check(capacity: int | None) -> None:
    if capacity is not None and not 0 <= capacity <= MOST:
        raise Invalid(f"Write a whole number from 0 to {MOST:,}, or leave it empty for no limit.", field="capacity")


def _word(capacity: int | None) -> str:
    return "no limit" if capacity is None else str(capacity)


def _refusal(quota: Quota, capacity: int, holders: list[Holder]) -> CapacityBelowTaken:
    named = ", ".join(f"{holder.words} ({holder.quantity})" for holder in holders[:NAMED])
    more = f" and {len(holders) - NAMED} more" if len(holders) > NAMED else ""
    return CapacityBelowTaken(
        f"{quota.taken} of “{quota.name}” are taken, so it cannot go down to {capacity}. Held by: {named}{more}.",
        field="capacity",
        taken=quota.taken,
        holders=[{"order": holder.code, "quantity": holder.quantity} for holder in holders[:NAMED]],
    )
