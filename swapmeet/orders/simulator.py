"""What a visitor would see and pay at some instant, computed by the very functions that sell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.quoting import pieces_left
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import MEMBER, Buyer, Product, Quote, Wish
from swapmeet.orders.services.carts import quote_all, sellable_of
from swapmeet.orders.vouchers.applying import unlock, with_code, with_vouchers
from swapmeet.orders.vouchers.pages import products_of, wish_for
from swapmeet.orders.vouchers.rules import tidy


@dataclass(frozen=True)
class Seen:
    """One thing: what so many pieces would cost, or why they could not be had. `left` is what is free now (None: no limit)."""

    title: str
    kind: str
    unit_minor: int | None
    total_minor: int | None
    left: int | None
    detail: str
    reason: str


def simulate(
    db_session: Session, event: Event, *, at: datetime, quantity: int, code: str, member: str = "", now: datetime
) -> tuple[list[Seen], list[str]]:
    """Everything but tables, each (and each choice) bought alone, as it would be at the instant `at` with what is free `now`; and notes
    about the code.

    `member` is a membership number.
    """
    notes: list[str] = []
    if code and not tidy(code):
        notes.append("A code has up to 40 letters, figures and dashes.")
    rows = [
        _seen(
            db_session, event, replace(product, title=title), at, _wishes(wish, code if tidy(code) else "", member), now
        )
        for product in products_of(db_session, event)
        if product.kind != "table"
        for choice_id, title in _ways(product)
        for wish in [wish_for(product, quantity, choice_id)]
    ]
    return rows, notes


def _seen(
    db_session: Session, event: Event, product: Product, at: datetime, wishes: Sequence[Wish], now: datetime
) -> Seen:
    quantity = wishes[0].quantity
    try:
        wishes = unlock(db_session, event, wishes, at)
        plain = quote_all(db_session, event=event, wishes=wishes, buyer=Buyer(None), now=at)
        quote = with_vouchers(db_session, event, plain)[0]
    except DomainError as error:
        return Seen(product.title, product.kind, None, None, None, "", error.message)
    left = pieces_left(quote, free_units(db_session, quote.quotas, now=now))
    reasons = [f"Only {left} are free now."] if left is not None and left < quantity else []
    reason = " ".join([*reasons, *_faults(db_session, event, quote)])
    return Seen(product.title, product.kind, quote.unit_minor, quote.unit_minor * quantity, left, quote.detail, reason)


def _ways(product: Product) -> Sequence[tuple[int | None, str]]:
    """(choice, title) of each way in which it is sold."""
    return product.choices or [(None, product.title)]


def _wishes(wish: Wish, code: str, member: str) -> list[Wish]:
    if member:
        wish = replace(wish, choice={**wish.choice, MEMBER: member})
    return with_code([wish], code)


def _faults(db_session: Session, event: Event, quote: Quote) -> list[str]:
    """What a cart with this alone would be told: an extra without its ticket, a ticket without what it needs."""
    wish = quote.wish
    cart = Order(event_id=event.id, state=OrderState.CART, buyer_email="")
    line = OrderLine(event_id=event.id, kind=wish.kind, product_id=wish.product_id, quantity=wish.quantity, facts={})
    return sellable_of(wish.kind).faults(db_session, event=event, order=cart, lines=[line], is_final=False)
