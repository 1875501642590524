"""The pages of the waiting list: getting in line without an account, the offer by its link, the organizer's list."""

import re
from typing import Any

import pytest

from swapmeet.infra.db import db
from swapmeet.orders.models import OrderState
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from tests.orders.conftest import Shop, fresh
from tests.orders.test_checkout import checkout_data, orders, place
from tests.orders.test_waiting import Line
from tests.support.forms import post


@pytest.fixture
def line(shop: Shop) -> Line:
    return Line(shop)


def join(client: Any, line: Line, quota: int, count: object = 1, name: str = "Ann", **changes: str) -> Any:
    data = {f"ticket-{quota}": str(count), "name": name, "email": f"{name}@Example.org", "rule": "whole", **changes}
    return post(client, f"/shows/{line.shop.world.slug}/waiting-list", data)


def entry() -> WaitingEntry:
    fresh()
    return db.session.query(WaitingEntry).one()


def test_a_guest_waits_is_offered_and_orders_by_the_link_of_the_mail(client: Any, line: Line, mail: Any) -> None:
    quota, slug = line.shop.quota(1), line.shop.world.slug
    sold = line.shop.order((quota, 1))
    refused = post(client, f"/shows/{slug}/cart/lines", {f"ticket-{quota}": "1"})
    assert refused.status_code == 409
    assert f"/shows/{slug}/waiting-list?ticket-{quota}=1" in refused.get_data(as_text=True)
    page = client.get(f"/shows/{slug}/waiting-list?ticket-{quota}=1").get_data(as_text=True)
    assert "None free now" in page and 'value="1"' in page
    answer = join(client, line, quota)
    assert answer.status_code == 303
    own = answer.headers["Location"]
    assert "You are number 1 of 1" in client.get(own).get_data(as_text=True)
    (told,) = mail.to("ann@example.org")
    assert own in mail.text(told) and "number 1 of 1" in mail.text(told)
    line.cancel(sold)
    line.serve()
    offered = mail.to("ann@example.org")[-1]
    assert "A place has come free" in offered["Subject"] and own in mail.text(offered)
    assert "This is yours until" in client.get(own).get_data(as_text=True)
    assert post(client, f"{own}/acceptance", {}).headers["Location"] == f"/shows/{slug}/checkout"
    assert place(client, line.shop, checkout_data(client, line.shop)).status_code == 303
    assert [order.state for order in orders()] == [OrderState.CANCELED, OrderState.CONFIRMED]
    assert "It is yours" in client.get(own).get_data(as_text=True)
    assert entry().state is WaitState.TAKEN


def test_what_was_asked_for_stands_first_then_what_is_gone_and_the_rest_is_folded(client: Any, line: Line) -> None:
    free, gone, asked = line.shop.quota(5), line.shop.quota(1), line.shop.quota(1)
    for quota in (gone, asked):
        line.shop.order((quota, 1))
    url = f"/shows/{line.shop.world.slug}/waiting-list"
    page = client.get(f"{url}?ticket-{asked}=1").get_data(as_text=True)
    places = [page.index(f'name="ticket-{asked}"'), page.index(f'name="ticket-{gone}"'), page.index("<details")]
    assert [*places, page.index(f'name="ticket-{free}"')] == sorted([*places, page.index(f'name="ticket-{free}"')])
    refused = post(client, url, {f"ticket-{free}": "9", "name": "", "email": "ann@example.org", "rule": "whole"})
    typed = refused.get_data(as_text=True)
    assert refused.status_code == 422 and typed.index(f'name="ticket-{free}"') < typed.index(f'name="ticket-{gone}"')


def test_two_accepts_from_two_devices_make_one_order(client: Any, line: Line) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    own = join(client, line, quota).headers["Location"]
    line.cancel(sold)
    line.serve()
    other = line.shop.world.client()
    for each in (client, other):
        assert post(each, f"{own}/acceptance", {}).status_code == 303
    assert place(client, line.shop, checkout_data(client, line.shop)).status_code == 303
    again = post(other, f"/shows/{line.shop.world.slug}/checkout", {"buyer_name": "x"})
    assert again.status_code == 303 and "/orders/" in again.headers["Location"]
    assert len(orders()) == 2


def test_a_full_cart_is_not_pushed_aside_by_an_offer(client: Any, line: Line) -> None:
    quota, free = line.shop.quota(1), line.shop.quota(20, "Other")
    sold = line.shop.order((quota, 1))
    own, slug = join(client, line, quota).headers["Location"], line.shop.world.slug
    line.cancel(sold)
    line.serve()
    post(client, f"/shows/{slug}/cart/lines", {f"ticket-{free}": "1"})
    assert post(client, f"{own}/acceptance", {}).headers["Location"] == own
    assert "Your cart holds other things" in client.get(own).get_data(as_text=True)


def test_what_makes_no_sense_is_told_at_its_field_and_kept(client: Any, line: Line) -> None:
    quota = line.shop.quota(1)
    line.shop.order((quota, 1))
    for count, words in (
        ("0", "Say how many"),
        ("21", "from 0 to 20"),
        ("-1", "from 0 to 20"),
        ("1.5", "whole number"),
    ):
        answer = join(client, line, quota, count, name="Ann")
        text = answer.get_data(as_text=True)
        assert answer.status_code in (409, 422) and words in text and 'value="Ann"' in text, count
    assert join(client, line, quota, name="").status_code == 422
    assert join(client, line, quota, email="nonsense").status_code == 422
    assert join(client, line, quota, rule="both").status_code == 422
    assert "This day is over" in join(client, line, quota, willing_until="2020-01-01").get_data(as_text=True)
    assert db.session.query(WaitingEntry).count() == 0


def test_wrong_links_are_not_found(client: Any, line: Line) -> None:
    quota = line.shop.quota(1)
    line.shop.order((quota, 1))
    own = join(client, line, quota).headers["Location"]
    for path in (own[:-1], own.replace(line.shop.world.slug, "elsewhere"), re.sub(r"list/\w+/", "list/AAAAAAAA/", own)):
        assert client.get(path).status_code == 404
        assert post(client, f"{path}/departure", {}, page="/").status_code == 404
    assert entry().state is WaitState.WAITING


def test_leaving_declining_and_waiting_again(client: Any, line: Line) -> None:
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    own = join(client, line, quota).headers["Location"]
    line.cancel(sold)
    assert post(client, f"{own}/look", {}).status_code == 303
    assert entry().state is WaitState.OFFERED
    post(client, f"{own}/refusal", {})
    assert entry().state is WaitState.DECLINED
    post(client, f"{own}/return", {})
    assert entry().state is WaitState.OFFERED  # it was free, and nobody else waits
    post(client, f"{own}/departure", {})
    assert entry().state is WaitState.OFFERED
    post(client, f"{own}/refusal", {})
    assert "Wait again" in client.get(own).get_data(as_text=True)


def test_the_organizer_sees_the_line_and_acts_with_a_reason(client: Any, line: Line) -> None:
    olga, base = line.shop.world.client("olga"), f"/manage/shows/{line.shop.world.slug}/waiting-list"
    assert "Nobody waits" in olga.get(base).get_data(as_text=True)
    quota = line.shop.quota(1)
    sold = line.shop.order((quota, 1))
    ann, bob = line.join("Ann", (quota, 1)), line.join("Bob", (quota, 1))
    text = olga.get(base).get_data(as_text=True)
    assert "1 of 2" in text and "2 of 2" in text and "bob@example.org" in text
    post(olga, f"{base}/pause", {"is_paused": "1"}, page=base)
    line.cancel(sold)
    assert post(olga, f"{base}/{bob}/offers", {"reason": ""}).status_code == 422
    assert post(olga, f"{base}/{bob}/offers", {"reason": "needs step-free access"}).status_code == 303
    refused = post(olga, f"{base}/{ann}/offers", {"reason": "also"})
    assert refused.status_code == 409 and "Not enough is free for Ann" in refused.get_data(as_text=True)
    assert post(olga, f"{base}/{ann}/removal", {"reason": "asked by phone"}).status_code == 303
    assert post(olga, f"{base}/{ann}/removal", {"reason": "again"}).status_code == 409
    assert line.states(ann, bob) == ["left", "offered"]
    log = olga.get(f"/manage/shows/{line.shop.world.slug}/log").get_data(as_text=True)
    assert "needs step-free access" in log
    line.check()
