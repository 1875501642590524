"""Shorter loops among results that are equally good: a search that counts moves, not seconds, so that it repeats exactly.

A move exchanges what two rows take, over arcs of optimal results only. Inside one loop it splits the loop in two, between two
loops it joins them. Moves are accepted by simulated annealing on the sum of squares of loop sizes (Kirkpatrick 1983); nobody who
trades stops trading. No bound is claimed.
"""

import random
import time
from math import exp
from typing import TYPE_CHECKING

from swapmeet.trades.matching.measuring import Measure, Pairs, Rules
from swapmeet.trades.matching.model import Level, Options
from swapmeet.trades.matching.network import Network
from swapmeet.trades.matching.watching import Watch

if TYPE_CHECKING:
    from swapmeet.trades.matching.state import State

RESTARTS = 4
AT_ONCE = 65_536  # moves between two looks at the caller's wishes
MOVES_A_PAIR = 400  # steps for each pair of vertices that take part
Counts = dict[tuple[str, object], int]


class Guard:
    """Says which exchanges keep limits and budgets, and the values of the further `levels`."""

    def __init__(self, measure: Measure, rules: Rules, levels: frozenset[Level], pairs: Pairs) -> None:
        self.measure, self.rules, self.levels, self.pairs = measure, rules, levels, pairs
        self.counts: Counts = {}
        self.most: Counts = {("budget", person): most for person, most in rules.budgets.items()}
        self.limits_of: dict[tuple[int, int], list[int]] = {}  # (person, column) -> limits
        for number, (members, person, most) in enumerate(rules.limits):
            self.most["limit", number] = most
            for column in members:
                self.limits_of.setdefault((person, column), []).append(number)
        self.restart()

    def restart(self) -> None:
        """Counts from the first pairs again."""
        self.counts = {}
        for pair in self.pairs:
            self._count(self.counts, pair, 1)

    def _count(self, counts: Counts, pair: tuple[int, int], sign: int) -> None:
        i, j = pair
        network = self.measure.network
        for number in self.limits_of.get((network.owners[i], j), ()):
            counts["limit", number] = counts.get(("limit", number), 0) + sign
        if j in network.bids and network.owners[j] in self.rules.budgets:
            person = network.owners[j]
            counts["budget", person] = counts.get(("budget", person), 0) + sign * network.asks[i]
        if network.is_item[j] and self.measure.is_kept(i, j):
            counts["same", "kept"] = counts.get(("same", "kept"), 0) + sign
        if network.is_item[j] and Level.EVEN in self.levels:
            counts["same", network.owners[i]] = counts.get(("same", network.owners[i]), 0) + sign
        if Level.PARTNERS in self.levels and (met := self.measure.meeting(i, j)) is not None:
            counts["meet", met] = counts.get(("meet", met), 0) + sign

    def allows(self, old: Pairs, new: Pairs) -> bool:
        """Takes note of the exchange when it is allowed."""
        change: Counts = {}
        for pair in old:
            self._count(change, pair, -1)
        for pair in new:
            self._count(change, pair, 1)
        met = 0
        for name, by in change.items():
            before = self.counts.get(name, 0)
            if by != 0 and name[0] == "same":
                return False
            if by > 0 and before + by > self.most.get(name, before + by):
                return False
            if name[0] == "meet":
                met += (before + by > 0) - (before > 0)
        if met != 0:
            return False
        for name, by in change.items():
            self.counts[name] = self.counts.get(name, 0) + by
        return True


def shorten(
    network: Network,
    face: list[list[int]],
    column_of: list[int],
    *,
    guard: Guard | None,
    seed: int,
    moves: int,
    watch: Watch,
) -> list[int]:
    """A permutation over `face` with the same rows at home, and loops no longer in sum of squares. Deterministic."""
    counted = [bool(network.is_item[i]) or i in network.bids for i in range(network.size)]
    best, best_squares = list(column_of), squares_of(column_of, counted)
    for restart in range(RESTARTS):
        walk = _Walk(face, list(column_of), counted, guard, random.Random(f"{seed} {restart}"))
        found, squares = walk.run(moves // RESTARTS, watch, restart / RESTARTS)
        if squares < best_squares:
            best, best_squares = found, squares
    return best


def squares_of(column_of: list[int], counted: list[bool]) -> int:
    """Sum of squares of the sizes of all loops; vertices that do not count are passed over."""
    seen = bytearray(len(column_of))
    total = 0
    for start in range(len(column_of)):
        size, at = 0, start
        while not seen[at]:
            seen[at] = 1
            size += counted[at]
            at = column_of[at]
        if size > 1:
            total += size * size
    return total


class _Walk:
    """One annealing run: the permutation, the loop of each vertex and the size of each loop."""

    def __init__(
        self,
        face: list[list[int]],
        column_of: list[int],
        counted: list[bool],
        guard: Guard | None,
        chance: random.Random,
    ) -> None:
        self.face = [set(row) for row in face]
        self.guard = guard
        if guard is not None:
            guard.restart()
        self.column_of = column_of
        self.counted = counted
        self.chance = chance
        self.squares = self.best_squares = 0
        self.best: list[int] = []
        size = len(column_of)
        self.row_of = [0] * size
        for i, j in enumerate(column_of):
            self.row_of[j] = i
        # (i, j): i could take j instead. Nobody comes home or leaves home, so that who trades stays as it is.
        self.moves = [
            (i, j) for i, row in enumerate(face) if column_of[i] != i for j in row if j != i and column_of[j] != j
        ]
        self.loop_of = [-1] * size
        self.sizes: list[int] = []
        for start in range(size):
            if self.loop_of[start] < 0:
                members = self._members(start, start)
                self._label(members, len(self.sizes))
                self.sizes.append(self._count(members))

    def _members(self, start: int, end: int) -> list[int]:
        """From `start` along the permutation to just before `end`."""
        found, at = [start], self.column_of[start]
        while at != end:
            found.append(at)
            at = self.column_of[at]
        return found

    def _count(self, members: list[int]) -> int:
        return sum([self.counted[at] for at in members])

    def _label(self, members: list[int], loop: int) -> None:
        for at in members:
            self.loop_of[at] = loop

    def run(self, moves: int, watch: Watch, done: float) -> tuple[list[int], int]:
        """The best permutation met and its sum of squares. `done`: the share of all moves that were made before."""
        self.squares = sum(size * size for size in self.sizes if size > 1)
        self.best, self.best_squares = list(self.column_of), self.squares
        if self.moves and max(self.sizes) > 2:
            heat_start, heat_end = max(10.0, self.squares / 60), 2.0
            cooling = (heat_end / heat_start) ** (1 / max(1, moves))
            for made in range(0, moves, AT_ONCE):
                watch.note(Level.LOOPS, done + made / moves / RESTARTS)
                if self._cool(heat_start * cooling**made, cooling, min(AT_ONCE, moves - made)):
                    break
        return self.best, self.best_squares

    def _cool(self, heat: float, cooling: float, moves: int) -> bool:
        """Some moves at falling heat; True when nothing can be shorter."""
        squares, best_squares = self.squares, self.best_squares
        uniform, least = self.chance.random, 2 * sum(size for size in self.sizes if size > 1)
        count, loop_of, sizes, guard = len(self.moves), self.loop_of, self.sizes, self.guard
        for _ in range(moves):
            heat *= cooling
            i, j = self.moves[int(uniform() * count)]
            k, old = self.row_of[j], self.column_of[i]
            if k == i or old == k or old not in self.face[k]:
                continue
            first, second = loop_of[i], loop_of[k]
            if first != second:
                change = 2 * sizes[first] * sizes[second]
                if uniform() >= exp(-change / heat):
                    continue
                if guard is not None and not guard.allows(((i, old), (k, j)), ((i, j), (k, old))):
                    continue
                self._exchange(i, j, k, old)
                self._label(self._members(i, i), first)
                sizes[first] += sizes[second]
                sizes[second] = 0
            else:
                part = [*self._members(j, i), i]  # after the exchange i takes j: this closes
                size = self._count(part)
                change = -2 * size * (sizes[first] - size)
                if size == 0 or size == sizes[first]:
                    continue
                if guard is not None and not guard.allows(((i, old), (k, j)), ((i, j), (k, old))):
                    continue
                self._exchange(i, j, k, old)
                sizes.append(size)
                sizes[first] -= size
                self._label(part, len(sizes) - 1)
            squares += change
            if squares < best_squares:
                self.best, best_squares = list(self.column_of), squares
                if squares == least:  # pairs only
                    break
        self.squares, self.best_squares = squares, best_squares
        return best_squares == least

    def _exchange(self, i: int, j: int, k: int, old: int) -> None:
        self.column_of[i], self.column_of[k] = j, old
        self.row_of[j], self.row_of[old] = i, k


def shorten_state(options: Options, state: "State") -> None:
    """Shorter loops, with everything above kept."""
    began = time.process_time()
    if Level.LOOPS in options.levels and state.bundled is None:
        state.column_of = shorter(options, state, options.seed, 1)
    state.loops_s += time.process_time() - began


def shorter(options: Options, state: "State", seed: int, share: int) -> list[int]:
    """The permutation after the search with this seed and a share of its moves."""
    network = state.network
    rows = state.optimum.face
    if not state.certified:
        rows = network.targets if network.costs is None else []
    traded = sum(i != j for i, j in enumerate(state.column_of))
    moves = min(options.moves, MOVES_A_PAIR * traded * traded) // share
    watched = {Level.EVEN, Level.PARTNERS} & options.levels
    has_guard = state.rules or options.keep is not None or watched
    guard = Guard(state.measure, state.rules, options.levels, state.pairs) if has_guard else None
    if not rows:
        return state.column_of
    return shorten(network, rows, state.column_of, guard=guard, seed=seed, moves=moves, watch=state.watch)
