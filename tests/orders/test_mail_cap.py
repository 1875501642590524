"""Anybody can type anybody's address at checkout: an hour brings ten mails about orders to it, and no order is lost for that."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.mail_cap import MAILS_AN_HOUR
from swapmeet.orders.models import OrderState
from swapmeet.orders.services.closing import sweep_unpaid
from swapmeet.web import security as web_security
from tests.orders.conftest import Shop
from tests.orders.test_checkout import add, checkout_data, hidden, orders, place
from tests.support.forms import post

VICTIM = "victim@example.org"
HELD = "No e-mail was sent about this"


@pytest.fixture
def strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The limits as they are in production, counted from zero."""
    monkeypatch.setattr(web_security, "_factor", 1)
    web_security.limiter.reset()
    yield
    web_security.limiter.reset()


def buy(shop: Shop, quota: int, email: str = VICTIM, client: Any = None) -> Any:
    """The page of a new order, as its buyer sees it."""
    client = client or shop.world.client()
    assert add(client, shop, quota).status_code == 303
    answer = place(client, shop, checkout_data(client, shop, buyer_email=email))
    assert answer.status_code == 303
    return client, answer.headers["Location"]


def page(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


@pytest.mark.parametrize("price", [0, 2500], ids=["free", "to pay"])
def test_an_address_gets_ten_mails_an_hour_and_every_order_stands(
    strict: None, shop: Shop, mail: Any, price: int
) -> None:
    quota = shop.quota(capacity=50, price=price)
    pages = [page(*buy(shop, quota, address)) for address in [VICTIM, "Victim@Example.org "] * 6]
    assert [HELD in html for html in pages] == [False] * MAILS_AN_HOUR + [True] * 2
    assert "Keep the address of this page" in pages[-1] and f"An e-mail went to {VICTIM}" not in pages[-1]
    assert len(mail.to(VICTIM)) == MAILS_AN_HOUR
    assert shop.taken(quota) == 12 and len(orders()) == 12
    held = [order for order in orders() if order.mail_held_at is not None]
    entries = db.session.scalars(select(AuditEntry.subject_id).where(AuditEntry.verb == "order.mail_held")).all()
    assert sorted(entries) == [order.id for order in held] and len(held) == 2
    assert HELD not in page(*buy(shop, quota, "other@example.org")), "other addresses are not concerned"


def flood(shop: Shop, quota: int) -> Any:
    for _ in range(MAILS_AN_HOUR):
        buy(shop, quota)
    return buy(shop, quota)


def test_the_mail_is_sent_again_when_the_hour_is_over_and_the_notice_goes(strict: None, shop: Shop, mail: Any) -> None:
    client, url = flood(shop, shop.quota(capacity=50))
    mail.deliver_all()
    assert post(client, f"{url}/mails").status_code == 303
    html = page(client, url)
    assert "No e-mail was sent:" in html and HELD in html
    assert len(mail.to(VICTIM)) == MAILS_AN_HOUR
    web_security.limiter.reset()
    assert post(client, f"{url}/mails").status_code == 303
    html = page(client, url)
    assert HELD not in html and "The e-mail is on its way to" in html
    assert len(mail.to(VICTIM)) == MAILS_AN_HOUR + 1


def test_canceling_and_ending_unpaid_send_no_more_either(strict: None, shop: Shop, mail: Any, clock: Any) -> None:
    client, url = flood(shop, shop.quota(capacity=50, price=2500))
    other, other_url = buy(shop, shop.quota(capacity=50, price=2500))
    form = page(other, f"{other_url}/cancellation")
    data = {"seen_back": hidden(form, "seen_back"), "sure": "y"}
    assert post(other, f"{other_url}/cancellation", data).status_code == 303
    assert HELD in page(other, other_url) and "This order is canceled" in page(other, other_url)
    assert len(mail.to(VICTIM)) == MAILS_AN_HOUR
    clock.advance(days=300)
    with transaction() as db_session:
        sweep_unpaid(db_session, now=utcnow())
    states = [order.state for order in orders()]
    assert states == [OrderState.EXPIRED] * (MAILS_AN_HOUR + 1) + [OrderState.CANCELED]
    ended = [message for message in mail.to(VICTIM) if "has ended unpaid" in message["Subject"]]
    assert len(ended) == MAILS_AN_HOUR, "only about orders that the address was told of"
    assert "This order ended unpaid" in page(client, url)


def test_money_that_came_is_told_whatever_was_held_back(strict: None, shop: Shop, mail: Any) -> None:
    client, url = flood(shop, shop.quota(capacity=50, price=2500))
    order = orders()[-1]
    shop.pay(order.id, 2500)
    assert HELD not in page(client, url)
    assert [str(message["Subject"]) for message in mail.to(VICTIM)][-1].startswith(f"Your order {order.code} is conf")


def test_ones_own_confirmed_address_has_no_limit(strict: None, shop: Shop, mail: Any) -> None:
    quota, ann = shop.quota(capacity=50), shop.world.person("ann").email
    for number in range(MAILS_AN_HOUR + 2):
        client = shop.world.client("ann")
        add(client, shop, quota, key=f"{number:032}")
        place(client, shop, checkout_data(client, shop, buyer_email=ann))
    assert len(mail.to(ann)) == MAILS_AN_HOUR + 2
    strangers = shop.world.client("otto")
    for number in range(MAILS_AN_HOUR + 2):
        add(strangers, shop, quota, key=f"{number:032}")
        place(strangers, shop, checkout_data(strangers, shop, buyer_email=ann))
    assert len(mail.to(ann)) == 2 * MAILS_AN_HOUR + 2


def test_raised_limits_raise_the_mails_too(strict: None, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_security, "_factor", 2)
    assert HELD not in page(*flood(shop, shop.quota(capacity=50)))
