"""Reads of ticket types, their prices and what is left of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, selectinload

from swapmeet.events.models import Event, Policy, PolicyKind
from swapmeet.orders.models import LineQuota, Order, OrderLine, Quota
from swapmeet.orders.scarcity import IS_A_CART
from swapmeet.registration.errors import TicketTypeNotFound
from swapmeet.registration.models import PriceTier, TicketType
from swapmeet.registration.pricing import Tier, tier_end


def find_ticket_type(db_session: Session, *, event_id: int, ticket_type_id: int) -> TicketType | None:
    """With its tiers and quotas."""
    statement = select(TicketType).where(TicketType.event_id == event_id, TicketType.id == ticket_type_id)
    return db_session.scalar(statement.options(*_with_parts()))


def get_ticket_type(db_session: Session, *, event_id: int, ticket_type_id: int) -> TicketType:
    """Raises TicketTypeNotFound for ids of other shows and unknown ones alike."""
    found = find_ticket_type(db_session, event_id=event_id, ticket_type_id=ticket_type_id)
    if found is None:
        raise TicketTypeNotFound("There is no such ticket in this show.")
    return found


def list_ticket_types(db_session: Session, *, event_id: int, with_archived: bool = False) -> list[TicketType]:
    """By position, then id, with tiers and quotas."""
    statement = select(TicketType).where(TicketType.event_id == event_id)
    if not with_archived:
        statement = statement.where(TicketType.archived_at.is_(None))
    statement = statement.order_by(TicketType.position, TicketType.id).options(*_with_parts())
    return list(db_session.scalars(statement))


def _with_parts() -> tuple[Any, ...]:
    return (
        selectinload(TicketType.tiers).joinedload(PriceTier.quota),
        selectinload(TicketType.quota),
        selectinload(TicketType.shared_quota),
    )


def types_by_id(db_session: Session, *, event_id: int, ids: Iterable[int]) -> dict[int, TicketType]:
    """The wanted types of this show with their tiers, archived ones included; unknown and foreign ids are left out."""
    statement = select(TicketType).where(TicketType.event_id == event_id, TicketType.id.in_(sorted(set(ids))))
    return {kind.id: kind for kind in db_session.scalars(statement.options(selectinload(TicketType.tiers)))}


def list_shared_quotas(db_session: Session, *, event_id: int) -> list[Quota]:
    """The limits that ticket types of this show share, by name."""
    used = select(TicketType.shared_quota_id).where(
        TicketType.event_id == event_id, TicketType.shared_quota_id.is_not(None)
    )
    return list(db_session.scalars(select(Quota).where(Quota.id.in_(used)).order_by(Quota.name, Quota.id)))


def has_ticket_types(db_session: Session, *, event_id: int) -> bool:
    statement = select(TicketType.id).where(TicketType.event_id == event_id, TicketType.archived_at.is_(None)).limit(1)
    return db_session.scalar(statement) is not None


@dataclass(frozen=True, slots=True)
class Offer:
    """One ticket type as the public card needs it: a plain row with its tiers, and what is left (None: no limit)."""

    row: Any
    tiers: Sequence[Tier]
    left: int | None


@dataclass(frozen=True, slots=True)
class Offers:
    """The tickets of a show for its public card, and the steps of the refund policy in force."""

    offers: Sequence[Offer]
    refund_steps: Sequence[Mapping[str, Any]]


def list_offers(db_session: Session, event: Event, *, now: datetime) -> Offers:
    """Everything the public card shows, in two queries: the types with their tiers, then what is left of their quotas."""
    rows = db_session.execute(_offer_rows(), {"event_id": event.id}).all()
    if not rows:
        return Offers([], [])
    quota_ids = {
        quota_id
        for row in rows
        for quota_id in (row.quota_id, row.shared_quota_id, row.tier_quota_id)
        if quota_id is not None
    }
    values = {"event_id": event.id, "quota_ids": sorted(quota_ids), "now": now}
    levels = db_session.execute(_level_rows(), values).all()
    free = {
        row.id: None if row.capacity is None else max(0, row.capacity - row.taken + (row.expired or 0))
        for row in levels
    }
    grouped: dict[int, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.id, []).append(row)
    offers = [_offer(group, free, event.time_zone) for group in grouped.values()]
    return Offers(offers, levels[0].steps or [])


@cache
def _offer_rows() -> Any:
    """Built once, since that takes longer than running it."""
    kind = TicketType.__table__.c
    columns = [column for name, column in kind.items() if name not in ("event_id", "created_at", "archived_at")]
    tier = PriceTier.__table__.c
    return (
        select(
            *columns,
            tier.id.label("tier_id"),
            tier.price_minor.label("tier_price_minor"),
            tier.until_on,
            tier.until_at,
            tier.quota_id.label("tier_quota_id"),
        )
        .outerjoin(PriceTier.__table__, tier.ticket_type_id == kind.id)
        .where(kind.event_id == bindparam("event_id"), kind.archived_at.is_(None), kind.is_hidden.is_(False))
        .order_by(kind.position, kind.id, tier.position)
    )


@cache
def _level_rows() -> Any:
    expired = (
        select(LineQuota.quota_id, func.sum(LineQuota.quantity).label("units"))
        .join(OrderLine, OrderLine.id == LineQuota.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.state == IS_A_CART, Order.expires_at <= bindparam("now"), Order.event_id == bindparam("event_id"))
        .group_by(LineQuota.quota_id)
        .subquery()
    )
    steps = (
        select(Policy.steps)
        .where(Policy.event_id == bindparam("event_id"), Policy.kind == PolicyKind.ATTENDEE_REFUND)
        .order_by(Policy.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(Quota.id, Quota.capacity, Quota.taken, expired.c.units.label("expired"), steps.label("steps"))
        .outerjoin(expired, expired.c.quota_id == Quota.id)
        .where(Quota.id.in_(bindparam("quota_ids", expanding=True)))
    )


def _offer(rows: Sequence[Any], free: Mapping[int, int | None], zone_name: str) -> Offer:
    first = rows[0]
    tiers = [
        Tier(
            row.tier_id,
            row.tier_price_minor,
            tier_end(row.until_on, row.until_at, zone_name),
            free.get(row.tier_quota_id) if row.tier_quota_id is not None else None,
        )
        for row in rows
        if row.tier_id is not None
    ]
    bounds = [free.get(first.quota_id), free.get(first.shared_quota_id) if first.shared_quota_id else None]
    limited = [bound for bound in bounds if bound is not None]
    return Offer(first, tiers, min(limited) if limited else None)


def tiers_of(kind: TicketType, free: Mapping[int, int | None], zone_name: str) -> list[Tier]:
    """The tiers of a loaded type as pure values. `free` is what is left of each tier's quota."""
    return [
        Tier(
            tier.id,
            tier.price_minor,
            tier_end(tier.until_on, tier.until_at, zone_name),
            free.get(tier.quota_id) if tier.quota_id is not None else None,
        )
        for tier in kind.tiers
    ]


def units_in_order(db_session: Session, *, order_id: int, ticket_type_ids: Iterable[int]) -> dict[int, int]:
    """Live tickets an order holds, by ticket type."""
    statement = (
        select(OrderLine.product_id, func.sum(OrderLine.quantity))
        .where(
            OrderLine.order_id == order_id,
            OrderLine.kind == "ticket",
            OrderLine.product_id.in_(sorted(set(ticket_type_ids))),
            OrderLine.released_at.is_(None),
        )
        .group_by(OrderLine.product_id)
    )
    return {product_id: int(units) for product_id, units in db_session.execute(statement)}
