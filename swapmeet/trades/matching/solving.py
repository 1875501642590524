"""From a problem to a result, level by level."""

import time

from swapmeet.trades.matching import assigning
from swapmeet.trades.matching.assembling import result_of
from swapmeet.trades.matching.calm import calm
from swapmeet.trades.matching.checking import faults_of
from swapmeet.trades.matching.limiting import limit_bundles, limit_loops
from swapmeet.trades.matching.measuring import Measure, Rules
from swapmeet.trades.matching.model import (
    Cancel,
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
from swapmeet.trades.matching.optimum import find_optimum
from swapmeet.trades.matching.peopling import find_most_people
from swapmeet.trades.matching.shortening import shorten_state
from swapmeet.trades.matching.state import (
    State,
    able_people,
    able_receivers,
    bounds_of,
    bundle_rows,
    certain_and_possible,
    evenly,
    loop_rows,
    take_found,
)
from swapmeet.trades.matching.watching import Watch


def solve_problem(problem: Problem, options: Options, progress: Progress | None, cancel: Cancel | None) -> Result:
    """See `swapmeet.trades.matching.solve`."""
    refuse_too_large(problem)
    if faults := faults_of(problem, options):
        raise Faulty(faults)
    began = time.process_time()
    with calm():
        network = compile_network(problem, use_cash=options.use_cash)
        optimum = find_optimum(network)
    measure, rules = Measure(network, options.keep), Rules(problem, network)
    watch = Watch(progress, cancel)
    state = State(network, measure, rules, optimum, optimum.column_of, watch=watch)
    seconds = time.process_time() - began
    watch.note(Level.ITEMS, 1.0)
    first, further = _levels(options, network)
    if network.bundles:
        _search_bundles(options, state, [*first, *further])
    else:
        is_best = first[0] is not Level.PEOPLE and _search_best(state, first, further, options.seconds, seconds)
        if not is_best and options.max_loop is None:
            _search_all(state, [*first, *further], options.seconds)
    watch.note(Level.PEOPLE, 1.0)
    if options.max_loop is not None and not network.bundles:
        limit_loops(options, state, [*first, *further], options.max_loop)
    elif not network.bundles:
        shorten_state(options, state)
    watch.note(Level.LOOPS, 1.0)
    return result_of(problem, options, state)


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
    bounds = bounds_of(state, state.optimum.face)
    if state.network.is_free:
        bounds[Level.EVEN] = evenly(state.optimum.traded, able_receivers(state.network, state.optimum.face))
    began = time.process_time()
    people = certain_and_possible(state)
    decided = people[0] == people[1]
    searched = [level for level in further if not (level is Level.PEOPLE and decided)]
    is_plain = not state.rules and state.network.is_free
    reached: dict[Level, tuple[int, int, float]] = {}
    if Level.PEOPLE in searched and is_plain:
        most = find_most_people(state.network, state.optimum, state.column_of, seconds=budget, watch=state.watch)
        state.column_of, bounds[Level.PEOPLE] = most.column_of, most.bound
        if most.value == most.bound:
            reached[Level.PEOPLE] = (most.value, most.bound, most.seconds)
    if searched == [Level.KEPT] and is_plain and decided:
        _keep_most(state)
        value = state.measure.of(Level.KEPT, state.pairs)
        reached[Level.KEPT] = (value, value, time.process_time() - began)
    elif set(searched) - set(reached) or state.rules.broken(state.pairs):
        left = max(1.0, budget - sum(seconds for _, _, seconds in reached.values()))
        found = _search_best_rows(state, searched or [Level.ITEMS], left, bounds)
        if not found:
            return False
        reached = found | reached
    state.reports = [LevelReport(Level.ITEMS, state.optimum.traded, state.optimum.traded, True, first_seconds)]
    if Level.COST in first:
        state.reports.append(LevelReport(Level.COST, state.optimum.cost, state.optimum.cost, True))
    for level in further:
        value = state.measure.of(level, state.pairs)
        state.report(level, *reached.get(level, (value, value, 0.0)))
    return True


def _search_best_rows(
    state: State, levels: list[Level], budget: float, bounds: dict[Level, int]
) -> dict[Level, tuple[int, int, float]]:
    """Value, bound and seconds of each level over the best results; nothing when none of those keeps the rules."""
    from swapmeet.trades.matching.searching import ArcSearch  # loads NumPy and SciPy

    search = ArcSearch(state.measure, state.rules, state.optimum.face)
    if not state.network.is_free:
        search.keep(Level.ITEMS, state.optimum.traded)  # as good a result may trade more or fewer at another cost
    start = None if state.rules.broken(state.pairs) else state.pairs
    found = search.run(levels, budget, bounds, start, watch=state.watch)
    if found.pairs is None:
        return {}
    state.take(found.pairs)
    return {part.level: (part.value, part.bound, part.seconds) for part in found.reached}


def _keep_most(state: State) -> None:
    """Of the best results the one that keeps most of the published one: again an assignment, so exact without a search."""
    face = state.optimum.face
    fares = [[0 if i != j and state.measure.is_kept(i, j) else 1 for j in row] for i, row in enumerate(face)]
    state.column_of, _, _ = assigning.assign(face, fares)


def _search_all(state: State, levels: list[Level], budget: float) -> None:
    """All levels on all arcs that can be in a loop; the certificate then does not apply."""
    from swapmeet.trades.matching.searching import ArcSearch  # loads NumPy and SciPy

    rows = loop_rows(state.network)
    search = ArcSearch(state.measure, state.rules, rows)
    bounds = bounds_of(state, rows) | {Level.PEOPLE: able_people(state.network, rows)}
    take_found(state, search, levels, budget, bounds)
    if levels[0] is Level.ITEMS and all(report.proven for report in state.reports[:2]):
        from swapmeet.trades.matching.pricing import certificate_with_rules

        state.certificate = certificate_with_rules(state, rows)


def _search_bundles(options: Options, state: State, levels: list[Level]) -> None:
    """All levels with bundles, over all wishes that can come true."""
    from swapmeet.trades.matching.searching import BundleSearch  # loads NumPy and SciPy

    network = state.network
    rows = bundle_rows(network)
    wanted = {j for row in rows for j in row if network.is_item[j]}
    bounds = bounds_of(state, rows) | {
        Level.ITEMS: len(wanted),
        Level.COST: 0 if network.is_free else -network.weight * len(wanted),
        Level.PEOPLE: len({network.owners[j] for j in wanted}),
    }
    if options.max_loop is not None:
        limit_bundles(options, state, levels, options.max_loop, bounds)
        return
    take_found(state, BundleSearch(state.measure, state.rules, rows), levels, options.seconds, bounds)
