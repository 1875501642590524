"""All loops of at most so many hand-overs, by depth-first search from the lowest vertex of each (as Johnson 1975 prunes)."""

from collections import deque

from swapmeet.trades.matching.network import Network

Rows = list[list[int]]
Cycle = tuple[tuple[int, int], ...]
MAX_CYCLES = 150_000
MAX_STEPS = 6_000_000


def short_cycles(network: Network, rows: Rows, most: int) -> tuple[list[Cycle], int]:
    """(loops over the arcs `rows`, the length up to which they are all there: `most`, or less where there are too many).

    Items and bids count; groups and pools are passed on the way, the first copy for all. Loops stand in a fixed order.
    """
    found: list[Cycle] = []
    steps = 0
    for length in range(2, most + 1):
        search = _Search(network, rows, length, MAX_STEPS - steps)
        if not search.run():
            return found, length - 1
        found, steps = search.found, steps + search.steps
        if length < most and len(found) > MAX_CYCLES // 2:
            return found, length
    return found, most


class _Search:
    def __init__(self, network: Network, rows: Rows, most: int, steps_left: int) -> None:
        size = network.size
        self.counts = [1 if network.is_item[i] or i in network.bids else 0 for i in range(size)]
        later = {copy for copies in network.copies.values() for copy in copies[1:]}
        self.rows = [[j for j in row if j != i and j not in later] for i, row in enumerate(rows)]
        self.takers: Rows = [[] for _ in range(size)]
        for i, row in enumerate(self.rows):
            if i not in later:
                for j in row:
                    self.takers[j].append(i)
        self.most = most
        self.steps_left = steps_left
        self.steps = 0
        self.found: list[Cycle] = []

    def run(self) -> bool:
        """False when there is more than one can look at."""
        starts = [i for i, count in enumerate(self.counts) if count and self.rows[i] and self.takers[i]]
        return all(self._from(start) for start in starts)

    def _from(self, start: int) -> bool:
        """Loops whose lowest counted vertex is `start`."""
        left = self._distances(start)
        path, trail, length = [start], [iter(self.rows[start])], 1
        on_path = {start}
        while path:
            for j in trail[-1]:
                self.steps += 1
                if j == start:
                    self.found.append(tuple(zip(path, [*path[1:], start], strict=True)))
                elif j in left and j not in on_path and length + self.counts[j] + left[j] <= self.most:
                    path.append(j)
                    on_path.add(j)
                    length += self.counts[j]
                    trail.append(iter(self.rows[j]))
                    break
            else:
                trail.pop()
                vertex = path.pop()
                on_path.discard(vertex)
                length -= self.counts[vertex]
        return len(self.found) <= MAX_CYCLES and self.steps <= self.steps_left

    def _distances(self, start: int) -> dict[int, int]:
        """How many counted vertices lie between each vertex and `start`, as far as a loop can reach; lower ones are closed."""
        found = {start: 0}
        front = deque([start])
        while front:
            vertex = front.popleft()
            far = found[vertex] + (self.counts[vertex] if vertex != start else 0)
            for i in self.takers[vertex]:
                self.steps += 1
                if far + 1 + self.counts[i] > self.most or (self.counts[i] and i < start):
                    continue
                if far < found.get(i, far + 1):
                    found[i] = far
                    (front.append if self.counts[vertex] else front.appendleft)(i)
        return found
