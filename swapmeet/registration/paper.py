"""A form that came by post: the team enters it, and it is an order like any other, with the money that was in the envelope."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from swapmeet.badges.holding import KIND
from swapmeet.badges.models import Attendee
from swapmeet.events.models import Event
from swapmeet.infra import codes
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, PayMethod
from swapmeet.orders.sellables import VARIANT, Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.payments import record_payment
from swapmeet.registration.ages import adult_name, age_name
from swapmeet.registration.sellable import field_name, tidy_name

MOST_ALIKE = 5


@dataclass(frozen=True)
class Guest:
    """One line of the form: a ticket and who it is for. `age` as it was written, "" where none is asked; `variant_id`: its choice."""

    ticket_type_id: int
    name: str
    age: str = ""
    variant_id: int | None = None


@dataclass(frozen=True)
class Money:
    """What was in the envelope, in minor units of the show's currency."""

    amount_minor: int
    reference: str
    received_at: datetime


@dataclass(frozen=True)
class Paper:
    """What stands on the form. `email` may be empty: then nothing is mailed. Paid by `method`; `money` None: still to come."""

    name: str
    email: str
    phone: str
    note: str
    guests: Sequence[Guest]
    method: PayMethod
    money: Money | None = None
    invoice_address: str = ""


@dataclass(frozen=True)
class Alike:
    """An order that stands already and looks like this form. `why`: "the same name", say."""

    code: str
    name: str
    why: str


def enter_form(db_session: Session, *, event: Event, paper: Paper, by: Actor, now: datetime) -> Order:
    """Place the order and record the money, all or nothing. Whoever looks after a child on the form is who signed it.

    Raises what a purchase raises: NotOnSale, OverLimit, SoldOut, NotWhole, Invalid; WrongAmount and AlreadyPaid for the money.
    """
    cart = open_cart(db_session, event=event, person_id=None, cart_key=codes.link_key(), now=now)
    counted = Counter((guest.ticket_type_id, guest.variant_id) for guest in paper.guests)
    wishes = [
        Wish(KIND, type_id, quantity, {VARIANT: variant_id} if variant_id is not None else {})
        for (type_id, variant_id), quantity in counted.items()
    ]
    buyer = Buyer(person_id=None, email=paper.email, order=cart)
    lines = add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=now)
    order = place_order(
        db_session,
        event=event,
        cart=cart,
        contact=Contact(
            name=paper.name,
            email=paper.email,
            phone=paper.phone,
            note=paper.note,
            method=paper.method if cart.total_minor else None,
            is_for_another=True,
            invoice_address=paper.invoice_address,
        ),
        answers={line.id: _answers(line, paper) for line in lines},
        seen_total_minor=cart.total_minor,
        by=by,
        now=now,
    )
    if paper.money is not None:
        record_payment(
            db_session,
            order=order,
            method=paper.method,
            amount_minor=paper.money.amount_minor,
            reference=paper.money.reference,
            received_at=paper.money.received_at,
            by=by,
            now=now,
        )
    return order


def find_alike(db_session: Session, *, event: Event, paper: Paper) -> list[Alike]:
    """Orders of the show that stand under the same name or address, or with one of these people; at most five."""
    same = [func.lower(Order.buyer_name) == paper.name.lower()]
    if paper.email:
        same.append(Order.buyer_email == paper.email)
    orders = select(Order.code, Order.buyer_name, Order.buyer_email).where(
        Order.event_id == event.id, Order.state.in_(OPEN_STATES), or_(*same)
    )
    found = {
        row.code: Alike(
            row.code, row.buyer_name, "the same address" if paper.email == row.buyer_email else "the same name"
        )
        for row in db_session.execute(orders.order_by(Order.id.desc()).limit(MOST_ALIKE))
    }
    names = {name.lower() for guest in paper.guests if (name := tidy_name(guest.name or paper.name))}
    people = select(Attendee.order_code, Attendee.name).where(
        Attendee.event_id == event.id, Attendee.canceled_at.is_(None), func.lower(Attendee.name).in_(sorted(names))
    )
    for row in db_session.execute(people.order_by(Attendee.id.desc()).limit(MOST_ALIKE)):
        found.setdefault(row.order_code, Alike(row.order_code, row.name, "a badge with this name"))
    return list(found.values())[:MOST_ALIKE]


def _answers(line: OrderLine, paper: Paper) -> dict[str, str]:
    """Names and ages of the people with this ticket, in the order of the form; a blank name is that of who sent it."""
    answers = {}
    key = (line.product_id, line.facts.get(VARIANT))
    guests = [guest for guest in paper.guests if (guest.ticket_type_id, guest.variant_id) == key]
    for seat, guest in enumerate(guests, start=1):
        answers[field_name(line.id, seat)] = guest.name or paper.name
        answers[age_name(line.id, seat)] = guest.age
        answers[adult_name(line.id, seat)] = paper.name if guest.age else ""
    return answers
