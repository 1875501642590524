"""Most items, then least cost, with prices that prove it, and the arcs of every result as good as this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from swapmeet.trades.matching import assigning
from swapmeet.trades.matching.network import Network

SMALL = 60_000  # arcs that plain Python solves before a library would have loaded
MANY, WIDE = 200_000, 8_000  # arcs and vertices up to which sets of bits do
Rows = list[list[int]]


@dataclass(slots=True)
class Optimum:
    """A cheapest permutation. `face[i]` are the columns row i may have in some optimal result, i itself among them."""

    column_of: list[int]
    u: list[int]
    v: list[int]
    face: Rows
    traded: int
    cost: int

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return [(i, j) for i, j in enumerate(self.column_of) if i != j]


def find_optimum(network: Network) -> Optimum:
    """Items first, then costs among those, unless the network's weight forbids trades that cost more than they are worth."""
    if not network.size:
        return Optimum([], [], [], [], 0, 0)
    if network.costs is not None and not network.is_free:
        column_of, u, v, face = _weighed(network)
    else:
        arcs = sum(map(len, network.targets))
        column_of, u, v, tight = _counting(arcs, network.size).most_items(
            network.targets, network.is_item, int(network.costs is not None)
        )
        if network.costs is not None:
            column_of, u, v, tight = _at_least_cost(network, network.costs, u, v, tight)
        elif network.weight != 1:
            u, v = ([network.weight * price for price in prices] for prices in (u, v))
        face = _closed(tight, column_of)
    traded = sum(network.is_item[i] and column_of[i] != i for i in range(network.size))
    cost = 0 if network.costs is None else sum(network.cost_of(i, column) for i, column in enumerate(column_of))
    return Optimum(column_of, u, v, face, traded, cost)


def cheapest(network: Network, scale: int, extra: Mapping[tuple[int, int], int]) -> tuple[list[int], list[int]]:
    """(u, v) of the cheapest permutation where every fare counts `scale` times and some pairs cost so much more."""
    arcs = [[*row, i] for i, row in enumerate(network.targets)]
    fares = []
    for i, row in enumerate(network.targets):
        plain = [0] * len(row) if network.costs is None else network.costs[i]
        fares.append([scale * fare + extra.get((i, j), 0) for j, fare in zip(row, plain, strict=True)])
        fares[i].append(scale * network.stay_cost(i))
    _, u, v = _methods(sum(map(len, arcs))).assign(arcs, fares)
    return u, v


def _counting(arcs: int, size: int) -> ModuleType:
    """What finds most items: sets of bits, or compiled routines where those would be too wide."""
    from swapmeet.trades.matching import bitsets

    return bitsets if arcs <= MANY and size <= WIDE else _large()


def _methods(arcs: int) -> ModuleType:
    return assigning if arcs <= SMALL else _large()


def _large() -> ModuleType:
    from swapmeet.trades.matching import vectors  # loads NumPy and SciPy

    return vectors


def _weighed(network: Network) -> tuple[list[int], list[int], list[int], Rows]:
    """Items and costs at once, by the network's weight."""
    costs = network.costs or []
    arcs = [[*row, i] for i, row in enumerate(network.targets)]
    fares = [[*row, network.stay_cost(i)] for i, row in enumerate(costs)]
    column_of, u, v = _methods(sum(map(len, arcs))).assign(arcs, fares)
    return column_of, u, v, _closed(_tight(arcs, fares, u, v), column_of)


def _at_least_cost(
    network: Network, costs: Rows, u: list[int], v: list[int], tight: Rows
) -> tuple[list[int], list[int], list[int], Rows]:
    """The cheapest of all results with most items: they are permutations along the few tight arcs.

    The prices of the two steps add up, the first times the weight. An arc that is not tight leaves one weight at least; where the
    prices of the second step might use up more than that, they are mended along every arc.
    """
    fares = []
    for i, row in enumerate(tight):
        price = dict(zip(network.targets[i], costs[i], strict=True)) if row != [i] else {}
        fares.append([price.get(j, 0) for j in row])
    column_of, second_u, second_v = _methods(4 * sum(map(len, tight))).assign(tight, fares)
    closer = _tight(tight, fares, second_u, second_v)
    u = [network.weight * first + then for first, then in zip(u, second_u, strict=True)]
    if max(second_u) + max(second_v) <= network.weight:
        v = [network.weight * first + then for first, then in zip(v, second_v, strict=True)]
    else:
        arcs = [[*row, i] for i, row in enumerate(network.targets)]
        all_fares = [[*row, network.stay_cost(i)] for i, row in enumerate(costs)]
        v = _methods(sum(map(len, arcs))).repair_prices(arcs, all_fares, column_of, u)
    return column_of, u, v, closer


def _tight(arcs: Rows, fares: Rows, u: list[int], v: list[int]) -> Rows:
    return [
        [j for j, fare in zip(row, fares[i], strict=True) if fare - price == v[j]]
        for i, (row, price) in enumerate(zip(arcs, u, strict=True))
    ]


def _closed(tight: Rows, column_of: list[int]) -> Rows:
    """The arcs of all optimal permutations: tight ones on a closed alternating walk, which is a strongly connected component
    of the rows where i -> k says that i may take the column that k has."""
    row_of = [0] * len(tight)
    for i, column in enumerate(column_of):
        row_of[column] = i
    label = _methods(sum(map(len, tight))).components([[row_of[j] for j in row] for row in tight])
    return [[j for j in row if label[row_of[j]] == label[i]] for i, row in enumerate(tight)]
