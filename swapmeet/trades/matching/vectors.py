"""The same as `assigning` for large networks, on the compiled routines of SciPy. Loads when it is needed, not before."""

import os
from itertools import chain, pairwise
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
    flat = _Flat.of(arcs, fares)
    label = _labels(flat.column, flat.starts, flat.size)
    column_of = _match(flat, label, label[flat.row] == label[flat.column])
    u, v = _prices(flat, column_of, np.zeros(flat.size, np.int64))
    return column_of.tolist(), u.tolist(), v.tolist()


def repair_prices(arcs: Rows, fares: Rows, column_of: list[int], u: list[int]) -> list[int]:
    """As `assigning.repair_prices`: lowers u in place and returns v."""
    lower, v = _prices(_Flat.of(arcs, fares), np.array(column_of, np.int64), np.array(u, np.int64))
    u[:] = lower.tolist()
    prices: list[int] = v.tolist()
    return prices


class _Flat:
    """Arcs as arrays, row by row."""

    def __init__(self, column: Array, fare: Array, starts: Array) -> None:
        self.size = len(starts) - 1
        self.column, self.fare, self.starts = column, fare, starts
        self.row = np.repeat(np.arange(self.size, dtype=np.int32), np.diff(starts))

    @classmethod
    def of(cls, arcs: Rows, fares: Rows) -> "_Flat":
        starts = _starts(arcs)
        total = int(starts[-1])
        column = np.fromiter(chain.from_iterable(arcs), np.int32, total)
        return cls(column, np.fromiter(chain.from_iterable(fares), np.int64, total), starts)

    @classmethod
    def with_own(cls, column: Array, starts: Array, stay: Array) -> "_Flat":
        """Arcs that cost nothing; as the last of each row, its own column at the cost of staying."""
        size = len(stay)
        column = np.insert(column, starts[1:], np.arange(size, dtype=np.int32))
        starts = starts + np.arange(size + 1)
        fare = np.zeros(len(column), np.int64)
        fare[starts[1:] - 1] = stay
        return cls(column, fare, starts)


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


def _match(flat: _Flat, labels: Array, is_inside: Array) -> Array:
    """The cheapest permutation. `is_inside` are the arcs inside a strongly connected component."""
    row, column = flat.row, flat.column
    active = np.bincount(labels)[labels] > 1
    place = np.cumsum(active) - 1
    keep = is_inside & active[row]
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


def most_items(targets: Rows, is_item: bytearray, apart: int) -> tuple[list[int], list[int], list[int], Rows]:
    """As `bitsets.most_items`, by the sparse assignment of `assign`."""
    size = len(targets)
    starts = _starts(targets)
    column = np.fromiter(chain.from_iterable(targets), np.int32, int(starts[-1]))
    label = _labels(column, starts, size)
    flat = _Flat.with_own(column, starts, np.frombuffer(is_item, np.int8))
    is_inside = label[flat.row] == label[flat.column]
    column_of = _match(flat, label, is_inside)
    flat.fare[~is_inside] -= apart
    u, v = _prices(flat, column_of, np.zeros(size, np.int64))
    tight = np.flatnonzero(is_inside & (u[flat.row] + v[flat.column] == flat.fare))
    ends = np.cumsum(np.bincount(flat.row[tight], minlength=size)).tolist()
    columns = flat.column[tight].tolist()
    return column_of.tolist(), u.tolist(), v.tolist(), [columns[a:b] for a, b in pairwise([0, *ends])]
