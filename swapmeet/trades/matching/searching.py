"""Levels that couple lists (people, evenness, partners, budgets, limits), by branch and bound: HiGHS through SciPy."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from swapmeet.trades.matching.measuring import Measure, Pairs, Rules, sign_of
from swapmeet.trades.matching.model import Level

Rows = list[list[int]]
Weights = np.ndarray[tuple[int], np.dtype[np.float64]]
Condition = tuple[Sequence[int], Sequence[float], float, float]  # variables, what each counts, least, most
SLACK = 1e-6


@dataclass(slots=True)
class Reached:
    """What a level came to. `seconds` are CPU."""

    level: Level
    value: int
    bound: int
    proven: bool
    seconds: float


@dataclass(slots=True)
class Found:
    """What a search reached. `pairs` is None when nothing that keeps the conditions was met."""

    pairs: list[tuple[int, int]] | None
    reached: list[Reached]


class Search:
    """A choice among the arcs `rows`, such that each vertex receives once and sends once (to itself where it stays).

    Levels are searched one by one and then kept.
    """

    def __init__(self, measure: Measure, rules: Rules, rows: Rows) -> None:
        self.measure = measure
        self.network = measure.network
        self.arcs = [(i, j) for i, row in enumerate(rows) for j in row if len(row) > 1 or j != i]
        self.width = len(self.arcs)
        self.is_whole = [True] * self.width
        self.highest = [1.0] * self.width
        self.conditions: list[Condition] = []
        self._balance()
        self._add_rules(rules)

    def _balance(self) -> None:
        rows: dict[int, list[int]] = {}
        columns: dict[int, list[int]] = {}
        for a, (i, j) in enumerate(self.arcs):
            rows.setdefault(i, []).append(a)
            columns.setdefault(j, []).append(a)
        self.conditions += [(part, [1.0] * len(part), 1.0, 1.0) for part in (*rows.values(), *columns.values())]

    def _add_rules(self, rules: Rules) -> None:
        owners, asks, bids = self.network.owners, self.network.asks, self.network.bids
        for members, person, most in rules.limits:
            arcs = [a for a, (i, j) in enumerate(self.arcs) if j in members and i != j and owners[i] == person]
            if len(arcs) > most:
                self.conditions.append((arcs, [1.0] * len(arcs), -np.inf, float(most)))
        for person, most in rules.budgets.items():
            arcs = [a for a, (i, j) in enumerate(self.arcs) if j in bids and i != j and owners[j] == person]
            spent = [float(asks[self.arcs[a][0]]) for a in arcs]
            if sum(spent) > most:
                self.conditions.append((arcs, spent, -np.inf, float(most)))

    def weights(self, level: Level) -> dict[int, float]:
        """What variables count for a level that is made as large as possible. Adds the variables that the level needs."""
        makers = {
            Level.PEOPLE: self._count_people,
            Level.EVEN: self._count_evenness,
            Level.PARTNERS: self._count_meetings,
        }
        if level in makers:
            return makers[level]()
        network, measure = self.network, self.measure
        moves = [(a, i, j) for a, (i, j) in enumerate(self.arcs) if i != j]
        if level is Level.COST:
            return {a: float(-cost) for a, i, j in moves if (cost := network.cost_of(i, j))}
        given = [(a, i, j) for a, i, j in moves if network.is_item[j]]
        if level is Level.ITEMS:
            return {a: 1.0 for a, _, _ in given}
        return {a: 1.0 for a, i, j in given if measure.is_kept(i, j)}

    def _add_variables(self, count: int) -> range:
        first = self.width
        self.width += count
        self.is_whole += [False] * count  # whole by themselves where the arcs are
        self.highest += [1.0] * count
        return range(first, self.width)

    def _arcs_by(self, person_of: int) -> dict[int, list[int]]:
        """The arcs along which things move, by the person who receives (0) or sends (1)."""
        found: dict[int, list[int]] = {}
        for a, arc in enumerate(self.arcs):
            if arc[0] != arc[1] and self.network.is_item[arc[1]]:
                found.setdefault(self.network.owners[arc[person_of]], []).append(a)
        return found

    def _count_people(self) -> dict[int, float]:
        """One variable a person who may trade: at most the number of the person's moves."""
        mine = self._arcs_by(1)
        variables = self._add_variables(len(mine))
        for variable, arcs in zip(variables, mine.values(), strict=True):
            self.conditions.append(([*arcs, variable], [-1.0] * len(arcs) + [1.0], -np.inf, 0.0))
        return dict.fromkeys(variables, 1.0)

    def _count_evenness(self) -> dict[int, float]:
        """One variable for the first, second, third thing of a person; they count 1, 3, 5 ..., so n things count n squared."""
        weights: dict[int, float] = {}
        for arcs in self._arcs_by(0).values():
            most = len({self.arcs[a][1] for a in arcs})
            variables = self._add_variables(most)
            self.conditions.append(([*arcs, *variables], [1.0] * len(arcs) + [-1.0] * most, 0.0, 0.0))
            weights |= {variable: -float(2 * number + 1) for number, variable in enumerate(variables)}
        return weights

    def _count_meetings(self) -> dict[int, float]:
        """One variable for each two people who may meet: not below any arc between them."""
        arcs_of: dict[tuple[int, int], list[int]] = {}
        for a, (i, j) in enumerate(self.arcs):
            if (met := self.measure.meeting(i, j)) is not None:
                arcs_of.setdefault(met, []).append(a)
        variables = self._add_variables(len(arcs_of))
        for variable, arcs in zip(variables, arcs_of.values(), strict=True):
            self.conditions += [((a, variable), (1.0, -1.0), -np.inf, 0.0) for a in arcs]
        return dict.fromkeys(variables, -1.0)

    def keep(self, level: Level, value: int) -> None:
        """Only results with exactly this value of a level."""
        weights = self.weights(level)
        goal = float(sign_of(level) * value)
        self.conditions.append((list(weights), list(weights.values()), goal, goal))

    def run(
        self, levels: Sequence[Level], seconds: float, bounds: Mapping[Level, int], start: Pairs | None = None
    ) -> Found:
        """Each level in turn with what is left of `seconds`; a level without proof is kept at the best that was met.

        `bounds`: what no result can beat, whatever the search says. `start`: pairs that keep all conditions, if some are known.
        """
        found = Found(None if start is None else list(start), [])
        end = time.monotonic() + seconds
        for level in levels:
            began = time.process_time()
            weights, sign = self.weights(level), sign_of(level)
            met, bound = None, None
            if found.pairs is None or self.measure.of(level, found.pairs) != bounds[level]:
                met, bound = self._solve(weights, max(1.0, end - time.monotonic()))
            if met is not None and (found.pairs is None or sign * self._gain(level, met, found.pairs) > 0):
                found.pairs = met
            if found.pairs is None:
                return found
            value = self.measure.of(level, found.pairs)
            bound = bounds[level] if bound is None else sign * min(sign * bounds[level], bound)
            proven = sign * (bound - value) <= 0
            found.reached.append(Reached(level, value, value if proven else bound, proven, time.process_time() - began))
            if weights:
                self.conditions.append((list(weights), list(weights.values()), sign * value - 0.5, np.inf))
        return found

    def _gain(self, level: Level, new: Pairs, old: Pairs) -> int:
        return self.measure.of(level, new) - self.measure.of(level, old)

    def _solve(self, weights: Mapping[int, float], seconds: float) -> tuple[list[tuple[int, int]] | None, int | None]:
        """(the best pairs that were met, the most that the weights can add up to), each None when nothing is known."""
        if not self.arcs:
            return [], 0
        costs = np.zeros(self.width)
        costs[list(weights)] = [-weight for weight in weights.values()]
        answer = milp(
            costs,
            integrality=np.array(self.is_whole, float),
            bounds=Bounds(0.0, np.array(self.highest)),
            constraints=self._constraints(),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        bound = answer.mip_dual_bound
        most = None if bound is None or not np.isfinite(bound) else int(np.floor(SLACK - bound))
        if answer.x is None:
            return None, most
        met = [self.arcs[a] for a in np.flatnonzero(answer.x[: len(self.arcs)] > 0.5)]
        return [(i, j) for i, j in met if i != j], most

    def _constraints(self) -> Any:
        sizes = [len(variables) for variables, _, _, _ in self.conditions]
        total = sum(sizes)
        row = np.repeat(np.arange(len(sizes)), sizes)
        column = np.fromiter((k for variables, _, _, _ in self.conditions for k in variables), np.int64, total)
        value = np.fromiter((c for _, counts, _, _ in self.conditions for c in counts), np.float64, total)
        matrix = coo_array((value, (row, column)), shape=(len(sizes), self.width)).tocsc()
        return LinearConstraint(matrix, [part[2] for part in self.conditions], [part[3] for part in self.conditions])
