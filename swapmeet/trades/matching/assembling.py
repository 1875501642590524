"""From what the solver found to the result that people read."""

from dataclasses import replace
from typing import TYPE_CHECKING

from swapmeet.trades.matching.jsonform import hash_of, hash_of_problem
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
    from swapmeet.trades.matching.state import State


def result_of(problem: Problem, options: Options, state: "State") -> Result:
    """Loops, counts, chances, prices and hashes."""
    network = state.network
    loops = _loops(network, state.column_of) if state.bundled is None else _bundled_loops(network, state.bundled)
    reports = [*state.reports, LevelReport(Level.LOOPS, _squares(loops), None, False, state.loops_s)]
    cost = state.measure.of(Level.COST, state.pairs)
    certificate = state.certificate
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
        input_hash=hash_of_problem(problem),
        result_hash="",
        goal=options.goal,
        use_cash=options.use_cash,
        chances=_chances(state) if state.certified else {},
        certificate=certificate,
        max_loop=options.max_loop,
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


def _bundled_loops(network: Network, pairs: list[tuple[int, int]]) -> tuple[Loop, ...]:
    """Hand-overs that bundles tie together, each set in the order of its things; longest first."""
    taker = {j: i for i, j in pairs}
    on = {i for i, _ in pairs if i in network.bundles}
    slot = {i: bundle for bundle in on for i in network.bundles[bundle][0]}
    names, people, owners = network.names, network.people, network.owners
    joined: dict[int, int] = {}
    moves, payments = [], []
    for _, j in sorted(pairs, key=lambda pair: pair[1]):
        if not network.is_item[j] and j not in network.bids:
            continue
        paid = taker[j]
        while not (network.is_item[paid] or paid in network.bids or paid in network.bundles):
            paid = taker[paid]
        join(joined, slot.get(j, j), slot.get(paid, paid))
        giver, receiver = people[owners[j]], people[owners[paid]]
        if j in network.bids:
            payments.append((j, Payment(names[paid], names[j], giver, receiver, network.asks[paid])))
        else:
            moves.append((slot.get(j, j), Move(names[j], giver, receiver, names[paid])))
    roots = sorted({root_of(joined, at) for at, _ in moves})
    loops = [
        Loop(
            tuple(move for at, move in moves if root_of(joined, at) == root),
            tuple(payment for at, payment in payments if root_of(joined, at) == root),
        )
        for root in roots
    ]
    return tuple(sorted(loops, key=lambda loop: (-len(loop.moves), loop.moves[0].item)))


def root_of(joined: dict[int, int], at: int) -> int:
    """What stands for everything joined with this."""
    while at in joined:
        at = joined[at]
    return at


def join(joined: dict[int, int], one: int, other: int) -> None:
    """From now on both belong together."""
    one, other = root_of(joined, one), root_of(joined, other)
    if one != other:
        joined[max(one, other)] = min(one, other)
