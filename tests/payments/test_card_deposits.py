"""Tables with a deposit, paid by card: the deposit at once, the balance by its day, or all of it together."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders.due_models import DuePart
from swapmeet.orders.models import Order, OrderState, Payment, PayMethod, Refund
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services import closing
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.vendor_tables.price_models import TableDeposit
from tests.support.forms import post
from tests.support.stripe_fake import StripeFake
from tests.vendor_tables.floor import Floor


class Till:
    """Two tables at $45 with 30 % down, ordered by card: $27 now, $63 in eight weeks."""

    def __init__(self, world: Any, fake: StripeFake) -> None:
        self.world, self.fake, self.floor = world, fake, Floor(world)
        show = world.show()
        self.balance_on: date = min(to_local(utcnow(), show.time_zone).date() + timedelta(days=56), show.first_day)
        with transaction() as db_session:
            db_session.add(TableDeposit(event_id=world.event_id, percent=30, balance_on=self.balance_on, lapses=True))
        cart_id = self.floor.hold("A01", "A02")
        with transaction() as db_session:
            cart = db_session.get_one(Order, cart_id)
            first = list_live_lines(db_session, cart)[0].id
            self.order_id = place_order(
                db_session, event=world.show(), cart=cart, seen_total_minor=cart.total_minor, by=Actor.guest(), now=utcnow(),
                contact=Contact(name="Vic", email="vic@example.org", method=PayMethod.CARD),
                answers={first: {f"line-{first}-vendor": "Tiny Works", f"line-{first}-sells": "lamps"}},
            ).id  # fmt: skip

    def order(self) -> Order:
        db.session.rollback()
        return db.session.get_one(Order, self.order_id, populate_existing=True)

    def page(self) -> str:
        order = self.order()
        return str(self.world.client().get(f"/orders/{order.code}/{order.link_key}").get_data(as_text=True))

    def pay(self, **fields: str) -> str:
        """Press the button, pay on the provider's page, and get its message."""
        order = self.order()
        post(self.world.client(), f"/orders/{order.code}/{order.link_key}/card-payments", fields)
        session = self.fake.pay(list(self.fake.sessions)[-1])
        content, signature = self.fake.message("checkout.session.completed", session)
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        return str(self.world.client().post("/webhooks/stripe", data=content, headers=headers).get_json()["outcome"])

    def paid(self) -> list[int]:
        db.session.rollback()
        return list(db.session.scalars(select(Payment.amount_minor).order_by(Payment.id)))


@pytest.fixture
def till(world: Any, stripe_fake: StripeFake) -> Till:
    return Till(world, stripe_fake)


def faults() -> list[str]:
    db.session.rollback()
    return [fault for query in registry().doctor for fault in query.find(db.session(), utcnow())]


def due_on(order: Order) -> date:
    assert order.due_at is not None
    return to_local(order.due_at, order.event.time_zone).date()


def test_the_deposit_is_paid_at_once_and_the_balance_by_its_day(till: Till) -> None:
    parts = db.session.execute(select(DuePart.name, DuePart.amount_minor).order_by(DuePart.position)).all()
    assert [tuple(row) for row in parts] == [("Deposit", 2700), ("Balance", 6300)]
    assert due_on(till.order()) == to_local(utcnow(), till.order().event.time_zone).date() + timedelta(days=1)
    assert "Pay $27.00 by card" in till.page() and "Pay all $90.00 by card" in till.page()
    assert till.pay() == "paid"
    assert till.order().state is OrderState.PLACED and due_on(till.order()) == till.balance_on
    assert till.floor.states() == {"A01": "taken", "A02": "taken"}
    assert "Pay $63.00 by card" in till.page() and "Pay all" not in till.page()
    assert till.pay() == "paid"
    assert till.order().state is OrderState.CONFIRMED and till.paid() == [2700, 6300] and faults() == []


def test_who_likes_pays_all_of_it_at_once(till: Till) -> None:
    assert till.pay(whole="yes") == "paid"
    assert till.order().state is OrderState.CONFIRMED and till.paid() == [9000] and faults() == []


@pytest.mark.parametrize("last", [0, 1], ids=["the deposit", "all of it"])
def test_what_two_open_pages_bring_too_much_waits_to_go_back(till: Till, last: int) -> None:
    order = till.order()
    address = f"/orders/{order.code}/{order.link_key}/card-payments"
    for fields in ({}, {"whole": "yes"}):
        post(till.world.client(), address, fields)
    pages = list(till.fake.sessions)
    assert len(pages) == 2
    for page in (pages[1 - last], pages[last]):
        content, signature = till.fake.message("checkout.session.completed", till.fake.pay(page))
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        assert (
            till.world.client().post("/webhooks/stripe", data=content, headers=headers).get_json()["outcome"] == "paid"
        )
    assert till.order().state is OrderState.CONFIRMED and sorted(till.paid()) == [2700, 9000]
    assert db.session.scalars(select(Refund.amount_minor)).all() == [2700] and faults() == []


def test_a_deposit_without_its_balance_ends_as_the_terms_say(till: Till, clock: Any) -> None:
    till.pay()
    due = till.order().due_at
    assert due is not None
    clock.set(due + timedelta(hours=13))
    with transaction() as db_session:
        assert closing.sweep_unpaid(db_session, now=utcnow()) == 0
        assert closing.lapse_late(db_session, now=utcnow()) == 1
    assert till.floor.states() == {} and till.paid() == [2700] and faults() == []


def test_no_deposit_by_the_next_day_ends_it(till: Till, clock: Any) -> None:
    clock.advance(days=2, hours=13)
    with transaction() as db_session:
        assert closing.sweep_unpaid(db_session, now=utcnow()) == 1
    assert till.order().state is OrderState.EXPIRED and till.floor.states() == {}
