"""The day of the show: who is here, a tick taken back, tables of those who do not come."""

from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import select

from swapmeet.badges.models import Attendee
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import FixedClock, utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.doctor import QUERIES as ORDER_QUERIES
from swapmeet.orders.models import Order, OrderState, Refund
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services import offers
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.doctor import QUERIES
from swapmeet.vendor_tables.models import TablePlace
from tests.support.forms import post as send
from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.test_application_offers import accept, cart_of, place


def desk(world: Any, rest: str = "") -> str:
    return f"/manage/shows/{world.slug}/tables{rest}"


def code_of(order_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Order, order_id).code


def state_of(floor: Floor, label: str) -> str:
    row = floor.live(label)
    return row.state.value if row is not None else "free"


def is_whole() -> bool:
    db.session.rollback()
    return all(not query.find(db.session(), utcnow()) for query in (*QUERIES, *ORDER_QUERIES))


def test_a_vendor_is_ticked_once_and_can_be_taken_back(floor: Floor, world: Any) -> None:
    code = code_of(floor.buy("A01", "A02", sign="Tiny Works"))
    client = world.client("olga")
    page = client.get(desk(world, "/arrivals")).get_data(as_text=True)
    assert "Tiny Works" in page and "Expected" in page and "0 of 2 tables have their vendors here" in page
    for _ in range(2):
        assert send(client, desk(world, f"/arrivals/{code}")).status_code == 303
    assert [state_of(floor, label) for label in ("A01", "A02")] == ["checked_in"] * 2
    assert ">Here<" in client.get(desk(world, "/arrivals?q=tiny")).get_data(as_text=True)
    db.session.rollback()
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "table.arrived")).all()) == 2
    assert send(client, desk(world, f"/no-shows/{code}")).status_code == 303
    assert state_of(floor, "A01") == "checked_in"
    assert send(client, desk(world, f"/arrivals/{code}/removal")).status_code == 303
    assert state_of(floor, "A01") == "confirmed" and is_whole()


def test_who_does_not_come_frees_the_tables_and_gets_nothing_back(floor: Floor, world: Any) -> None:
    order_id = floor.buy("A01", "A02", sign="Tiny Works")
    client, code = world.client("olga"), code_of(order_id)
    for _ in range(2):
        assert send(client, desk(world, f"/no-shows/{code}")).status_code == 303
    assert [state_of(floor, label) for label in ("A01", "A02")] == ["free", "free"]
    assert db.session.get_one(Order, order_id).state is OrderState.CANCELED
    assert db.session.scalar(select(Refund.id)) is None
    assert all(each.canceled_at is not None for each in db.session.scalars(select(Attendee)))
    assert floor.reservations("A01")[-1].release_reason and is_whole()
    floor.buy("A01", sign="Quick Works")
    assert state_of(floor, "A01") == "confirmed"


def test_unpaid_and_foreign_orders_cannot_be_ticked(floor: Floor, world: Any) -> None:
    order_id = floor.hold("A01")
    floor.place_order(order_id)
    client, code = world.client("olga"), code_of(order_id)
    for rest in (f"/arrivals/{code}", f"/arrivals/{code}/removal", f"/no-shows/{code}"):
        assert send(client, desk(world, rest)).status_code == 303
    assert state_of(floor, "A01") == "held"
    assert send(client, desk(world, "/arrivals/NOSUCH")).status_code in (303, 404)


def test_the_application_goes_along(applying: Applying, world: Any) -> None:
    floor = applying.floor
    application_id = applying.write("vic")
    with transaction() as db_session:
        offers.make_offer(
            db_session, event=world.show(), application=db_session.get_one(Application, application_id),
            places=[db_session.get_one(TablePlace, floor.ids["A03"])], expires_at=utcnow().replace(year=2030),
            by=Actor.command("test"), now=utcnow(),
        )  # fmt: skip
    accept(applying)
    order_id = cart_of(applying).id
    place(applying, order_id)
    floor.pay(order_id)
    client, code = world.client("olga"), code_of(order_id)
    states = []
    for rest in (f"/arrivals/{code}", f"/arrivals/{code}/removal", f"/no-shows/{code}"):
        send(client, desk(world, rest))
        states.append(applying.row(application_id).state)
    assert states == [ApplicationState.CHECKED_IN, ApplicationState.CONFIRMED, ApplicationState.NO_SHOW]
    assert is_whole()


def test_all_who_are_missing_are_given_up_at_once_but_for_who_is_late_or_arrives_meanwhile(
    floor: Floor, world: Any, clock: FixedClock
) -> None:
    signs = {"A01": "Tiny Works", "A02": "Late Works", "A03": "Quick Works", "A04": "Early Works"}
    codes = {sign: code_of(floor.buy(label, sign=sign)) for label, sign in signs.items()}
    client, address = world.client("olga"), desk(world, "/no-shows")
    send(client, desk(world, f"/arrivals/{codes['Early Works']}"))
    assert "The show has not begun" in client.get(address).get_data(as_text=True)
    assert send(client, address, {"codes": [codes["Tiny Works"]], "is_sure": "y"}).status_code == 303
    assert state_of(floor, "A01") == "confirmed"
    clock.set(datetime.combine(world.show().first_day, time(15), UTC))
    client = world.client("olga")  # the months in between have ended the session
    page = client.get(address).get_data(as_text=True)
    assert "3 vendors are still expected" in page and page.count(" checked") == 3 and "Early Works" not in page
    refused = send(client, address, {"codes": [codes["Tiny Works"]]})
    assert refused.status_code == 422 and "Look through the list first" in refused.get_data(as_text=True)
    assert refused.get_data(as_text=True).count(" checked") == 1
    assert "Tick at least one vendor" in send(client, address, {"is_sure": "y"}).get_data(as_text=True)
    send(client, desk(world, f"/arrivals/{codes['Quick Works']}"))  # after the page was shown
    ticked = {"codes": [codes["Tiny Works"], codes["Quick Works"], "NOSUCH"], "is_sure": "y"}
    said = client.get(send(client, address, ticked).headers["Location"]).get_data(as_text=True)
    assert "The tables of 1 vendor are free" in said
    assert [state_of(floor, label) for label in signs] == ["free", "confirmed", "checked_in", "checked_in"]
    again = client.get(send(client, address, ticked).headers["Location"]).get_data(as_text=True)
    assert "No table was freed" in again and is_whole()
    send(client, address, {"codes": [codes["Late Works"]], "is_sure": "y"})
    assert "Nobody is missing" in client.get(address).get_data(as_text=True)
