"""PURE. DXF drawings: tables and walls from layers of polylines, and a plan written for the decorator's program.

The library is imported when called: only the limited child process (vendor_tables/limited.py) loads it.
"""

import io
import math
from collections.abc import Iterator, Sequence
from typing import Any

from swapmeet.vendor_tables.layout.document import MOST_PLACES, Plan, PlanFault
from swapmeet.vendor_tables.layout.shapes import Vec, contains, corners_of
from swapmeet.vendor_tables.layout.tables_csv import fault_of

MOST_BYTES = 10 * 1024 * 1024
MOST_ENTITIES = 100_000
MM_PER_UNIT = {1: 25.4, 2: 304.8, 4: 1.0, 5: 10.0, 6: 1000.0}
APP = "SWAPMEET"
TABLES, WALLS, HALL, LABELS, DOORS, AISLES = "TABLES", "WALLS", "HALL", "LABELS", "DOORS", "AISLES"


def scan_dxf(content: bytes) -> None:
    """Looks at every pair of lines before the library does. Raises PlanFault with the line and the reason."""
    if len(content) > MOST_BYTES:
        raise PlanFault([("", "the file is larger than 10 MB")])
    if content.startswith(b"AutoCAD Binary DXF"):
        raise PlanFault([("", "this is a binary DXF; save it as ASCII DXF")])
    lines = content.decode("utf-8", "replace").splitlines()
    entities = 0
    for number in range(0, len(lines) - 1, 2):
        code, value = lines[number].strip(), lines[number + 1].strip()
        if not code.lstrip("-").isdecimal() or not code.isascii() or len(code) > 5:
            raise PlanFault([(f"line {number + 1}", f"a group code is expected, not “{code[:30]}”")])
        if 10 <= int(code) <= 59 and not _is_number(value):
            raise PlanFault([(f"line {number + 2}", f"a number is expected, not “{value[:30]}”")])
        entities += code == "0"
        if entities > MOST_ENTITIES:
            words = f"there are more than {MOST_ENTITIES:,} things in this drawing; send only the layer with tables"
            raise PlanFault([(f"line {number + 1}", words)])
    if not lines or lines[-1].strip() != "EOF":
        raise PlanFault([(f"line {max(1, len(lines))}", "the drawing breaks off: there is no EOF at its end")])


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def read_dxf(content: bytes, *, layer: str, walls_layer: str = "") -> dict[str, Any]:
    """{"places": […], "walls": [[[x, y], …], …], "layers": […]} in millimeters, y down, from the upper left of all that is read.

    A closed polyline with four right angles on `layer` is a table; the text inside is its number. Raises PlanFault.
    """
    scan_dxf(content)
    from ezdxf import DXFError, recover  # type: ignore[attr-defined]

    try:
        document, _ = recover.read(io.BytesIO(content))
    except (DXFError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise PlanFault([("", f"this is no DXF drawing that can be read ({type(error).__name__})")]) from error
    unit = MM_PER_UNIT.get(int(document.header.get("$INSUNITS", 4)), 1.0)
    space = document.modelspace()
    shapes = [(e, _points(e, unit)) for e in space.query("LWPOLYLINE POLYLINE") if e.dxf.layer == layer]
    walls = [
        _points(e, unit) for e in space.query("LWPOLYLINE POLYLINE LINE") if walls_layer and e.dxf.layer == walls_layer
    ]
    layers = sorted({e.dxf.layer for e in space})
    if not shapes:
        raise PlanFault([("", f"there are no polylines on the layer {layer}; the layers are {', '.join(layers[:20])}")])
    if len(shapes) > MOST_PLACES:
        raise PlanFault([(f"entity {shapes[MOST_PLACES][0].dxf.handle}", f"a plan has {MOST_PLACES:,} tables at most")])
    hall = [_points(e, unit) for e in space.query("LWPOLYLINE") if e.dxf.layer == HALL]
    ground = hall or [points for _, points in shapes] + walls
    west = min(x for points in ground for x, _ in points)
    north = max(y for points in ground for _, y in points)
    texts = [(e, _at(e, unit)) for e in space.query("TEXT MTEXT")]
    places = list(_tables(shapes, texts, west, north))
    lines = [[[round(x - west), round(north - y)] for x, y in points] for points in walls if len(points) > 1]
    return {"places": places, "walls": lines[:1000], "layers": layers}


def _points(entity: Any, unit: float) -> list[Vec]:
    kind = entity.dxftype()
    if kind == "LINE":
        ends: Sequence[Any] = (entity.dxf.start, entity.dxf.end)
        return [(end[0] * unit, end[1] * unit) for end in ends]
    if kind == "LWPOLYLINE":
        return [(x * unit, y * unit) for x, y in entity.get_points("xy")]
    return [(vertex.dxf.location[0] * unit, vertex.dxf.location[1] * unit) for vertex in entity.vertices]


def _at(entity: Any, unit: float) -> Vec:
    insert = entity.dxf.insert
    if entity.dxftype() == "TEXT" and (entity.dxf.halign or entity.dxf.valign) and entity.dxf.hasattr("align_point"):
        insert = entity.dxf.align_point
    return insert[0] * unit, insert[1] * unit


def _words(entity: Any) -> str:
    text = entity.plain_text() if entity.dxftype() == "MTEXT" else entity.dxf.text
    return " ".join(str(text).split())[:20]


def _tables(shapes: Any, texts: Any, west: float, north: float) -> Iterator[dict[str, Any]]:
    faults: list[tuple[str, str]] = []
    by_cell: dict[tuple[int, int], list[tuple[Any, Vec]]] = {}
    for entity, (x, y) in texts:
        by_cell.setdefault((int(x // 5000), int(y // 5000)), []).append((entity, (x, y)))
    for number, (entity, points) in enumerate(shapes, 1):
        values, problem = _table(entity, points, by_cell, west, north, number)
        problem = problem or fault_of(values)
        if problem:
            faults.append((f"entity {entity.dxf.handle}", problem))
        else:
            yield values
    if faults:
        raise PlanFault(faults)


def _table(
    entity: Any, points: list[Vec], texts: Any, west: float, north: float, number: int
) -> tuple[dict[str, Any], str]:
    """The values of one table, or what is wrong with its polyline."""
    is_closed = bool(entity.closed if entity.dxftype() == "LWPOLYLINE" else entity.is_closed)
    if len(points) == 5 and math.dist(points[0], points[4]) < 1:
        points, is_closed = points[:4], True
    if len(points) != 4 or not is_closed:
        return {}, f"a table is a closed polyline of four corners, not of {len(points)}"
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
    w, d = math.dist(points[0], points[1]), math.dist(points[1], points[2])
    slant = abs((bx - ax) * (cx - bx) + (by - ay) * (cy - by))
    if w == 0 or d == 0 or slant > 0.01 * w * d or math.dist((ax + cx, ay + cy), (bx + dx, by + dy)) > 0.02 * (w + d):
        return {}, "its corners are no right angles"
    mx, my = (ax + cx) / 2, (ay + cy) / 2
    turn = round(-math.degrees(math.atan2(by - ay, bx - ax)) * 10) % 3600
    names = _names(entity)
    if not names and turn % 1800 == 0:
        turn = 0
    label = next((_words(each) for each, point in _near(texts, points) if contains(points, point) and _words(each)), "")
    where = {"x_mm": round(mx - west - w / 2), "y_mm": round(north - my - d / 2)}
    return {"label": label or f"T{number}", **where, "w_mm": round(w), "d_mm": round(d), "rot_ddeg": turn, **names}, ""


def _near(texts: Any, points: list[Vec]) -> Iterator[tuple[Any, Vec]]:
    xs, ys = zip(*points, strict=True)
    for cx in range(int(min(xs) // 5000), int(max(xs) // 5000) + 1):
        for cy in range(int(min(ys) // 5000), int(max(ys) // 5000) + 1):
            yield from texts.get((cx, cy), ())


def _names(entity: Any) -> dict[str, str]:
    """What our own drawings say of a table beside its shape."""
    if not entity.has_xdata(APP):
        return {}
    texts = [str(tag.value) for tag in entity.get_xdata(APP) if tag.code == 1000]
    return {key: value for key, value in zip(("uid", "type", "facing", "row"), texts, strict=False) if value}


def write_dxf(plan: Plan) -> bytes:
    """The plan in millimeters, y up, one layer a sort of thing."""
    import ezdxf
    from ezdxf.enums import TextEntityAlignment

    document = ezdxf.new("R2010", units=4)  # type: ignore[attr-defined]
    document.appids.add(APP)
    for name, color in ((HALL, 7), (WALLS, 8), (TABLES, 5), (LABELS, 3), (DOORS, 1), (AISLES, 9)):
        document.layers.add(name, color=color)
    space = document.modelspace()
    ys = [y for _, y in plan.outline]
    foot = max(ys)

    def up(points: Any) -> list[Vec]:
        return [(x, foot - y) for x, y in points]

    space.add_lwpolyline(up(plan.outline), close=True, dxfattribs={"layer": HALL})
    for wall in plan.walls:
        space.add_lwpolyline(up(wall.points), dxfattribs={"layer": WALLS})
    for aisle in plan.aisles:
        space.add_lwpolyline(up(aisle.points), dxfattribs={"layer": AISLES})
    for door in plan.doors:
        ends = up([(door.x1_mm, door.y1_mm), (door.x2_mm, door.y2_mm)])
        space.add_lwpolyline(ends, dxfattribs={"layer": DOORS})
    for place in plan.places:
        shape = space.add_lwpolyline(up(corners_of(place)), close=True, dxfattribs={"layer": TABLES})
        shape.set_xdata(APP, [(1000, text) for text in (place.uid, place.type, place.facing, place.row)])
        middle = (place.x_mm + place.w_mm / 2, foot - place.y_mm - place.d_mm / 2)
        label = space.add_text(place.label, height=200, dxfattribs={"layer": LABELS})
        label.set_placement(middle, align=TextEntityAlignment.MIDDLE_CENTER)
    target = io.StringIO()
    document.write(target)
    return target.getvalue().encode("utf-8")
