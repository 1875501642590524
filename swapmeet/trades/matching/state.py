"""What is known while a problem is being solved, and what bounds every result without a search."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from swapmeet.trades.matching import assigning
from swapmeet.trades.matching.measuring import Measure, Rules, sign_of
from swapmeet.trades.matching.model import Certificate, Level, LevelReport
from swapmeet.trades.matching.network import Network
from swapmeet.trades.matching.optimum import Optimum, is_free
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
    """Searches all levels and notes what they reached; begins with `start`, or with a result within the rules."""
    state.certified = False
    if start is None:
        state.column_of = within_rules(state.network, state.rules, state.optimum)
        start = state.pairs
    found = search.run(levels, budget, bounds, start, is_complete=is_complete, watch=state.watch)
    state.take(found.pairs or [])
    state.reports = []
    for part in found.reached:
        state.report(part.level, part.value, part.bound, part.seconds)


def loop_rows(network: Network) -> list[list[int]]:
    """The arcs that can be in a loop, and staying."""
    label = assigning.components(network.targets)
    return [[*(j for j in row if label[j] == label[i]), i] for i, row in enumerate(network.targets)]


def evenly(things: int, people: int) -> int:
    """Sum of the squares of so many things among so many people, where nobody has two more than another."""
    each, left = divmod(things, max(1, people))
    return people * each * each + left * (2 * each + 1)


def bounds_of(state: State, rows: list[list[int]]) -> dict[Level, int]:
    """What no result along the arcs `rows` can beat, without any search."""
    network, measure = state.network, state.measure
    kept = {(j, network.owners[i]) for i, row in enumerate(rows) for j in row if measure.kept and measure.is_kept(i, j)}
    return {
        Level.ITEMS: state.optimum.traded if is_free(network) else sum(network.is_item),
        Level.COST: 0,
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
