"""All loops of at most so many hand-overs, by depth-first search from the lowest vertex of each (as Johnson 1975 prunes)."""

from collections import deque

from swapmeet.trades.matching.network import Network

Rows = list[list[int]]
Cycle = tuple[tuple[int, int], ...]
MAX_CYCLES = 150_000
MAX_STEPS = 6_000_000
MAX_GROWTH = 600_000


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


def bundle_parts(network: Network, rows: Rows, most: int) -> tuple[list[Cycle], bool]:
    """(what can happen together along the arcs `rows` with a bundle in it and at most so many hand-overs, whether that is all).

    A group or pool with a cap above 1 is passed once in each, so then it is not all.
    """
    growth = _Growth(network, rows, most)
    is_all = all(growth.from_bundle(bundle) for bundle in sorted(network.bundles))
    return [_in_order(network, pairs) for pairs in growth.found], is_all and not network.copies


def _in_order(network: Network, pairs: Cycle) -> Cycle:
    """What a group or pool takes stands right behind who takes it from there."""
    passed = {i: (i, j) for i, j in pairs if not (network.is_item[i] or i in network.bids or i in network.bundles)}
    ordered = []
    for pair in pairs:
        if pair[0] in passed:
            continue
        ordered.append(pair)
        while ordered[-1][1] in passed:
            ordered.append(passed[ordered[-1][1]])
    return tuple(ordered)


class _Growth:
    """Grows what bundles tie together, one hand-over after the other, until nothing is left open."""

    def __init__(self, network: Network, rows: Rows, most: int) -> None:
        later = {copy for copies in network.copies.values() for copy in copies[1:]}
        self.network, self.most = network, most
        self.rows = [
            [j for j in row if j != i and j not in later] if i not in later else [] for i, row in enumerate(rows)
        ]
        self.takers: Rows = [[] for _ in rows]
        for i, row in enumerate(self.rows):
            for j in row:
                self.takers[j].append(i)
        self.counts = [int(network.is_item[j] or j in network.bids) for j in range(network.size)]
        self.bundles_of: dict[int, list[int]] = {}
        for bundle, (items, _) in network.bundles.items():
            for item in items:
                self.bundles_of.setdefault(item, []).append(bundle)
        self.start = 0
        self.steps = 0
        self.found: dict[Cycle, None] = {}

    def from_bundle(self, bundle: int) -> bool:
        """Everything whose lowest bundle this is. False when there is more than one can look at."""
        self.start = bundle
        items, receives = self.network.bundles[bundle]
        self._grow((), tuple(items), {bundle: receives}, frozenset([bundle, *items]))
        return self.steps <= MAX_GROWTH and len(self.found) <= MAX_CYCLES

    def _grow(self, pairs: Cycle, goes: tuple[int, ...], needs: dict[int, int], used: frozenset[int]) -> None:
        """`goes`: things that still need a taker; `needs`: how many each row still has to receive; `used`: what is in it."""
        self.steps += 1
        done = sum(self.counts[j] for _, j in pairs)
        if done + max(sum(self.counts[j] for j in goes), sum(needs.values())) > self.most or self.steps > MAX_GROWTH:
            return
        if goes:
            self._find_taker(pairs, goes, needs, used)
        elif needs:
            self._find_thing(pairs, needs, used)
        else:
            self.found[tuple(sorted(pairs))] = None

    def _find_taker(self, pairs: Cycle, goes: tuple[int, ...], needs: dict[int, int], used: frozenset[int]) -> None:
        j, rest = goes[0], goes[1:]
        for i in self.takers[j]:
            more = (*pairs, (i, j))
            if i in needs:
                self._grow(more, rest, _less(needs, i), used)
            elif i in used:
                continue
            elif i not in self.network.bundles:
                self._grow(more, (*rest, i), needs, used | {i})
            elif self._is_free(i, used):
                items, receives = self.network.bundles[i]
                self._grow(more, (*rest, *items), _less(needs | {i: receives}, i), used.union([i], items))

    def _find_thing(self, pairs: Cycle, needs: dict[int, int], used: frozenset[int]) -> None:
        i = min(needs)
        for j in self.rows[i]:
            if j in used:
                continue
            more, left = (*pairs, (i, j)), _less(needs, i)
            self._grow(more, (), left | {j: 1}, used | {j})
            for bundle in self.bundles_of.get(j, ()):
                if self._is_free(bundle, used):
                    items, receives = self.network.bundles[bundle]
                    goes = tuple(item for item in items if item != j)
                    self._grow(more, goes, left | {bundle: receives}, used.union([bundle], items))

    def _is_free(self, bundle: int, used: frozenset[int]) -> bool:
        return bundle > self.start and bundle not in used and used.isdisjoint(self.network.bundles[bundle][0])


def _less(needs: dict[int, int], row: int) -> dict[int, int]:
    """One less for this row."""
    left = needs[row] - 1
    return {i: count if i != row else left for i, count in needs.items() if i != row or left}


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
