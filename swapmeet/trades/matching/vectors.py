"""The same as `assigning` for large networks, on the compiled routines of SciPy. Loads when it is needed, not before."""

import os
from itertools import chain
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nothing here multiplies matrices; threads would only cost

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

Rows = list[list[int]]
Array = np.ndarray[Any, Any]


def assign(arcs: Rows, fares: Rows) -> tuple[list[int], list[int], list[int]]:
    """(column of each row, u, v), as `assigning.assign`.

    Arcs between strongly connected components cannot be in a permutation and are dropped before the sparse assignment
    (Jonker and Volgenant 1987). Prices come from the differences along arcs (Bellman and Ford), in whole numbers.
    """
    flat = _Flat(arcs, fares)
    column_of = _match(flat)
    u, v = _prices(flat, column_of, np.zeros(flat.size, np.int64))
    return column_of.tolist(), u.tolist(), v.tolist()


def repair_prices(arcs: Rows, fares: Rows, column_of: list[int], u: list[int]) -> list[int]:
    """As `assigning.repair_prices`: lowers u in place and returns v."""
    lower, v = _prices(_Flat(arcs, fares), np.array(column_of, np.int64), np.array(u, np.int64))
    u[:] = lower.tolist()
    prices: list[int] = v.tolist()
    return prices


class _Flat:
    """Arcs as arrays, row by row."""

    def __init__(self, arcs: Rows, fares: Rows) -> None:
        self.size = len(arcs)
        self.starts = _starts(arcs)
        total = int(self.starts[-1])
        self.column = np.fromiter(chain.from_iterable(arcs), np.int32, total)
        self.fare = np.fromiter(chain.from_iterable(fares), np.int64, total)
        self.row = np.repeat(np.arange(self.size, dtype=np.int32), np.diff(self.starts))


def components(arcs: Rows) -> list[int]:
    """The strongly connected component of each vertex, by number."""
    starts = _starts(arcs)
    column = np.fromiter(chain.from_iterable(arcs), np.int32, int(starts[-1]))
    found: list[int] = _labels(column, starts, len(arcs)).tolist()
    return found


def _starts(arcs: Rows) -> Array:
    starts = np.zeros(len(arcs) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, arcs), np.int64, len(arcs)), out=starts[1:])
    return starts


def _labels(column: Array, starts: Array, size: int) -> Array:
    graph = csr_array((np.ones(len(column), np.int8), column, starts), shape=(size, size))
    labels: Array = connected_components(graph, connection="strong")[1]
    return labels


def _match(flat: _Flat) -> Array:
    row, column = flat.row, flat.column
    labels = _labels(column, flat.starts, flat.size)
    active = np.bincount(labels)[labels] > 1
    place = np.cumsum(active) - 1
    keep = (labels[row] == labels[column]) & active[row]
    count = int(active.sum())
    column_of = np.arange(flat.size)
    if count:
        weights = flat.fare[keep].astype(np.float64) + 1.0  # a stored zero would not count as an arc
        graph = csr_array((weights, (place[row[keep]], place[column[keep]])), shape=(count, count))
        _, found = min_weight_full_bipartite_matching(graph)
        members = np.flatnonzero(active)
        column_of[members] = members[found]
    return column_of


def _prices(flat: _Flat, column_of: Array, u: Array) -> tuple[Array, Array]:
    """The highest u below the given one that fits every arc, and the v that goes with it."""
    on = flat.column == column_of[flat.row]
    fare_of = np.zeros(flat.size, np.int64)
    fare_of[flat.column[on]] = flat.fare[on]
    row_of = np.empty(flat.size, np.int64)
    row_of[column_of] = np.arange(flat.size)
    step = flat.fare - fare_of[flat.column]
    before = row_of[flat.column]
    while True:
        lower = np.minimum.reduceat(u[before] + step, flat.starts[:-1])
        if (lower >= u).all():
            return u, fare_of - u[row_of]
        u = np.minimum(u, lower)
