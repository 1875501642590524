"""PURE. Boxes and polygons in millimeters, and a grid that finds what is near without looking at everything."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import cos, floor, hypot, radians, sin
from typing import Any, Protocol

from swapmeet.vendor_tables.geometry import TOUCH_MM, Spot
from swapmeet.vendor_tables.layout.document import Place

CELL_MM = 4000
MOST_CELLS = 2500  # what covers more squares than that is looked at every time
TURN = "NESW"
NORMALS = {"N": (0.0, -1.0), "E": (1.0, 0.0), "S": (0.0, 1.0), "W": (-1.0, 0.0)}

Vec = tuple[float, float]
Box = tuple[float, float, float, float]


class Boxed(Protocol):
    """What stands as a box that may be turned about its center."""

    @property
    def x_mm(self) -> int: ...
    @property
    def y_mm(self) -> int: ...
    @property
    def w_mm(self) -> int: ...
    @property
    def d_mm(self) -> int: ...
    @property
    def rot_ddeg(self) -> int: ...


def turned(vector: Vec, ddeg: int) -> Vec:
    """Clockwise by tenths of a degree; exact for quarter turns."""
    x, y = vector
    quarter = ddeg % 3600
    if quarter % 900 == 0:
        return ((x, y), (-y, x), (-x, -y), (y, -x))[quarter // 900]
    c, s = cos(radians(ddeg / 10)), sin(radians(ddeg / 10))
    return x * c - y * s, x * s + y * c


def turned_side(side: str, ddeg: int) -> str:
    """The side that a side of an unturned box becomes, to the nearest quarter turn."""
    return TURN[(TURN.index(side) + round(ddeg / 900)) % 4]


def corners_of(thing: Boxed, *, shrink: float = 0.0) -> list[Vec]:
    """Four corners, clockwise from the unturned top left; `shrink` takes that much off each side."""
    cx, cy = thing.x_mm + thing.w_mm / 2, thing.y_mm + thing.d_mm / 2
    w, d = max(0.0, thing.w_mm / 2 - shrink), max(0.0, thing.d_mm / 2 - shrink)
    offsets = (turned(each, thing.rot_ddeg) for each in ((-w, -d), (w, -d), (w, d), (-w, d)))
    return [(cx + dx, cy + dy) for dx, dy in offsets]


def hull(points: Iterable[Vec]) -> Box:
    """(west, north, east, south)."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def sides_of(points: Sequence[Vec]) -> Iterator[tuple[Vec, Vec]]:
    """The edges of a closed polygon."""
    for index, point in enumerate(points):
        yield point, points[(index + 1) % len(points)]


def spot_of(place: Place) -> Spot:
    """The place as the rest of the floor sees it: its key is the uid, `facing` the side in the hall."""
    return Spot(
        key=place.uid,
        label=place.label,
        x_mm=place.x_mm,
        y_mm=place.y_mm,
        w_mm=place.w_mm,
        d_mm=place.d_mm,
        row=place.row,
        sequence=place.seq,
        facing=turned_side(place.facing, place.rot_ddeg),
        rotation_ddeg=place.rot_ddeg,
    )


class Grid:
    """Things by the squares that their hulls cover. What covers very many squares is near everything."""

    def __init__(self, items: Iterable[tuple[Any, Box]]) -> None:
        self._items = list(items)
        self._wide: list[tuple[Any, Box]] = []
        self._cells: defaultdict[tuple[int, int], list[tuple[Any, Box]]] = defaultdict(list)
        for item, box in self._items:
            cells = _cells(box)
            if cells is None:
                self._wide.append((item, box))
            for cell in cells or ():
                self._cells[cell].append((item, box))

    def near(self, box: Box) -> list[Any]:
        """What may touch the box, each thing once."""
        cells = _cells(box)
        found: dict[int, Any] = {}
        for candidates in [self._wide, *(self._cells.get(cell, []) for cell in cells)] if cells else [self._items]:
            for item, other in candidates:
                if other[0] <= box[2] and box[0] <= other[2] and other[1] <= box[3] and box[1] <= other[3]:
                    found.setdefault(id(item), item)
        return list(found.values())


def _cells(box: Box) -> list[tuple[int, int]] | None:
    """The squares that a box covers, or None when they are very many."""
    west, north, east, south = (floor(edge / CELL_MM) for edge in box)
    if (east - west + 1) * (south - north + 1) > MOST_CELLS:
        return None
    return [(cx, cy) for cx in range(west, east + 1) for cy in range(north, south + 1)]


def contains(polygon: Sequence[Vec], point: Vec) -> bool:
    """Is the point inside, by counting crossings? Points on the edge may be either."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in sides_of(polygon):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def distance(point: Vec, start: Vec, end: Vec) -> float:
    """From a point to a segment."""
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = (x2 - x1) ** 2 + (y2 - y1) ** 2
    t = 0.0 if length == 0 else max(0.0, min(1.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
    return hypot(x - (x1 + t * (x2 - x1)), y - (y1 + t * (y2 - y1)))


def crosses(a: tuple[Vec, Vec], b: tuple[Vec, Vec]) -> bool:
    """Do two segments cross at a point inside both?"""

    def turn(p: Vec, q: Vec, r: Vec) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return turn(a[0], a[1], b[0]) * turn(a[0], a[1], b[1]) < 0 and turn(b[0], b[1], a[0]) * turn(b[0], b[1], a[1]) < 0


def meet(one: Sequence[Vec], other: Sequence[Vec]) -> bool:
    """Do two polygons share some of their inside? Either may have notches. Only common edges are no meeting."""
    if any(crosses(a, b) for a in sides_of(one) for b in sides_of(other)):
        return True
    return contains(other, _middle(one)) or contains(one, _middle(other)) or _holds_corner(one, other)


def _holds_corner(one: Sequence[Vec], other: Sequence[Vec]) -> bool:
    return any(contains(other, point) for point in one) or any(contains(one, point) for point in other)


def _middle(points: Sequence[Vec]) -> Vec:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def bands(points: Sequence[Vec], width: float) -> list[list[Vec]]:
    """The rectangles of a line of this width, one a segment, without caps at their ends."""
    found = []
    for (x1, y1), (x2, y2) in pairwise(points):
        length = hypot(x2 - x1, y2 - y1)
        if length:
            dx, dy = -(y2 - y1) / length * width / 2, (x2 - x1) / length * width / 2
            found.append([(x1 + dx, y1 + dy), (x2 + dx, y2 + dy), (x2 - dx, y2 - dy), (x1 - dx, y1 - dy)])
    return found


class Front:
    """The strip before a place, in its own frame: u runs along the front, v away from it."""

    def __init__(self, place: Place, reach: float) -> None:
        along = place.w_mm if place.facing in "NS" else place.d_mm
        out = place.d_mm if place.facing in "NS" else place.w_mm
        self.normal = turned(NORMALS[place.facing], place.rot_ddeg)
        self.along = (-self.normal[1], self.normal[0])
        cx, cy = place.x_mm + place.w_mm / 2, place.y_mm + place.d_mm / 2
        self.origin = (cx + self.normal[0] * out / 2, cy + self.normal[1] * out / 2)
        self.half = max(1.0, along / 2 - TOUCH_MM)
        self.reach = reach
        self.box = hull([self._point(u, v) for u in (-self.half, self.half) for v in (0.0, reach)])

    def _point(self, u: float, v: float) -> Vec:
        x, y = self.origin
        return x + self.along[0] * u + self.normal[0] * v, y + self.along[1] * u + self.normal[1] * v

    def _local(self, point: Vec) -> Vec:
        dx, dy = point[0] - self.origin[0], point[1] - self.origin[1]
        return dx * self.along[0] + dy * self.along[1], dx * self.normal[0] + dy * self.normal[1]

    def gap(self, segments: Iterable[tuple[Vec, Vec]]) -> float:
        """How far out the nearest of these segments comes into the strip; infinity when none does."""
        nearest = float("inf")
        for start, end in segments:
            for v in self._heights(self._local(start), self._local(end)):
                if v >= -TOUCH_MM:
                    nearest = min(nearest, max(0.0, v))
        return nearest

    def _heights(self, a: Vec, b: Vec) -> Iterator[float]:
        """v of both ends of the part of a segment that lies within the strip's width."""
        low, high = (a, b) if a[0] <= b[0] else (b, a)
        if low[0] >= self.half or high[0] <= -self.half:
            return
        for edge, end in ((-self.half, low), (self.half, high)):
            is_within = -self.half <= end[0] <= self.half
            if is_within:
                yield end[1]
            else:
                yield low[1] + (high[1] - low[1]) * (edge - low[0]) / (high[0] - low[0])
