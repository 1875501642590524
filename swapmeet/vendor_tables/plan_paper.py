"""The floor plan on paper at 1:100: what the template draws, in millimeters of paper."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Hall
from swapmeet.infra.registry import DocumentKind
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.layout.document import Plan
from swapmeet.vendor_tables.services import layouts

KIND = "plan.pdf"
SCALE = 100
MARGIN_MM = 10
HEAD_MM = 20
FOOT_MM = 18
SHEETS = ((210, 297), (297, 420), (420, 594), (594, 841), (841, 1189))  # A4 to A0
BAR_M = 5


def sheet_for(width: float, depth: float) -> tuple[float, float]:
    """The smallest sheet, upright or across, that holds a drawing of this size; one of its own above A0."""
    w, d = width + 2 * MARGIN_MM, depth + HEAD_MM + FOOT_MM
    for short, long in SHEETS:
        for sheet in ((short, long), (long, short)):
            if w <= sheet[0] and d <= sheet[1]:
                return sheet
    return w, d


def on_paper(plan: Plan, *, title: str, note: str, lang: str) -> dict[str, Any]:
    """The data of the template `floor.typ`."""
    xs, ys = zip(*plan.outline, strict=True)
    west, north = min(xs), min(ys)
    page = sheet_for((max(xs) - west) / SCALE, (max(ys) - north) / SCALE)

    def x(mm: float) -> float:
        return float(MARGIN_MM + (mm - west) / SCALE)

    def y(mm: float) -> float:
        return float(HEAD_MM + (mm - north) / SCALE)

    def box(thing: Any, text: str) -> dict[str, Any]:
        w, d = thing.w_mm / SCALE, thing.d_mm / SCALE
        size = min(9.0, d * 2.0, 4.2 * w / max(2, len(text)))
        where = {"x": x(thing.x_mm), "y": y(thing.y_mm), "w": w, "d": d, "turn": thing.rot_ddeg / 10}
        return {**where, "text": text, "size": max(2.0, size)}

    return {
        "title": title,
        "note": note,
        "lang": lang,
        "page_w": page[0],
        "page_h": page[1],
        "lines": [
            {"points": [[x(px), y(py)] for px, py in points], "width": width, "color": color}
            for points, width, color in _lines(plan)
        ],
        "solids": [box(solid, solid.text) for solid in plan.solids],
        "tables": [box(place, place.label) for place in sorted(plan.places, key=lambda each: natural(each.label))],
        "words": [{"x": x(text.x_mm), "y": y(text.y_mm), "text": text.text} for text in plan.texts],
        "bar": BAR_M * 1000 / SCALE,
        "bar_words": f"{BAR_M} m at 1:{SCALE}. Print it at 100 %, not fitted to the page.",
    }


def _lines(plan: Plan) -> Iterator[tuple[Any, float, str]]:
    """(points, millimeters of paper, color) of everything that is a line."""
    yield (*plan.outline, plan.outline[0]), 0.6, "#000000"
    for zone in plan.zones:
        yield (*zone.points, zone.points[0]), 0.2, "#b3261e" if zone.kind == "no_go" else "#1f4fd8"
    for aisle in plan.aisles:
        yield aisle.points, 0.15, "#b4bfcc"
    for wall in plan.walls:
        yield wall.points, max(0.3, wall.thickness_mm / SCALE), "#000000"
    for door in plan.doors:
        yield ((door.x1_mm, door.y1_mm), (door.x2_mm, door.y2_mm)), 1.4, "#ffffff"
        yield ((door.x1_mm, door.y1_mm), (door.x2_mm, door.y2_mm)), 0.3, "#0a6f56"


def load_paper(db_session: Session, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """What the template reads; None when the hall is gone."""
    event = db_session.get(Event, int(payload["event_id"]))
    hall = db_session.get(Hall, int(payload["hall_id"]))
    if event is None or hall is None or hall.event_id != event.id:
        return None
    drawing = layouts.read_drawing(db_session, event=event, hall=hall)
    standing = f"draft {drawing.number}" if drawing.number else f"version {drawing.version}"
    note = f"{event.name} · {len(drawing.document.places)} tables · {standing} · 1:{SCALE}"
    return on_paper(drawing.document, title=hall.name, note=note, lang=event.locale[:2])


DOCUMENT = DocumentKind("floor.typ", load_paper, lambda payload: f"plan-{payload['hall_id']}.pdf")
