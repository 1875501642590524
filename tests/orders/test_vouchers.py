"""Codes: what they take off, how often, for what, and that they give back what was not used."""

from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import doctor as orders_doctor
from swapmeet.orders.errors import CapacityBelowTaken, SoldOut
from swapmeet.orders.models import Order, OrderState, Quota
from swapmeet.orders.sellables import VOUCHER, Buyer, Wish
from swapmeet.orders.services import cancellations, carts
from swapmeet.orders.services.checkout import reprice
from swapmeet.orders.services.closing import expire_unpaid
from swapmeet.orders.vouchers import doctor as voucher_doctor
from swapmeet.orders.vouchers import making
from swapmeet.orders.vouchers.errors import CodeTaken, VoucherNotForThis, VoucherUnknown
from swapmeet.orders.vouchers.making import VoucherValues
from swapmeet.orders.vouchers.models import Effect, Voucher
from swapmeet.orders.vouchers.redeeming import redeem
from swapmeet.orders.vouchers.rules import reduction, tidy
from tests.orders.conftest import GUEST, Shop, fresh
from tests.orders.test_checkout import checkout_data, orders, place
from tests.support.forms import post

OLGA = Actor.person(1, "Olga")


@pytest.mark.parametrize(
    ("effect", "value", "base", "off"),
    [
        ("percent", 15, 2400, 360),
        ("percent", 33, 2450, 809),  # 808.5, half up
        ("percent", 100, 999, 999),
        ("amount", 500, 2400, 500),
        ("amount", 5000, 2400, 2400),
        ("price", 1000, 2400, 1400),
        ("price", 3000, 2400, 0),  # a code never makes it dearer
        ("none", 0, 2400, 0),
    ],
)
def test_what_a_code_takes_off(effect: str, value: int, base: int, off: int) -> None:
    assert reduction(effect, value, base) == off


def test_a_code_is_read_as_people_type_it() -> None:
    assert [tidy(text) for text in (" press-27 ", "ab c", "", "x" * 41, "ü", "a;b")] == [
        "PRESS-27",
        "ABC",
        "",
        "",
        "",
        "",
    ]


def make(shop: Shop, code: str = "PRESS", **values: Any) -> Voucher:
    with transaction() as db_session:
        wanted = VoucherValues(**{"code": code, "effect": Effect.PERCENT, "value": 50, **values})
        return making.make_vouchers(db_session, event=shop.world.show(), values=wanted, by=OLGA, now=utcnow())[0]


def take(shop: Shop, quota: int, count: int = 1, code: str = "PRESS") -> int:
    with transaction() as db_session:
        event = shop.world.show()
        cart = carts.open_cart(db_session, event=event, person_id=None, cart_key=link_key(), now=utcnow())
        wishes, buyer = [Wish("ticket", quota, count, {VOUCHER: code})], Buyer(None, order=cart)
        carts.add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=GUEST, now=utcnow())
        return int(cart.id)


def used(shop: Shop, voucher_id: int) -> int:
    fresh()
    return db.session.get_one(Quota, db.session.get_one(Voucher, voucher_id).quota_id).taken


def check() -> None:
    fresh()
    queries = (*orders_doctor.QUERIES, *voucher_doctor.QUERIES)
    found = [words for query in queries for words in query.find(db.session(), utcnow())]
    assert [words for words in found if "capacity 10" not in words and "has capacity" not in words] == []


def test_a_code_lowers_the_price_and_counts_its_pieces(shop: Shop) -> None:
    quota = shop.quota(10, price=2400)
    voucher = make(shop, uses=3)
    cart = take(shop, quota, 2)
    (line,) = shop.lines(cart)
    assert (line.unit_minor, line.facts["off_minor"], line.detail) == (1200, 1200, "for both days, code PRESS")
    assert used(shop, voucher.id) == 2
    with pytest.raises(SoldOut, match="Only 1 of Code PRESS left"):
        take(shop, quota, 2)
    order = shop.place(cart)
    assert order.total_minor == 2400
    check()


@pytest.mark.parametrize("end", ["expired", "removed", "canceled", "unpaid"])
def test_what_is_given_up_gives_the_uses_back_once(shop: Shop, clock: Any, end: str) -> None:
    quota = shop.quota(10, price=2400)
    voucher = make(shop, uses=1, budget_minor=1200)
    cart = take(shop, quota)
    if end == "expired":
        clock.advance(minutes=16)
    elif end == "removed":
        with transaction() as db_session:
            order = db_session.get_one(Order, cart)
            line_id = carts.live_lines(db_session, order)[0].id
            carts.remove_line(db_session, cart=order, line_id=line_id, by=GUEST, now=utcnow())
    else:
        shop.place(cart)
        with transaction() as db_session:
            order = db_session.get_one(Order, cart)
            if end == "canceled":
                cancellations.cancel_order(
                    db_session,
                    event=shop.world.show(),
                    order=order,
                    seen_back_minor=0,
                    reason="",
                    by=GUEST,
                    now=utcnow(),
                )
        if end == "unpaid":
            clock.advance(days=40)
            with transaction() as db_session:
                expire_unpaid(db_session, order=db_session.get_one(Order, cart), by=GUEST, now=utcnow())
    take(shop, quota)
    assert used(shop, voucher.id) == 1
    check()


def test_a_budget_is_never_passed(shop: Shop) -> None:
    quota = shop.quota(10, price=2000)
    make(shop, uses=10, budget_minor=2500)
    cart = take(shop, quota, 2)
    with pytest.raises(SoldOut):
        take(shop, quota)
    shop.ware.prices[quota] = 3000  # dearer meanwhile: the code takes off what it held of its budget
    with pytest.raises(DomainError):
        shop.place(cart)
    with transaction() as db_session:
        order = db_session.get_one(Order, cart)
        reprice(
            db_session, event=shop.world.show(), cart=order, lines=carts.live_lines(db_session, order), now=utcnow()
        )
    assert shop.place(cart).total_minor == 4000
    check()


def test_a_code_is_for_what_it_is_for(shop: Shop, clock: Any) -> None:
    quota, other = shop.quota(10, price=2400), shop.quota(10, "Other", price=100)
    make(shop, scope_kind="ticket", scope_id=quota, valid_until=utcnow().replace(microsecond=0))
    with pytest.raises(VoucherUnknown):
        take(shop, quota)
    make(shop, "TWO", scope_kind="ticket", scope_id=quota)
    with pytest.raises(VoucherNotForThis):
        take(shop, other, code="TWO")
    with pytest.raises(VoucherUnknown):
        take(shop, quota, code="NEVER")
    with pytest.raises(CodeTaken):
        make(shop, "two")


def test_places_kept_for_a_code_are_not_sold_to_others(shop: Shop) -> None:
    quota = shop.quota(10, price=2400)
    shop.order((quota, 4))
    voucher = make(shop, uses=5, scope_kind="ticket", scope_id=quota, reserve_quota_id=quota)
    with pytest.raises(SoldOut):
        shop.cart((quota, 2))
    take(shop, quota, 3)
    with pytest.raises(CapacityBelowTaken):
        make(shop, "MORE", uses=2, reserve_quota_id=quota)
    with transaction() as db_session:
        row = db_session.get_one(Voucher, voucher.id)
        making.take_back(db_session, event=shop.world.show(), voucher=row, by=OLGA, now=utcnow())
    shop.cart((quota, 3))
    with pytest.raises(SoldOut):
        shop.cart((quota, 1))
    with pytest.raises(VoucherUnknown):
        take(shop, quota)
    check()


def test_a_code_typed_at_the_cart_is_good_for_as_many_pieces_as_it_has_uses(shop: Shop, clock: Any) -> None:
    quota = shop.quota(3, price=2400)
    voucher = make(shop, uses=2)
    cart = shop.cart((quota, 3))
    clock.advance(minutes=10)
    ends = shop.read(cart).expires_at
    with transaction() as db_session:
        order, event = db_session.get_one(Order, cart), shop.world.show()
        buyer = Buyer(None, order=order)
        assert redeem(db_session, event=event, cart=order, code="press", buyer=buyer, by=GUEST, now=utcnow()) == 2
    assert [(line.quantity, line.unit_minor) for line in shop.lines(cart)] == [(2, 1200), (1, 2400)]
    assert shop.read(cart).expires_at == ends and shop.read(cart).total_minor == 4800
    assert (shop.taken(quota), used(shop, voucher.id)) == (3, 2)
    check()


def test_ten_thousand_codes_are_made_in_one_go(shop: Shop) -> None:
    first = make(shop, "", count=10_000, batch="Club")
    assert db.session.query(Voucher).filter(Voucher.batch == "Club").count() == 10_000
    assert len(first.code) == 8


def test_codes_are_mailed_one_for_each_address(shop: Shop, mail: Any) -> None:
    make(shop, "", emails=["ann@example.org", "Bob@Example.org"])
    (told,) = mail.to("bob@example.org")
    voucher = db.session.query(Voucher).filter(Voucher.email == "bob@example.org").one()
    assert voucher.code in mail.text(told) and f"/code?code={voucher.code}" in mail.text(told)


def test_a_visitor_uses_a_code_on_its_page_and_in_the_cart(client: Any, shop: Shop) -> None:
    quota, slug = shop.quota(10, price=2400), shop.world.slug
    make(shop, uses=2)
    assert client.get(f"/shows/{slug}/code?code=nothing").status_code == 404
    page = client.get(f"/shows/{slug}/code?code=press").get_data(as_text=True)
    assert "Instead of $24.00" in page and "$12.00" in page
    answer = post(client, f"/shows/{slug}/cart/lines", {f"ticket-{quota}": "1", "code": "PRESS"})
    assert answer.status_code == 303
    post(client, f"/shows/{slug}/cart/lines", {f"ticket-{quota}": "1"})
    post(client, f"/shows/{slug}/cart/code", {"code": "press"})
    assert "The code is good for 1 piece" in client.get(f"/shows/{slug}/cart").get_data(as_text=True)
    assert place(client, shop, checkout_data(client, shop)).status_code == 303
    (order,) = orders()
    assert (order.state, order.total_minor) == (OrderState.PLACED, 2400)


def form(client: Any, shop: Shop, **data: str) -> Any:
    values = {"effect": "percent", "percent": "50", "uses": "1", "count": "1", "scope": "", **data}
    return post(client, f"/manage/shows/{shop.world.slug}/vouchers/new", values)


def test_the_organizer_makes_looks_through_and_takes_back_codes(shop: Shop) -> None:
    olga, base = shop.world.client("olga"), f"/manage/shows/{shop.world.slug}/vouchers"
    quota = shop.quota(10, price=2400)
    assert "No codes yet" in olga.get(base).get_data(as_text=True)
    assert form(olga, shop, code="PRESS", scope=f"ticket:{quota}", reserves="y", budget="20").status_code == 303
    text = olga.get(base).get_data(as_text=True)
    assert "PRESS" in text and "50 % off" in text and "0 of 1" in text and "places are kept" in text
    assert "PRESS" in olga.get(f"{base}.csv").get_data(as_text=True)
    voucher = db.session.query(Voucher).one()
    assert post(olga, f"{base}/{voucher.id}/withdrawal", {}, page=base).status_code == 303
    assert "Taken back" in olga.get(base).get_data(as_text=True)


FAULTS: list[tuple[dict[str, str], str]] = [
    ({"percent": ""}, "Write the percentage."),
    ({"effect": "amount"}, "Write the amount."),
    ({"percent": "101"}, "from 1 to 100"),
    ({"uses": "0"}, "from 1 to"),
    ({"count": "10001"}, "from 1 to 10,000"),
    ({"emails": "ann@example.org nonsense"}, "1 of these are no e-mail addresses"),
    ({"scope": "ticket:99999"}, "Choose one from the list."),
    ({"reserves": "y"}, "Choose the one ticket"),
    ({"code": "ü!"}, "letters, figures and dashes"),
    ({"code": "A", "count": "2"}, "is one code"),
]


@pytest.mark.parametrize(("data", "words"), FAULTS)
def test_what_makes_no_sense_is_told_at_its_field(shop: Shop, data: dict[str, str], words: str) -> None:
    answer = form(shop.world.client("olga"), shop, **data)
    assert answer.status_code in (409, 422) and words in answer.get_data(as_text=True)
    assert db.session.query(Voucher).count() == 0
