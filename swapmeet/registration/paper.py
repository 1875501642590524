"""A form that came by post: the team enters it, and it is an order like any other, with the money that was in the envelope."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from swapmeet.badges.holding import KIND
from swapmeet.badges.models import Attendee
from swapmeet.events.models import Event
from swapmeet.infra import codes
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError, Invalid
from swapmeet.orders.errors import OverLimit, SoldOut
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, PayMethod
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import AMOUNT, MEMBER, VARIANT, Buyer, Wish
from swapmeet.orders.services.buying import buy
from swapmeet.orders.services.carts import open_cart, sellable_of
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.payments import record_payment
from swapmeet.orders.vouchers.applying import with_code
from swapmeet.orders.vouchers.errors import VoucherNotForThis
from swapmeet.orders.vouchers.redeeming import redeem
from swapmeet.registration.ages import adult_name, age_name
from swapmeet.registration.members import folded
from swapmeet.registration.queries import types_by_id
from swapmeet.registration.sellable import field_name, tidy_name
from swapmeet.registration.special import members_of

MOST_ALIKE = 5


@dataclass(frozen=True)
class Guest:
    """One line of the form: a ticket and who it is for. `age` as it was written, "" where none is asked; `variant_id`: its choice.

    `row`: what the fields of the line begin with, where it comes from a form.
    """

    ticket_type_id: int
    name: str
    age: str = ""
    variant_id: int | None = None
    is_hidden: bool = False
    row: str = ""


@dataclass(frozen=True)
class Further:
    """Something else on the form: an extra, a seat in a session, a donation. `amount` as written, where the buyer chooses it.

    `names`: for whom, with commas between; who is not named is one of the people of the form, in their order.
    """

    kind: str
    product_id: int
    quantity: int = 1
    variant_id: int | None = None
    amount: str = ""
    names: str = ""
    is_hidden: bool = False
    row: str = ""


@dataclass(frozen=True)
class Money:
    """What was in the envelope, in minor units of the show's currency."""

    amount_minor: int
    reference: str
    received_at: datetime


@dataclass(frozen=True)
class Paper:
    """What stands on the form. `email` may be empty: then nothing is mailed. Paid by `method`; `money` None: still to come.

    `code` lowers or opens what it is for, as often as it is good; so does the membership number `member` for tickets.
    """

    name: str
    email: str
    phone: str
    note: str
    guests: Sequence[Guest]
    method: PayMethod
    money: Money | None = None
    invoice_address: str = ""
    further: Sequence[Further] = ()
    code: str = ""
    member: str = ""


@dataclass(frozen=True)
class Alike:
    """An order that stands already and looks like this form. `why`: "the same name", say."""

    code: str
    name: str
    why: str


def enter_form(db_session: Session, *, event: Event, paper: Paper, by: Actor, now: datetime) -> Order:
    """Place the order and record the money, all or nothing. Whoever looks after a child on the form is who signed it.

    Who waits for the same is served first. Raises what a purchase raises: NotOnSale, OverLimit, SoldOut, KeptForList, NotWhole,
    Invalid; WrongAmount and AlreadyPaid for the money.
    """
    cart = open_cart(db_session, event=event, person_id=None, cart_key=codes.link_key(), now=now)
    buyer = Buyer(person_id=None, email=paper.email, order=cart)
    wishes = as_member(db_session, event, wishes_of(db_session, event, paper), paper.member, now)
    buy(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=now)
    if paper.code:
        _redeem(db_session, event, cart, paper, buyer, by, now)
    answers, rows = _answers(db_session, list_live_lines(db_session, cart), paper, buyer)
    try:
        order = place_order(
            db_session,
            event=event,
            cart=cart,
            contact=_contact(paper, cart),
            answers=answers,
            seen_total_minor=cart.total_minor,
            by=by,
            now=now,
        )
    except DomainError as error:
        error.field = rows.get(error.field or "", error.field)
        raise
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


def _redeem(
    db_session: Session, event: Event, cart: Order, paper: Paper, buyer: Buyer, by: Actor, now: datetime
) -> None:
    """Give what the form holds the code's price, as far as its uses go. Where it has opened something, that may be all it does."""
    try:
        redeem(db_session, event=event, cart=cart, code=paper.code, buyer=buyer, by=by, now=now)
    except (VoucherNotForThis, SoldOut) as error:
        if error.field != "code":
            raise
        if any(row.is_hidden for row in paper.guests) or any(row.is_hidden for row in paper.further):
            return
        if isinstance(error, VoucherNotForThis):
            raise VoucherNotForThis("This code is for nothing on the form.", field="code") from error
        raise


def _contact(paper: Paper, cart: Order) -> Contact:
    return Contact(
        name=paper.name,
        email=paper.email,
        phone=paper.phone,
        note=paper.note,
        method=paper.method if cart.total_minor else None,
        is_for_another=True,
        invoice_address=paper.invoice_address,
    )


def wishes_of(db_session: Session, event: Event, paper: Paper) -> list[Wish]:
    """What the form asks for. People with a bundle share it: so many of it as are needed for all of them."""
    people = Counter((guest.ticket_type_id, guest.variant_id, guest.is_hidden) for guest in paper.guests)
    types = types_by_id(db_session, event_id=event.id, ids=[type_id for type_id, _, _ in people])
    found = []
    for (type_id, variant_id, is_hidden), count in people.items():
        seats = len(types[type_id].seats(1)) if type_id in types else 1
        row = Further(KIND, type_id, -(-count // max(seats, 1)), variant_id, is_hidden=is_hidden)
        found += [wish_of(row, paper.code)]
    return found + [wish_of(row, paper.code) for row in paper.further]


def wish_of(row: Further, code: str) -> Wish:
    """What one line asks for; what is hidden is opened by the code of the form."""
    choice = {VARIANT: row.variant_id, AMOUNT: row.amount}
    kept = {key: value for key, value in choice.items() if value not in (None, "")}
    wish = Wish(row.kind, row.product_id, row.quantity, kept)
    return with_code([wish], code)[0] if row.is_hidden else wish


def as_member(db_session: Session, event: Event, wishes: Sequence[Wish], number: str, now: datetime) -> list[Wish]:
    """The same with a membership number, for as many tickets as it is still good for; the others at the usual price.

    Raises Invalid for an unknown number or where nothing has a members' price, OverLimit for one that is used up.
    """
    if not number:
        return list(wishes)
    ids = [wish.product_id for wish in wishes if wish.kind == KIND]
    types = types_by_id(db_session, event_id=event.id, ids=ids)
    reduced = {type_id for type_id, kind in types.items() if kind.member_price_minor is not None}
    marked = [_with_member(wish, number) for wish in wishes if wish.kind == KIND and wish.product_id in reduced]
    if not marked:
        raise Invalid("Nothing on this form has a members' price. Leave the number out.", field=MEMBER)
    _, left = members_of(db_session, event, types, marked, now=now)[folded(number)]
    if not left:
        raise OverLimit("This number was used as often as it can be. Leave it out.", field=MEMBER)
    found = []
    for wish in wishes:
        pieces = min(left, wish.quantity) if wish.kind == KIND and wish.product_id in reduced else 0
        left -= pieces
        found += [_with_member(replace(wish, quantity=pieces), number)] if pieces else []
        found += [replace(wish, quantity=wish.quantity - pieces)] if wish.quantity > pieces else []
    return found


def _with_member(wish: Wish, number: str) -> Wish:
    return replace(wish, choice={**wish.choice, MEMBER: number})


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


def people_of(paper: Paper) -> list[str]:
    """Everybody who comes, in the order of the form; who sent it, where nobody does. A blank name is that of who sent it."""
    return [guest.name or paper.name for guest in paper.guests] or [paper.name]


def _names_for(row: Further, paper: Paper) -> list[str]:
    """One name a piece: those written, then the other people of the form, then who sent it."""
    written = [name for part in row.names.split(",") if (name := tidy_name(part))]
    others = [name for name in people_of(paper) if name not in written]
    return [*written, *others, *[paper.name] * row.quantity][: row.quantity]


def _answers(
    db_session: Session, lines: Iterable[OrderLine], paper: Paper, buyer: Buyer
) -> tuple[dict[int, dict[str, str]], dict[str, str]]:
    """(what the checkout asks of each line, the form's field by that of the checkout). Names go round in the order of the form."""
    waiting: dict[tuple[str, int, int | None], list[Guest]] = defaultdict(list)
    for guest in paper.guests:
        waiting[KIND, guest.ticket_type_id, guest.variant_id].append(guest)
    for row in paper.further:
        named = [Guest(row.product_id, name, row=row.row) for name in _names_for(row, paper)]
        waiting[row.kind, row.product_id, row.variant_id] += named
    found: dict[int, dict[str, str]] = {}
    rows: dict[str, str] = {}
    for line in lines:
        theirs = waiting[line.kind, line.product_id, line.facts.get(VARIANT)]
        asked = _asked_of(db_session, line, buyer)
        for seat, guest in enumerate(theirs[: len(asked)], start=1):
            rows[age_name(line.id, seat)] = f"{guest.row}_age"
            found.setdefault(line.id, {}).update(_said(line, seat, asked[seat - 1], guest, paper))
        del theirs[: len(asked)]
    return found, rows


def _asked_of(db_session: Session, line: OrderLine, buyer: Buyer) -> list[str]:
    """The fields of a line that ask for a name, one for each person."""
    fields = sellable_of(line.kind).fields(db_session, lines=[line], buyer=buyer).get(line.id, [])
    if line.kind == KIND:
        return [each.name for each in fields if each.name == field_name(line.id, each.seat)]
    return [each.name for each in fields]


def _said(line: OrderLine, seat: int, asked: str, guest: Guest, paper: Paper) -> Mapping[str, str]:
    adult = paper.name if guest.age else ""
    return {asked: guest.name or paper.name, age_name(line.id, seat): guest.age, adult_name(line.id, seat): adult}
