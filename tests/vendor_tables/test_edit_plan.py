"""Kinds of tables, rows and single places, edited in forms that refuse what cannot stand."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.orders.models import Order
from swapmeet.vendor_tables.models import FloorPlan, PlanShape, TablePlace, TableType, VendorTerms
from tests.support.forms import post as send
from tests.vendor_tables.floor import Floor


def url(world: Any, rest: str = "") -> str:
    return f"/manage/shows/{world.slug}/tables{rest}"


def hall_id(world: Any) -> int:
    from swapmeet.events.models import Hall

    return int(db.session.scalars(select(Hall.id).where(Hall.event_id == world.event_id)).one())


TYPE = {
    "name": "8 ft table",
    "length": "8",
    "depth": "2.5",
    "price_minor": "60",
    "power": "ask",
    "badges_included": "2",
}


def test_a_kind_of_table_is_added_and_changed(world: Any) -> None:
    client = world.client("olga")
    assert send(client, url(world, "/types/new"), data=TYPE).status_code == 303
    end_reading()
    kind = db.session.scalars(select(TableType)).one()
    assert (kind.code, kind.length_mm, kind.depth_mm, kind.price_minor) == ("8fttable", 2438, 762, 6000)
    assert kind.power_on_request and not kind.has_power
    page = client.get(url(world, f"/types/{kind.id}")).get_data(as_text=True)
    assert 'value="8"' in page and 'value="2.5"' in page and 'value="60.00"' in page
    assert send(client, url(world, f"/types/{kind.id}"), data={**TYPE, "price_minor": "75.50"}).status_code == 303
    end_reading()
    assert db.session.get_one(TableType, kind.id).price_minor == 7550
    end_reading()
    saving = select(AuditEntry).where(AuditEntry.verb == "table_type.saved").order_by(AuditEntry.id)
    saved = db.session.scalars(saving).all()
    assert [entry.facts["price_before"] for entry in saved] == [None, 6000]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": ""}, "Write a name"),
        ({"length": "long"}, "Write a length in feet such as 6 or 15.5"),
        ({"length": "1e9"}, "Write a length in feet"),
        ({"length": "99999999999"}, "Write a length from 0 to 3280.84"),
        ({"length": ""}, "Write the length"),
        ({"price_minor": "-5"}, "Write an amount from 0"),
        ({"price_minor": "1e9"}, "Write an amount"),
        ({"badges_included": "-1"}, "Write a whole number from 0"),
        ({"limit_per_vendor": "0"}, "Write a whole number from 1"),
        ({"power": "maybe"}, "Not a valid choice"),
        ({"name": "\U0001f682 \u202eabc\x00"}, "control characters"),
    ],
)
def test_a_faulty_kind_is_told_at_its_field(world: Any, change: dict[str, str], words: str) -> None:
    answer = send(world.client("olga"), url(world, "/types/new"), data={**TYPE, **change})
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert db.session.scalars(select(TableType)).all() == []


def test_a_new_price_leaves_placed_orders_alone(floor: Floor, world: Any) -> None:
    order_id = floor.hold("A01")
    floor.place_order(order_id)
    values = {**TYPE, "name": "6 ft table", "length": "6", "price_minor": "99"}
    assert send(world.client("olga"), url(world, f"/types/{floor.type_id}"), data=values).status_code == 303
    end_reading()
    assert db.session.get_one(Order, order_id).total_minor == 4500
    assert db.session.get_one(Order, floor.hold("A02")).total_minor == 9900


def test_a_kind_in_use_is_not_removed(floor: Floor, world: Any) -> None:
    client = world.client("olga")
    send(client, url(world, f"/types/{floor.type_id}/removal"))
    assert "is still used" in client.get(url(world, "/types")).get_data(as_text=True)
    assert db.session.get(TableType, floor.type_id) is not None


def test_the_terms_are_saved(world: Any) -> None:
    client = world.client("olga")
    assert send(client, url(world, "/types"), data={"max_tables": "4", "text": "No live animals."}).status_code == 303
    assert db.session.get_one(VendorTerms, world.event_id).max_tables == 4
    assert send(client, url(world, "/types"), data={"max_tables": "0"}).status_code == 422


def row(world: Any, floor: Floor, **changes: Any) -> dict[str, Any]:
    values = {"name": "C", "count": "9", "first_number": "1", "x": "6", "y": "30.5", "runs": "E", "facing": "N"}
    return {**values, "hall_id": hall_id(world), "type_id": floor.type_id, **changes}


def test_a_row_of_tables_is_generated(floor: Floor, world: Any) -> None:
    assert send(world.client("olga"), url(world, "/rows"), data=row(world, floor)).status_code == 303
    end_reading()
    places = db.session.scalars(select(TablePlace).where(TablePlace.row == "C").order_by(TablePlace.sequence)).all()
    assert [place.label for place in places][::8] == ["C01", "C09"]
    assert (places[0].x_mm, places[0].y_mm, places[0].facing.value) == (1829, 9296, "N")
    assert places[1].x_mm == places[0].x_mm + places[0].w_mm
    assert places[0].tags == ["end", "corner"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "A"}, "There is a table A01 already"),
        ({"count": "40"}, "outside of Main hall"),
        ({"count": "0"}, "Write a whole number from 1"),
        ({"count": "1000000000"}, "Write a whole number from 1"),
        ({"y": "5"}, "would stand on each other"),
        ({"x": "nan"}, "Write a length in feet"),
        ({"hall_id": "999999"}, "Not a valid choice"),
        ({"type_id": "x"}, "Invalid Choice"),
    ],
)
def test_a_row_that_cannot_stand_is_refused_whole(floor: Floor, world: Any, change: dict[str, str], words: str) -> None:
    answer = send(world.client("olga"), url(world, "/rows"), data=row(world, floor, **change))
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert len(db.session.scalars(select(TablePlace.id)).all()) == 12


def place(world: Any, floor: Floor, **changes: Any) -> dict[str, Any]:
    values = {"label": "X1", "row": "", "x": "60", "y": "40", "w": "6", "d": "2.5", "facing": "S", "is_sellable": "y"}
    return {**values, "hall_id": hall_id(world), "type_id": floor.type_id, **changes}


def test_a_place_is_added_edited_and_keeps_its_uid(floor: Floor, world: Any) -> None:
    client = world.client("olga")
    assert send(client, url(world, "/places/new"), data=place(world, floor, has_power="y")).status_code == 303
    end_reading()
    new = db.session.scalars(select(TablePlace).where(TablePlace.label == "X1")).one()
    uid, place_id = new.uid, new.id
    assert "power" in new.tags
    form = client.get(url(world, f"/places/{place_id}/edit")).get_data(as_text=True)
    assert 'value="60"' in form and 'value="X1"' in form
    assert send(client, url(world, f"/places/{place_id}/edit"), data=place(world, floor, label="X9")).status_code == 303
    end_reading()
    again = db.session.get_one(TablePlace, place_id)
    assert (again.label, again.uid) == ("X9", uid) and "power" not in again.tags


def test_a_new_label_keeps_the_holder(floor: Floor, world: Any) -> None:
    floor.buy("A01")
    values = place(world, floor, label="Stage", x="3", y="4", w="6", d="2.5", row="A")
    assert send(world.client("olga"), url(world, f"/places/{floor.ids['A01']}/edit"), data=values).status_code == 303
    assert floor.live("A01") is not None


def test_a_held_place_cannot_shrink_or_vanish(floor: Floor, world: Any) -> None:
    """V-I6: a place with a live claim is not deleted nor made smaller than what was sold."""
    floor.hold("A01")
    client, place_id = world.client("olga"), floor.ids["A01"]
    answer = send(
        client, url(world, f"/places/{place_id}/edit"), data=place(world, floor, label="A01", x="3", y="4", w="3")
    )
    assert answer.status_code == 422 and "cannot become smaller" in answer.get_data(as_text=True)
    send(client, url(world, f"/places/{place_id}/removal"))
    assert "Somebody holds table A01" in client.get(url(world, f"/places/{place_id}")).get_data(as_text=True)
    assert db.session.get(TablePlace, place_id) is not None


def test_a_place_without_a_past_is_deleted_and_one_with_a_past_is_hidden(floor: Floor, world: Any, clock: Any) -> None:
    client = world.client("olga")
    send(client, url(world, f"/places/{floor.ids['A06']}/removal"))
    floor.hold("A01")
    clock.advance(minutes=16)
    send(client, url(world, f"/places/{floor.ids['A01']}/removal"))
    end_reading()
    assert db.session.get(TablePlace, floor.ids["A06"]) is None
    assert db.session.get_one(TablePlace, floor.ids["A01"]).is_sellable is False
    assert "corner" in db.session.get_one(TablePlace, floor.ids["A05"]).tags, "it is the end of the row now"


def test_the_plan_goes_with_its_last_place(floor: Floor, world: Any) -> None:
    client = world.client("olga")
    for place_id in floor.ids.values():
        send(client, url(world, f"/places/{place_id}/removal"))
    end_reading()
    assert db.session.scalars(select(FloorPlan)).all() == []


def test_things_that_stand_in_the_hall_are_drawn(floor: Floor, world: Any) -> None:
    client = world.client("olga")
    values = {"hall_id": hall_id(world), "kind": "pillar", "x": "40", "y": "40", "w": "2", "d": "2", "words": ""}
    assert send(client, url(world, "/shapes"), data=values).status_code == 303
    words = {**values, "kind": "label", "words": "Café"}
    assert send(client, url(world, "/shapes"), data=words).status_code == 303
    page = world.client().get(f"/shows/{world.slug}/tables").get_data(as_text=True)
    assert "plan-solid" in page and "Café" in page
    end_reading()
    shape = db.session.scalars(select(PlanShape).order_by(PlanShape.id)).first()
    assert shape is not None
    assert send(client, url(world, f"/shapes/{shape.id}/removal")).status_code == 303
    assert send(client, url(world, f"/shapes/{shape.id}/removal")).status_code == 404


def test_without_a_hall_or_a_kind_the_forms_say_what_is_missing(world: Any) -> None:
    page = world.client("olga").get(url(world, "/rows")).get_data(as_text=True)
    assert "A plan needs a hall and a kind of table first" in page
    assert world.client("olga").get(url(world)).status_code == 200


def test_places_of_another_show_are_not_found(floor: Floor, world: Any) -> None:
    from swapmeet.infra.uow import transaction
    from tests import factories

    with transaction() as db_session:
        other = factories.organizer(db_session, "Other Club")
        factories.member(db_session, organizer=other, person=world.person("otto"), roles=["owner"])
        slug = factories.event(db_session, organizer=other, name="Other Fair").slug
    client = world.client("otto")
    for path in (f"/places/{floor.ids['A01']}", f"/places/{floor.ids['A01']}/edit", f"/types/{floor.type_id}"):
        assert client.get(f"/manage/shows/{slug}/tables{path}").status_code == 404
    assert send(client, f"/manage/shows/{slug}/tables/places/{floor.ids['A01']}/removal").status_code == 404
