"""Bundles: several tickets sold as one. What is in one, what it takes of which capacity, and how its price is shared out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid, Refused
from swapmeet.kernel.money import split
from swapmeet.orders.models import LineQuota
from swapmeet.orders.taxes import rule_for, tax_of
from swapmeet.orders.waitlist.queries import count_waiting_for
from swapmeet.registration.models import BundlePart, TicketType
from swapmeet.registration.queries import SoldType, bundle_with, list_ticket_types
from swapmeet.registration.variants import variants_of

MOST_PEOPLE = 20  # and things in one bundle


@dataclass(frozen=True)
class Wanted:
    """So many of one ticket."""

    part_id: int
    quantity: int

    @property
    def field(self) -> str:
        """Where a refusal of it hangs."""
        return f"part_{self.part_id}"


@dataclass(frozen=True)
class Share:
    """What one part of a bundle is of its price, all pieces together, and of the tax on it."""

    name: str
    quantity: int
    price_minor: int
    tax_minor: int


def save_parts(
    db_session: Session, *, event: Event, kind: TicketType, wanted: Sequence[Wanted], by: Actor, now: datetime
) -> None:
    """Let the type be a bundle of these, or a ticket of its own again. Raises Refused once some are sold, Invalid."""
    lock(db_session, event)
    if db_session.scalar(select(LineQuota.line_id).where(LineQuota.quota_id == kind.quota_id).limit(1)) is not None:
        raise Refused("Some are sold or in a cart, so what is in it stays. Archive it and make another bundle.")
    if wanted:
        _check_itself(db_session, kind)
        _check_parts(db_session, event, kind, wanted)
    db_session.execute(delete(BundlePart).where(BundlePart.bundle_id == kind.id))
    for position, each in enumerate(wanted):
        values = {"bundle_id": kind.id, "part_id": each.part_id, "event_id": event.id}
        db_session.add(BundlePart(position=position, quantity=each.quantity, **values))
    kind.is_admission = not wanted
    record(
        db_session,
        now=now,
        by=by,
        verb="ticket_type.parts_saved",
        subject=kind,
        parts={str(each.part_id): each.quantity for each in wanted},
    )
    db_session.flush()


def _check_itself(db_session: Session, kind: TicketType) -> None:
    if bundle := bundle_with(db_session, kind):
        raise Invalid(f"It is part of {bundle}. A bundle holds no other bundle.")
    if kind.shared_quota_id is not None:
        raise Invalid(
            "It shares a limit with other tickets. A bundle takes of limits through its parts: take that one away first."
        )
    if kind.rule is not None and kind.rule.is_open_price:
        raise Invalid("Its buyers choose the amount. A bundle has a price of its own.")
    if kind.age is not None:
        raise Invalid("It asks for ages. A bundle asks through its parts.")
    if variants_of(db_session, event_id=kind.event_id, type_ids=[kind.id]):
        raise Invalid("It is sold by choice. A bundle has no choices.")
    if count_waiting_for(db_session, event_id=kind.event_id, kind="ticket", product_id=kind.id):
        raise Invalid("People wait for it as it is. Serve or end them first.")


def _check_parts(db_session: Session, event: Event, kind: TicketType, wanted: Sequence[Wanted]) -> None:
    offered = {each.id: each for each in list_parts(db_session, event=event, kind=kind)}
    for each in wanted:
        if each.part_id not in offered:
            raise Invalid("This ticket cannot be part of a bundle.", field=each.field)
    if sum(each.quantity for each in wanted) > MOST_PEOPLE:
        raise Invalid(f"A bundle holds {MOST_PEOPLE} at most.", field=wanted[-1].field)


def list_parts(db_session: Session, *, event: Event, kind: TicketType) -> list[TicketType]:
    """What a bundle can hold: tickets on sale at a price of their own, without choices, and no bundles."""
    bundles = set(db_session.scalars(select(BundlePart.bundle_id).where(BundlePart.event_id == event.id)))
    by_choice = variants_of(db_session, event_id=event.id)
    return [
        each
        for each in list_ticket_types(db_session, event_id=event.id)
        if each.id != kind.id
        and each.id not in bundles
        and each.id not in by_choice
        and not (each.rule is not None and each.rule.is_open_price)
    ]


def quantities_of(db_session: Session, kind: TicketType) -> dict[int, int]:
    """How many of each ticket are in it, by ticket type."""
    rows = select(BundlePart.part_id, BundlePart.quantity).where(BundlePart.bundle_id == kind.id)
    return {row.part_id: row.quantity for row in db_session.execute(rows)}


def units_of(bundle: SoldType) -> dict[int, int]:
    """What the parts of one piece take of which capacity, by quota id."""
    units: Counter[int] = Counter()
    for part, count in bundle.parts:
        units[part.quota_id] += count
        if part.shared_quota_id is not None:
            units[part.shared_quota_id] += count
    return dict(units)


def shares_of(event: Event, bundle: SoldType) -> list[Share]:
    """The bundle's own price, shared out by what the parts cost alone; free parts have none while others cost something.

    The shares add up to the price, and their taxes to the tax on it, to the cent: docs/algorithms/prices.md.
    """
    alone = [part.price_minor * count for part, count in bundle.parts]
    weights = alone if sum(alone) else [count for _, count in bundle.parts]
    rule = rule_for(event.taxes, "ticket")
    tax = tax_of(bundle.price_minor, rule.basis_points, is_added=rule.is_added) if rule else 0
    prices, taxes = split(bundle.price_minor, weights), split(tax, weights)
    return [
        Share(part.name, count, price, own_tax)
        for (part, count), price, own_tax in zip(bundle.parts, prices, taxes, strict=True)
    ]
