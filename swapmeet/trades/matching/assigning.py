"""The cheapest permutation of a network and dual prices that prove it, in plain Python.

Successive phases of the primal-dual method (Hungarian; Kuhn 1955, with the phases of Hopcroft and Karp 1973): prices u, v keep
c - u - v >= 0 on every arc; tight arcs (0) carry a growing matching; when no free row reaches a free column over tight arcs, a
search by distance (Dijkstra) from all free rows changes the prices. Few phases where costs are small, so a list of a thousand
items takes milliseconds and no library has to load.
"""

from heapq import heappop, heappush

Rows = list[list[int]]


def assign(arcs: Rows, fares: Rows) -> tuple[list[int], list[int], list[int]]:
    """(column of each row, u, v). Some permutation must exist, as the arcs i -> i make one. Deterministic."""
    solver = _Phases(arcs, fares, len(arcs))
    solver.run()
    return solver.column_of, solver.u, solver.v


class _Phases:
    def __init__(self, arcs: Rows, fares: Rows, size: int) -> None:
        self.arcs, self.fares, self.size = arcs, fares, size
        self.column_of = [-1] * size
        self.row_of = [-1] * size
        self.v = v = _least_in(arcs, fares, size)
        self.u = [min(fare - v[j] for j, fare in zip(arcs[i], fares[i], strict=True)) for i in range(size)]

    def run(self) -> None:
        tight = self._tight_arcs()
        while True:
            while self._augment_all(tight):
                pass
            if -1 not in self.column_of:
                return
            self._reprice()
            tight = self._tight_arcs()

    def _tight_arcs(self) -> Rows:
        u, v = self.u, self.v
        return [
            [j for j, fare in zip(self.arcs[i], self.fares[i], strict=True) if fare - u[i] == v[j]]
            for i in range(self.size)
        ]

    def _augment_all(self, tight: Rows) -> int:
        """Augments along disjoint tight paths, each column visited once; the number of new pairs."""
        row_of, column_of = self.row_of, self.column_of
        seen = bytearray(self.size)
        found = 0
        for start in [i for i in range(self.size) if column_of[i] < 0]:
            path = [start]
            trail = [iter(tight[start])]
            picked: list[int] = []
            while path:
                for j in trail[-1]:
                    if not seen[j]:
                        seen[j] = 1
                        break
                else:
                    path.pop()
                    trail.pop()
                    if picked:
                        picked.pop()
                    continue
                picked.append(j)
                if row_of[j] < 0:
                    for i, column in zip(path, picked, strict=True):
                        column_of[i], row_of[column] = column, i
                    found += 1
                    break
                path.append(row_of[j])
                trail.append(iter(tight[row_of[j]]))
        return found

    def _reprice(self) -> None:
        """Moves prices until a shortest path from a free row to a free column is tight."""
        u, v, row_of = self.u, self.v, self.row_of
        rows = {i: 0 for i in range(self.size) if self.column_of[i] < 0}
        columns: dict[int, int] = {}
        done: dict[int, int] = {}
        heap: list[tuple[int, int]] = []
        wave = list(rows)
        end = 0
        while True:
            for i in wave:
                base = rows[i] - u[i]
                for j, fare in zip(self.arcs[i], self.fares[i], strict=True):
                    if j not in done:
                        distance = base + fare - v[j]
                        if distance < columns.get(j, distance + 1):
                            columns[j] = distance
                            heappush(heap, (distance, j))
            wave = []
            end, j = heappop(heap)
            if j in done:
                continue
            done[j] = end
            if row_of[j] < 0:
                break
            rows[row_of[j]] = end
            wave = [row_of[j]]
        for i, distance in rows.items():
            u[i] += end - distance
        for j, distance in done.items():
            v[j] -= end - distance


def repair_prices(arcs: Rows, fares: Rows, column_of: list[int], u: list[int]) -> list[int]:
    """Lowers u until u, with v as the cheapest permutation fixes it, fits every arc (Bellman and Ford); the v."""
    size = len(arcs)
    row_of = [0] * size
    fare_of = [0] * size
    for i, column in enumerate(column_of):
        row_of[column] = i
        fare_of[column] = fares[i][arcs[i].index(column)]
    v = [fare_of[j] - u[row_of[j]] for j in range(size)]
    changed = True
    while changed:
        changed = False
        for i in range(size):
            lowest = min([fare - v[j] for j, fare in zip(arcs[i], fares[i], strict=True)])
            if lowest < u[i]:
                u[i] = lowest
                v[column_of[i]] = fare_of[column_of[i]] - lowest
                changed = True
    return v


def components(arcs: Rows) -> list[int]:
    """The strongly connected component of each vertex, by number (Tarjan 1972, without recursion)."""
    size = len(arcs)
    order, low, component = [0] * size, [0] * size, [-1] * size
    stack: list[int] = []
    clock = count = 0
    for root in range(size):
        if order[root]:
            continue
        clock += 1
        order[root] = low[root] = clock
        stack.append(root)
        path = [(root, iter(arcs[root]))]
        while path:
            vertex, following = path[-1]
            for other in following:
                if not order[other]:
                    clock += 1
                    order[other] = low[other] = clock
                    stack.append(other)
                    path.append((other, iter(arcs[other])))
                    break
                if component[other] < 0 and order[other] < low[vertex]:
                    low[vertex] = order[other]
            else:
                path.pop()
                if path and low[vertex] < low[path[-1][0]]:
                    low[path[-1][0]] = low[vertex]
                if low[vertex] == order[vertex]:
                    while True:
                        member = stack.pop()
                        component[member] = count
                        if member == vertex:
                            break
                    count += 1
    return component


def _least_in(arcs: Rows, fares: Rows, size: int) -> list[int]:
    least = [max(map(max, fares), default=0)] * size
    for row, fare in zip(arcs, fares, strict=True):
        for j, cost in zip(row, fare, strict=True):
            if cost < least[j]:
                least[j] = cost
    return least
