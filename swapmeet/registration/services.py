"""Writes about ticket types: add, edit, archive, order, and their capacities."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.slugs import slug_of
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, Refused
from swapmeet.orders.models import LineQuota, Quota
from swapmeet.orders.scarcity import move_counters
from swapmeet.orders.services.quotas import change_capacity, create_quota
from swapmeet.registration.errors import TicketTypeNameTaken
from swapmeet.registration.models import PriceTier, TicketAge, TicketRule, TicketType
from swapmeet.registration.queries import RULES, bundle_with, is_bundle, list_ticket_types
from swapmeet.registration.values import RuleValues, TicketTypeValues, TierValues
from swapmeet.registration.variants import variants_of

# Columns that a form or a file sets as they are.
PLAIN = (
    "name description requirement price_minor days_allowed entry_from min_age per_order_limit sale_starts_at sale_ends_at "
    "names_until_on is_hidden is_door_only is_admission"
).split()


def add_ticket_type(
    db_session: Session, *, event: Event, values: TicketTypeValues, by: Actor, now: datetime
) -> TicketType:
    """A new type with a quota of its own, last in the order. Raises TicketTypeNameTaken."""
    lock(db_session, event)
    known = list_ticket_types(db_session, event_id=event.id, with_archived=True)
    _check_name(known, values.name, but=None)
    quota = create_quota(db_session, event=event, name=values.name, capacity=values.capacity, by=by, now=now)
    kind = TicketType(
        event_id=event.id,
        code=_free_code(values.code or slug_of(values.name), {each.code for each in known}),
        quota_id=quota.id,
        shared_quota_id=_shared_quota_id(db_session, event, values, by, now),
        position=max((each.position for each in known), default=-1) + 1,
        created_at=now,
        valid_days=[day.isoformat() for day in values.valid_days],
        **{name: getattr(values, name) for name in PLAIN},
    )
    db_session.add(kind)
    db_session.flush()
    _write_tiers(db_session, event, kind, values.tiers, by=by, now=now)
    write_rule(db_session, kind=kind, known=known, values=values.rule, has_steps=bool(values.tiers))
    _write_age(db_session, kind, values)
    _record(db_session, "ticket_type.added", kind, quota, by, now)
    return kind


def edit_ticket_type(
    db_session: Session, *, event: Event, kind: TicketType, values: TicketTypeValues, by: Actor, now: datetime
) -> None:
    """Change a type. What is sold keeps its price and days. Raises TicketTypeNameTaken, CapacityBelowTaken, Refused."""
    lock(db_session, event)
    known = list_ticket_types(db_session, event_id=event.id, with_archived=True)
    _check_name(known, values.name, but=kind.id)
    quota = db_session.get_one(Quota, kind.quota_id)
    if values.is_admission != kind.is_admission and quota.taken:
        raise Refused("Some are sold, so whether it lets a person in stays as it is.", field="is_admission")
    change_capacity(db_session, quota=quota, capacity=values.capacity, by=by, now=now)
    quota.name = values.name
    for name in PLAIN:
        setattr(kind, name, getattr(values, name))
    kind.valid_days = [day.isoformat() for day in values.valid_days]
    _check_bundle(db_session, kind, values)
    shared_id = _shared_quota_id(db_session, event, values, by, now)
    if shared_id != kind.shared_quota_id:
        _move_to_shared(db_session, kind, shared_id, now)
    _write_tiers(db_session, event, kind, values.tiers, by=by, now=now)
    write_rule(db_session, kind=kind, known=known, values=values.rule, has_steps=bool(values.tiers))
    _write_age(db_session, kind, values)
    _record(db_session, "ticket_type.edited", kind, quota, by, now)


def _check_bundle(db_session: Session, kind: TicketType, values: TicketTypeValues) -> None:
    """A bundle lets people in by its parts alone, and takes of shared limits through them. Raises Invalid."""
    if bundle := bundle_with(db_session, kind):
        if values.rule.is_open_price:
            raise Invalid(f"It is part of {bundle}, so it has a price of its own.", field="is_open_price")
    elif is_bundle(db_session, kind):
        kind.is_admission = False
        if values.shared_quota_id is not None or values.new_shared is not None:
            raise Invalid("A bundle takes of shared limits through its parts. Give it none of its own.", field="shared")
        if values.rule.is_open_price:
            raise Invalid("A bundle has a price of its own.", field="is_open_price")
        if values.age is not None:
            raise Invalid("A bundle asks ages through its parts.", field="asks_age")


def archive_ticket_type(db_session: Session, *, kind: TicketType, by: Actor, now: datetime) -> None:
    """Take a type off sale for good. Tickets that are sold stay good. Raises Refused while extras are sold with it alone."""
    if kind.archived_at is None:
        if extra := _extra_of(db_session, kind):
            raise Refused(f"{extra} is sold together with it only. Archive {extra} first.")
        if bundle := bundle_with(db_session, kind):
            raise Refused(f"It is part of {bundle}. Archive {bundle} first.")
        kind.archived_at = now
        record(db_session, now=now, by=by, verb="ticket_type.archived", subject=kind)


def restore_ticket_type(db_session: Session, *, kind: TicketType, by: Actor, now: datetime) -> None:
    """Put an archived type back. Raises Refused for an extra of something that is not sold any more."""
    if kind.archived_at is not None:
        parent = db_session.get(TicketType, kind.rule.only_with_id) if kind.rule and kind.rule.only_with_id else None
        if parent is not None and parent.archived_at is not None:
            raise Refused(f"It is sold together with {parent.name} only. Bring that back first.")
        kind.archived_at = None
        record(db_session, now=now, by=by, verb="ticket_type.restored", subject=kind)


def move_ticket_type(db_session: Session, *, event: Event, kind: TicketType, step: int) -> None:
    """Up (-1) or down (+1) in the list that buyers see."""
    lock(db_session, event)
    order = list_ticket_types(db_session, event_id=event.id)
    place = next((index for index, each in enumerate(order) if each.id == kind.id), None)
    if place is None or not 0 <= place + step < len(order):
        return
    order[place], order[place + step] = order[place + step], order[place]
    for position, each in enumerate(order):
        each.position = position


def write_rule(
    db_session: Session, *, kind: TicketType, known: Sequence[TicketType], values: RuleValues, has_steps: bool
) -> None:
    """Make the rule of a type what is said. Raises Invalid where it makes no sense among the `known` types of the show."""
    parent = next((each for each in known if each.id == values.only_with_id), None)
    if values.only_with_id is not None:
        if parent is None or parent.id == kind.id or parent.archived_at is not None:
            raise Invalid("Choose one of the other tickets of this show.", field="only_with")
        if parent.rule is not None and parent.rule.only_with_id is not None:
            raise Invalid(f"{parent.name} is itself sold with another ticket only.", field="only_with")
        if extra := _extra_of(db_session, kind):
            raise Invalid(f"{extra} is sold together with this one, so this one must stand alone.", field="only_with")
    if values.is_open_price and variants_of(db_session, event_id=kind.event_id, type_ids=[kind.id]):
        raise Invalid("It is sold by choice, so the buyer cannot choose the amount as well.", field="is_open_price")
    if values.is_open_price and has_steps:
        raise Invalid("The buyer chooses the amount, so there are no lower prices at first.", field="is_open_price")
    if values.is_open_price and values.member_price_minor is not None:
        raise Invalid("The buyer chooses the amount, so there is no members' price.", field="member_price_minor")
    row = db_session.get(TicketRule, kind.id)
    if values == RuleValues():
        if row is not None:
            db_session.delete(row)
    else:
        row = row or TicketRule(ticket_type_id=kind.id, event_id=kind.event_id)
        for name, value in asdict(values).items():
            setattr(row, name, value)
        db_session.add(row)
    db_session.flush()
    db_session.expire(kind, ["rule"])


def _write_age(db_session: Session, kind: TicketType, values: TicketTypeValues) -> None:
    """Make the type ask for ages, or not. Raises Invalid for ages in the wrong order."""
    row, age = db_session.get(TicketAge, kind.id), values.age
    if age is None:
        if row is not None:
            db_session.delete(row)
    else:
        if age.max_age is not None and age.max_age < (values.min_age or 0):
            raise Invalid("That is younger than the least age.", field="max_age")
        row = row or TicketAge(ticket_type_id=kind.id, event_id=kind.event_id)
        row.max_age, row.guardian_below = age.max_age, age.guardian_below
        db_session.add(row)
    db_session.flush()
    db_session.expire(kind, ["age"])


def _extra_of(db_session: Session, kind: TicketType) -> str | None:
    """The name of a type on sale that is sold with this one only."""
    return db_session.scalar(
        select(TicketType.name)
        .join(TicketRule, TicketRule.ticket_type_id == TicketType.id)
        .where(TicketRule.only_with_id == kind.id, TicketType.archived_at.is_(None))
        .order_by(TicketType.position, TicketType.id)
        .limit(1)
    )


def _record(db_session: Session, verb: str, kind: TicketType, quota: Quota, by: Actor, now: datetime) -> None:
    rule = db_session.get(TicketRule, kind.id)
    record(
        db_session,
        now=now,
        by=by,
        verb=verb,
        subject=kind,
        price_minor=kind.price_minor,
        capacity=quota.capacity,
        rule={name: getattr(rule, name) for name in RULES} if rule is not None else None,
    )


def _check_name(known: Sequence[TicketType], name: str, but: int | None) -> None:
    wanted = name.casefold()
    if any(each.name.casefold() == wanted and each.id != but and each.archived_at is None for each in known):
        raise TicketTypeNameTaken("There is a ticket of this name already. Choose another name.", field="name")


def _free_code(wanted: str, taken: set[str]) -> str:
    base = wanted[:34] or "ticket"
    return base if base not in taken else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in taken)


def _shared_quota_id(
    db_session: Session, event: Event, values: TicketTypeValues, by: Actor, now: datetime
) -> int | None:
    if values.new_shared is not None:
        name, capacity = values.new_shared
        return create_quota(db_session, event=event, name=name, capacity=capacity, by=by, now=now).id
    if values.shared_quota_id is None:
        return None
    statement = select(Quota.id).where(Quota.event_id == event.id, Quota.id == values.shared_quota_id)
    if db_session.scalar(statement) is None:
        raise Invalid("Choose one of the shared limits.", field="shared")
    return values.shared_quota_id


def _move_to_shared(db_session: Session, kind: TicketType, shared_id: int | None, now: datetime) -> None:
    """What is sold of the type counts against the new shared limit from now on, and no longer against the old one.

    Raises SoldOut when the new one has no room for it.
    """
    units = db_session.execute(
        select(LineQuota.line_id, LineQuota.quantity).where(LineQuota.quota_id == kind.quota_id)
    ).all()
    total = sum(row.quantity for row in units)
    if total:
        given_back = {kind.shared_quota_id: total} if kind.shared_quota_id is not None else {}
        wanted = {shared_id: total} if shared_id is not None else {}
        move_counters(db_session, wanted=wanted, given_back=given_back, now=now)
        for row in units:
            _rehang(db_session, kind, row.line_id, row.quantity, shared_id)
    kind.shared_quota_id = shared_id


def _rehang(db_session: Session, kind: TicketType, line_id: int, quantity: int, shared_id: int | None) -> None:
    """These units of the line move; a bundle may hold more of either limit through its other parts."""
    old = db_session.get(LineQuota, (line_id, kind.shared_quota_id)) if kind.shared_quota_id is not None else None
    if old is not None and old.quantity > quantity:
        old.quantity -= quantity
    elif old is not None:
        db_session.delete(old)
    new = db_session.get(LineQuota, (line_id, shared_id)) if shared_id is not None else None
    if new is not None:
        new.quantity += quantity
    elif shared_id is not None:
        db_session.add(LineQuota(line_id=line_id, quota_id=shared_id, event_id=kind.event_id, quantity=quantity))
    db_session.flush()


def _write_tiers(
    db_session: Session, event: Event, kind: TicketType, wanted: Sequence[TierValues], *, by: Actor, now: datetime
) -> None:
    """Make the steps what is wanted: by id those that are known, new ones added, the others removed."""
    known = {tier.id: tier for tier in db_session.scalars(_tiers(kind))}
    kept = {each.tier_id for each in wanted}
    for tier_id, tier in known.items():
        if tier_id not in kept:
            db_session.delete(tier)
    for offset, tier in enumerate(known.values()):
        tier.position += 1000 + offset  # out of the way of the unique positions below
    db_session.flush()
    for position, each in enumerate(wanted):
        existing = known.get(each.tier_id) if each.tier_id is not None else None
        tier = existing or PriceTier(event_id=kind.event_id, ticket_type_id=kind.id)
        tier.position, tier.price_minor = position, each.price_minor
        tier.until_on, tier.until_at = each.until_on, each.until_at
        tier.quota_id = _tier_quota_id(db_session, event, tier, each, f"{kind.name}, first {each.first}", by, now)
        db_session.add(tier)
    db_session.flush()
    db_session.expire(kind, ["tiers"])


def _tiers(kind: TicketType) -> Any:
    return select(PriceTier).where(PriceTier.ticket_type_id == kind.id).order_by(PriceTier.position)


def _tier_quota_id(
    db_session: Session, event: Event, tier: PriceTier, wanted: TierValues, name: str, by: Actor, now: datetime
) -> int | None:
    if wanted.first is None:
        return None
    if tier.quota_id is None:
        return create_quota(db_session, event=event, name=name, capacity=wanted.first, by=by, now=now).id
    quota = db_session.get_one(Quota, tier.quota_id)
    change_capacity(db_session, quota=quota, capacity=wanted.first, by=by, now=now, field=None)
    quota.name = name
    return quota.id
