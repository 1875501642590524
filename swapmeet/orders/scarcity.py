"""The guarded counter: the only code that moves `quota.taken`.

A claim first gives back what has expired on the wanted quotas (and on every other quota those carts held), then moves
each counter once, in ascending quota id, by `taken + delta WHERE taken + delta <= capacity`. One statement a quota, one
order of locks, so buyers never deadlock and never oversell; the CHECK of the table stands behind it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CursorResult,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from swapmeet.infra.uow import guard_is_on, open_gap
from swapmeet.orders.errors import SoldOut, StillMoving
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState, Quota
from swapmeet.orders.waitlist.models import WaitingQueue, quota_queue

IS_A_CART: ColumnElement[str] = literal_column("'cart'")  # written out, so that the partial index over carts is used


@dataclass(frozen=True)
class Expired:
    """Carts that were just marked expired, with their live lines: the caller tells the features to let go."""

    orders: Sequence[Order]
    lines: Sequence[OrderLine]
    given_back: Mapping[int, int]  # quota id -> units


def expire_carts(
    db_session: Session, *, quota_ids: Iterable[int], order_ids: Iterable[int] = (), now: datetime, limit: int = 200
) -> Expired:
    """Mark carts expired that hold units of these quotas (or are named) and whose time is over. Counters are not moved yet.

    PostgreSQL: rows another transaction is expiring at this moment are skipped; their units come back with it.
    """
    quotas, named = sorted(set(quota_ids)), sorted(set(order_ids))
    if not quotas and not named:
        return Expired([], [], {})
    values = {"now": now, "quotas": quotas, "named": named, "limit": limit}
    ids = list(db_session.scalars(_expired_ids(), values))
    if not ids:
        return Expired([], [], {})
    rows = select(Order).where(Order.id.in_(ids)).order_by(Order.id).execution_options(populate_existing=True)
    return _close_expired(db_session, list(db_session.scalars(rows)), now)


@cache
def _expired_ids() -> Any:
    """Built once: every claim asks it, and nearly always there is nothing."""
    holding = (
        select(OrderLine.order_id)
        .join(LineQuota, LineQuota.line_id == OrderLine.id)
        .where(LineQuota.quota_id.in_(bindparam("quotas", expanding=True)))
    )
    wanted = or_(Order.id.in_(bindparam("named", expanding=True)), Order.id.in_(holding))
    return (
        select(Order.id)
        .where(Order.state == IS_A_CART, Order.expires_at <= bindparam("now"), wanted)
        .order_by(Order.id)
        .limit(bindparam("limit"))
        .with_for_update(of=Order, skip_locked=True)
    )


def _close_expired(db_session: Session, orders: Sequence[Order], now: datetime) -> Expired:
    if not orders:
        return Expired([], [], {})
    for order in orders:
        order.state = OrderState.EXPIRED
        order.closed_at = now
    ids = [order.id for order in orders]
    lines = list(
        db_session.scalars(
            select(OrderLine).where(OrderLine.order_id.in_(ids), OrderLine.released_at.is_(None)).order_by(OrderLine.id)
        )
    )
    for line in lines:
        line.released_at = now
    db_session.flush()
    return Expired(orders, lines, take_back(db_session, lines))


def take_back(db_session: Session, lines: Sequence[OrderLine]) -> dict[int, int]:
    """Delete what these lines hold and return the units by quota id. Move the counters with `move_counters` afterwards."""
    ids = [line.id for line in lines]
    if not ids:
        return {}
    totals: dict[int, int] = defaultdict(int)
    rows = db_session.execute(select(LineQuota.quota_id, LineQuota.quantity).where(LineQuota.line_id.in_(ids)))
    for quota_id, quantity in rows:
        totals[quota_id] += quantity
    db_session.execute(delete(LineQuota).where(LineQuota.line_id.in_(ids)).execution_options(synchronize_session=False))
    return dict(totals)


def take_directly(db_session: Session, *, wanted: Mapping[int, int]) -> bool:
    """Try a claim on a single quota without looking for expired carts first. False leaves everything as it was.

    So does a waiting list of this quota: those who wait come first.

    While there is room, what has expired need not be tidied up: one statement instead of two. With several quotas it
    would break the order of locks, so those take the long way.
    """
    if len(wanted) != 1 or not guard_is_on():
        return not wanted
    ((quota_id, units),) = wanted.items()
    values = {"quota": quota_id, "delta": units, "queue": quota_queue(quota_id)}
    result = db_session.execute(_direct_move(), values)
    return isinstance(result, CursorResult) and result.rowcount == 1


@cache
def _direct_move() -> Any:
    queue: Any = WaitingQueue.__table__
    waits = exists().where(queue.c.queue == bindparam("queue"))
    return _guarded_move(True).where(~waits)


def move_counters(
    db_session: Session, *, wanted: Mapping[int, int], given_back: Mapping[int, int], now: datetime
) -> None:
    """Move each counter once by wanted - given back, in ascending id.

    Raises SoldOut for the first that would pass its capacity, StillMoving when another transaction is giving units of it back.
    """
    for quota_id in sorted({*wanted, *given_back}):
        delta = wanted.get(quota_id, 0) - given_back.get(quota_id, 0)
        if not guard_is_on():
            _move_without_guard(db_session, quota_id, delta)
        elif delta and not _move(db_session, quota_id, delta):
            raise _refusal(db_session, quota_id, wanted.get(quota_id, 0), given_back.get(quota_id, 0), now)


def _move(db_session: Session, quota_id: int, delta: int) -> bool:
    result = db_session.execute(_guarded_move(delta > 0), {"quota": quota_id, "delta": delta})
    return isinstance(result, CursorResult) and result.rowcount == 1


@cache
def _guarded_move(is_taking: bool) -> Any:
    table: Any = Quota.__table__
    delta: Any = bindparam("delta")
    statement = update(table).where(table.c.id == bindparam("quota")).values(taken=table.c.taken + delta)
    if is_taking:
        statement = statement.where(or_(table.c.capacity.is_(None), table.c.taken + delta <= table.c.capacity))
    return statement


def _move_without_guard(db_session: Session, quota_id: int, delta: int) -> None:
    """The naive way (read, check, write later), for the control of the race tests only: it must oversell."""
    row = db_session.execute(select(Quota.taken, Quota.capacity).where(Quota.id == quota_id)).one()
    if delta > 0 and row.capacity is not None and row.taken + delta > row.capacity:
        raise SoldOut("Sold out.", quota=quota_id, left=0)
    open_gap(db_session)
    db_session.execute(
        update(Quota)
        .where(Quota.id == quota_id)
        .values(taken=row.taken + delta)
        .execution_options(synchronize_session=False)
    )


def _refusal(db_session: Session, quota_id: int, wanted: int, given_back: int, now: datetime) -> SoldOut | StillMoving:
    """Why a counter did not move. Expired carts that `expire_carts` could not lock are being closed by somebody else now."""
    still_expired = bool(expired_units(db_session, [quota_id], now=now))
    row = db_session.execute(select(Quota.name, Quota.capacity, Quota.taken).where(Quota.id == quota_id)).one()
    left = max(0, (row.capacity or 0) - row.taken + given_back)
    if still_expired or left >= wanted:  # the second: it came back between the refused update and this look
        return StillMoving("Others are being served at this moment. Try again in a few seconds.", quota=quota_id)
    words = f"{row.name} is sold out." if left == 0 else f"Only {left} of {row.name} left, and you asked for {wanted}."
    return SoldOut(words + " Nothing was added.", quota=quota_id, left=left)


def free_units(db_session: Session, quota_ids: Iterable[int], *, now: datetime) -> dict[int, int | None]:
    """What pages show: capacity - taken + expired, by quota id; None where there is no limit. Two queries."""
    ids = sorted(set(quota_ids))
    if not ids:
        return {}
    rows = db_session.execute(select(Quota.id, Quota.capacity, Quota.taken).where(Quota.id.in_(ids))).all()
    expired = expired_units(db_session, ids, now=now)
    return {
        row.id: None if row.capacity is None else max(0, row.capacity - row.taken + expired.get(row.id, 0))
        for row in rows
    }


def expired_units(db_session: Session, quota_ids: Sequence[int], *, now: datetime) -> dict[int, int]:
    """Units still counted as taken by carts whose time is over."""
    statement = (
        select(LineQuota.quota_id, func.sum(LineQuota.quantity))
        .join(OrderLine, OrderLine.id == LineQuota.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.state == IS_A_CART, Order.expires_at <= now, LineQuota.quota_id.in_(quota_ids))
        .group_by(LineQuota.quota_id)
    )
    return {quota_id: int(units) for quota_id, units in db_session.execute(statement)}


@cache
def expired_of_show() -> CTE:
    """The same for all quotas of the show `:event_id` at `:now`, to be joined into statements of pages: (quota_id, units)."""
    order, line, held = Order.__table__, OrderLine.__table__, LineQuota.__table__
    return (
        select(held.c.quota_id, func.sum(held.c.quantity).label("units"))
        .join(line, line.c.id == held.c.line_id)
        .join(order, order.c.id == line.c.order_id)
        .where(
            order.c.event_id == bindparam("event_id"),
            order.c.state == IS_A_CART,
            order.c.expires_at <= bindparam("now"),
        )
        .group_by(held.c.quota_id)
        .cte("expired")
    )
