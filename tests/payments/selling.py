"""A show with one ware and an order for it, for tests that set up their own application."""

from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, PayMethod
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import carts, checkout
from tests import factories
from tests.orders.wares import put_on_sale


def sell(app: Flask, db_session: Session, *, price: int, event: Any = None, quantity: int = 1) -> Order:
    """A placed order of one ticket (or more) at that price, at a show of its own unless one is given."""
    ware = put_on_sale(app)
    event = event or factories.event(db_session, organizer=factories.organizer(db_session))
    quota = factories.quota(db_session, event=event, capacity=max(5, quantity))
    ware.prices[quota.id] = price
    cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=link_key(), now=utcnow())
    wishes, by = [Wish("ticket", quota.id, quantity)], Actor.guest()
    buyer = Buyer(None, order=cart)
    carts.add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=utcnow())
    return checkout.place_order(
        db_session,
        event=event,
        cart=cart,
        contact=checkout.Contact("Gus Guest", "gus@example.org", method=PayMethod.TRANSFER),
        answers={},
        seen_total_minor=price * quantity,
        by=by,
        now=utcnow(),
    )
