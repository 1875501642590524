"""A loop as a ring of dots: where each stands and where its words go. Pure; the page only draws what stands here."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

SIZE = 400
RING = 140
WORDS = 24  # from the ring to the words of a dot
MOST_NAMED = 12  # with more dots than this, only those that matter have words


@dataclass(frozen=True, slots=True)
class Dot:
    """One hand-over's giver. `label` is empty where there is no room for words."""

    x: float
    y: float
    radius: float
    label: str
    label_x: float
    label_y: float
    anchor: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """`arrows` are path data, one from each dot to the next, clockwise, that stop short of both dots."""

    size: int
    dots: tuple[Dot, ...]
    arrows: tuple[str, ...]


def draw_ring(labels: Sequence[str], mine: Sequence[bool]) -> Ring:
    """The first dot stands at the top. Cost linear in the dots."""
    count = len(labels)
    radius = max(3.0, min(14.0, 220 / max(1, count)))
    named = count <= MOST_NAMED
    dots = tuple(
        _dot(place, count, radius, label if named or is_mine else "", is_mine)
        for place, (label, is_mine) in enumerate(zip(labels, mine, strict=True))
    )
    return Ring(SIZE, dots, tuple(_arrow(place, count, radius) for place in range(count)) if named else ())


def _point(turn: float, distance: float) -> tuple[float, float]:
    """`turn` is the share of a whole turn, clockwise from the top."""
    return round(SIZE / 2 + distance * sin(turn * 2 * pi), 1), round(SIZE / 2 - distance * cos(turn * 2 * pi), 1)


def _dot(place: int, count: int, radius: float, label: str, is_mine: bool) -> Dot:
    turn = place / count
    x, y = _point(turn, RING)
    label_x, label_y = _point(turn, RING + WORDS)
    side = round(sin(turn * 2 * pi), 2)
    anchor = "middle" if abs(side) < 0.3 else "start" if side > 0 else "end"
    below = 9 * max(0.0, -cos(turn * 2 * pi))  # words hang under a dot as far as they stand over one
    return Dot(x, y, round(radius, 1), label, label_x, round(label_y + 5 + below, 1), anchor, is_mine)


def _arrow(place: int, count: int, radius: float) -> str:
    """Along the ring, with a head of two strokes at its end."""
    gap = (radius + 6) / (RING * 2 * pi)
    start, end = place / count + gap, (place + 1) / count - gap
    (x, y), (to_x, to_y) = _point(start, RING), _point(end, RING)
    back = end - 10 / (RING * 2 * pi)
    (left_x, left_y), (right_x, right_y) = _point(back, RING + 7), _point(back, RING - 7)
    wide = 1 if end - start > 0.5 else 0
    ring = f"M{x} {y}A{RING} {RING} 0 {wide} 1 {to_x} {to_y}"
    return f"{ring}M{left_x} {left_y}L{to_x} {to_y}L{right_x} {right_y}"
