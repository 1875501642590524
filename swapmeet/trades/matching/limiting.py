"""No loop longer than so many hand-overs: a choice among whole loops, all of them where they can be listed."""

from swapmeet.trades.matching.cycles import Cycle, short_cycles
from swapmeet.trades.matching.model import Level, Options
from swapmeet.trades.matching.network import Network
from swapmeet.trades.matching.repairing import within_rules
from swapmeet.trades.matching.shortening import shorter
from swapmeet.trades.matching.state import State, able_people, bounds_of, loop_rows, take_found

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
