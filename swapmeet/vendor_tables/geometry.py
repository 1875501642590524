"""PURE. The floor in integer millimeters: rows become places, and places know who stands beside them.

Origin is the north-west corner of the hall, x runs east, y runs south. Every edge is rounded from its own source value
(never added up), so neighbors share an edge exactly and touch within `TOUCH_MM` after any later edit.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import cos, hypot, radians, sin

TOUCH_MM = 5
CELL_MM = 4000  # a bucket of the neighbor search; larger than any table is long
FREE_END_MM = 900  # an end counts as a corner when somebody can stand there
WALL_MM = 2000  # a vendor and the stock fit between a wall table and the wall

STEPS = {"E": (1, 0), "W": (-1, 0), "S": (0, 1), "N": (0, -1)}
OPPOSITE = {"E": "W", "W": "E", "N": "S", "S": "N"}

Number = int | float | str | Decimal | Fraction


def exact(value: Number) -> Fraction:
    """The value as written: 15.5 is 31/2, not its nearest binary fraction's neighbor."""
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def rounded(value: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    whole = abs(value) * 2 + 1
    return (1 if value >= 0 else -1) * (whole.numerator // (2 * whole.denominator))


def feet(value: Number) -> int:
    """Millimeters of a length in feet."""
    return rounded(exact(value) * 3048 / 10)


def inches(value: Number) -> int:
    """Millimeters of a length in inches."""
    return rounded(exact(value) * 254 / 10)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as geometry sees it. `hall` groups spots that share a drawing; `kind` is the table type."""

    key: int | str
    label: str
    x_mm: int
    y_mm: int
    w_mm: int
    d_mm: int
    hall: Hashable = 0
    kind: Hashable = 0
    row: str = ""
    sequence: int = 0
    facing: str = "S"
    rotation_ddeg: int = 0

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(west, north, east, south) as it stands: exact for quarter turns, else the hull, outwards."""
        if self.rotation_ddeg % 1800 == 0:
            return self.x_mm, self.y_mm, self.x_mm + self.w_mm, self.y_mm + self.d_mm
        if self.rotation_ddeg % 900 == 0:
            west = self.x_mm + (self.w_mm - self.d_mm) // 2
            north = self.y_mm + (self.d_mm - self.w_mm) // 2
            return west, north, west + self.d_mm, north + self.w_mm
        xs, ys = zip(*corners(self), strict=True)
        return int(min(xs)) - 1, int(min(ys)) - 1, int(max(xs)) + 1, int(max(ys)) + 1

    @property
    def center(self) -> tuple[float, float]:
        return self.x_mm + self.w_mm / 2, self.y_mm + self.d_mm / 2


@dataclass(frozen=True, slots=True)
class Row:
    """A run of touching tables as an organizer describes it; x, y and length in units of `unit_mm` millimeters."""

    name: str
    count: int
    x: Number
    y: Number
    length: Number
    depth_mm: int
    runs: str = "E"
    facing: str = "S"
    first_number: int = 1
    digits: int = 2
    unit_mm: Fraction = Fraction(3048, 10)


def lay_row(row: Row, *, hall: Hashable = 0, kind: Hashable = 0) -> list[Spot]:
    """The places of a row, labels row + number ("A07"). The start is the first table's corner towards the origin.

    A row that runs west or north goes from there towards the origin. Raises ValueError for an unknown direction.
    """
    if row.runs not in STEPS or row.facing not in STEPS:
        raise ValueError(f"row {row.name}: runs and facing are N, E, S or W")
    dx, dy = STEPS[row.runs]
    start = (exact(row.x), exact(row.y))
    length = exact(row.length)
    spots = []
    for index in range(row.count):
        along = start[0] * abs(dx) + start[1] * abs(dy) + length * index * (dx + dy)
        low, high = rounded(along * row.unit_mm), rounded((along + length) * row.unit_mm)
        across = rounded((start[1] if dx else start[0]) * row.unit_mm)
        x, y, w, d = (low, across, high - low, row.depth_mm) if dx else (across, low, row.depth_mm, high - low)
        number = row.first_number + index
        label = f"{row.name}{number:0{row.digits}d}"
        spots.append(Spot(label, label, x, y, w, d, hall, kind, row.name, number, row.facing))
    return spots


def corners(spot: Spot) -> list[tuple[float, float]]:
    """The four corners, clockwise from the unturned top left."""
    cx, cy = spot.center
    angle = radians(spot.rotation_ddeg / 10)
    c, s = cos(angle), sin(angle)
    halves = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    offsets = [(hx * spot.w_mm / 2, hy * spot.d_mm / 2) for hx, hy in halves]
    return [(cx + ox * c - oy * s, cy + ox * s + oy * c) for ox, oy in offsets]


def overlap_mm(a: Spot, b: Spot) -> float:
    """How deep two places of one hall run into each other (separating axes); 0 when they only touch or stand apart."""
    if a.rotation_ddeg % 900 == 0 and b.rotation_ddeg % 900 == 0:
        w1, n1, e1, s1 = a.box
        w2, n2, e2, s2 = b.box
        return float(max(0, min(min(e1, e2) - max(w1, w2), min(s1, s2) - max(n1, n2))))
    first, second = corners(a), corners(b)
    depth = float("inf")
    for turn in (a.rotation_ddeg, a.rotation_ddeg + 900, b.rotation_ddeg, b.rotation_ddeg + 900):
        ax, ay = cos(radians(turn / 10)), sin(radians(turn / 10))
        spans = [[x * ax + y * ay for x, y in points] for points in (first, second)]
        depth = min(depth, min(max(spans[0]), max(spans[1])) - max(min(spans[0]), min(spans[1])))
    return max(0.0, depth)


def list_overlaps(spots: Sequence[Spot]) -> list[tuple[Spot, Spot]]:
    """Pairs that stand on each other by more than `TOUCH_MM`, in order of label."""
    found = [(a, b) for a, b in _close_pairs(spots) if overlap_mm(a, b) > TOUCH_MM]
    return sorted(found, key=lambda pair: (pair[0].label, pair[1].label))


def list_outside(spots: Iterable[Spot], *, width_mm: int, depth_mm: int) -> list[Spot]:
    """Places that stick out of a hall of this size by more than `TOUCH_MM`."""
    low = -TOUCH_MM
    return [
        spot
        for spot in spots
        if spot.box[0] < low
        or spot.box[1] < low
        or spot.box[2] > width_mm + TOUCH_MM
        or spot.box[3] > depth_mm + TOUCH_MM
    ]


def _close_pairs(spots: Sequence[Spot]) -> Iterator[tuple[Spot, Spot]]:
    """Every pair of one hall whose boxes touch or overlap, once. Linear for plans where places do not pile up."""
    cells: dict[tuple[Hashable, int, int], list[int]] = defaultdict(list)
    for index, spot in enumerate(spots):
        west, north, east, south = spot.box
        near = set()
        for cx in range((west - TOUCH_MM) // CELL_MM, (east + TOUCH_MM) // CELL_MM + 1):
            for cy in range((north - TOUCH_MM) // CELL_MM, (south + TOUCH_MM) // CELL_MM + 1):
                near.update(cells[spot.hall, cx, cy])
                cells[spot.hall, cx, cy].append(index)
        for other in sorted(near):
            if _boxes_meet(spots[other], spot):
                yield spots[other], spot


def _boxes_meet(a: Spot, b: Spot) -> bool:
    w1, n1, e1, s1 = a.box
    w2, n2, e2, s2 = b.box
    return w1 <= e2 + TOUCH_MM and w2 <= e1 + TOUCH_MM and n1 <= s2 + TOUCH_MM and n2 <= s1 + TOUCH_MM


def touching_side(a: Spot, b: Spot) -> str:
    """The side of `a` ("N", "E", "S", "W") on which `b` touches it along at least half of the shorter edge, else "".

    Only quarter turns touch: two places turned against each other have no common edge.
    """
    if a.hall != b.hall or a.rotation_ddeg % 900 or b.rotation_ddeg % 900:
        return ""
    w1, n1, e1, s1 = a.box
    w2, n2, e2, s2 = b.box
    gaps = {"E": w2 - e1, "W": w1 - e2, "S": n2 - s1, "N": n1 - s2}
    for side, gap in gaps.items():
        if abs(gap) > TOUCH_MM:
            continue
        shared = min(s1, s2) - max(n1, n2) if side in "EW" else min(e1, e2) - max(w1, w2)
        shorter = min(s1 - n1, s2 - n2) if side in "EW" else min(e1 - w1, e2 - w2)
        if shared * 2 >= shorter:
            return side
    return ""


def neighbors(spots: Sequence[Spot]) -> dict[int | str, dict[str, int | str]]:
    """For each place the places that touch it, by side: {key: {"E": other key, …}}."""
    found: dict[int | str, dict[str, int | str]] = {spot.key: {} for spot in spots}
    for a, b in _close_pairs(spots):
        side = touching_side(a, b)
        if side:
            found[a.key].setdefault(side, b.key)
            found[b.key].setdefault(OPPOSITE[side], a.key)
    return found


def beside(spot: Spot) -> tuple[str, str]:
    """The two sides of a place where the next one of its row stands: left and right of who stands behind it."""
    return ("W", "E") if spot.facing in "NS" else ("N", "S")


def chains(spots: Sequence[Spot]) -> list[list[Spot]]:
    """Runs of places that touch side by side, from west to east or north to south. Back to back is no run."""
    by_key = {spot.key: spot for spot in spots}
    touching = neighbors(spots)

    def following(spot: Spot) -> Spot | None:
        other = by_key.get(touching[spot.key].get(beside(spot)[1], -1))
        return other if other is not None and beside(other) == beside(spot) else None

    after = {spot.key: other for spot in spots if (other := following(spot)) is not None}
    has_before = {other.key for other in after.values()}
    runs = []
    for spot in sorted(spots, key=_order):
        if spot.key in has_before:
            continue
        run = [spot]
        while (other := after.get(run[-1].key)) is not None:
            run.append(other)
        runs.append(run)
    return runs


def _order(spot: Spot) -> tuple[str, str, int, str, str]:
    return str(spot.hall), spot.row, spot.sequence, spot.label, str(spot.key)


def nearest_free_run(
    spots: Sequence[Spot], *, free: Collection[int | str], wanted: Sequence[int | str], size: int
) -> list[Spot]:
    """`size` free places that touch in a row, closest to the middle of the wanted ones; empty when there are none.

    A run in the hall of the first wanted place wins over any elsewhere. Ties go to the earlier row and number.
    """
    if size < 1:
        return []
    by_key = {spot.key: spot for spot in spots}
    aims = [by_key[key] for key in wanted if key in by_key]
    aim_hall = aims[0].hall if aims else None
    aim = _middle([spot for spot in aims if spot.hall == aim_hall]) if aims else (0.0, 0.0)
    best: tuple[tuple[bool, float, tuple[str, str, int, str, str]], list[Spot]] | None = None
    for run in chains(spots):
        for start in range(len(run) - size + 1):
            window = run[start : start + size]
            if not all(spot.key in free for spot in window):
                continue
            x, y = _middle(window)
            rank = (window[0].hall != aim_hall, round(hypot(x - aim[0], y - aim[1]), 3), _order(window[0]))
            if best is None or rank < best[0]:
                best = (rank, window)
    return best[1] if best else []


def _middle(spots: Sequence[Spot]) -> tuple[float, float]:
    xs, ys = zip(*(spot.center for spot in spots), strict=True)
    return sum(xs) / len(xs), sum(ys) / len(ys)


def features(spots: Sequence[Spot], *, width_mm: int, depth_mm: int) -> dict[int | str, list[str]]:
    """What a place's surroundings make it, for one hall: "end" of its run, "corner" (an end one can stand at), "wall".

    A wall place has the hall's wall within reach behind it and no other place in between.
    """
    touching = neighbors(spots)
    found: dict[int | str, list[str]] = {}
    for spot in spots:
        open_sides = [side for side in beside(spot) if side not in touching[spot.key]]
        tags = ["end"] if open_sides else []
        if any(_room_at(spot, side, width_mm, depth_mm) >= FREE_END_MM for side in open_sides):
            tags.append("corner")
        if _room_at(spot, OPPOSITE[spot.facing], width_mm, depth_mm) <= WALL_MM and not _stands_behind(spot, spots):
            tags.append("wall")
        found[spot.key] = tags
    return found


def _room_at(spot: Spot, side: str, width_mm: int, depth_mm: int) -> int:
    """Millimeters from that side of the place to the hall's wall."""
    west, north, east, south = spot.box
    return {"W": west, "N": north, "E": width_mm - east, "S": depth_mm - south}[side]


def _stands_behind(spot: Spot, spots: Sequence[Spot]) -> bool:
    west, north, east, south = spot.box
    back = OPPOSITE[spot.facing]
    for other in spots:
        w, n, e, s = other.box
        if other.key == spot.key:
            continue
        in_column = min(e, east) - max(w, west) > TOUCH_MM
        in_line = min(s, south) - max(n, north) > TOUCH_MM
        gap = {"N": north - s, "S": n - south, "W": west - e, "E": w - east}[back]
        if gap >= -TOUCH_MM and (in_column if back in "NS" else in_line):
            return True
    return False


def natural(label: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key that puts A2 before A10 and B1, and Z9 before AA1."""
    parts: list[tuple[int, int, str]] = []
    text = ""
    for ch in label:
        if text and ch.isdecimal() != text[-1].isdecimal():
            parts.append(_part(text))
            text = ""
        text += ch
    return (*parts, _part(text)) if text else tuple(parts)


def _part(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text.isdecimal() else (1, len(text), text.casefold())
