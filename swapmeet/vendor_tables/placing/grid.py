"""PURE. A problem laid out in arrays: rows end to end with a gap between them, so a run is a start and a length.

What `values[v, s]` says: how much it adds when vendor v stands from position s on, before neighbors who are placed now;
NEVER where a hard rule forbids it. All numbers are whole.
"""

from array import array
from dataclasses import dataclass
from typing import Any

import numpy as np

from swapmeet.vendor_tables.placing.judging import CORNER, lack_of
from swapmeet.vendor_tables.placing.problem import BASE, Given, Place, Problem, Vendor, pair, weight_of

NEVER = -(1 << 40)
FREE, WALL = -1, -2

Numbers = Any  # a NumPy array; its shape stands beside it


@dataclass
class Grid:
    """`liking`, `values`, `circuit` are [vendor, position]; `links[v]` maps a vendor to +1 near, `apart[v]` are never beside v."""

    problem: Problem
    keys: list[str]  # by position, "" between rows
    liking: Numbers
    values: Numbers
    circuit: Numbers
    tables: list[int]
    weight: list[int]
    amps: list[int]
    category: list[int]  # -1: none
    near: list[tuple[int, int]]
    apart: list[set[int]]
    room: list[int]  # amps left by circuit
    start_free: list[int]  # FREE or WALL by position
    near_value: int
    rival_cost: int

    @property
    def size(self) -> int:
        return len(self.keys)

    def given(self, at: list[int]) -> Given:
        """The placing of starts by vendor; -1 is nowhere."""
        vendors = self.problem.vendors
        return {vendors[v].key: tuple(self.keys[s : s + self.tables[v]]) for v, s in enumerate(at) if s >= 0}

    def candidates(self, v: int) -> "array[int]":
        """Starts where v may stand, the most valuable first, then by position."""
        row = self.values[v]
        starts = np.flatnonzero(row > NEVER)
        order = np.lexsort((starts, -row[starts]))
        return array("q", starts[order].astype(np.int64).tobytes())


def lay_out(problem: Problem) -> Grid:
    """Arrays of a problem that `check` accepts. Some milliseconds for each vendor at a thousand places."""
    keys = [""]
    for row in problem.rows:
        keys += [*row, ""]
    by_key = {place.key: place for place in problem.places}
    places = [by_key.get(key) for key in keys]
    kept = {key: row for row in problem.kept for key in row.places}
    names = sorted(problem.circuits)
    number = {vendor.key: v for v, vendor in enumerate(problem.vendors)}
    categories = sorted({vendor.category for vendor in problem.vendors} - {""})
    n, size = len(problem.vendors), len(keys)
    grid = Grid(
        problem=problem,
        keys=keys,
        liking=np.zeros((n, size), dtype=np.int64),
        values=np.full((n, size), NEVER, dtype=np.int64),
        circuit=np.full((n, size), -1, dtype=np.int32),
        tables=[vendor.tables for vendor in problem.vendors],
        weight=[weight_of(vendor) for vendor in problem.vendors],
        amps=[vendor.amps for vendor in problem.vendors],
        category=[categories.index(vendor.category) if vendor.category else -1 for vendor in problem.vendors],
        near=sorted((number[a], number[b]) for a, b in problem.near if a in number and b in number),
        apart=[set() for _ in problem.vendors],
        room=_room(problem, names, by_key),
        start_free=[FREE if key and key not in kept else WALL for key in keys],
        near_value=BASE * problem.weights.near,
        rival_cost=BASE * problem.weights.rival,
    )
    for a, b in problem.away:
        if a in number and b in number:
            grid.apart[number[a]].add(number[b])
            grid.apart[number[b]].add(number[a])
    reader = _Reader(grid, places, names)
    for v, vendor in enumerate(problem.vendors):
        reader.fill(v, vendor)
    return grid


def _room(problem: Problem, names: list[str], places: dict[str, Place]) -> list[int]:
    room = dict(problem.circuits)
    for kept in problem.kept:
        circuit = next((places[key].circuit for key in kept.places if places[key].circuit), "")
        if kept.amps and circuit in room:
            room[circuit] = max(0, room[circuit] - kept.amps)
    return [room[name] for name in names]


def every(flags: Numbers, tables: int) -> Numbers:
    """[s] = all of flags[s : s + tables]; False where the run leaves the array."""
    found = flags.copy()
    for ahead in range(1, tables):
        found[: len(flags) - ahead] &= flags[ahead:]
        found[len(flags) - ahead :] = False
    return found


def some(flags: Numbers, tables: int) -> Numbers:
    """[s] = any of flags[s : s + tables]."""
    found = flags.copy()
    for ahead in range(1, tables):
        found[: len(flags) - ahead] |= flags[ahead:]
    return found


def friends_of(grid: Grid) -> list[list[int]]:
    """By vendor, those who are to be placed as well and want to stand next to each other."""
    friends: list[list[int]] = [[] for _ in grid.tables]
    for a, b in grid.near:
        friends[a].append(b)
        friends[b].append(a)
    return friends


class _Reader:
    """Fills the rows of a grid, vendor by vendor; vendors who ask for the same thing share the reading of places."""

    def __init__(self, grid: Grid, places: list[Place | None], circuits: list[str]) -> None:
        self.grid, self.places = grid, places
        problem = grid.problem
        self.at = {key: s for s, key in enumerate(grid.keys) if key}
        self.free = np.array([state == FREE for state in grid.start_free])
        self.corner = np.array([place is not None and CORNER in place.tags for place in places])
        numbers = {name: z for z, name in enumerate(circuits)}
        self.plug = np.array([numbers.get(place.circuit, -1) if place else -1 for place in places], dtype=np.int32)
        self.power = np.array([problem.circuits.get(place.circuit, 0) if place else 0 for place in places])
        self.fitting: dict[Any, Numbers] = {}
        self.areas: dict[frozenset[str], Numbers] = {}
        self.kept = [(row, {self.at[key] for key in row.places}) for row in problem.kept]

    def fill(self, v: int, vendor: Vendor) -> None:
        grid, weights, tables = self.grid, self.grid.problem.weights, vendor.tables
        fits = every(self._fits(vendor), tables)
        if vendor.amps:
            grid.circuit[v] = self._plugs(vendor.amps, tables)
            fits &= grid.circuit[v] >= 0
        wish = np.zeros(grid.size, dtype=np.int64)
        for rank, wanted in reversed(list(enumerate(vendor.wishes))):
            inside = self._area(wanted.places)
            met = every(inside, tables) if wanted.is_area else some(inside, tables)
            wish[met] = max(0, weights.first_wish - weights.rank * rank)
        liking = weights.placed + wish
        if vendor.likes_corner:
            liking[some(self.corner, tables)] += weights.corner
        value = grid.weight[v] * liking + self._fixed_neighbors(vendor, fits)
        grid.liking[v] = np.where(fits, liking, 0)
        grid.values[v] = np.where(fits, value, NEVER)

    def _fits(self, vendor: Vendor) -> Numbers:
        key = (vendor.kinds, vendor.needs, vendor.height_mm)
        if key not in self.fitting:
            fits = [place is not None and not lack_of(vendor, place) for place in self.places]
            self.fitting[key] = np.array(fits) & self.free
        return self.fitting[key]

    def _area(self, places: frozenset[str]) -> Numbers:
        if places not in self.areas:
            inside = np.zeros(self.grid.size, dtype=bool)
            inside[[self.at[key] for key in places if key in self.at]] = True
            self.areas[places] = inside
        return self.areas[places]

    def _plugs(self, amps: int, tables: int) -> Numbers:
        """[s] = the circuit of the first place of the run that could carry it, -1 without one."""
        own = np.where(self.power >= amps, self.plug, -1)
        found = own.copy()
        for ahead in range(1, tables):
            head = found[: len(own) - ahead]
            found[: len(own) - ahead] = np.where(head < 0, own[ahead:], head)
        return found

    def _fixed_neighbors(self, vendor: Vendor, fits: Numbers) -> Numbers:
        """What stands beside fixed holders adds or costs; runs beside one to keep away from are struck out of `fits`."""
        extra = np.zeros(self.grid.size, dtype=np.int64)
        problem, size, tables = self.grid.problem, self.grid.size, vendor.tables
        for row, standing in self.kept:
            two = pair(vendor.key, row.vendor)
            worth = self.grid.near_value if row.vendor and two in problem.near else 0
            cost = self.grid.rival_cost if row.category and row.category == vendor.category else 0
            is_away = bool(row.vendor) and two in problem.away
            if not (worth or cost or is_away):
                continue
            beside = {s for t in standing for s in (t + 1, t - tables) if 0 < s < size}
            for s in beside:
                touches = ((s - 1) in standing) + ((s + tables) in standing)
                extra[s] += worth - cost * touches
                fits[s] &= not is_away
        return extra
