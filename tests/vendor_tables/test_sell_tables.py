"""Tables in the cart: held all or nothing, for a while, by one buyer, at the server's price."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from swapmeet.badges.models import Attendee, AttendeeRole, Badge, BadgeState
from swapmeet.events.models import SalePeriod
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError, Invalid
from swapmeet.orders.models import Order, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.cancellations import cancel_order, preview_cancellation
from swapmeet.orders.services.carts import extend_cart, remove_line
from swapmeet.vendor_tables.errors import (
    PlaceIsYours,
    PlaceNotFound,
    PlaceTaken,
    TablesNotOnSale,
    TooManyTables,
)
from swapmeet.vendor_tables.models import ReservationKind, ReservationState, TableType, Vendor, VendorTerms
from tests.support.forms import fields_of, post
from tests.vendor_tables.floor import Floor


def test_a_vendor_holds_two_adjoining_tables_in_one_order(floor: Floor) -> None:
    order_id = floor.hold("A01", "A02")
    assert floor.states() == {"A01": "held", "A02": "held"}
    order = db.session.get_one(Order, order_id)
    assert order.total_minor == 9000
    row = floor.live("A01")
    assert row is not None and row.expires_at == order.expires_at and row.state is ReservationState.HELD
    line = list_live_lines(db.session(), order)[0]
    assert (line.title, line.refund_policy) == ("Table A01", "vendor_refund")
    assert line.detail == "6 ft table, Main hall, corner, wall"


def test_a_lost_group_takes_nothing_and_names_the_lost_and_a_free_run(floor: Floor) -> None:
    floor.hold("A03")
    with pytest.raises(PlaceTaken) as caught:
        floor.hold("A02", "A03")
    assert caught.value.facts["lost"] == ["A03"] and caught.value.facts["wanted"] == ["A02", "A03"]
    assert caught.value.facts["offer"] == ["A01", "A02"]
    assert "Table A03 was just taken. Nothing was reserved for you." in caught.value.message
    assert floor.states() == {"A03": "held"}


def test_the_index_refuses_where_the_friendly_look_saw_nothing(floor: Floor, monkeypatch: Any) -> None:
    floor.hold("A03")
    monkeypatch.setattr("swapmeet.vendor_tables.sellable._check_free", lambda *args: None)
    with pytest.raises(PlaceTaken) as caught:
        floor.hold("A02", "A03", "A04")
    assert caught.value.facts["lost"] == ["A03"] and caught.value.facts["offer"] == ["B02", "B03", "B04"]
    assert floor.states() == {"A03": "held"}


def test_a_hold_frees_its_places_after_fifteen_minutes(floor: Floor, clock: Any) -> None:
    first = floor.hold("A01", "A02")
    clock.advance(minutes=14, seconds=59)
    with pytest.raises(PlaceTaken):
        floor.hold("A02")
    clock.advance(seconds=1)
    assert floor.states() == {}
    floor.hold("A02")
    assert [row.state.value for row in floor.reservations("A02")] == ["released", "held"]
    assert floor.live("A01") is None, "the whole expired cart is let go"
    assert db.session.get_one(Order, first).state is OrderState.EXPIRED


def test_one_tap_lengthens_the_hold_of_the_places_too(floor: Floor, clock: Any, world: Any) -> None:
    order_id = floor.hold("A01")
    clock.advance(minutes=10)
    with transaction() as db_session:
        cart = db_session.get_one(Order, order_id)
        until = extend_cart(db_session, event=world.show(), cart=cart, minutes=15, now=utcnow())
    row = floor.live("A01")
    assert row is not None and row.expires_at == until
    clock.advance(minutes=10)
    assert floor.states() == {"A01": "held"}


def test_a_removed_line_frees_its_place_at_once(floor: Floor) -> None:
    order_id = floor.hold("A01", "A02")
    with transaction() as db_session:
        cart = db_session.get_one(Order, order_id)
        remove_line(
            db_session, cart=cart, line_id=list_live_lines(db_session, cart)[0].id, by=Actor.guest(), now=utcnow()
        )
    assert floor.states() == {"A02": "held"}


def test_without_a_free_run_of_that_size_it_is_told_what_is_free(floor: Floor) -> None:
    floor.hold("A02", "A04", "A06", "B01", "B03", "B05")
    with pytest.raises(PlaceTaken, match="No 2 of this kind are free side by side any more, 6 one by one") as caught:
        floor.hold("A01", "A02")
    assert caught.value.facts["offer"] == []
    floor.hold("A01", "A03", "A05", "B02", "B04", "B06")
    with pytest.raises(PlaceTaken, match="None of this kind is free any more"):
        floor.hold("A01")


def test_the_same_place_twice_is_told_apart_from_a_lost_one(floor: Floor) -> None:
    order_id = floor.hold("A01")
    with pytest.raises(PlaceIsYours, match="You hold A01 already"):
        floor.hold("A01", "A02", cart_id=order_id)
    assert floor.states() == {"A01": "held"}


def test_a_placed_order_keeps_its_tables_until_the_money_comes(floor: Floor, clock: Any) -> None:
    order_id = floor.hold("A01")
    floor.place_order(order_id)
    row = floor.live("A01")
    assert row is not None and row.expires_at is None and (row.holder, row.sells) == ("Tiny Works", "lamps")
    clock.advance(days=3)
    assert floor.states() == {"A01": "taken"}
    with pytest.raises(PlaceTaken):
        floor.hold("A01")


def test_a_paid_order_sells_the_places_and_issues_the_vendors_badges(floor: Floor, world: Any) -> None:
    order_id = floor.buy("A01", "A02", who="vic")
    row = floor.live("A02")
    assert row is not None and row.kind is ReservationKind.SOLD and row.state is ReservationState.CONFIRMED
    vendor = db.session.scalars(select(Vendor)).one()
    assert (vendor.name, vendor.sells, vendor.person_id) == ("Tiny Works", "lamps", world.ids["vic"])
    assert row.vendor_id == vendor.id
    people = db.session.scalars(select(Attendee).order_by(Attendee.id)).all()
    assert [(p.role, p.name) for p in people] == [
        (AttendeeRole.VENDOR, "Vic Vendor"),
        (AttendeeRole.ASSISTANT, "Tiny Works, helper"),
    ]
    assert (
        people[0].ticket_label == "Vendor, table A01"
        and people[0].order_code == db.session.get_one(Order, order_id).code
    )


def test_badges_follow_the_allowance_of_the_type(floor: Floor) -> None:
    with transaction() as db_session:
        kind = db_session.get_one(TableType, floor.type_id)
        kind.first_badges, kind.max_badges = 2, 3
    floor.buy("A01", "A02", "A03")
    assert db.session.scalar(select(func.count()).select_from(Badge)) == 3


def test_cancellation_frees_the_places_and_voids_the_badges(floor: Floor, world: Any) -> None:
    order_id = floor.buy("A01", "A02")
    with transaction() as db_session:
        order = db_session.get_one(Order, order_id)
        preview = preview_cancellation(db_session, event=world.show(), order=order, now=utcnow())
        cancel_order(
            db_session,
            event=world.show(),
            order=order,
            seen_back_minor=preview.back_minor,
            reason="ill",
            by=Actor.guest(),
            now=utcnow(),
        )
    assert floor.states() == {}
    assert {badge.state for badge in db.session.scalars(select(Badge))} == {BadgeState.VOID}
    floor.hold("A01")


def test_the_order_is_not_confirmed_when_a_place_was_lost(floor: Floor) -> None:
    """V-I3: no sale without a live reservation."""
    order_id = floor.hold("A01")
    floor.place_order(order_id)
    with transaction() as db_session:
        row = floor.live("A01")
        assert row is not None
        lost = db_session.merge(row)
        lost.state, lost.released_at = ReservationState.RELEASED, utcnow()
    with pytest.raises(PlaceTaken, match="not held any more"):
        floor.pay(order_id)
    assert db.session.get_one(Order, order_id).state is OrderState.PLACED


def test_the_name_for_the_sign_is_needed(floor: Floor) -> None:
    order_id = floor.hold("A01")
    with pytest.raises(Invalid, match="name for your table sign"):
        floor.place_order(order_id, sign="  ")


def test_every_step_of_a_reservation_is_written_down(floor: Floor) -> None:
    floor.buy("A01")
    row = floor.live("A01")
    assert row is not None
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject == "Reservation", AuditEntry.subject_id == row.id)
        .order_by(AuditEntry.id)
    ).all()
    assert [(entry.verb, entry.target) for entry in entries] == [
        ("table.reserved", "held"),
        ("table.confirmed", "confirmed"),
    ]


def test_a_limit_per_vendor_counts_orders_and_the_cart(floor: Floor) -> None:
    with transaction() as db_session:
        db_session.get_one(TableType, floor.type_id).limit_per_vendor = 2
    floor.buy("A01", who="vic")
    with pytest.raises(TooManyTables, match="You have 1 already"):
        floor.hold("A02", "A03", who="vic")
    floor.hold("A02", who="vic")
    floor.hold("B01", "B02", who="ann")


def test_the_shows_own_limit_binds_across_types(floor: Floor, world: Any) -> None:
    with transaction() as db_session:
        db_session.add(VendorTerms(event_id=world.event_id, max_tables=2))
    with pytest.raises(TooManyTables, match="2 tables at this show"):
        floor.hold("A01", "A02", "A03")


def test_the_first_table_costs_its_own_price_also_when_priced_again(floor: Floor) -> None:
    with transaction() as db_session:
        db_session.get_one(TableType, floor.type_id).first_price_minor = 6000
    order_id = floor.hold("A01", "A02")
    assert db.session.get_one(Order, order_id).total_minor == 10500
    assert floor.place_order(order_id).total_minor == 10500


@pytest.mark.parametrize(("product", "period"), [(10**9, None), (None, 10**9), (None, "x"), (None, None)])
def test_unknown_places_and_periods_are_not_found(floor: Floor, product: Any, period: Any) -> None:
    from swapmeet.orders.sellables import Buyer, Wish
    from swapmeet.orders.services.carts import add_to_cart

    with pytest.raises(PlaceNotFound), transaction() as db_session:
        cart = floor.cart(db_session)
        wish = Wish("table", product or floor.ids["A01"], 1, {"sale_period_id": period})
        add_to_cart(
            db_session,
            event=floor.world.show(),
            cart=cart,
            wishes=[wish],
            buyer=Buyer(None, "", cart),
            by=Actor.guest(),
            now=utcnow(),
        )


def test_tables_are_sold_within_their_window(floor: Floor, world: Any, clock: Any) -> None:
    with transaction():
        event = world.show()
        event.tables_open_at = utcnow() + timedelta(days=1)
        event.tables_close_at = utcnow() + timedelta(days=2)
    with pytest.raises(TablesNotOnSale, match="go on sale on November 26, 2026 at 07:00"):
        floor.hold("A01")
    clock.advance(days=1)
    floor.hold("A01")
    clock.advance(days=1)
    with pytest.raises(TablesNotOnSale, match="has ended"):
        floor.hold("A02")


def test_a_place_that_is_not_for_sale_is_refused(floor: Floor) -> None:
    with transaction():
        floor.place("A01").is_sellable = False
    with pytest.raises(TablesNotOnSale, match="A01 is not for sale"):
        floor.hold("A01")


def test_a_cart_of_another_show_cannot_take_this_shows_table(floor: Floor, world: Any) -> None:
    from tests import factories

    with transaction() as db_session:
        other = factories.event(db_session, organizer=world.organizer, name="Other Fair")
        other_id = other.id
    from swapmeet.events.models import Event
    from swapmeet.orders.sellables import Buyer
    from swapmeet.vendor_tables.sellable import TableSellable

    with pytest.raises(DomainError):
        TableSellable().quote(
            db.session(),
            event=db.session.get_one(Event, other_id),
            wishes=[floor.wish("A01")],
            buyer=Buyer(None),
            now=utcnow(),
        )


def test_a_hold_that_ran_out_keeps_sign_and_wares_also_when_the_first_table_is_gone(
    client: Any, floor: Floor, world: Any, clock: Any
) -> None:
    with transaction() as db_session:
        db_session.scalars(select(TableType)).one().badges_included = 2
    period = db.session.scalars(select(SalePeriod.id)).first()
    wanted = {f"table-{floor.ids[label]}": str(period) for label in ("A01", "A02")}
    post(client, f"/shows/{world.slug}/cart/lines", {**wanted, "key": "k" * 32})
    cart_page = client.get(f"/shows/{world.slug}/cart").get_data(as_text=True)
    assert 'name="quantity"' not in cart_page, "a table is there once"
    url = f"/shows/{world.slug}/checkout"
    typed = fields_of(client.get(url).get_data(as_text=True), url)
    own = {"vendor": "Tiny Works", "sells": "lamps", "helper-1": "Bob Helper", "helper-2": "Eve Helper"}
    typed |= {name: own[name.split("-", 2)[2]] for name in typed if name.startswith("line-")}
    typed |= {"buyer_name": "Vic Vendor", "buyer_email": "vic@example.org", "method": "check"}
    clock.advance(minutes=15)
    answer = post(client, url, typed)
    assert answer.status_code == 409
    floor.hold("A01")
    answer = post(client, url, fields_of(answer.get_data(as_text=True), url))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "Table A01: " in page and "was just taken" in page
    filled = fields_of(page, url)
    assert {name.split("-", 2)[2]: value for name, value in filled.items() if name.startswith("line-")} == {
        "vendor": "Tiny Works",
        "sells": "lamps",
        "helper-2": "Eve Helper",
    }
    assert post(client, url, filled).status_code == 303
