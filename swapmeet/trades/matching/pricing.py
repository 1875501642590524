"""Prices that prove a result although limits or budgets bind: each of them gets a price too.

Whoever breaks a rule by one pays its price, whoever leaves room gets it back: then a result that keeps the rules costs no more than
before, so the cheapest permutation under such fares bounds every one of them (Lagrange). The prices of the rules come from a linear
program and are rounded; any price gives a bound, and what follows is exact in whole numbers.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import linprog

from swapmeet.trades.matching.model import Certificate, Level
from swapmeet.trades.matching.optimum import cheapest
from swapmeet.trades.matching.searching import ArcSearch
from swapmeet.trades.matching.state import State

SCALE = 2520  # prices of rules are multiples of 1/2,520, which halves, thirds ... tenths are


def certificate_with_rules(state: State, rows: list[list[int]]) -> Certificate | None:
    """Prices for the result of a state, found over the arcs `rows`; None where prices alone do not prove it."""
    network, rules = state.network, state.rules
    if not network.is_free:
        return None
    limit_prices, budget_prices = _prices_of_rules(state, rows)
    extra: dict[tuple[int, int], int] = {}
    for price, (members, person, _) in zip(limit_prices, rules.limits, strict=True):
        for i, row in enumerate(network.targets if price else ()):
            if network.owners[i] == person:
                for j in members.intersection(row):
                    extra[i, j] = extra.get((i, j), 0) + price
    for person, price in budget_prices.items():
        for i, row in enumerate(network.targets if price else ()):
            for j in row:
                if j in network.bids and network.owners[j] == person:
                    extra[i, j] = extra.get((i, j), 0) + price * network.asks[i]
    u, v = cheapest(network, SCALE, extra)
    bound = sum(u) + sum(v) - sum(p * most for p, (_, _, most) in zip(limit_prices, rules.limits, strict=True))
    bound -= sum(price * rules.budgets[person] for person, price in budget_prices.items())
    pairs, measure = state.pairs, state.measure
    stays = sum(network.is_item) - measure.of(Level.ITEMS, pairs)
    if SCALE * (measure.of(Level.COST, pairs) + network.weight * stays) - bound >= SCALE:
        return None
    return Certificate(
        prices={name: (u[i], v[i]) for i, name in enumerate(network.names)},
        weight=network.weight,
        scale=SCALE,
        limits={key: price for key, price in zip(rules.keys, limit_prices, strict=True) if price},
        budgets={network.people[person]: price for person, price in budget_prices.items() if price},
    )


def _prices_of_rules(state: State, rows: list[list[int]]) -> tuple[list[int], dict[int, int]]:
    """What one more in a limit, and one more unit of money, is worth, times SCALE."""
    search = ArcSearch(state.measure, state.rules, rows)
    network = state.network
    fares = [network.stay_cost(i) if i == j else network.cost_of(i, j) for ((i, j),) in search.parts]
    rules = sorted(set(search.condition_of.values()))
    matrix, least, most = search.matrix()
    is_rule = np.zeros(len(least), bool)
    is_rule[rules] = True
    answer = linprog(
        fares, A_ub=matrix[is_rule], b_ub=most[is_rule], A_eq=matrix[~is_rule], b_eq=most[~is_rule], method="highs-ds"
    )
    limits, budgets = [0] * len(state.rules.limits), dict.fromkeys(state.rules.budgets, 0)
    if answer.status == 0:
        price_of = {at: round(-float(p) * SCALE) for at, p in zip(rules, answer.ineqlin.marginals, strict=True)}
        for number in range(len(limits)):
            limits[number] = price_of.get(search.condition_of.get(("limit", number), -1), 0)
        for person in budgets:
            budgets[person] = price_of.get(search.condition_of.get(("budget", person), -1), 0)
    return limits, budgets
