"""What is wrong with a problem before it is solved."""

from collections.abc import Iterator
from operator import attrgetter

from swapmeet.trades.matching.model import Options, Problem, Want

_target = attrgetter("target")
MAX_COST = 10**9


def faults_of(problem: Problem, options: Options | None = None) -> list[str]:
    """Sentences; empty when the problem can be solved."""
    faults = list(_faults(problem))
    if problem.bundles:
        faults.append("Bundles (several things together) are not solved by this engine yet.")
    if any(limit.gives for limit in problem.limits):
        faults.append("Limits on what is given need a pool.")
    if options is not None and options.max_loop is not None:
        faults.append("A limit on the length of loops is not solved by this engine yet.")
    return faults


def _faults(problem: Problem) -> Iterator[str]:
    items = {item.key: item.owner for item in problem.items}
    shared = {row.key: row.owner for row in problem.groups} | {row.key: row.owner for row in problem.pools}
    bids = {bid.key for bid in problem.bids}
    if len(items) != len(problem.items) or len(shared) + len(items) + len(bids) != (
        len(problem.items) + len(problem.groups) + len(problem.pools) + len(problem.bids)
    ):
        yield "A key stands twice."
    for key, owner, wants in _lists(problem):
        for target in set(map(_target, wants)):
            if target not in items and shared.get(target) != owner:
                yield f"{key} wants {target}, which is no item and no group of {owner}."
        if any(not 0 <= want.cost <= MAX_COST for want in wants):
            yield f"{key} has a wish whose cost is not between 0 and {MAX_COST}."
    caps = [(row.key, row.cap) for row in problem.groups] + [(row.key, row.cap) for row in problem.pools]
    yield from (f"The cap of {key} must be between 1 and 1,000." for key, cap in caps if not 1 <= cap <= 1000)
    for pool in problem.pools:
        yield from (
            f"{key} in {pool.key} is not an item of {pool.owner}." for key in pool.items if items.get(key) != pool.owner
        )
    for limit in problem.limits:
        yield from (f"{key} in {limit.key} is no item." for key in limit.items if key not in items)


def _lists(problem: Problem) -> Iterator[tuple[str, str, tuple[Want, ...]]]:
    yield from ((row.key, row.owner, row.wants) for row in problem.items)
    yield from ((row.key, row.owner, row.wants) for row in problem.groups)
    yield from ((row.key, row.owner, row.wants) for row in problem.pools)
    yield from ((row.key, row.owner, row.wants) for row in problem.bids)
