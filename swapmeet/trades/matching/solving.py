"""From a problem to a result, level by level."""

import time
from dataclasses import dataclass, replace

from swapmeet.trades.matching import assigning
from swapmeet.trades.matching.checking import faults_of
from swapmeet.trades.matching.jsonform import hash_of, problem_to_json
from swapmeet.trades.matching.model import (
    Cancel,
    Canceled,
    Certificate,
    Chance,
    Faulty,
    Goal,
    Level,
    LevelReport,
    Loop,
    Move,
    Options,
    Payment,
    Problem,
    Progress,
    Result,
)
from swapmeet.trades.matching.network import Network, compile_network, refuse_too_large
from swapmeet.trades.matching.optimum import Optimum, find_optimum, is_free
from swapmeet.trades.matching.shortening import shorten

MOVES_A_PAIR = 400  # steps of the loops level for each pair of vertices that take part


@dataclass(slots=True)
class _State:
    """What is known so far."""

    network: Network
    optimum: Optimum
    column_of: list[int]
    reports: list[LevelReport]
    certified: bool
    loops_s: float = 0.0


def solve_problem(problem: Problem, options: Options, progress: Progress | None, cancel: Cancel | None) -> Result:
    """See `swapmeet.trades.matching.solve`."""
    refuse_too_large(problem)
    if faults := faults_of(problem, options):
        raise Faulty(faults)
    began = time.process_time()
    network = compile_network(problem, use_cash=options.use_cash)
    optimum = find_optimum(network)
    seconds = time.process_time() - began
    state = _State(network, optimum, optimum.column_of, [], certified=True)
    _say(progress, cancel, Level.ITEMS)
    coupled = _coupled(problem, state)
    if coupled or (options.goal is Goal.PEOPLE and Level.PEOPLE in options.levels):
        _search_all(problem, options, state)
    else:
        state.reports = [LevelReport(Level.ITEMS, optimum.traded, optimum.traded, True, seconds)]
        if network.costs is not None:
            state.reports.append(LevelReport(Level.COST, optimum.cost, optimum.cost, True))
        if Level.PEOPLE in options.levels:
            _most_people(problem, options, state)
    _say(progress, cancel, Level.PEOPLE)
    _shorten(problem, options, state)
    _say(progress, cancel, Level.LOOPS)
    return _result(problem, options, state)


def _say(progress: Progress | None, cancel: Cancel | None, level: Level) -> None:
    if cancel is not None and cancel():
        raise Canceled
    if progress is not None:
        progress(level, 1.0)


def _coupled(problem: Problem, state: _State) -> bool:
    """True when a budget or limit is broken by the result that ignores them: then it must be searched."""
    network = state.network
    spent: dict[int, int] = {}
    for i, j in enumerate(state.column_of):
        if j in network.bids and i != j:
            spent[network.owners[j]] = spent.get(network.owners[j], 0) + network.asks[i]
    if any(amount > network.budgets.get(person, amount) for person, amount in spent.items()):
        return True
    return any(
        sum(j in members and network.owners[i] == person for i, j in enumerate(state.column_of) if i != j) > most
        for members, person, most in _limits(problem, network)
    )


def _limits(problem: Problem, network: Network) -> list[tuple[set[int], int, int]]:
    place = {name: number for number, name in enumerate(network.names)}
    person = {key: number for number, key in enumerate(network.people)}
    return [
        ({place[key] for key in limit.items}, person[limit.owner], limit.most)
        for limit in sorted(problem.limits, key=lambda limit: limit.key)
        if limit.owner in person
    ]


def _most_people(problem: Problem, options: Options, state: _State) -> None:
    """Most people among the results that are optimal so far and stay within budgets and limits."""
    from swapmeet.trades.matching.searching import Search  # loads NumPy and SciPy

    began = time.process_time()
    network, face = state.network, state.optimum.face
    certain = {
        network.owners[i] for i, row in enumerate(face) if network.is_item[i] and i not in row
    }  # an item that cannot stay makes its owner a trader
    open_people = {network.owners[i] for i, row in enumerate(face) if network.is_item[i] and len(row) > 1} - certain
    value = bound = len(certain)
    proven = True
    if open_people:
        search = Search(network, face, network.budgets, _limits(problem, network))
        if not is_free(network):
            search.keep(Level.ITEMS, state.optimum.traded)  # as good a result may trade more or fewer at another cost
        found = search.run([Level.PEOPLE], options.seconds)
        if found.column_of is not None:
            state.column_of = found.column_of
            _, value, most, proven, _ = found.reports[0]
            bound = value if most is None else most
        else:
            value, bound, proven = _people_in(network, state.column_of), len(certain | open_people), False
    seconds = time.process_time() - began
    state.reports.append(LevelReport(Level.PEOPLE, value, bound, proven, seconds, hit_limit=not proven))


def _search_all(problem: Problem, options: Options, state: _State) -> None:
    """All levels on all arcs that can be in a loop; the certificate then does not apply."""
    from swapmeet.trades.matching.searching import Search  # loads NumPy and SciPy

    network = state.network
    label = assigning.components(network.targets)
    rows = [[*(j for j in row if label[j] == label[i]), i] for i, row in enumerate(network.targets)]
    levels = [Level.ITEMS] + ([Level.COST] if network.costs is not None else [])
    if Level.PEOPLE in options.levels:
        levels = [Level.PEOPLE, *levels] if options.goal is Goal.PEOPLE else [*levels, Level.PEOPLE]
    search = Search(network, rows, network.budgets, _limits(problem, network))
    found = search.run(levels, options.seconds)
    state.certified = False
    state.column_of = found.column_of or list(range(network.size))
    state.reports = [
        LevelReport(level, value, bound, proven, seconds, hit_limit=not proven)
        for level, value, bound, proven, seconds in found.reports
    ] or [LevelReport(Level.ITEMS, 0, state.optimum.traded, False, hit_limit=True)]


def _shorten(problem: Problem, options: Options, state: _State) -> None:
    """Shorter loops, with everything above kept. Cash and limits couple loops, so those stay as they are."""
    began = time.process_time()
    network = state.network
    if Level.LOOPS in options.levels and not network.bids and not problem.limits:
        rows = state.optimum.face
        if not state.certified:
            rows = network.targets if network.costs is None else []
        traded = sum(i != j for i, j in enumerate(state.column_of))
        moves = min(options.moves, MOVES_A_PAIR * traded * traded)
        if rows:
            state.column_of = shorten(network, rows, state.column_of, seed=options.seed, moves=moves)
    state.loops_s = time.process_time() - began


def _people_in(network: Network, column_of: list[int]) -> int:
    return len({network.owners[i] for i, j in enumerate(column_of) if i != j and network.is_item[i]})


def _result(problem: Problem, options: Options, state: _State) -> Result:
    network = state.network
    loops = _loops(network, state.column_of)
    reports = [*state.reports, LevelReport(Level.LOOPS, _squares(loops), None, False, state.loops_s)]
    cost = sum(network.cost_of(i, j) for i, j in enumerate(state.column_of))
    certificate = None
    if state.certified:
        optimum = state.optimum
        prices = {name: (optimum.u[i], optimum.v[i]) for i, name in enumerate(network.names)}
        certificate = Certificate(prices, network.weight)
    result = Result(
        loops=loops,
        levels=tuple(reports),
        items=len(problem.items),
        items_traded=sum(i != j and bool(network.is_item[i]) for i, j in enumerate(state.column_of)),
        users=len({item.owner for item in problem.items}),
        users_trading=_people_in(network, state.column_of),
        priority_cost=cost,
        seed=options.seed,
        input_hash=hash_of(problem_to_json(problem)),
        result_hash="",
        goal=options.goal,
        use_cash=options.use_cash,
        chances=_chances(state) if state.certified else {},
        certificate=certificate,
    )
    rows = [[[m.item, m.for_] for m in loop.moves] for loop in loops]
    return replace(result, result_hash=hash_of([result.input_hash, rows]))


def _squares(loops: tuple[Loop, ...]) -> int:
    return sum((len(loop.moves) + len(loop.payments)) ** 2 for loop in loops)


def _chances(state: _State) -> dict[str, Chance]:
    network = state.network
    found = {}
    for i, row in enumerate(state.optimum.face):
        if network.is_item[i] and network.targets[i]:
            sometimes = Chance.SOMETIMES if len(row) > 1 else Chance.NEVER
            found[network.names[i]] = sometimes if i in row else Chance.ALWAYS
    return found


def _loops(network: Network, column_of: list[int]) -> tuple[Loop, ...]:
    """The cycles of the permutation without groups and pools, longest first, each from its first name."""
    seen = bytearray(network.size)
    loops = []
    for start in range(network.size):
        cycle = []
        at = start
        while not seen[at]:
            seen[at] = 1
            if network.is_item[at] or at in network.bids:
                cycle.append(at)
            at = column_of[at]
        if len(cycle) > 1:
            loops.append(_loop(network, cycle[::-1]))  # against the arcs: each gives to the next
    return tuple(sorted(loops, key=lambda loop: (-len(loop.moves), loop.moves[0].item)))


def _loop(network: Network, cycle: list[int]) -> Loop:
    first = cycle.index(min(at for at in cycle if network.is_item[at]))
    cycle = cycle[first:] + cycle[:first]
    people = [network.people[network.owners[at]] for at in cycle]
    moves, payments = [], []
    for position, at in enumerate(cycle):
        following = (position + 1) % len(cycle)
        name, receiver = network.names[cycle[following]], people[following]
        if at in network.bids:
            ask = network.asks[cycle[following]]
            payments.append(Payment(name, network.names[at], people[position], receiver, ask))
        else:
            moves.append(Move(network.names[at], people[position], receiver, name))
    return Loop(tuple(moves), tuple(payments))
