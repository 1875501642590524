"""One connection cannot hold a whole show in carts, nor press without end; and a hall full of visitors does not notice."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from swapmeet.infra.db import db
from swapmeet.orders.models import Order, OrderState
from swapmeet.web import counters
from swapmeet.web import security as web_security
from swapmeet.web.security import client_address
from tests.orders.conftest import Shop, fresh
from tests.orders.test_checkout import add, checkout_data, hidden, place
from tests.support.forms import post, token_of

MOST = 3


@pytest.fixture
def strict(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The limits as they are in production, counted from zero, and three open carts an address."""
    settings = app.extensions["swapmeet_settings"].with_values(carts_per_address=MOST)
    monkeypatch.setitem(app.extensions, "swapmeet_settings", settings)
    monkeypatch.setattr(web_security, "_factor", 1)
    web_security.limiter.reset()
    yield
    web_security.limiter.reset()


def visitor(shop: Shop, address: str = "192.0.2.7") -> Any:
    client = shop.world.client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def open_carts() -> int:
    fresh()
    return db.session.scalar(select(func.count()).where(Order.state == OrderState.CART)) or 0


def fill_up(shop: Shop, quota: int) -> list[Any]:
    clients = [visitor(shop) for _ in range(MOST)]
    assert [add(client, shop, quota).status_code for client in clients] == [303] * MOST
    return clients


def test_one_more_cart_than_an_address_may_have_is_refused_and_nothing_chosen_is_lost(strict: None, shop: Shop) -> None:
    quota = shop.quota(capacity=50)
    clients = fill_up(shop, quota)
    late = visitor(shop)
    answer = add(late, shop, quota, 4)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 429
    assert "Too many carts are open from this internet connection" in html and "Wi-Fi" in html
    assert hidden(html, f"ticket-{quota}") == "4", "what was chosen can be sent again"
    assert (open_carts(), shop.taken(quota)) == (MOST, MOST)
    assert add(clients[0], shop, quota, key="b" * 32).status_code == 303, "an open cart can still be filled"
    assert add(visitor(shop, "192.0.2.8"), shop, quota).status_code == 303, "other connections are not concerned"


def test_carts_that_run_out_make_room(strict: None, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=50)
    fill_up(shop, quota)
    clock.advance(minutes=14)
    assert add(visitor(shop), shop, quota).status_code == 429
    clock.advance(minutes=6)
    assert add(visitor(shop), shop, quota).status_code == 303


def test_a_lengthened_hold_counts_as_long_as_it_lasts(strict: None, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=50)
    for client in fill_up(shop, quota):
        assert post(client, f"/shows/{shop.world.slug}/cart/extension").status_code == 303
    clock.advance(minutes=20)
    assert add(visitor(shop), shop, quota).status_code == 429
    clock.advance(minutes=15)
    assert add(visitor(shop), shop, quota).status_code == 303


def test_who_places_an_order_makes_room_for_the_next_in_the_hall(strict: None, shop: Shop) -> None:
    quota = shop.quota(capacity=50)
    for _ in range(3 * MOST):
        client = visitor(shop)
        assert add(client, shop, quota).status_code == 303
        assert place(client, shop, checkout_data(client, shop)).status_code == 303
    assert shop.taken(quota) == 3 * MOST


def test_what_was_refused_or_sent_twice_does_not_count(strict: None, shop: Shop) -> None:
    few, many = shop.quota(capacity=1, name="Few"), shop.quota(capacity=50)
    for _ in range(2 * MOST):
        assert add(visitor(shop), shop, few, 2).status_code == 409
    client = visitor(shop)
    for _ in range(2 * MOST):
        assert add(client, shop, many).status_code == 303
    assert (open_carts(), shop.taken(many)) == (1, 1)
    assert add(visitor(shop), shop, many).status_code == 303


def test_trying_again_after_a_cart_ran_out_meets_the_same_limit(strict: None, shop: Shop, clock: Any) -> None:
    quota, url = shop.quota(capacity=50), f"/shows/{shop.world.slug}/cart"
    client = fill_up(shop, quota)[0]
    clock.advance(minutes=20)
    fill_up(shop, quota)
    page = client.get(url).get_data(as_text=True)
    assert post(client, f"{url}/renewal", {"key": hidden(page, "key")}).status_code == 303
    page = client.get(url).get_data(as_text=True)
    assert "Too many carts are open" in page and "Try again with what is still free" in page


def test_raised_limits_raise_the_carts_too(strict: None, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_security, "_factor", 2)
    quota = shop.quota(capacity=50)
    assert [add(visitor(shop), shop, quota).status_code for _ in range(2 * MOST + 1)] == [303] * 6 + [429]


@pytest.mark.parametrize(
    "deed",
    ["cart/lines", "cart/extension", "cart/renewal", "cart/lines/1/removal", "cart/lines/1/quantity", "checkout"],
)
def test_pressing_without_end_meets_a_page_that_keeps_what_was_sent(
    strict: None, shop: Shop, deed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_security, "_factor", 0.1)  # 240 an hour become 24
    client, url = visitor(shop), f"/shows/{shop.world.slug}/{deed}"
    token = token_of(client)
    data = {"csrf_token": token, "ticket-9": "2", "buyer_name": 'Gus "<b>" Guest'}
    statuses = [client.post(url, data=data).status_code for _ in range(24)]
    assert 429 not in statuses
    answer = client.post(url, data=data)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert "Nothing is lost" in html and f'action="{url}"' in html
    assert hidden(html, "ticket-9") == "2" and "Gus &#34;&lt;b&gt;&#34; Guest" in html
    assert len(re.findall('name="csrf_token"', html)) >= 1 and token not in re.findall(r'name="ticket[^>]+', html)
    assert client.get(f"/shows/{shop.world.slug}/cart").status_code == 200
    assert client.post(url, data=data, headers={"Accept": "application/json"}).mimetype == "application/problem+json"
    web_security.limiter.reset()
    assert client.post(url, data=data).status_code != 429


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("un:known", "un:known"),
        ("", ""),
    ],
)
def test_a_household_is_one_address_also_in_ipv6(app: Flask, address: str, counted_as: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client_address() == counted_as


def test_without_the_shared_counts_this_process_counts_by_itself(
    app: Flask, strict: None, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Away:
        def incr(self, *_: Any) -> int:
            raise ConnectionError("Redis is away")

        get = incr

    monkeypatch.setattr(counters, "_storage", Away)
    counters._own.cache_clear()
    quota = shop.quota(capacity=50)
    fill_up(shop, quota)
    assert add(visitor(shop), shop, quota).status_code == 429
    counters._own.cache_clear()
