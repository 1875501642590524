"""Most items, then least cost, with prices that prove it, and the arcs of every result as good as this one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from swapmeet.trades.matching import assigning
from swapmeet.trades.matching.network import Network

SMALL = 60_000  # arcs that plain Python solves before a library would have loaded
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
    arcs = [[*row, i] for i, row in enumerate(network.targets)]
    methods = _methods(sum(map(len, arcs)))
    fares = [
        [*row, network.stay_cost(i)]
        for i, row in enumerate(network.costs or [[0] * len(row) for row in network.targets])
    ]
    if network.costs is None or not network.is_free:
        column_of, u, v = methods.assign(arcs, fares)
    else:
        column_of, u, v = _in_two_stages(network, arcs, fares, methods)
    traded = sum(network.is_item[i] and column_of[i] != i for i in range(network.size))
    cost = sum(network.cost_of(i, column) for i, column in enumerate(column_of))
    return Optimum(column_of, u, v, _face(arcs, fares, column_of, u, v), traded, cost)


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


def _methods(arcs: int) -> ModuleType:
    if arcs <= SMALL:
        return assigning
    from swapmeet.trades.matching import vectors  # loads NumPy and SciPy

    return vectors


def _in_two_stages(
    network: Network, arcs: Rows, fares: Rows, methods: ModuleType
) -> tuple[list[int], list[int], list[int]]:
    """The few arcs of results with most items are found first; the costs are weighed on those alone."""
    stays = [[0] * (len(row) - 1) + [network.is_item[i]] for i, row in enumerate(arcs)]
    column_of, u, v = methods.assign(arcs, stays)
    face = _face(arcs, stays, column_of, u, v)
    price = [dict(zip(row, fare, strict=True)) for row, fare in zip(arcs, fares, strict=True)]
    costs = [[0 if j == i else price[i][j] for j in row] for i, row in enumerate(face)]
    column_of, second, _ = _methods(4 * sum(map(len, face))).assign(face, costs)
    u = [network.weight * first + then for first, then in zip(u, second, strict=True)]
    v = methods.repair_prices(arcs, fares, column_of, u)
    return column_of, u, v


def _face(arcs: Rows, fares: Rows, column_of: list[int], u: list[int], v: list[int]) -> Rows:
    """The arcs of all optimal permutations: tight ones on a closed alternating walk, which is a strongly connected component
    of the rows where i -> k says that i may take the column that k has."""
    row_of = [0] * len(arcs)
    for i, column in enumerate(column_of):
        row_of[column] = i
    tight = []
    for row, fare, price in zip(arcs, fares, u, strict=True):
        tight.append([j for j, cost in zip(row, fare, strict=True) if cost - price == v[j]])
    label = _methods(sum(map(len, tight))).components([[row_of[j] for j in row] for row in tight])
    return [[j for j in row if label[row_of[j]] == label[i]] for i, row in enumerate(tight)]
