"""The organizer's side: list, search, one order, payments, refunds, the money page, exports."""

import csv
import io
import re
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.mail_log import CAME_BACK
from swapmeet.orders.models import Order, OrderState, PayMethod
from swapmeet.orders.services import cancellations
from tests.orders.conftest import Shop
from tests.orders.test_checkout import hidden
from tests.support.forms import post


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def base(shop: Shop) -> str:
    return f"/manage/shows/{shop.world.slug}"


def test_the_list_of_orders_can_be_searched_and_narrowed(shop: Shop, base: str) -> None:
    client, quota = shop.world.client("olga"), shop.quota(price=2000)
    assert "No orders yet" in text(client.get(f"{base}/orders"))
    order = shop.order((quota, 1))
    for query in ("gus", "GUEST", order.code.lower(), "gus@example"):
        assert order.code in text(client.get(f"{base}/orders?q={query}")), query
    for query in ("zzz", "%", "_", "gus%' OR 1=1"):
        page = text(client.get(f"{base}/orders?q={query}"))
        assert ("No order fits" in page) == (query not in ("%", "_")), query
    assert order.code in text(client.get(f"{base}/orders?state=placed"))
    assert order.code not in text(client.get(f"{base}/orders?state=confirmed"))
    assert client.get(f"{base}/orders?state=nonsense&page=99999999999").status_code == 200


def test_the_treasurer_records_a_payment_with_the_sum_owed_filled_in(shop: Shop, base: str) -> None:
    order = shop.order((shop.quota(price=2050), 2))
    client = shop.world.client("trudy")
    url = f"{base}/orders/{order.code}/payments"
    page = text(client.get(url))
    assert 'value="41.00"' in page
    data = {"method": "check", "amount": "41.00", "reference": "778", "received_at": "2026-11-25T07:00"}
    data["key"] = hidden(page, "key")
    assert post(client, url, data).status_code == 303
    assert post(client, url, data).status_code == 303, "the same key again"
    assert shop.read(order.id).state is OrderState.CONFIRMED
    page = text(client.get(f"{base}/orders/{order.code}"))
    assert page.count("778") >= 1
    assert "Bookings" in page
    assert "Payment recorded" in page
    refused = post(client, url, {**data, "key": "another-key-for-this"})
    assert refused.status_code == 409
    assert "paid before" in text(refused)


def test_money_is_for_the_treasurer_and_the_owner(shop: Shop, base: str) -> None:
    order = shop.order((shop.quota(price=2050), 2))
    assert shop.world.client("dora").get(f"{base}/orders").status_code == 403
    assert shop.world.client("otto").get(f"{base}/money").status_code == 404
    assert shop.world.client("olga").get(f"{base}/money").status_code == 200
    assert shop.world.client("trudy").get(f"{base}/orders/{order.code}/payments").status_code == 200
    assert shop.world.client("trudy").get(f"{base}/orders/NOSUCHXX").status_code == 404


@pytest.mark.parametrize("amount", ["0", "-1", "0.001", "NaN", "1e20", "100000000000000000000", "", "\x00", "twelve"])
def test_r_t52_senseless_amounts_are_refused(shop: Shop, base: str, amount: str) -> None:
    order = shop.order((shop.quota(price=2050), 1))
    data = {"method": "check", "amount": amount, "received_at": "2026-11-25T07:00", "key": "k" * 20}
    answer = post(shop.world.client("trudy"), f"{base}/orders/{order.code}/payments", data)
    assert answer.status_code == 422
    assert shop.read(order.id).state is OrderState.PLACED


def test_a_cancellation_shows_both_sums_and_the_refund_waits(shop: Shop, base: str) -> None:
    order = shop.order((shop.quota(price=10000), 1))
    shop.pay(order.id, 10000)
    client = shop.world.client("trudy")
    url = f"{base}/orders/{order.code}/cancellation"
    page = text(client.get(url))
    assert "$95.00" in page, "100 % less $5.00, ninety days before"
    data = {name: hidden(page, name) for name in ("seen_back", "seen_full")} | {"refund": "full", "reason": "kindness"}
    assert post(client, url, {**data, "seen_full": "1"}).status_code == 409
    assert post(client, url, data).status_code == 303
    assert shop.read(order.id).state is OrderState.CANCELED
    page = text(client.get(f"{base}/refunds"))
    assert "$100.00" in page
    (refund_url,) = set(re.findall(r'"([^"]*/refunds/\d+/settlement)"', page))
    assert client.get(refund_url).status_code == 200
    assert post(client, refund_url, {"method": "check", "reference": "55", "key": "x"}).status_code == 303
    assert post(client, refund_url, {"method": "check", "key": "x"}).status_code == 409
    assert "Nothing to send back" in text(client.get(f"{base}/refunds"))


def test_the_money_page_tells_any_past_day(shop: Shop, base: str, clock: Any) -> None:
    quota = shop.quota(price=1000)
    first = shop.order((quota, 1))
    shop.pay(first.id, 1000, PayMethod.CASH)
    clock.advance(days=2)
    second = shop.order((quota, 3))
    shop.pay(second.id, 500)
    client = shop.world.client("trudy")
    page = text(client.get(f"{base}/money"))
    assert "$15.00" in page
    assert "$25.00" in page, "owed"
    page = text(client.get(f"{base}/money?day=2026-11-25"))
    assert "$10.00" in page
    assert "$25.00" not in page
    for day in ("", "nonsense", "9999-12-31", "0001-01-01", "2026-13-01"):
        assert client.get(f"{base}/money?day={day}").status_code == 200, day


def test_r_t23_exports_hold_no_formulas(shop: Shop, base: str) -> None:
    quota = shop.quota(price=1000, name="=HYPERLINK(1)")
    order_id = shop.cart((quota, 1))
    shop.place(order_id, email="=1+1@example.org")
    client = shop.world.client("trudy")
    lines = text(client.get(f"{base}/orders.csv"))
    assert ",=" not in lines
    assert "'=1+1@example.org" in lines
    money = text(client.get(f"{base}/money.csv"))
    assert "receivable,,10.00,USD" in money
    assert "sales,ticket,-10.00,USD" in money


def test_orders_go_into_a_spreadsheet_with_their_money(shop: Shop, base: str) -> None:
    quota = shop.quota(price=1000, name="Weekend")
    order = shop.place(shop.cart((quota, 3)))
    shop.pay(order.id, 1200)
    client = shop.world.client("trudy")
    rows = list(csv.DictReader(io.StringIO(text(client.get(f"{base}/orders.csv")).lstrip("\ufeff"))))
    assert len(rows) == 1 and len(rows[0]) == 37
    wanted = {"total": "30.00", "paid": "12.00", "owed": "18.00", "tickets": "3", "tickets sum": "30.00", "tables": "0"}
    assert {name: rows[0][name] for name in wanted} == wanted
    book = client.get(f"{base}/orders.xlsx")
    assert book.status_code == 200
    with zipfile.ZipFile(io.BytesIO(book.get_data())) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") == 2 and rows[0]["order"] in sheet and "<v>18.00</v>" in sheet


def test_the_contact_of_an_order_is_corrected(shop: Shop, base: str) -> None:
    order = shop.order((shop.quota(price=1000), 1))
    client, url = shop.world.client("olga"), f"{base}/orders/{order.code}/contact"
    answer = post(client, url, {"buyer_name": "Gusti", "buyer_email": "not an address"})
    assert answer.status_code == 422
    assert 'value="not an address"' in text(answer)
    assert post(client, url, {"buyer_name": "Gusti", "buyer_email": "gusti@example.org"}).status_code == 303
    assert order.code in text(client.get(f"{base}/orders?q=gusti"))
    assert shop.read(order.id).buyer_email == "gusti@example.org"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "order.contact_changed")).one()
    assert entry.facts == {"changed": "name, e-mail"}, "the log can never forget, so it learns no names"


def test_the_overview_shows_money_and_what_waits_to_those_who_may_see_it(shop: Shop, base: str, clock: Any) -> None:
    quota = shop.quota(price=2000)
    paid, late = shop.order((quota, 1)), shop.order((quota, 2))
    shop.pay(paid.id, 2000)
    shop.pay(late.id, 500)
    with transaction() as db_session:
        order = db_session.get_one(Order, paid.id)
        cancellations.cancel_order(
            db_session,
            event=shop.world.show(),
            order=order,
            seen_back_minor=1500,
            reason="",
            by=Actor.job("test"),
            now=utcnow(),
        )
    clock.advance(days=16)
    page = text(shop.world.client("trudy").get(base))
    assert "$25.00" in page, "taken"
    assert "$35.00" in page, "still owed"
    assert "1 order is past the due date" in page
    assert "1 refund waits to be sent" in page
    assert "$15.00 in all." in page
    page = text(shop.world.client("dora").get(base))
    assert "$" not in page
    assert "refund" not in page


def test_an_erased_order_has_nobody_to_write_to(shop: Shop, base: str) -> None:
    order = shop.order((shop.quota(price=2000), 1))
    with transaction() as db_session:
        db_session.get_one(Order, order.id).buyer_email = ""
    assert post(shop.world.client("olga"), f"{base}/orders/{order.code}/mails").status_code == 409


def test_the_team_sees_what_was_mailed_and_notes_that_it_came_back(shop: Shop, mail: Any) -> None:
    order = shop.order((shop.quota(price=5000), 1))
    mail.deliver_all()
    client, url = shop.world.client("olga"), f"/manage/shows/{shop.world.slug}/orders/{order.code}"
    page = client.get(url).get_data(as_text=True)
    assert "Mails to the buyer" in page and "Sent" in page and "came back, noted" not in page
    assert post(client, f"{url}/came-back").status_code == 303
    assert "Mail to gus@example.org came back, noted" in client.get(url).get_data(as_text=True)
    with transaction() as db_session:
        notes = select(AuditEntry.reason, AuditEntry.facts).where(AuditEntry.verb == CAME_BACK)
        said = db_session.execute(notes).all()
        assert "gus@example.org" not in str(said), "the log forgets nothing, so it holds no address"
        event_id, given = shop.world.event_id, {"to": "gus@example.org", "payload": {}, "now": utcnow()}
        queue_mail(db_session, kind="trades.sold", fact_key="sold", event_id=event_id, **given)
    assert "Not written yet" not in client.get(url).get_data(as_text=True), (
        "what people trade is not the desk's business"
    )
    changed = {"buyer_name": "Gus", "buyer_email": "new@example.org"}
    assert post(client, f"{url}/contact", changed).status_code == 303
    assert "came back, noted" not in client.get(url).get_data(as_text=True), "another address makes a fresh start"
