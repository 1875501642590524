"""What is wrong with a problem before it is solved."""

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from swapmeet.trades.matching.model import Options, Problem, Want

_target, _cost = attrgetter("target"), attrgetter("cost")
MAX_COST = 10**9


def faults_of(problem: Problem, options: Options | None = None) -> list[str]:
    """Sentences; empty when the problem can be solved."""
    faults = list(_faults(problem))
    if any(limit.gives for limit in problem.limits):
        faults.append("Limits on what is given need a pool.")
    if options is not None and options.max_loop is not None and options.max_loop < 2:
        faults.append("A loop has two hand-overs at least, so a limit on its length must be 2 or more.")
    return faults


def _faults(problem: Problem) -> Iterator[str]:
    items = {item.key: item.owner for item in problem.items}
    shared = {row.key: row.owner for row in problem.groups} | {row.key: row.owner for row in problem.pools}
    keys = [row.key for row in problem.items] + [key for key, _, _ in _lists(replace(problem, items=()))]
    if len(set(keys)) != len(keys):
        yield "A key stands twice."
    is_thing = items.__contains__
    for key, owner, wants in _lists(problem):
        if not all(map(is_thing, map(_target, wants))):
            for target in sorted(set(map(_target, wants)).difference(items)):
                if shared.get(target) != owner:
                    yield f"{key} wants {target}, which is no item and no group of {owner}."
        if any(map(_cost, wants)) and any(not 0 <= cost <= MAX_COST for cost in map(_cost, wants)):
            yield f"{key} has a wish whose cost is not between 0 and {MAX_COST}."
    caps = [(row.key, row.cap) for row in problem.groups] + [(row.key, row.cap) for row in problem.pools]
    yield from (f"The cap of {key} must be between 1 and 1,000." for key, cap in caps if not 1 <= cap <= 1000)
    parts = [(row.key, row.owner, row.items) for row in problem.pools]
    parts += [(row.key, row.owner, row.items) for row in problem.bundles]
    for name, owner, members in parts:
        yield from (f"{key} in {name} is not an item of {owner}." for key in members if items.get(key) != owner)
    for bundle in problem.bundles:
        if not bundle.items or len(set(bundle.items)) != len(bundle.items):
            yield f"{bundle.key} must give one thing or more, each once."
        if bundle.receives < 1:
            yield f"{bundle.key} must receive one thing or more."
    for limit in problem.limits:
        yield from (f"{key} in {limit.key} is no item." for key in limit.items if key not in items)


def _lists(problem: Problem) -> Iterator[tuple[str, str, tuple[Want, ...]]]:
    yield from ((row.key, row.owner, row.wants) for row in problem.items)
    yield from ((row.key, row.owner, row.wants) for row in problem.groups)
    yield from ((row.key, row.owner, row.wants) for row in problem.pools)
    yield from ((row.key, row.owner, row.wants) for row in problem.bids)
    yield from ((row.key, row.owner, row.wants) for row in problem.bundles)
