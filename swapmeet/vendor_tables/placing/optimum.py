"""PURE. Best fit: a linear program over the runs that matter, prices, then the best whole placing over the columns it found good.

Columns come in by their price until no run that is left out could help; near wishes are pairs of runs (q <= both of its runs),
rivals and pairs to keep apart are counted at the borders between places. SciPy's HiGHS solves both programs, on one thread and
with limits that count nodes, so the same input gives the same result. The clock only ever stops a solve as a whole.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from swapmeet.vendor_tables.placing.bounding import Prices, bound, gains, no_prices, side_by_side
from swapmeet.vendor_tables.placing.grid import NEVER, Grid, Numbers

FIRST_COLUMNS = 12  # of each vendor, by value
NEW_COLUMNS = 6  # of each vendor and round, by gain
WHOLE_COLUMNS = 2  # of each vendor in the whole program, by gain
ALL_COLUMNS = 2_000  # a placing with no more runs than this is solved over all of them
ROUNDS = 14
CLOSE = 2_000  # the linear program is done when its bound is within one of so many
NODES = 50
GAP = 1e-3

Progress = Callable[[str, float], None]


class OutOfTime(Exception):
    """HiGHS did not come to its end in the time it was given."""


@dataclass
class Rows:
    """A sparse matrix being written: entries, and at most so much in each row."""

    most: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    value: list[int] = field(default_factory=list)

    def add(self, most: int, columns: Iterable[int], value: int = 1) -> int:
        """A new row; returns its number."""
        row = len(self.most)
        self.most.append(most)
        self.put(row, columns, value)
        return row

    def put(self, row: int, columns: Iterable[int], value: int = 1) -> None:
        """More entries of a row."""
        for column in columns:
            self.at.append(row)
            self.column.append(column)
            self.value.append(value)

    def matrix(self, columns: int) -> csr_array:
        return csr_array((self.value, (self.at, self.column)), shape=(len(self.most), columns))


@dataclass
class Program:
    """Columns (vendor, start), then near pairs, then penalties, with what each is worth; and which row prices what."""

    columns: list[tuple[int, int]]
    worth: list[int]
    rows: Rows
    place_row: dict[int, int] = field(default_factory=dict)
    circuit_row: dict[int, int] = field(default_factory=dict)
    rival_row: dict[tuple[int, int], int] = field(default_factory=dict)
    apart_row: dict[tuple[int, int, int], int] = field(default_factory=dict)


def write_program(grid: Grid, columns: list[tuple[int, int]]) -> Program:
    """The program over these columns: each vendor once, each place once, circuits, near, apart, rivals."""
    program = Program(columns, [int(grid.values[v, s]) for v, s in columns], Rows())
    number = {column: at for at, column in enumerate(columns)}
    of_vendor: dict[int, list[int]] = {}
    on_place: dict[int, list[int]] = {}
    on_circuit: dict[int, list[int]] = {}
    for at, (v, s) in enumerate(columns):
        of_vendor.setdefault(v, []).append(at)
        for t in range(s, s + grid.tables[v]):
            on_place.setdefault(t, []).append(at)
        if grid.amps[v]:
            on_circuit.setdefault(int(grid.circuit[v, s]), []).append(at)
    for v in sorted(of_vendor):
        program.rows.add(1, of_vendor[v])
    for t in sorted(on_place):
        program.place_row[t] = program.rows.add(1, on_place[t])
    for z in sorted(on_circuit):
        row = program.circuit_row[z] = program.rows.add(grid.room[z], ())
        for at in on_circuit[z]:
            program.rows.put(row, (at,), grid.amps[columns[at][0]])
    _write_near(grid, program, number, of_vendor)
    _write_apart(grid, program, number, of_vendor)
    _write_rivals(grid, program)
    return program


def _write_near(
    grid: Grid, program: Program, number: dict[tuple[int, int], int], of_vendor: dict[int, list[int]]
) -> None:
    """A near wish is met by one pair of touching runs, which may not be more than either of them."""
    for a, b in grid.near:
        pairs: dict[int, list[int]] = {}
        for at in of_vendor.get(a, ()):
            s = program.columns[at][1]
            for start in (s + grid.tables[a], s - grid.tables[b]):
                other = number.get((b, start))
                if other is not None:
                    together = len(program.worth)
                    program.worth.append(grid.near_value)
                    pairs.setdefault(at, []).append(together)
                    pairs.setdefault(other, []).append(together)
        for at in sorted(pairs):
            program.rows.put(program.rows.add(0, pairs[at]), (at,), -1)


def _write_apart(
    grid: Grid, program: Program, number: dict[tuple[int, int], int], of_vendor: dict[int, list[int]]
) -> None:
    for a in range(len(grid.tables)):
        for b in sorted(grid.apart[a]):
            for at in of_vendor.get(a, ()):
                border = program.columns[at][1] + grid.tables[a] - 1
                other = number.get((b, border + 1))
                if other is not None:
                    program.apart_row[a, b, border] = program.rows.add(1, (at, other))


def _write_rivals(grid: Grid, program: Program) -> None:
    """Of one category at most one of those who end before a border and those who begin behind it, or a penalty is paid."""
    ends: dict[tuple[int, int], list[int]] = {}
    begins: dict[tuple[int, int], list[int]] = {}
    for at, (v, s) in enumerate(program.columns):
        if grid.category[v] >= 0:
            ends.setdefault((grid.category[v], s + grid.tables[v] - 1), []).append(at)
            begins.setdefault((grid.category[v], s - 1), []).append(at)
    for key in sorted(ends.keys() & begins.keys()):
        before, behind = ends[key], begins[key]
        if len({program.columns[at][0] for at in before + behind}) > 1:
            row = program.rival_row[key] = program.rows.add(1, before + behind)
            program.rows.put(row, (len(program.worth),), -1)
            program.worth.append(-grid.rival_cost)


def find_prices(grid: Grid, program: Program, seconds: float) -> tuple[Prices, float, Numbers]:
    """Prices of the linear program, rounded to whole numbers; its value; how much of each column it takes. Raises OutOfTime."""
    count = len(program.worth)
    _check_time(seconds)
    answer = linprog(
        -np.array(program.worth, dtype=float),
        A_ub=program.rows.matrix(count),
        b_ub=np.array(program.rows.most, dtype=float),
        bounds=(0, None),
        method="highs",
        options={"time_limit": seconds},
    )
    if answer.status != 0:
        raise OutOfTime(answer.message)
    dual = np.maximum(np.rint(-answer.ineqlin.marginals), 0).astype(np.int64)
    prices = no_prices(grid)
    for t, row in program.place_row.items():
        prices.place[t] = dual[row]
    for z, row in program.circuit_row.items():
        prices.amp[z] = dual[row]
    rival: dict[int, Numbers] = {}
    for (category, border), row in program.rival_row.items():
        toll = rival.setdefault(category, np.zeros(grid.size, dtype=np.int64))
        toll[border] = min(int(dual[row]), grid.rival_cost)
    apart: dict[tuple[int, int], Numbers] = {}
    for (a, b, border), row in program.apart_row.items():
        apart.setdefault((a, b), np.zeros(grid.size, dtype=np.int64))[border] = dual[row]
    return Prices(prices.place, prices.amp, rival, apart), -answer.fun, answer.x[: len(program.columns)]


@dataclass
class Relaxed:
    """What the linear program leaves: the least bound, the gains and columns of the last round, how much it took of each."""

    bound: int
    gain: Numbers
    columns: list[tuple[int, int]]
    taken: Numbers


def _check_time(seconds: float) -> None:
    """HiGHS takes no limit below nothing: it would warn, and run to its end."""
    if seconds <= 0:
        raise OutOfTime("The time was over before the program began.")


def relax(grid: Grid, at: list[int], seconds: Callable[[], float], progress: Progress) -> Relaxed:
    """Solve over columns that come in by price, starting from the best valued ones and the placing `at`. Raises OutOfTime."""
    chosen = {(v, s) for v, s in enumerate(at) if s >= 0}
    is_small = int((grid.values > NEVER).sum()) <= ALL_COLUMNS
    for v in range(len(grid.tables)):
        chosen.update((v, s) for s in grid.candidates(v)[: ALL_COLUMNS if is_small else FIRST_COLUMNS])
    _add_beside_friends(grid, chosen)
    nothing = no_prices(grid)
    gain = gains(grid, nothing)
    found = Relaxed(bound(grid, nothing, gain), gain, [], np.zeros(0))
    if not chosen:
        return found
    for number in range(ROUNDS):
        columns = sorted(chosen)
        prices, value, taken = find_prices(grid, write_program(grid, columns), seconds())
        gain = gains(grid, prices)
        least = bound(grid, prices, gain)
        found = Relaxed(min(least, found.bound), gain, columns, taken)
        progress("bound", (number + 1) / ROUNDS)
        if least - value <= least / CLOSE or not _add_by_gain(grid, gain, chosen):
            break
    return found


def _add_beside_friends(grid: Grid, chosen: set[tuple[int, int]]) -> None:
    """Where somebody may stand, let the friends stand right before and behind."""
    for a, b in grid.near:
        for one, other in ((a, b), (b, a)):
            for v, s in [column for column in chosen if column[0] == one]:
                for start in (s + grid.tables[v], s - grid.tables[other]):
                    if start > 0 and start < grid.size and grid.values[other, start] > NEVER:
                        chosen.add((other, start))


def _add_by_gain(grid: Grid, gain: Numbers, chosen: set[tuple[int, int]]) -> bool:
    """Let in the runs that would gain the most at these prices. False when none is left that gains anything."""
    before = len(chosen)
    have: dict[int, int] = {}
    for v, s in chosen:
        have[v] = max(have.get(v, 0), int(gain[v, s]))
    for v in range(len(grid.tables)):
        row = gain[v]
        best = np.argsort(-row, kind="stable")[:NEW_COLUMNS]
        chosen.update((v, int(s)) for s in best if row[s] > have.get(v, 0))
    for a, b in grid.near:
        for one, other in ((a, b), (b, a)):
            both = side_by_side(grid, gain, one, other)
            for s in np.argsort(-both, kind="stable")[:NEW_COLUMNS]:
                if both[s] + grid.near_value > have.get(one, 0) + have.get(other, 0):
                    chosen.update(((one, int(s)), (other, int(s) + grid.tables[one])))
    return len(chosen) > before


def solve_whole(grid: Grid, relaxed: Relaxed, at: list[int], seconds: Callable[[], float]) -> list[int]:
    """The best placing over the good columns and those of `at`. Raises OutOfTime."""
    columns = _good_columns(grid, relaxed, at)
    if not columns:
        return list(at)
    program = write_program(grid, columns)
    count = len(program.worth)
    left = seconds()
    _check_time(left)
    answer = milp(
        -np.array(program.worth, dtype=float),
        constraints=LinearConstraint(program.rows.matrix(count), -np.inf, np.array(program.rows.most, dtype=float)),
        integrality=np.array([1] * len(columns) + [0] * (count - len(columns))),
        bounds=Bounds(0, 1),
        options={"node_limit": NODES, "mip_rel_gap": GAP, "time_limit": left},
    )
    if answer.x is None or seconds() <= 0:
        raise OutOfTime(answer.message)
    found = [-1] * len(grid.tables)
    for (v, s), taken in zip(columns, answer.x, strict=False):
        if taken > 0.5:
            found[v] = s
    return found


def _good_columns(grid: Grid, relaxed: Relaxed, at: list[int]) -> list[tuple[int, int]]:
    if int((grid.values > NEVER).sum()) <= ALL_COLUMNS:
        return [(int(v), int(s)) for v, s in np.argwhere(grid.values > NEVER)]
    chosen = {(v, s) for v, s in enumerate(at) if s >= 0}
    chosen.update(column for column, taken in zip(relaxed.columns, relaxed.taken, strict=True) if taken > 1e-6)
    for v in range(len(grid.tables)):
        row = relaxed.gain[v]
        best = np.argsort(-row, kind="stable")[:WHOLE_COLUMNS]
        chosen.update((v, int(s)) for s in best if row[s] > NEVER)
    for a, b in grid.near:
        for one, other in ((a, b), (b, a)):
            both = side_by_side(grid, relaxed.gain, one, other)
            for s in np.argsort(-both, kind="stable")[:WHOLE_COLUMNS]:
                if both[s] > NEVER:
                    chosen.update(((one, int(s)), (other, int(s) + grid.tables[one])))
    return sorted(chosen)
