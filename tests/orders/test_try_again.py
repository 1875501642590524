"""A hold that ran out at checkout: the same things once more, and nothing typed is lost. Without any script."""

import re
from typing import Any

from swapmeet.infra.db import db
from swapmeet.orders.models import Order, OrderState
from tests.orders.conftest import Shop
from tests.orders.test_checkout import add, checkout_data, orders, place
from tests.support.forms import fields_of, post

TYPED = {
    "buyer_name": "Gus “the Mouse” Guest",
    "buyer_email": "gus@example.org",
    "buyer_phone": "555 0100",
    "note": "First line\nsecond <b>line</b>",
}


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def checkout_url(shop: Shop) -> str:
    return f"/shows/{shop.world.slug}/checkout"


def runs_out(client: Any, shop: Shop, clock: Any) -> Any:
    """Type everything, wait too long, press the button. Returns the answer."""
    data = checkout_data(client, shop, **TYPED)
    clock.advance(minutes=15)
    return place(client, shop, data)


def press_again(client: Any, shop: Shop, page: str) -> Any:
    return post(client, checkout_url(shop), fields_of(page, checkout_url(shop)))


def names_in(page: str) -> list[str]:
    """What stands in the fields for names, in the order of the page."""
    tags = [tag for tag in re.findall(r"<input[^>]*>", page) if re.search(r'name="line-\d+-name-\d+"', tag)]
    return [found[1] if (found := re.search(r'value="([^"]*)"', tag)) else "" for tag in tags]


def placed() -> list[Order]:
    return [order for order in orders() if order.placed_at is not None]


def carts() -> int:
    return db.session.query(Order).filter(Order.state == OrderState.CART).count()


def test_all_that_was_typed_stands_in_the_new_checkout(client: Any, shop: Shop, clock: Any) -> None:
    two, one = shop.quota(name="Two", price=500), shop.quota(name="One", price=700)
    add(client, shop, two, 2, key="a" * 32)
    add(client, shop, one, 1, key="b" * 32)
    answer = runs_out(client, shop, clock)
    assert answer.status_code == 409
    assert "What you wrote is kept" in text(answer)
    sent = fields_of(text(answer), checkout_url(shop))
    assert {name: sent[name] for name in TYPED} == TYPED and sent["method"] == "check"
    links = " ".join(re.findall(r'(?:href|action)="([^"]*)"', text(answer)))
    assert "Gus" not in links and "gus" not in links and "Person" not in links

    answer = press_again(client, shop, text(answer))
    assert answer.status_code == 200
    page = text(answer)
    filled = fields_of(page, checkout_url(shop))
    assert {name: filled[name] for name in TYPED} == TYPED and filled["method"] == "check"
    assert names_in(page) == ["Person 1", "Person 2", "Person 3"]
    assert "has-error" not in page, "nothing is called wrong before the button is pressed"
    assert (shop.taken(two), shop.taken(one)) == (2, 1)

    answer = place(client, shop, filled)
    assert answer.status_code == 303
    order = placed()[0]
    assert (order.buyer_name, order.buyer_phone, order.total_minor) == (TYPED["buyer_name"], "555 0100", 1700)
    assert [line.facts["names"] for line in shop.lines(order.id)] == [["Person 1", "Person 2"], ["Person 3"]]


def test_of_fewer_pieces_the_first_names_are_kept(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=3)
    add(client, shop, quota, 3)
    page = text(runs_out(client, shop, clock))
    shop.cart((quota, 1))
    answer = press_again(client, shop, page)
    assert answer.status_code == 200
    assert "Weekend: only 2 left, held for you." in text(answer)
    assert names_in(text(answer)) == ["Person 1", "Person 2"]
    assert place(client, shop, fields_of(text(answer), checkout_url(shop))).status_code == 303
    assert shop.lines(placed()[0].id)[0].facts["names"] == ["Person 1", "Person 2"]


def test_names_stay_with_their_ticket_when_another_one_is_gone(client: Any, shop: Shop, clock: Any) -> None:
    gone, kept = shop.quota(capacity=1, name="Gone"), shop.quota(name="Kept")
    add(client, shop, gone, 1, key="a" * 32)
    add(client, shop, kept, 1, key="b" * 32)
    page = text(runs_out(client, shop, clock))
    shop.cart((gone, 1))
    answer = press_again(client, shop, page)
    assert "Gone: gone." in text(answer)
    assert names_in(text(answer)) == ["Person 2"]


def test_when_nothing_is_free_what_was_typed_waits_for_another_try(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=2)
    add(client, shop, quota, 2)
    page = text(runs_out(client, shop, clock))
    shop.cart((quota, 2))
    answer = press_again(client, shop, page)
    assert answer.status_code == 409
    assert "Weekend: gone." in text(answer)
    sent = fields_of(text(answer), checkout_url(shop))
    assert {name: sent[name] for name in TYPED} == TYPED
    clock.advance(minutes=15)
    answer = press_again(client, shop, text(answer))
    assert answer.status_code == 200
    assert names_in(text(answer)) == ["Person 1", "Person 2"]


def test_a_second_run_out_keeps_it_too(client: Any, shop: Shop, clock: Any) -> None:
    add(client, shop, shop.quota(), 2)
    first = text(runs_out(client, shop, clock))
    second = text(press_again(client, shop, first))
    clock.advance(minutes=15)
    third = text(place(client, shop, fields_of(second, checkout_url(shop))))
    assert names_in(text(press_again(client, shop, third))) == ["Person 1", "Person 2"]
    clock.advance(minutes=15)
    page = text(press_again(client, shop, first))
    assert names_in(page) == ["Person 1", "Person 2"], "also from the very first page, in a tab that was left open"


def test_a_double_click_makes_one_cart_and_both_answers_say_the_same(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=3)
    add(client, shop, quota, 3)
    page = text(runs_out(client, shop, clock))
    shop.cart((quota, 1))
    before, old = carts(), client.get_cookie("swapmeet_cart", path=f"/shows/{shop.world.slug}")
    answers = []
    for _ in range(2):
        client.set_cookie("swapmeet_cart", old.value, path=old.path)  # the first answer is not there yet
        answers.append(text(press_again(client, shop, page)))
    for answer in answers:
        assert names_in(answer) == ["Person 1", "Person 2"]
        assert "Weekend: only 2 left, held for you." in answer
    assert shop.taken(quota) == 3
    assert carts() == before + 1


def test_a_stale_tab_shows_the_renewed_cart_with_what_was_typed_there(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=3)
    add(client, shop, quota, 3)
    stale = checkout_data(client, shop, **TYPED)
    clock.advance(minutes=15)
    shop.cart((quota, 1))
    assert post(client, f"/shows/{shop.world.slug}/cart/renewal", {"key": "r" * 32}).status_code == 303
    answer = place(client, shop, stale)
    assert answer.status_code == 409
    assert "Your cart has changed since you opened this page" in text(answer)
    assert names_in(text(answer)) == ["Person 1", "Person 2"]
    assert not placed(), "two tickets instead of three are not ordered unseen"
    assert place(client, shop, fields_of(text(answer), checkout_url(shop))).status_code == 303


def test_a_stale_try_again_leads_to_the_order_that_was_placed(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota()
    add(client, shop, quota, 1)
    page = text(runs_out(client, shop, clock))
    new = text(press_again(client, shop, page))
    answer = place(client, shop, fields_of(new, checkout_url(shop)))
    order_path = answer.headers["Location"].partition("?")[0]
    for url in (checkout_url(shop), f"/shows/{shop.world.slug}/cart/renewal"):
        sent = {**fields_of(page, checkout_url(shop)), "key": "s" * 32}
        answer = post(client, url, sent, follow_redirects=True)
        assert answer.request.path == order_path
    clock.advance(minutes=121)
    for url in (checkout_url(shop), f"/shows/{shop.world.slug}/cart/renewal"):
        answer = post(client, url, fields_of(page, checkout_url(shop)), follow_redirects=True)
        assert "Your cart is empty" in text(answer), "on a shared computer the order is not shown for long"
    assert shop.taken(quota) == 1, "nothing is held a second time"


def test_the_end_of_the_hold_seen_by_the_page_itself_loses_nothing(client: Any, shop: Shop, clock: Any) -> None:
    """The page sends its form as it stands, half filled in."""
    add(client, shop, shop.quota(), 2)
    data = checkout_data(client, shop, **TYPED, over="1")
    data = {name: value for name, value in data.items() if not name.endswith("-name-2")}
    answer = place(client, shop, data)
    assert answer.status_code == 200 and "Place the order" in text(answer), (
        "a page that was too fast shows the form again"
    )
    assert not placed()
    clock.advance(minutes=15)
    answer = place(client, shop, data)
    assert answer.status_code == 200
    assert "Your hold ended" in text(answer)
    assert names_in(text(press_again(client, shop, text(answer)))) == ["Person 1", ""]
    assert not placed()


def test_a_cart_that_ran_out_before_checkout_asks_for_nothing(client: Any, shop: Shop, clock: Any) -> None:
    add(client, shop, shop.quota(), 1)
    clock.advance(minutes=15)
    page = text(client.get(f"/shows/{shop.world.slug}/cart"))
    assert "What you wrote is kept" not in page
    assert set(fields_of(page, f"/shows/{shop.world.slug}/cart/renewal")) == {"csrf_token", "key"}
