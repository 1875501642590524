"""The cheapest permutation of a network and dual prices that prove it, in plain Python.

Successive phases of the primal-dual method (Hungarian; Kuhn 1955, with the phases of Hopcroft and Karp 1973): prices u, v keep
c - u - v >= 0 on every arc; tight arcs (0) carry a growing matching; when no free row reaches a free column over tight arcs, a
search by distance (Dijkstra) from all free rows changes the prices. Few phases where costs are small, so a list of a thousand
items takes milliseconds and no library has to load.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

Rows = list[list[int]]
FEW = 64  # while one free row in so many finds a column, they are all searched at once


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
            solver = _Phases(*inner, len(members))
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


class _Phases:
    def __init__(self, arcs: Rows, fares: Rows, size: int) -> None:
        self.arcs, self.fares, self.size = arcs, fares, size
        self.column_of = [-1] * size
        self.row_of = [-1] * size
        self.v = v = _least_in(arcs, fares, size)
        self.u = [min([fare - v[j] for j, fare in zip(arcs[i], fares[i], strict=True)]) for i in range(size)]

    def run(self) -> None:
        reached: Iterable[int] = range(self.size)
        while True:
            tight = self._tight_arcs(reached)
            ahead = {i: iter(row) for i, row in tight.items()}
            free = [i for i in tight if self.column_of[i] < 0]
            while free and self._augment_all(free, tight, ahead) * FEW >= len(free):
                free = [i for i in free if self.column_of[i] < 0]
            rows, columns = _augment_each(free, tight, ahead, self.column_of, self.row_of)
            if not rows:
                return
            reached = self._reprice(rows, columns)

    def _tight_arcs(self, rows: Iterable[int]) -> dict[int, list[int]]:
        u, v, arcs, fares = self.u, self.v, self.arcs, self.fares
        found = {}
        for i in rows:
            price = u[i]
            found[i] = [j for j, fare in zip(arcs[i], fares[i], strict=True) if fare - price == v[j]]
        return found

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

    def _reprice(self, rows: list[int], columns: list[int]) -> list[int]:
        """Moves prices until a shortest path from a free row to a free column is tight; the rows that free rows reach then.

        `rows` and `columns` are what they reach now.
        """
        u, v, row_of, arcs, fares, size = self.u, self.v, self.row_of, self.arcs, self.fares, self.size
        far = 1 << 62
        least = [far] * size
        for j in columns:
            least[j] = 0
        away = [0] * len(rows)
        done = list(columns)
        heap: list[int] = []  # distance * size + column
        at, end = 0, -1
        while True:
            while at < len(rows):
                base = away[at] - u[rows[at]]
                for j, fare in zip(arcs[rows[at]], fares[rows[at]], strict=True):
                    distance = base + fare - v[j]
                    if distance < least[j]:
                        least[j] = distance
                        heappush(heap, distance * size + j)
                at += 1
            if not heap or -1 < end < heap[0] // size:
                break
            distance, j = divmod(heappop(heap), size)
            if distance > least[j]:
                continue
            done.append(j)
            if row_of[j] < 0:
                end = distance
            else:
                rows.append(row_of[j])
                away.append(distance)
        for i, distance in zip(rows, away, strict=True):
            u[i] += end - distance
        for j in done:
            v[j] -= end - least[j]
        return rows


def _augment_each(
    free: list[int],
    tight: dict[int, list[int]],
    ahead: dict[int, Iterator[int]],
    column_of: list[int],
    row_of: list[int],
) -> tuple[list[int], list[int]]:
    """Augments from each free row that can be; (rows, columns) that the others reach over tight arcs.

    What a failed search has seen leads nowhere, whatever is augmented after it, so later searches pass it over.
    """
    seen = bytearray(len(row_of))
    rows: list[int] = []
    columns: list[int] = []
    for start in free:
        if column_of[start] >= 0:
            continue
        path, trail = [start], [iter(tight[start])]
        picked: list[int] = []
        touched: list[int] = []
        end = -1
        while path:
            for end in ahead[path[-1]]:
                if row_of[end] < 0:
                    break
            else:
                for j in trail[-1]:
                    if not seen[j]:
                        seen[j] = 1
                        touched.append(j)
                        picked.append(j)
                        path.append(row_of[j])
                        trail.append(iter(tight[row_of[j]]))
                        break
                else:
                    path.pop()
                    trail.pop()
                    if picked:
                        picked.pop()
                continue
            picked.append(end)
            for i, column in zip(path, picked, strict=True):
                column_of[i], row_of[column] = column, i
            for j in touched:
                seen[j] = 0
            break
        else:
            rows.append(start)
            rows.extend([row_of[j] for j in touched])
            columns.extend(touched)
    return rows, columns


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
