"""Carts: one expiry, lengthened by a tap up to the ceiling; what runs out is free; what ran out can be tried again."""

from datetime import timedelta
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import CartExpired, HoldAtItsEnd, OverLimit, SoldOut
from swapmeet.orders.models import Order, OrderState, Quota
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.services import carts
from tests.orders.conftest import Shop
from tests.orders.test_checkout import add, checkout_data, hidden, orders, place
from tests.support.forms import post


def free(quota_id: int) -> int | None:
    return free_units(db.session(), [quota_id], now=utcnow())[quota_id]


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_what_is_held_is_taken_and_what_ran_out_is_free_without_any_worker(shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=2)
    shop.cart((quota, 2))
    assert free(quota) == 0
    with pytest.raises(SoldOut) as refusal:
        shop.cart((quota, 1))
    assert refusal.value.facts["left"] == 0
    clock.advance(minutes=15)
    assert free(quota) == 2
    shop.cart((quota, 2))
    assert shop.taken(quota) == 2
    assert "release:expired" in shop.ware.deeds()


def test_an_order_for_more_than_is_left_is_refused_as_a_whole(shop: Shop) -> None:
    plenty, few = shop.quota(capacity=50, name="Plenty"), shop.quota(capacity=4, name="Few")
    with pytest.raises(SoldOut, match="Only 4 of Few left, and you asked for 5"):
        shop.cart((plenty, 1), (few, 5))
    assert (shop.taken(plenty), shop.taken(few)) == (0, 0)


def test_an_expired_cart_gives_back_its_units_on_every_quota(shop: Shop, clock: Any) -> None:
    one, two = shop.quota(capacity=1, name="One"), shop.quota(capacity=1, name="Two")
    shop.cart((one, 1), (two, 1))
    clock.advance(minutes=16)
    shop.cart((two, 1))
    assert (shop.taken(one), shop.taken(two)) == (0, 1)


def test_the_sweeper_tidies_expired_carts(shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=5)
    cart = shop.cart((quota, 3))
    clock.advance(minutes=20)
    with transaction() as db_session:
        assert carts.sweep_expired(db_session, now=utcnow()) == 1
    assert shop.taken(quota) == 0
    assert shop.read(cart).state is OrderState.EXPIRED
    with transaction() as db_session:
        assert carts.sweep_expired(db_session, now=utcnow()) == 0


def test_the_hold_is_lengthened_up_to_the_ceiling(shop: Shop, clock: Any) -> None:
    cart_id = shop.cart((shop.quota(), 1))
    start = utcnow()
    for minutes in (30, 45):
        with transaction() as db_session:
            cart = db_session.get_one(Order, cart_id)
            until = carts.extend_cart(db_session, event=shop.world.show(), cart=cart, minutes=15, now=utcnow())
        assert until == start + timedelta(minutes=minutes)
    with transaction() as db_session, pytest.raises(HoldAtItsEnd):
        carts.extend_cart(
            db_session, event=shop.world.show(), cart=db_session.get_one(Order, cart_id), minutes=15, now=utcnow()
        )
    clock.advance(minutes=45)
    with transaction() as db_session, pytest.raises(CartExpired):
        carts.extend_cart(
            db_session, event=shop.world.show(), cart=db_session.get_one(Order, cart_id), minutes=15, now=utcnow()
        )


def test_what_is_taken_out_is_free_at_once(shop: Shop) -> None:
    quota = shop.quota(capacity=2, price=500)
    cart_id = shop.cart((quota, 2))
    line = shop.lines(cart_id)[0]
    with transaction() as db_session:
        cart = db_session.get_one(Order, cart_id)
        carts.remove_line(db_session, cart=cart, line_id=line.id, by=Actor.guest(), now=utcnow())
    assert shop.taken(quota) == 0
    assert shop.read(cart_id).total_minor == 0


def test_one_order_holds_no_more_than_the_limit(shop: Shop) -> None:
    quota = shop.quota(capacity=None)
    with pytest.raises(OverLimit):
        shop.cart((quota, 21))
    shop.cart((quota, 20))


def test_a_capacity_without_limit_counts_all_the_same(shop: Shop) -> None:
    quota = shop.quota(capacity=None)
    shop.cart((quota, 20))
    assert free(quota) is None
    assert shop.taken(quota) == 20


def test_an_expired_cart_says_so_and_is_tried_again_in_one_tap(client: Any, shop: Shop, clock: Any) -> None:
    some, gone = shop.quota(capacity=5, name="Some"), shop.quota(capacity=2, name="Gone")
    data = {f"ticket-{some}": 2, f"ticket-{gone}": 2, "key": "k" * 32}
    post(client, f"/shows/{shop.world.slug}/cart/lines", data)
    clock.advance(minutes=15)
    shop.cart((gone, 1))
    page = text(client.get(f"/shows/{shop.world.slug}/cart"))
    assert "Your hold ended at 7:15" in page
    assert "Try again with what is still free" in page
    assert client.get(f"/shows/{shop.world.slug}/checkout").status_code == 303
    url = f"/shows/{shop.world.slug}/cart/renewal"
    form_key = hidden(page, "key")
    assert post(client, url, {"key": form_key}).status_code == 303
    page = text(client.get(f"/shows/{shop.world.slug}/cart"))
    assert "Gone: only 1 left, held for you." in page
    assert post(client, url, {"key": form_key}).status_code == 303, "a double click changes nothing"
    assert "2 × Some" in page
    assert (shop.taken(some), shop.taken(gone)) == (2, 2)


def test_when_nothing_of_an_expired_cart_is_left_it_says_so(client: Any, shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=1)
    add(client, shop, quota)
    clock.advance(minutes=15)
    shop.cart((quota, 1))
    answer = post(client, f"/shows/{shop.world.slug}/cart/renewal", {"key": "z" * 32}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Weekend: gone." in text(answer)


def test_a_double_click_fills_one_cart_once(client: Any, shop: Shop) -> None:
    quota = shop.quota(capacity=10)
    client.get("/styleguide")
    for _ in range(3):
        answer = add(client, shop, quota, 2)
        assert answer.status_code == 303
        client.delete_cookie("swapmeet_cart", path=f"/shows/{shop.world.slug}")  # the answer never arrived
    assert shop.taken(quota) == 2


def test_a_double_click_for_the_last_piece_is_no_refusal(client: Any, shop: Shop) -> None:
    quota = shop.quota(capacity=1)
    assert add(client, shop, quota).status_code == 303
    client.delete_cookie("swapmeet_cart", path=f"/shows/{shop.world.slug}")
    assert add(client, shop, quota).status_code == 303
    assert add(shop.world.client(), shop, quota).status_code == 409


def test_a_refusal_shows_what_was_asked_for_again(client: Any, shop: Shop) -> None:
    quota = shop.quota(capacity=3)
    answer = add(client, shop, quota, 5)
    assert answer.status_code == 409
    assert "Only 3 of Weekend left, and you asked for 5" in text(answer)
    assert f'name="ticket-{quota}" value="5"' in text(answer)


@pytest.mark.parametrize(
    "quantity",
    ["-1", "0.001", "NaN", "1e3", "100000000000000000000", "1001", "9999", "\x00", "２", "١", "+1", "1 ", "0x1", "½"],
)
def test_r_t52_senseless_quantities_never_pass(client: Any, shop: Shop, quantity: str) -> None:
    quota = shop.quota(capacity=None)
    answer = add(client, shop, quota, quantity)
    assert answer.status_code in ((303,) if quantity == "1 " else (409, 422))
    assert shop.taken(quota) == (1 if quantity == "1 " else 0)


def test_r_t52_nothing_chosen_is_told(client: Any, shop: Shop) -> None:
    answer = add(client, shop, shop.quota(), 0)
    assert answer.status_code == 409
    assert "Nothing was chosen" in text(answer)


def test_who_comes_back_with_a_cart_and_chooses_nothing_more_goes_on_to_the_cart(
    client: Any, shop: Shop, clock: Any
) -> None:
    quota = shop.quota()
    add(client, shop, quota, 2)
    answer = add(client, shop, quota, 0)
    assert (answer.status_code, answer.location) == (303, f"/shows/{shop.world.slug}/cart")
    clock.advance(minutes=15)
    assert add(client, shop, quota, 0).status_code == 409


def test_unknown_and_foreign_products_are_404(client: Any, shop: Shop) -> None:
    for product in (999999, 10**17):
        assert add(client, shop, product).status_code == 404
    assert post(client, "/shows/no-such-show/cart/lines", {"ticket-1": 1}).status_code == 404
    assert client.get("/shows/no-such-show/cart").status_code == 404


def test_a_draft_sells_nothing(client: Any, shop: Shop) -> None:
    from swapmeet.events.models import EventState

    quota = shop.quota()
    with transaction():
        shop.world.show().state = EventState.DRAFT
    assert add(client, shop, quota).status_code == 404


def test_the_cart_of_one_browser_is_not_the_cart_of_another(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota())
    other = shop.world.client()
    assert "Your cart is empty" in text(other.get(f"/shows/{shop.world.slug}/cart"))
    other.set_cookie("swapmeet_cart", "guess", path=f"/shows/{shop.world.slug}")
    assert "Your cart is empty" in text(other.get(f"/shows/{shop.world.slug}/cart"))


def test_more_things_go_into_the_same_cart_until_it_is_placed(client: Any, shop: Shop) -> None:
    quota = shop.quota()
    add(client, shop, quota, 1, key="a" * 32)
    add(client, shop, quota, 2, key="b" * 32)
    assert shop.taken(quota) == 3
    assert place(client, shop, checkout_data(client, shop)).status_code == 303
    add(client, shop, quota, 1, key="c" * 32)
    assert len(orders()) == 1
    assert db.session.query(Order).count() == 2


def test_extending_at_checkout_keeps_what_was_typed(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota(), 1)
    data = checkout_data(client, shop, buyer_name="Half typed", extend="1")
    answer = place(client, shop, data)
    assert answer.status_code == 200
    assert 'value="Half typed"' in text(answer)
    assert "7:30" in text(answer)
    assert not orders()


def test_a_cart_runs_out_between_form_and_button(client: Any, shop: Shop, clock: Any) -> None:
    add(client, shop, shop.quota(), 1)
    data = checkout_data(client, shop)
    clock.advance(minutes=15)
    answer = place(client, shop, data)
    assert answer.status_code == 409
    assert "Your hold ended" in text(answer)
    assert db.session.query(Quota).count() == 1
