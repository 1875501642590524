"""Most items in plain Python, with prices that prove it: the phases of `assigning` where only staying costs anything, on sets of
columns that are bits of whole numbers.

Where every wish costs 0, what is tight for a row is its wishes among the columns of one price: one `and` of two numbers. A search
then takes a step for each row it reaches, not for each arc, so a thousand items take a hundredth of a second and no library loads.
"""

from collections import defaultdict
from collections.abc import Sequence

from swapmeet.trades.matching.assigning import components

Rows = list[list[int]]

_BITS = [tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]


def bits_of(mask: int) -> list[int]:
    """The numbers in a set, ascending."""
    found: list[int] = []
    if 24 * mask.bit_count() <= mask.bit_length():
        while mask:
            top = mask.bit_length() - 1
            found.append(top)
            mask ^= 1 << top
        return found[::-1]
    for place, byte in enumerate(mask.to_bytes((mask.bit_length() + 7) // 8, "little")):
        if byte:
            base = 8 * place
            found += [base + bit for bit in _BITS[byte]]
    return found


def most_items(targets: Rows, is_item: Sequence[int], apart: int) -> tuple[list[int], list[int], list[int], Rows]:
    """(column of each row, u, v, tight columns of each row) where as few items as can be take their own column.

    No permutation uses an arc between strongly connected components, so arcs inside them are solved alone, and only those count as
    tight. Taking a number from u and adding it to v inside one component changes no sum and no price of an arc inside; so much is
    taken that every arc between two components has `apart` left.
    """
    size = len(targets)
    label = components(targets)
    count = [0] * size
    for number in label:
        count[number] += 1
    members = [i for i in range(size) if count[label[i]] > 1]
    column_of, u, v = list(range(size)), [int(costs) for costs in is_item], [0] * size
    tight: Rows = [[i] for i in range(size)]
    phases = _Phases(targets, is_item, label, members)
    phases.run()
    for at, (i, price) in enumerate(zip(members, phases.v(), strict=True)):
        column_of[i], u[i], v[i] = members[phases.column_of[at]], phases.u[at], price
        tight[i] = phases.tight_row(at)
    shift = [0] * size
    parts: Rows = [[] for _ in range(max(label, default=-1) + 1)]
    for i, number in enumerate(label):
        parts[number].append(i)
    for number, rows in enumerate(parts):  # arcs between components lead to lower numbers
        excess = [
            u[i] + apart + max(away)
            for i in rows
            if (away := [v[j] + shift[label[j]] for j in targets[i] if label[j] != number])
        ]
        shift[number] = max(0, max(excess, default=0))
    return (
        column_of,
        [u[i] - shift[label[i]] for i in range(size)],
        [v[i] + shift[label[i]] for i in range(size)],
        tight,
    )


class _Phases:
    """The cheapest permutation along the arcs inside components, each of `members`, and its prices. Deterministic.

    Rows and columns are places in `members`. `ways` are the columns of a row that cost nothing, `own` its own one if that costs 1.
    """

    def __init__(self, targets: Rows, is_item: Sequence[int], label: list[int], members: list[int]) -> None:
        size = len(members)
        self.members, self.everything = members, (1 << size) - 1
        bit = {i: 1 << at for at, i in enumerate(members)}
        self.ways, self.own = [0] * size, [0] * size
        for at, i in enumerate(members):
            way, number = 0, label[i]
            for j in targets[i]:
                if label[j] == number:
                    way |= bit[j]
            self.ways[at] = way if is_item[i] else way | bit[i]
            self.own[at] = bit[i] if is_item[i] else 0
        self.u = [0] * size
        self.priced = {0: self.everything}  # v -> the columns with this price
        self.column_of = [-1] * size
        self.row_of = [-1] * size
        self.open = self.everything  # columns without a row
        self.tight: dict[int, int] = {}

    def run(self) -> None:
        free = list(range(len(self.members)))
        while free:
            before = len(free)
            free, seen = self._augment(free)
            if len(free) == before:
                self._reprice(free, seen)

    def v(self) -> list[int]:
        """The price of each column."""
        prices = [0] * len(self.u)
        for price, columns in self.priced.items():
            for j in bits_of(columns):
                prices[j] = price
        return prices

    def tight_row(self, i: int) -> list[int]:
        """The tight columns of a row, as vertices, its own last."""
        tight, members = self.tight[i] if i in self.tight else self._tight_of(i), self.members
        return [members[j] for j in bits_of(tight) if j != i] + [members[i]] * (tight >> i & 1)

    def _tight_of(self, i: int) -> int:
        price, priced = self.u[i], self.priced
        found = self.ways[i] & priced.get(-price, 0) | self.own[i] & priced.get(1 - price, 0)
        self.tight[i] = found
        return found

    def _augment(self, free: list[int]) -> tuple[list[int], int]:
        """Augments along disjoint tight paths, each column visited once; (rows that are still free, columns visited)."""
        row_of, column_of, tight, tight_of = self.row_of, self.column_of, self.tight, self._tight_of
        unseen, left, still = self.everything, self.open, []
        for start in free:
            path, picked = [start], []
            trail = [tight[start] if start in tight else tight_of(start)]
            while trail:
                way = trail[-1]
                if end := way & left:
                    end = end.bit_length() - 1
                    left ^= 1 << end
                    picked.append(end)
                    for i, j in zip(path, picked, strict=True):
                        column_of[i], row_of[j] = j, i
                    break
                if new := way & unseen:
                    j = new.bit_length() - 1
                    unseen ^= 1 << j
                    picked.append(j)
                    i = row_of[j]
                    path.append(i)
                    trail.append(tight[i] if i in tight else tight_of(i))
                    continue
                trail.pop()
                path.pop()
                if picked:
                    picked.pop()
            else:
                still.append(start)
        self.open = left
        return still, self.everything ^ unseen

    def _reprice(self, free: list[int], seen: int) -> None:
        """Moves prices until a shortest path from a free row to a free column is tight. `seen`: the columns reached without a path.

        Rows are searched together that differ only in what they wish for.
        """
        u, ways, own, row_of, priced = self.u, self.ways, self.own, self.row_of, self.priced
        rows = free + [row_of[j] for j in bits_of(seen)]
        away = [0] * len(rows)
        reach: defaultdict[int, int] = defaultdict(int)  # distance less price -> what rows with it wish for
        for i in rows:
            reach[-u[i]] |= ways[i]
            reach[1 - u[i]] |= own[i]
        far, levels, distance = self.everything ^ seen, {0: seen}, 0
        while True:
            distance += 1
            new = 0
            for lead, columns in reach.items():
                new |= columns & priced.get(lead - distance, 0)
            new &= far
            while new and not new & self.open:
                far ^= new
                levels[distance] = levels.get(distance, 0) | new
                following = 0
                for j in bits_of(new):
                    i = row_of[j]
                    rows.append(i)
                    away.append(distance)
                    reach[distance - u[i]] |= ways[i]
                    reach[distance + 1 - u[i]] |= own[i]
                    following |= self._tight_of(i)
                new = following & far
            if new:
                break
        for i, passed in zip(rows, away, strict=True):
            u[i] += distance - passed
        self._lower(levels, distance)

    def _lower(self, levels: dict[int, int], distance: int) -> None:
        """Lowers the prices of columns reached at each distance (`levels`) by what is left to `distance`."""
        priced: defaultdict[int, int] = defaultdict(int)
        for price, columns in self.priced.items():
            left = columns
            for passed, reached in levels.items():
                if moved := left & reached:
                    left ^= moved
                    priced[price - distance + passed] |= moved
            if left:
                priced[price] |= left
        self.priced = dict(priced)
        self.tight.clear()
