"""Why an item stayed, and what one more wish would do. Both exact."""

from collections.abc import Sequence
from dataclasses import replace

from swapmeet.trades.matching.assigning import assign
from swapmeet.trades.matching.model import (
    STAY_NO_LOOP,
    STAY_NO_WISH,
    STAY_OTHERS,
    STAY_TIED,
    STAY_UNWANTED,
    Chance,
    Gain,
    Item,
    Problem,
    Result,
    Stay,
    Want,
)
from swapmeet.trades.matching.network import Network, compile_network
from swapmeet.trades.matching.optimum import find_optimum


def why_stayed(problem: Problem, result: Result, items: Sequence[str] | None) -> list[Stay]:
    """See `swapmeet.trades.matching.explain_stays`."""
    network = compile_network(problem, use_cash=result.use_cash)
    place = {name: i for i, name in enumerate(network.names)}
    traded = {move.item for move in result.moves}
    asked = [item.key for item in problem.items if items is None or item.key in items]
    wanted = {j for row in network.targets for j in row}
    best = find_optimum(network)
    return [_stay(network, place[key], wanted, result, best.traded) for key in sorted(asked) if key not in traded]


def _stay(network: Network, at: int, wanted: set[int], result: Result, best: int) -> Stay:
    key = network.names[at]
    if not network.targets[at]:
        return Stay(key, STAY_NO_WISH)
    if at not in wanted:
        return Stay(key, STAY_UNWANTED)
    if result.chances.get(key) is Chance.SOMETIMES:
        return Stay(key, STAY_TIED)
    forced = _most_with(network, at, best)
    return Stay(key, STAY_NO_LOOP) if forced is None else Stay(key, STAY_OTHERS, max(0, best - forced))


def _most_with(network: Network, at: int, best: int) -> int | None:
    """Most items when this one must trade: staying is made dearer than everything else together. None when it cannot."""
    fares = [[0] * len(row) + [network.is_item[i]] for i, row in enumerate(network.targets)]
    fares[at][-1] = 2 * network.size + 1
    column_of, _, _ = assign([[*row, i] for i, row in enumerate(network.targets)], fares)
    if column_of[at] == at:
        return None
    return sum(network.is_item[i] and column != i for i, column in enumerate(column_of))


def what_if_wanted(problem: Problem, result: Result, item: str, targets: Sequence[str] | None) -> list[Gain]:
    """See `swapmeet.trades.matching.explain_wishes`."""
    rows = {row.key: row for row in problem.items}
    mine = rows[item]
    known = {want.target for want in mine.wants}
    asked = [key for key in sorted(targets or rows) if rows[key].owner != mine.owner and key not in known]
    network = compile_network(problem, use_cash=result.use_cash)
    if network.is_free:
        gains = Wishes(problem, network).gains(item)
        return [Gain(item, key, gains[key]) for key in asked if key in gains]
    found = [Gain(item, key, _solved_with(problem, result, mine, key)) for key in asked]
    return [gain for gain in found if gain.gain > 0]


def _solved_with(problem: Problem, result: Result, mine: Item, key: str) -> int:
    wished = replace(mine, wants=(*mine.wants, Want(key)))
    changed = replace(problem, items=tuple(wished if row.key == mine.key else row for row in problem.items))
    before, after = (find_optimum(compile_network(one, use_cash=result.use_cash)) for one in (problem, changed))
    return after.traded - before.traded


class Wishes:
    """What one more wish would do to the number of things that trade, for any thing, without solving again.

    With a wish of row i for column j, whoever has j looks for another column, and so on, until somebody takes the one that i
    gives up: a shortest path in the network of prices (Dijkstra backwards from i), which is one search for all j.
    """

    def __init__(self, problem: Problem, network: Network) -> None:
        self.network = replace(network, costs=None, weight=1)
        best = find_optimum(self.network)
        self.column_of, self.u, self.v = best.column_of, best.u, best.v
        self.row_of = [0] * network.size
        self.takers: list[list[int]] = [[] for _ in range(network.size)]  # of each column, its own row among them
        for i, column in enumerate(self.column_of):
            self.row_of[column] = i
            for j in (*network.targets[i], i):
                self.takers[j].append(i)
        self.items = {item.key: item for item in problem.items}
        self.rules = {person.key: person for person in problem.people}
        self.place = {name: i for i, name in enumerate(network.names)}

    def gains(self, item: str) -> dict[str, int]:
        """By each thing of somebody else that its owner might wish for: how many more would trade, 1 or more."""
        at, names = self.place[item], self.network.names
        most = self.u[at] + max(self.v)
        found = {}
        for row, away in self._distances(at, most).items():
            column = self.column_of[row]
            gain = self.u[at] + self.v[column] - away
            if gain > 0 and self.network.is_item[column] and self._may(self.items[item], self.items[names[column]]):
                found[names[column]] = gain
        return found

    def _distances(self, end: int, most: int) -> dict[int, int]:
        """Rows from which a path leads to the column that `end` has, below `most`, with its length in reduced costs."""
        u, v, is_item = self.u, self.v, self.network.is_item
        least = {end: 0}
        waiting: dict[int, list[int]] = {0: [end]}
        for distance in range(max(0, most)):
            for row in waiting.get(distance, ()):
                if least[row] < distance:
                    continue
                column = self.column_of[row]
                for i in self.takers[column]:
                    away = distance + (is_item[i] if i == column else 0) - u[i] - v[column]
                    if away < least.get(i, most):
                        least[i] = away
                        waiting.setdefault(away, []).append(i)
        del least[end]
        return least

    def _may(self, mine: Item, other: Item) -> bool:
        if mine.owner == other.owner:
            return False
        one, two = self.rules.get(mine.owner), self.rules.get(other.owner)
        if one is not None and (other.owner in one.avoids or one.refuses & other.labels):
            return False
        return two is None or mine.owner not in two.avoids
