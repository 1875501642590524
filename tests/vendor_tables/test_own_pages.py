"""A vendor's own pages, the public list of vendors, and what is told and forgotten about a person."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Buyer
from swapmeet.vendor_tables.models import Reservation, TableType, Vendor
from swapmeet.vendor_tables.personal import TablesData
from swapmeet.vendor_tables.sellable import TableSellable
from tests.support.forms import post
from tests.vendor_tables.floor import Floor

PROFILE = {
    "name": "Tiny Works",
    "sells": "lighting",
    "scales_text": "1:12, 1:24",
    "website": "https://example.org/tiny",
    "is_listed": "y",
}


def test_a_profile_is_written_and_changed(world: Any) -> None:
    client = world.client("vic")
    assert post(client, "/me/vendor", PROFILE).status_code == 303
    page = client.get("/me/vendor").get_data(as_text=True)
    assert 'value="Tiny Works"' in page and 'value="1:12, 1:24"' in page
    assert post(client, "/me/vendor", {**PROFILE, "name": "Tinier Works"}).status_code == 303
    vendor = db.session.scalars(select(Vendor)).one()
    assert (vendor.name, vendor.scales, vendor.person_id) == ("Tinier Works", ["1:12", "1:24"], world.ids["vic"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "Write your trading name"),
        ({"website": "javascript:alert(1)"}, "Write the whole address"),
        ({"website": "ftp://example.org"}, "begins with https://"),
        ({"email": "vic@"}, "not a complete e-mail"),
        ({"about": "x" * 400_000}, "At most 3,000 characters"),
        ({"sells": "a\x00b"}, "control characters"),
    ],
)
def test_a_faulty_profile_keeps_what_was_typed(world: Any, change: dict[str, str], words: str) -> None:
    answer = post(world.client("vic"), "/me/vendor", {**PROFILE, **change})
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert 'value="lighting"' in answer.get_data(as_text=True) or "sells" in change


def test_r_t12_fields_that_are_not_asked_change_nothing(world: Any) -> None:
    post(world.client("vic"), "/me/vendor", {**PROFILE, "person_id": str(world.ids["ann"]), "id": "1"})
    assert db.session.scalars(select(Vendor)).one().person_id == world.ids["vic"]


def test_own_tables_are_listed_with_their_standing(floor: Floor, world: Any) -> None:
    floor.buy("A01", who="vic")
    floor.place_order(floor.hold("A02", who="vic"))
    floor.hold("A03", who="vic")
    page = world.client("vic").get("/me/tables").get_data(as_text=True)
    assert "Yours" in page and "Waiting for payment" in page and ">Held<" in page
    assert "You have no tables yet" in world.client("ann").get("/me/tables").get_data(as_text=True)
    assert world.client().get("/me/tables").status_code == 303


def test_confirmed_vendors_are_public_with_their_places(floor: Floor, world: Any) -> None:
    floor.buy("A01", "A02", who="vic", sign="Tiny Works")
    floor.place_order(floor.hold("B01"), sign="Late Payer")
    client = world.client()
    page = client.get(f"/shows/{world.slug}/vendors").get_data(as_text=True)
    assert "Tiny Works" in page and "lamps" in page and "A01" in page and "A02" in page
    assert "Late Payer" not in page and "vic@example.org" not in page
    assert "Tiny Works" in client.get(f"/shows/{world.slug}/vendors?q=LAMP").get_data(as_text=True)
    assert "No vendor found" in client.get(f"/shows/{world.slug}/vendors?q=trains").get_data(as_text=True)
    assert client.get(f"/shows/{world.slug}/vendors?q=%25%00_&page=9e9").status_code == 200


def test_a_vendor_who_does_not_want_to_be_listed_is_not(floor: Floor, world: Any) -> None:
    floor.buy("A01", who="vic", sign="Tiny Works")
    post(world.client("vic"), "/me/vendor", {key: value for key, value in PROFILE.items() if key != "is_listed"})
    page = world.client().get(f"/shows/{world.slug}/vendors").get_data(as_text=True)
    assert "Tiny Works" not in page and "No vendors yet" in page


def test_names_typed_at_checkout_do_not_break_the_page(floor: Floor, world: Any) -> None:
    floor.buy("A01", sign='<script>alert("x")</script>')
    page = world.client().get(f"/shows/{world.slug}/vendors").get_data(as_text=True)
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_what_is_known_about_a_person_is_exported_and_erased(floor: Floor, world: Any) -> None:
    floor.buy("A01", who="vic", sign="Tiny Works")
    floor.place_order(floor.hold("A02", who="vic"), sign="Tiny Works")
    end_reading()
    told = TablesData().export(db.session(), person_id=world.ids["vic"])
    assert told["profile"]["name"] == "Tiny Works"
    assert {(row["table"], row["state"]) for row in told["tables"]} == {("A01", "confirmed"), ("A02", "held")}
    with transaction() as db_session:
        TablesData().erase(db_session, person_id=world.ids["vic"], now=utcnow())
    everything = repr(
        [
            [row.holder for row in db.session.scalars(select(Reservation))],
            [(row.name, row.search_text) for row in db.session.scalars(select(Vendor))],
            [line.facts for line in db.session.scalars(select(OrderLine))],
        ]
    )
    assert "Tiny" not in everything and "lamps" not in everything
    assert floor.states() == {"A01": "taken", "A02": "taken"}


def test_helpers_can_be_named_at_checkout_and_afterwards(floor: Floor, world: Any) -> None:
    from swapmeet.badges.models import Attendee

    order_id = floor.buy("A01", "A02", who="vic")
    sellable = TableSellable()
    with transaction() as db_session:
        lines = list_live_lines(db_session, db_session.get_one(Order, order_id))
        asked = sellable.fields(db_session, lines=lines, buyer=Buyer(world.ids["vic"]))
        assert [field.label for field in asked[lines[1].id]] == ["Name of a helper"]
        assert len(asked[lines[0].id]) == 2, "the first badge is the buyer's own"
        answers = {asked[lines[1].id][0].name: "Bob Helper"}
        sellable.take_answers(db_session, line=lines[1], answers=answers, now=utcnow())
    names = [attendee.name for attendee in db.session.scalars(select(Attendee).order_by(Attendee.id))]
    assert names == ["Vic Vendor", "Bob Helper"]


@pytest.mark.parametrize(
    ("tables", "badges", "labels"),
    [
        (["A01"], 1, ["Name on your table sign"]),
        (["A01"], 3, ["Name on your table sign", "Name of helper 1 of 2", "Name of helper 2 of 2"]),
        (["A01", "A02"], 1, ["Name on the signs of all your tables", "Name of a helper"]),
    ],
)
def test_the_checkout_asks_for_one_and_for_many_in_the_right_words(
    floor: Floor, world: Any, tables: list[str], badges: int, labels: list[str]
) -> None:
    with transaction() as db_session:
        db_session.scalars(select(TableType)).one().badges_included = badges
    order_id = floor.hold(*tables)
    lines = list_live_lines(db.session(), db.session.get_one(Order, order_id))
    asked = TableSellable().fields(db.session(), lines=lines, buyer=Buyer(None))
    shown = [field.label for line in lines for field in asked.get(line.id, [])]
    assert [label for label in shown if label != "What do you sell?"] == labels


def test_the_order_page_leads_to_the_tables_on_the_plan(floor: Floor, world: Any) -> None:
    order = db.session.get_one(Order, floor.buy("A01", "A02", who="vic"))
    page = world.client().get(f"/orders/{order.code}/{order.link_key}").get_data(as_text=True)
    assert "A01, Main hall" in page and f"#place-{floor.ids['A02']}" in page
    assert "Vendor, table A01" in page, "and shows the badges that come with them"


def test_panels_of_the_show_and_of_the_overview(floor: Floor, world: Any) -> None:
    floor.buy("A01", "A02")
    floor.hold("A03")
    page = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "9 of 12 tables left" in page and "Reserve a table" in page
    page = world.client("olga").get(f"/manage/shows/{world.slug}").get_data(as_text=True)
    assert "2 / 12" in page and "Tables by state" in page


def test_nothing_is_left_to_reserve_once_the_show_is_over(floor: Floor, world: Any, clock: Any) -> None:
    clock.advance(days=400)
    page = world.client().get(f"/shows/{world.slug}").get_data(as_text=True)
    assert "This show is over" in page and "tables left" not in page and "Reserve a table" not in page
