"""What is known while a problem is being solved, and what bounds every result without a search."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from swapmeet.trades.matching import assigning
from swapmeet.trades.matching.measuring import Measure, Rules, sign_of
from swapmeet.trades.matching.model import Certificate, Level, LevelReport
from swapmeet.trades.matching.network import Network
from swapmeet.trades.matching.optimum import Optimum
from swapmeet.trades.matching.repairing import within_rules
from swapmeet.trades.matching.watching import Watch

if TYPE_CHECKING:
    from swapmeet.trades.matching.searching import Search


@dataclass(slots=True)
class State:
    """What is known so far. `optimum` is the best result without budgets and limits; `certified`: nothing beats this one's cost."""

    network: Network
    measure: Measure
    rules: Rules
    optimum: Optimum
    column_of: list[int]
    reports: list[LevelReport] = field(default_factory=list)
    certified: bool = True
    certificate: Certificate | None = None  # where rules bind and have prices of their own
    bundled: list[tuple[int, int]] | None = None  # the result where bundles make it more than a permutation
    loops_s: float = 0.0
    watch: Watch = field(default_factory=Watch)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return self.bundled if self.bundled is not None else [(i, j) for i, j in enumerate(self.column_of) if i != j]

    def take(self, pairs: Sequence[tuple[int, int]]) -> None:
        if self.network.bundles:
            self.bundled = sorted(pairs)
            return
        self.column_of = list(range(self.network.size))
        for i, j in pairs:
            self.column_of[i] = j

    def report(self, level: Level, value: int, bound: int, seconds: float) -> None:
        """Notes what a level reached; proven where nothing can be better."""
        proven = sign_of(level) * (bound - value) <= 0
        bound = value if proven else bound
        self.reports.append(LevelReport(level, value, bound, proven, seconds, hit_limit=not proven))

    def report_both(self, proven: bool, seconds: float) -> None:
        """Notes items and their cost where neither comes before the other: both are proven, or only what there is bounds them."""
        items, cost = (self.measure.of(level, self.pairs) for level in (Level.ITEMS, Level.COST))
        self.report(Level.ITEMS, items, items if proven else sum(self.network.is_item), seconds)
        self.report(Level.COST, cost, cost if proven else 0, 0.0)


def take_found(
    state: State,
    search: "Search",
    levels: list[Level],
    budget: float,
    bounds: dict[Level, int],
    *,
    start: Sequence[tuple[int, int]] | None = None,
    is_complete: bool = True,
) -> None:
    """Searches all levels and notes what they reached; begins with `start`, or with a result within the rules.

    Where a thing is not worth any cost, items and cost are one level.
    """
    state.certified = False
    if start is None:
        state.column_of = within_rules(state.network, state.rules, state.optimum)
        start = state.pairs
    searched = levels if state.network.is_free else [level for level in levels if level is not Level.ITEMS]
    found = search.run(searched, budget, bounds, start, is_complete=is_complete, watch=state.watch)
    state.take(found.pairs or [])
    state.reports = []
    for part in found.reached:
        if part.level is Level.COST and not state.network.is_free:
            state.report_both(part.proven, part.seconds)
        else:
            state.report(part.level, part.value, part.bound, part.seconds)


def loop_rows(network: Network) -> list[list[int]]:
    """The arcs that can be in a loop, and staying."""
    label = assigning.components(network.targets)
    return [[*(j for j in row if label[j] == label[i]), i] for i, row in enumerate(network.targets)]


def able_receivers(network: Network, rows: list[list[int]]) -> int:
    """How many people have a thing or a bid that is in some loop."""
    lists = (i for i, row in enumerate(rows) if network.is_item[i] or i in network.bids)
    return len({network.owners[i] for i in lists if rows[i] != [i]})


def bundle_rows(network: Network) -> list[list[int]]:
    """The arcs that can be in a result with bundles: who takes them gives something that somebody takes, and so on for those."""
    rows = network.targets
    gives = [[i] for i in range(network.size)]  # what goes when a row receives
    least = [1] * network.size
    for bundle, (items, receives) in network.bundles.items():
        gives[bundle], least[bundle] = items, receives
    while True:
        wanted = {j for row in rows for j in row}
        able = [
            len(row) >= least[i] and wanted.issuperset(gives[i]) and (i in wanted or i in network.bundles)
            for i, row in enumerate(rows)
        ]
        goes = {j for i, items in enumerate(gives) if able[i] for j in items}
        kept = [[j for j in row if j in goes] if able[i] else [] for i, row in enumerate(rows)]
        if kept == rows:
            return rows
        rows = kept


def evenly(things: int, people: int) -> int:
    """Sum of the squares of so many things among so many people, where nobody has two more than another."""
    each, left = divmod(things, max(1, people))
    return people * each * each + left * (2 * each + 1)


def bounds_of(state: State, rows: list[list[int]]) -> dict[Level, int]:
    """What no result along the arcs `rows` can beat, without any search."""
    network, measure = state.network, state.measure
    kept = {(j, network.owners[i]) for i, row in enumerate(rows) for j in row if measure.kept and measure.is_kept(i, j)}
    return {
        Level.ITEMS: state.optimum.traded if network.is_free else sum(network.is_item),
        Level.COST: 0 if network.is_free else state.measure.aim(Level.COST, state.optimum.pairs),
        Level.PEOPLE: certain_and_possible(state)[1],
        Level.EVEN: 0,
        Level.PARTNERS: 0,
        Level.KEPT: len({column for column, _ in kept if network.is_item[column]}),
    }


def certain_and_possible(state: State) -> tuple[int, int]:
    """How many people trade in every result with most items at least cost, and in some of them."""
    network, face = state.network, state.optimum.face
    certain = {network.owners[i] for i, row in enumerate(face) if network.is_item[i] and i not in row}
    possible = {network.owners[i] for i, row in enumerate(face) if network.is_item[i] and len(row) > 1}
    return len(certain), len(certain | possible)


def able_people(network: Network, rows: list[list[int]]) -> int:
    """How many people have a thing that is in some loop."""
    return len({network.owners[i] for i, row in enumerate(rows) if network.is_item[i] and len(row) > 1})
