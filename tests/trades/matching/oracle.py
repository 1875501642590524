"""Small random swaps, and their best result by trying everything."""

import random
from collections.abc import Iterator
from itertools import combinations, product

from swapmeet.trades.matching.model import Bid, Bundle, Group, Item, Limit, Person, Pool, Problem, Want


def random_problem(chance: random.Random, feature: str) -> Problem:
    """Three to six things of two to four people, with one feature in use."""
    count = chance.randint(3, 6)
    people = [f"p{number}" for number in range(chance.randint(2, 4))]
    owner = {f"i{number}": chance.choice(people) for number in range(count)}
    top = 3 if feature in ("costs", "nontrade") else 0

    def wishes(person: str, share: float = 0.5) -> tuple[Want, ...]:
        return tuple(
            Want(key, chance.randint(0, top)) for key, of in owner.items() if of != person and chance.random() < share
        )

    groups, pools, bids, limits, rules = [], [], [], [], []
    if feature == "groups":
        groups = [Group(f"g{p}", p, wishes(p, 0.8), chance.randint(1, 2)) for p in people if chance.random() < 0.8]
    if feature == "pools":
        pools = [
            Pool(f"q{p}", p, tuple(k for k, of in owner.items() if of == p), wishes(p, 0.7), chance.randint(1, 2))
            for p in people
        ]
    if feature == "cash":
        bids = [Bid(f"b{n}", chance.choice(people), 100 * chance.randint(1, 3), ()) for n in range(2)]
        bids = [Bid(bid.key, bid.owner, bid.amount, wishes(bid.owner, 0.6)) for bid in bids]
        rules = [Person(p, budget=100 * chance.randint(1, 3)) for p in people]
    if feature == "limits":
        limits = [Limit(f"l{p}", p, tuple(k for k in owner if chance.random() < 0.6), 1) for p in people]
    if feature == "rules":
        rules = [
            Person(
                p, avoids=frozenset(x for x in people if x != p and chance.random() < 0.3), refuses=frozenset({"rusty"})
            )
            for p in people
        ]
    mine = {group.owner: (Want(group.key),) for group in groups}
    items = tuple(
        Item(
            key,
            of,
            (() if feature == "pools" else wishes(of, 0.25 if groups else 0.5)) + mine.get(of, ()),
            ask=100 * chance.randint(1, 3) if bids and chance.random() < 0.6 else None,
            labels=frozenset({"rusty"} if chance.random() < 0.2 else ()),
        )
        for key, of in owner.items()
    )
    return Problem(
        items, tuple(groups), tuple(pools), (), tuple(bids), tuple(limits), tuple(rules),
        nontrade_cost=2 if feature == "nontrade" else None,
    )  # fmt: skip


def outcomes(problem: Problem) -> Iterator[tuple[int, int, int]]:
    """(items, cost, people) of every allowed result."""
    items = {item.key: item for item in problem.items}
    for takes, cost in takings(problem):
        traded = [key for key in takes if key in items]
        yield len(traded), cost, len({items[key].owner for key in traded})


def takings(problem: Problem) -> Iterator[tuple[dict[str, str], int]]:
    """(what each thing or bid takes, cost) of every allowed result."""
    rules = {rule.key: rule for rule in problem.people}
    items = {item.key: item for item in problem.items}
    owner = {item.key: item.owner for item in problem.items} | {bid.key: bid.owner for bid in problem.bids}
    groups = {group.key: group for group in problem.groups}
    options = []
    for item in problem.items:
        ways = [(None, 0, ())]
        for want in item.wants:
            if want.target in groups:
                ways += [(inner.target, want.cost + inner.cost, (want.target,)) for inner in groups[want.target].wants]
            else:
                ways.append((want.target, want.cost, ()))
        for pool in problem.pools:
            if item.key in pool.items:
                ways += [(want.target, want.cost, (pool.key,)) for want in pool.wants]
        if item.ask is not None:
            ways += [(bid.key, 0, ()) for bid in problem.bids if bid.amount >= item.ask and bid.owner != item.owner]
        options.append((item.key, ways))
    for bid in problem.bids:
        options.append((bid.key, [(None, 0, ())] + [(want.target, want.cost, ()) for want in bid.wants]))
    caps = {row.key: row.cap for row in (*problem.groups, *problem.pools)}
    for choice in product(*(ways for _, ways in options)):
        takes = {key: way[0] for (key, _), way in zip(options, choice, strict=True) if way[0] is not None}
        if set(takes) != set(takes.values()) or len(takes) != len(set(takes.values())):
            continue
        used = [key for way in choice for key in way[2]]
        if any(used.count(key) > caps[key] for key in used) or not _kept(problem, takes, owner, items, rules):
            continue
        yield takes, sum(way[1] for way in choice)


def _kept(problem, takes, owner, items, rules) -> bool:
    spent: dict[str, int] = {}
    for taker, taken in takes.items():
        one, other = rules.get(owner[taker]), rules.get(owner[taken])
        if (one and owner[taken] in one.avoids) or (other and owner[taker] in other.avoids):
            return False
        if taken in items and one and one.refuses & items[taken].labels:
            return False
        if taken not in items:
            spent[owner[taken]] = spent.get(owner[taken], 0) + items[taker].ask
    if any(rules[person].budget is not None and amount > rules[person].budget for person, amount in spent.items()):
        return False
    return all(
        sum(taken in limit.items and owner[taker] == limit.owner for taker, taken in takes.items()) <= limit.most
        for limit in problem.limits
    )


def longest_loop(takes: dict[str, str]) -> int:
    """How many hand-overs the longest loop has."""
    longest, seen = 0, set()
    for start in takes:
        length, at = 0, start
        while at not in seen:
            seen.add(at)
            length, at = length + 1, takes[at]
        longest = max(longest, length)
    return longest


def bundled_problem(chance: random.Random) -> Problem:
    """Things of few people, some of which also go in bundles."""
    count = chance.randint(3, 6)
    people = [f"p{number}" for number in range(chance.randint(2, 3))]
    owner = {f"i{number}": chance.choice(people) for number in range(count)}

    def wishes(person: str, share: float) -> tuple[Want, ...]:
        return tuple(
            Want(key, chance.randint(0, 1)) for key, of in owner.items() if of != person and chance.random() < share
        )

    bundles = []
    for person in people:
        mine = [key for key, of in owner.items() if of == person]
        for number in range(chance.randint(0, 2)):
            if mine:
                members = tuple(chance.sample(mine, min(len(mine), chance.randint(1, 3))))
                bundles.append(Bundle(f"b{number}{person}", person, members, wishes(person, 0.7), chance.randint(1, 2)))
    items = tuple(Item(key, of, wishes(of, 0.25)) for key, of in owner.items())
    return Problem(items, bundles=tuple(bundles))


def bundle_outcomes(problem: Problem) -> Iterator[tuple[int, int, int]]:
    """(items, cost, people) of every allowed result with bundles."""
    owner = {item.key: item.owner for item in problem.items}
    for size in range(len(problem.bundles) + 1):
        for on in combinations(problem.bundles, size):
            gone = [key for bundle in on for key in bundle.items]
            if len(set(gone)) < len(gone):
                continue
            takings = [list(combinations(bundle.wants, bundle.receives)) for bundle in on]
            takings += [
                [((item.key,), None), *(((item.key,), want) for want in item.wants)]
                for item in problem.items
                if item.key not in gone
            ]
            for choice in product(*takings):
                wants = [want for taken in choice[: len(on)] for want in taken]
                single = [(keys[0], want) for keys, want in choice[len(on) :] if want is not None]
                given = [*gone, *(key for key, _ in single)]
                wants += [want for _, want in single]
                if sorted(want.target for want in wants) == sorted(given):
                    yield len(given), sum(want.cost for want in wants), len({owner[key] for key in given})
