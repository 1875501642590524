"""Tickets paid in parts: the organizer sets shares and days, the buyer chooses, any money settles the earliest part first."""

import re
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import ImportReport
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.doctor import QUERIES
from swapmeet.orders.due_models import DuePart
from swapmeet.orders.models import Order, OrderState, Refund
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.closing import lapse_late
from swapmeet.orders.services.due_dates import remind_due
from swapmeet.orders.services.instalments import Share, apply_file, check_file, copy_plan, find_plan, save_plan
from tests import factories
from tests.orders.conftest import Shop, fresh
from tests.orders.test_checkout import add, checkout_data, place
from tests.support.forms import post as send

BY = Actor.command("test")
CHOICE = re.compile(r'value="(parts-[0-9a-f]{16})"')


def offer(shop: Shop, *shares: Share, lapses: bool = False) -> None:
    with transaction() as db_session:
        save_plan(db_session, event=shop.world.show(), shares=shares, lapses=lapses, by=BY, now=utcnow())


def two_later(shop: Shop, lapses: bool = False) -> list[date]:
    """A third each after thirty and sixty days."""
    days = [utcnow().date() + timedelta(days=after) for after in (30, 60)]
    offer(shop, *(Share(33, day) for day in days), lapses=lapses)
    return days


def in_parts(client: Any, shop: Shop, price: int = 10001) -> Order:
    add(client, shop, shop.quota(price=price))
    page = client.get(f"/shows/{shop.world.slug}/checkout").get_data(as_text=True)
    found = CHOICE.search(page)
    assert found is not None
    answer = place(client, shop, checkout_data(client, shop, pay_in_parts=found[1]))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    fresh()
    return db.session.scalars(select(Order).order_by(Order.id.desc())).first() or Order()


def sums(order_id: int) -> list[tuple[str, int]]:
    fresh()
    rows = db.session.scalars(select(DuePart).where(DuePart.order_id == order_id).order_by(DuePart.position))
    return [(each.name, each.amount_minor) for each in rows]


def is_whole() -> bool:
    fresh()
    return all(not query.find(db.session(), utcnow()) for query in QUERIES if query.invariant in (3, 4, 5))


def test_three_parts_are_shown_first_and_settled_in_their_order(client: Any, shop: Shop, mail: Any) -> None:
    days = two_later(shop)
    order = in_parts(client, shop)
    order_id, page_url = order.id, f"/orders/{order.code}/{order.link_key}"
    assert sums(order_id) == [("Part 1 of 3", 3401), ("Part 2 of 3", 3300), ("Part 3 of 3", 3300)]
    assert "Part 3 of 3: $33.00" in mail.text(mail.to("gus@example.org")[-1])
    shop.pay(order_id, 5000)
    page = client.get(page_url).get_data(as_text=True)
    assert "Pay $17.01 by" in page and "$17.01 still to pay" in page
    shop.pay(order_id, 1701)
    due = shop.read(order_id).due_at
    assert due is not None and abs((due.date() - days[1]).days) <= 1
    shop.pay(order_id, 3300)
    assert shop.read(order_id).state is OrderState.CONFIRMED
    assert is_whole()


def test_a_late_part_ends_the_order_where_the_show_said_so(client: Any, shop: Shop, clock: Any, mail: Any) -> None:
    two_later(shop, lapses=True)
    add(client, shop, shop.quota(price=900))
    assert "what you paid is kept" in client.get(f"/shows/{shop.world.slug}/checkout").get_data(as_text=True)
    order_id = in_parts(client, shop).id
    shop.pay(order_id, shop.read(order_id).total_minor - 1)
    due = shop.read(order_id).due_at
    assert due is not None
    clock.set(due - timedelta(days=2))
    with transaction() as db_session:
        assert remind_due(db_session, now=utcnow()) == 1
    clock.set(due + timedelta(days=1))
    with transaction() as db_session:
        assert lapse_late(db_session, now=utcnow()) == 1
    assert shop.read(order_id).state is OrderState.CANCELED
    assert is_whole()


def test_a_canceled_order_gives_back_what_came_in(client: Any, shop: Shop) -> None:
    two_later(shop)
    order_id = in_parts(client, shop).id
    shop.pay(order_id, 3401)
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        given: dict[str, Any] = {"event": shop.world.show(), "order": order, "now": utcnow(), "full_refund": True}
        back = preview_cancellation(db_session, **given).back_minor
        cancel_order(db_session, **given, seen_back_minor=back, reason="ill", by=BY)
    fresh()
    assert [each.amount_minor for each in db.session.scalars(select(Refund))] == [3401]
    assert is_whole()


def test_who_pays_all_now_or_by_card_has_no_parts(client: Any, shop: Shop) -> None:
    two_later(shop)
    add(client, shop, shop.quota(price=9000))
    answer = place(client, shop, checkout_data(client, shop, pay_in_parts="all"))
    assert answer.status_code == 303
    assert sums(shop.order((shop.quota(price=500), 1)).id) == []
    fresh()
    assert db.session.scalar(select(DuePart.id)) is None


def test_parts_that_were_never_shown_are_refused(client: Any, shop: Shop) -> None:
    with transaction() as db_session:
        shop.world.show().pay_at_door = True
        db_session.merge(shop.world.show())
    two_later(shop)
    add(client, shop, shop.quota(price=9000))
    data = checkout_data(client, shop, pay_in_parts="parts-0123456789abcdef")
    answer = place(client, shop, data)
    assert answer.status_code == 422 and "dates have changed" in answer.get_data(as_text=True)
    found = CHOICE.search(answer.get_data(as_text=True))
    assert found is not None
    offer(shop)
    answer = place(client, shop, {**data, "pay_in_parts": found[1]})
    assert answer.status_code == 409 and "cannot be paid in parts any more" in answer.get_data(as_text=True)


def test_the_organizer_sets_shares_and_days(shop: Shop) -> None:
    client, place_url = shop.world.client("olga"), f"/manage/shows/{shop.world.slug}/tickets/instalments"
    with transaction():
        last = shop.world.show().last_day
    early, late = last - timedelta(days=40), last - timedelta(days=10)
    days = {"due_on_1": early.isoformat(), "due_on_2": late.isoformat()}
    good = {"percent_1": "30", "percent_2": "30", "lapses": "y", **days}
    assert send(client, place_url, data=good).status_code == 303
    end_reading()
    plan = find_plan(db.session(), event_id=shop.world.event_id)
    assert plan is not None and plan.lapses
    assert [(each.percent, each.due_on) for each in plan.dates] == [(30, early), (30, late)]
    assert f'value="{late}"' in client.get(place_url).get_data(as_text=True)
    for fault, words in (
        ({"percent_2": "70"}, "Leave something"),
        ({"due_on_2": early.isoformat()}, "same day"),
        ({"due_on_2": (last + timedelta(days=1)).isoformat()}, "over by then"),
        ({"due_on_2": ""}, "by when"),
        ({"percent_2": ""}, "how much"),
        ({"percent_1": "100"}, "99"),
    ):
        answer = send(client, place_url, data={**good, **fault})
        assert answer.status_code == 422 and words in answer.get_data(as_text=True), words
    assert send(client, place_url, data={}).status_code == 303
    end_reading()
    assert find_plan(db.session(), event_id=shop.world.event_id) is None


def test_files_and_clones_carry_the_plan(world: Any) -> None:
    rows = [{"percent": 40, "due_days_before": 60}, {"percent": 20, "due_days_before": 30}]
    show = {"registration": {"pay_in_parts": rows, "late_instalment_lapses": True}}
    with transaction() as db_session:
        for _ in range(2):
            apply_file(db_session, world.show(), show, utcnow())
        target = factories.event(db_session, organizer=world.organizer, name="Next Year")
        copy_plan(db_session, world.show(), target, 364, utcnow())
        plan = find_plan(db_session, event_id=target.id)
        assert plan is not None and plan.lapses
        first = world.show().first_day
        assert [each.due_on - first for each in plan.dates] == [timedelta(days=304), timedelta(days=334)]
    for wrong in (
        "x",
        [{"percent": 0, "due_days_before": 1}],
        [{"percent": 50, "due_days_before": -1}],
        [*rows, rows[0]],
    ):
        report = ImportReport()
        check_file({"registration": {"pay_in_parts": wrong}}, report)
        assert report.problems, wrong
