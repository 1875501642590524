"""Files of a floor plan on its page: read in whole or not at all, taken away, printed at true scale."""

import io
import json
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from swapmeet.infra.pdf import font_folders, make_pdf
from swapmeet.vendor_tables import plan_paper
from swapmeet.vendor_tables.layout.document import dump_plan
from swapmeet.vendor_tables.limited import FileRefused, run_limited
from tests.support.forms import post as send
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.layout.plans import clean
from tests.vendor_tables.test_plan_versions import Desk


@pytest.fixture
def desk(floor: Floor) -> Desk:
    return Desk(floor)


def url(desk: Desk, rest: str) -> str:
    return f"/manage/shows/{desk.world.slug}/tables/floor/{desk.hall.id}{rest}"


def read_in(desk: Desk, client: Any, name: str, content: bytes, **more: str) -> Any:
    data = {
        "type": "std6",
        "mode": "add",
        "seen": str(desk.drawing().number),
        "file": (io.BytesIO(content), name),
        **more,
    }
    return send(client, url(desk, "/import"), data=data, content_type="multipart/form-data")


def test_every_format_goes_out_and_comes_back_without_a_change(desk: Desk) -> None:
    client = desk.world.client("olga")
    before = desk.drawing().document
    assert client.get(url(desk, "/import")).status_code == 200
    for ending in ("json", "csv", "svg", "dxf"):
        sent = client.get(url(desk, f"/files/plan.{ending}"))
        assert sent.status_code == 200 and "attachment" in sent.headers["Content-Disposition"]
        assert read_in(desk, client, f"plan.{ending}", sent.data, mode="replace").status_code == 303
        after = desk.drawing().document
        assert after.places == before.places or {p.uid: p for p in after.places} == {p.uid: p for p in before.places}
    assert client.get(url(desk, "/files/plan.txt")).get_data(as_text=True).startswith("Table")
    assert client.get(url(desk, "/files/plan.exe")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"label,x,y,w,d\nA1,NaN,0,1,1\n", "line 2:</b> x must be a number"),
        ("a.svg", b'<!DOCTYPE s [<!ENTITY a "b">]><svg>&a;</svg>', "line 1:</b> document types and entities"),
        ("a.dxf", b"hello\nworld\n", "line 1:</b> a group code is expected"),
        ("a.dxf", b"0\nSECTION\n2\nNOTHING\n0\nEOF\n", "there are no polylines on the layer TABLES"),
        ("a.json", b'{"outline": 5}', "outline:</b>"),
        ("a.json", b"{", "EOF while parsing"),
        ("a.exe", b"MZ", "Its name must end in"),
        ("a.csv", b"", "Choose a file"),
    ],
)
def test_a_faulty_file_is_told_and_changes_nothing(desk: Desk, name: str, content: bytes, words: str) -> None:
    answer = read_in(desk, desk.world.client("olga"), name, content)
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert desk.drawing().number == 0


def test_a_plan_of_another_hall_keeps_its_own_doors_and_blocks(desk: Desk) -> None:
    client = desk.world.client("olga")
    assert read_in(desk, client, "plan.json", dump_plan(clean()).encode()).status_code == 303
    document = desk.drawing().document
    assert [block.uid for block in document.blocks] == ["isle", "row"] and len(document.places) == 14


def test_a_picture_lies_under_the_plan_for_the_team_only(desk: Desk) -> None:
    client = desk.world.client("olga")
    target = io.BytesIO()
    Image.new("RGB", (400, 200), "red").save(target, "PDF")
    data = {"file": (io.BytesIO(target.getvalue()), "hall.pdf")}
    assert send(client, url(desk, "/picture"), data=data, content_type="multipart/form-data").status_code == 303
    background = desk.drawing().document.background
    assert background is not None and (background.w_mm, background.d_mm) == (30_000, 15_000)
    seen = client.get(url(desk, f"/picture/{background.key}"))
    assert seen.status_code == 200 and seen.data[8:12] == b"WEBP"
    assert desk.world.client("otto").get(url(desk, f"/picture/{background.key}")).status_code == 404
    data = {"file": (io.BytesIO(b"%PDF-1.4 broken"), "hall.pdf")}
    answer = send(client, url(desk, "/picture"), data=data, content_type="multipart/form-data")
    assert answer.status_code == 422 and "This PDF cannot be read" in answer.get_data(as_text=True)


def test_the_child_has_its_limits_and_its_words() -> None:
    with pytest.raises(FileRefused, match="not a picture we can use"):
        run_limited("picture", b"GIF89a nothing")
    with pytest.raises(FileRefused, match="takes too long"):
        run_limited("no such task", b"")


def test_the_printed_plan_measures_one_to_a_hundred(desk: Desk) -> None:
    plan = clean()
    data = plan_paper.on_paper(plan, title="Main hall", note="", lang="en")
    app = desk.world.app
    fonts = font_folders(Path(str(app.static_folder)), Path(app.instance_path))
    content = make_pdf("floor.typ", json.loads(json.dumps(data)), fonts=fonts)
    page = pypdfium2.PdfDocument(content)[0]
    width, height = (size / 72 * 25.4 for size in page.get_size())
    assert sorted((round(width), round(height))) == [297, 420]
    boxes = []
    for thing in page.get_objects(max_depth=4):
        left, bottom, right, top = (edge / 72 * 25.4 for edge in thing.get_bounds())
        boxes.append((left, height - top, right - left, top - bottom))
    line = 0.3  # the stroke goes half outside on each side
    for place in plan.places:
        x, y = plan_paper.MARGIN_MM + place.x_mm / 100, plan_paper.HEAD_MM + place.y_mm / 100
        w, d = place.w_mm / 100, place.d_mm / 100
        near = [box for box in boxes if abs(box[0] + line / 2 - x) < 0.05 and abs(box[1] + line / 2 - y) < 0.05]
        found = [(box[2] - line, box[3] - line) for box in near]
        assert any(abs(bw - w) < 0.01 * w and abs(bd - d) < 0.01 * d for bw, bd in found), place.label
    hall = [box for box in boxes if abs(box[2] - 300) < 3 and abs(box[3] - 200) < 2]
    assert hall, "the hall of 30 by 20 m is 300 by 200 mm on paper"


def test_a_pdf_is_asked_for_by_the_team(desk: Desk) -> None:
    answer = send(desk.world.client("olga"), url(desk, "/paper"))
    assert answer.status_code == 303 and "/documents/" in answer.headers["Location"]
    from swapmeet.infra.clock import utcnow
    from swapmeet.infra.db import db

    payload = {"event_id": desk.world.event_id, "hall_id": desk.hall.id}
    data = plan_paper.load_paper(db.session(), payload, utcnow())
    assert data is not None and len(data["tables"]) == 12
    assert plan_paper.load_paper(db.session(), {**payload, "hall_id": 999}, utcnow()) is None


def test_sheets_grow_with_the_hall() -> None:
    assert plan_paper.sheet_for(180, 250) == (210, 297)
    assert plan_paper.sheet_for(250, 150) == (297, 210)
    assert plan_paper.sheet_for(2000, 900) == (2020, 938)
