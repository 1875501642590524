"""Levels that couple lists (people, budgets, limits), by branch and bound: HiGHS through SciPy."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from swapmeet.trades.matching.model import Level
from swapmeet.trades.matching.network import Network

Rows = list[list[int]]
Weights = np.ndarray[tuple[int], np.dtype[np.float64]]
Row = tuple[dict[int, float], float, float]  # coefficients, least, most


@dataclass(slots=True)
class Found:
    """What a search reached: the permutation, and value, bound and proof of each level."""

    column_of: list[int] | None
    reports: list[tuple[Level, int, int | None, bool, float]]


class Search:
    """A permutation over the arcs `rows`, under side conditions; levels are added one by one and then kept."""

    def __init__(
        self, network: Network, rows: Rows, budgets: dict[int, int], limits: Sequence[tuple[set[int], int, int]]
    ) -> None:
        self.network = network
        self.arcs = [(i, j) for i, row in enumerate(rows) for j in row if len(row) > 1 or j != i]
        self.size = len(self.arcs)
        self.conditions: list[Row] = []
        self.people = self._people()
        self._balance()
        for person, most in budgets.items():
            self._budget(person, most)
        for members, person, most in limits:
            arcs = [a for a, (i, j) in enumerate(self.arcs) if j in members and i != j and network.owners[i] == person]
            if arcs:
                self.conditions.append((dict.fromkeys(arcs, 1.0), -np.inf, float(most)))

    def _balance(self) -> None:
        rows: dict[int, dict[int, float]] = {}
        columns: dict[int, dict[int, float]] = {}
        for a, (i, j) in enumerate(self.arcs):
            rows.setdefault(i, {})[a] = 1.0
            columns.setdefault(j, {})[a] = 1.0
        self.conditions += [(row, 1.0, 1.0) for row in (*rows.values(), *columns.values())]

    def _people(self) -> list[int]:
        """One variable a person who may trade: at most the number of the person's moves."""
        mine: dict[int, dict[int, float]] = {}
        for a, (i, j) in enumerate(self.arcs):
            if i != j and self.network.is_item[i]:
                mine.setdefault(self.network.owners[i], {})[a] = -1.0
        for number, moves in enumerate(mine.values()):
            self.conditions.append(({**moves, self.size + number: 1.0}, -np.inf, 0.0))
        return list(mine)

    def _budget(self, person: int, most: int) -> None:
        asks, bids = self.network.asks, self.network.bids
        spent = {
            a: float(asks[i])
            for a, (i, j) in enumerate(self.arcs)
            if j in bids and i != j and self.network.owners[j] == person
        }
        if sum(spent.values()) > most:
            self.conditions.append((spent, -np.inf, float(most)))

    def weights(self, level: Level) -> Weights:
        """What each variable counts for a level that is made as large as possible (costs are negative)."""
        found = np.zeros(self.size + len(self.people))
        if level is Level.PEOPLE:
            found[self.size :] = 1.0
        for a, (i, j) in enumerate(self.arcs):
            if i != j and level is Level.ITEMS and self.network.is_item[i]:
                found[a] = 1.0
            elif i != j and level is Level.COST:
                found[a] = -self.network.cost_of(i, j)
        return found

    def keep(self, level: Level, value: int) -> None:
        """Only results with exactly this value of a level."""
        weights = self.weights(level)
        self.conditions.append(({int(k): float(weights[k]) for k in np.flatnonzero(weights)}, value, value))

    def run(self, levels: Sequence[Level], seconds: float) -> Found:
        """Each level in turn with what is left of `seconds`; a level without proof is kept at the value found."""
        if not self.size:
            return Found(list(range(self.network.size)), [(level, 0, 0, True, 0.0) for level in levels])
        found = Found(None, [])
        end = time.monotonic() + seconds
        for level in levels:
            began = time.process_time()
            weights = self.weights(level)
            answer = self._solve(weights, max(1.0, end - time.monotonic()))
            if answer.x is None:
                break
            value = round(float(weights @ answer.x))
            bound = int(np.floor(-answer.mip_dual_bound + 1e-6)) if answer.mip_dual_bound is not None else value
            proven = answer.status == 0 or bound <= value
            chosen = np.flatnonzero(answer.x[: self.size] > 0.5)
            found.column_of = list(range(self.network.size))
            for a in chosen:
                i, j = self.arcs[a]
                found.column_of[i] = j
            sign = -1 if level is Level.COST else 1
            found.reports.append(
                (level, sign * value, sign * (value if proven else bound), proven, time.process_time() - began)
            )
            self.conditions.append(({int(k): float(weights[k]) for k in np.flatnonzero(weights)}, value - 0.5, np.inf))
        return found

    def _solve(self, weights: Weights, seconds: float) -> Any:
        """HiGHS's own answer: `x`, `status` (0 when proven), `mip_dual_bound`."""
        entries = [(r, k, c) for r, (row, _, _) in enumerate(self.conditions) for k, c in row.items()]
        r, k, c = (np.array(part) for part in zip(*entries, strict=True))
        width = self.size + len(self.people)
        matrix = coo_array((c.astype(float), (r, k)), shape=(len(self.conditions), width)).tocsc()
        return milp(
            -weights,
            integrality=np.concatenate([np.ones(self.size), np.zeros(len(self.people))]),
            bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(
                matrix, [row[1] for row in self.conditions], [row[2] for row in self.conditions]
            ),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
