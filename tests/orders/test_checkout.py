"""From the cart to the order, over HTTP, as a guest does it."""

import re
from typing import Any

from swapmeet.infra.db import db
from swapmeet.orders.models import Order, OrderState
from tests.orders.conftest import Shop, fresh
from tests.support.forms import post

LINE = re.compile(r'name="(line-\d+-name-\d+)"')


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', html
    )
    assert found, f"no field {name}"
    return found[1]


def add(client: Any, shop: Shop, quota_id: int, quantity: int = 1, key: str = "k" * 32, **kwargs: Any) -> Any:
    return post(client, f"/shows/{shop.world.slug}/cart/lines", {f"ticket-{quota_id}": quantity, "key": key}, **kwargs)


def checkout_data(client: Any, shop: Shop, **changes: Any) -> dict[str, Any]:
    """The checkout form, filled in as the page asks."""
    page = client.get(f"/shows/{shop.world.slug}/checkout")
    assert page.status_code == 200, page.status_code
    html = page.get_data(as_text=True)
    data = {name: f"Person {n}" for n, name in enumerate(LINE.findall(html), 1)}
    data |= {"buyer_name": "Gus Guest", "buyer_email": "Gus@Example.org", "key": hidden(html, "key")}
    data |= {"seen_total": hidden(html, "seen_total")}
    if 'name="method"' in html:
        data["method"] = "check"
    return {**data, **changes}


def place(client: Any, shop: Shop, data: dict[str, Any]) -> Any:
    return post(client, f"/shows/{shop.world.slug}/checkout", data)


def orders() -> list[Order]:
    fresh()
    return list(db.session.query(Order).filter(Order.state != OrderState.CART).order_by(Order.id))


def test_a_guest_gets_a_free_ticket_in_five_requests(client: Any, shop: Shop, mail: Any) -> None:
    quota = shop.quota(capacity=3)
    answer = add(client, shop, quota, 2)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("/cart")
    answer = place(client, shop, checkout_data(client, shop))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    assert "All set" in page.get_data(as_text=True)
    order = orders()[0]
    assert order.state is OrderState.CONFIRMED
    assert order.buyer_email == "gus@example.org"
    assert shop.taken(quota) == 2
    assert shop.ware.deeds() == ["claim", "extend", "confirm"]


def test_a_paid_order_waits_for_its_money(client: Any, shop: Shop) -> None:
    quota = shop.quota(price=2500)
    add(client, shop, quota, 2)
    answer = place(client, shop, checkout_data(client, shop))
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Pay $50.00 by" in page and "All times are New York time (EST)." in page
    assert "Waiting for payment" in page
    order = orders()[0]
    assert (order.state, order.total_minor) == (OrderState.PLACED, 5000)
    shop.pay(order.id, 5000)
    assert shop.read(order.id).state is OrderState.CONFIRMED


def test_the_cart_page_says_until_when_it_is_held(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota(), 1)
    page = client.get(f"/shows/{shop.world.slug}/cart").get_data(as_text=True)
    assert "Held for you until" in page
    assert "7:15\u202fAM EST" in page  # 12:15 UTC in New York
    assert "Add 15 minutes" in page


def test_an_empty_cart_says_so(client: Any, shop: Shop) -> None:
    page = client.get(f"/shows/{shop.world.slug}/cart")
    assert page.status_code == 200
    assert "Your cart is empty" in page.get_data(as_text=True)
    assert client.get(f"/shows/{shop.world.slug}/checkout").status_code == 303
