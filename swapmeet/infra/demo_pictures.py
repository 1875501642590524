"""Draws the demo's photos: a simple thing on a table in front of a wall. Deterministic; loads Pillow when called."""

import colorsys
from collections.abc import Callable
from io import BytesIO
from typing import Any

SIZE = (640, 480)
SCALE = 2  # drawn twice as large and made smaller, so that edges are smooth
HUES = 3

Draw = Callable[[Any, tuple[int, int, int], tuple[int, int, int]], None]


def sketch_of(category: str) -> str:
    """Which of the drawings stands for a category."""
    return {
        "house": "house", "house-kit": "house", "roombox": "house", "structure": "house", "diorama": "plant",
        "loco": "engine", "stock": "wagon", "vehicle": "wagon", "module": "track", "track": "track",
        "doll": "figure", "figure-single": "figure", "doll-large": "figure", "animal": "figure", "figure-unit": "figure",
        "garden": "plant", "terrain": "plant", "furniture": "chair", "textile": "chair", "lighting": "lamp",
        "publication": "books", "book": "books", "ceramic": "pots", "food": "pots", "tool": "lamp",
    }.get(category, "box")  # fmt: skip


def draw_photo(sketch: str, hue: int) -> bytes:
    """One photo as JPEG bytes. `hue` from 0 to HUES - 1 picks its colors."""
    from PIL import Image, ImageDraw, ImageFilter

    width, height = SIZE[0] * SCALE, SIZE[1] * SCALE
    turn = (hue / HUES + 0.03 * len(sketch)) % 1
    wall, floor, body, line = (_color(turn, *part) for part in ((0.16, 0.94), (0.22, 0.78), (0.55, 0.72), (0.75, 0.34)))
    picture = Image.linear_gradient("L").resize((width, height))
    ground = Image.composite(
        Image.new("RGB", picture.size, wall), Image.new("RGB", picture.size, _mix(wall, floor)), picture
    )
    brush = ImageDraw.Draw(ground)
    brush.rectangle((0, int(height * 0.72), width, height), fill=floor)
    shadow = Image.new("L", (200, 150), 0)
    ImageDraw.Draw(shadow).ellipse((40, 114, 164, 135), fill=110)
    soft = shadow.filter(ImageFilter.GaussianBlur(3)).resize(ground.size)
    ground.paste(_mix(floor, (0, 0, 0)), mask=soft)
    SKETCHES[sketch](ImageDraw.Draw(ground), body, line)
    target = BytesIO()
    ground.resize(SIZE, Image.Resampling.LANCZOS).save(target, "JPEG", quality=90)
    return target.getvalue()


def _color(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def _mix(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return (one[0] + other[0]) // 2, (one[1] + other[1]) // 2, (one[2] + other[2]) // 2


def _box(brush: Any, at: tuple[float, float, float, float], body: Any, line: Any, radius: float = 2) -> None:
    """A filled box; coordinates in hundredths of the picture's height, the thing stands on 84."""
    unit = SIZE[1] * SCALE / 100
    shift = (SIZE[0] - SIZE[1]) * SCALE / 2
    spot = (at[0] * unit + shift, at[1] * unit, at[2] * unit + shift, at[3] * unit)
    brush.rounded_rectangle(spot, radius * unit, fill=body, outline=line, width=int(unit))


def _round(brush: Any, x: float, y: float, r: float, body: Any, line: Any) -> None:
    _box(brush, (x - r, y - r, x + r, y + r), body, line, radius=r)


def _shape(brush: Any, points: list[tuple[float, float]], body: Any, line: Any) -> None:
    unit = SIZE[1] * SCALE / 100
    shift = (SIZE[0] - SIZE[1]) * SCALE / 2
    brush.polygon([(x * unit + shift, y * unit) for x, y in points], fill=body, outline=line, width=int(unit))


def _house(brush: Any, body: Any, line: Any) -> None:
    _box(brush, (22, 44, 78, 84), body, line)
    _shape(brush, [(16, 46), (50, 18), (84, 46)], _mix(body, line), line)
    _box(brush, (44, 60, 56, 84), line, line, 1)
    for x in (28, 62):
        _box(brush, (x, 52, x + 10, 64), (255, 244, 214), line, 1)


def _wagon(brush: Any, body: Any, line: Any) -> None:
    _box(brush, (10, 42, 90, 74), body, line, 3)
    for x in range(18, 86, 12):
        _box(brush, (x, 48, x + 1.2, 70), line, line, 0.5)
    for x in (26, 74):
        _round(brush, x, 77, 7, _mix(body, line), line)


def _engine(brush: Any, body: Any, line: Any) -> None:
    _box(brush, (14, 50, 62, 72), body, line, 8)
    _box(brush, (56, 34, 84, 72), _mix(body, (255, 255, 255)), line)
    _box(brush, (22, 34, 32, 52), line, line)
    _box(brush, (62, 40, 76, 52), (255, 244, 214), line, 1)
    for x in (24, 44, 70):
        _round(brush, x, 76, 8, _mix(body, line), line)


def _figure(brush: Any, body: Any, line: Any) -> None:
    _shape(brush, [(50, 38), (68, 84), (32, 84)], body, line)
    _round(brush, 50, 28, 11, (240, 205, 175), line)
    _box(brush, (38, 14, 62, 21), line, line, 3)
    _box(brush, (30, 52, 70, 57), _mix(body, line), line)


def _plant(brush: Any, body: Any, line: Any) -> None:
    _box(brush, (47, 40, 53, 72), (122, 92, 62), line, 1)
    for x, y, r in ((50, 28, 15), (36, 42, 11), (64, 42, 11)):
        _round(brush, x, y, r, (104, 158, 92), (52, 92, 52))
    _shape(brush, [(36, 68), (64, 68), (60, 84), (40, 84)], body, line)


def _chair(brush: Any, body: Any, line: Any) -> None:
    _box(brush, (32, 20, 38, 84), body, line, 1)
    for y in (26, 35, 44):
        _box(brush, (36, y, 62, y + 4), _mix(body, line), line, 1)
    _box(brush, (60, 20, 66, 58), body, line, 1)
    _box(brush, (30, 54, 72, 61), _mix(body, (255, 255, 255)), line)
    _box(brush, (66, 60, 72, 84), body, line, 1)


def _lamp(brush: Any, body: Any, line: Any) -> None:
    _shape(brush, [(38, 22), (62, 22), (72, 48), (28, 48)], (255, 236, 178), line)
    _box(brush, (47, 48, 53, 76), body, line, 1)
    _box(brush, (34, 76, 66, 84), _mix(body, line), line, 3)


def _books(brush: Any, body: Any, line: Any) -> None:
    for number, (x, top) in enumerate(((24, 34), (34, 28), (44, 38), (54, 30), (64, 36))):
        shade = body if number % 2 else _mix(body, (255, 255, 255))
        _box(brush, (x, top, x + 10, 84), shade, line, 1)
        _box(brush, (x + 2.5, top + 8, x + 7.5, top + 10), line, line, 0.5)


def _pots(brush: Any, body: Any, line: Any) -> None:
    _box(brush, (20, 50, 52, 84), body, line, 12)
    _box(brush, (26, 44, 46, 52), _mix(body, line), line)
    _box(brush, (54, 62, 82, 84), _mix(body, (255, 255, 255)), line, 9)
    _box(brush, (58, 57, 78, 63), line, line)


def _track(brush: Any, body: Any, line: Any) -> None:
    for x in range(8, 94, 9):
        _box(brush, (x, 62, x + 4, 86), (122, 92, 62), line, 0.5)
    for y in (67, 78):
        _box(brush, (4, y, 96, y + 3), body, line, 1)


def _plain_box(brush: Any, body: Any, line: Any) -> None:
    _box(brush, (24, 46, 76, 84), body, line)
    _shape(brush, [(24, 46), (76, 46), (84, 36), (32, 36)], _mix(body, (255, 255, 255)), line)
    _box(brush, (46, 46, 54, 84), _mix(body, line), line, 0.5)


SKETCHES: dict[str, Draw] = {
    "house": _house,
    "wagon": _wagon,
    "engine": _engine,
    "figure": _figure,
    "plant": _plant,
    "chair": _chair,
    "lamp": _lamp,
    "books": _books,
    "pots": _pots,
    "track": _track,
    "box": _plain_box,
}
