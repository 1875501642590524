"""PURE. A bound that nobody can beat, from prices alone: whole numbers, so it is exact, and checked with additions.

Give every free place a price, every circuit a price for an ampere, and some borders a toll for rivals and for pairs to be kept
apart. Any placing is worth at most the sum of all prices plus what each vendor (or pair of friends) could gain at these prices
with the whole floor to itself (Lagrangian duality). Prices of a linear program make the bound tight; any prices make it true.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import lcm

import numpy as np

from swapmeet.vendor_tables.placing.grid import NEVER, Grid, Numbers, friends_of


@dataclass
class Prices:
    """All at least 0. `rival[c]` is a toll by border: border t lies between positions t and t + 1. `apart` likewise, by (a, b):
    a ends before the border and b begins behind it."""

    place: Numbers
    amp: Numbers
    rival: Mapping[int, Numbers] = field(default_factory=dict)
    apart: Mapping[tuple[int, int], Numbers] = field(default_factory=dict)


def no_prices(grid: Grid) -> Prices:
    """Everything for nothing: a weak bound, but a true one."""
    return Prices(np.zeros(grid.size, dtype=np.int64), np.zeros(len(grid.room), dtype=np.int64))


def gains(grid: Grid, prices: Prices) -> Numbers:
    """[vendor, start]: what standing there is worth less its prices; NEVER where it may not."""
    total = np.concatenate(([0], np.cumsum(prices.place)))
    amp = np.concatenate((prices.amp, [0]))
    found = np.full_like(grid.values, NEVER)
    ends_apart, starts_apart = _tolls_apart(grid, prices)
    for v, tables in enumerate(grid.tables):
        last = grid.size - tables
        starts = np.arange(1, last)
        cost = total[starts + tables] - total[starts]
        if grid.amps[v]:
            cost = cost + grid.amps[v] * amp[grid.circuit[v, 1:last]]
        for toll in (prices.rival.get(grid.category[v]), ends_apart.get(v)):
            if toll is not None:
                cost = cost + toll[starts + tables - 1]
        for toll in (prices.rival.get(grid.category[v]), starts_apart.get(v)):
            if toll is not None:
                cost = cost + toll[starts - 1]
        values = grid.values[v, 1:last]
        found[v, 1:last] = np.where(values > NEVER, values - cost, NEVER)
    return found


def _tolls_apart(grid: Grid, prices: Prices) -> tuple[dict[int, Numbers], dict[int, Numbers]]:
    ends: dict[int, Numbers] = {}
    starts: dict[int, Numbers] = {}
    for (a, b), toll in prices.apart.items():
        ends[a] = ends.get(a, 0) + toll
        starts[b] = starts.get(b, 0) + toll
    return ends, starts


def bound(grid: Grid, prices: Prices, gain: Numbers) -> int:
    """No placing is worth more. `gain` is that of `gains` at these prices."""
    total = int(prices.place.sum()) + sum(int(price) * room for price, room in zip(prices.amp, grid.room, strict=True))
    total += sum(int(toll.sum()) for toll in prices.rival.values()) + sum(int(t.sum()) for t in prices.apart.values())
    best = np.maximum(gain.max(axis=1), 0) if len(gain) else np.zeros(0, dtype=np.int64)
    friends = friends_of(grid)
    total += sum(int(best[v]) for v in range(len(best)) if not friends[v])
    return total + sum(_group_bound(grid, gain, group, friends) for group in _groups(friends))


def _groups(friends: list[list[int]]) -> list[list[int]]:
    """Vendors who hang together by near wishes, each group once."""
    seen: set[int] = set()
    found = []
    for v, others in enumerate(friends):
        if not others or v in seen:
            continue
        group, todo = [], [v]
        seen.add(v)
        while todo:
            member = todo.pop()
            group.append(member)
            todo += [other for other in friends[member] if other not in seen]
            seen.update(friends[member])
        found.append(sorted(group))
    return found


def _group_bound(grid: Grid, gain: Numbers, group: list[int], friends: list[list[int]]) -> int:
    """Each member's gain is shared out evenly among its pairs; each pair is solved alone. Exact for a pair."""
    scale = lcm(*(len(friends[v]) for v in group))
    total = 0
    for a in group:
        for b in friends[a]:
            if a < b:
                total += best_pair(grid, gain, a, b, scale // len(friends[a]), scale // len(friends[b]), scale)
    return total // scale


def best_pair(grid: Grid, gain: Numbers, a: int, b: int, for_a: int = 1, for_b: int = 1, for_near: int = 1) -> int:
    """The most that two friends gain together: apart, alone, side by side, or not at all."""
    apart = for_a * max(0, int(gain[a].max())) + for_b * max(0, int(gain[b].max()))
    beside = max(
        int(side_by_side(grid, gain, a, b, for_a, for_b).max(initial=NEVER)),
        int(side_by_side(grid, gain, b, a, for_b, for_a).max(initial=NEVER)),
    )
    return max(apart, beside + for_near * grid.near_value)


def side_by_side(grid: Grid, gain: Numbers, a: int, b: int, for_a: int = 1, for_b: int = 1) -> Numbers:
    """[s] = gain of a from s on with b right behind it; far below 0 where one of them may not stand."""
    tables = grid.tables[a]
    return for_a * gain[a, : grid.size - tables] + for_b * gain[b, tables:]
