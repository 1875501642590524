"""Demo: how one person buys, for the demo steps of those who sell: hold, place, pay, each at a moment of the past."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.codes import link_key
from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.ledger import BY_HAND
from swapmeet.orders.models import Order, OrderLine, PayMethod
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.payments import record_payment


def actor_of(person: Person) -> Actor:
    """The person, as somebody who acts."""
    return Actor.person(person.id, person.name)


def hold(
    db_session: Session, *, event: Event, person: Person, wishes: Sequence[Wish], at: datetime
) -> tuple[Order, list[OrderLine]] | None:
    """A cart with these things; None when the rules of the show do not allow it (sold out, a limit, a closed sale)."""
    cart = open_cart(db_session, event=event, person_id=person.id, cart_key=link_key(), now=at)
    buyer = Buyer(person_id=person.id, email=person.email, order=cart)
    by = actor_of(person)
    try:
        with db_session.begin_nested():
            lines = add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=at)
    except DomainError:
        return None
    return cart, lines


def place(
    db_session: Session,
    *,
    event: Event,
    person: Person,
    cart: Order,
    answers: Mapping[int, Mapping[str, str]],
    method: PayMethod,
    at: datetime,
) -> Order:
    """The order that the person's cart becomes; `method` counts where there is something to pay."""
    return place_order(
        db_session,
        event=event,
        cart=cart,
        contact=Contact(name=person.name, email=person.email, method=method if cart.total_minor else None),
        answers=answers,
        seen_total_minor=cart.total_minor,
        by=actor_of(person),
        now=at,
    )


def pay(db_session: Session, stage: Stage, order: Order, *, reference: str, at: datetime) -> None:
    """The treasurer books the whole sum as the order's buyer said to pay it, now at the latest."""
    when = min(at, stage.now)
    record_payment(
        db_session,
        order=order,
        method=order.method if order.method in BY_HAND else PayMethod.TRANSFER,
        amount_minor=order.total_minor,
        reference=reference,
        received_at=when,
        by=actor_of(stage.accounts["treasurer"]),
        now=when,
    )
