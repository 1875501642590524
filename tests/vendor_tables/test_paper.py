"""The floor on paper: what is printed, what changed since, and files for a spreadsheet."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.pdf import font_folders, make_pdf
from swapmeet.vendor_tables import paper
from tests.support.forms import post as send
from tests.vendor_tables.floor import Floor

STATIC = Path(__file__).resolve().parents[2] / "static"


def url(world: Any, rest: str = "") -> str:
    return f"/manage/shows/{world.slug}/tables{rest}"


def payload(floor: Floor) -> dict[str, Any]:
    return {"event_id": floor.world.event_id, "period_id": floor.period_id, "slug": floor.world.slug}


def test_paper_names_who_has_a_table_and_leaves_carts_out(floor: Floor, world: Any) -> None:
    floor.buy("A01", "A02", sign="Tiny Works")
    floor.place_order(floor.hold("A03"), sign="Late Payer")
    floor.hold("A04")
    plan = paper.load_plan(db.session(), payload(floor), utcnow())
    assert plan is not None
    (hall,) = plan["halls"]
    named = {place["label"]: (place["name"], place["standing"]) for place in hall["places"] if place["name"]}
    sold = ("Tiny Works", "sold")
    assert named == {"A01": sold, "A02": sold, "A03": ("Late Payer", "waiting")}
    assert plan["names"] == [{"name": "Late Payer", "tables": "A03"}, {"name": "Tiny Works", "tables": "A01, A02"}]
    rows = paper.load_rows(db.session(), payload(floor), utcnow())
    assert rows is not None and [row["name"] for row in rows["rows"]] == ["Row A", "Row B"]
    assert [place["name"] for place in rows["rows"][0]["places"]][:4] == ["Tiny Works", "Tiny Works", "Late Payer", ""]
    signs = paper.load_signs(db.session(), payload(floor), utcnow())
    assert signs is not None and [sign["label"] for sign in signs["signs"]] == ["A01", "A02", "A03"]


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("kind", list(paper.KINDS))
def test_each_paper_becomes_a_pdf_whatever_the_names(floor: Floor, world: Any, kind: str) -> None:
    floor.buy("A01", sign="#set page(width: 1pt) *[$" + "long " * 30)
    document = paper.DOCUMENTS[f"tables.{kind}"]
    data = document.load(db.session(), payload(floor), utcnow())
    assert data is not None
    made = make_pdf(document.template, data, fonts=font_folders(STATIC, Path("/nowhere")))
    assert made.startswith(b"%PDF-") and document.file_name(payload(floor)) == f"{world.slug}-{kind}.pdf"


def test_a_print_leads_to_its_document_and_only_known_papers_are_made(floor: Floor, world: Any) -> None:
    answer = send(world.client("olga"), url(world, "/prints"), {"kind": "plan", "period": floor.period_id})
    assert answer.status_code == 303 and "/documents/" in answer.headers["Location"]
    assert send(world.client("olga"), url(world, "/prints"), {"kind": "money"}).status_code == 404


def test_what_changed_since_the_print_is_told_by_table(floor: Floor, world: Any, clock: Any) -> None:
    client = world.client("olga")
    assert "Nothing was printed yet" in client.get(url(world, "/changes")).get_data(as_text=True)
    floor.buy("A01", sign="Tiny Works")
    cart = floor.hold("B02")
    clock.advance(minutes=1)
    send(client, url(world, "/prints"), {"kind": "rows", "period": floor.period_id})
    assert "the paper is still right" in client.get(url(world, "/changes")).get_data(as_text=True)
    clock.advance(minutes=1)
    floor.place_order(cart, sign="New Vendor")
    row = floor.live("A01")
    assert row is not None
    moved = send(client, url(world, f"/reservations/{row.id}/moves"), {"target": "A05", "reason": "x"})
    assert moved.status_code == 303
    db.session.rollback()
    show, period, now = world.show(), floor.period("whole"), utcnow()
    printed = paper.list_prints(db.session(), event=show)[0]
    assert paper.list_changes(db.session(), event=show, period=period, since=printed.at, now=now) == [
        paper.Change("A01", "Tiny Works", ""),
        paper.Change("A05", "", "Tiny Works"),
        paper.Change("B02", "", "New Vendor"),
    ]
    page = client.get(url(world, "/changes")).get_data(as_text=True)
    assert "Lists by row" in page and "New Vendor" in page


def rows_of(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200 and answer.content_type.startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def test_tables_and_vendors_come_as_files_for_a_spreadsheet(floor: Floor, world: Any) -> None:
    floor.buy("A01", "A02", sign="=Tiny Works")
    floor.place_order(floor.hold("A03"), sign="Late Payer")
    client = world.client("olga")
    tables = rows_of(client.get(url(world) + ".csv"))
    assert [row["Table"] for row in tables][:3] == ["A01", "A02", "A03"] and len(tables) == 12
    assert tables[0]["Vendor"] == "'=Tiny Works" and tables[3]["Stands"] == "Free"
    vendors = rows_of(client.get(f"/manage/shows/{world.slug}/vendors.csv"))
    assert {row["Tables"]: row["Stands"] for row in vendors} == {"A01, A02": "paid", "A03": "waiting for payment"}
    waiting = rows_of(client.get(f"/manage/shows/{world.slug}/vendors.csv?state=waiting"))
    assert [row["Vendor"] for row in waiting] == ["Late Payer"]


def test_the_board_can_show_tables_with_power_only(floor: Floor, world: Any) -> None:
    assert "No table fits" in world.client("olga").get(url(world, "?power=1")).get_data(as_text=True)
