"""From what the solver found to the result that people read."""

from dataclasses import replace
from typing import TYPE_CHECKING

from swapmeet.trades.matching.jsonform import hash_of, problem_to_json
from swapmeet.trades.matching.model import (
    Certificate,
    Chance,
    Level,
    LevelReport,
    Loop,
    Move,
    Options,
    Payment,
    Problem,
    Result,
)
from swapmeet.trades.matching.network import Network

if TYPE_CHECKING:
    from swapmeet.trades.matching.solving import State


def result_of(problem: Problem, options: Options, state: "State") -> Result:
    """Loops, counts, chances, prices and hashes."""
    network = state.network
    loops = _loops(network, state.column_of)
    reports = [*state.reports, LevelReport(Level.LOOPS, _squares(loops), None, False, state.loops_s)]
    cost = state.measure.of(Level.COST, state.pairs)
    certificate = None
    if state.certified:
        optimum = state.optimum
        prices = {name: (optimum.u[i], optimum.v[i]) for i, name in enumerate(network.names)}
        certificate = Certificate(prices, network.weight)
    result = Result(
        loops=loops,
        levels=tuple(reports),
        items=len(problem.items),
        items_traded=state.measure.of(Level.ITEMS, state.pairs),
        users=len({item.owner for item in problem.items}),
        users_trading=state.measure.of(Level.PEOPLE, state.pairs),
        priority_cost=cost,
        seed=options.seed,
        input_hash=hash_of(problem_to_json(problem)),
        result_hash="",
        goal=options.goal,
        use_cash=options.use_cash,
        chances=_chances(state) if state.certified else {},
        certificate=certificate,
        keeps=None if options.keep is None else options.keep.result_hash,
    )
    rows = [[[m.item, m.for_] for m in loop.moves] for loop in loops]
    return replace(result, result_hash=hash_of([result.input_hash, rows]))


def _squares(loops: tuple[Loop, ...]) -> int:
    return sum((len(loop.moves) + len(loop.payments)) ** 2 for loop in loops)


def _chances(state: "State") -> dict[str, Chance]:
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
