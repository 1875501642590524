"""PURE. What is wrong with a plan, as named rules with the uids that break them. Linear for plans whose tables stand apart."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from swapmeet.vendor_tables.geometry import TOUCH_MM, list_overlaps
from swapmeet.vendor_tables.layout import shapes
from swapmeet.vendor_tables.layout.document import Aisle, Place, Plan, Solid, Wall
from swapmeet.vendor_tables.layout.shapes import Front, Grid, Vec

STAND_MM = 600  # less than this in front of a table and nobody can stand there


class Rule(StrEnum):
    """The names of the rules; `WORDS` says what each asks for."""

    OVERLAP = "overlap"
    OUTSIDE_HALL = "outside_hall"
    KEEP_CLEAR = "keep_clear"
    NARROW_AISLE = "narrow_aisle"
    NO_AISLE_IN_FRONT = "no_aisle_in_front"
    CIRCUIT_OVERLOADED = "circuit_overloaded"
    DUPLICATE_LABEL = "duplicate_label"
    ORPHAN_BLOCK = "orphan_block"
    UNKNOWN_CIRCUIT = "unknown_circuit"
    UNKNOWN_TYPE = "unknown_type"


WORDS = {
    Rule.OVERLAP: "Tables stand apart from each other, from walls and from what stands in the hall",
    Rule.OUTSIDE_HALL: "Every table stands inside the hall",
    Rule.KEEP_CLEAR: "Doors and no-go areas are kept clear",
    Rule.NARROW_AISLE: "Aisles are as wide as this plan asks for",
    Rule.NO_AISLE_IN_FRONT: "People can stand in front of every table",
    Rule.CIRCUIT_OVERLOADED: "No circuit carries more than it can",
    Rule.DUPLICATE_LABEL: "Every number is there once",
    Rule.ORPHAN_BLOCK: "Every block has tables, and every table's block is there",
    Rule.UNKNOWN_CIRCUIT: "Every circuit that is named is there",
    Rule.UNKNOWN_TYPE: "Every table is of a kind that this show rents out",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: the uids of what breaks it, and a sentence for the organizer."""

    rule: Rule
    uids: tuple[str, ...]
    message: str


def check_plan(plan: Plan, *, types: Collection[str] | None = None) -> list[Finding]:
    """Everything that keeps the plan from being published, by rule and then by uid. `types` None leaves kinds alone."""
    floor = _Floor(plan)
    found = [
        *_overlaps(floor),
        *_outside(floor),
        *_not_kept_clear(floor),
        *_narrow_aisles(floor),
        *_blocked_fronts(floor),
        *_overloads(plan),
        *_duplicates(plan),
        *_orphans(plan),
        *_unknown_circuits(plan),
        *(_unknown_types(plan, types) if types is not None else ()),
    ]
    order = list(Rule)
    return sorted(found, key=lambda each: (order.index(each.rule), each.uids))


class _Floor:
    """The plan with its outlines and grids, made once for all rules."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.labels = {place.uid: place.label for place in plan.places}
        self.outlines: dict[str, list[Vec]] = {place.uid: shapes.corners_of(place) for place in plan.places}
        self.cores = {place.uid: shapes.corners_of(place, shrink=TOUCH_MM) for place in plan.places}
        self.places = Grid((place, shapes.hull(self.outlines[place.uid])) for place in plan.places)
        self.hall: list[Vec] = [(float(x), float(y)) for x, y in plan.outline]
        solid = [(thing, shapes.corners_of(thing)) for thing in plan.solids]
        walls = [(wall, band) for wall in plan.walls for band in shapes.bands(_floats(wall.points), wall.thickness_mm)]
        self.obstacles: list[tuple[Solid | Wall, list[Vec]]] = [*solid, *walls]
        self.solids = Grid((each, shapes.hull(each[1])) for each in self.obstacles)
        self.sides = Grid((side, shapes.hull(side)) for side in shapes.sides_of(self.hall))
        self.clashing: set[tuple[str, str]] = set()  # pairs that stand on each other, both ways round
        self.outside: set[str] = set()

    def standing_in(self, area: Sequence[Vec]) -> list[Place]:
        """Places that share some of their inside with a polygon."""
        near: list[Place] = self.places.near(shapes.hull(area))
        return [place for place in near if shapes.meet(self.cores[place.uid], area)]


def _floats(points: Sequence[tuple[int, int]]) -> list[Vec]:
    return [(float(x), float(y)) for x, y in points]


def _overlaps(floor: _Floor) -> Iterator[Finding]:
    for one, other in list_overlaps([shapes.spot_of(place) for place in floor.plan.places]):
        pair = (str(one.key), str(other.key))
        floor.clashing |= {pair, pair[::-1]}
        yield Finding(Rule.OVERLAP, tuple(sorted(pair)), f"Tables {one.label} and {other.label} stand on each other.")
    seen = set()
    for thing, outline in floor.obstacles:
        for place in floor.standing_in(outline):
            floor.clashing.add((place.uid, thing.uid))
            if (place.uid, thing.uid) not in seen:
                seen.add((place.uid, thing.uid))
                words = "a wall" if isinstance(thing, Wall) else f"the {thing.text or thing.kind}"
                yield Finding(Rule.OVERLAP, (place.uid, thing.uid), f"Table {place.label} stands in {words}.")


def _outside(floor: _Floor) -> Iterator[Finding]:
    for place in floor.plan.places:
        core = floor.cores[place.uid]
        near = floor.sides.near(shapes.hull(floor.outlines[place.uid]))
        is_cut = any(shapes.crosses(side, wall) for side in shapes.sides_of(core) for wall in near)
        if is_cut or not all(shapes.contains(floor.hall, point) for point in core):
            floor.outside.add(place.uid)
            yield Finding(Rule.OUTSIDE_HALL, (place.uid,), f"Table {place.label} sticks out of the hall.")


def _not_kept_clear(floor: _Floor) -> Iterator[Finding]:
    words = {"public": "entrance", "loading": "loading door", "fire": "fire exit"}
    for door in floor.plan.doors:
        ends = [(float(door.x1_mm), float(door.y1_mm)), (float(door.x2_mm), float(door.y2_mm))]
        for area in shapes.bands(ends, 2 * door.keep_clear_mm) if door.keep_clear_mm else ():
            for place in floor.standing_in(area):
                message = f"Table {place.label} stands in the way of the {words[door.kind]}."
                yield Finding(Rule.KEEP_CLEAR, (place.uid, door.uid), message)
    for zone in floor.plan.zones:
        if zone.kind == "no_go":
            for place in floor.standing_in(_floats(zone.points)):
                message = f"Table {place.label} stands in {zone.name or 'a no-go area'}."
                yield Finding(Rule.KEEP_CLEAR, (place.uid, zone.uid), message)


def _narrow_aisles(floor: _Floor) -> Iterator[Finding]:
    least = floor.plan.min_aisle_mm
    for aisle in floor.plan.aisles:
        name = aisle.name or "An aisle"
        if aisle.width_mm < least:
            message = f"{name} is {aisle.width_mm} mm wide; this plan asks for {least} mm."
            yield Finding(Rule.NARROW_AISLE, (aisle.uid,), message)
            continue
        for thing, words in _standing_in_aisle(floor, aisle, least):
            message = f"{words} leaves less than {least} mm of {aisle.name or 'an aisle'}."
            yield Finding(Rule.NARROW_AISLE, (aisle.uid, thing), message)


def _standing_in_aisle(floor: _Floor, aisle: Aisle, least: int) -> Iterator[tuple[str, str]]:
    """What comes closer to the middle of the aisle than half of the least width, once each."""
    seen: set[str] = set()
    for band in shapes.bands(_floats(aisle.points), least - 2 * TOUCH_MM):
        for place in floor.standing_in(band):
            if place.uid not in seen:
                seen.add(place.uid)
                yield place.uid, f"Table {place.label}"
        for thing, outline in floor.solids.near(shapes.hull(band)):
            if thing.uid not in seen and shapes.meet(outline, band):
                seen.add(thing.uid)
                yield thing.uid, "A wall" if isinstance(thing, Wall) else f"The {thing.text or thing.kind}"


def _blocked_fronts(floor: _Floor) -> Iterator[Finding]:
    """The room before each table, up to what stands there first. Pairs that face each other are told once."""
    least = floor.plan.min_aisle_mm
    told: set[tuple[str, ...]] = set()
    for place in floor.plan.places:
        if place.uid in floor.outside:
            continue
        gap, blocker, words = _nearest_in_front(floor, place, float(least))
        if gap >= least - TOUCH_MM:
            continue
        is_shut = gap < STAND_MM - TOUCH_MM
        rule = Rule.NO_AISLE_IN_FRONT if is_shut else Rule.NARROW_AISLE
        uids = (place.uid, blocker) if blocker else (place.uid,)
        key = (rule, *sorted(uids))
        if key in told:
            continue
        told.add(key)
        room = f"{int(gap)} mm before {words}"
        message = (
            f"Nobody can stand in front of table {place.label}: there are {room}."
            if is_shut
            else f"In front of table {place.label} there are only {room}; this plan asks for {least} mm."
        )
        yield Finding(rule, uids, message)


def _nearest_in_front(floor: _Floor, place: Place, reach: float) -> tuple[float, str, str]:
    """(millimeters, uid, words) of what is closest before the place; infinity and nothing when the way is free."""
    front = Front(place, reach)
    best: tuple[float, str, str] = (float("inf"), "", "")
    for other in floor.places.near(front.box):
        if other is not place and (place.uid, other.uid) not in floor.clashing:
            gap = front.gap(shapes.sides_of(floor.outlines[other.uid]))
            best = min(best, (gap, other.uid, f"table {other.label}"))
    for thing, outline in floor.solids.near(front.box):
        if (place.uid, thing.uid) not in floor.clashing:
            words = "a wall" if isinstance(thing, Wall) else f"the {thing.text or thing.kind}"
            best = min(best, (front.gap(shapes.sides_of(outline)), thing.uid, words))
    walls: list[Any] = floor.sides.near(front.box)
    return min(best, (front.gap(walls), "", "the wall of the hall"))


def _overloads(plan: Plan) -> Iterator[Finding]:
    loads: defaultdict[str, list[Place]] = defaultdict(list)
    for place in plan.places:
        if place.circuit and place.load_ma:
            loads[place.circuit].append(place)
    for circuit in plan.circuits:
        total = sum(place.load_ma for place in loads[circuit.uid])
        if total > circuit.capacity_ma:
            uids = (circuit.uid, *sorted(place.uid for place in loads[circuit.uid]))
            amps = f"{total / 1000:g} A of {circuit.capacity_ma / 1000:g} A"
            yield Finding(Rule.CIRCUIT_OVERLOADED, uids, f"Circuit {circuit.name} would carry {amps}.")


def _duplicates(plan: Plan) -> Iterator[Finding]:
    by_label: defaultdict[str, list[Place]] = defaultdict(list)
    for place in plan.places:
        by_label[place.label.casefold()].append(place)
    for places in by_label.values():
        if len(places) > 1:
            uids = tuple(sorted(place.uid for place in places))
            yield Finding(Rule.DUPLICATE_LABEL, uids, f"{len(places)} tables have the number {places[0].label}.")


def _orphans(plan: Plan) -> Iterator[Finding]:
    used = {place.block for place in plan.places}
    known = {block.uid for block in plan.blocks}
    for block in plan.blocks:
        if block.uid not in used:
            yield Finding(Rule.ORPHAN_BLOCK, (block.uid,), f"Block {block.name or block.uid} has no tables.")
    for place in plan.places:
        if place.block and place.block not in known:
            yield Finding(Rule.ORPHAN_BLOCK, (place.uid,), f"The block of table {place.label} is not there.")


def _unknown_circuits(plan: Plan) -> Iterator[Finding]:
    known = {circuit.uid for circuit in plan.circuits}
    for place in plan.places:
        if place.circuit and place.circuit not in known:
            yield Finding(Rule.UNKNOWN_CIRCUIT, (place.uid,), f"The circuit of table {place.label} is not there.")
    for point in plan.power_points:
        if point.circuit not in known:
            yield Finding(Rule.UNKNOWN_CIRCUIT, (point.uid,), "The circuit of a power point is not there.")


def _unknown_types(plan: Plan, types: Collection[str]) -> Iterator[Finding]:
    for place in plan.places:
        if place.type not in types:
            kind = f"of the kind “{place.type}”, which" if place.type else "of no kind;"
            words = "this show does not have" if place.type else "choose one"
            yield Finding(Rule.UNKNOWN_TYPE, (place.uid,), f"Table {place.label} is {kind} {words}.")
