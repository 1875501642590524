"""What a set of hand-overs is worth, level by level. A pair (i, j) says that vertex i receives what vertex j sends."""

from collections import Counter
from collections.abc import Sequence

from swapmeet.trades.matching.model import Level, Problem, Published
from swapmeet.trades.matching.network import Network

Pairs = Sequence[tuple[int, int]]
LESS_IS_BETTER = frozenset({Level.COST, Level.EVEN, Level.PARTNERS, Level.LOOPS})


def sign_of(level: Level) -> int:
    """1 where more is better, -1 where less is."""
    return -1 if level in LESS_IS_BETTER else 1


class Measure:
    """Values of the levels over a network. `published` is what the level KEPT compares with."""

    def __init__(self, network: Network, published: Published | None = None) -> None:
        self.network = network
        self.kept: set[tuple[int, int]] = set()  # (column, person)
        if published is not None:
            place = {name: i for i, name in enumerate(network.names)}
            person = {key: number for number, key in enumerate(network.people)}
            self.kept = {(place[k], person[p]) for k, p in published.moves if k in place and p in person}

    def is_kept(self, row: int, column: int) -> bool:
        """True when the published result gives this thing to the same person."""
        return (column, self.network.owners[row]) in self.kept

    def meeting(self, row: int, column: int) -> tuple[int, int] | None:
        """The two people, the lower number first, who meet for this pair; None inside one person's lists."""
        mine, theirs = self.network.owners[row], self.network.owners[column]
        return None if mine == theirs else (min(mine, theirs), max(mine, theirs))

    def aim(self, level: Level, pairs: Pairs) -> int:
        """What a search makes as large or small as can be: the value of the level. Where a thing is not worth any cost, COST
        takes off what things that trade are worth."""
        if level is Level.COST and not self.network.is_free:
            return self.of(level, pairs) - self.network.weight * self.of(Level.ITEMS, pairs)
        return self.of(level, pairs)

    def of(self, level: Level, pairs: Pairs) -> int:
        """The value of a level but LOOPS."""
        network = self.network
        if level is Level.COST:
            return sum(network.cost_of(i, j) for i, j in pairs)
        given = [(i, j) for i, j in pairs if network.is_item[j]]
        if level is Level.ITEMS:
            return len(given)
        if level is Level.PEOPLE:
            return len({network.owners[j] for _, j in given})
        if level is Level.EVEN:
            return sum(count * count for count in Counter(network.owners[i] for i, _ in given).values())
        if level is Level.PARTNERS:
            return len({met for i, j in pairs if (met := self.meeting(i, j)) is not None})
        return sum(self.is_kept(i, j) for i, j in given)


class Rules:
    """Conditions over several lists: budgets and limits, as vertices and people of a network."""

    def __init__(self, problem: Problem, network: Network) -> None:
        self.network = network
        self.budgets = network.budgets if network.bids else {}
        place = {name: number for number, name in enumerate(network.names)}
        person = {key: number for number, key in enumerate(network.people)}
        limits = [row for row in sorted(problem.limits, key=lambda row: row.key) if row.owner in person]
        self.keys = [limit.key for limit in limits]
        self.limits = [
            (frozenset(place[key] for key in limit.items), person[limit.owner], limit.most) for limit in limits
        ]

    def __bool__(self) -> bool:
        return bool(self.budgets or self.limits)

    def broken(self, pairs: Pairs) -> list[list[tuple[int, int]]]:
        """For each rule that the pairs break: the pairs it speaks of, beyond what it allows, last ones first."""
        network, found = self.network, []
        for members, person, most in self.limits:
            inside = [(i, j) for i, j in pairs if j in members and network.owners[i] == person]
            if len(inside) > most:
                found.append(inside[most:])
        spent: dict[int, list[tuple[int, int]]] = {}
        for i, j in pairs:
            if j in network.bids and network.owners[j] in self.budgets:
                spent.setdefault(network.owners[j], []).append((i, j))
        for person, paid in sorted(spent.items()):
            beyond = sum(network.asks[i] for i, _ in paid) - self.budgets[person]
            over = []
            for pair in sorted(paid, key=lambda pair: (-network.asks[pair[0]], pair)):  # dearest first
                if beyond > 0:
                    over.append(pair)
                    beyond -= network.asks[pair[0]]
            if over:
                found.append(over)
        return found
