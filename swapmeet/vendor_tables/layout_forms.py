"""The things of a floor plan as forms of number fields: what the editor draws can be typed here, with scripts off too."""

from collections.abc import Mapping
from typing import Any, ClassVar

from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import Optional

from swapmeet.vendor_tables.forms import FACINGS
from swapmeet.web.forms import Form, LineField, NotBlank, WholeField
from swapmeet.web.lengths import LengthField


def _number(words: str, **more: Any) -> WholeField:
    return WholeField(words, [NotBlank("Write a number.")], **more)


def _length(words: str, **more: Any) -> LengthField:
    return LengthField(words, [NotBlank("Write a length; 0 is allowed where it makes sense.")], **more)


class ThingForm(Form):
    """One thing of a plan. `NAMES` maps fields to the document's names; `kind` is the list it stands in."""

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    NAMES: ClassVar[Mapping[str, str]] = {}
    seen = HiddenField()

    @classmethod
    def data_of(cls, thing: Any) -> dict[str, Any]:
        """What the form shows of a thing."""
        return {field: getattr(thing, name) for field, name in cls.NAMES.items()}

    def values(self) -> dict[str, Any]:
        """The thing's values, without its uid. Empty numbers are 0, empty words are none."""
        fields = {name: self[field] for field, name in self.NAMES.items()}
        empty = {name: 0 if isinstance(field, (LengthField, WholeField)) else "" for name, field in fields.items()}
        return {name: empty[name] if field.data is None else field.data for name, field in fields.items()}


class BlockForm(ThingForm):
    kind = "blocks"
    title = "Block of tables"
    NAMES: ClassVar[Mapping[str, str]] = {
        "shape": "kind",
        "name": "name",
        "type": "type",
        "n": "n",
        "m": "m",
        "x": "x_mm",
        "y": "y_mm",
        "w": "w_mm",
        "d": "d_mm",
        "gap": "gap_mm",
        "gap_back": "gap_back_mm",
        "frame_w": "frame_w_mm",
        "frame_d": "frame_d_mm",
        "side": "side",
        "faces": "faces",
    }
    shape = SelectField(
        "Shape",
        choices=[
            ("row", "Row: side by side"),
            ("island", "Island: two rows back to back"),
            ("u", "U: a back and two arms"),
            ("perimeter", "Along the walls of a frame"),
        ],
    )
    name = LineField("Name", [NotBlank("Write a name, such as A.")], limit=12)
    type = SelectField("Kind of table")
    n = _number("Tables on each long side", low=1, high=400)
    m = WholeField("Tables at each end or arm", [Optional()], high=200, description="A row has none.")
    x = _length("From the left wall")
    y = _length("From the upper wall")
    w = _length("Width of a table", low=1)
    d = _length("Depth of a table", low=1)
    gap = LengthField("Gap between tables", [Optional()])
    gap_back = LengthField("Gap between the backs of an island", [Optional()])
    frame_w = LengthField("Width of the frame", [Optional()], description="Only for tables along walls.")
    frame_d = LengthField("Depth of the frame", [Optional()], description="Only for tables along walls.")
    rotation = WholeField("Turned by (degrees)", [Optional()], high=359)
    side = SelectField("Buyers of a row stand", choices=[("S", "below it"), ("N", "above it")])
    faces = SelectField("Buyers of a U or frame stand", choices=[("in", "inside"), ("out", "outside")])
    prefix = LineField("Numbers begin with", limit=12, description="Left empty: the name.")
    start = _number("First number", high=99_999)
    digits = _number("Digits", low=1, high=5)
    step = _number("Count in steps of", low=1, high=100)
    order = SelectField(
        "Numbers run",
        choices=[("along", "side after side"), ("snake", "there and back"), ("odd_even", "odd and even sides")],
    )
    skip = LineField("Leave out the numbers", limit=200, description="Separated by commas, such as 13.")

    @classmethod
    def data_of(cls, thing: Any) -> dict[str, Any]:
        rule = thing.numbering
        data = super().data_of(thing) | {"rotation": thing.rot_ddeg // 10, "skip": ", ".join(map(str, rule.skip))}
        return data | {name: getattr(rule, name) for name in ("prefix", "start", "digits", "step", "order")}

    def values(self) -> dict[str, Any]:
        numbering = {name: self[name].data for name in ("start", "digits", "step", "order")}
        skip = tuple(int(part) for part in (self.skip.data or "").replace(",", " ").split() if part.isdecimal())
        numbering |= {"prefix": self.prefix.data or self.name.data or "", "skip": skip[:50]}
        return super().values() | {"rot_ddeg": (self.rotation.data or 0) * 10, "numbering": numbering}


class PlaceOnPlanForm(ThingForm):
    kind = "places"
    title = "Table"
    NAMES: ClassVar[Mapping[str, str]] = {
        "label": "label",
        "type": "type",
        "row": "row",
        "x": "x_mm",
        "y": "y_mm",
        "w": "w_mm",
        "d": "d_mm",
        "facing": "facing",
        "circuit": "circuit",
        "is_sellable": "is_sellable",
    }
    label = LineField("Number", [NotBlank("Write the number, such as A07.")], limit=20)
    type = SelectField("Kind of table")
    row = LineField("Row", limit=20)
    x = _length("From the left wall")
    y = _length("From the upper wall")
    w = _length("Width", low=1)
    d = _length("Depth", low=1)
    rotation = WholeField("Turned by (degrees)", [Optional()], high=359)
    facing = SelectField("Buyers stand on the side", choices=FACINGS, description="Before it is turned.")
    circuit = SelectField("Power from")
    load = WholeField("Power it may draw (milliamps)", [Optional()], high=1_000_000, description="2500 is 2.5 A.")
    is_sellable = BooleanField("For sale", default=True)

    @classmethod
    def data_of(cls, thing: Any) -> dict[str, Any]:
        return super().data_of(thing) | {"rotation": thing.rot_ddeg // 10, "load": thing.load_ma}

    def values(self) -> dict[str, Any]:
        return super().values() | {"rot_ddeg": (self.rotation.data or 0) * 10, "load_ma": self.load.data or 0}


class _LineForm(ThingForm):
    """A thing that runs from one point to another."""

    x1 = _length("Begins, from the left wall")
    y1 = _length("Begins, from the upper wall")
    x2 = _length("Ends, from the left wall")
    y2 = _length("Ends, from the upper wall")

    @classmethod
    def data_of(cls, thing: Any) -> dict[str, Any]:
        (x1, y1), (x2, y2) = thing.points[0], thing.points[-1]
        return super().data_of(thing) | {"x1": x1, "y1": y1, "x2": x2, "y2": y2}

    def values(self) -> dict[str, Any]:
        ends = ((self.x1.data, self.y1.data), (self.x2.data, self.y2.data))
        return super().values() | {"points": ends}


class AisleForm(_LineForm):
    kind = "aisles"
    title = "Aisle"
    NAMES: ClassVar[Mapping[str, str]] = {
        "name": "name",
        "sort": "kind",
        "width": "width_mm",
        "is_one_way": "is_one_way",
    }
    name = LineField("Name", limit=120)
    sort = SelectField("Sort", choices=[("main", "Main aisle"), ("side", "Side aisle")])
    width = _length("Width", low=1)
    is_one_way = BooleanField("One way, from its begin to its end")


class WallForm(_LineForm):
    kind = "walls"
    title = "Wall"
    NAMES: ClassVar[Mapping[str, str]] = {"thickness": "thickness_mm"}
    thickness = _length("Thickness")


class DoorForm(ThingForm):
    kind = "doors"
    title = "Door"
    NAMES: ClassVar[Mapping[str, str]] = {
        "sort": "kind",
        "x1": "x1_mm",
        "y1": "y1_mm",
        "x2": "x2_mm",
        "y2": "y2_mm",
        "keep_clear": "keep_clear_mm",
        "is_of_hall": "is_of_hall",
    }
    sort = SelectField("Sort", choices=[("public", "Entrance"), ("loading", "Loading door"), ("fire", "Fire exit")])
    x1 = _length("Begins, from the left wall")
    y1 = _length("Begins, from the upper wall")
    x2 = _length("Ends, from the left wall")
    y2 = _length("Ends, from the upper wall")
    keep_clear = _length("Keep clear before it", high=100_000)
    is_of_hall = BooleanField("It belongs to the hall", description="Then its place is written under Halls, too.")


class _BoxForm(ThingForm):
    x = _length("From the left wall")
    y = _length("From the upper wall")
    w = _length("Width", low=1)
    d = _length("Depth", low=1)


class SolidForm(_BoxForm):
    kind = "solids"
    title = "Pillar, stage or counter"
    NAMES: ClassVar[Mapping[str, str]] = {
        "sort": "kind",
        "text": "text",
        "x": "x_mm",
        "y": "y_mm",
        "w": "w_mm",
        "d": "d_mm",
    }
    sort = SelectField("Sort", choices=[("pillar", "Pillar"), ("stage", "Stage"), ("counter", "Counter")])
    text = LineField("Words", limit=120)


class ZoneForm(_BoxForm):
    kind = "zones"
    title = "Zone"
    NAMES: ClassVar[Mapping[str, str]] = {"sort": "kind", "name": "name", "color": "color", "pattern": "pattern"}
    sort = SelectField("Sort", choices=[("area", "Area with a name"), ("no_go", "No tables here")])
    name = LineField("Name", limit=120)
    color = SelectField("Color", choices=["blue", "green", "amber", "violet", "grey"])
    pattern = SelectField("Pattern", choices=["plain", "stripes", "dots", "checks"])

    @classmethod
    def data_of(cls, thing: Any) -> dict[str, Any]:
        xs, ys = zip(*thing.points, strict=True)
        box = {"x": min(xs), "y": min(ys), "w": max(xs) - min(xs), "d": max(ys) - min(ys)}
        return super().data_of(thing) | box

    def values(self) -> dict[str, Any]:
        x, y, w, d = (self[name].data or 0 for name in ("x", "y", "w", "d"))
        return super().values() | {"points": ((x, y), (x + w, y), (x + w, y + d), (x, y + d))}


class CircuitForm(ThingForm):
    kind = "circuits"
    title = "Circuit"
    NAMES: ClassVar[Mapping[str, str]] = {"name": "name", "capacity": "capacity_ma"}
    name = LineField("Name", [NotBlank("Write a name, such as North wall.")], limit=120)
    capacity = _number("What it can carry (milliamps)", high=1_000_000, description="16000 is 16 A.")


class PowerPointForm(ThingForm):
    kind = "power_points"
    title = "Power point"
    NAMES: ClassVar[Mapping[str, str]] = {"x": "x_mm", "y": "y_mm", "circuit": "circuit"}
    x = _length("From the left wall")
    y = _length("From the upper wall")
    circuit = SelectField("Circuit")


class TextForm(ThingForm):
    kind = "texts"
    title = "Words"
    NAMES: ClassVar[Mapping[str, str]] = {"text": "text", "x": "x_mm", "y": "y_mm"}
    text = LineField("Words", [NotBlank("Write the words.")], limit=120)
    x = _length("From the left wall")
    y = _length("From the upper wall")


FORMS: dict[str, type[ThingForm]] = {
    form.kind: form
    for form in (
        BlockForm,
        PlaceOnPlanForm,
        AisleForm,
        DoorForm,
        ZoneForm,
        WallForm,
        SolidForm,
        CircuitForm,
        PowerPointForm,
        TextForm,
    )
}


class PlanForm(Form):
    """What holds for the whole hall."""

    min_aisle = LengthField(
        "Least width of an aisle",
        [NotBlank("Write a length.")],
        low=600,
        high=20_000,
        description="Before each table there must be this much room, and no aisle may be narrower.",
    )
    seen = HiddenField()


class SeenForm(Form):
    """A deed on the draft as it was seen."""

    seen = HiddenField()
