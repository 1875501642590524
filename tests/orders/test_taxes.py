"""Taxes included and added, several on one receipt: rounded once a line, booked apart, taken back as they were booked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders import books, receipt_pdf
from swapmeet.orders.errors import PriceChanged
from swapmeet.orders.models import Account, Order
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import carts, checkout
from swapmeet.orders.services.quantities import change_quantity
from swapmeet.orders.taxes import added_words, percent_words, sum_taxes, tax_of
from swapmeet.orders.vouchers.redeeming import redeem
from tests.orders.conftest import GUEST, Shop, fresh
from tests.orders.test_parts import faults, give_up
from tests.orders.test_payments import cancel
from tests.orders.test_vouchers import make, take
from tests.orders.wares import put_on_sale
from tests.support.forms import fields_of, post

VAT = {"name": "VAT", "basis_points": 1900, "is_added": False}
SALES_TAX = {"name": "Sales tax", "basis_points": 825, "is_added": True}


def tax(shop: Shop, **rules: object) -> None:
    with transaction() as db_session:
        db_session.get_one(Event, shop.world.event_id).taxes = rules


@pytest.mark.parametrize(
    ("price", "points", "is_added", "wanted"),
    [
        (2997, 1900, False, 479),
        (999, 1900, False, 160),
        (8500, 825, True, 701),
        (50, 100, True, 1),
        (1000, 1000, False, 91),
        (0, 1900, True, 0),
    ],
)
def test_the_worked_numbers(price: int, points: int, is_added: bool, wanted: int) -> None:
    assert tax_of(price, points, is_added=is_added) == wanted


@given(st.integers(0, 10**9), st.integers(1, 9999))
def test_included_tax_is_what_adding_it_to_the_net_price_gives_within_a_cent(price: int, points: int) -> None:
    inside = tax_of(price, points, is_added=False)
    assert 0 <= inside <= price
    assert abs(tax_of(price - inside, points, is_added=True) - inside) <= 1


def test_prices_that_a_tax_comes_on_top_of_say_so() -> None:
    assert added_words({"ticket": VAT, "table": SALES_TAX}, "table") == "Plus Sales tax 8.25 %."
    assert added_words({"ticket": VAT, "table": SALES_TAX}, "ticket", "seat") == ""


def test_percents_are_written_plainly() -> None:
    assert [percent_words(points) for points in (1900, 825, 50, 1010)] == ["19 %", "8.25 %", "0.5 %", "10.1 %"]


def order_of_two(shop: Shop) -> int:
    """Three tickets with tax included and a table with tax on top, in one order."""
    tax(shop, ticket=VAT, table=SALES_TAX)
    ticket, table = shop.quota(price=999), shop.quota(price=0, name="Table")
    put_on_sale(shop.world.app, "table").prices[table] = 8500
    order_id = shop.cart((ticket, 3))
    with transaction() as db_session:
        event, cart = shop.world.show(), db_session.get_one(Order, order_id)
        carts.add_to_cart(
            db_session,
            event=event,
            cart=cart,
            wishes=[Wish("table", table, 1)],
            buyer=Buyer(None, order=cart),
            by=GUEST,
            now=utcnow(),
        )
    shop.place(order_id)
    return order_id


def test_several_rates_on_one_receipt_add_up_and_are_booked_apart(shop: Shop) -> None:
    order_id = order_of_two(shop)
    order = shop.read(order_id)
    assert order.total_minor == 2997 + 8500 + 701 == 12198
    found = [(each.words, each.net_minor, each.tax_minor) for each in sum_taxes(order.lines)]
    assert found == [("VAT 19 %, included", 2518, 479), ("Sales tax 8.25 %, on top", 8500, 701)]
    held = books.read_books(db.session(), shop.world.show())
    assert (held.sold, held.tax, held.owed) == (11018, 1180, 12198)
    shop.pay(order_id, 12198)
    data = receipt_pdf.load_receipt(db.session(), {"order_id": order_id}, utcnow())
    assert data is not None
    labels = [row["label"] for row in data["rows"]]
    assert "VAT 19 %, included" in labels and "Sales tax 8.25 %, on top" in labels
    page = shop.world.client().get(f"/orders/{order.code}/{order.link_key}").get_data(as_text=True)
    assert "Sales tax 8.25 %, on top" in page
    assert faults() == []


def test_giving_up_takes_back_exactly_what_was_booked(shop: Shop) -> None:
    order_id = order_of_two(shop)
    shop.pay(order_id, 12198)
    give_up(shop, order_id, 1, full=True)
    held = books.read_books(db.session(), shop.world.show())
    assert (held.sold, held.tax) == (2518, 479)
    cancel(shop, order_id, full=True)
    fresh()
    held = books.read_books(db.session(), shop.world.show())
    assert (held.sold, held.tax, held.of(Account.REFUNDS_OWED)) == (0, 0, -12198)
    assert faults() == []


def test_the_rate_is_the_one_when_the_order_is_placed_and_stays(shop: Shop) -> None:
    quota = shop.quota(price=1000)
    order_id = shop.cart((quota, 1))
    tax(shop, ticket=SALES_TAX)
    with transaction() as db_session, pytest.raises(PriceChanged):
        cart = db_session.get_one(Order, order_id)
        checkout.place_order(
            db_session,
            event=shop.world.show(),
            cart=cart,
            contact=checkout.Contact("Gus", "gus@example.org"),
            answers={},
            seen_total_minor=1000,
            by=GUEST,
            now=utcnow(),
        )
    other = shop.order((quota, 1))
    tax(shop)
    assert (shop.read(other.id).total_minor, shop.lines(other.id)[0].tax_bp) == (1083, 825)


@pytest.mark.parametrize("is_typed_in_the_cart", [False, True])
def test_what_a_code_takes_off_is_not_taxed(shop: Shop, is_typed_in_the_cart: bool) -> None:
    tax(shop, ticket=SALES_TAX)
    quota = shop.quota(price=2000)
    make(shop, value=25, uses=5)
    if is_typed_in_the_cart:
        order_id = shop.cart((quota, 2))
        with transaction() as db_session:
            cart = db_session.get_one(Order, order_id)
            buyer, event = Buyer(None, order=cart), shop.world.show()
            redeem(db_session, event=event, cart=cart, code="press", buyer=buyer, by=GUEST, now=utcnow())
    else:
        order_id = take(shop, quota, 2)
    assert shop.read(order_id).total_minor == 3000 + 248
    shop.place(order_id)
    held = books.read_books(db.session(), shop.world.show())
    assert (shop.read(order_id).total_minor, held.sold, held.tax) == (3248, 3000, 248)
    assert faults() == []


def test_a_ticket_that_a_code_makes_free_has_no_tax(shop: Shop) -> None:
    tax(shop, ticket=SALES_TAX)
    quota = shop.quota(price=2000)
    make(shop, value=100)
    order_id = take(shop, quota, 1)
    shop.place(order_id, method=None)
    assert shop.read(order_id).total_minor == 0
    assert faults() == []


def test_more_of_one_thing_in_the_cart_is_rounded_once(shop: Shop) -> None:
    tax(shop, ticket={"name": "Tax", "basis_points": 100, "is_added": True})
    order_id = shop.cart((shop.quota(price=50), 1))
    assert shop.read(order_id).total_minor == 51
    line_id = shop.lines(order_id)[0].id
    for quantity, total in ((2, 101), (3, 152), (1, 51)):
        with transaction() as db_session:
            cart = db_session.get_one(Order, order_id)
            change_quantity(
                db_session,
                event=shop.world.show(),
                cart=cart,
                line_id=line_id,
                quantity=quantity,
                buyer=Buyer(None, order=cart),
                by=GUEST,
                now=utcnow(),
            )
        assert shop.read(order_id).total_minor == total


def test_the_page_of_taxes_keeps_what_was_typed_and_names_faults(shop: Shop) -> None:
    client, url = shop.world.client("olga"), f"/manage/shows/{shop.world.slug}/money/taxes"
    page = client.get(url).get_data(as_text=True)
    sent = {
        **fields_of(page, ""),
        "name_ticket": "VAT",
        "percent_ticket": "7,5",
        "invoice_head": "Lakeside Club\nVAT 123",
    }
    for wrong in ("x", "100", "-1", "1.234", "1e3"):
        refused = post(client, url, {**sent, "percent_ticket": wrong})
        assert refused.status_code == 422 and "such as 7 or 8.25" in refused.get_data(as_text=True), wrong
    assert post(client, url, sent).status_code == 303
    fresh()
    event = shop.world.show()
    assert event.taxes == {"ticket": {"name": "VAT", "basis_points": 750, "is_added": False}}
    assert event.invoice_head == "Lakeside Club\nVAT 123"
    assert 'value="7.5"' in client.get(url).get_data(as_text=True)
