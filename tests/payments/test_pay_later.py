"""Orders on invoice: for buyers the show knows, with an invoice at once, reminders, and an end like that of every unpaid order."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.events.models import Event
from swapmeet.infra import documents
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import claim, run_claim
from swapmeet.infra.outbox import FILES_MAIL_JOB
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.orders import books, statements
from swapmeet.orders.due_models import PayLater
from swapmeet.orders.models import Order, OrderState, PayMethod
from swapmeet.orders.services.closing import sweep_unpaid
from swapmeet.payments import doctor
from swapmeet.payments.models import Invoice
from swapmeet.payments.services import pay_later
from swapmeet.vendor_tables.models import Vendor
from tests.orders.conftest import Shop, fresh
from tests.orders.test_checkout import add, checkout_data, place
from tests.payments.test_invoices import papers
from tests.payments.test_statements import TREASURER
from tests.support.forms import post

DAYS, EXTRA = 20, 5


def offer(shop: Shop, days: int | None = DAYS, *, online: bool = True) -> None:
    with transaction() as db_session:
        pay_later.save_terms(
            db_session, event=shop.world.show(), days=days, extra_days=EXTRA, online=online, by=TREASURER, now=utcnow()
        )


def make_vendor(shop: Shop, who: str = "ann") -> None:
    with transaction() as db_session:
        db_session.add(Vendor(person_id=shop.world.ids[who], name="Ann's Trains", created_at=utcnow()))


def on_invoice(shop: Shop, price: int = 5000) -> Order:
    offer(shop)
    return shop.place(shop.cart((shop.quota(price=price), 1)), method=PayMethod.INVOICE)


def draw_and_mail(shop: Shop, mail: Any) -> list[Any]:
    """The heavy jobs that are due, done in this process, whose mailer remembers. Returns all mails so far."""
    handlers = registry().jobs
    while True:
        with transaction() as db_session:
            claim_ = claim(db_session, now=utcnow(), kinds=[documents.JOB, FILES_MAIL_JOB])
        if claim_ is None:
            return list(mail.messages)
        run_claim(handlers[claim_.kind], claim_)


def remind() -> int:
    with transaction() as db_session:
        return pay_later.remind(db_session, now=utcnow())


def sweep() -> int:
    with transaction() as db_session:
        return sweep_unpaid(db_session, now=utcnow())


def faults() -> list[str]:
    fresh()
    return [sentence for query in doctor.QUERIES for sentence in query.find(db.session(), utcnow())]


def test_only_vendors_and_clubs_who_are_signed_in_see_the_choice(shop: Shop, client: Any) -> None:
    quota, page = shop.quota(price=5000), f"/shows/{shop.world.slug}/checkout"
    offer(shop)
    make_vendor(shop)
    for who, is_offered in ((client, False), (shop.world.client("otto"), False), (shop.world.client("ann"), True)):
        add(who, shop, quota)
        assert ("Invoice, pay by" in who.get(page).get_data(as_text=True)) is is_offered
    answer = place(client, shop, checkout_data(client, shop, method="invoice"))
    assert answer.status_code == 422, "nobody else can choose it by hand"
    olga = shop.world.client("olga")
    add(olga, shop, quota)
    assert "Invoice, pay by" in olga.get(page).get_data(as_text=True), "in the team of a club"
    offer(shop, online=False)
    assert "Invoice, pay by" not in olga.get(page).get_data(as_text=True), "for the desk alone"


def test_the_invoice_is_issued_at_once_and_mailed_as_a_pdf(shop: Shop, mail: Any) -> None:
    offer(shop)
    make_vendor(shop)
    ann = shop.world.client("ann")
    add(ann, shop, shop.quota(price=5000))
    address = "Ann's Trains\r\n1 Lake Road"
    answer = place(ann, shop, checkout_data(ann, shop, method="invoice", invoice_address=address))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert papers() == [("invoice", 1, 5000, 5000)]
    invoice, order = db.session.scalars(select(Invoice)).one(), db.session.scalars(select(Order)).one()
    assert order.state is OrderState.PLACED and order.due_at is not None
    assert invoice.address == "Ann's Trains\n1 Lake Road"
    assert invoice.due_on is not None and abs((invoice.due_on - (utcnow() + timedelta(days=DAYS)).date()).days) <= 1
    (message,) = draw_and_mail(shop, mail)
    assert "Your invoice comes with this mail" in mail.text(message)
    (pdf,) = [part for part in message.iter_attachments() if part.get_content_type() == "application/pdf"]
    assert pdf.get_filename() == "invoice-1.pdf" and pdf.get_content().startswith(b"%PDF")
    page = ann.get(answer.headers["Location"]).get_data(as_text=True)
    assert "You pay on invoice" in page and "Invoice 1" in page
    assert faults() == []


def test_a_reminder_comes_before_the_day_and_one_after_it(shop: Shop, mail: Any, clock: Any) -> None:
    order = on_invoice(shop)
    assert order.due_at is not None
    assert remind() == 0
    code, due, messages = order.code, order.due_at, draw_and_mail(shop, mail)
    clock.set(due - timedelta(days=6))
    assert remind() == 1 and remind() == 0
    messages = draw_and_mail(shop, mail)
    clock.set(due + timedelta(days=1))
    assert remind() == 1 and remind() == 0
    messages = draw_and_mail(shop, mail)
    subjects = [str(each["Subject"]) for each in messages]
    assert [words.partition(":")[0] for words in subjects] == [
        f"Your order {code}",
        f"Your invoice for order {code}",
        f"Your invoice for order {code} is past its day",
    ]
    assert all(list(each.iter_attachments()) for each in messages), "each with the paper"


@pytest.mark.parametrize("method", [PayMethod.CASH, PayMethod.CHECK, PayMethod.TRANSFER])
def test_any_tender_settles_it_and_nobody_is_reminded_then(shop: Shop, clock: Any, method: PayMethod) -> None:
    order = on_invoice(shop)
    order_id, due = order.id, order.due_at
    assert due is not None
    shop.pay(order_id, 2000, method)
    assert shop.read(order_id).state is OrderState.PLACED
    shop.pay(order_id, 3000, method)
    assert shop.read(order_id).state is OrderState.CONFIRMED
    clock.set(due + timedelta(days=1))
    assert remind() == 0
    assert faults() == []


def test_it_is_owed_and_aged_and_its_places_go_after_the_days_of_grace(shop: Shop, clock: Any, mail: Any) -> None:
    order = on_invoice(shop)
    order_id, due = order.id, order.due_at
    assert due is not None
    client, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}"
    assert order.code in client.get(f"{base}/orders?state=invoice").get_data(as_text=True)
    assert "$50.00" in client.get(f"{base}/money/invoices").get_data(as_text=True)
    clock.set(due + timedelta(days=2))
    assert sweep() == 0, "the extra days are not over"
    fresh()
    event = shop.world.show()
    orders = statements.read_order_sums(db.session(), event, as_of=utcnow())
    ages = books.list_ages(event, [(each.due_at, each.sums.owed) for each in orders], as_of=utcnow())
    assert [(each.words, each.owed_minor) for each in ages if each.orders] == [("1 to 7 days late", 5000)]
    clock.set(due + timedelta(days=EXTRA + 1))
    assert sweep() == 1
    assert shop.read(order_id).state is OrderState.EXPIRED
    assert papers() == [("invoice", 1, 5000, 0), ("credit_note", 1, 5000, 0)]
    shop.pay(order_id, 5000, PayMethod.TRANSFER)
    assert shop.read(order_id).state is OrderState.CONFIRMED, "late money brings it back"
    assert papers()[-1] == ("invoice", 2, 5000, 5000)
    assert faults() == []


def test_no_order_waits_longer_than_the_show_lasts(shop: Shop) -> None:
    offer(shop, days=365)
    order = shop.place(shop.cart((shop.quota(price=5000), 1)), method=PayMethod.INVOICE)
    event = shop.world.show()
    terms = db.session.get_one(PayLater, order.id)
    assert order.due_at is not None and order.due_at.date() <= event.last_day + timedelta(days=1)
    assert terms.keeps_until == order.due_at


def test_the_organizer_sets_the_terms_and_a_wrong_number_is_named_at_its_field(shop: Shop) -> None:
    client, url = shop.world.client("olga"), f"/manage/shows/{shop.world.slug}/money/invoices/terms"
    answer = post(client, url, {"days": "0", "extra_days": "x", "online": "y"})
    assert answer.status_code == 422 and 'value="x"' in answer.get_data(as_text=True)
    assert post(client, url, {"days": "30", "extra_days": "10", "online": "y"}).status_code == 303
    fresh()
    event = db.session.get_one(Event, shop.world.event_id)
    assert (event.invoice_days, event.invoice_extra_days, event.invoice_online) == (30, 10, True)
    assert post(client, url, {"days": "", "extra_days": "0"}).status_code == 303
    fresh()
    assert db.session.get_one(Event, shop.world.event_id).invoice_days is None


def test_the_doctor_finds_an_order_on_invoice_that_has_none(shop: Shop) -> None:
    order = shop.order((shop.quota(price=500), 1))
    with transaction() as db_session:
        db_session.get_one(Order, order.id).method = PayMethod.INVOICE
    assert any("no invoice is over" in sentence for sentence in faults())
