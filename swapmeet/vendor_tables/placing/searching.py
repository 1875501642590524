"""PURE. Local search from a draft: somebody moves, who stood there moves on, and what is not too much worse is kept.

Threshold accepting (Dueck and Scheuer 1990). The number of moves is fixed and all numbers are whole, so the same input and
seed give the same result on any machine.
"""

from collections.abc import Callable
from random import Random

from swapmeet.vendor_tables.placing.grid import FREE, NEVER, Grid, friends_of

MOVES_PER_VENDOR = 200
LOOK_AHEAD = 4  # free runs that somebody who has to move on looks at before taking the best
FIRST_THRESHOLD = 1_500  # about one rank of a wish
BESIDE_FRIEND = 0.4  # of the moves of somebody with friends
STEPS = 40  # thresholds between the first and none

Progress = Callable[[float], None]


class Search:
    """A placing that moves. `at` is the start of each vendor's run or -1, `who` the vendor on each position."""

    def __init__(self, grid: Grid, at: list[int]) -> None:
        self.grid = grid
        self.tables, self.amps, self.category = grid.tables, grid.amps, grid.category
        self.values = [row.tolist() for row in grid.values]
        self.circuit = [row.tolist() if grid.amps[v] else [] for v, row in enumerate(grid.circuit)]
        self.candidates = [grid.candidates(v) for v in range(len(grid.tables))]
        self.friends = friends_of(grid)
        self.room = list(grid.room)
        self.who = list(grid.start_free)
        self.at = [-1] * len(at)
        self.worth = 0
        for v, s in enumerate(at):
            if s >= 0:
                self.put(v, s)

    def beside(self, v: int, s: int) -> int:
        """What the neighbors of v at s add or cost; NEVER beside one to keep away from."""
        who, found = self.who, 0
        for other in (who[s - 1], who[s + self.tables[v]]):
            if other >= 0:
                if self.category[other] == self.category[v] >= 0:
                    found -= self.grid.rival_cost
                if other in self.friends[v]:
                    found += self.grid.near_value
                if other in self.grid.apart[v]:
                    return NEVER
        return found

    def put(self, v: int, s: int) -> None:
        """Let v stand from s on. The caller knows that this is allowed."""
        self.worth += self.values[v][s] + self.beside(v, s)
        self.at[v] = s
        for t in range(s, s + self.tables[v]):
            self.who[t] = v
        if self.amps[v]:
            self.room[self.circuit[v][s]] -= self.amps[v]

    def take(self, v: int) -> None:
        """Let v stand nowhere."""
        s = self.at[v]
        for t in range(s, s + self.tables[v]):
            self.who[t] = FREE
        self.at[v] = -1
        if self.amps[v]:
            self.room[self.circuit[v][s]] += self.amps[v]
        self.worth -= self.values[v][s] + self.beside(v, s)

    def is_allowed(self, v: int, s: int) -> bool:
        """May v stand at these free places, as power and neighbors are now?"""
        if self.amps[v] and self.room[self.circuit[v][s]] < self.amps[v]:
            return False
        return self.beside(v, s) > NEVER

    def find_free(self, v: int, look_ahead: int = LOOK_AHEAD) -> int:
        """The best of the first free runs in the order of their value; -1 when there is none."""
        who, tables, values = self.who, self.tables[v], self.values[v]
        best, best_worth, seen = -1, NEVER, 0
        for s in self.candidates[v]:
            if who[s] != FREE or (tables > 1 and any(who[t] != FREE for t in range(s + 1, s + tables))):
                continue
            if self.amps[v] and self.room[self.circuit[v][s]] < self.amps[v]:
                continue
            beside = self.beside(v, s)
            if beside == NEVER:
                continue
            if values[s] + beside > best_worth:
                best, best_worth = s, values[s] + beside
            seen += 1
            if seen == look_ahead:
                break
        return best

    def aim(self, v: int, draw: Callable[[], float]) -> int:
        """Where v could go: mostly what it values, now and then beside a friend; -1 when the friend stands nowhere near."""
        friends, starts = self.friends[v], self.candidates[v]
        if friends and draw() < BESIDE_FRIEND:
            friend = friends[int(draw() * len(friends))]
            s = self.at[friend] + self.tables[friend] if draw() < 0.5 else self.at[friend] - self.tables[v]
            return s if self.at[friend] >= 0 and s > 0 and self.values[v][s] > NEVER else -1
        share = draw()
        return starts[int(share * share * share * len(starts))]

    def try_move(self, v: int, s: int, threshold: int) -> bool:
        """Move v to s and whoever stands there on; undone (False) when that costs `threshold` or more."""
        before, old = self.worth, self.at[v]
        moved = [(v, old)]
        if old >= 0:
            self.take(v)
        for t in range(s, s + self.tables[v]):
            other = self.who[t]
            if other >= 0:
                moved.append((other, self.at[other]))
                self.take(other)
        if self.is_allowed(v, s):
            self.put(v, s)
            for other, _ in moved[1:]:
                start = self.find_free(other)
                if start >= 0:
                    self.put(other, start)
            if self.worth > before - threshold:
                return True
        for other, _ in moved:
            if self.at[other] >= 0:
                self.take(other)
        for other, start in moved:
            if start >= 0:
                self.put(other, start)
        return False


def improve(grid: Grid, at: list[int], chance: Random, *, moves: int, progress: Progress | None = None) -> list[int]:
    """The best placing met on the way; never worse than `at`."""
    search = Search(grid, at)
    vendors = [v for v in range(len(at)) if len(search.candidates[v])]
    best, best_worth = list(search.at), search.worth
    if not vendors:
        return best
    draw = chance.random
    for step in range(STEPS):
        threshold = FIRST_THRESHOLD * (STEPS - 1 - step) ** 2 // (STEPS - 1) ** 2 + (step < STEPS - 1)
        for _ in range(moves // STEPS):
            v = vendors[int(draw() * len(vendors))]
            s = search.aim(v, draw)
            if s not in (search.at[v], -1) and search.try_move(v, s, threshold) and search.worth > best_worth:
                best, best_worth = list(search.at), search.worth
        for v in vendors:  # whoever is left out tries every free run
            if search.at[v] < 0 and (start := search.find_free(v)) >= 0:
                search.put(v, start)
        if search.worth > best_worth:
            best, best_worth = list(search.at), search.worth
        if progress is not None:
            progress((step + 1) / STEPS)
    return best
