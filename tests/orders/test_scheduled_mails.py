"""Mails some days before the show: written, approved, sent once to who is in the group then."""

from datetime import time, timedelta
from typing import Any

from sqlalchemy import select

from swapmeet.events.models import Announcement
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.time import from_local
from swapmeet.orders.announcements.models import MailRule, RuleState
from swapmeet.orders.announcements.rules import send_due
from tests.orders.conftest import Shop, fresh
from tests.support.forms import post

DAYS = 3


def url(shop: Shop) -> str:
    return f"/manage/shows/{shop.world.slug}/scheduled-mails"


def write(shop: Shop, **typed: str) -> Any:
    data = {"title": "Doors open at nine", "body": "Come early.", "days_before": str(DAYS), "segment": "all", **typed}
    return post(shop.world.client("olga"), url(shop), data)


def send() -> int:
    with transaction() as db_session:
        return send_due(db_session, now=utcnow())


def rule() -> MailRule:
    fresh()
    return db.session.scalars(select(MailRule)).one()


def on_its_day(shop: Shop, hour: int) -> Any:
    event = shop.world.show()
    return from_local(event.first_day - timedelta(days=DAYS), time(hour), event.time_zone)


def test_it_goes_out_once_on_its_day_and_only_when_approved(shop: Shop, clock: Any, mail: Any) -> None:
    shop.pay(shop.order((shop.quota(price=5000), 1)).id, 5000)
    answer = write(shop)
    assert answer.status_code == 303
    page = shop.world.client("olga").get(answer.location).get_data(as_text=True)
    assert "1 address" in page and "gus@example.org" in page and "Waits for approval" in page
    clock.set(on_its_day(shop, 10))
    assert send() == 0, "nobody has approved it"
    clock.set(on_its_day(shop, 8))
    assert post(shop.world.client("olga"), f"{answer.location}/approval").status_code == 303
    assert send() == 0, "not before nine"
    clock.set(on_its_day(shop, 9))
    assert send() == 1 and send() == 0
    sent = rule()
    assert (sent.state, sent.count) == (RuleState.SENT, 1)
    assert db.session.scalars(select(Announcement.title)).all() == ["Doors open at nine"]
    assert "Doors open at nine" not in shop.world.client().get(f"/shows/{shop.world.slug}").get_data(as_text=True), (
        "nobody asked to show it to everybody"
    )
    subjects = [str(each["Subject"]) for each in mail.to("gus@example.org")]
    assert len([words for words in subjects if "Doors open at nine" in words]) == 1
    assert post(shop.world.client("olga"), f"{url(shop)}/{sent.id}/withdrawal").status_code == 409


def test_it_stands_on_the_page_of_the_show_where_that_is_wanted(shop: Shop, clock: Any) -> None:
    shop.pay(shop.order((shop.quota(price=5000), 1)).id, 5000)
    answer = write(shop, is_public="y")
    post(shop.world.client("olga"), f"{answer.location}/approval")
    clock.set(on_its_day(shop, 12))
    assert send() == 1
    assert "Doors open at nine" in shop.world.client().get(f"/shows/{shop.world.slug}").get_data(as_text=True)


def test_the_group_is_that_of_the_day(shop: Shop, clock: Any, mail: Any) -> None:
    order = shop.order((shop.quota(price=5000), 1))
    answer = write(shop, segment="unpaid")
    post(shop.world.client("olga"), f"{answer.location}/approval")
    shop.pay(order.id, 5000)
    clock.set(on_its_day(shop, 12))
    assert send() == 1
    assert (rule().state, rule().count) == (RuleState.SENT, 0)
    assert not any("Doors open" in str(each["Subject"]) for each in mail.to("gus@example.org"))


def test_what_is_withdrawn_or_too_late_is_not_sent(shop: Shop, clock: Any) -> None:
    shop.order((shop.quota(price=5000), 1))
    client, answer = shop.world.client("olga"), write(shop)
    post(client, f"{answer.location}/approval")
    assert post(client, f"{answer.location}/withdrawal").status_code == 303
    clock.set(on_its_day(shop, 12))
    assert send() == 0
    late = write(shop)
    clock.advance(hours=24 * (DAYS + 1))
    assert post(shop.world.client("olga"), f"{late.location}/approval").status_code == 409
    assert send() == 0


def test_faults_are_named_at_their_fields_and_nothing_is_lost(shop: Shop) -> None:
    answer = write(shop, days_before="-1", title="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Write the subject." in page and "Come early." in page
    answer = write(shop, segment="ticket-999999")
    assert answer.status_code == 422 and "Choose who gets it." in answer.get_data(as_text=True)
    assert shop.world.client("olga").get(f"{url(shop)}/99999").status_code == 404
