"""Plans in and out as CSV, SVG and DXF: what goes out comes in again, and what is malformed says which line and why."""

from typing import Any

import pytest

from swapmeet.vendor_tables.layout.changes import compare
from swapmeet.vendor_tables.layout.document import Plan, PlanFault
from swapmeet.vendor_tables.layout.drawing_dxf import read_dxf, scan_dxf, write_dxf
from swapmeet.vendor_tables.layout.drawing_svg import read_svg, write_svg
from swapmeet.vendor_tables.layout.tables_csv import plain_list, read_csv, write_csv
from swapmeet.vendor_tables.layout.taking import take_places
from tests.vendor_tables.layout.plans import clean, namer, uid_of, with_place

HEAD = "label,x,y,w,d\n"


def odd() -> Plan:
    """The clean plan with a table turned by an odd angle, one upside down, and a number that a spreadsheet would compute."""
    plan = with_place(clean(), "B04", x_mm=15_000, y_mm=16_000, rot_ddeg=333)
    return with_place(with_place(plan, "B03", rot_ddeg=1800), "B02", label="=1+1")


def back(plan: Plan, rows: Any) -> Plan:
    return take_places(plan, rows, default_type="std6", replaces=True, new_uid=namer("new"))


def test_csv_svg_and_dxf_bring_back_every_table() -> None:
    plan = odd()
    for rows in (
        read_csv(write_csv(plan).encode()),
        read_svg(write_svg(plan).encode()),
        read_dxf(write_dxf(plan), layer="TABLES")["places"],
    ):
        changes = compare(plan, back(plan, rows))
        shifts = [max(abs(a.x_mm - b.x_mm), abs(a.y_mm - b.y_mm)) for a, b in changes.moved]
        assert not changes.added and not changes.removed and not changes.resized and not changes.retyped
        assert max(shifts, default=0) <= 1 and len(shifts) <= 1  # the turned one, by rounding
        assert all("=1+1" in (before.label, after.label) for before, after in changes.relabeled)


def test_a_file_without_uids_finds_tables_by_their_number() -> None:
    plan = clean()
    rows = read_csv(b"label;x;y;w;d;rot\r\nb01;9000;16000;1829;762;90\r\nX9;12000;16000;1829;762;0\r\n")
    grown = take_places(plan, rows, default_type="std6", replaces=False, new_uid=namer("new"))
    places = {place.uid: place for place in grown.places}
    moved = places[uid_of(plan, "B01")]
    assert (moved.x_mm, moved.rot_ddeg, moved.block, moved.label) == (9000, 900, "", "b01")
    assert places["new1"].label == "X9" and places["new1"].type == "std6" and len(places) == 15
    alone = take_places(plan, rows, default_type="std6", replaces=True, new_uid=namer("new"))
    assert len(alone.places) == 2 and alone.blocks == ()


def test_the_same_table_twice_is_told() -> None:
    rows = read_csv((HEAD + "A01,0,0,9,9\nA01,5,5,9,9\n").encode())
    with pytest.raises(PlanFault, match="table 2: A01 is there twice"):
        back(clean(), rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: the first line must name the columns"),
        ("label,x,y\nA,1,2\n", "missing: w, d"),
        (HEAD + "A1,1,2,3,4\nA2,NaN,2,3,4\n", "line 3: x must be a number of millimeters, not “NaN”"),
        (HEAD + "A1,1,2,inf,4\n", "line 2: w must be a number"),
        (HEAD + "A1,1,2,-3,4\n", "line 2: w: input should be greater than or equal to 1"),
        (HEAD + "A1,1e15,2,3,4\n", "line 2: x must be a number"),
        (HEAD + ",1,2,3,4\n", "line 2: label"),
        (HEAD + "A1,1,2\n", "line 2: w must be a number of millimeters, not “”"),
        (HEAD + 'A1,1,2,3,"4\n', "line 2: unexpected end of data"),
        (HEAD + "A1,1,2,3,4\x00\n", "line 2: there is a NUL"),
        (HEAD + "A,1,2,3,4\n" * 3001, "line 3002: a plan has 3,000 tables at most"),
        (HEAD + f"{'A' * 30},1,2,3,4\n", "line 2: label"),
    ],
)
def test_a_malformed_csv_says_which_line_and_why(text: str, words: str) -> None:
    with pytest.raises(PlanFault) as caught:
        read_csv(text.encode())
    assert words in str(caught.value)


def test_a_csv_in_another_encoding_says_so() -> None:
    with pytest.raises(PlanFault, match="not UTF-8"):
        read_csv(b"label,x,y,w,d\nCaf\xe9,1,2,3,4\n")


SVG = '<svg xmlns="http://www.w3.org/2000/svg">\n{}\n</svg>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: this is no SVG drawing"),
        ("<html/>", "line 1: this is no SVG drawing"),
        ('<!DOCTYPE s [<!ENTITY a "b">]><svg>&a;</svg>', "line 1: document types and entities are not read"),
        ('<!DOCTYPE s [\n<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">\n]>\n<svg>&b;</svg>', "document types and entities"),
        ('<!DOCTYPE s SYSTEM "file:///etc/passwd"><svg/>', "document types and entities"),
        (SVG.format("<rect/>" * 100_000), "line 2: there are more than 5,000 shapes"),
        (SVG.format("<g>" * 200 + "</g>" * 200), "line 2: groups are nested too deeply"),
        (SVG.format('<rect id="a" x="NaN" width="5" height="5"/>'), "line 2: x must be a number, not “NaN”"),
        (SVG.format('<rect id="a" width="-5" height="5"/>'), "line 2: w: input should be greater than or equal to 1"),
        (SVG.format('<rect id="a" width="50%" height="5"/>'), "line 2: width must be a number"),
        (SVG.format('<rect id="a" width="1e300" height="5"/>'), "line 2: a number is far too large"),
        (SVG.format('<rect id="a" width="5" height="5" transform="skewX(9)"/>'), "line 2: the transform “skewX”"),
        (SVG.format('<rect id="a" width="5" height="5" transform="matrix(1 0 1 1 0 0)"/>'), "line 2: this rectangle is slanted"),
        (SVG.format('<rect id="a" width="5" height="5">'), "line 3: this is no SVG drawing: mismatched tag"),
        (SVG.format('<rect width="5" height="5"/>'), "no rectangle has a data-unit or an id"),
    ],
)  # fmt: skip
def test_a_malformed_svg_says_which_line_and_why(text: str, words: str) -> None:
    with pytest.raises(PlanFault) as caught:
        read_svg(text.encode(), mm_per_unit=10)
    assert words in str(caught.value)


def test_rectangles_of_another_program_are_scaled_moved_and_turned() -> None:
    rect = '<rect id="T1" x="0" y="-40" width="91.4" height="38.1"/>'
    inside = f'<g transform="translate(100 50) scale(2)"><g transform="rotate(90)">{rect}</g></g>'
    row = read_svg(SVG.format(inside).encode(), mm_per_unit=10)[0]
    assert (row["label"], row["w_mm"], row["d_mm"], row["rot_ddeg"]) == ("T1", 1828, 762, 900)
    assert row["x_mm"] + row["w_mm"] / 2 == pytest.approx(1000 + 20 * 20.95, abs=1)
    assert row["y_mm"] + row["d_mm"] / 2 == pytest.approx(500 + 20 * 45.7, abs=1)
    with pytest.raises(PlanFault, match="how many millimeters"):
        read_svg(SVG.format(inside).encode())


DXF = "0\nSECTION\n2\nENTITIES\n{}0\nENDSEC\n0\nEOF\n"
LINE = "0\nLWPOLYLINE\n8\nTABLES\n90\n4\n70\n1\n10\n0\n20\n0\n10\n1829\n20\n0\n10\n1829\n20\n762\n10\n0\n20\n{}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: the drawing breaks off"),
        ("hello\nworld\n", "line 1: a group code is expected, not “hello”"),
        (DXF.format(LINE.format("nan")), "line 28: a number is expected, not “nan”"),
        (DXF.format(LINE.format("762"))[:-4], "the drawing breaks off"),
        (DXF.format("0\nPOINT\n" * 100_001), "there are more than 100,000 things"),
        ("AutoCAD Binary DXF\r\n\x1a", "binary DXF"),
    ],
)
def test_a_malformed_dxf_says_which_line_and_why(text: str, words: str) -> None:
    with pytest.raises(PlanFault) as caught:
        scan_dxf(text.encode())
    assert words in str(caught.value)


def test_a_dxf_layer_gives_tables_walls_and_words_about_faults() -> None:
    import io

    import ezdxf

    drawing = ezdxf.new(units=6)
    space = drawing.modelspace()
    space.add_lwpolyline([(0, 0), (30, 0), (30, 20), (0, 20)], close=True, dxfattribs={"layer": "HALL"})
    space.add_lwpolyline([(3, 15), (4.83, 15), (4.83, 14.24), (3, 14.24)], close=True, dxfattribs={"layer": "stands"})
    space.add_text("Q7", dxfattribs={"layer": "x", "insert": (3.5, 14.5)})
    space.add_line((0, 10), (5, 10), dxfattribs={"layer": "walls"})

    def written() -> bytes:
        target = io.StringIO()
        drawing.write(target)
        return target.getvalue().encode()

    found = read_dxf(written(), layer="stands", walls_layer="walls")
    place = found["places"][0]
    assert {key: place[key] for key in ("label", "x_mm", "y_mm", "w_mm", "d_mm", "rot_ddeg")} == {
        "label": "Q7", "x_mm": 3000, "y_mm": 5000, "w_mm": 1830, "d_mm": 760, "rot_ddeg": 0,
    }  # fmt: skip
    assert found["walls"] == [[[0, 10_000], [5000, 10_000]]] and "stands" in found["layers"]
    with pytest.raises(PlanFault, match="no polylines on the layer nothing; the layers are HALL"):
        read_dxf(written(), layer="nothing")
    space.add_lwpolyline([(9, 9), (12, 9), (12, 11), (9.9, 10)], close=True, dxfattribs={"layer": "stands"})
    with pytest.raises(PlanFault, match=r"entity \w+: its corners are no right angles"):
        read_dxf(written(), layer="stands")


def test_the_plain_list_names_every_table_in_order() -> None:
    lines = plain_list(clean()).splitlines()
    assert len(lines) == 15 and lines[1].startswith("A01") and "183 x 76 cm" in lines[1]
