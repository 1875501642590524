"""PURE. The document of a floor plan: integer millimeters, things named by uid, one canonical text for one content.

Origin is the top left corner of the hall, x runs right, y runs down; turns are tenths of a degree, clockwise. A table is
known by its uid, which outlives label, block and edition; the label is only what people read.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FORMAT: Literal["swapmeet-floor-plan"] = "swapmeet-floor-plan"
MOST_BYTES = 4_000_000
MOST_PLACES = 3000
MOST_THINGS = 1000
SHOWN_FAULTS = 20

Mm = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Size = Annotated[int, Field(ge=1, le=1_000_000)]
Gap = Annotated[int, Field(ge=0, le=100_000)]
Turn = Annotated[int, Field(ge=0, lt=3600)]
Milliamps = Annotated[int, Field(ge=0, le=1_000_000)]
Uid = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,35}$")]
Code = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,40}$")]
Label = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,20}$")]
Words = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,120}$")]
Tag = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
Side = Literal["N", "E", "S", "W"]
Point = tuple[Mm, Mm]


class PlanFault(Exception):
    """A text that is no floor plan. `faults` are pairs of where and what, at most SHOWN_FAULTS of them."""

    def __init__(self, faults: Iterable[tuple[str, str]]) -> None:
        self.faults = list(faults)[:SHOWN_FAULTS]
        super().__init__("; ".join(f"{where}: {what}" if where else what for where, what in self.faults))


class Part(BaseModel):
    """Everything in a document: unknown fields are refused, numbers are whole, nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Thing(Part):
    uid: Uid


class Background(Part):
    """A picture under the drawing: file `key` of this installation, drawn over the box (x, y, w, d)."""

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9./_-]{1,120}$")]
    x_mm: Mm = 0
    y_mm: Mm = 0
    w_mm: Size
    d_mm: Size


class Wall(Thing):
    points: Annotated[tuple[Point, ...], Field(min_length=2, max_length=200)]
    thickness_mm: Gap = 100


class Solid(Thing):
    """What stands in the hall and is not rented: a pillar, a stage, a counter."""

    kind: Literal["pillar", "stage", "counter"] = "pillar"
    x_mm: Mm
    y_mm: Mm
    w_mm: Size
    d_mm: Size
    rot_ddeg: Turn = 0
    text: Words = ""


class Zone(Thing):
    """An area of the floor: `no_go` must stay free of tables, `area` has a name, a color with a pattern, and wares."""

    kind: Literal["no_go", "area"] = "area"
    name: Words = ""
    points: Annotated[tuple[Point, ...], Field(min_length=3, max_length=200)]
    color: Literal["blue", "green", "amber", "violet", "grey"] = "blue"
    pattern: Literal["plain", "stripes", "dots", "checks"] = "plain"
    wares: Annotated[tuple[Words, ...], Field(max_length=20)] = ()


class Door(Thing):
    """A gap in a wall from (x1, y1) to (x2, y2). Nothing may stand within `keep_clear_mm` of it."""

    kind: Literal["public", "loading", "fire"] = "public"
    x1_mm: Mm
    y1_mm: Mm
    x2_mm: Mm
    y2_mm: Mm
    keep_clear_mm: Gap = 1500
    is_of_hall: bool = False


class Aisle(Thing):
    """A way for people along a centerline. `one_way` runs from the first point to the last."""

    name: Words = ""
    kind: Literal["main", "side"] = "side"
    points: Annotated[tuple[Point, ...], Field(min_length=2, max_length=200)]
    width_mm: Size
    is_one_way: bool = False


class Circuit(Thing):
    name: Words
    capacity_ma: Milliamps


class PowerPoint(Thing):
    x_mm: Mm
    y_mm: Mm
    circuit: Uid


class Text(Thing):
    x_mm: Mm
    y_mm: Mm
    text: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,120}$")]


class Numbering(Part):
    """How the places of a block are numbered: `prefix`, then numbers from `start` by `step`, leaving out `skip`.

    `along`: side after side. `snake`: every other side backwards. `odd_even`: the sides take turns, as 301, 303 … and
    302, 304 … of an aisle of the three hundreds.
    """

    prefix: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,12}$")] = ""
    start: Annotated[int, Field(ge=0, le=99_999)] = 1
    step: Annotated[int, Field(ge=1, le=100)] = 1
    digits: Annotated[int, Field(ge=1, le=5)] = 2
    order: Literal["along", "snake", "odd_even"] = "along"
    skip: Annotated[tuple[Annotated[int, Field(ge=0, le=99_999)], ...], Field(max_length=50)] = ()


class Block(Thing):
    """A group of tables that is drawn as one. `x_mm`, `y_mm` is the top left of its unturned frame.

    row: `n` side by side. island: `n` on each long side, `m` at each end, `gap_back_mm` between the backs. u: `n` at the
    back, `m` in each arm. perimeter: `n` along top and bottom, `m` along left and right of a frame `frame_w_mm` by
    `frame_d_mm`. `faces` says where the buyers of perimeter and u stand; `side` where those of a row do.
    """

    kind: Literal["row", "island", "perimeter", "u"]
    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,20}$")] = ""
    type: Code = ""
    x_mm: Mm
    y_mm: Mm
    rot_ddeg: Turn = 0
    w_mm: Size
    d_mm: Size
    n: Annotated[int, Field(ge=1, le=400)]
    m: Annotated[int, Field(ge=0, le=200)] = 0
    gap_mm: Gap = 0
    gap_back_mm: Gap = 0
    frame_w_mm: Gap = 0
    frame_d_mm: Gap = 0
    side: Literal["N", "S"] = "S"
    faces: Literal["in", "out"] = "in"
    numbering: Numbering = Numbering()


class Place(Thing):
    """One table or booth. (x, y) is the top left of the unturned box, which is turned about its center.

    `facing` is the side of the unturned box where buyers stand. `block`, `side` and `seq` say where a block put it.
    """

    label: Label
    type: Code = ""
    row: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{0,20}$")] = ""
    x_mm: Mm
    y_mm: Mm
    w_mm: Size
    d_mm: Size
    rot_ddeg: Turn = 0
    facing: Side = "S"
    block: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.:-]{0,35})?$")] = ""
    side: Annotated[str, Field(pattern=r"^[a-z]{0,8}$")] = ""
    seq: Annotated[int, Field(ge=0, le=10_000)] = 0
    tags: Annotated[tuple[Tag, ...], Field(max_length=12)] = ()
    circuit: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9_.:-]{0,35})?$")] = ""
    load_ma: Milliamps = 0
    is_sellable: bool = True


class Edge(Part):
    """Two places that stand next to each other, `a` before `b` by uid. `by` hand wins over geometry; `is_cut` says "not so"."""

    a: Uid
    b: Uid
    kind: Literal["side", "back", "facing"]
    by: Literal["geometry", "hand"] = "geometry"
    is_cut: bool = False


THINGS = ("walls", "solids", "zones", "doors", "aisles", "circuits", "power_points", "texts", "blocks", "places")
_Many = Field(max_length=MOST_THINGS)


class Plan(Part):
    """The floor plan of one hall. `min_aisle_mm` is the width that people must find in front of each table."""

    format: Literal["swapmeet-floor-plan"] = FORMAT
    version: Literal[1] = 1
    name: Words = ""
    unit: Literal["ft", "m"] = "m"
    outline: Annotated[tuple[Point, ...], Field(min_length=3, max_length=200)]
    min_aisle_mm: Annotated[int, Field(ge=600, le=20_000)] = 1200
    background: Background | None = None
    walls: Annotated[tuple[Wall, ...], _Many] = ()
    solids: Annotated[tuple[Solid, ...], _Many] = ()
    zones: Annotated[tuple[Zone, ...], _Many] = ()
    doors: Annotated[tuple[Door, ...], _Many] = ()
    aisles: Annotated[tuple[Aisle, ...], _Many] = ()
    circuits: Annotated[tuple[Circuit, ...], _Many] = ()
    power_points: Annotated[tuple[PowerPoint, ...], _Many] = ()
    texts: Annotated[tuple[Text, ...], _Many] = ()
    blocks: Annotated[tuple[Block, ...], _Many] = ()
    places: Annotated[tuple[Place, ...], Field(max_length=MOST_PLACES)] = ()
    edges: Annotated[tuple[Edge, ...], Field(max_length=10 * MOST_PLACES)] = ()

    @model_validator(mode="after")
    def _each_uid_once(self) -> "Plan":
        seen: set[str] = set()
        for thing in self.things():
            if thing.uid in seen:
                raise ValueError(f"the uid {thing.uid} is there twice")
            seen.add(thing.uid)
        return self

    def things(self) -> Iterator[Thing]:
        """Everything with a uid, kind after kind."""
        for kind in THINGS:
            yield from getattr(self, kind)

    def changed(self, **values: Any) -> "Plan":
        """The same plan with other values; uids and sizes are looked at again. Raises PlanFault."""
        return read_plan({**{name: getattr(self, name) for name in type(self).model_fields}, **values})


def read_plan(values: Any) -> Plan:
    """A plan from plain values or from parts of other plans. Raises PlanFault."""
    try:
        return Plan.model_validate(values)
    except ValidationError as error:
        raise PlanFault(_told(error)) from error


def load_plan(text: str | bytes) -> Plan:
    """A plan from its JSON text. Raises PlanFault, which says where."""
    if len(text) > MOST_BYTES:
        raise PlanFault([("", f"the file is larger than {MOST_BYTES // 1_000_000} MB")])
    try:
        return Plan.model_validate_json(text)
    except ValidationError as error:
        raise PlanFault(_told(error)) from error


def dump_plan(plan: Plan) -> str:
    """The one text of this content: keys in order, things by uid, no spaces, one line break at the end."""
    values = plan.model_dump(mode="json")
    for kind in THINGS:
        values[kind].sort(key=lambda thing: str(thing["uid"]))
    values["edges"].sort(key=lambda edge: (edge["a"], edge["b"], edge["kind"]))
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema that is published as `data/floor_plan.schema.json`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Plan.model_json_schema()}


def _told(error: ValidationError) -> Iterator[tuple[str, str]]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        where = ""
        for step in fault["loc"]:
            where += f"[{step}]" if isinstance(step, int) else f".{step}" if where else str(step)
        yield where, fault["msg"]
