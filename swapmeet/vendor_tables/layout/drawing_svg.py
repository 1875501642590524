"""PURE. A plan as an SVG drawing at true scale, and tables out of the rectangles of an SVG."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from math import atan2, cos, degrees, hypot, isfinite, radians, sin
from typing import Any
from xml.parsers import expat

from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.layout.document import MOST_BYTES, MOST_PLACES, Plan, PlanFault
from swapmeet.vendor_tables.layout.tables_csv import fault_of, shown_turn

SCALE = 100
MOST_SHAPES = 5000
MOST_DEPTH = 100
Matrix = tuple[float, float, float, float, float, float]
UNTURNED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def write_svg(plan: Plan, *, scale: int = SCALE) -> str:
    """The drawing: one user unit is one millimeter of the hall, and printed it is `scale` times smaller."""
    xs, ys = zip(*plan.outline, strict=True)
    left, top, width, depth = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    size = f'width="{width / scale:g}mm" height="{depth / scale:g}mm" viewBox="{left} {top} {width} {depth}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} data-swapmeet-unit="mm">'
    return "\n".join([head, f"<title>{escape(plan.name)}</title>", *_ground(plan), *_tables(plan), "</svg>", ""])


def _path(points: Any) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _turn(box: Any) -> str:
    if not box.rot_ddeg:
        return ""
    middle = f"{box.x_mm + box.w_mm / 2:g} {box.y_mm + box.d_mm / 2:g}"
    return f' transform="rotate({shown_turn(box.rot_ddeg)} {middle})"'


def _box(box: Any) -> str:
    return f'x="{box.x_mm}" y="{box.y_mm}" width="{box.w_mm}" height="{box.d_mm}"{_turn(box)}'


def _words(text: str, x: float, y: float, size: float) -> str:
    where = f'x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="middle" dominant-baseline="central"'
    return f'<text {where} font-family="sans-serif">{escape(text)}</text>'


def _ground(plan: Plan) -> Iterator[str]:
    yield f'<path d="{_path(plan.outline)}Z" fill="none" stroke="#000" stroke-width="60"/>'
    for zone in plan.zones:
        fill = "#fde3e1" if zone.kind == "no_go" else "#e8eefd"
        yield f'<path d="{_path(zone.points)}Z" fill="{fill}" stroke="#667" stroke-width="20" stroke-dasharray="200 120"/>'
    for wall in plan.walls:
        yield f'<path d="{_path(wall.points)}" fill="none" stroke="#000" stroke-width="{max(20, wall.thickness_mm)}"/>'
    for solid in plan.solids:
        yield f'<rect {_box(solid)} fill="#ccd" stroke="#445" stroke-width="20" data-solid="{solid.kind}"/>'
        if solid.text:
            yield _words(solid.text, solid.x_mm + solid.w_mm / 2, solid.y_mm + solid.d_mm / 2, 300)
    for door in plan.doors:
        ends = f"M{door.x1_mm} {door.y1_mm}L{door.x2_mm} {door.y2_mm}"
        yield f'<path d="{ends}" stroke="#fff" stroke-width="120"/>'
    for text in plan.texts:
        yield _words(text.text, text.x_mm, text.y_mm, 400)


def _tables(plan: Plan) -> Iterator[str]:
    for place in sorted(plan.places, key=lambda each: natural(each.label)):
        names = f'id="t-{place.uid}" data-unit="{escape(place.label)}" data-uid="{place.uid}"'
        names += f' data-type="{escape(place.type)}" data-row="{escape(place.row)}" data-facing="{place.facing}"'
        yield f'<rect {names} {_box(place)} fill="#fff" stroke="#000" stroke-width="15"/>'
        size = min(300.0, 0.8 * min(place.w_mm, place.d_mm), 1.5 * place.w_mm / max(2, len(place.label)))
        yield _words(place.label, place.x_mm + place.w_mm / 2, place.y_mm + place.d_mm / 2, size)


def read_svg(content: bytes, *, mm_per_unit: float | None = None) -> list[dict[str, Any]]:
    """Values of places: every rectangle with `data-unit`, or with an id where none has `data-unit`.

    `mm_per_unit` says how many millimeters of the hall a unit of the drawing is; our own drawings say so themselves. Raises
    PlanFault with lines and reasons: also for entities, document types, more than 5,000 shapes, and numbers that are none.
    """
    if len(content) > MOST_BYTES:
        raise PlanFault([("", "the file is larger than 4 MB")])
    reader = _Reader(mm_per_unit)
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise PlanFault(
            [(f"line {error.lineno}", f"this is no SVG drawing: {expat.errors.messages[error.code]}")]
        ) from error
    return reader.places()


class _Reader:
    """Collects rectangles while the drawing is read; a document type or an entity ends the reading at once."""

    def __init__(self, mm_per_unit: float | None) -> None:
        self.scale = mm_per_unit
        self.shapes = 0
        self.stack: list[Matrix] = [UNTURNED]
        self.found: list[tuple[int, dict[str, str], Matrix]] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse

    def _fault(self, words: str) -> PlanFault:
        return PlanFault([(f"line {self.parser.CurrentLineNumber}", words)])

    def _refuse(self, *_ignored: Any) -> None:
        raise self._fault("document types and entities are not read; save it as plain SVG")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if len(self.stack) == 1 and name != "svg":
            raise self._fault("this is no SVG drawing")
        if len(self.stack) > MOST_DEPTH:
            raise self._fault("groups are nested too deeply")
        if name == "svg" and attributes.get("data-swapmeet-unit") == "mm":
            self.scale = 1.0
        matrix = times(self.stack[-1], self._transform(attributes.get("transform", "")))
        self.stack.append(matrix)
        if name not in ("g", "svg", "defs", "title", "desc", "style", "metadata"):
            self.shapes += 1
            if self.shapes > MOST_SHAPES:
                raise self._fault(f"there are more than {MOST_SHAPES:,} shapes; send only the tables")
        if name == "rect":
            self.found.append((self.parser.CurrentLineNumber, attributes, matrix))

    def _end(self, _tag: str) -> None:
        self.stack.pop()

    def _transform(self, text: str) -> Matrix:
        found = UNTURNED
        for name, inside in re.findall(r"([a-zA-Z]+)\s*\(([^)]{0,200})\)", text[:1000]):
            numbers = [number(part) for part in re.split(r"[\s,]+", inside.strip()) if part]
            step = matrix_of(name, [each for each in numbers if each is not None])
            if step is None or None in numbers:
                raise self._fault(f"the transform “{name}” is not understood")
            found = times(found, step)
        return found

    def places(self) -> list[dict[str, Any]]:
        named = [row for row in self.found if "data-unit" in row[1]] or [row for row in self.found if row[1].get("id")]
        if not named:
            raise PlanFault([("", "no rectangle has a data-unit or an id, so there are no tables in it")])
        if self.scale is None or not (isfinite(self.scale) and self.scale > 0):
            raise PlanFault([("", "say how many millimeters a unit of this drawing is")])
        if len(named) > MOST_PLACES:
            raise PlanFault([(f"line {named[MOST_PLACES][0]}", f"a plan has {MOST_PLACES:,} tables at most")])
        faults: list[tuple[str, str]] = []
        found = []
        for line, attributes, matrix in named:
            values, problem = self._place(attributes, matrix, self.scale)
            faults += [(f"line {line}", problem)] if problem else []
            found.append(values)
        if faults:
            raise PlanFault(faults)
        return found

    def _place(self, attributes: Mapping[str, str], matrix: Matrix, scale: float) -> tuple[dict[str, Any], str]:
        box: list[float] = []
        for name in ("x", "y", "width", "height"):
            value = number(attributes.get(name, "0" if name in "xy" else ""))
            if value is None:
                return {}, f"{name} must be a number, not “{attributes.get(name, '')[:30]}”"
            box.append(value)
        a, b, c, d, _, _ = matrix
        wide, deep = hypot(a, b), hypot(c, d)
        if wide == 0 or deep == 0 or abs(a * c + b * d) > 1e-6 * wide * deep:
            return {}, "this rectangle is slanted; a table has right angles"
        cx, cy = apply(matrix, box[0] + box[2] / 2, box[1] + box[3] / 2)
        w, h = box[2] * wide * scale, box[3] * deep * scale
        if not all(isfinite(each) and abs(each) < 1e9 for each in (cx * scale, cy * scale, w, h)):
            return {}, "a number is far too large"
        values: dict[str, Any] = {
            "label": attributes.get("data-unit") or attributes.get("id", ""),
            "x_mm": round(cx * scale - w / 2),
            "y_mm": round(cy * scale - h / 2),
            "w_mm": round(w),
            "d_mm": round(h),
            "rot_ddeg": round(degrees(atan2(b, a)) * 10) % 3600,
            "facing": attributes.get("data-facing", "S"),
        }
        names = {"type": "data-type", "row": "data-row", "uid": "data-uid"}
        values |= {key: attributes[name] for key, name in names.items() if attributes.get(name)}
        return values, fault_of(values)


def number(text: str) -> float | None:
    """A length without unit or in px; None for NaN, percent and everything else."""
    match = re.fullmatch(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)(?:px)?\s*", text[:60])
    value = float(match[1]) if match else float("nan")
    return value if isfinite(value) else None


def matrix_of(name: str, v: list[float]) -> Matrix | None:
    """One step of a transform; None for what is not understood."""
    if name == "translate" and len(v) in (1, 2):
        return (1, 0, 0, 1, v[0], v[1] if len(v) == 2 else 0)
    if name == "scale" and len(v) in (1, 2):
        return (v[0], 0, 0, v[-1], 0, 0)
    if name == "rotate" and len(v) in (1, 3):
        s, c = sin(radians(v[0])), cos(radians(v[0]))
        turn: Matrix = (c, s, -s, c, 0, 0)
        return turn if len(v) == 1 else times(times((1, 0, 0, 1, v[1], v[2]), turn), (1, 0, 0, 1, -v[1], -v[2]))
    if name == "matrix" and len(v) == 6:
        return (v[0], v[1], v[2], v[3], v[4], v[5])
    return None


def times(m: Matrix, n: Matrix) -> Matrix:
    """First n, then m."""
    (a, b, c, d, e, f), (g, h, i, j, k, l) = m, n  # noqa: E741
    return a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f


def apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]
