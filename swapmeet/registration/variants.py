"""Choices of a ticket type (a dish, a size): reading them, what one costs, changing them, counting what was chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState
from swapmeet.orders.sellables import HELD, VARIANT, Wish
from swapmeet.orders.services.quotas import change_capacity, create_quota
from swapmeet.orders.waitlist.queries import count_waiting_for, list_items_for
from swapmeet.registration.models import TicketType, TicketVariant
from swapmeet.registration.queries import SoldType, bundle_with, is_bundle
from swapmeet.web.filters import plural

MOST_VARIANTS = 20

SOLD = (OrderState.CONFIRMED, OrderState.PLACED)
NONE_NAMED = "No choice named"

Variants = Mapping[int, Sequence[TicketVariant]]
Units = Mapping[tuple[int, OrderState], int]  # by quota and state of the order


def variants_of(
    db_session: Session, *, event_id: int, type_ids: Iterable[int] | None = None, with_off: bool = False
) -> dict[int, list[TicketVariant]]:
    """The choices by ticket type, in their order, with their quotas. One query; none where no type is asked for."""
    wanted = sorted(set(type_ids)) if type_ids is not None else None
    if wanted == []:
        return {}
    statement = select(TicketVariant).where(TicketVariant.event_id == event_id).options(joinedload(TicketVariant.quota))
    if wanted is not None:
        statement = statement.where(TicketVariant.ticket_type_id.in_(wanted))
    if not with_off:
        statement = statement.where(TicketVariant.off_at.is_(None))
    found: dict[int, list[TicketVariant]] = {}
    for row in db_session.scalars(statement.order_by(TicketVariant.position, TicketVariant.id)):
        found.setdefault(row.ticket_type_id, []).append(row)
    return found


def chosen(kind: SoldType, wish: Wish, variants: Variants, *, is_real: bool) -> TicketVariant | None:
    """The choice that a wish names. Raises Invalid where one is needed, or the one named is not offered.

    What a line holds already stays, also when it is not offered any more.
    """
    own = variants.get(kind.id, ())
    wanted = wish.choice.get(VARIANT)
    is_held = HELD in wish.choice
    found = next((each for each in own if each.id == wanted and (is_held or each.off_at is None)), None)
    if found is not None or is_held or not is_real:
        return found
    if any(each.off_at is None for each in own):
        raise Invalid(f"Choose which one of {kind.name} you want.", field=f"ticket-{kind.id}")
    if wanted is not None:
        raise Invalid(f"This choice of {kind.name} is not offered any more.", field=f"ticket-{kind.id}")
    return None


def title_of(name: str, variant_name: str) -> str:
    """What a line with a choice is called."""
    return f"{name}: {variant_name}"


@dataclass(frozen=True)
class VariantValues:
    """One choice as the organizer says it. `variant_id` None: a new one, or one of the same name that was offered before.

    `row`: what the fields of its row begin with, where it comes from a form.
    """

    name: str
    price_minor: int | None = None
    capacity: int | None = None
    variant_id: int | None = None
    row: str = ""

    def field(self, name: str) -> str:
        """Where a refusal of this choice hangs."""
        return f"{self.row}_{name}" if self.row else "variants"


def save_variants(
    db_session: Session, *, event: Event, kind: TicketType, wanted: Sequence[VariantValues], by: Actor, now: datetime
) -> None:
    """Offer these choices in this order; others are not offered any more, and what was sold of them stays.

    Raises Invalid for names that come twice or too many, or while people wait for it as it is; CapacityBelowTaken.
    """
    lock(db_session, event)
    _check(kind, wanted)
    if wanted and (is_bundle(db_session, kind) or bundle_with(db_session, kind)):
        raise Invalid("Bundles and what is in them have no choices.", field="variants")
    known = variants_of(db_session, event_id=event.id, type_ids=[kind.id], with_off=True).get(kind.id, [])
    if wanted and all(each.off_at is not None for each in known):
        _check_nobody_waits(db_session, event, kind)
    by_id, by_name = {each.id: each for each in known}, {each.name.casefold(): each for each in known}
    kept: list[TicketVariant] = []
    for position, values in enumerate(wanted):
        row = by_id.get(values.variant_id or 0) or by_name.get(values.name.casefold())
        namesake = by_name.get(values.name.casefold())
        if row in kept or (namesake is not None and namesake is not row):
            raise Invalid(
                f"{values.name} is or was another choice. Give this one another name.", field=values.field("name")
            )
        name = title_of(kind.name, values.name)
        if row is None:
            quota = create_quota(db_session, event=event, name=name, capacity=values.capacity, by=by, now=now)
            db_session.flush()
            row = TicketVariant(event_id=event.id, ticket_type_id=kind.id, quota_id=quota.id)
            db_session.add(row)
        else:
            place = values.field("capacity")
            change_capacity(db_session, quota=row.quota, capacity=values.capacity, by=by, now=now, field=place)
            row.quota.name = name[:200]
        row.position, row.name, row.price_minor, row.off_at = position, values.name, values.price_minor, None
        kept.append(row)
    for row in known:
        if row not in kept and row.off_at is None:
            _check_nobody_waits_for(db_session, event, kind, row)
            row.off_at = now
    record(
        db_session,
        now=now,
        by=by,
        verb="ticket_type.choices_saved",
        subject=kind,
        choices=[f"{each.name}: {each.price_minor}, {each.capacity}" for each in wanted],
    )
    db_session.flush()


def _check_nobody_waits(db_session: Session, event: Event, kind: TicketType) -> None:
    """Who stands in line for it without a choice would never be served. Raises Invalid."""
    if count := count_waiting_for(db_session, event_id=event.id, kind="ticket", product_id=kind.id):
        raise Invalid(
            f"On the waiting list {plural(count, 'entry is', 'entries are')} for {kind.name} as it is. "
            "Serve or end them first, or add a new ticket with the choices.",
            field="variants",
        )


def _check_nobody_waits_for(db_session: Session, event: Event, kind: TicketType, row: TicketVariant) -> None:
    """Who stands in line for a choice would never be served when it is not offered any more. Raises Invalid."""
    waiting = [each.choice.get(VARIANT) for each in list_items_for(db_session, event_id=event.id, product_id=kind.id)]
    if count := waiting.count(row.id):
        raise Invalid(
            f"On the waiting list {plural(count, 'entry is', 'entries are')} for {title_of(kind.name, row.name)}. "
            "Serve or end them first.",
            field="variants",
        )


def _check(kind: TicketType, wanted: Sequence[VariantValues]) -> None:
    if len(wanted) > MOST_VARIANTS:
        raise Invalid(f"At most {MOST_VARIANTS} choices.", field="variants")
    names = [each.name.casefold() for each in wanted]
    for number, each in enumerate(wanted):
        if names.index(each.name.casefold()) < number:
            raise Invalid(f"{each.name} is there twice.", field=each.field("name"))
    if wanted and kind.rule is not None and kind.rule.is_open_price:
        raise Invalid("The buyer chooses the amount of this one, so there are no choices of it.", field="variants")


@dataclass(frozen=True)
class ChoiceCount:
    """How many of one choice: paid or free, waiting for their money, and its limit. `is_off`: not offered any more."""

    name: str
    paid: int
    waiting: int
    capacity: int | None
    is_off: bool


@dataclass
class TypeCount:
    """A ticket type with choices, for the kitchen or the shirt maker."""

    kind: TicketType
    choices: list[ChoiceCount] = field(default_factory=list)

    @property
    def paid(self) -> int:
        return sum(each.paid for each in self.choices)

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.choices)


def count_choices(db_session: Session, event: Event, kinds: Sequence[TicketType]) -> list[TypeCount]:
    """Of each type with choices, in the order of `kinds`; those sold before it had any are a row of their own. Two queries."""
    variants = variants_of(db_session, event_id=event.id, with_off=True)
    with_any = [kind for kind in kinds if kind.id in variants]
    quotas = [row.quota_id for kind in with_any for row in variants[kind.id]]
    rows: Any = db_session.execute(
        select(LineQuota.quota_id, Order.state, func.sum(LineQuota.quantity))
        .join(OrderLine, OrderLine.id == LineQuota.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(LineQuota.quota_id.in_([*quotas, *(kind.quota_id for kind in with_any)]))
        .group_by(LineQuota.quota_id, Order.state)
    )
    units: Units = {(quota_id, state): int(count) for quota_id, state, count in rows}
    found = []
    for kind in with_any:
        each = TypeCount(kind, [_count(row, units) for row in variants[kind.id]])
        sold = (units.get((kind.quota_id, state), 0) for state in SOLD)
        paid, waiting = (all_of - named for all_of, named in zip(sold, (each.paid, each.waiting), strict=True))
        if paid or waiting:
            each.choices.append(ChoiceCount(NONE_NAMED, paid, waiting, None, is_off=False))
        each.choices = [row for row in each.choices if not row.is_off or row.paid or row.waiting]
        if each.choices:
            found.append(each)
    return found


def _count(row: TicketVariant, units: Units) -> ChoiceCount:
    paid, waiting = (units.get((row.quota_id, state), 0) for state in SOLD)
    return ChoiceCount(row.name, paid, waiting, row.quota.capacity, row.off_at is not None)
