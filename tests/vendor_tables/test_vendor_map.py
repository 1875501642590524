"""Where vendors stand, for everybody: the list, the map with names, the search; zones and circuits to look for; Excel files."""

import io
import re
from typing import Any
from zipfile import ZipFile

from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.models import Vendor
from swapmeet.vendor_tables.plan_rows import ensure_plan
from swapmeet.vendor_tables.services import layouts
from swapmeet.vendor_tables.services.profiles import index
from tests.vendor_tables.floor import Floor, rows_of_places


def vendors(world: Any, query: str = "") -> str:
    answer = world.client().get(f"/shows/{world.slug}/vendors{query}")
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def in_scales(*scales: str) -> None:
    """The newest vendor works in these scales."""
    with transaction() as db_session:
        vendor = db_session.query(Vendor).order_by(Vendor.id.desc()).first()
        assert vendor is not None
        vendor.scales = list(scales)
        index(vendor)


def state_on_map(floor: Floor, html: str, label: str) -> str:
    found = re.search(rf'class="place is-(\w+)" id="place-{floor.ids[label]}"', html)
    assert found is not None
    return found[1]


def test_the_map_names_confirmed_vendors_and_leads_to_them(floor: Floor, world: Any) -> None:
    floor.buy("A01", sign="Tiny Works")
    floor.place_order(floor.hold("A02"), sign="Late Payer")
    html = vendors(world)
    assert ">at A01</a>" in html and "Late Payer" not in html
    assert [state_on_map(floor, html, label) for label in ("A01", "A02", "A03")] == ["vendor", "unnamed", "unnamed"]
    assert 'aria-label="Table A01, Tiny Works, lamps, a vendor"' in html
    assert re.search(r'href="[^"]*q=Tiny\+Works[^"]*#map-head"', html)


def test_those_who_are_looked_for_stand_out_on_the_map(floor: Floor, world: Any) -> None:
    floor.buy("A01", sign="Tiny Works")
    in_scales("1:12", "1:24")
    floor.buy("A02", sign="Small Rooms")
    in_scales("1:120")
    by_scale = vendors(world, "?scale=1:12")
    assert "<h2>Tiny Works</h2>" in by_scale and "<h2>Small Rooms</h2>" not in by_scale
    assert [state_on_map(floor, by_scale, label) for label in ("A01", "A02")] == ["found", "vendor"]
    assert '<option value="1:120">1:120</option>' in by_scale
    by_name = vendors(world, "?q=small")
    assert [state_on_map(floor, by_name, label) for label in ("A01", "A02")] == ["vendor", "found"]
    assert "No vendor found" in vendors(world, "?scale=1:500")
    assert "Tiny Works" in vendors(world, "?hall=999999999999999999999&period=x&scale=")


def test_the_map_opens_in_the_hall_where_the_vendor_stands(floor: Floor, world: Any) -> None:
    from tests import factories

    with transaction() as db_session:
        hall = factories.hall(db_session, event=world.show(), code="court", name="Court")
        places = rows_of_places(db_session, world.show(), floor.type(), names="C", count=2, hall=hall)
        floor.ids |= {place.label: place.id for place in places}
    floor.buy("A01", sign="Tiny Works")
    floor.buy("C01", sign="Small Rooms")
    assert "Map of Court" in vendors(world, "?q=small")
    assert "Map of Court" not in vendors(world)


def test_zones_and_circuits_narrow_the_picker_and_the_board(floor: Floor, world: Any) -> None:
    with transaction() as db_session:
        event, hall = world.show(), floor.place("A01").plan.hall
        layouts.note_edit(db_session, event=event, halls=[hall], by=Actor.command("test"), now=utcnow())
        document = layouts.read_drawing(db_session, event=event, hall=hall).document
        feed = {"A01": "c1", "A02": "c2"}
        places = tuple(
            place.model_copy(update={"circuit": feed[place.label], "load_ma": 1000}) if place.label in feed else place
            for place in document.places
        )
        row_b = [place for place in document.places if place.label.startswith("B")]
        west, north = min(place.x_mm for place in row_b), min(place.y_mm for place in row_b)
        east, south = max(place.x_mm + place.w_mm for place in row_b), max(place.y_mm + place.d_mm for place in row_b)
        zone = {
            "uid": "z1",
            "name": "Miniatures",
            "points": ((west, north), (east, north), (east, south), (west, south)),
        }
        circuits = tuple(
            {"uid": uid, "name": name, "capacity_ma": 16000} for uid, name in (("c1", "Left"), ("c2", "Right"))
        )
        plan = ensure_plan(db_session, event, hall, utcnow())
        drawn = document.changed(places=places, zones=(zone,), circuits=circuits)
        layouts.add_version(db_session, plan=plan, document=drawn, now=utcnow())
    client, slug = world.client(), world.slug
    page = client.get(f"/shows/{slug}/tables?part=zone:Miniatures").get_data(as_text=True)
    assert "6 tables" in page and f'name="table-{floor.ids["A01"]}"' not in page and "Miniatures" in page
    page = client.get(f"/shows/{slug}/tables?circuit=Right").get_data(as_text=True)
    assert "1 table<" in page and f'name="table-{floor.ids["A02"]}"' in page
    board = world.client("olga").get(f"/manage/shows/{slug}/tables?area=Left").get_data(as_text=True)
    assert "1 table<" in board and "Circuit Left" in board


def test_tables_and_vendors_come_as_excel_files(floor: Floor, world: Any) -> None:
    floor.buy("A01", sign="=1+1")
    client = world.client("olga")
    for name, words in (("tables", "A06"), ("vendors", "vic@example.org")):
        answer = client.get(f"/manage/shows/{world.slug}/{name}.xlsx")
        assert answer.status_code == 200 and answer.mimetype.endswith("spreadsheetml.sheet")
        with ZipFile(io.BytesIO(answer.get_data())) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            assert words in sheet and "=1+1" in sheet and "<f>" not in sheet
        assert client.get(f"/manage/shows/{world.slug}/{name}.xls").status_code == 404
        assert world.client().get(f"/manage/shows/{world.slug}/{name}.xlsx").status_code in (303, 404)
