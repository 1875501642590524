"""Reads of ticket types, their prices and what is left of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, cast, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from swapmeet.events.models import Event, Policy, PolicyKind
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, Quota
from swapmeet.orders.scarcity import expired_of_show
from swapmeet.registration.errors import TicketTypeNotFound
from swapmeet.registration.models import BundlePart, PriceTier, TicketAge, TicketRule, TicketType, TicketVariant
from swapmeet.registration.pricing import Tier, tier_end
from swapmeet.registration.wording import days_of


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
        joinedload(TicketType.rule),
        joinedload(TicketType.age),
    )


class TierRow(NamedTuple):
    """One step of a price, as a plain row."""

    id: int
    price_minor: int
    until_on: date | None
    until_at: datetime | None
    quota_id: int | None


@dataclass(frozen=True, slots=True)
class SoldType:
    """What a sale needs to know of a ticket type: a plain row, so that selling builds no objects that nothing changes."""

    id: int
    name: str
    price_minor: int
    valid_days: Sequence[str]
    days_allowed: int | None
    entry_from: str | None
    min_age: int | None
    per_order_limit: int
    sale_starts_at: datetime | None
    sale_ends_at: datetime | None
    quota_id: int
    shared_quota_id: int | None
    is_hidden: bool
    is_door_only: bool
    is_admission: bool
    refund_policy: str
    archived_at: datetime | None
    only_with_id: int | None
    least_each: int | None
    most_each: int | None
    per_person_limit: int | None
    is_open_price: bool | None
    member_price_minor: int | None
    asks_age: bool
    max_age: int | None
    guardian_below: int | None
    has_extras: bool  # another type is needed with it
    has_variants: bool  # it is sold by choice: see registration.variants
    has_parts: bool  # it is a bundle
    tiers: Sequence[TierRow]
    parts: Sequence[tuple["SoldType", int]] = ()  # of a bundle: what is in it, and how many of each

    @property
    def days(self) -> list[date]:
        return days_of(self.valid_days)

    def seats(self, quantity: int) -> list["SoldType"]:
        """The ticket of each person who comes in with so many of it, in the order in which names are asked."""
        if not self.has_parts:
            return [self] * quantity if self.is_admission else []
        return [part for _ in range(quantity) for part, count in self.parts for _ in range(count) if part.is_admission]

    @property
    def parts_words(self) -> str:
        """ "2 × Adult, 2 × Child, 1 × Parking"; "" for what is no bundle."""
        return ", ".join(f"{count} × {part.name}" for part, count in self.parts)


RULES = ("only_with_id", "least_each", "most_each", "per_person_limit", "is_open_price", "member_price_minor")
AGES = ("asks_age", "max_age", "guardian_below")
FLAGS = ("has_extras", "has_variants", "has_parts")
_TYPE_COLUMNS = [each.name for each in fields(SoldType) if each.name not in ("tiers", "parts", *FLAGS, *RULES, *AGES)]
_KNOWN = "swapmeet_sold_types"


def types_by_id(db_session: Session, *, event_id: int, ids: Iterable[int]) -> dict[int, SoldType]:
    """The wanted types of this show with their tiers, archived ones included; unknown and foreign ids are left out.

    Each is read once a transaction: prices, checkout fields and badges all ask.
    """
    known = _known_types(db_session, event_id)
    wanted = sorted(set(ids))
    if missing := [type_id for type_id in wanted if type_id not in known]:
        rows = db_session.execute(_type_rows(), {"event_id": event_id, "ids": missing})
        for _, group in groupby(rows, key=itemgetter(0)):
            own = list(group)
            tiers = [TierRow(*row[-len(TierRow._fields) :]) for row in own if row.tier_id is not None]
            kind = SoldType(**dict(zip((*_TYPE_COLUMNS, *RULES, *AGES, *FLAGS), own[0], strict=False)), tiers=tiers)
            known[kind.id] = kind
        _fill_bundles(db_session, event_id, known, missing)
    return {type_id: known[type_id] for type_id in wanted if type_id in known}


def _fill_bundles(db_session: Session, event_id: int, known: dict[int, SoldType], ids: Iterable[int]) -> None:
    """Give bundles their parts. Two more queries where there are any, else none."""
    bundles = [type_id for type_id in ids if type_id in known and known[type_id].has_parts]
    if not bundles:
        return
    wanted = (
        select(BundlePart).where(BundlePart.bundle_id.in_(bundles)).order_by(BundlePart.position, BundlePart.part_id)
    )
    rows = db_session.scalars(wanted).all()
    parts = types_by_id(db_session, event_id=event_id, ids=[row.part_id for row in rows])
    for bundle_id in bundles:
        own = [(parts[row.part_id], row.quantity) for row in rows if row.bundle_id == bundle_id]
        known[bundle_id] = replace(known[bundle_id], parts=own)


def _known_types(db_session: Session, event_id: int) -> dict[int, SoldType]:
    """What this transaction has read of the show already."""
    asked = (db_session.get_transaction(), event_id)
    of, known = db_session.info.get(_KNOWN, (None, {}))
    if asked[0] is None or of != asked:
        known = {}
        db_session.info[_KNOWN] = (asked, known)
    found: dict[int, SoldType] = known
    return found


@cache
def _type_rows() -> Any:
    """One row a tier (one for a type without). Built once: every buyer asks."""
    kind, tier, rule = TicketType.__table__, PriceTier.__table__, TicketRule.__table__
    extra, age = rule.alias("extra"), TicketAge.__table__
    ages = (age.c.ticket_type_id.is_not(None).label("asks_age"), age.c.max_age, age.c.guardian_below)
    needed = exists().where(extra.c.only_with_id == kind.c.id, extra.c.least_each > 0).label("has_extras")
    steps = [tier.c[name].label(f"tier_{name}") for name in TierRow._fields]
    wanted = kind.c.id.in_(bindparam("ids", expanding=True))
    return (
        select(
            *(kind.c[name] for name in _TYPE_COLUMNS),
            *(rule.c[name] for name in RULES),
            *ages,
            needed,
            _has_variants(kind),
            _has_parts(kind),
            *steps,
        )
        .select_from(
            kind.outerjoin(rule, rule.c.ticket_type_id == kind.c.id)
            .outerjoin(age, age.c.ticket_type_id == kind.c.id)
            .outerjoin(tier, tier.c.ticket_type_id == kind.c.id)
        )
        .where(kind.c.event_id == bindparam("event_id"), wanted)
        .order_by(kind.c.id, tier.c.position)
    )


def _has_variants(kind: Any) -> Any:
    """Some are bought of it by choice, or were: what a line holds must be found again."""
    variant: Any = TicketVariant.__table__
    return exists().where(variant.c.ticket_type_id == kind.c.id).label("has_variants")


def _has_parts(kind: Any) -> Any:
    part: Any = BundlePart.__table__
    return exists().where(part.c.bundle_id == kind.c.id).label("has_parts")


def is_bundle(db_session: Session, kind: TicketType) -> bool:
    """Has it parts?"""
    return db_session.scalar(select(BundlePart.part_id).where(BundlePart.bundle_id == kind.id).limit(1)) is not None


def bundle_with(db_session: Session, kind: TicketType) -> str | None:
    """The name of a bundle on sale that this type is in."""
    return db_session.scalar(
        select(TicketType.name)
        .join(BundlePart, BundlePart.bundle_id == TicketType.id)
        .where(BundlePart.part_id == kind.id, TicketType.archived_at.is_(None))
        .order_by(TicketType.position, TicketType.id)
        .limit(1)
    )


def bundles_of(db_session: Session, *, event_id: int) -> set[int]:
    """The types of a show that are bundles."""
    return set(db_session.scalars(select(BundlePart.bundle_id).where(BundlePart.event_id == event_id)))


def list_shared_quotas(db_session: Session, *, event_id: int) -> list[Quota]:
    """The limits that ticket types of this show share, by name."""
    used = select(TicketType.shared_quota_id).where(
        TicketType.event_id == event_id, TicketType.shared_quota_id.is_not(None)
    )
    return list(db_session.scalars(select(Quota).where(Quota.id.in_(used)).order_by(Quota.name, Quota.id)))


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
    """Everything the public card shows in one query: the types with their tiers, what is left of each, the refund steps."""
    grouped: dict[int, list[Any]] = {}
    for row in db_session.execute(_offer_rows(), {"event_id": event.id, "now": now}):
        grouped.setdefault(row.id, []).append(row)
    if not grouped:
        return Offers([], [])
    offers = [_offer(group, event.time_zone) for group in grouped.values()]
    steps = offers[0].row.refund_steps
    return Offers(offers, json.loads(steps) if steps else [])


@cache
def _offer_rows() -> Any:
    """One row a tier (one for a type without). Built once, since that takes longer than running it."""
    kind, tier, held = TicketType.__table__, PriceTier.__table__, expired_of_show()
    rule: Any = TicketRule.__table__
    parent = kind.alias("parent")
    own, shared, counted = (Quota.__table__.alias(name) for name in ("own", "shared", "counted"))
    units = {quota.name: held.alias(f"{quota.name}_expired") for quota in (own, shared, counted)}
    joined = kind.outerjoin(tier, tier.c.ticket_type_id == kind.c.id)
    joined = joined.outerjoin(rule, rule.c.ticket_type_id == kind.c.id)
    joined = joined.outerjoin(parent, parent.c.id == rule.c.only_with_id)
    for quota, quota_id in ((own, kind.c.quota_id), (shared, kind.c.shared_quota_id), (counted, tier.c.quota_id)):
        given_back = units[quota.name]
        joined = joined.outerjoin(quota, quota.c.id == quota_id)
        joined = joined.outerjoin(given_back, given_back.c.quota_id == quota.c.id)
    left = {
        quota.name: (quota.c.capacity - quota.c.taken + func.coalesce(units[quota.name].c.units, 0))
        for quota in (own, shared, counted)
    }
    return (
        select(
            *(column for column in kind.c if column.name not in ("event_id", "created_at", "archived_at")),
            *(rule.c[name] for name in RULES),
            parent.c.name.label("only_with"),
            _has_variants(kind),
            _has_parts(kind),
            tier.c.id.label("tier_id"),
            tier.c.price_minor.label("tier_price_minor"),
            tier.c.until_on,
            tier.c.until_at,
            *(value.label(f"{name}_left") for name, value in left.items()),
            _refund_steps().label("refund_steps"),
        )
        .select_from(joined)
        .where(kind.c.event_id == bindparam("event_id"), kind.c.archived_at.is_(None), kind.c.is_hidden.is_(False))
        .order_by(kind.c.position, kind.c.id, tier.c.position)
    )


def _refund_steps() -> Any:
    """The steps of the refund policy in force, as text, so that they are read once and not for each row."""
    policy = Policy.__table__.c
    return (
        select(cast(policy.steps, Text))
        .where(policy.event_id == bindparam("event_id"), policy.kind == PolicyKind.ATTENDEE_REFUND)
        .order_by(policy.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def _offer(rows: Sequence[Any], zone_name: str) -> Offer:
    first = rows[0]
    tiers = [
        Tier(
            row.tier_id,
            row.tier_price_minor,
            tier_end(row.until_on, row.until_at, zone_name),
            None if row.counted_left is None else max(0, row.counted_left),
        )
        for row in rows
        if row.tier_id is not None
    ]
    limited = [max(0, bound) for bound in (first.own_left, first.shared_left) if bound is not None]
    return Offer(first, tiers, min(limited) if limited else None)


def tiers_of(kind: TicketType | SoldType, free: Mapping[int, int | None], zone_name: str) -> list[Tier]:
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


def units_elsewhere(db_session: Session, *, order: Order, ticket_type_ids: Iterable[int]) -> dict[int, int]:
    """Tickets that the buyer of this order has in other standing orders of the show, by type: known by account or address."""
    same = [Order.person_id == order.person_id] if order.person_id is not None else []
    if order.buyer_email:
        same.append(Order.buyer_email == order.buyer_email)
    if not same:
        return {}
    statement = (
        select(OrderLine.product_id, func.sum(OrderLine.quantity))
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            Order.event_id == order.event_id,
            Order.id != order.id,
            Order.state.in_(OPEN_STATES),
            or_(*same),
            OrderLine.kind == "ticket",
            OrderLine.product_id.in_(sorted(set(ticket_type_ids))),
            OrderLine.released_at.is_(None),
        )
        .group_by(OrderLine.product_id)
    )
    return {product_id: int(units) for product_id, units in db_session.execute(statement)}


def extras_of(db_session: Session, *, event_id: int, ticket_type_ids: Iterable[int]) -> list[int]:
    """Types on sale of which each of these types needs some, by id."""
    statement = (
        select(TicketRule.ticket_type_id)
        .join(TicketType, TicketType.id == TicketRule.ticket_type_id)
        .where(
            TicketRule.event_id == event_id,
            TicketRule.only_with_id.in_(sorted(set(ticket_type_ids))),
            TicketRule.least_each > 0,
            TicketType.archived_at.is_(None),
        )
    )
    return sorted(db_session.scalars(statement))
