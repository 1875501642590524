"""Invoices and credit notes: gapless, unchanged once issued, taken back when something is given up."""

import pytest
from sqlalchemy import select

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.orders.models import Order
from swapmeet.orders.pieces import Some
from swapmeet.payments import doctor, invoice_pdf
from swapmeet.payments.errors import NothingToInvoice
from swapmeet.payments.models import Invoice
from swapmeet.payments.services import invoicing
from tests.orders.conftest import Shop, fresh
from tests.orders.test_parts import give_up, give_up_some
from tests.orders.test_payments import cancel
from tests.payments.test_statements import TREASURER
from tests.support.forms import post


def issue(order_id: int, address: str = "Gus Guest\n1 Lake Road") -> int:
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        return invoicing.issue_invoice(db_session, order=order, address=address, by=TREASURER, now=utcnow()).id


def papers() -> list[tuple[str, int, int, int]]:
    fresh()
    rows = db.session.scalars(select(Invoice).order_by(Invoice.id))
    return [(row.kind.value, row.number, row.total_minor, row.left_minor) for row in rows]


def faults() -> list[str]:
    fresh()
    return [*doctor.invoices_gapped(db.session(), utcnow()), *doctor.invoices_differ(db.session(), utcnow())]


def test_an_invoice_is_issued_once_and_replaced_when_its_address_changes(shop: Shop) -> None:
    order = shop.order((shop.quota(price=5000), 2))
    assert issue(order.id) == issue(order.id)
    issue(order.id, "Guest Ltd")
    assert papers() == [("invoice", 1, 10000, 0), ("credit_note", 1, 10000, 0), ("invoice", 2, 10000, 10000)]
    assert faults() == []


def test_what_is_given_up_is_taken_back_by_credit_notes(shop: Shop) -> None:
    order = shop.order((shop.quota(price=5000), 1), (shop.quota(price=3000, name="Day"), 1))
    issue(order.id)
    shop.pay(order.id, 8000)
    give_up(shop, order.id, 1)
    cancel(shop, order.id)
    assert papers() == [("invoice", 1, 8000, 0), ("credit_note", 1, 3000, 0), ("credit_note", 2, 5000, 0)]
    assert faults() == []
    with pytest.raises(NothingToInvoice):
        issue(order.id)


def test_a_piece_of_a_line_is_taken_back_and_the_rest_of_the_line_stays_invoiced(shop: Shop) -> None:
    with transaction() as db_session:
        event = db_session.get_one(Event, shop.world.event_id)
        event.taxes = {"ticket": {"name": "Sales tax", "basis_points": 825, "is_added": True}}
    order = shop.order((shop.quota(price=3333), 3))
    first = issue(order.id)
    line_id = shop.lines(order.id)[0].id
    give_up_some(shop, order.id, Some(line_id, 3, frozenset({2})))
    assert papers() == [("invoice", 1, 10824, 7216), ("credit_note", 1, 3608, 0)]
    assert issue(order.id) == first, "its rest is what the order holds"
    give_up_some(shop, order.id, Some(line_id, 2, frozenset({2})))
    cancel(shop, order.id)
    assert papers()[2:] == [("credit_note", 2, 3608, 0), ("credit_note", 3, 3608, 0)]
    assert faults() == []


def test_a_paper_that_takes_back_the_rest_names_the_rest(shop: Shop) -> None:
    order = shop.order((shop.quota(price=5000), 1), (shop.quota(price=3000, name="Day"), 2))
    issue(order.id)
    give_up(shop, order.id, 0)
    issue(order.id, "Guest Ltd")
    fresh()
    rows = db.session.scalars(select(Invoice).order_by(Invoice.id))
    told = [[(line["title"], line["total_minor"]) for line in row.content["lines"]] for row in rows]
    assert told == [[("Weekend", 5000), ("Day", 6000)], [("Weekend", 5000)], [("Day", 6000)], [("Day", 6000)]]
    assert papers()[2:] == [("credit_note", 2, 6000, 0), ("invoice", 2, 6000, 6000)]
    assert faults() == []


def test_a_rolled_back_invoice_leaves_no_gap(shop: Shop) -> None:
    order = shop.order((shop.quota(price=5000), 1))
    with pytest.raises(ZeroDivisionError), transaction() as db_session:
        row = db_session.get_one(Order, order.id)
        invoicing.issue_invoice(db_session, order=row, address="x", by=TREASURER, now=utcnow())
        raise ZeroDivisionError
    issue(order.id)
    assert papers() == [("invoice", 1, 5000, 5000)]


def test_the_paper_does_not_change_with_the_order(shop: Shop) -> None:
    order = shop.order((shop.quota(price=5000), 1))
    invoice_id = issue(order.id)
    with transaction() as db_session:
        db_session.get_one(Order, order.id).lines[0].title = "Something else"
    data = invoice_pdf.load_invoice(db.session(), {"invoice_id": invoice_id}, utcnow())
    assert data is not None
    assert data["rows"][0]["label"] == "Weekend"
    assert data["buyer"] == "Gus Guest\n1 Lake Road"


def test_the_buyer_asks_and_everybody_with_the_right_prints(shop: Shop) -> None:
    order, client = shop.order((shop.quota(price=5000), 1)), shop.world.client()
    url = f"/orders/{order.code}/{order.link_key}"
    assert "I need an invoice" in client.get(url).get_data(as_text=True)
    assert post(client, f"{url}/invoices", {"address": ""}).status_code == 303
    assert papers() == []
    answer = post(client, f"{url}/invoices", {"address": "Nguyễn Thị Minh\nHà Nội"})
    assert answer.status_code == 303 and "/documents/" in answer.location
    fresh()
    (invoice_id,) = db.session.scalars(select(Invoice.id)).all()
    assert post(client, f"{url}/invoices/{invoice_id}/documents").status_code == 303
    assert post(client, f"{url}/invoices/{invoice_id + 1}/documents").status_code == 404
    other = shop.order((shop.quota(price=5000), 1))
    foreign = f"/orders/{other.code}/{other.link_key}/invoices/{invoice_id}/documents"
    assert post(client, foreign).status_code == 404
    treasurer, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money/invoices"
    assert "Invoice 1" in treasurer.get(base).get_data(as_text=True)
    assert post(treasurer, f"{base}/{invoice_id}/documents").status_code == 303
