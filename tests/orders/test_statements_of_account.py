"""Statements of account and money by product: as of any past day, adding up to the books, whatever was given up and sent back."""

import random
from collections.abc import Sequence
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import StatementKind, registry
from swapmeet.kernel.time import to_local
from swapmeet.orders import books, statement_pdf
from swapmeet.orders.models import Account, Refund
from swapmeet.orders.shares import Item, Sums, share_out
from swapmeet.orders.statements import KEPT, list_product_money, read_lines, read_order_sums, read_statement
from tests.orders.conftest import Shop, fresh
from tests.orders.test_parts import give_up
from tests.orders.test_payments import cancel
from tests.support.forms import post


def by_product(shop: Shop, as_of: Any = None) -> list[tuple[str, int]]:
    fresh()
    event, then = shop.world.show(), as_of or utcnow()
    orders = read_order_sums(db.session(), event, as_of=then)
    assert all(each.sums.is_balanced for each in orders)
    found = list_product_money(orders, read_lines(db.session(), event, as_of=then))
    held = books.read_books(db.session(), event, as_of=then)
    assert sum(sum_ for _, sum_ in found) == held.in_hand + held.of(Account.CREDITS)
    return found


def test_shares_add_up_whatever_was_paid_kept_and_sent_back() -> None:
    rng = random.Random(7)
    for _ in range(5000):
        items = [Item(n, 1, rng.randint(0, 900), rng.random() < 0.7) for n in range(rng.randint(0, 5))]
        paid = rng.randint(0, 3000)
        refunded = rng.randint(0, paid)
        sums = Sums(0, rng.randint(-200, 800), paid, refunded, 0, rng.randint(0, paid - refunded))
        shared = share_out(items, sums)
        net = sum(each.paid - each.refunded for each in shared.shares) + shared.kept + shared.over
        assert net == paid - refunded
        assert all(each.owed >= 0 and each.paid >= each.refunded >= 0 for each in shared.shares)
        assert shared.kept >= 0 and shared.over >= 0
        assert share_out(items, sums) == shared


def test_a_part_payment_is_shared_out_by_price() -> None:
    shared = share_out([Item("a", 1, 6000, True), Item("b", 1, 3000, True)], Sums(9000, 0, 3000, 0, 6000))
    assert [(each.paid, each.owed) for each in shared.shares] == [(2000, 4000), (1000, 2000)]


def test_money_in_by_product_stands_as_of_any_day(shop: Shop, clock: Any) -> None:
    weekend, day = shop.quota(price=5000), shop.quota(price=3000, name="Day")
    order = shop.order((weekend, 1), (day, 1))
    shop.pay(order.id, 4000)
    first = by_product(shop)
    assert first == [("Weekend", 2500), ("Day", 1500)]
    then = utcnow()
    clock.advance(hours=30)
    shop.pay(order.id, 4000)
    assert by_product(shop) == [("Weekend", 5000), ("Day", 3000)]
    give_up(shop, order.id, 1)
    other = shop.order((weekend, 2))
    shop.pay(other.id, 10000)
    cancel(shop, other.id)
    assert dict(by_product(shop))["Weekend"] == 5000
    assert by_product(shop, then) == first, "what came later does not change it"
    client, url = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money"
    page = client.get(url).get_data(as_text=True)
    assert "Money in by product" in page and "$50.00" in page
    past = client.get(f"{url}?day={to_local(then, shop.world.show().time_zone).date().isoformat()}")
    assert "$25.00" in past.get_data(as_text=True)


@pytest.fixture
def parties(shop: Shop, app: Any) -> Any:
    """A buyer by orders and a seller by products, beside those that the features bring."""
    known = registry().statements
    before = dict(known)
    orders: list[int] = []
    products: list[tuple[str, int]] = []

    def of_buyer(_session: Any, *, event: Any, party_id: int) -> Sequence[int]:
        return orders

    def of_seller(_session: Any, *, event: Any, party_id: int) -> Sequence[tuple[str, int]]:
        return products

    known["buyer"] = StatementKind("Buyer", "Buyers", lambda _session, *, event: [(1, "Ann")], orders=of_buyer)
    known["seller"] = StatementKind("Seller", "Sellers", lambda _session, *, event: [(1, "Tess")], products=of_seller)
    yield orders, products
    known.clear()
    known.update(before)


def read(shop: Shop, kind: str, party_id: int, as_of: Any = None) -> Any:
    fresh()
    return read_statement(db.session(), shop.world.show(), kind=kind, party_id=party_id, as_of=as_of or utcnow())


def test_a_buyer_a_seller_and_the_organizer_have_their_own(shop: Shop, parties: Any, clock: Any) -> None:
    orders, products = parties
    weekend, day = shop.quota(price=5000), shop.quota(price=3000, name="Day")
    first = shop.order((weekend, 1), (day, 2))
    shop.order((day, 1))
    orders.append(first.id)
    products.append(("ticket", day))
    shop.pay(first.id, 5500)
    then = utcnow()
    bought = read(shop, "buyer", 1)
    assert [(row.name, row.sums) for row in bought.rows] == [
        (f"Order {first.code}", Sums(sold=11000, paid=5500, owed=5500))
    ]
    sold = read(shop, "seller", 1)
    assert [(row.name, row.detail, row.sums.sold, row.sums.paid, row.sums.owed) for row in sold.rows] == [
        ("Day", "3 sold", 9000, 3000, 6000)
    ]
    clock.advance(hours=30)
    cancel(shop, first.id)
    whole = read(shop, "organizer", shop.world.show().organizer_id)
    held = books.read_books(db.session(), shop.world.show())
    assert whole.total.paid - whole.total.refunded == held.in_hand
    assert whole.total.owed == held.owed and whole.total.sold == held.sold
    assert read(shop, "buyer", 1, then).rows == bought.rows and read(shop, "seller", 1, then).rows == sold.rows
    assert read(shop, "nobody", 1) is None and read(shop, "buyer", 2) is None


def test_page_file_and_paper_say_the_same(shop: Shop, parties: Any, clock: Any) -> None:
    order = shop.order((shop.quota(price=5000, name="=Weekend"), 1))
    parties[0].append(order.id)
    shop.pay(order.id, 2000)
    day = to_local(utcnow(), shop.world.show().time_zone).date().isoformat()
    clock.advance(hours=30)
    shop.pay(order.id, 3000)
    client, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money/accounts"
    assert "Ann" in client.get(base).get_data(as_text=True)
    page = client.get(f"{base}/buyer/1").get_data(as_text=True)
    assert order.code in page and "$50.00" in page
    past = client.get(f"{base}/buyer/1?day={day}").get_data(as_text=True)
    assert "$30.00" in past and "as the books stood" in past
    rows = client.get(f"{base}/buyer/1.csv?day={day}").get_data(as_text=True).splitlines()
    assert rows[-1] == "In all,,50.00,0.00,20.00,0.00,30.00,0.00,USD"
    answer = post(client, f"{base}/buyer/1/documents?day={day}")
    assert answer.status_code == 303 and "/documents/" in answer.location
    payload = {
        "event_id": shop.world.event_id, "kind": "buyer", "party_id": 1, "as_of": utcnow().isoformat(), "day": day,
    }  # fmt: skip
    fresh()
    data = statement_pdf.load_statement(db.session(), payload, utcnow())
    assert data is not None and data["total"][2] == "$50.00" and data["facts"][0] == ("Buyer", "Ann")
    for wrong in (f"{base}/buyer/9", f"{base}/x/1", f"{base}/buyer/9.csv"):
        assert client.get(wrong).status_code == 404
    assert client.get(f"{base}/buyer/1?day=yesterday").status_code == 200


def test_what_is_kept_of_a_canceled_order_belongs_to_no_product(shop: Shop) -> None:
    order = shop.order((shop.quota(price=5000), 1))
    shop.pay(order.id, 5000)
    cancel(shop, order.id)
    fresh()
    back = sum(refund.amount_minor for refund in db.session.query(Refund))
    kept = dict(by_product(shop)).get(KEPT, 0)
    assert kept == 5000 - back
