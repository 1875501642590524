"""A result that keeps all rules, found fast: where a search begins, and what is left when its time runs out."""

from dataclasses import replace

from swapmeet.trades.matching.measuring import Rules
from swapmeet.trades.matching.network import Network
from swapmeet.trades.matching.optimum import Optimum, find_optimum

ROUNDS = 6


def within_rules(network: Network, rules: Rules, optimum: Optimum) -> list[int]:
    """Forbids what goes beyond a rule and solves anew, until nothing does; in the end whole loops are given up. Deterministic."""
    column_of = optimum.column_of
    for _ in range(ROUNDS):
        broken = rules.broken(_pairs(column_of))
        if not broken:
            return column_of
        network = _without(network, {pair for pairs in broken for pair in pairs})
        column_of = find_optimum(network).column_of
    column_of = list(column_of)
    while broken := rules.broken(_pairs(column_of)):
        for pairs in broken:
            _dissolve(column_of, pairs[0][0])
    return column_of


def _pairs(column_of: list[int]) -> list[tuple[int, int]]:
    return [(i, j) for i, j in enumerate(column_of) if i != j]


def _without(network: Network, forbidden: set[tuple[int, int]]) -> Network:
    targets, costs = list(network.targets), None if network.costs is None else list(network.costs)
    for i in {i for i, _ in forbidden}:
        left = [at for at, j in enumerate(targets[i]) if (i, j) not in forbidden]
        if costs is not None:
            costs[i] = [costs[i][at] for at in left]
        targets[i] = [targets[i][at] for at in left]
    return replace(network, targets=targets, costs=costs)


def _dissolve(column_of: list[int], start: int) -> None:
    """Everybody in the loop of `start` stays at home."""
    at = start
    while column_of[at] != at:
        column_of[at], at = at, column_of[at]
