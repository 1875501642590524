"""Why an item stayed, and what one more wish would do. Both exact, both by solving anew."""

from collections.abc import Sequence
from dataclasses import replace

from swapmeet.trades.matching.assigning import assign
from swapmeet.trades.matching.model import (
    STAY_NO_LOOP,
    STAY_NO_WISH,
    STAY_OTHERS,
    STAY_TIED,
    STAY_UNWANTED,
    Chance,
    Gain,
    Problem,
    Result,
    Stay,
    Want,
)
from swapmeet.trades.matching.network import Network, compile_network
from swapmeet.trades.matching.optimum import find_optimum


def why_stayed(problem: Problem, result: Result, items: Sequence[str] | None) -> list[Stay]:
    """See `swapmeet.trades.matching.explain_stays`."""
    network = compile_network(problem, use_cash=result.use_cash)
    place = {name: i for i, name in enumerate(network.names)}
    traded = {move.item for move in result.moves}
    asked = [item.key for item in problem.items if items is None or item.key in items]
    wanted = {j for row in network.targets for j in row}
    best = find_optimum(network)
    return [_stay(network, place[key], wanted, result, best.traded) for key in sorted(asked) if key not in traded]


def _stay(network: Network, at: int, wanted: set[int], result: Result, best: int) -> Stay:
    key = network.names[at]
    if not network.targets[at]:
        return Stay(key, STAY_NO_WISH)
    if at not in wanted:
        return Stay(key, STAY_UNWANTED)
    if result.chances.get(key) is Chance.SOMETIMES:
        return Stay(key, STAY_TIED)
    forced = _most_with(network, at, best)
    return Stay(key, STAY_NO_LOOP) if forced is None else Stay(key, STAY_OTHERS, max(0, best - forced))


def _most_with(network: Network, at: int, best: int) -> int | None:
    """Most items when this one must trade: staying is made dearer than everything else together. None when it cannot."""
    fares = [[0] * len(row) + [network.is_item[i]] for i, row in enumerate(network.targets)]
    fares[at][-1] = 2 * network.size + 1
    column_of, _, _ = assign([[*row, i] for i, row in enumerate(network.targets)], fares)
    if column_of[at] == at:
        return None
    return sum(network.is_item[i] and column != i for i, column in enumerate(column_of))


def what_if_wanted(problem: Problem, result: Result, item: str, targets: Sequence[str] | None) -> list[Gain]:
    """See `swapmeet.trades.matching.explain_wishes`."""
    rows = {row.key: row for row in problem.items}
    mine = rows[item]
    before = find_optimum(compile_network(problem, use_cash=result.use_cash)).traded
    known = {want.target for want in mine.wants}
    asked = [key for key in sorted(targets or rows) if rows[key].owner != mine.owner and key not in known]
    gains = []
    for key in asked:
        wished = replace(mine, wants=(*mine.wants, Want(key)))
        changed = replace(problem, items=tuple(wished if row.key == item else row for row in problem.items))
        gain = find_optimum(compile_network(changed, use_cash=result.use_cash)).traded - before
        if gain > 0:
            gains.append(Gain(item, key, gain))
    return gains
