"""The order by its link: secret, states in words, names, mail again, cancellation, receipt, one's own orders."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from swapmeet.accounts.models import Person
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order, OrderState, PayMethod, Refund
from swapmeet.orders.services.carts import sweep_expired
from tests.orders.conftest import Shop, fresh
from tests.orders.test_checkout import add, checkout_data, hidden, orders, place
from tests.support.forms import post


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def link(order: Order) -> str:
    return f"/orders/{order.code}/{order.link_key}"


def test_r_t11_a_foreign_order_looks_like_one_that_never_was(client: Any, shop: Shop) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    other = shop.order((shop.quota(price=1000), 1))
    pages = [
        client.get(f"/orders/{order.code}/{other.link_key}"),
        client.get(f"/orders/{order.code}/{'x' * 32}"),
        client.get(f"/orders/XXXXXXXX/{other.link_key}"),
    ]
    assert [page.status_code for page in pages] == [404, 404, 404]
    assert len({len(page.data) for page in pages}) == 1
    assert client.get(link(order)).status_code == 200


def test_r_t07_the_code_alone_opens_nothing(client: Any, shop: Shop) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    assert client.get(f"/orders/{order.code}").status_code == 404
    assert client.get(f"/orders/{order.code}/").status_code == 404
    for part in ("receipt", "names", "cancellation"):
        assert client.get(f"/orders/{order.code}/wrong/{part}").status_code == 404
    assert post(client, f"/orders/{order.code}/wrong/cancellation", {"seen_back": "0"}).status_code == 404
    assert post(client, f"/orders/{order.code}/wrong/mails").status_code == 404


def test_the_database_has_nothing_that_opens_an_order(client: Any, shop: Shop) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    row = db.session.execute(select(Order.__table__).where(Order.__table__.c.id == order.id)).one()
    for value in row:
        assert order.link_key not in str(value)
        assert client.get(f"/orders/{order.code}/{str(value).replace('/', '-')}").status_code == 404
    assert client.get(link(order)).status_code == 200


def test_links_outlive_a_new_secret_key_and_the_old_key_makes_no_more_links(
    app: Flask, client: Any, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    sent = link(order)
    monkeypatch.setitem(app.config, "SECRET_KEY", "another secret key of this installation")
    page = client.get(sent)
    assert page.status_code == 200, "the link in the mail stays good"
    named = link(order)
    assert named != sent and f'href="{named}/receipt"' in text(page)
    assert client.get(f"{named}/receipt").status_code == 200
    other = shop.order((shop.quota(price=1000), 1))
    assert client.get(f"/orders/{other.code}/{order.link_key}").status_code == 404


def test_a_cart_has_no_order_page(client: Any, shop: Shop) -> None:
    cart = shop.read(shop.cart((shop.quota(), 1)))
    assert client.get(f"/orders/{cart.code}/None").status_code == 404
    assert client.get(f"/orders/{cart.code}/").status_code == 404


def test_the_names_can_be_changed_until_the_show_begins(client: Any, shop: Shop, clock: Any) -> None:
    add(client, shop, shop.quota(), 2)
    answer = place(client, shop, checkout_data(client, shop))
    url = answer.headers["Location"]
    page = text(client.get(f"{url}/names"))
    assert 'value="Person 2"' in page
    order = orders()[0]
    line = shop.lines(order.id)[0]
    names = {f"line-{line.id}-name-1": "Ann Lee", f"line-{line.id}-name-2": ""}
    answer = post(client, f"{url}/names", names)
    assert answer.status_code == 422
    assert 'value="Ann Lee"' in text(answer)
    names[f"line-{line.id}-name-2"] = "Bo Wu"
    assert post(client, f"{url}/names", names).status_code == 303
    assert shop.lines(order.id)[0].facts["names"] == ["Ann Lee", "Bo Wu"]
    assert "Ann Lee" in text(client.get(f"{url}/names"))
    clock.advance(days=91)
    assert post(client, f"{url}/names", names).status_code == 409


def test_the_mail_comes_again(client: Any, shop: Shop, mail: Any, clock: Any) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    assert len(mail.to("gus@example.org")) == 1
    clock.advance(minutes=2)
    assert post(client, f"{link(order)}/mails").status_code == 303
    messages = mail.to("gus@example.org")
    assert len(messages) == 2
    assert link(order) in mail.text(messages[1])


def test_the_buyer_sees_the_refund_before_canceling(client: Any, shop: Shop, mail: Any) -> None:
    quota = shop.quota(capacity=5, price=10000)
    order = shop.order((quota, 2))
    shop.pay(order.id, 20000)
    page = text(client.get(f"{link(order)}/cancellation"))
    assert "$195.00" in page
    assert "$5.00" in page
    assert post(client, f"{link(order)}/cancellation", {"seen_back": "20000"}).status_code == 409
    data = {"seen_back": hidden(page, "seen_back"), "reason": "ill"}
    assert post(client, f"{link(order)}/cancellation", data).status_code == 303
    assert shop.read(order.id).state is OrderState.CANCELED
    assert shop.taken(quota) == 0
    assert db.session.query(Refund).one().amount_minor == 19500
    assert post(client, f"{link(order)}/cancellation", data).status_code == 409, "not twice"
    assert db.session.query(Refund).count() == 1
    message = mail.to("gus@example.org")[-1]
    assert "is canceled" in message["Subject"]
    assert "$195.00 will be sent back to you" in mail.text(message)


@pytest.mark.parametrize("seen", ["-1", "1e9", "NaN", "", "9" * 30, "\x00"])
def test_r_t52_a_senseless_refund_sum_cancels_nothing(client: Any, shop: Shop, seen: str) -> None:
    order = shop.order((shop.quota(price=10000), 1))
    assert post(client, f"{link(order)}/cancellation", {"seen_back": seen}).status_code in (409, 422)
    assert shop.read(order.id).state is OrderState.PLACED


def test_the_receipt_names_what_was_paid_and_how(client: Any, shop: Shop) -> None:
    order = shop.order((shop.quota(price=10000, name="Patron <b>"), 1))
    assert "Order statement" in text(client.get(f"{link(order)}/receipt"))
    shop.pay(order.id, 10000, PayMethod.TRANSFER)
    page = text(client.get(f"{link(order)}/receipt"))
    assert "Bank transfer, 1234" in page
    assert "Patron &lt;b&gt;" in page
    assert "<dt>Number</dt><dd>1</dd>" in page


def test_my_orders_are_mine_and_those_of_my_confirmed_address(shop: Shop) -> None:
    quota = shop.quota(price=1000)
    guest = shop.place(shop.cart((quota, 1)), email="ann.attendee@example.org")
    other = shop.place(shop.cart((quota, 1)), email="someone@example.org")
    ann = shop.world.client("ann")
    page = text(ann.get("/me/orders"))
    assert guest.code in page
    assert other.code not in page
    with transaction() as db_session:
        db_session.get_one(Person, shop.world.ids["ann"]).confirmed_at = None
    assert "No orders yet" in text(ann.get("/me/orders"))
    assert shop.world.client().get("/me/orders").status_code == 303


def test_a_cart_that_ran_out_is_no_order(shop: Shop, clock: Any) -> None:
    ann, olga, manage = shop.world.client("ann"), shop.world.client("olga"), f"/manage/shows/{shop.world.slug}"
    add(ann, shop, shop.quota(), 1)
    clock.advance(minutes=16)
    with transaction() as db_session:
        assert sweep_expired(db_session, now=utcnow()) == 1
    cart = orders()[0]
    assert (cart.state, cart.person_id) == (OrderState.EXPIRED, shop.world.ids["ann"])
    assert "No orders yet" in text(ann.get("/me/orders"))
    assert cart.code not in text(olga.get(f"{manage}/orders")) + text(olga.get(f"{manage}/orders.csv"))
    assert olga.get(f"{manage}/orders/{cart.code}").status_code == 404


def test_an_order_placed_signed_in_belongs_to_the_account(shop: Shop) -> None:
    ann = shop.world.client("ann")
    add(ann, shop, shop.quota(), 1)
    page = text(ann.get(f"/shows/{shop.world.slug}/checkout"))
    assert 'value="Ann Attendee"' in page
    place(ann, shop, checkout_data(ann, shop, buyer_email="other@example.org"))
    assert orders()[0].person_id == shop.world.ids["ann"]
    assert orders()[0].code in text(ann.get("/me/orders"))


def test_r_t47_two_tabs_a_double_click_and_a_lost_answer_make_one_order(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota(price=1000), 1)
    data = checkout_data(client, shop)
    second_tab = checkout_data(client, shop)
    cookie = client.get_cookie("swapmeet_cart", path=f"/shows/{shop.world.slug}").value
    first = place(client, shop, data)
    client.set_cookie("swapmeet_cart", cookie, path=f"/shows/{shop.world.slug}")
    answers = [place(client, shop, data), place(client, shop, second_tab)]
    client.delete_cookie("swapmeet_cart", path=f"/shows/{shop.world.slug}")
    answers.append(place(client, shop, data))  # back button after the answer has come
    assert {answer.headers["Location"] for answer in answers} == {first.headers["Location"]}
    assert len(orders()) == 1
    assert orders()[0].total_minor == 1000


def test_a_placed_cart_leads_to_its_order(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota(price=1000), 1)
    data = checkout_data(client, shop)
    cookie = client.get_cookie("swapmeet_cart", path=f"/shows/{shop.world.slug}").value
    url = place(client, shop, data).headers["Location"]
    client.set_cookie("swapmeet_cart", cookie, path=f"/shows/{shop.world.slug}")
    for page in ("cart", "checkout"):
        assert client.get(f"/shows/{shop.world.slug}/{page}").headers["Location"] == url


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota(price=1000), 1)
    data = checkout_data(client, shop, buyer_name="", buyer_email="nope", buyer_phone="555 \u202e", note="n" * 50)
    del data["method"]
    answer = place(client, shop, data)
    page = text(answer)
    assert answer.status_code == 422
    for sentence in ("Write your name.", "Write an e-mail address such as", "Choose how you will pay."):
        assert sentence in page, sentence
    assert 'value="nope"' in page
    assert "n" * 50 in page
    assert not orders()


@pytest.mark.parametrize("value", ["\x00", "x" * 100_000, "\ud800", "<script>alert(1)</script>", "ا" * 50, "😀" * 50])
def test_odd_text_is_refused_or_kept_as_it_is(client: Any, shop: Shop, value: str) -> None:
    add(client, shop, shop.quota(), 1)
    try:
        answer = place(client, shop, checkout_data(client, shop, buyer_name=value))
    except UnicodeEncodeError:
        return  # the client cannot even send it
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:
        page = text(client.get(answer.headers["Location"]))
        assert "<script>alert" not in page


def test_a_price_that_moved_is_shown_before_anything_is_placed(client: Any, shop: Shop) -> None:
    quota = shop.quota(price=1000)
    add(client, shop, quota, 1)
    data = checkout_data(client, shop)
    shop.ware.prices[quota] = 1200
    answer = place(client, shop, data)
    assert answer.status_code == 409
    assert "A price has changed" in text(answer)
    assert "$12.00" in text(answer)
    answer = place(client, shop, {**data, "seen_total": hidden(text(answer), "seen_total")})
    assert answer.status_code == 303
    assert orders()[0].total_minor == 1200


def test_a_sum_from_the_form_never_sets_the_price(client: Any, shop: Shop) -> None:
    add(client, shop, shop.quota(price=1000), 1)
    for seen in ("0", "-1000", "1", "NaN", "9" * 40):
        assert place(client, shop, checkout_data(client, shop, seen_total=seen)).status_code == 409
    assert not orders()


def test_money_at_the_door_is_due_when_the_show_ends_other_money_in_two_weeks(shop: Shop) -> None:
    quota = shop.quota(price=1000)
    cash = shop.place(shop.cart((quota, 1)), method=PayMethod.CASH)
    check = shop.place(shop.cart((quota, 1)), method=PayMethod.CHECK)
    event = shop.world.show()
    assert cash.due_at is not None
    assert cash.due_at.date() - event.last_day == timedelta(days=1), "the end of the day in New York"
    assert check.due_at is not None
    assert timedelta(days=14) < check.due_at - utcnow() < timedelta(days=15)


def test_the_order_page_never_shows_another_shows_things(client: Any, shop: Shop) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    fresh()
    page = text(client.get(link(order)))
    assert "Pay $10.00 by" in page
    assert order.code in page
    assert "noindex" in page
