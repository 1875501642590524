"""No loop longer than so many hand-overs: a choice among whole loops, all of them where they can be listed."""

from collections.abc import Sequence

from swapmeet.trades.matching.assembling import join, root_of
from swapmeet.trades.matching.cycles import Cycle, bundle_parts, short_cycles
from swapmeet.trades.matching.model import Level, Options
from swapmeet.trades.matching.network import Network
from swapmeet.trades.matching.repairing import within_rules
from swapmeet.trades.matching.shortening import shorter
from swapmeet.trades.matching.state import State, able_people, bounds_of, bundle_rows, loop_rows, take_found

TRIES = 6  # searches for short loops where not all loops can be listed
SHARE = 8  # each takes this part of the moves of the loops level


def limit_loops(options: Options, state: State, levels: list[Level], most: int) -> None:
    """Leaves a best result whose loops are short enough as it is; else all levels anew, among short loops.

    Where there are too many short loops to list, those up to some length are listed and others found by exchanges; then only
    what holds without a limit is a bound, and nothing below it is proven.
    """
    network = state.network
    if state.reports and _longest(network, state.column_of) <= most:
        return
    if not state.reports:  # nothing within budgets and limits has been found yet
        state.column_of = within_rules(network, state.rules, state.optimum)
    rows = loop_rows(network)
    cycles, listed_to = short_cycles(network, rows, most)
    if listed_to < most:
        best, more = list(state.column_of), set[Cycle]()
        for number in range(TRIES):
            column_of = shorter(options, state, options.seed + number, SHARE)
            if state.reports and _longest(network, column_of) <= most:
                state.column_of = column_of
                return
            more |= {cycle for cycle in _cycles_of(network, column_of) if listed_to < _length(network, cycle) <= most}
        cycles += sorted(_with_first_copies(network, cycle) for cycle in more)
        state.column_of = best
    _search_cycles(options, state, levels, cycles, rows, is_complete=listed_to >= most)


def limit_bundles(options: Options, state: State, levels: list[Level], most: int, bounds: dict[Level, int]) -> None:
    """With bundles: a choice among all loops and all that bundles tie together, as far as both can be listed.

    Where they cannot, the best result without a limit bounds it, and what of that is short enough is among the choice.
    """
    from swapmeet.trades.matching.searching import BundleSearch, CycleSearch  # loads NumPy and SciPy

    network, rows = state.network, bundle_rows(state.network)
    state.column_of = within_rules(network, state.rules, state.optimum)
    parts, listed_to = short_cycles(network, loop_rows(network), most)
    tied, is_all = bundle_parts(network, rows, most)
    parts += tied
    is_complete, start = is_all and listed_to >= most, _short_parts(network, state.pairs, most)
    seconds = options.seconds
    if not is_complete:
        seconds /= 2
        take_found(state, BundleSearch(state.measure, state.rules, rows), levels, seconds, bounds)
        found = _short_parts(network, state.pairs, most)
        if sum(map(len, found)) == len(state.pairs):
            return
        parts += found
        first = state.reports[0]
        if network.is_free and first.bound is not None:
            bounds = bounds | {first.level: first.bound}
        start = max(
            start, found, key=lambda chosen: state.measure.of(Level.ITEMS, [pair for part in chosen for pair in part])
        )
        state.bundled = None
    search = CycleSearch(state.measure, state.rules, parts)
    pairs = [pair for part in start for pair in part]
    take_found(state, search, levels, seconds, bounds, start=pairs, is_complete=is_complete)


def _short_parts(network: Network, pairs: Sequence[tuple[int, int]], most: int) -> list[Cycle]:
    """What of a result hangs together and is short enough."""
    on = {i for i, _ in pairs if i in network.bundles}
    slot = {item: bundle for bundle in on for item in network.bundles[bundle][0]}
    joined: dict[int, int] = {}
    for i, j in pairs:
        join(joined, slot.get(i, i), slot.get(j, j))
    parts: dict[int, list[tuple[int, int]]] = {}
    for i, j in pairs:
        parts.setdefault(root_of(joined, slot.get(j, j)), []).append((i, j))
    return [
        tuple(part)
        for part in parts.values()
        if sum(bool(network.is_item[j]) or j in network.bids for _, j in part) <= most
    ]


def _search_cycles(
    options: Options,
    state: State,
    levels: list[Level],
    cycles: list[Cycle],
    rows: list[list[int]],
    *,
    is_complete: bool,
) -> None:
    from swapmeet.trades.matching.searching import CycleSearch  # loads NumPy and SciPy

    network, most = state.network, options.max_loop or 0
    bounds = bounds_of(state, rows) | {Level.PEOPLE: able_people(network, rows)}
    start = [
        pair for cycle in _cycles_of(network, state.column_of) if _length(network, cycle) <= most for pair in cycle
    ]
    search = CycleSearch(state.measure, state.rules, cycles)
    take_found(state, search, levels, options.seconds, bounds, start=start, is_complete=is_complete)


def _cycles_of(network: Network, column_of: list[int]) -> list[Cycle]:
    """The loops of a permutation, each from its lowest thing or bid."""
    found, seen = [], bytearray(network.size)
    for start in range(network.size):
        if seen[start] or column_of[start] == start or not (network.is_item[start] or start in network.bids):
            continue
        cycle, at = [], start
        while not seen[at]:
            seen[at] = 1
            cycle.append((at, column_of[at]))
            at = column_of[at]
        found.append(tuple(cycle))
    return found


def _length(network: Network, cycle: Cycle) -> int:
    return sum(bool(network.is_item[i]) or i in network.bids for i, _ in cycle)


def _longest(network: Network, column_of: list[int]) -> int:
    return max((_length(network, cycle) for cycle in _cycles_of(network, column_of)), default=0)


def _with_first_copies(network: Network, cycle: Cycle) -> Cycle:
    first = {copy: copies[0] for copies in network.copies.values() for copy in copies}
    return tuple((first.get(i, i), first.get(j, j)) for i, j in cycle)
