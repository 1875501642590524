"""Deposit and balance of tables: two dates on the order, a reminder, and what happens to who does not pay the rest."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders.doctor import QUERIES
from swapmeet.orders.due_models import DuePart
from swapmeet.orders.models import Order, OrderState, PayMethod, Refund
from swapmeet.orders.services.closing import lapse_late, sweep_unpaid
from swapmeet.orders.services.due_dates import remind_due
from swapmeet.orders.services.parts import give_up_lines
from swapmeet.orders.services.payments import record_payment
from swapmeet.vendor_tables.importing import apply_tables, clone_tables
from swapmeet.vendor_tables.models import Reservation
from swapmeet.vendor_tables.price_models import TableDeposit
from swapmeet.vendor_tables.showfile import read_tables
from tests import factories
from tests.support.forms import post as send
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.test_edit_plan import url
from tests.vendor_tables.test_import_tables import changed


@pytest.fixture
def balance_on(floor: Floor, world: Any) -> date:
    """The show asks for 30 percent at first; the rest is due in eight weeks, and late means lost."""
    show = world.show()
    day = min(to_local(utcnow(), show.time_zone).date() + timedelta(days=56), show.first_day)
    with transaction() as db_session:
        db_session.add(TableDeposit(event_id=world.event_id, percent=30, balance_on=day, lapses=True))
    return day


def order(order_id: int) -> Order:
    db.session.rollback()
    return db.session.get_one(Order, order_id)


def parts(order_id: int) -> list[tuple[str, int]]:
    db.session.rollback()
    wanted = select(DuePart).where(DuePart.order_id == order_id).order_by(DuePart.position)
    return [(each.name, each.amount_minor) for each in db.session.scalars(wanted)]


def pay(order_id: int, amount_minor: int) -> None:
    with transaction() as db_session:
        record_payment(
            db_session,
            order=db_session.get_one(Order, order_id),
            method=PayMethod.CHECK,
            amount_minor=amount_minor,
            reference="7",
            received_at=utcnow(),
            by=Actor.command("test"),
            now=utcnow(),
        )


def placed(floor: Floor, *labels: str) -> int:
    order_id = floor.hold(*labels)
    floor.place_order(order_id)
    return order_id


def due_day(order_id: int) -> date:
    found = order(order_id)
    assert found.due_at is not None
    return to_local(found.due_at, found.event.time_zone).date()


def is_whole() -> bool:
    db.session.rollback()
    return all(not query.find(db.session(), utcnow()) for query in QUERIES)


def test_the_deposit_is_due_first_and_then_the_balance(floor: Floor, balance_on: date, mail: Any) -> None:
    order_id = placed(floor, "A02", "A03")
    assert parts(order_id) == [("Deposit", 2700), ("Balance", 6300)]
    assert due_day(order_id) < balance_on
    text = mail.text(mail.to("vic@example.org")[-1])
    assert "Please pay $27.00" in text and "Balance: $63.00" in text and "what\nyou paid is kept" in text
    pay(order_id, 2700)
    assert order(order_id).state is OrderState.PLACED and due_day(order_id) == balance_on
    assert is_whole()
    pay(order_id, 6300)
    assert order(order_id).state is OrderState.CONFIRMED
    assert is_whole()


def test_the_order_page_shows_both_dates_and_what_is_left(floor: Floor, world: Any, balance_on: date) -> None:
    order_id = placed(floor, "A02")
    pay(order_id, 2000)
    found = order(order_id)
    page = world.client().get(f"/orders/{found.code}/{found.link_key}").get_data(as_text=True)
    assert "Pay $25.00 by" in page and "$31.50" in page and "$25.00 still to pay" in page
    treasurer = world.client("trudy").get(f"/manage/shows/{world.slug}/orders/{found.code}").get_data(as_text=True)
    assert "To be paid in parts" in treasurer
    listed = world.client("trudy").get(f"/manage/shows/{world.slug}/orders").get_data(as_text=True)
    assert "Balance of $25.00 due" in listed


def test_who_pays_nothing_loses_the_tables_by_the_first_date(floor: Floor, balance_on: date, clock: Any) -> None:
    order_id = placed(floor, "A02")
    due = order(order_id).due_at
    assert due is not None
    clock.set(due + timedelta(days=1))
    with transaction() as db_session:
        assert (lapse_late(db_session, now=utcnow()), sweep_unpaid(db_session, now=utcnow())) == (0, 1)
    assert order(order_id).state is OrderState.EXPIRED and is_whole()


def test_a_reminder_goes_out_once_a_week_ahead(floor: Floor, balance_on: date, clock: Any, mail: Any) -> None:
    order_id = placed(floor, "A02")
    placed(floor, "A03")
    pay(order_id, 1350)
    due = order(order_id).due_at
    assert due is not None
    clock.set(due - timedelta(days=8))
    with transaction() as db_session:
        assert remind_due(db_session, now=utcnow()) == 0
    clock.advance(days=2)
    for count in (1, 0):
        with transaction() as db_session:
            assert remind_due(db_session, now=utcnow()) == count
    told = [each for each in mail.to("vic@example.org") if "is due soon" in each["Subject"]]
    assert len(told) == 1 and "$31.50" in mail.text(told[0])


@pytest.mark.parametrize(("lapses", "state"), [(True, OrderState.CANCELED), (False, OrderState.PLACED)])
def test_a_late_balance_does_what_the_terms_said(
    floor: Floor, balance_on: date, clock: Any, mail: Any, lapses: bool, state: OrderState
) -> None:
    with transaction() as db_session:
        db_session.get_one(TableDeposit, floor.world.event_id).lapses = lapses
    order_id = placed(floor, "A02")
    pay(order_id, 1350)
    with transaction() as db_session:  # what is changed later binds new orders only
        db_session.get_one(TableDeposit, floor.world.event_id).lapses = not lapses
    due = order(order_id).due_at
    assert due is not None
    clock.set(due + timedelta(hours=1))
    with transaction() as db_session:
        assert lapse_late(db_session, now=utcnow()) == 0
    clock.advance(days=1)
    with transaction() as db_session:
        lapse_late(db_session, now=utcnow())
        sweep_unpaid(db_session, now=utcnow())
    assert order(order_id).state is state and is_whole()
    live = select(Reservation.id).where(Reservation.place_id == floor.ids["A02"], Reservation.released_at.is_(None))
    assert (db.session.scalar(live) is None) == lapses
    assert db.session.scalar(select(Refund.id)) is None
    told = [each for each in mail.to("vic@example.org") if "has ended" in each["Subject"]]
    assert len(told) == int(lapses)
    if lapses:
        pay(order_id, 3150)
        assert order(order_id).state is OrderState.CANCELED and is_whole()
        assert db.session.scalar(select(Refund.amount_minor)) == 3150


def test_half_a_deposit_waits_for_the_treasurer(floor: Floor, balance_on: date, clock: Any) -> None:
    order_id = placed(floor, "A02")
    pay(order_id, 100)
    clock.advance(days=200)
    with transaction() as db_session:
        assert (lapse_late(db_session, now=utcnow()), sweep_unpaid(db_session, now=utcnow())) == (0, 0)
    assert order(order_id).state is OrderState.PLACED


def test_a_table_given_up_makes_the_balance_smaller(floor: Floor, world: Any, balance_on: date) -> None:
    order_id = placed(floor, "A02", "A03")
    pay(order_id, 2700)
    with transaction() as db_session:
        found = db_session.get_one(Order, order_id)
        give_up_lines(
            db_session, event=world.show(), order=found, line_ids=[found.lines[1].id], is_full=True, reason="one will do",
            by=Actor.command("test"), now=utcnow(),
        )  # fmt: skip
    assert due_day(order_id) == balance_on and is_whole()
    pay(order_id, 1800)
    assert order(order_id).state is OrderState.CONFIRMED and is_whole()


def test_a_balance_that_would_be_due_before_the_deposit_is_one_sum(floor: Floor, world: Any, balance_on: date) -> None:
    with transaction() as db_session:
        db_session.get_one(TableDeposit, world.event_id).balance_on = to_local(utcnow(), "UTC").date()
    assert parts(placed(floor, "A02")) == []


def test_a_sum_for_each_table_is_never_more_than_the_table_costs(floor: Floor, world: Any, balance_on: date) -> None:
    with transaction() as db_session:
        row = db_session.get_one(TableDeposit, world.event_id)
        row.percent, row.each_minor = None, 2000
    assert parts(placed(floor, "A02", "A03")) == [("Deposit", 4000), ("Balance", 5000)]
    with transaction() as db_session:
        db_session.get_one(TableDeposit, world.event_id).each_minor = 9900
    assert parts(placed(floor, "A04")) == []


def test_the_checkout_says_the_parts_before_the_order(floor: Floor, world: Any, balance_on: date) -> None:
    client = world.client("vic")
    answer = send(
        client, f"/shows/{world.slug}/cart/lines", {f"table-{floor.ids['A02']}": str(floor.period_id), "key": "k" * 20}
    )
    assert answer.status_code == 303
    page = client.get(f"/shows/{world.slug}/checkout").get_data(as_text=True)
    assert "You can pay in parts: $13.50 by" in page and "what you paid is kept" in page


def test_the_organizer_sets_the_deposit_with_the_terms(floor: Floor, world: Any) -> None:
    client, place = world.client("olga"), url(world, "/types")
    values = {"percent": "30", "balance_on": "2030-05-01", "lapses": "y"}
    assert send(client, place, data=values).status_code == 303
    end_reading()
    row = db.session.get_one(TableDeposit, world.event_id)
    assert (row.percent, row.balance_on, row.lapses) == (30, date(2030, 5, 1), True)
    assert 'value="2030-05-01"' in client.get(place).get_data(as_text=True)
    for fault, words in (
        ({"percent": "100"}, "99"),
        ({"balance_on": ""}, "by when"),
        ({"percent": ""}, "how much is due"),
    ):
        answer = send(client, place, data={**values, **fault})
        assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert send(client, place, data={"percent": "", "balance_on": ""}).status_code == 303
    end_reading()
    assert db.session.get(TableDeposit, world.event_id) is None


def test_show_files_and_clones_carry_the_deposit(world: Any) -> None:
    show = changed(vendor_policy__deposit_percent=25, vendor_policy__late_balance_lapses=True)
    show["vendor_policy"]["balance_due_days_before"] = 30
    with transaction() as db_session:
        apply_tables(db_session, world.show(), show, utcnow())
        target = factories.event(db_session, organizer=world.organizer, name="Next Year")
        clone_tables(db_session, world.show(), target, 364, utcnow())
        target_id = target.id
    first = world.show().first_day
    rows = {row.event_id: (row.percent, row.balance_on, row.lapses) for row in db.session.scalars(select(TableDeposit))}
    assert rows[world.event_id] == (25, first - timedelta(days=30), True)
    assert rows[target_id] == (25, first + timedelta(days=334), True)
    for changes, words in (
        ({"deposit_percent": 100}, "deposit_percent must be a whole number from 1 to 99"),
        ({"deposit": 500}, "balance_due_days_before must be a whole number"),
        ({"deposit": 500, "deposit_percent": 5, "balance_due_days_before": 3}, "says both"),
    ):
        found = read_tables({**show, "vendor_policy": changes}).problems
        assert any(words in sentence for _, sentence in found), found
    assert read_tables({**show, "vendor_policy": {"deposit": 0}}).deposit is None


def test_the_database_refuses_a_deposit_of_everything(world: Any) -> None:
    with pytest.raises(IntegrityError), transaction() as db_session:
        db_session.add(TableDeposit(event_id=world.event_id, percent=100, balance_on=date(2030, 1, 1)))
    with pytest.raises(IntegrityError), transaction() as db_session:
        db_session.add(TableDeposit(event_id=world.event_id, balance_on=date(2030, 1, 1)))
