"""The picker: every table in words in a list, the same on the plan, all of it without script."""

import re
from typing import Any

import pytest
from sqlalchemy import event as sqlalchemy_event

from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.vendor_tables.models import TablePlace
from tests.vendor_tables.floor import Floor, rows_of_places, table_type


def page(world: Any, query: str = "", who: str | None = None) -> str:
    answer = world.client(who).get(f"/shows/{world.slug}/tables{query}")
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_free_tables_are_checkboxes_with_their_features_and_price(floor: Floor, world: Any) -> None:
    html = page(world)
    assert f'name="table-{floor.ids["A01"]}" value="{floor.period_id}"' in html
    assert "6 ft, corner, wall" in html and "$45.00" in html
    assert "Row A" in html and "Row B" in html and "12 tables" in html


def test_the_plan_leads_to_the_same_choice_without_script(floor: Floor, world: Any) -> None:
    html = page(world)
    link = re.search(r'href="([^"]+)" aria-label="Table A02, [^"]*, free"', html)
    assert link is not None
    again = page(world, link[1].replace("&amp;", "&").partition("tables")[2].partition("#")[0])
    box = re.search(rf'<input[^>]+name="table-{floor.ids["A02"]}"[^>]*>', again)
    assert box is not None and "checked" in box[0]


def test_taken_and_held_tables_say_so_in_words(floor: Floor, world: Any) -> None:
    floor.hold("A01")
    floor.buy("A02")
    html = page(world, "?show=all")
    assert re.search(r'aria-label="Table A01, [^"]*on hold"', html)
    assert re.search(r'aria-label="Table A02, [^"]*taken"', html)
    assert f'name="table-{floor.ids["A01"]}"' not in html
    assert ">On hold<" in html and ">Taken<" in html


def test_a_letter_says_how_a_table_stands_where_colors_do_not(floor: Floor, world: Any) -> None:
    floor.hold("A01")
    floor.buy("A02", who="vic")
    html = page(world, who="vic")
    letters = re.findall(r">(A0[1-3])(?:<tspan[^>]*>([HTY])</tspan>)?</text>", html)
    assert letters == [("A01", "H"), ("A02", "Y"), ("A03", "")]


def test_prices_can_be_asked_for_where_they_differ(floor: Floor, world: Any) -> None:
    assert "or less" not in page(world)
    with transaction() as db_session:
        dear = table_type(db_session, world.show(), code="dear", name="Corner booth", price_minor=9000)
        db_session.get_one(TablePlace, floor.ids["B06"]).type_id = dear.id
    html = page(world, "?most=4500")
    assert '<option value="4500" selected>$45.00 or less</option>' in html
    assert "B06" not in re.findall(r'data-label="([^"]+)"', html)


def test_ones_own_tables_are_marked(floor: Floor, world: Any) -> None:
    floor.buy("A02", who="vic")
    assert re.search(r'aria-label="Table A02, [^"]*yours"', page(world, who="vic"))
    assert re.search(r'aria-label="Table A02, [^"]*taken"', page(world, who="ann"))


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("?corner=1", ["A01", "A06", "B01", "B06"]),
        ("?next_to=a02", ["A01", "A03"]),
        ("?next_to=a+2", ["A01", "A03"]),
        ("?next_to=zz9", []),
        ("?type=999", []),
        ("?power=1", []),
        ("?part=row:B&corner=1", ["B01", "B06"]),
        ("?part=wall&next_to=A02", ["A01", "A03"]),
        ("?part=nowhere", []),
        ("?most=4499", []),
        ("?most=4500&next_to=a02", ["A01", "A03"]),
    ],
)
def test_the_list_is_filtered(floor: Floor, world: Any, query: str, labels: list[str]) -> None:
    assert re.findall(r'data-label="([^"]+)"', page(world, query)) == labels


def test_a_chosen_table_outside_of_the_filter_stays_chosen(floor: Floor, world: Any) -> None:
    html = page(world, f"?corner=1&pick={floor.ids['A02']}")
    assert re.search(rf'form="choose" id="choose-{floor.ids["A02"]}"[^>]*checked', html)


def test_a_chosen_table_that_is_gone_is_named(floor: Floor, world: Any) -> None:
    floor.hold("A02")
    assert "A02 was taken meanwhile" in page(world, f"?pick={floor.ids['A02']}")


@pytest.mark.parametrize(
    "query", ["?pick=0", "?pick=x&pick=99999999999999999999", "?hall=1e9", "?period=-1", "?next_to=%00%F0%9F%9A%82"]
)
def test_senseless_addresses_show_the_plain_page(floor: Floor, world: Any, query: str) -> None:
    assert "Choose your tables" in page(world, query)


def test_a_show_without_tables_says_so(world: Any) -> None:
    assert "No tables yet" in page(world)


def test_a_draft_is_not_shown(floor: Floor, world: Any) -> None:
    from swapmeet.events.models import EventState

    with transaction():
        world.show().state = EventState.DRAFT
    assert world.client().get(f"/shows/{world.slug}/tables").status_code == 404
    assert world.client().get(f"/shows/{world.slug}/tables/live.json").status_code == 404


def test_before_the_sale_nothing_can_be_ticked(floor: Floor, world: Any, clock: Any) -> None:
    from datetime import timedelta

    with transaction():
        world.show().tables_open_at = clock.now() + timedelta(days=2)
    html = page(world)
    assert "Not on sale yet" in html and 'type="checkbox" id="choose-' not in html
    clock.advance(days=400)
    assert "The sale of tables has ended" in page(world)


def test_tables_of_each_half_day_are_chosen_apart(floor: Floor, world: Any) -> None:
    from swapmeet.events.models import SalePeriod

    with transaction() as db_session:
        event = world.show()
        for position, code in enumerate(("AM", "PM"), 1):
            db_session.add(SalePeriod(event_id=event.id, code=code, label=code, position=position))
        flea = table_type(db_session, event, code="flea", name="Flea table", sold_by_period=True, price_minor=1200)
        places = rows_of_places(db_session, event, flea, names="F", count=3)
        floor.ids |= {place.label: place.id for place in places}
    morning, afternoon = floor.period("AM").id, floor.period("PM").id
    floor.hold("F01", period_id=morning)
    assert re.findall(r'data-label="([^"]+)"', page(world, f"?period={morning}")) == ["F02", "F03"]
    assert re.findall(r'data-label="([^"]+)"', page(world, f"?period={afternoon}")) == ["F01", "F02", "F03"]
    assert "F01" not in re.findall(r'data-label="([^"]+)"', page(world))
    floor.hold("F01", period_id=afternoon)


def test_the_page_needs_few_queries(floor: Floor, world: Any) -> None:
    client = world.client("vic")
    client.get(f"/shows/{world.slug}/tables")
    statements: list[str] = []
    sqlalchemy_event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    client.get(f"/shows/{world.slug}/tables")
    assert len([text for text in statements if text.lstrip().startswith("SELECT")]) <= 11
