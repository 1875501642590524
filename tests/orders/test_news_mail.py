"""News by mail: who gets it, each address once, and a way out of it in one click."""

import re
from typing import Any

from sqlalchemy import select

from swapmeet.events.models import Announcement
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.announcements.models import NewsOptOut
from swapmeet.orders.announcements.sending import count_addresses, mail_some, segments
from swapmeet.orders.models import Order, OrderState
from tests.orders.conftest import fresh
from tests.registration import build
from tests.support.forms import post

BY = Actor.command("test")
STOP = re.compile(r"https?://[^/]+(/news/\w+/[\w-]+)")


def news(world: Any) -> int:
    with transaction() as db_session:
        row = Announcement(
            event_id=world.event_id, title="Doors open at nine", body="Come early.", published_at=utcnow()
        )
        db_session.add(row)
        db_session.flush()
        return int(row.id)


def orders(world: Any) -> int:
    """Two orders of one guest, one of them paid, with a pass and a supper. Returns the supper's type."""
    with transaction() as db_session:
        show = world.show()
        kind, supper = build.ticket_type(db_session, show), build.ticket_type(db_session, show, "Supper", price=900)
        build.buy(db_session, show, {kind.id: 1}, names=["Ann"])
        build.buy(db_session, show, {supper.id: 1}, names=["Ann"], paid=False)
        return int(supper.id)


def run(world: Any, news_id: int, segment: str) -> None:
    with transaction() as db_session:
        payload = {"announcement_id": news_id, "event_id": world.event_id, "segment": segment, "after": ""}
        mail_some(db_session, payload, utcnow())


def sent() -> list[str]:
    fresh()
    return list(db.session.scalars(select(OutboxMessage.to_address).where(OutboxMessage.kind == "orders.news")))


def test_groups_are_counted_by_address(world: Any) -> None:
    supper = orders(world)
    with transaction() as db_session:
        show = world.show()
        assert {"all", "unpaid", f"ticket-{supper}"} <= {value for value, _ in segments(db_session, show)}
        assert [count_addresses(db_session, show, each) for each in ("all", "unpaid", f"ticket-{supper}")] == [1, 1, 1]
        for order in db_session.scalars(select(Order).where(Order.confirmed_at.is_(None))):
            order.buyer_email = "bo@example.org"
        db_session.flush()
        assert [count_addresses(db_session, show, each) for each in ("all", "unpaid", "ticket-0")] == [2, 1, 0]


def test_news_goes_out_once_and_ends_in_one_click(client: Any, world: Any, mail: Any) -> None:
    orders(world)
    news_id, team = news(world), world.client("olga")
    page = f"/manage/shows/{world.slug}/news/{news_id}/mail"
    assert "Send it to 1 address" in team.get(page).get_data(as_text=True)
    assert post(team, page, {"to": "nobody"}).status_code == 422
    assert post(team, page, {"to": "all"}).status_code == 303
    for segment in ("all", "unpaid"):
        run(world, news_id, segment)
    (address,) = sent()
    mail.deliver_all()
    message = mail.to(address)[-1]
    assert "Doors open at nine" in message["Subject"]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = STOP.search(message["List-Unsubscribe"])
    assert path is not None
    assert "Send me no more news" in client.get(path[1]).get_data(as_text=True)
    stop = f"{path[1]}/stop"
    opened = client.get(stop)  # by mail programs that know no button of their own: it ends nothing
    assert opened.status_code == 303 and opened.location.endswith(path[1])
    assert client.get(f"{path[1][:-2]}xx/stop").status_code == 404
    fresh()
    assert db.session.scalar(select(NewsOptOut.email)) is None
    for _ in range(2):
        assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.post(f"{path[1][:-2]}xx/stop").status_code == 404
    fresh()
    assert db.session.scalars(select(NewsOptOut.email)).all() == [address]
    assert "Send me news again" in client.get(path[1]).get_data(as_text=True)
    run(world, news(world), "all")
    assert len(sent()) == 1
    assert post(client, path[1], {"wanted": "yes"}).status_code == 303
    fresh()
    assert db.session.scalar(select(NewsOptOut.email)) is None


def test_no_news_for_those_whose_orders_ended_meanwhile(world: Any, mail: Any) -> None:
    orders(world)
    run(world, news(world), "all")
    with transaction() as db_session:
        for order in db_session.scalars(select(Order)):
            order.state = OrderState.CANCELED
    mail.deliver_all()
    (address,) = sent()
    assert not any("Doors open" in each["Subject"] for each in mail.to(address))


def test_the_page_names_the_group_that_is_counted(world: Any) -> None:
    supper = orders(world)
    page = f"/manage/shows/{world.slug}/news/{news(world)}/mail?to=ticket-{supper}"
    assert "<b>Those with: Supper</b>" in world.client("olga").get(page).get_data(as_text=True)
