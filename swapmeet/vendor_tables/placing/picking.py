"""PURE. One after another: each vendor in turn takes what it likes best of what is left. First come and draft are this."""

from collections.abc import Sequence

import numpy as np

from swapmeet.vendor_tables.placing.drawing import draw_order
from swapmeet.vendor_tables.placing.grid import FREE, NEVER, Grid, every, friends_of
from swapmeet.vendor_tables.placing.problem import BASE

TIES = 64  # own likings are told apart by steps of this; below it stands what is kinder to those who follow


def by_arrival(grid: Grid) -> list[int]:
    """Vendors in the order in which they applied."""
    vendors = grid.problem.vendors
    return sorted(range(len(vendors)), key=lambda v: (vendors[v].applied, vendors[v].key))


def by_points(grid: Grid, seed: str) -> list[int]:
    """Vendors by points; equal points by sealed lot."""
    number = {vendor.key: v for v, vendor in enumerate(grid.problem.vendors)}
    return [number[key] for key in draw_order([(v.key, v.points) for v in grid.problem.vendors], seed)]


def pick_in_turn(grid: Grid, order: Sequence[int]) -> list[int]:
    """Starts by vendor. Each sees who stands where: friends draw, rivals repel. Equals go where they break up the least.

    Among equally liked runs the one wins that leaves power to others, then the one at the edge of a gap, then the first.
    """
    free = np.array([state == FREE for state in grid.start_free])
    owner = np.full(grid.size, -1, dtype=np.int64)
    at = [-1] * len(grid.tables)
    room = np.array([*grid.room, 0], dtype=np.int64)  # -1, "no circuit", reads the last
    friends = friends_of(grid)
    categories = np.array([*grid.category, -1])
    powered = np.array([bool(key) and place_has_power for key, place_has_power in _power(grid)])
    for v in order:
        tables = grid.tables[v]
        open_runs = (grid.values[v] > NEVER) & every(free, tables)
        if grid.amps[v]:
            open_runs &= room[grid.circuit[v]] >= grid.amps[v]
        score = _score(grid, v, owner, at, friends[v], categories)
        open_runs &= score > NEVER
        if not open_runs.any():
            continue
        left, right = np.roll(free, 1), np.roll(free, -tables)
        unkind = left.astype(np.int64) + right + (0 if grid.amps[v] else 4 * powered)
        ranked = np.where(open_runs, score * TIES - unkind, NEVER * TIES)
        start = int(np.argmax(ranked))
        at[v] = start
        free[start : start + tables] = False
        owner[start : start + tables] = v
        if grid.amps[v]:
            room[grid.circuit[v, start]] -= grid.amps[v]
    return at


def _power(grid: Grid) -> list[tuple[str, bool]]:
    has = {place.key: bool(place.circuit) for place in grid.problem.places}
    return [(key, has.get(key, False)) for key in grid.keys]


def _score(
    grid: Grid, v: int, owner: np.ndarray, at: list[int], friends: list[int], categories: np.ndarray
) -> np.ndarray:
    """How v likes each start now, without its points: own liking, fixed neighbors, friends and rivals placed so far."""
    tables = grid.tables[v]
    fixed = grid.values[v] - grid.weight[v] * grid.liking[v]
    score = np.where(grid.values[v] > NEVER, BASE * grid.liking[v] + fixed, NEVER)
    left, right = np.roll(owner, 1), np.roll(owner, -tables)
    if grid.category[v] >= 0:
        rivals = (categories[left] == grid.category[v]).astype(np.int64) + (categories[right] == grid.category[v])
        score -= grid.rival_cost * rivals
    for friend in friends:
        if at[friend] >= 0:
            for start in (at[friend] - tables, at[friend] + grid.tables[friend]):
                if start >= 0 and grid.values[v, start] > NEVER:
                    score[start] += grid.near_value
    for other in grid.apart[v]:
        if at[other] >= 0:
            score[(left == other) | (right == other)] = NEVER
    return score
