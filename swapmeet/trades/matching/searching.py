"""Levels that couple lists (people, evenness, partners, budgets, limits), by branch and bound: HiGHS through SciPy."""

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from swapmeet.trades.matching.measuring import Measure, Pairs, Rules, sign_of
from swapmeet.trades.matching.model import Level
from swapmeet.trades.matching.watching import Watch

Rows = list[list[int]]
Cycle = tuple[tuple[int, int], ...]
Values = np.ndarray[Any, np.dtype[np.float64]]
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
    """A choice among `parts`, each one or more pairs that come together; levels are searched one by one and then kept."""

    def __init__(self, measure: Measure, rules: Rules, parts: Sequence[Cycle]) -> None:
        self.measure = measure
        self.network = measure.network
        self.parts = parts
        self.arcs = [(a, i, j) for a, part in enumerate(parts) for i, j in part if i != j]
        self.width = len(parts)
        self.is_whole = [True] * self.width
        self.conditions: list[Condition] = []
        self.condition_of: dict[tuple[str, int], int] = {}  # ("limit", number) or ("budget", person) -> its condition
        self._add_rules(rules)

    def _add_rules(self, rules: Rules) -> None:
        owners, asks, bids = self.network.owners, self.network.asks, self.network.bids
        for number, (members, person, most) in enumerate(rules.limits):
            arcs = Counter(a for a, i, j in self.arcs if j in members and owners[i] == person)
            self._at_most(("limit", number), arcs, most)
        for person, most in rules.budgets.items():
            spent: Counter[int] = Counter()
            for a, i, j in self.arcs:
                if j in bids and owners[j] == person:
                    spent[a] += asks[i]
            self._at_most(("budget", person), spent, most)

    def _at_most(self, name: tuple[str, int], counts: Mapping[int, int], most: int) -> None:
        if sum(counts.values()) > most:
            self.condition_of[name] = len(self.conditions)
            self.conditions.append((list(counts), [float(count) for count in counts.values()], -np.inf, float(most)))

    def weights(self, level: Level) -> dict[int, float]:
        """What variables count for a level that is made as large as possible. Adds the variables that the level needs."""
        makers = {
            Level.PEOPLE: self._count_people,
            Level.EVEN: self._count_evenness,
            Level.PARTNERS: self._count_meetings,
        }
        if level in makers:
            return makers[level]()
        network, measure, is_free = self.network, self.measure, self.network.is_free
        weights: dict[int, float] = {}
        for a, i, j in self.arcs:
            if level is Level.COST:
                worth = network.stay_cost(j) * (not is_free) - network.cost_of(i, j)
            elif level is Level.ITEMS:
                worth = network.is_item[j]
            else:
                worth = network.is_item[j] and measure.is_kept(i, j)
            if worth:
                weights[a] = weights.get(a, 0.0) + worth
        return weights

    def _add_variables(self, count: int) -> range:
        first = self.width
        self.width += count
        self.is_whole += [False] * count  # whole by themselves where the parts are
        return range(first, self.width)

    def _moves_of(self, person_of: int) -> dict[int, Counter[int]]:
        """How many things each part moves, by the person who receives (0) or sends (1)."""
        found: dict[int, Counter[int]] = {}
        for a, i, j in self.arcs:
            if self.network.is_item[j]:
                found.setdefault(self.network.owners[(i, j)[person_of]], Counter())[a] += 1
        return found

    def _count_people(self) -> dict[int, float]:
        """One variable a person who may trade: at most the number of the person's moves."""
        mine = self._moves_of(1)
        variables = self._add_variables(len(mine))
        for variable, moves in zip(variables, mine.values(), strict=True):
            self.conditions.append(([*moves, variable], [-1.0] * len(moves) + [1.0], -np.inf, 0.0))
        return dict.fromkeys(variables, 1.0)

    def _count_evenness(self) -> dict[int, float]:
        """One variable for the first, second, third thing of a person; they count 1, 3, 5 ..., so n things count n squared."""
        weights: dict[int, float] = {}
        columns: dict[int, set[int]] = {}
        for _, i, j in self.arcs:
            if self.network.is_item[j]:
                columns.setdefault(self.network.owners[i], set()).add(j)
        for person, moves in self._moves_of(0).items():
            most = len(columns[person])
            variables = self._add_variables(most)
            self.conditions.append(([*moves, *variables], [*map(float, moves.values()), *[-1.0] * most], 0.0, 0.0))
            weights |= {variable: -float(2 * number + 1) for number, variable in enumerate(variables)}
        return weights

    def _count_meetings(self) -> dict[int, float]:
        """One variable for each two people who may meet: not below any part that lets them."""
        parts_of: dict[tuple[int, int], dict[int, None]] = {}
        for a, i, j in self.arcs:
            if (met := self.measure.meeting(i, j)) is not None:
                parts_of.setdefault(met, {})[a] = None
        variables = self._add_variables(len(parts_of))
        for variable, parts in zip(variables, parts_of.values(), strict=True):
            self.conditions += [((a, variable), (1.0, -1.0), -np.inf, 0.0) for a in parts]
        return dict.fromkeys(variables, -1.0)

    def keep(self, level: Level, value: int) -> None:
        """Only results with exactly this value of a level."""
        weights = self.weights(level)
        goal = float(sign_of(level) * value)
        self.conditions.append((list(weights), list(weights.values()), goal, goal))

    def run(
        self,
        levels: Sequence[Level],
        seconds: float,
        bounds: Mapping[Level, int],
        start: Pairs | None = None,
        *,
        is_complete: bool = True,
        watch: Watch,
    ) -> Found:
        """Each level in turn with what is left of `seconds`; a level without proof is kept at the best that was met.

        `bounds`: what no result can beat, whatever the search says. `start`: pairs that keep all conditions, if some are known.
        Where the parts are not all there are (`is_complete`), only `bounds` prove anything.
        """
        found = Found(None if start is None else list(start), [])
        end = time.monotonic() + seconds
        for level in levels:
            watch.note(level, 0.0)
            began = time.process_time()
            weights, sign = self.weights(level), sign_of(level)
            met, bound = None, None
            if found.pairs is None or self.measure.aim(level, found.pairs) != bounds[level]:
                left = max(1.0, end - time.monotonic())
                met, bound = watch.wait_for(level, left, partial(self._solve, weights, left))
            if met is not None and (found.pairs is None or sign * self._gain(level, met, found.pairs) > 0):
                found.pairs = met
            if found.pairs is None:
                return found
            value = self.measure.aim(level, found.pairs)
            known = sign * bounds[level]
            bound = sign * (min(known, bound) if bound is not None and is_complete else known)
            proven = sign * (bound - value) <= 0
            found.reached.append(Reached(level, value, value if proven else bound, proven, time.process_time() - began))
            if weights:
                self.conditions.append((list(weights), list(weights.values()), sign * value - 0.5, np.inf))
        return found

    def _gain(self, level: Level, new: Pairs, old: Pairs) -> int:
        return self.measure.aim(level, new) - self.measure.aim(level, old)

    def _solve(self, weights: Mapping[int, float], seconds: float) -> tuple[list[tuple[int, int]] | None, int | None]:
        """(the best pairs that were met, the most that the weights can add up to), each None when nothing is known."""
        if not self.arcs:
            return [], 0
        costs = np.zeros(self.width)
        costs[list(weights)] = [-weight for weight in weights.values()]
        answer = milp(
            costs,
            integrality=np.array(self.is_whole, float),
            bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(*self.matrix()),
            options={"time_limit": seconds, "mip_rel_gap": 0.0},
        )
        most = most_of(answer)
        if answer.x is None:
            return None, most
        chosen = np.flatnonzero(answer.x[: len(self.parts)] > 0.5).tolist()
        return self._spread([pair for a in chosen for pair in self.parts[a]]), most

    def _spread(self, pairs: Pairs) -> list[tuple[int, int]]:
        """The pairs that say something."""
        return [(i, j) for i, j in pairs if i != j]

    def matrix(self) -> tuple[Any, Values, Values]:
        """(the conditions as a sparse matrix, the least and the most of each)."""
        return matrix_of(self.conditions, self.width)


def matrix_of(conditions: Sequence[Condition], width: int) -> tuple[Any, Values, Values]:
    """(conditions on so many variables as a sparse matrix, the least and the most of each)."""
    sizes = [len(variables) for variables, _, _, _ in conditions]
    total = sum(sizes)
    row = np.repeat(np.arange(len(sizes)), sizes)
    column = np.fromiter((k for variables, _, _, _ in conditions for k in variables), np.int64, total)
    value = np.fromiter((c for _, counts, _, _ in conditions for c in counts), np.float64, total)
    matrix = coo_array((value, (row, column)), shape=(len(sizes), width)).tocsr()
    return matrix, np.array([part[2] for part in conditions]), np.array([part[3] for part in conditions])


def most_of(answer: Any) -> int | None:
    """The most that whole weights can add up to, as far as HiGHS came; None where it knows nothing."""
    bound = answer.mip_dual_bound
    return None if bound is None or not np.isfinite(bound) else int(np.floor(SLACK - bound))


class ArcSearch(Search):
    """Each arc of `rows` is a part, staying among them; every vertex receives once and sends once."""

    def __init__(self, measure: Measure, rules: Rules, rows: Rows) -> None:
        super().__init__(
            measure, rules, [((i, j),) for i, row in enumerate(rows) for j in row if len(row) > 1 or j != i]
        )
        _balance(self, {})


class CycleSearch(Search):
    """Each part is a whole loop, or what bundles tie together; nothing goes twice, a group or pool passes as many as its cap."""

    def __init__(self, measure: Measure, rules: Rules, cycles: Sequence[Cycle]) -> None:
        super().__init__(measure, rules, cycles)
        through: dict[int, list[int]] = {}
        for a, cycle in enumerate(cycles):
            for _, j in cycle:
                through.setdefault(j, []).append(a)
        for j, parts in through.items():
            most = len(self.network.copies.get(j, (j,)))
            if len(parts) > most:
                self.conditions.append((parts, [1.0] * len(parts), -np.inf, float(most)))

    def _spread(self, pairs: Pairs) -> list[tuple[int, int]]:
        """Loops name the first copy of a group; here each gets one of its own."""
        used: Counter[int] = Counter()
        found, at = [], -1
        for i, j in pairs:
            source = at if at >= 0 else i
            at = -1
            if j in self.network.copies:
                at = self.network.copies[j][used[j]]
                used[j] += 1
            found.append((source, j if at < 0 else at))
        return found


class BundleSearch(Search):
    """Arcs as in ArcSearch; where a bundle is on, its things receive nothing by themselves and it receives so many."""

    def __init__(self, measure: Measure, rules: Rules, rows: Rows) -> None:
        network = measure.network
        bundled = {i for items, _ in network.bundles.values() for i in items}
        parts = [((i, j),) for i, row in enumerate(rows) for j in row]
        wanted = {j for row in rows for j in row}
        parts += [((i, i),) for i in range(network.size) if i in wanted or i in bundled or rows[i]]
        super().__init__(measure, rules, parts)
        on = dict(zip(network.bundles, self._add_variables(len(network.bundles)), strict=True))
        for variable in on.values():
            self.is_whole[variable] = True
        _balance(self, on)


def _balance(search: Search, on: Mapping[int, int]) -> None:
    """Every vertex receives once and sends once. `on`: bundle -> the variable that says whether it is on."""
    network = search.network
    rows: dict[int, list[int]] = {}
    columns: dict[int, list[int]] = {}
    for a, part in enumerate(search.parts):
        ((i, j),) = part
        if i not in on or i != j:
            rows.setdefault(i, []).append(a)
        if j not in on:
            columns.setdefault(j, []).append(a)
    by_item: dict[int, list[int]] = {}
    for bundle, variable in on.items():
        items, receives = network.bundles[bundle]
        for i in items:
            by_item.setdefault(i, []).append(variable)
        arcs = rows.pop(bundle, [])
        search.conditions.append(([*arcs, variable], [1.0] * len(arcs) + [-float(receives)], 0.0, 0.0))
    for i, arcs in rows.items():
        members = [*arcs, *by_item.get(i, ())]
        search.conditions.append((members, [1.0] * len(members), 1.0, 1.0))
    search.conditions += [(arcs, [1.0] * len(arcs), 1.0, 1.0) for arcs in columns.values()]
