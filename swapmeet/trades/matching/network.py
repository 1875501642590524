"""A problem as one assignment: who receives from whom.

Every vertex receives once and sends once. An arc i -> j says that i receives what j sends; the arc i -> i that it takes no
part. Items, bids, `cap` copies of each group and of each pool are vertices. A group passes on what it receives; a pool sends
to one of its items what it takes in. So one permutation of the vertices is one result, and its cycles are the loops.
A bundle is a row that receives several times and has no column; only the search for bundles lets it take anything.
"""

from dataclasses import dataclass, field
from operator import attrgetter

from swapmeet.trades.matching.model import Item, Person, Problem, TooLarge, Want

_target, _cost = attrgetter("target"), attrgetter("cost")
MAX_ITEMS = 60_000
MAX_ARCS = 3_000_000
MAX_BYTES = 1 << 30
BYTES_AN_ARC = 250  # at the peak; estimates both
BYTES_A_VERTEX = 1_500


@dataclass(slots=True)
class Network:
    """Vertices in canonical order. `targets[i]` are the columns that row i may receive from, ascending, without i itself."""

    names: list[str]
    owners: list[int]  # index into `people`
    people: list[str]
    is_item: bytearray
    targets: list[list[int]]
    costs: list[list[int]] | None  # beside `targets`; None when every wish costs 0
    weight: int  # cost of an item that stays
    is_free: bool = True  # no cost of wishes is worth giving up a trade
    budgets: dict[int, int] = field(default_factory=dict)  # person -> most cash
    bids: dict[int, int] = field(default_factory=dict)  # vertex of a bid -> its amount
    asks: dict[int, int] = field(default_factory=dict)  # vertex of an item -> its ask
    copies: dict[int, list[int]] = field(
        default_factory=dict
    )  # first copy of a group or pool with a cap above 1 -> all
    bundles: dict[int, tuple[list[int], int]] = field(
        default_factory=dict
    )  # vertex -> (items given, how many received)

    @property
    def size(self) -> int:
        return len(self.names)

    def cost_of(self, row: int, column: int) -> int:
        """What the arc costs, without weight."""
        return 0 if self.costs is None or row == column else self.costs[row][self.targets[row].index(column)]

    def stay_cost(self, vertex: int) -> int:
        return self.weight if self.is_item[vertex] else 0


def compile_network(problem: Problem, *, use_cash: bool) -> Network:
    """The network of a problem without its limits. Raises TooLarge before memory is gone."""
    refuse_too_large(problem)
    return _Compiler(problem, use_cash).compile()


def refuse_too_large(problem: Problem) -> None:
    """Counts before anything is built."""
    items = len(problem.items)
    if items > MAX_ITEMS:
        raise TooLarge(f"{items:,} items; this engine takes {MAX_ITEMS:,}.")
    arcs = sum(len(item.wants) for item in problem.items)
    arcs += sum(len(group.wants) * group.cap for group in problem.groups)
    arcs += sum((len(pool.wants) + len(pool.items)) * pool.cap for pool in problem.pools)
    arcs += sum(len(bid.wants) for bid in problem.bids) + sum(len(bundle.wants) for bundle in problem.bundles)
    if arcs > MAX_ARCS:
        raise TooLarge(f"{arcs:,} wishes; this engine takes {MAX_ARCS:,}.")
    vertices = items + sum(group.cap for group in problem.groups) + sum(pool.cap for pool in problem.pools)
    if (needed := arcs * BYTES_AN_ARC + vertices * BYTES_A_VERTEX) > MAX_BYTES:
        raise TooLarge(f"About {needed >> 20:,} MiB of memory would be needed; this engine takes {MAX_BYTES >> 20:,}.")


class _Compiler:
    def __init__(self, problem: Problem, use_cash: bool) -> None:
        self.problem = problem
        self.bids = problem.bids if use_cash else ()
        self.rules = {person.key: person for person in problem.people}
        self.items = {item.key: item for item in problem.items}
        self.copies: dict[str, list[int]] = {}

    def compile(self) -> Network:
        rows = self._vertices()
        people = sorted({owner for _, owner, _, _ in rows})
        number = {owner: position for position, owner in enumerate(people)}
        names = [name for name, _, _, _ in rows]
        for position, (_, _, key, _) in enumerate(rows):
            self.copies.setdefault(key, []).append(position)
        pooled: dict[str, list[int]] = {}
        for pool in self.problem.pools:
            for key in pool.items:
                pooled.setdefault(key, []).extend(self.copies[pool.key])
        priced = self._is_priced()
        targets, costs = self._arcs(rows, pooled, priced)
        worth = self.problem.nontrade_cost
        weight = 1 if costs is None else 1 + sum(max(row, default=0) for row in costs)
        return Network(
            names=names,
            owners=[number[owner] for _, owner, _, _ in rows],
            people=people,
            is_item=bytearray(key in self.items for _, _, key, _ in rows),
            targets=targets,
            costs=costs,
            weight=weight if worth is None else worth,
            is_free=worth is None or costs is None or worth >= weight,
            budgets={
                number[person.key]: person.budget
                for person in self.problem.people
                if person.budget is not None and person.key in number
            },
            bids={self.copies[bid.key][0]: bid.amount for bid in self.bids},
            asks={self.copies[item.key][0]: item.ask for item in self.problem.items if item.ask is not None},
            copies={found[0]: found for found in self.copies.values() if len(found) > 1},
            bundles={
                self.copies[row.key][0]: (sorted(self.copies[key][0] for key in row.items), row.receives)
                for row in self.problem.bundles
            },
        )

    def _vertices(self) -> list[tuple[str, str, str, tuple[Want, ...]]]:
        """(name, owner, key, wants) of each vertex, by name."""
        rows = [(item.key, item.owner, item.key, item.wants) for item in self.problem.items]
        rows += [(bid.key, bid.owner, bid.key, bid.wants) for bid in self.bids]
        rows += [(bundle.key, bundle.owner, bundle.key, bundle.wants) for bundle in self.problem.bundles]
        for group in self.problem.groups:
            rows += [(name, group.owner, group.key, group.wants) for name in _copies(group.key, group.cap)]
        for pool in self.problem.pools:
            rows += [(name, pool.owner, pool.key, pool.wants) for name in _copies(pool.key, pool.cap)]
        rows.sort(key=lambda row: row[0])
        return rows

    def _is_priced(self) -> bool:
        problem = self.problem
        lists = [row.wants for row in problem.items] + [row.wants for row in problem.groups]
        lists += [row.wants for row in problem.pools] + [row.wants for row in self.bids]
        lists += [row.wants for row in problem.bundles]
        asks = bool(self.bids) and any(item.ask_cost for item in problem.items)
        return asks or any(any(map(_cost, wants)) for wants in lists)

    def _arcs(
        self, rows: list[tuple[str, str, str, tuple[Want, ...]]], pooled: dict[str, list[int]], priced: bool
    ) -> tuple[list[list[int]], list[list[int]] | None]:
        """The columns of each row, ascending, and their costs."""
        targets: list[list[int]] = []
        costs: list[list[int]] = []
        ruled = bool(self.bids) or any(person.avoids or person.refuses for person in self.problem.people)
        single = {key: found[0] for key, found in self.copies.items() if len(found) == 1}
        column_of = single.__getitem__
        own: dict[str, set[int]] = {}
        nothing: set[int] = set()
        for item in self.problem.items:
            own.setdefault(item.owner, set()).add(single[item.key])
        for position, (_, owner, key, wants) in enumerate(rows):
            if ruled or key in pooled:
                best = self._row(position, owner, key, wants, pooled)
                targets.append(sorted(best))
                if priced:
                    costs.append([best[column] for column in targets[-1]])
                continue
            mine = own.get(owner, nothing)
            try:  # the common case, at the speed of a comprehension
                columns = list(map(column_of, map(_target, wants)))
                fares = list(map(_cost, wants)) if priced else []
            except KeyError:
                columns = [copy for want in wants for copy in self.copies.get(want.target, ())]
                fares = [want.cost for want in wants for _ in self.copies.get(want.target, ())]
            if not priced:
                targets.append(sorted(set(columns).difference(mine, (position,))))
                continue
            least = dict(
                sorted(zip(columns, fares, strict=True), reverse=True)
            )  # of a column's costs the lowest comes last
            targets.append(sorted(least.keys() - mine - {position}))
            costs.append(list(map(least.__getitem__, targets[-1])))
        return targets, costs if priced else None

    def _row(
        self, position: int, owner: str, key: str, wants: tuple[Want, ...], pooled: dict[str, list[int]]
    ) -> dict[int, int]:
        """Column -> least cost of what this vertex may receive."""
        rule = self.rules.get(owner)
        best: dict[int, int] = {}
        for want in wants:
            item = self.items.get(want.target)
            if item is not None and not self._may(owner, rule, item):
                continue
            for column in self.copies.get(want.target, ()):
                best[column] = min(want.cost, best.get(column, want.cost))
        for column in pooled.get(key, ()):
            best[column] = min(0, best.get(column, 0))
        giver = self.items.get(key)
        if giver is not None and giver.ask is not None:
            for bid in self.bids:
                if bid.amount >= giver.ask and bid.owner != owner and not self._apart(owner, bid.owner):
                    best[self.copies[bid.key][0]] = giver.ask_cost
        best.pop(position, None)
        return best

    def _may(self, owner: str, rule: Person | None, item: Item) -> bool:
        if owner == item.owner or self._apart(owner, item.owner):
            return False
        return rule is None or not (rule.refuses and rule.refuses & item.labels)

    def _apart(self, one: str, other: str) -> bool:
        first, second = self.rules.get(one), self.rules.get(other)
        return bool((first and other in first.avoids) or (second and one in second.avoids))


def _copies(key: str, cap: int) -> list[str]:
    return [key] if cap == 1 else [f"{key} #{copy}" for copy in range(1, cap + 1)]
