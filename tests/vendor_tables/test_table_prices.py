"""Prices of tables by day and place, for further ones and for members: on pages, in carts, offers, files and clones."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders.errors import PriceChanged
from swapmeet.orders.models import Order, OrderLine
from swapmeet.vendor_tables.applications.models import Application, VendorStanding
from swapmeet.vendor_tables.applications.services import offers
from swapmeet.vendor_tables.importing import apply_tables, clone_tables
from swapmeet.vendor_tables.models import PlaceArea, TablePlace, TableType
from swapmeet.vendor_tables.plan_rows import ensure_plan
from swapmeet.vendor_tables.price_models import PriceKind, TablePrice
from swapmeet.vendor_tables.prices import load_tags
from swapmeet.vendor_tables.services import layouts
from swapmeet.vendor_tables.services.profiles import vendor_for
from swapmeet.vendor_tables.showfile import read_tables
from tests import factories
from tests.support.forms import post as send
from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.test_edit_plan import TYPE, url
from tests.vendor_tables.test_import_tables import changed


def today(world: Any) -> Any:
    return to_local(utcnow(), world.show().time_zone).date()


def rule(floor: Floor, kind: PriceKind = PriceKind.LISTED, **values: Any) -> None:
    part = {"part": ""} if kind is PriceKind.LISTED else {}
    with transaction() as db_session:
        db_session.add(TablePrice(event_id=floor.world.event_id, type_id=floor.type_id, kind=kind, **part | values))


def costs(cart_id: int) -> list[int]:
    end_reading()
    lines = select(OrderLine.unit_minor).where(OrderLine.order_id == cart_id).order_by(OrderLine.id)
    return list(db.session.scalars(lines))


def make_member(floor: Floor) -> None:
    with transaction() as db_session:
        vendor = vendor_for(db_session, person_id=floor.world.ids["vic"], name="Vic", sells="", email="", now=utcnow())
        db_session.flush()
        organizer_id = floor.world.show().organizer_id
        db_session.add(VendorStanding(organizer_id=organizer_id, vendor_id=vendor.id, points=0, is_member=True))


def test_the_early_price_holds_through_its_last_day_and_is_asked_anew_with_the_order(
    floor: Floor, world: Any, clock: Any
) -> None:
    rule(floor, price_minor=3000, until_on=today(world))
    kept, late = floor.hold("A02"), floor.hold("A03")
    assert costs(kept) == costs(late) == [3000]
    assert floor.place_order(kept).total_minor == 3000
    clock.advance(minutes=14)
    with transaction() as db_session:
        order = db_session.get_one(Order, late)
        order.expires_at = utcnow() + timedelta(days=2)
    clock.advance(days=1)
    with pytest.raises(PriceChanged):
        floor.place_order(late)
    assert costs(kept) == [3000]


def test_further_tables_cost_less_and_count_over_orders(floor: Floor) -> None:
    rule(floor, PriceKind.FURTHER, from_count=2, percent_off=10)
    rule(floor, PriceKind.FURTHER, from_count=3, price_minor=2000)
    assert costs(floor.hold("A01", "A02", "A03", who="vic")) == [4500, 4050, 2000]
    assert costs(floor.hold("B01", who="vic")) == [2000]
    assert costs(floor.hold("B02")) == [4500]


def test_members_pay_the_members_price_and_nobody_else_does(floor: Floor) -> None:
    rule(floor, PriceKind.MEMBER, price_minor=4000)
    assert costs(floor.hold("A01", who="vic")) == [4500]
    make_member(floor)
    assert costs(floor.hold("A02", who="vic")) == [4000]
    assert costs(floor.hold("A03", who="otto")) == [4500]


def test_a_place_costs_what_its_part_of_the_floor_costs(floor: Floor, world: Any) -> None:
    rule(floor, part="at:corner", price_minor=6000)
    rule(floor, part="row:B", price_minor=5000)
    assert costs(floor.hold("A01", "A02", "B01", "B02")) == [6000, 4500, 5000, 5000]
    html = world.client().get(f"/shows/{world.slug}/tables").get_data(as_text=True)
    assert "$60.00" in html and "$50.00" in html and "or less" in html


def test_zones_of_the_plan_reach_the_places_when_it_is_published(floor: Floor, world: Any) -> None:
    with transaction() as db_session:
        event = world.show()
        hall = floor.place("A01").plan.hall
        layouts.note_edit(db_session, event=event, halls=[hall], by=Actor.person(world.ids["olga"]), now=utcnow())
        drawing = layouts.read_drawing(db_session, event=event, hall=hall)
        a2 = next(place for place in drawing.document.places if place.label == "A02")
        x, y = a2.x_mm, a2.y_mm
        square = ((x, y), (x + a2.w_mm, y), (x + a2.w_mm, y + a2.d_mm), (x, y + a2.d_mm))
        zone = {"uid": "z1", "kind": "area", "name": "Miniatures", "points": square}
        layouts.add_version(
            db_session,
            plan=ensure_plan(db_session, event, hall, utcnow()),
            document=drawing.document.changed(zones=(zone,)),
            now=utcnow(),
        )
    rule(floor, part="zone:Miniatures", price_minor=7000)
    assert costs(floor.hold("A01", "A02")) == [4500, 7000]
    assert db.session.scalars(select(PlaceArea.place_id)).all() == [floor.ids["A02"]]
    page = world.client("olga").get(url(world, f"/types/{floor.type_id}")).get_data(as_text=True)
    assert '<option selected value="zone:Miniatures">Miniatures</option>' in page


def test_the_picker_says_the_price_of_this_vendor_and_until_when(floor: Floor, world: Any) -> None:
    rule(floor, price_minor=3000, until_on=today(world) + timedelta(days=10))
    rule(floor, PriceKind.FURTHER, from_count=2, percent_off=50)
    html = world.client().get(f"/shows/{world.slug}/tables").get_data(as_text=True)
    box = re.search(rf'<input[^>]+name="table-{floor.ids["A02"]}"[^>]*>', html)
    assert box is not None and 'data-prices="3000 1500"' in box[0]
    assert re.search(r"6 ft table at \$30\.00: until [^<]+, then \$45\.00\.", html)
    assert "the 2nd you choose is $15.00, and so is each after it." in html
    floor.buy("A01", who="vic")
    html = world.client("vic").get(f"/shows/{world.slug}/tables").get_data(as_text=True)
    assert "$15.00" in html and "$30.00" not in html
    assert re.search(r"at \$15\.00: until [^<]+, then \$22\.50\.", html)


def test_the_price_list_says_a_price_once_and_what_was_sent_keeps_all_of_it(applying: Applying, world: Any) -> None:
    rule(applying.floor, price_minor=5000)
    rule(applying.floor, price_minor=6500, part="row:B")
    page = applying.page()
    assert page.count("$50.00") == 1 and "row B: $65.00" in page
    applying.write("vic")
    assert "everywhere: $50.00" in applying.page() and "row B: $65.00" in applying.page()


def test_an_offer_keeps_the_price_it_was_made_at(applying: Applying, world: Any, clock: Any) -> None:
    floor = applying.floor
    rule(floor, price_minor=3000, until_on=today(world))
    application_id = applying.write("vic")
    with transaction() as db_session:
        offers.make_offer(
            db_session,
            event=world.show(),
            application=db_session.get_one(Application, application_id),
            places=[db_session.get_one(TablePlace, floor.ids["A03"])],
            expires_at=utcnow() + timedelta(days=5),
            by=Actor.command("test"),
            now=utcnow(),
        )
    clock.advance(days=2)
    html = world.client("vic").get(f"/shows/{world.slug}/application").get_data(as_text=True)
    assert "$30.00" in html
    assert load_tags(db.session(), event=world.show(), now=utcnow()).tag(floor.place("A04")).minor == 4500


def test_the_organizer_writes_the_whole_price_list_on_one_page(floor: Floor, world: Any) -> None:
    client, place = world.client("olga"), url(world, f"/types/{floor.type_id}")
    until = (today(world) + timedelta(days=30)).isoformat()
    rows = {
        "list_0_price": "60", "list_0_part": "row:B", "list_1_price": "40", "list_1_until": until,
        "more_0_from": "3", "more_0_percent": "10", "member_price": "35",
    }  # fmt: skip
    answer = send(client, place, data={**TYPE, **rows})
    assert answer.status_code == 303, re.findall(r"error.{0,200}", answer.get_data(as_text=True))
    end_reading()
    found = db.session.scalars(select(TablePrice).order_by(TablePrice.id)).all()
    assert [(each.kind.value, each.part, each.from_count, each.price_minor, each.percent_off) for each in found] == [
        ("listed", "row:B", None, 6000, None),
        ("listed", "", None, 4000, None),
        ("further", None, 3, None, 10),
        ("member", None, None, 3500, None),
    ]
    page = client.get(url(world, "/types")).get_data(as_text=True)
    assert "row B: $60.00" in page and "from the 3rd table on: 10 % less" in page
    assert send(client, place, data={**TYPE, **rows}).status_code == 303
    end_reading()
    saved = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "table_type.prices")).all()
    assert len(saved) == 1 and saved[0].facts["after"][3] == {"kind": "member", "price_minor": 3500}
    assert send(client, place, data={**TYPE, **dict.fromkeys(rows, "")}).status_code == 303
    end_reading()
    assert db.session.scalars(select(TablePrice)).all() == []


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"list_0_part": "row:B"}, "Write the price, or empty the whole row"),
        ({"list_0_price": "40"}, "Say until when or where"),
        ({"list_0_price": "a lot", "list_0_part": "row:B"}, "amount"),
        ({"list_0_price": "40", "list_0_until": "soon"}, "date"),
        ({"list_0_price": "40", "list_0_part": "row:B", "list_1_price": "41", "list_1_part": "row:B"}, "already"),
        ({"list_0_price": "40", "list_0_part": "row:Z"}, "Not a valid choice"),
        ({"more_0_percent": "10"}, "from which table on"),
        ({"more_0_from": "2"}, "Write a price or a percentage"),
        ({"more_0_from": "1", "more_0_price": "3"}, "2"),
        ({"more_0_from": "2", "more_0_price": "3", "more_0_percent": "3"}, "not both"),
        ({"more_0_from": "2", "more_0_price": "3", "more_1_from": "2", "more_1_price": "4"}, "already"),
        ({"member_price": "3", "member_percent": "3"}, "not both"),
        ({"member_percent": "101"}, "100"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_saved(floor: Floor, world: Any, rows: dict[str, str], words: str) -> None:
    answer = send(world.client("olga"), url(world, f"/types/{floor.type_id}"), data={**TYPE, **rows})
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    typed = [value for name, value in rows.items() if not name.endswith("part")]
    assert all(f'value="{value}"' in answer.get_data(as_text=True) for value in typed)
    end_reading()
    assert db.session.scalars(select(TablePrice)).all() == []


PRICES = {
    "price_list": [{"until_days_before": 30, "price": 5000}, {"row": "A", "price": 6500}],
    "further_tables": [{"from": 2, "percent_off": 10}],
    "members": {"price": 4000},
}


def test_a_show_file_brings_its_price_list_and_a_clone_keeps_it(world: Any) -> None:
    show = changed(**{f"table_types__0__{key}": value for key, value in PRICES.items()})
    with transaction() as db_session:
        apply_tables(db_session, world.show(), show, utcnow())
        target = factories.event(db_session, organizer=world.show().organizer, slug="next")
        db_session.flush()
        clone_tables(db_session, world.show(), target, 364, utcnow())
        target_id = target.id
    for event_id, days in ((world.event_id, 30), (target_id, 30 - 364)):
        kinds = dict(
            db.session.execute(select(TableType.id, TableType.code).where(TableType.event_id == event_id)).all()
        )
        wanted = select(TablePrice).where(TablePrice.event_id == event_id).order_by(TablePrice.id)
        found = [
            (
                kinds[row.type_id],
                row.kind.value,
                row.part,
                row.until_on,
                row.from_count,
                row.price_minor,
                row.percent_off,
            )
            for row in db.session.scalars(wanted)
        ]
        until = world.show().first_day - timedelta(days=days)
        assert found == [
            ("sale6", "listed", "", until, None, 5000, None),
            ("sale6", "listed", "row:A", None, None, 6500, None),
            ("sale6", "further", None, None, 2, None, 10),
            ("sale6", "member", None, None, None, 4000, None),
        ]


@pytest.mark.parametrize(
    ("key", "value", "where", "words"),
    [
        ("price_list", {"price": 1}, "", "price_list must be a list"),
        ("price_list", [{"until_days_before": 3}], ".price_list[0]", "price must be a whole number"),
        ("price_list", [{"price": 3, "row": "A", "hall": "main"}], ".price_list[0]", "says more than one of"),
        ("price_list", [{"price": 3, "at": "door"}], ".price_list[0]", "at must be one of"),
        ("price_list", [{"price": 3, "row": "A"}, {"price": 4, "row": "A"}], "", "two prices for the same place"),
        ("further_tables", [{"from": 1, "price": 3}], ".further_tables[0]", "from must be a whole number from 2"),
        ("further_tables", [{"from": 2}], ".further_tables[0]", "either price or percent_off"),
        ("members", {"percent_off": 0}, ".members", "percent_off must be a whole number from 1"),
        ("members", 7, ".members", "either price or percent_off"),
    ],
)
def test_faulty_prices_of_a_file_are_told_with_their_row(key: str, value: Any, where: str, words: str) -> None:
    found = read_tables(changed(**{f"table_types__0__{key}": value})).problems
    assert any(place == f"table_types[0]{where}" and words in sentence for place, sentence in found), found


@pytest.mark.parametrize(
    "values",
    [
        {"kind": PriceKind.LISTED, "percent_off": 10},
        {"kind": PriceKind.LISTED, "price_minor": -1},
        {"kind": PriceKind.FURTHER, "price_minor": 10},
        {"kind": PriceKind.FURTHER, "price_minor": 10, "percent_off": 10, "from_count": 2},
        {"kind": PriceKind.FURTHER, "price_minor": 10, "from_count": 1},
        {"kind": PriceKind.MEMBER, "percent_off": 101},
        {"kind": PriceKind.MEMBER, "price_minor": 10, "part": "row:A"},
    ],
)
def test_the_database_refuses_rules_that_say_nothing_or_too_much(floor: Floor, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        rule(floor, **values)
