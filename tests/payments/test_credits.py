"""A credit instead of a refund: made once, spent at a later show, never more than it holds."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.transitions import IllegalTransition
from swapmeet.orders import books
from swapmeet.orders.models import Account, Order, OrderState, Refund, RefundState
from swapmeet.payments.errors import CreditUnknown
from swapmeet.payments.models import Credit
from swapmeet.payments.services import credits
from tests import factories
from tests.orders.conftest import Shop, fresh
from tests.orders.test_payments import cancel, refunds
from tests.payments.test_deposits import faults
from tests.payments.test_statements import TREASURER
from tests.support.forms import post


def make(shop: Shop, days: int | None = None) -> Credit:
    """A credit of 100 from a canceled order."""
    order = shop.order((shop.quota(price=10000), 1))
    shop.pay(order.id, 10000)
    cancel(shop, order.id, full=True)
    return turn(shop, refunds()[-1].id, days)


def turn(shop: Shop, refund_id: int, days: int | None = None) -> Credit:
    with transaction() as db_session:
        event = shop.world.show()
        until = utcnow().date() + timedelta(days=days) if days is not None else None
        refund = db_session.get_one(Refund, refund_id)
        return credits.turn_into_credit(
            db_session, event=event, refund=refund, expires_on=until, by=TREASURER, now=utcnow()
        )


def spend(shop: Shop, order_id: int, code: str) -> int:
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        return credits.spend_credit(
            db_session, event=order.event, order=order, code=code, by=TREASURER, now=utcnow()
        ).amount_minor


def left() -> int:
    fresh()
    return db.session.scalars(select(Credit.left_minor)).one()


def test_a_credit_pays_a_later_order_in_parts_and_the_books_of_both_stay_right(shop: Shop, mail: Any) -> None:
    credit = make(shop)
    assert refunds()[-1].state is RefundState.DONE
    subjects = [message["Subject"] for message in mail.to("gus@example.org")]
    assert "Your credit of $100.00 at Lakeside Club" in subjects
    small = shop.order((shop.quota(price=3000), 1))
    assert spend(shop, small.id, credit.code.lower()) == 3000
    assert (shop.read(small.id).state, left()) == (OrderState.CONFIRMED, 7000)
    large = shop.order((shop.quota(price=9000), 1))
    assert spend(shop, large.id, f" {credit.code[:4]}-{credit.code[4:]}") == 7000
    assert (shop.read(large.id).state, left()) == (OrderState.PLACED, 0)
    with pytest.raises(CreditUnknown):
        spend(shop, large.id, credit.code)
    held = books.read_books(db.session(), shop.world.show())
    assert (held.of(Account.CREDITS), held.of(Account.CHECKS), held.in_hand) == (0, 10000, 10000)
    assert faults() == []
    with pytest.raises(IllegalTransition):
        turn(shop, refunds()[-1].id)


def test_a_refund_of_a_credit_payment_goes_back_as_a_credit(shop: Shop) -> None:
    credit = make(shop)
    order = shop.order((shop.quota(price=3000), 1))
    spend(shop, order.id, credit.code)
    cancel(shop, order.id, full=True)
    assert (refunds()[-1].method.value, refunds()[-1].amount_minor) == ("credit", 3000)
    again = turn(shop, refunds()[-1].id)
    assert (again.amount_minor, faults()) == (3000, [])


def test_credits_are_good_at_shows_of_the_same_club_and_currency_until_their_day(shop: Shop, clock: Any) -> None:
    credit = make(shop, days=10)
    order = shop.order((shop.quota(price=3000), 1))
    with pytest.raises(CreditUnknown):
        spend(shop, order.id, "C22222222")
    with transaction() as db_session:
        other = factories.event(db_session, organizer=factories.organizer(db_session, "Other Club"), name="Other")
        euro = factories.event(db_session, organizer=shop.world.organizer, name="Euro", currency="EUR")
        ids = [other.id, euro.id]
    for event_id in ids:
        event, today = db.session.get_one(Event, event_id), utcnow().date()
        assert credits.find_credit(db.session(), event=event, code=credit.code, today=today) is None
    clock.advance(days=11)
    with pytest.raises(CreditUnknown):
        spend(shop, order.id, credit.code)


def test_the_buyer_spends_it_on_the_page_of_the_order(shop: Shop) -> None:
    client = shop.world.client()
    order = shop.order((shop.quota(price=12000), 1))
    url = f"/orders/{order.code}/{order.link_key}"
    assert "I have a credit" not in client.get(url).get_data(as_text=True)
    credit = make(shop)
    assert "I have a credit" in client.get(url).get_data(as_text=True)
    for code in ("", "nonsense", "\x00"):
        assert post(client, f"{url}/credit", {"code": code}).status_code == 303
    assert left() == 10000
    assert post(client, f"{url}/credit", {"code": credit.code}).status_code == 303
    page = client.get(url).get_data(as_text=True)
    assert "$100.00 is paid with your credit. $20.00 is still to be paid." in page
    assert post(client, f"/orders/{order.code}/wrong/credit", {"code": credit.code}).status_code == 404


def test_the_treasurer_gives_credits_and_marks_refunds_as_sent_together(shop: Shop) -> None:
    quota = shop.quota(price=1000, capacity=None)
    for _ in range(4):
        order = shop.order((quota, 1))
        shop.pay(order.id, 1000)
        cancel(shop, order.id, full=True)
    ids, client, base = (
        [refund.id for refund in refunds()],
        shop.world.client("trudy"),
        f"/manage/shows/{shop.world.slug}",
    )
    url = f"{base}/money/refunds/{ids[0]}/credit"
    assert client.get(url).status_code == 200
    assert post(client, url, {"expires_on": "soon"}).status_code == 422
    assert post(client, url, {"expires_on": "2027-12-31"}).status_code == 303
    assert post(client, url, {}).status_code == 409
    data = {"refund": [str(each) for each in ids]}
    assert post(client, f"{base}/money/refunds/settlements", data).status_code == 303
    page = client.get(f"{base}/refunds").get_data(as_text=True)
    assert "3 refunds are marked as sent" in page and "1 refund could not" in page
    assert post(client, f"{base}/money/refunds/settlements", data).status_code == 303
    assert {refund.state for refund in refunds()} == {RefundState.DONE}
    assert "Gus Guest" in client.get(f"{base}/money/credits").get_data(as_text=True)
    assert faults() == []
