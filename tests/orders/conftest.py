"""A ware on sale, quotas for it, and the steps of a buyer."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine, PayMethod, Quota
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import carts, checkout, payments
from tests import factories
from tests.orders.wares import Ware, put_on_sale

GUEST = Actor.guest()


@pytest.fixture
def ware(app: Flask) -> Ware:
    """The kind "ticket", sold by a test sellable."""
    return put_on_sale(app)


def fresh() -> None:
    """Forget what was read: the next read sees what others have committed."""
    db.session.rollback()
    db.session.expire_all()


@dataclass
class Shop:
    """The services as a buyer and a treasurer use them, each step in its own transaction."""

    world: Any
    ware: Ware

    def quota(self, capacity: int | None = 10, name: str = "Weekend", price: int = 0) -> int:
        with transaction() as db_session:
            quota = factories.quota(db_session, event=self.world.show(), capacity=capacity, name=name)
            quota_id = int(quota.id)
        self.ware.prices[quota_id] = price
        return quota_id

    def cart(self, *wishes: tuple[int, int], kind: str = "ticket", key: str | None = None) -> int:
        """Put (quota id, quantity) pairs into a new cart. Returns the order's id."""
        with transaction() as db_session:
            event = self.world.show()
            cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=key or link_key(), now=utcnow())
            carts.add_to_cart(
                db_session,
                event=event,
                cart=cart,
                wishes=[Wish(kind, quota_id, quantity) for quota_id, quantity in wishes],
                buyer=Buyer(None, order=cart),
                by=GUEST,
                now=utcnow(),
            )
            return int(cart.id)

    def place(
        self, order_id: int, *, method: PayMethod | None = PayMethod.CHECK, email: str = "gus@example.org"
    ) -> Order:
        with transaction() as db_session:
            order = db_session.get_one(Order, order_id)
            lines = carts.live_lines(db_session, order)
            return checkout.place_order(
                db_session,
                event=self.world.show(),
                cart=order,
                contact=checkout.Contact("Gus Guest", email, method=method),
                answers={},
                seen_total_minor=sum(line.total_minor for line in lines),
                by=GUEST,
                now=utcnow(),
            )

    def order(self, *wishes: tuple[int, int]) -> Order:
        return self.place(self.cart(*wishes))

    def pay(self, order_id: int, amount: int, method: PayMethod = PayMethod.CHECK) -> None:
        with transaction() as db_session:
            payments.record_payment(
                db_session,
                order=db_session.get_one(Order, order_id),
                method=method,
                amount_minor=amount,
                reference="1234",
                received_at=utcnow(),
                by=Actor.person(self.world.ids["trudy"], "Trudy"),
                now=utcnow(),
            )

    def read(self, order_id: int) -> Order:
        fresh()
        return db.session.get_one(Order, order_id)

    def taken(self, quota_id: int) -> int:
        fresh()
        return db.session.get_one(Quota, quota_id).taken

    def lines(self, order_id: int) -> list[OrderLine]:
        fresh()
        return carts.live_lines(db.session(), db.session.get_one(Order, order_id))


@pytest.fixture
def shop(world: Any, ware: Ware) -> Shop:
    return Shop(world, ware)
