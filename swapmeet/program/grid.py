"""PURE. A day as a table: one column a hall (more where sessions overlap in it), one row each quarter or half hour."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

STEP = timedelta(minutes=30)
MAX_ROWS = 64


@dataclass(frozen=True)
class Block:
    """Something to place: a key of the caller, the column it belongs to, and its span."""

    item: Any
    column: str
    starts_at: datetime
    ends_at: datetime


@dataclass
class Cell:
    """A cell of the table: an item over `rows` rows, or (item None) an empty stretch of them."""

    item: Any
    rows: int


@dataclass
class DayGrid:
    """`columns` are (label, lanes); `rows` are (instant, cells that start in this row, left to right)."""

    columns: list[tuple[str, int]] = field(default_factory=list)
    rows: list[tuple[datetime, list[Cell]]] = field(default_factory=list)


def day_grid(blocks: Sequence[Block], columns: Sequence[str]) -> DayGrid:
    """Lay a day out. Columns without blocks are left out; ends and starts are rounded outward to the step.

    Within a column overlapping blocks go to the first free lane, in order of start, then end, then position.
    """
    if not blocks:
        return DayGrid()
    start = min(_floor(block.starts_at) for block in blocks)
    end = max(_ceil(block.ends_at) for block in blocks)
    count = min(MAX_ROWS, (end - start) // STEP)
    used = [name for name in columns if any(block.column == name for block in blocks)]
    lanes = [(name, lane) for name in used for lane in _lanes([b for b in blocks if b.column == name])]
    stacks = [_stack(lane, start, count) for _, lane in lanes]
    rows = [(start + index * STEP, [stack[index] for stack in stacks if index in stack]) for index in range(count)]
    return DayGrid([(name, sum(1 for other, _ in lanes if other == name)) for name in used], rows)


def _lanes(blocks: Sequence[Block]) -> list[list[Block]]:
    lanes: list[list[Block]] = []
    for block in sorted(blocks, key=lambda b: (b.starts_at, b.ends_at)):
        for lane in lanes:
            if _ceil(lane[-1].ends_at) <= _floor(block.starts_at):
                lane.append(block)
                break
        else:
            lanes.append([block])
    return lanes


def _stack(lane: Sequence[Block], start: datetime, count: int) -> dict[int, Cell]:
    """Cells of one lane by the row they start in, the gaps filled."""
    cells: dict[int, Cell] = {}
    row = 0
    for block in lane:
        first = min(count - 1, (_floor(block.starts_at) - start) // STEP)
        last = min(count, (_ceil(block.ends_at) - start) // STEP)
        if first > row:
            cells[row] = Cell(None, first - row)
        cells[first] = Cell(block.item, max(1, last - first))
        row = max(first + 1, last)
    if row < count:
        cells[row] = Cell(None, count - row)
    return cells


def _floor(moment: datetime) -> datetime:
    return moment - timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)


def _ceil(moment: datetime) -> datetime:
    floor = _floor(moment)
    return floor if floor == moment else floor + STEP
