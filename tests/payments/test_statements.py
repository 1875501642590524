"""A treasurer imports statements: what fits is recorded, the rest is decided line by line, and nothing counts twice."""

import io
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.accounts.models import Person
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import OrderState, Payment, PayMethod, Refund
from swapmeet.orders.services import closing
from swapmeet.payments import doctor
from swapmeet.payments.errors import LineDecided, PartsDiffer
from swapmeet.payments.models import BankLine, BankMatch, BankStatement, LineState
from swapmeet.payments.personal import PaymentsData
from swapmeet.payments.services import importing, recording
from tests.orders.conftest import Shop, fresh
from tests.payments.files import american_csv, camt, german_csv, mt940
from tests.support.forgetting import forget
from tests.support.forms import fields_of, post, token_of

DAY = date(2026, 11, 24)
TREASURER = Actor.job("treasurer")


def bring(shop: Shop, content: bytes, name: str = "november.csv") -> BankStatement:
    """Import a file as the page does."""
    with transaction() as db_session:
        event = shop.world.show()
        read = importing.read_file(event, content, day_first=None)
        return importing.import_statement(
            db_session, event=event, read=read, file_name=name, by=TREASURER, now=utcnow()
        )


def record(shop: Shop, line: BankLine, *parts: tuple[int, int]) -> None:
    with transaction() as db_session:
        recording.record_line(
            db_session, event=shop.world.show(), line_id=line.id, parts=parts, by=TREASURER, now=utcnow()
        )


def lines() -> list[BankLine]:
    fresh()
    return list(db.session.scalars(select(BankLine).order_by(BankLine.id)))


def count(model: Any) -> int:
    fresh()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def faults(statement_id: int) -> list[tuple[int | None, str]]:
    fresh()
    return [(fault.number, fault.sentence) for fault in db.session.get_one(BankStatement, statement_id).faults]


@pytest.mark.parametrize("write", [american_csv, german_csv, camt, mt940])
def test_a_file_imported_twice_and_one_that_overlaps_change_nothing(shop: Shop, write: Any) -> None:
    rows = [(date(2026, 11, day), 1000 + day, f"Payer {day}", f"text {day}") for day in range(1, 11)]
    first = bring(shop, write(rows[:7]))
    assert (first.came_in, first.known_before) == (7, 0)
    assert bring(shop, write(rows[:7])).known_before == 7
    assert len(lines()) == 7
    if write in (american_csv, german_csv):  # the helpers for the others number references anew in each file
        third = bring(shop, write(rows[4:]))
        assert (third.came_in, third.known_before) == (6, 3)
        assert len(lines()) == 10


def test_lines_that_fit_are_recorded_with_one_click_and_confirm_their_orders(shop: Shop) -> None:
    quota, base = shop.quota(price=2450, capacity=None), f"/manage/shows/{shop.world.slug}/money"
    orders = [shop.order((quota, 1)) for _ in range(3)]
    rows = [(DAY, 2450, "Gus Guest", f"Order {order.code}") for order in orders[:2]]
    rows += [
        (DAY, 2000, "Gus Guest", f"Order {orders[2].code}"),
        (DAY, 900, "Nobody", "hello"),
        (DAY, -500, "Hall", "rent"),
    ]
    client = shop.world.client("trudy")
    sent = {"file": (io.BytesIO(german_csv(rows)), "november.csv")}
    answer = post(client, f"{base}/statements", sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert "Record 2 payments" in page and "Code fits, another sum" in page and "No order found" in page
    assert count(Payment) == 0, "nothing is recorded by importing"
    ids = [line.id for line in lines()]
    for _ in range(2):
        answer = client.post(f"{base}/recordings", data={"line": ids, "csrf_token": token_of(client)})
        assert answer.status_code == 303
    assert count(Payment) == 2
    assert [shop.read(order.id).state.value for order in orders] == ["confirmed", "confirmed", "placed"]
    payment = db.session.scalars(select(Payment).order_by(Payment.id)).first()
    assert payment is not None
    assert (payment.method, payment.received_at.date()) == (PayMethod.TRANSFER, DAY)
    assert doctor.lines_differ(db.session(), utcnow()) == []
    assert "2 bank lines wait" in client.get(f"/manage/shows/{shop.world.slug}").get_data(as_text=True)


def test_a_line_is_decided_by_hand_with_its_faults_at_the_fields(shop: Shop) -> None:
    quota, base = shop.quota(price=2450, capacity=None), f"/manage/shows/{shop.world.slug}/money"
    first, second = shop.order((quota, 1)), shop.order((quota, 1))
    bring(shop, american_csv([(DAY, 4900, "Gus Guest", "two tickets"), (DAY, 500, "Gift", "for the club")]))
    two, gift = lines()
    client, url = shop.world.client("trudy"), f"{base}/bank-lines/{two.id}"
    fields = fields_of(client.get(url).get_data(as_text=True), "")
    assert fields["amount"] == "49.00"
    data = {"code": "NOSUCHXX", "amount": "24.50", "second_code": second.code}
    refused = post(client, url, data)
    assert refused.status_code == 409 and 'value="NOSUCHXX"' in refused.get_data(as_text=True)
    assert post(client, url, {**data, "code": first.code, "second_code": ""}).status_code == 409, "the rest is missing"
    assert post(client, url, {**data, "code": "", "amount": "x"}).status_code == 422
    assert post(client, url, {**data, "code": f" {first.code.lower()[:4]}-{first.code[4:]}"}).status_code == 303
    assert [shop.read(order.id).state.value for order in (first, second)] == ["confirmed", "confirmed"]
    assert count(BankMatch) == 2
    assert post(client, url, {**data, "code": first.code}).status_code == 409
    aside = f"{base}/bank-lines/{gift.id}/setting-aside"
    assert post(client, aside, {"note": ""}).status_code == 422
    assert post(client, aside, {"note": "A gift"}).status_code == 303
    assert post(client, aside, {"note": "Again"}).status_code == 409
    assert lines()[1].state is LineState.IGNORED
    assert post(client, f"{base}/bank-lines/{gift.id}/taking-up").status_code == 303
    assert lines()[1].state is LineState.OPEN
    assert client.get(f"{base}/bank-lines").status_code == client.get(url).status_code == 200


def test_what_is_about_something_else_is_put_aside_together(shop: Shop) -> None:
    order = shop.order((shop.quota(price=2450), 1))
    rows = [(DAY, 500 + n, f"Unknown {n}", "rent") for n in range(4)]
    bring(shop, american_csv([(DAY, 2450, "Gus Guest", order.code), (DAY, 2400, "Gus Guest", order.code), *rows]))
    client, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money/bank-lines"
    page = client.get(base).get_data(as_text=True)
    assert "Put all 4 without an order aside" in page
    url, known = f"{base}/setting-aside", lines()
    first, rest = known[2].id, [line.id for line in known[3:]]
    refused = post(client, url, {"note": "Rent"})
    assert refused.status_code == 422 and "Tick the lines" in refused.get_data(as_text=True)
    assert 'value="Rent"' in refused.get_data(as_text=True), "what was typed stays"
    refused = post(client, url, {"line": str(first)})
    assert refused.status_code == 422 and "Write a word" in refused.get_data(as_text=True)
    assert f'id="aside-{first}" checked' in refused.get_data(as_text=True), "what was ticked stays"
    assert post(client, url, {"note": "Rent", "line": str(first)}).status_code == 303
    assert post(client, url, {"note": "Again", "line": [str(first), "99999", "x"]}).status_code == 404
    assert post(client, url, {"note": "Hall", "all": "yes", "unfound": [str(each) for each in rest]}).status_code == 303
    assert [(line.state.value, line.note) for line in lines()] == [
        ("open", ""), ("open", ""), ("ignored", "Rent"), *[("ignored", "Hall")] * 3
    ]  # fmt: skip
    assert doctor.lines_differ(db.session(), utcnow()) == []


def test_a_line_that_stands_twice_is_named_and_waits_for_a_decision(shop: Shop) -> None:
    order = shop.order((shop.quota(price=2450), 1))
    row = (DAY, 2450, "Gus Guest", order.code)
    statement = bring(shop, german_csv([row, row]))
    assert [number for number, _ in faults(statement.id)] == [5]
    assert [line.is_repeat for line in lines()] == [False, True]
    with transaction() as db_session:
        event, ids = shop.world.show(), [line.id for line in lines()]
        parts, about = [(order.id, 2450)], {"event": event, "by": TREASURER, "now": utcnow()}
        done = [recording.record_if_open(db_session, line_id=each, parts=parts, **about) for each in ids]
    assert done == [True, False]
    twice = bring(
        shop,
        camt([row]).replace(
            b"</Stmt>",
            camt([row]).partition(b"<Ntry>")[1]
            + camt([row]).partition(b"<Ntry>")[2].partition(b"</Stmt>")[0]
            + b"</Stmt>",
        ),
    )
    assert (twice.came_in, len([line for line in lines() if line.statement_id == twice.id])) == (2, 1), (
        "one reference, one line"
    )


def test_money_out_under_the_code_of_an_order_is_named(shop: Shop) -> None:
    order = shop.order((shop.quota(price=2450), 1))
    statement = bring(shop, american_csv([(DAY, -2450, "Gus Guest", order.code), (DAY, 100, "x", "y")]))
    ((number, sentence),) = faults(statement.id)
    assert number == 2 and order.code in sentence
    assert count(BankLine) == 1


def test_parts_have_to_add_up_and_a_line_counts_once(shop: Shop) -> None:
    order = shop.order((shop.quota(price=2450), 1))
    bring(shop, american_csv([(DAY, 2450, "Gus", order.code)]))
    (line,) = lines()
    for parts in ([(order.id, 2449)], [(order.id, 2451)], [(order.id, 3000), (order.id, -550)], []):
        with pytest.raises(PartsDiffer):
            record(shop, line, *parts)
    record(shop, line, (order.id, 2450))
    with pytest.raises(LineDecided):
        record(shop, line, (order.id, 2450))
    assert count(Payment) == 1


def test_r_t49_a_transfer_after_expiry_brings_the_order_back_or_waits_to_go_back(shop: Shop, clock: Any) -> None:
    quota = shop.quota(capacity=1, price=3000)
    first = shop.order((quota, 1))
    clock.advance(days=16)
    with transaction() as db_session:
        closing.sweep_unpaid(db_session, now=utcnow())
    bring(shop, american_csv([(DAY, 3000, "Gus", first.code)]))
    record(shop, lines()[0], (first.id, 3000))
    assert shop.read(first.id).state is OrderState.CONFIRMED
    other = shop.quota(capacity=1, price=3000)
    late = shop.order((other, 1))
    clock.advance(days=16)
    with transaction() as db_session:
        closing.sweep_unpaid(db_session, now=utcnow())
    shop.order((other, 1))
    bring(shop, american_csv([(DAY, 3000, "Gus", late.code)]))
    client, url = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money/bank-lines/{lines()[1].id}"
    assert "Nothing is owed on it" in client.get(url).get_data(as_text=True)
    assert post(client, url, {"code": late.code, "amount": "30.00"}).status_code == 303
    assert "waits to be sent back" in client.get(f"/manage/shows/{shop.world.slug}/money/bank-lines").get_data(
        as_text=True
    )
    assert count(Refund) == 1
    assert "1 refund waits" in client.get(f"/manage/shows/{shop.world.slug}").get_data(as_text=True)


def test_unreadable_files_are_told_and_leave_nothing(shop: Shop) -> None:
    client, base = shop.world.client("trudy"), f"/manage/shows/{shop.world.slug}/money"
    for content in (b"", b"hello", b"<!DOCTYPE a><a/>", b"\x89PNG\r\n"):
        sent = {"file": (io.BytesIO(content), "x.csv")}
        answer = post(client, f"{base}/statements", sent, content_type="multipart/form-data")
        assert answer.status_code == 422, content
    assert post(client, f"{base}/statements", {}).status_code == 422
    assert count(BankStatement) == 0


def test_erasing_takes_names_from_lines_and_leaves_sums(shop: Shop) -> None:
    order = shop.order((shop.quota(price=2450), 1))
    with transaction() as db_session:
        ann = db_session.get_one(Person, shop.world.ids["ann"])
        db_session.get_one(type(order), order.id).person_id = ann.id
    bring(shop, american_csv([(DAY, 2450, "Ann Attendee", f"{order.code} from Ann")]))
    record(shop, lines()[0], (order.id, 2450))
    data = PaymentsData()
    assert data.export(db.session(), person_id=ann.id)[0]["payer"] == "Ann Attendee"
    with transaction() as db_session:
        forget(db_session, shop.world.ids["ann"])
    (line,) = lines()
    assert (line.payer, line.text, line.amount_minor) == ("Erased", "", 2450)
