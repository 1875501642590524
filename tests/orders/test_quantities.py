"""How many of a thing a cart holds is changed in the cart: more under the same guard as a first claim, fewer at once."""

import re
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.orders import doctor
from swapmeet.orders.models import Order, OrderLine
from tests.orders.conftest import Shop, fresh
from tests.orders.test_checkout import LINE, add
from tests.support.forms import post


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def cart_url(shop: Shop) -> str:
    return f"/shows/{shop.world.slug}/cart"


def the_line() -> OrderLine:
    fresh()
    return db.session.query(OrderLine).filter(OrderLine.released_at.is_(None)).order_by(OrderLine.id).first()


def change(client: Any, shop: Shop, quantity: object, line_id: int | None = None) -> Any:
    line_id = the_line().id if line_id is None else line_id
    return post(client, f"{cart_url(shop)}/lines/{line_id}/quantity", {"quantity": quantity})


def field(page: str) -> str:
    found = re.search(r'<input class="stepper-value"[^>]*name="quantity"[^>]*>', page)
    assert found, "no field for the quantity"
    return found[0]


def total() -> int:
    fresh()
    return db.session.query(Order).order_by(Order.id.desc()).first().total_minor


@pytest.fixture(autouse=True)
def _counters_agree(shop: Shop) -> Any:
    yield
    fresh()
    assert doctor.quotas_off(db.session(), utcnow()) == []


def test_more_are_held_in_the_same_line_until_the_same_minute(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=5, price=500)
    add(client, shop, quota, 2)
    line_id = the_line().id
    clock.advance(minutes=10)
    page = text(client.get(cart_url(shop)))
    assert 'value="2"' in field(page) and 'aria-label="Weekend, how many"' in field(page)
    answer = change(client, shop, 5)
    assert answer.status_code == 303 and answer.headers["Location"].endswith("/cart")
    assert (the_line().id, the_line().quantity, shop.taken(quota), total()) == (line_id, 5, 5, 2500)
    page = text(client.get(cart_url(shop)))
    assert "5 × Weekend" in page and "$25.00" in page and "7:15" in page
    assert len(LINE.findall(text(client.get(f"/shows/{shop.world.slug}/checkout")))) == 5


def test_fewer_are_free_at_once_on_every_quota(client: Any, shop: Shop) -> None:
    shared = shop.quota(capacity=4, name="Beds")
    quota = shop.quota(capacity=4, price=500)
    shop.ware.also[quota] = [shared]
    add(client, shop, quota, 4)
    assert change(client, shop, 1).status_code == 303
    assert (shop.taken(quota), shop.taken(shared), total()) == (1, 1, 500)
    assert shop.cart((quota, 3))
    assert change(client, shop, 2).status_code == 409


def test_zero_takes_it_out(client: Any, shop: Shop) -> None:
    quota = shop.quota(price=500)
    add(client, shop, quota, 2)
    assert change(client, shop, 0).status_code == 303
    assert "Your cart is empty" in text(client.get(cart_url(shop)))
    assert (shop.taken(quota), total()) == (0, 0)


def test_the_same_number_twice_changes_nothing_more(client: Any, shop: Shop) -> None:
    quota = shop.quota()
    add(client, shop, quota, 1)
    line_id = the_line().id
    for _ in range(2):
        assert change(client, shop, 3, line_id).status_code == 303
    assert shop.taken(quota) == 3


@pytest.mark.parametrize(
    ("capacity", "have", "wanted", "words"),
    [
        (5, 2, 6, "Only 3 more of Weekend are free, so you can have 5 at most. You keep the 2 you have."),
        (2, 1, 3, "Only 1 more of Weekend is free, so you can have 2 at most. You keep the one you have."),
        (2, 2, 3, "No more of Weekend are free. You keep the 2 you have."),
    ],
)
def test_too_many_are_refused_at_the_field_and_what_is_held_stays(
    client: Any, shop: Shop, capacity: int, have: int, wanted: int, words: str
) -> None:
    quota = shop.quota(capacity=capacity)
    add(client, shop, quota, have)
    answer = change(client, shop, wanted)
    page = text(answer)
    assert answer.status_code == 409
    assert words in page and "Nothing was added" not in page
    line = the_line()
    assert f'value="{have}"' in field(page) and 'aria-invalid="true"' in field(page)
    assert f'aria-describedby="fault-{line.id}"' in field(page) and f'id="fault-{line.id}" role="alert"' in page
    assert (line.quantity, shop.taken(quota)) == (have, have)


def test_what_expired_carts_held_can_be_had(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=4)
    shop.cart((quota, 3))
    clock.advance(minutes=14)
    add(client, shop, quota, 1)
    line_id = the_line().id + 1
    assert change(client, shop, 2, line_id).status_code == 409
    clock.advance(minutes=1)
    assert change(client, shop, 4, line_id).status_code == 303
    assert shop.taken(quota) == 4


def test_above_the_limit_of_an_order_it_says_so(client: Any, shop: Shop) -> None:
    one, two = shop.quota(capacity=None, name="One"), shop.quota(capacity=None, name="Two")
    add(client, shop, one, 12, key="a" * 32)
    add(client, shop, two, 8, key="b" * 32)
    answer = change(client, shop, 13)
    assert answer.status_code == 409
    assert "One order can hold 20 things at most" in text(answer)
    assert shop.taken(one) == 12
    assert change(client, shop, 11).status_code == 303


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "two", "1e2", "99999", "٣", "<b>"])
def test_what_is_no_number_stays_as_typed_and_is_told(client: Any, shop: Shop, typed: str) -> None:
    quota = shop.quota()
    add(client, shop, quota, 2)
    answer = change(client, shop, typed)
    assert answer.status_code == 422
    assert "Write how many as a whole number" in text(answer)
    assert "<b>" not in field(text(answer)).replace("&lt;b&gt;", "")
    if typed and typed != "<b>":
        assert f'value="{typed}"' in field(text(answer))
    assert shop.taken(quota) == 2


def test_a_line_that_was_taken_out_in_another_tab_is_said_to_be_gone(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota(name="One"), 1, key="a" * 32)
    add(client, shop, shop.quota(name="Two"), 1, key="b" * 32)
    line_id = the_line().id
    assert change(client, shop, 0, line_id).status_code == 303
    answer = change(client, shop, 2, line_id)
    assert answer.status_code == 409
    assert "That is not in your cart any more" in text(answer)
    assert change(client, shop, 0, line_id).status_code == 303


def test_nobody_changes_the_cart_of_another(client: Any, shop: Shop) -> None:
    quota = shop.quota()
    shop.cart((quota, 1))
    line_id = the_line().id
    assert change(client, shop, 5, line_id).status_code == 409
    add(client, shop, quota, 1)
    assert change(client, shop, 5, line_id).status_code == 409
    assert shop.taken(quota) == 2


def test_a_cart_that_ran_out_offers_to_try_again_instead(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota()
    add(client, shop, quota, 1)
    line_id = the_line().id
    clock.advance(minutes=15)
    answer = change(client, shop, 2, line_id)
    assert answer.status_code == 409
    assert "Try again with what is still free" in text(answer)


def test_further_pieces_at_another_price_get_a_line_of_their_own(client: Any, shop: Shop) -> None:
    quota = shop.quota(price=2000)
    add(client, shop, quota, 2)
    shop.ware.prices[quota] = 2400
    answer = change(client, shop, 3)
    assert answer.status_code == 303
    page = text(client.get(cart_url(shop)))
    assert "in its own line, at $24.00 each" in page
    assert "2 × Weekend" in page and "$40.00" in page and "$64.00" in page
    assert shop.taken(quota) == 3
    assert change(client, shop, 1).status_code == 303, "fewer stay at the price they were held for"
    assert total() == 2000 + 2400


def test_what_is_there_once_has_no_number_to_change(client: Any, shop: Shop) -> None:
    shop.ware.can_change_quantity = False
    quota = shop.quota()
    add(client, shop, quota, 1)
    page = text(client.get(cart_url(shop)))
    assert 'name="quantity"' not in page and "Remove" in page
    answer = change(client, shop, 2)
    assert answer.status_code == 409
    assert "How many cannot be changed here" in text(answer)
    assert shop.taken(quota) == 1
