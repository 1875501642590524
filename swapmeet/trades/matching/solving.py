"""From a problem to a result, level by level."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from swapmeet.trades.matching import assigning
from swapmeet.trades.matching.assembling import result_of
from swapmeet.trades.matching.checking import faults_of
from swapmeet.trades.matching.measuring import Measure, Rules, sign_of
from swapmeet.trades.matching.model import (
    Cancel,
    Canceled,
    Faulty,
    Goal,
    Level,
    LevelReport,
    Options,
    Problem,
    Progress,
    Result,
)
from swapmeet.trades.matching.network import Network, compile_network, refuse_too_large
from swapmeet.trades.matching.optimum import Optimum, find_optimum, is_free
from swapmeet.trades.matching.repairing import within_rules
from swapmeet.trades.matching.shortening import Guard, shorten

MOVES_A_PAIR = 400  # steps of the loops level for each pair of vertices that take part


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
    loops_s: float = 0.0

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return [(i, j) for i, j in enumerate(self.column_of) if i != j]

    def take(self, pairs: Sequence[tuple[int, int]]) -> None:
        self.column_of = list(range(self.network.size))
        for i, j in pairs:
            self.column_of[i] = j

    def report(self, level: Level, value: int, bound: int, seconds: float) -> None:
        """Notes what a level reached; proven where nothing can be better."""
        proven = sign_of(level) * (bound - value) <= 0
        bound = value if proven else bound
        self.reports.append(LevelReport(level, value, bound, proven, seconds, hit_limit=not proven))


def solve_problem(problem: Problem, options: Options, progress: Progress | None, cancel: Cancel | None) -> Result:
    """See `swapmeet.trades.matching.solve`."""
    refuse_too_large(problem)
    if faults := faults_of(problem, options):
        raise Faulty(faults)
    began = time.process_time()
    network = compile_network(problem, use_cash=options.use_cash)
    optimum = find_optimum(network)
    measure, rules = Measure(network, options.keep), Rules(problem, network)
    state = State(network, measure, rules, optimum, optimum.column_of)
    seconds = time.process_time() - began
    _say(progress, cancel, Level.ITEMS)
    first, further = _levels(options, network)
    if first[0] is Level.PEOPLE or not _search_best(state, first, further, options.seconds, seconds):
        _search_all(state, [*first, *further], options.seconds)
    _say(progress, cancel, Level.PEOPLE)
    _shorten(options, state)
    _say(progress, cancel, Level.LOOPS)
    return result_of(problem, options, state)


def _say(progress: Progress | None, cancel: Cancel | None, level: Level) -> None:
    if cancel is not None and cancel():
        raise Canceled
    if progress is not None:
        progress(level, 1.0)


def _levels(options: Options, network: Network) -> tuple[list[Level], list[Level]]:
    """(the levels that come first and the prices prove, further ones); with people first, all of the first are searched."""
    first = [Level.ITEMS] + ([Level.COST] if network.costs is not None else [])
    further: list[Level] = [level for level in (Level.PEOPLE, Level.EVEN, Level.PARTNERS) if level in options.levels]
    if options.keep is not None:
        further.append(Level.KEPT)
    if options.goal is Goal.PEOPLE and Level.PEOPLE in further:
        further.remove(Level.PEOPLE)
        first.insert(0, Level.PEOPLE)
    return first, further


def _search_best(state: State, first: list[Level], further: list[Level], budget: float, first_seconds: float) -> bool:
    """The further levels among the results that have most items at least cost. False when none of those keeps the rules."""
    bounds = _bounds(state, state.optimum.face)
    if is_free(state.network):
        bounds[Level.EVEN] = _evenly(state.optimum.traded, bounds[Level.PEOPLE])
    began = time.process_time()
    people = _certain_and_possible(state)
    decided = people[0] == people[1]
    searched = [level for level in further if not (level is Level.PEOPLE and decided)]
    reached = {}
    if searched == [Level.KEPT] and decided and not state.rules and is_free(state.network):
        _keep_most(state)
        value = state.measure.of(Level.KEPT, state.pairs)
        reached[Level.KEPT] = (value, value, time.process_time() - began)
    elif searched or state.rules.broken(state.pairs):
        found = _search(state, state.optimum.face, searched or [Level.ITEMS], budget, bounds, is_best=True)
        if not found:
            return False
        reached = found
    state.reports = [LevelReport(Level.ITEMS, state.optimum.traded, state.optimum.traded, True, first_seconds)]
    if Level.COST in first:
        state.reports.append(LevelReport(Level.COST, state.optimum.cost, state.optimum.cost, True))
    for level in further:
        value = state.measure.of(level, state.pairs)
        state.report(level, *reached.get(level, (value, value, 0.0)))
    return True


def _search(
    state: State, rows: list[list[int]], levels: list[Level], budget: float, bounds: dict[Level, int], *, is_best: bool
) -> dict[Level, tuple[int, int, float]]:
    """Value, bound and seconds of each level over the arcs `rows`; nothing when the rules leave no result there."""
    from swapmeet.trades.matching.searching import Search  # loads NumPy and SciPy

    search = Search(state.measure, state.rules, rows)
    if is_best and not is_free(state.network):
        search.keep(Level.ITEMS, state.optimum.traded)  # as good a result may trade more or fewer at another cost
    start = None if is_best and state.rules.broken(state.pairs) else state.pairs
    found = search.run(levels, budget, bounds, start)
    if found.pairs is None:
        return {}
    state.take(found.pairs)
    return {part.level: (part.value, part.bound, part.seconds) for part in found.reached}


def _evenly(things: int, people: int) -> int:
    """Sum of the squares of so many things among so many people, where nobody has two more than another."""
    each, left = divmod(things, max(1, people))
    return people * each * each + left * (2 * each + 1)


def _bounds(state: State, rows: list[list[int]]) -> dict[Level, int]:
    """What no result along the arcs `rows` can beat, without any search."""
    network, measure = state.network, state.measure
    kept = {(j, network.owners[i]) for i, row in enumerate(rows) for j in row if measure.kept and measure.is_kept(i, j)}
    return {
        Level.ITEMS: state.optimum.traded if is_free(network) else sum(network.is_item),
        Level.COST: 0,
        Level.PEOPLE: _certain_and_possible(state)[1],
        Level.EVEN: 0,
        Level.PARTNERS: 0,
        Level.KEPT: len({column for column, _ in kept if network.is_item[column]}),
    }


def _certain_and_possible(state: State) -> tuple[int, int]:
    """How many people trade in every result with most items at least cost, and in some of them."""
    network, face = state.network, state.optimum.face
    certain = {network.owners[i] for i, row in enumerate(face) if network.is_item[i] and i not in row}
    possible = {network.owners[i] for i, row in enumerate(face) if network.is_item[i] and len(row) > 1}
    return len(certain), len(certain | possible)


def _keep_most(state: State) -> None:
    """Of the best results the one that keeps most of the published one: again an assignment, so exact without a search."""
    face = state.optimum.face
    fares = [[0 if i != j and state.measure.is_kept(i, j) else 1 for j in row] for i, row in enumerate(face)]
    state.column_of, _, _ = assigning.assign(face, fares)


def _search_all(state: State, levels: list[Level], budget: float) -> None:
    """All levels on all arcs that can be in a loop; the certificate then does not apply."""
    network = state.network
    state.column_of = within_rules(state.network, state.rules, state.optimum)
    label = assigning.components(network.targets)
    rows = [[*(j for j in row if label[j] == label[i]), i] for i, row in enumerate(network.targets)]
    state.certified = False
    bounds = _bounds(state, rows) | {Level.PEOPLE: _able(network, rows)}
    reached = _search(state, rows, levels, budget, bounds, is_best=False)
    for level in levels:
        state.report(level, *reached[level])


def _able(network: Network, rows: list[list[int]]) -> int:
    """How many people have a thing that is in some loop."""
    return len({network.owners[i] for i, row in enumerate(rows) if network.is_item[i] and len(row) > 1})


def _shorten(options: Options, state: State) -> None:
    """Shorter loops, with everything above kept."""
    began = time.process_time()
    network = state.network
    if Level.LOOPS in options.levels:
        rows = state.optimum.face
        if not state.certified:
            rows = network.targets if network.costs is None else []
        traded = sum(i != j for i, j in enumerate(state.column_of))
        moves = min(options.moves, MOVES_A_PAIR * traded * traded)
        watched = {Level.EVEN, Level.PARTNERS} & options.levels
        has_guard = state.rules or options.keep is not None or watched
        guard = Guard(state.measure, state.rules, options.levels, state.pairs) if has_guard else None
        if rows:
            state.column_of = shorten(network, rows, state.column_of, guard=guard, seed=options.seed, moves=moves)
    state.loops_s = time.process_time() - began
