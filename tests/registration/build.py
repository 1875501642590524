"""Builds ticket types and orders for these tests, through the same services the pages call."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine, PayMethod, Quota
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.payments import record_payment
from swapmeet.registration.models import PriceTier, TicketType
from swapmeet.registration.sellable import field_name

GUEST = Actor.guest()


def fresh(world: Any) -> Session:
    """The world's session, seeing what requests committed since."""
    world.session.rollback()
    world.session.expire_all()
    return world.session


def ticket_type(
    db_session: Session,
    event: Event,
    name: str = "Weekend pass",
    *,
    price: int = 2400,
    capacity: int | None = 100,
    **changes: Any,
) -> TicketType:
    quota = Quota(event_id=event.id, name=name, capacity=capacity)
    db_session.add(quota)
    db_session.flush()
    values = {
        "event_id": event.id,
        "code": name.lower().replace(" ", "-")[:40],
        "name": name,
        "price_minor": price,
        "quota_id": quota.id,
        "created_at": utcnow(),
    }
    row = TicketType(**{**values, **changes})
    db_session.add(row)
    db_session.flush()
    return row


def tier(
    db_session: Session, kind: TicketType, price: int, *, position: int = 0, first: int | None = None, **changes: Any
) -> PriceTier:
    quota = None
    if first is not None:
        quota = Quota(event_id=kind.event_id, name=f"{kind.name}, first {first}", capacity=first)
        db_session.add(quota)
        db_session.flush()
    row = PriceTier(
        event_id=kind.event_id,
        ticket_type_id=kind.id,
        position=position,
        price_minor=price,
        quota_id=quota.id if quota else None,
        **changes,
    )
    db_session.add(row)
    db_session.flush()
    return row


def cart(
    db_session: Session,
    event: Event,
    wishes: Mapping[int, int],
    *,
    person_id: int | None = None,
    into: Order | None = None,
) -> Order:
    order = into or open_cart(db_session, event=event, person_id=person_id, cart_key=link_key(), now=utcnow())
    add_to_cart(
        db_session,
        event=event,
        cart=order,
        wishes=[Wish("ticket", product_id, count) for product_id, count in wishes.items()],
        buyer=Buyer(person_id=person_id, order=order),
        by=GUEST,
        now=utcnow(),
    )
    return order


def place(
    db_session: Session,
    event: Event,
    order: Order,
    *,
    names: list[str] | None = None,
    buyer: str = "Ann Lee",
    email: str = "ann@example.org",
) -> Order:
    given = iter(names or [])
    answers = {
        line.id: {field_name(line.id, seat): next(given, "") for seat in range(1, line.quantity + 1)}
        for line in list_live_lines(db_session, order)
    }
    contact = Contact(name=buyer, email=email, method=PayMethod.CHECK if order.total_minor else None)
    return place_order(
        db_session,
        event=event,
        cart=order,
        contact=contact,
        answers=answers,
        seen_total_minor=order.total_minor,
        by=GUEST,
        now=utcnow(),
    )


def buy(
    db_session: Session,
    event: Event,
    wishes: Mapping[int, int],
    *,
    names: list[str] | None = None,
    paid: bool = True,
    person_id: int | None = None,
    **changes: Any,
) -> Order:
    """A placed order, paid by check unless told otherwise."""
    order = place(db_session, event, cart(db_session, event, wishes, person_id=person_id), names=names, **changes)
    if paid and order.total_minor:
        pay(db_session, order)
    return order


def pay(db_session: Session, order: Order) -> None:
    record_payment(
        db_session,
        order=order,
        method=PayMethod.CHECK,
        amount_minor=order.total_minor,
        reference="101",
        received_at=utcnow(),
        by=GUEST,
        now=utcnow(),
    )


def lines_of(db_session: Session, order: Order) -> list[OrderLine]:
    return list_live_lines(db_session, order)
