"""The cheapest permutation of a network and dual prices that prove it, in plain Python.

The primal-dual method (Hungarian; Kuhn 1955): prices u, v keep c - u - v >= 0 on every arc; tight arcs (0) carry a growing
matching. First rows are paired along disjoint tight paths while many come in at once; then a search by distance from each row that is left
(Dijkstra; Edmonds and Karp 1972) ends at the first free column and changes the prices of what it passed, mostly a few rows. So
a list of a thousand items takes milliseconds and no library has to load.
"""

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush

Rows = list[list[int]]
FEW = 64  # while one free row in so many finds a column, they are all searched at once
FAR = 1 << 62


def assign(arcs: Rows, fares: Rows) -> tuple[list[int], list[int], list[int]]:
    """(column of each row, u, v). Some permutation must exist, as the arcs i -> i make one. Deterministic.

    No permutation uses an arc between strongly connected components, so each component is assigned by itself. Taking a number
    from u and adding it to v inside one component changes no sum and no price of an arc inside; where an arc to a component that
    is done asks for it, so the prices fit that arc too.
    """
    size = len(arcs)
    label = components(arcs)
    members_of: Rows = [[] for _ in range(max(label, default=-1) + 1)]
    for i in range(size):
        members_of[label[i]].append(i)
    column_of, u, v = list(range(size)), [0] * size, [0] * size
    for number, members in enumerate(members_of):  # arcs between components lead to lower numbers
        if len(members) == 1:
            i = members[0]
            u[i] = fares[i][arcs[i].index(i)]
        else:
            inner = _inner(members, number, arcs, fares, label)
            solver = _Searches(*inner, len(members))
            solver.run()
            for position, i in enumerate(members):
                column_of[i] = members[solver.column_of[position]]
                u[i], v[i] = solver.u[position], solver.v[position]
        shift = 0
        for i in members:
            worst = max([u[i] + v[j] - fare for j, fare in zip(arcs[i], fares[i], strict=True)])
            if worst > shift:
                shift = worst
        if shift:
            for i in members:
                u[i] -= shift
                v[i] += shift
    return column_of, u, v


def _inner(members: list[int], number: int, arcs: Rows, fares: Rows, label: list[int]) -> tuple[Rows, Rows]:
    """Arcs and fares inside one component, its vertices numbered from 0."""
    place = {vertex: position for position, vertex in enumerate(members)}
    inner_arcs, inner_fares = [], []
    for i in members:
        inside = [at for at, j in enumerate(arcs[i]) if label[j] == number]
        row, fare = arcs[i], fares[i]
        inner_arcs.append([place[row[at]] for at in inside])
        inner_fares.append([fare[at] for at in inside])
    return inner_arcs, inner_fares


class _Searches:
    def __init__(self, arcs: Rows, fares: Rows, size: int) -> None:
        self.arcs, self.fares, self.size = arcs, fares, size
        self.column_of = [-1] * size
        self.row_of = [-1] * size
        self.v = v = _least_in(arcs, fares, size)
        self.u = [min([fare - v[j] for j, fare in zip(arcs[i], fares[i], strict=True)]) for i in range(size)]
        self.least, self.via = (
            [FAR] * size,
            [-1] * size,
        )  # of each column in one search: its distance, the row before it

    def run(self) -> None:
        tight = self._tight_arcs()
        ahead = {i: iter(row) for i, row in tight.items()}
        free = list(tight)
        while free and self._augment_all(free, tight, ahead) * FEW >= len(free):
            free = [i for i in free if self.column_of[i] < 0]
        for i in free:
            if self.column_of[i] < 0:
                self._augment_one(i)

    def _tight_arcs(self) -> dict[int, list[int]]:
        u, v, arcs, fares = self.u, self.v, self.arcs, self.fares
        return {
            i: [j for j, fare in zip(arcs[i], fares[i], strict=True) if fare - price == v[j]]
            for i, price in enumerate(u)
        }

    def _augment_all(self, free: list[int], tight: dict[int, list[int]], ahead: dict[int, Iterator[int]]) -> int:
        """Augments along disjoint tight paths, each column visited once; the number of new pairs.

        A row looks for a free column of its own before it goes on to others' rows; `ahead` remembers how far it has looked.
        """
        row_of, column_of = self.row_of, self.column_of
        seen = bytearray(self.size)
        found = 0
        for start in free:
            if column_of[start] >= 0:
                continue
            path = [start]
            trail = [iter(tight[start])]
            picked: list[int] = []
            while path:
                for j in ahead[path[-1]]:
                    if row_of[j] < 0:
                        break
                else:
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
                    seen[j] = 1
                    for i, column in zip(path, picked, strict=True):
                        column_of[i], row_of[column] = column, i
                    found += 1
                    break
                path.append(row_of[j])
                trail.append(iter(tight[row_of[j]]))
        return found

    def _augment_one(self, start: int) -> None:
        """Pairs a row along a shortest path, which new prices make tight."""
        rows, distance, j = self._search(start)
        for i, passed in rows:
            self.u[i] += distance - passed
            if i != start:
                self.v[self.column_of[i]] -= distance - passed
        while j >= 0:
            i = self.via[j]
            self.row_of[j] = i
            self.column_of[i], j = j, self.column_of[i]

    def _search(self, start: int) -> tuple[list[tuple[int, int]], int, int]:
        """(rows passed with their distances, the distance of the nearest free column, that column). `via` leads back from it."""
        u, v, row_of, arcs, fares = self.u, self.v, self.row_of, self.arcs, self.fares
        least, via, size = self.least, self.via, self.size
        rows, touched = [(start, 0)], []
        heap: list[int] = []  # distance * size + column
        nearest, end = FAR, -1
        i = start
        passed = 0
        while True:
            base = passed - u[i]
            for j, fare in zip(arcs[i], fares[i], strict=True):
                distance = base + fare - v[j]
                if distance < least[j] and distance < nearest:
                    least[j], via[j] = distance, i
                    touched.append(j)
                    if row_of[j] < 0:
                        nearest, end = distance, j
                    else:
                        heappush(heap, distance * size + j)
            j = -1
            while heap and j < 0:
                passed, j = divmod(heappop(heap), size)
                if passed > least[j]:
                    j = -1
            if j < 0 or passed >= nearest:
                break
            i = row_of[j]
            rows.append((i, passed))
        for j in touched:
            least[j] = FAR
        return rows, nearest, end


def repair_prices(arcs: Rows, fares: Rows, column_of: list[int], u: list[int]) -> list[int]:
    """Lowers u until u, with v as the cheapest permutation fixes it, fits every arc (Bellman and Ford); the v."""
    size = len(arcs)
    row_of = [0] * size
    fare_of = [0] * size
    takers: list[list[tuple[int, int]]] = [
        [] for _ in range(size)
    ]  # of each column: the rows that may have it, with the fare
    for i, (row, fare) in enumerate(zip(arcs, fares, strict=True)):
        row_of[column_of[i]] = i
        fare_of[column_of[i]] = fare[row.index(column_of[i])]
        for j, cost in zip(row, fare, strict=True):
            takers[j].append((i, cost))
    v = [fare_of[j] - u[row_of[j]] for j in range(size)]
    front = deque(range(size))
    is_waiting = bytearray(b"\1" * size)
    while front:
        j = front.popleft()
        is_waiting[j] = 0
        price = v[j]
        for i, cost in takers[j]:
            if cost - price < u[i]:
                u[i] = cost - price
                column = column_of[i]
                v[column] = fare_of[column] - u[i]
                if not is_waiting[column]:
                    is_waiting[column] = 1
                    front.append(column)
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
