"""A plan's document and the rows that everybody else reads: from rows to document, and back again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState, Hall
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.geometry import features
from swapmeet.vendor_tables.layout.blocks import guess_blocks
from swapmeet.vendor_tables.layout.document import Door, Place, Plan, read_plan
from swapmeet.vendor_tables.layout.edges import with_edges
from swapmeet.vendor_tables.layout.shapes import turned_side
from swapmeet.vendor_tables.models import Facing, FloorPlan, PlanShape, Reservation, ShapeKind, TablePlace
from swapmeet.vendor_tables.places import new_place

WORKED_OUT = ("end", "corner", "wall", "power")  # tags that follow from where a place stands and what feeds it
GEOMETRY = ("x_mm", "y_mm", "w_mm", "d_mm", "rot_ddeg", "facing")
DRAWN = ("walls", "solids", "texts", "doors")  # kinds of things that are rows of their own on the drawing


def empty_plan(event: Event, hall: Hall) -> Plan:
    """The bare hall: its walls and its doors."""
    w, d = hall.width_mm, hall.depth_mm
    return read_plan(
        {
            "name": hall.name[:120],
            "unit": "ft" if event.length_unit == "ft" else "m",
            "outline": ((0, 0), (w, 0), (w, d), (0, d)),
            "doors": tuple(hall_doors(hall)),
        }
    )


def ensure_plan(db_session: Session, event: Event, hall: Hall, now: datetime) -> FloorPlan:
    """The plan of this hall; a new, empty one when there is none."""
    plan = db_session.scalar(select(FloorPlan).where(FloorPlan.event_id == event.id, FloorPlan.hall_id == hall.id))
    if plan is None:
        plan = FloorPlan(event_id=event.id, hall_id=hall.id, created_at=now)
        db_session.add(plan)
        db_session.flush()
    return plan


def hall_doors(hall: Hall) -> Iterable[Door]:
    """The doors that the hall itself says it has; they are changed where halls are."""
    for number, door in enumerate(hall.doors):
        side, at, width = str(door.get("side", "N")), int(door.get("at_mm", 0)), int(door.get("width_mm", 0))
        across = side in "NS"
        fixed = (hall.depth_mm if across else hall.width_mm) if side in "SE" else 0
        ends = (at, fixed, at + width, fixed) if across else (fixed, at, fixed, at + width)
        kind = str(door.get("kind"))
        values = dict(zip(("x1_mm", "y1_mm", "x2_mm", "y2_mm"), ends, strict=True))
        kind = kind if kind in ("public", "loading", "fire") else "public"
        yield Door.model_validate({"uid": f"hall-door-{number + 1}", "kind": kind, "is_of_hall": True, **values})


def plan_of_rows(db_session: Session, *, event: Event, hall: Hall, plan: FloorPlan | None, base: Plan | None) -> Plan:
    """What the rows say, on top of what only a document knows (`base`: blocks, circuits, aisles, zones)."""
    ground = base or empty_plan(event, hall)
    if plan is None:
        return ground
    codes = {row.id: row.code for row in queries.list_types(db_session, event_id=event.id)}
    known = {place.uid: place for place in ground.places}
    rows = [place for place in queries.list_places(db_session, event_id=event.id) if place.plan_id == plan.id]
    values: dict[str, Any] = _things_of_rows(db_session, plan, ground)
    values["places"] = tuple(_place_of(row, codes[row.type_id], known.get(row.uid)) for row in rows)
    found = ground.changed(**values)
    return with_edges(guess_blocks(found) if base is None else _without_empty_blocks(ground, found))


def _without_empty_blocks(before: Plan, after: Plan) -> Plan:
    """Blocks whose last table is gone go too; those that had none before stay for the organizer to see."""
    had, has = {place.block for place in before.places}, {place.block for place in after.places}
    return after.changed(blocks=tuple(b for b in after.blocks if b.uid in has or b.uid not in had))


def _place_of(row: TablePlace, code: str, known: Place | None) -> Place:
    values: dict[str, Any] = {
        "uid": row.uid,
        "label": row.label,
        "type": code,
        "row": row.row,
        "x_mm": row.x_mm,
        "y_mm": row.y_mm,
        "w_mm": row.w_mm,
        "d_mm": row.d_mm,
        "rot_ddeg": row.rotation_ddeg,
        "facing": turned_side(row.facing.value, -row.rotation_ddeg),
        "seq": max(0, min(row.sequence, 10_000)),
        "is_sellable": row.is_sellable,
    }
    tags = [tag for tag in row.tags if tag not in WORKED_OUT]
    if known is not None:
        values |= {"circuit": known.circuit, "load_ma": known.load_ma}
        if all(values[name] == getattr(known, name) for name in GEOMETRY):
            values |= {"block": known.block, "side": known.side, "seq": known.seq}
    if "power" in row.tags and not values.get("circuit"):
        tags.append("power")
    return Place.model_validate({**values, "tags": tuple(tags)})


def _things_of_rows(db_session: Session, plan: FloorPlan, ground: Plan) -> dict[str, Any]:
    """Walls, solids, texts and doors: those whose rows are gone go, rows without a name become things."""
    statement = select(PlanShape).where(PlanShape.plan_id == plan.id).order_by(PlanShape.id)
    shapes = list(db_session.scalars(statement))
    named = {shape.uid for shape in shapes if shape.uid}
    values: dict[str, Any] = {
        kind: [thing for thing in getattr(ground, kind) if thing.uid in named or getattr(thing, "is_of_hall", False)]
        for kind in DRAWN
    }
    for shape in shapes:
        if not shape.uid:
            kind, thing = _thing_of(shape)
            values[kind].append(thing)
    return {kind: tuple(things) for kind, things in values.items()}


def _thing_of(shape: PlanShape) -> tuple[str, dict[str, Any]]:
    """The kind and the values of what a row draws."""
    uid = f"shape-{shape.id}"
    west, north = min(shape.x1_mm, shape.x2_mm), min(shape.y1_mm, shape.y2_mm)
    w, d = abs(shape.x2_mm - shape.x1_mm), abs(shape.y2_mm - shape.y1_mm)
    if shape.kind is ShapeKind.WALL:
        return "walls", {"uid": uid, "points": ((shape.x1_mm, shape.y1_mm), (shape.x2_mm, shape.y2_mm))}
    if shape.kind is ShapeKind.DOOR:
        ends = {"x1_mm": shape.x1_mm, "y1_mm": shape.y1_mm, "x2_mm": shape.x2_mm, "y2_mm": shape.y2_mm}
        return "doors", {"uid": uid, **ends}
    if shape.kind in (ShapeKind.PILLAR, ShapeKind.STAGE) and w and d:
        box = {"x_mm": west, "y_mm": north, "w_mm": w, "d_mm": d}
        return "solids", {"uid": uid, "kind": shape.kind.value, "text": shape.text, **box}
    words = shape.text or shape.kind.value
    return "texts", {"uid": uid, "x_mm": west + w // 2, "y_mm": north + d // 2, "text": words}


def write_rows(
    db_session: Session, *, event: Event, plan: FloorPlan, document: Plan, types: Mapping[str, int], now: datetime
) -> None:
    """Make the rows say what the document says. The caller has checked it, locked what goes, and refused what must stay."""
    rows = {row.uid: row for row in _all_rows(db_session, plan)}
    wanted = {place.uid: place for place in document.places}
    gone = [row for uid, row in rows.items() if uid not in wanted and row.retired_at is None]
    _take_away(db_session, gone, now, keeps=event.state is not EventState.DRAFT)
    for row in rows.values():  # labels may change hands: first nobody has one that another row wants
        if row.uid in wanted and row.label != wanted[row.uid].label:
            row.label = f"~{row.id}"
    db_session.flush()
    _free_labels(db_session, event, {place.label for place in document.places}, set(wanted))
    for uid, place in wanted.items():
        values = _columns(place, types)
        if uid in rows:
            for key, value in values.items():
                setattr(rows[uid], key, value)
            rows[uid].retired_at = None
        else:
            db_session.add(new_place(plan, values, uid=uid))
    _write_shapes(db_session, plan, document)
    db_session.flush()
    retag(db_session, plan)


def _all_rows(db_session: Session, plan: FloorPlan) -> Sequence[TablePlace]:
    return db_session.scalars(select(TablePlace).where(TablePlace.plan_id == plan.id).order_by(TablePlace.id)).all()


def _take_away(db_session: Session, rows: Sequence[TablePlace], now: datetime, *, keeps: bool) -> None:
    """A place with a past is kept as a row for its history, and so is any that somebody may be claiming this moment."""
    ids = [row.id for row in rows]
    held = set(db_session.scalars(select(Reservation.place_id).where(Reservation.place_id.in_(ids)).distinct()))
    for row in rows:
        if keeps or row.id in held:
            row.is_sellable, row.retired_at = False, now
        else:
            db_session.delete(row)
    db_session.flush()


def _free_labels(db_session: Session, event: Event, labels: set[str], uids: set[str]) -> None:
    """A place that left the plan gives its number away when a new one wants it."""
    statement = select(TablePlace).where(TablePlace.event_id == event.id, TablePlace.retired_at.is_not(None))
    for row in db_session.scalars(statement):
        if row.label in labels and row.uid not in uids:
            row.label = f"{row.label[:8]}~{row.id}"[:20]
    db_session.flush()


def _columns(place: Place, types: Mapping[str, int]) -> dict[str, Any]:
    return {
        "type_id": types[place.type],
        "label": place.label,
        "row": place.row,
        "sequence": place.seq,
        "x_mm": place.x_mm,
        "y_mm": place.y_mm,
        "w_mm": place.w_mm,
        "d_mm": place.d_mm,
        "rotation_ddeg": place.rot_ddeg,
        "facing": Facing(turned_side(place.facing, place.rot_ddeg)),
        "tags": sorted({*place.tags, *(["power"] if place.circuit else [])}),
        "is_sellable": place.is_sellable,
    }


def _write_shapes(db_session: Session, plan: FloorPlan, document: Plan) -> None:
    db_session.execute(delete(PlanShape).where(PlanShape.plan_id == plan.id))
    for uid, kind, ends, words in _drawn(document):
        x1, y1, x2, y2 = ends
        where = {"x1_mm": x1, "y1_mm": y1, "x2_mm": x2, "y2_mm": y2}
        db_session.add(
            PlanShape(event_id=plan.event_id, plan_id=plan.id, kind=kind, text=words[:120], uid=uid, **where)
        )


def _drawn(document: Plan) -> Iterable[tuple[str, ShapeKind, tuple[int, int, int, int], str]]:
    """What the public drawing shows of a document besides its places: (uid, kind, ends, words)."""
    for wall in document.walls:
        for (x1, y1), (x2, y2) in pairwise(wall.points):
            yield wall.uid, ShapeKind.WALL, (x1, y1, x2, y2), ""
    for solid in document.solids:
        kind = ShapeKind.PILLAR if solid.kind == "pillar" else ShapeKind.STAGE
        ends = (solid.x_mm, solid.y_mm, solid.x_mm + solid.w_mm, solid.y_mm + solid.d_mm)
        yield solid.uid, kind, ends, solid.text
    for text in document.texts:
        yield text.uid, ShapeKind.LABEL, (text.x_mm, text.y_mm, text.x_mm, text.y_mm), text.text
    for door in document.doors:
        if not door.is_of_hall:
            words = {"public": "Entrance", "loading": "Loading", "fire": "Fire exit"}[door.kind]
            yield door.uid, ShapeKind.DOOR, (door.x1_mm, door.y1_mm, door.x2_mm, door.y2_mm), words
    for zone in document.zones:
        if zone.kind == "area" and zone.name:
            x = sum(point[0] for point in zone.points) // len(zone.points)
            y = sum(point[1] for point in zone.points) // len(zone.points)
            yield zone.uid, ShapeKind.LABEL, (x, y, x, y), zone.name


def retag(db_session: Session, plan: FloorPlan) -> None:
    """Ends, corners and walls follow from where the places stand; other tags are kept."""
    places = [row for row in _all_rows(db_session, plan) if row.retired_at is None]
    hall = db_session.get_one(Hall, plan.hall_id)
    spots = [queries.spot_of(place) for place in places]
    found = features(spots, width_mm=hall.width_mm, depth_mm=hall.depth_mm)
    for place in places:
        own = [tag for tag in place.tags if tag not in ("end", "corner", "wall")]
        tags = found[place.id] + own
        if tags != list(place.tags):
            place.tags = tags
    db_session.flush()
