"""Power, chairs and helpers' badges are sold with tables, and only with tables."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.badges.models import Attendee, AttendeeRole, Badge, BadgeState
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.taxes import sum_taxes
from swapmeet.vendor_tables.extras import KIND as EXTRA
from swapmeet.vendor_tables.models import ExtraKind, TableExtra
from tests.support.forms import post as send
from tests.vendor_tables.floor import Floor


@pytest.fixture
def extras(floor: Floor) -> dict[str, int]:
    """Ids by kind: a chair for 5, a badge for 10 (two at most), power that is not sold any more."""
    with transaction() as db_session:
        event_id = floor.world.event_id
        rows = [
            TableExtra(event_id=event_id, name="Chair", kind=ExtraKind.CHAIR, price_minor=500, limit_per_order=9),
            TableExtra(event_id=event_id, name="Helper", kind=ExtraKind.BADGE, price_minor=1000, limit_per_order=2),
            TableExtra(event_id=event_id, name="Power", kind=ExtraKind.POWER, price_minor=2500, is_sold=False),
        ]
        db_session.add_all(rows)
        db_session.flush()
        return {row.kind.value: row.id for row in rows}


def add(floor: Floor, client: Any, **wanted: int) -> Any:
    """Post the picker's form: `A01=1` for tables, `extra_7=2` for extras."""
    fields = {
        f"table-{floor.ids[name]}" if name in floor.ids else name.replace("_", "-"): (
            floor.period_id if name in floor.ids else count
        )
        for name, count in wanted.items()
    }
    return send(client, f"/shows/{floor.world.slug}/cart/lines", {**fields, "to": "checkout"})


def the_order(state: OrderState = OrderState.CART) -> Order:
    db.session.rollback()
    return db.session.scalars(select(Order).where(Order.state == state)).one()


def test_extras_are_on_the_picker_and_go_into_the_cart_with_the_table(
    floor: Floor, world: Any, extras: dict[str, int]
) -> None:
    client = world.client()
    page = client.get(f"/shows/{world.slug}/tables").get_data(as_text=True)
    assert f'name="extra-{extras["chair"]}"' in page and f'name="extra-{extras["power"]}"' not in page
    wanted = {f"extra_{extras['chair']}": 3, f"extra_{extras['badge']}": 2}
    assert add(floor, client, A01=1, **wanted).status_code == 303
    assert the_order().total_minor == 4500 + 3 * 500 + 2 * 1000


def test_tables_and_extras_each_have_the_rate_of_their_kind(floor: Floor, world: Any, extras: dict[str, int]) -> None:
    with transaction() as db_session:
        vat, sales_tax = ({"name": name, "basis_points": 1000, "is_added": True} for name in ("VAT", "Sales tax"))
        db_session.get_one(Event, world.event_id).taxes = {"table": vat, EXTRA: {**sales_tax, "basis_points": 825}}
    assert add(floor, world.client(), A01=1, **{f"extra_{extras['chair']}": 3}).status_code == 303
    order = the_order()
    assert order.total_minor == 4500 + 450 + 1500 + 124
    found = [(each.words, each.tax_minor) for each in sum_taxes(order.lines)]
    page = world.client().get(f"/shows/{world.slug}/tables").get_data(as_text=True)
    assert "Plus VAT 10 % or Sales tax 8.25 %." in page
    assert found == [("VAT 10 %, on top", 450), ("Sales tax 8.25 %, on top", 124)]


def test_an_extra_without_a_table_is_refused_and_nothing_is_held(
    floor: Floor, world: Any, extras: dict[str, int]
) -> None:
    answer = add(floor, world.client(), **{f"extra_{extras['chair']}": 1})
    assert answer.status_code in (409, 403, 422) and "Extras come with a table" in answer.get_data(as_text=True)
    db.session.rollback()
    assert db.session.scalars(select(Order)).all() == []


def test_whoever_has_a_table_can_add_an_extra_later(floor: Floor, world: Any, extras: dict[str, int]) -> None:
    floor.buy("A01", who="vic")
    assert add(floor, world.client("vic"), **{f"extra_{extras['chair']}": 1}).status_code == 303


@pytest.mark.parametrize(("kind", "count", "words"), [("badge", 3, "2 of “Helper” at most"), ("power", 1, "not sold")])
def test_limits_and_extras_that_are_not_sold(
    floor: Floor, world: Any, extras: dict[str, int], kind: str, count: int, words: str
) -> None:
    answer = add(floor, world.client(), A01=1, **{f"extra_{extras[kind]}": count})
    assert answer.status_code >= 400 and words in answer.get_data(as_text=True)
    assert floor.states() == {}


def test_paid_badges_are_issued_and_void_when_the_order_is_canceled(
    floor: Floor, world: Any, extras: dict[str, int]
) -> None:
    add(floor, world.client(), A01=1, **{f"extra_{extras['badge']}": 2})
    order_id = the_order().id
    with transaction() as db_session:
        cart = db_session.get_one(Order, order_id)
        line = next(line for line in list_live_lines(db_session, cart) if line.kind == "extra")
        line.facts = {**line.facts, "helpers": {"1": "Hal Helper"}}
    floor.place_order(order_id, name="Vic Vendor")
    assert db.session.scalars(select(Attendee)).all() == [], "badges wait for the money"
    floor.pay(order_id)
    people = {each.name: each.role for each in db.session.scalars(select(Attendee))}
    helpers = {name for name, role in people.items() if role is AttendeeRole.ASSISTANT}
    assert helpers == {"Hal Helper", "Vic Vendor, helper"} and people["Vic Vendor"] is AttendeeRole.VENDOR
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        back = preview_cancellation(db_session, event=world.show(), order=order, now=utcnow()).back_minor
        cancel_order(
            db_session,
            event=world.show(),
            order=order,
            seen_back_minor=back,
            reason="ill",
            by=Actor.guest(),
            now=utcnow(),
        )
    assert {badge.state for badge in db.session.scalars(select(Badge))} == {BadgeState.VOID}
    faults = [fault for query in registry().doctor for fault in query.find(db.session(), utcnow())]
    assert faults == []


def test_a_table_taken_out_of_the_cart_takes_its_extras_from_the_order(
    floor: Floor, world: Any, extras: dict[str, int]
) -> None:
    client = world.client()
    add(floor, client, A01=1, **{f"extra_{extras['chair']}": 1})
    line = next(line for line in list_live_lines(db.session(), the_order()) if line.kind == "table")
    send(client, f"/shows/{world.slug}/cart/lines/{line.id}/removal", {})
    fields = {"buyer_name": "Vic", "buyer_email": "vic@example.org", "method": "check", "seen_total": "500"}
    answer = send(client, f"/shows/{world.slug}/checkout", fields)
    assert answer.status_code >= 400
    assert the_order().state is OrderState.CART


def test_the_organizer_keeps_the_list_of_extras(floor: Floor, world: Any) -> None:
    client, address = world.client("olga"), f"/manage/shows/{world.slug}/tables/extras"
    fields = {"name": "One more chair", "kind": "chair", "price_minor": "5.00", "limit_per_order": "4", "is_sold": "1"}
    assert send(client, address, fields).status_code == 303
    assert "$5.00" in client.get(address).get_data(as_text=True)
    again = send(client, address, fields)
    assert again.status_code == 422 and "already" in again.get_data(as_text=True)
    extra = db.session.scalars(select(TableExtra)).one()
    assert send(client, f"{address}/{extra.id}", {**fields, "price_minor": "6"}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(TableExtra.price_minor)).one() == 600
    assert send(client, address, {**fields, "name": "", "price_minor": "-1"}).status_code == 422
    assert client.get(f"{address}/999").status_code == 404
