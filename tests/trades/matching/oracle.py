"""Small random swaps, and every result of each: what the engine is held against.

A result is a set of loops without a common thing. They are grown one by one, each from its lowest thing, along the ways by which
one thing or bid may take another: straight, or through groups and pools of its owner.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from swapmeet.trades.matching.model import (
    Bid,
    Bundle,
    Group,
    Item,
    Level,
    Limit,
    Person,
    Pool,
    Problem,
    Published,
    Want,
)

Way = tuple[str, int, tuple[str, ...]]  # what is taken, its cost, the groups and pools on the way
RANKED = ("costs", "nontrade", "mixed")
MOST = {
    "plain": 6,
    "costs": 6,
    "rules": 6,
    "copies": 6,
    "cash": 4,
    "mixed": 4,
}  # things, where few or many results come of them
FEATURES = ("plain", "costs", "groups", "nested", "copies", "pools", "rules", "cash", "limits", "nontrade", "mixed")


@dataclass(slots=True)
class Outcome:
    """One allowed result: what each thing, bid or bundle takes, with the cost of those wishes."""

    takes: list[tuple[str, str]]
    cost: int


class Swap:
    """Three to six things of two to four people, with one feature in use (`mixed`: any of them)."""

    def __init__(self, chance: random.Random, feature: str) -> None:
        self.chance, self.feature = chance, feature
        count = chance.randint(3, MOST.get(feature, 5))
        self.people = [f"p{number}" for number in range(chance.randint(2, 4))]
        self.owner = {f"i{number}": chance.choice(self.people) for number in range(count)}
        self.top = 3 if feature in RANKED else 0

    def has(self, feature: str) -> bool:
        return self.feature == feature or (self.feature == "mixed" and self.chance.random() < 0.35)

    def wishes(self, person: str, share: float = 0.5) -> tuple[Want, ...]:
        chance = self.chance
        return tuple(
            Want(key, chance.randint(0, self.top))
            for key, of in self.owner.items()
            if of != person and chance.random() < share
        )

    def groups(self) -> tuple[Group, ...]:
        """One a person, or two of which the first passes on what the second takes."""
        chance, people = self.chance, self.people
        if self.has("copies"):  # two alike: of these at most one
            alike = chance.sample(sorted(self.owner), 2)
            return tuple(
                Group(f"g{p}", p, tuple(Want(key) for key in alike if self.owner[key] != p), 1) for p in people
            )
        if self.has("nested"):
            inner = [Group(f"h{p}", p, self.wishes(p, 0.7), chance.randint(1, 2)) for p in people]
            outer = [
                Group(f"g{p}", p, (*self.wishes(p, 0.2), Want(f"h{p}", chance.randint(0, self.top)))) for p in people
            ]
            return (*inner, *outer)
        if self.has("groups"):
            return tuple(
                Group(f"g{p}", p, self.wishes(p, 0.8), chance.randint(1, 2)) for p in people if chance.random() < 0.8
            )
        return ()

    def pools(self) -> tuple[Pool, ...]:
        if not self.has("pools"):
            return ()
        mine = {p: tuple(key for key, of in self.owner.items() if of == p) for p in self.people}
        return tuple(Pool(f"q{p}", p, mine[p], self.wishes(p, 0.7), self.chance.randint(1, 2)) for p in self.people)

    def bids(self) -> tuple[Bid, ...]:
        if not self.has("cash"):
            return ()
        payers = [self.chance.choice(self.people) for _ in range(2)]
        return tuple(
            Bid(f"b{n}", p, 100 * self.chance.randint(1, 3), self.wishes(p, 0.6)) for n, p in enumerate(payers)
        )

    def rules(self, bids: tuple[Bid, ...]) -> tuple[Person, ...]:
        chance = self.chance
        budgets = {p: 100 * chance.randint(1, 3) if bids else None for p in self.people}
        if not self.has("rules"):
            return tuple(Person(p, budget=budget) for p, budget in budgets.items() if budget is not None)
        return tuple(
            Person(p, budgets[p], frozenset(x for x in self.people if x != p and chance.random() < 0.3), {"rusty"})
            for p in self.people
        )

    def limits(self) -> tuple[Limit, ...]:
        if not self.has("limits"):
            return ()
        return tuple(
            Limit(f"l{p}", p, tuple(k for k in self.owner if self.chance.random() < 0.6), 1) for p in self.people
        )

    def items(self, groups: tuple[Group, ...], pools: tuple[Pool, ...], bids: tuple[Bid, ...]) -> tuple[Item, ...]:
        chance = self.chance
        mine = {group.owner: group.key for group in groups}  # the outer one where there are two
        found = []
        for key, of in self.owner.items():
            wants = () if pools else self.wishes(of, 0.25 if groups else 0.5)
            if of in mine:
                wants += (Want(mine[of], chance.randint(0, self.top)),)
            ask = 100 * chance.randint(1, 3) if bids and chance.random() < 0.6 else None
            labels = frozenset({"rusty"} if chance.random() < 0.2 else ())
            found.append(Item(key, of, wants, ask, chance.randint(0, self.top), labels=labels))
        return tuple(found)


def random_problem(chance: random.Random, feature: str) -> Problem:
    """A swap as small as `Swap` says."""
    swap = Swap(chance, feature)
    groups, pools, bids = swap.groups(), swap.pools(), swap.bids()
    nontrade = chance.randint(1, 3) if swap.has("nontrade") else None
    return Problem(
        swap.items(groups, pools, bids), groups, pools, (), bids, swap.limits(), swap.rules(bids), nontrade
    )  # fmt: skip


def random_published(problem: Problem, chance: random.Random) -> Published:
    """Whatever was said before: some things to some people, one of them gone since."""
    people = sorted({item.owner for item in problem.items})
    moves = {(item.key, chance.choice(people)) for item in problem.items if chance.random() < 0.7}
    return Published(frozenset({*moves, ("gone", "p0"), ("i0", "nobody")}), "0" * 64)


def outcomes(problem: Problem) -> Iterator[Outcome]:
    """Every allowed result of a problem without bundles."""
    ways = {key: found for key, found in _ways(problem).items() if found}
    keys, used = sorted(ways), Counter[str]()
    caps = {row.key: row.cap for row in (*problem.groups, *problem.pools)}
    takes: list[tuple[str, str]] = []
    taken: set[str] = set()

    def loops(cost: int) -> Iterator[Outcome]:
        """What can follow the loops in `takes`: nothing, or a loop from a higher key."""
        yield Outcome(list(takes), cost)
        lowest = takes[loops_begin[-1]][0] if loops_begin else ""
        for start in keys:
            if start > lowest and start not in taken:
                loops_begin.append(len(takes))
                yield from grow(start, start, cost)
                loops_begin.pop()

    def grow(start: str, at: str, cost: int) -> Iterator[Outcome]:
        for target, more, path in ways[at]:
            if target in taken or target < start or target not in ways:
                continue
            if any(used[key] == caps[key] for key in path):
                continue
            taken.add(target)
            used.update(path)
            takes.append((at, target))
            yield from loops(cost + more) if target == start else grow(start, target, cost + more)
            takes.pop()
            used.subtract(path)
            taken.discard(target)

    loops_begin: list[int] = []
    coupled = problem.limits or problem.bids
    owner = _owners(problem)
    return (found for found in loops(0) if not coupled or _is_kept(problem, found.takes, owner))


def _owners(problem: Problem) -> dict[str, str]:
    return {row.key: row.owner for row in (*problem.items, *problem.bids, *problem.bundles)}


def _ways(problem: Problem) -> dict[str, list[Way]]:
    """How each thing and bid may take others, whatever rules over several say."""
    items = {item.key: item for item in problem.items}
    shared = {row.key: row for row in (*problem.groups, *problem.pools)}
    rules = {rule.key: rule for rule in problem.people}

    def may(one: str, other: str) -> bool:
        return one != other and not any(
            mine in rules and theirs in rules[mine].avoids for mine, theirs in ((one, other), (other, one))
        )

    def follow(owner: str, wants: tuple[Want, ...], cost: int, path: tuple[str, ...]) -> Iterator[Way]:
        for want in wants:
            if want.target in shared:
                if want.target not in path:
                    inner = shared[want.target].wants
                    yield from follow(owner, inner, cost + want.cost, (*path, want.target))
            elif may(owner, items[want.target].owner) and not (
                owner in rules and rules[owner].refuses & items[want.target].labels
            ):
                yield want.target, cost + want.cost, path

    found = {}
    for item in problem.items:
        ways = list(follow(item.owner, item.wants, 0, ()))
        for pool in problem.pools:
            if item.key in pool.items:
                ways += follow(item.owner, pool.wants, 0, (pool.key,))
        if item.ask is not None:
            buyers = [bid for bid in problem.bids if bid.amount >= item.ask and may(item.owner, bid.owner)]
            ways += [(bid.key, item.ask_cost, ()) for bid in buyers]
        found[item.key] = ways
    return found | {bid.key: list(follow(bid.owner, bid.wants, 0, ())) for bid in problem.bids}


def _is_kept(problem: Problem, takes: list[tuple[str, str]], owner: dict[str, str]) -> bool:
    """Budgets and limits."""
    asks = {item.key: item.ask for item in problem.items}
    spent = Counter[str]()
    for taker, taken in takes:
        if taken not in asks:
            spent[owner[taken]] += asks[taker] or 0
    budgets = {person.key: person.budget for person in problem.people if person.budget is not None}
    if any(amount > budgets.get(person, amount) for person, amount in spent.items()):
        return False
    return all(
        sum(taken in limit.items and owner[taker] == limit.owner for taker, taken in takes) <= limit.most
        for limit in problem.limits
    )


class Counts:
    """What results of a problem are worth, level by level."""

    def __init__(self, problem: Problem, published: Published | None = None) -> None:
        self.items = {item.key for item in problem.items}
        self.owner = _owners(problem)
        self.bundles = {bundle.key: bundle.items for bundle in problem.bundles}
        self.published = published.moves if published else frozenset()

    def of(self, outcome: Outcome) -> dict[Level, int]:
        """More is better, for every level here."""
        owner = self.owner
        moves = [(taken, owner[taken], owner[taker]) for taker, taken in outcome.takes if taken in self.items]
        met = {frozenset((owner[taker], owner[taken])) for taker, taken in outcome.takes}
        received = Counter(receiver for _, _, receiver in moves)
        return {
            Level.ITEMS: len(moves),
            Level.COST: -outcome.cost,
            Level.PEOPLE: len({giver for _, giver, _ in moves}),
            Level.EVEN: -sum(count * count for count in received.values()),
            Level.PARTNERS: -len(met),
            Level.KEPT: len({(item, receiver) for item, _, receiver in moves} & self.published),
            Level.LOOPS: -self.longest(outcome),
        }

    def longest(self, outcome: Outcome) -> int:
        """How many hand-overs and payments the longest loop has, with everything in it that bundles tie together."""
        slot = {key: bundle for bundle, _ in outcome.takes for key in self.bundles.get(bundle, ())}
        near: dict[str, set[str]] = {}
        for taker, taken in outcome.takes:
            one, other = taker, slot.get(taken, taken)
            near.setdefault(one, set()).add(other)
            near.setdefault(other, set()).add(one)
        longest, seen = 0, set[str]()
        for start in near:
            front, members = [start], {start}
            while front and start not in seen:
                new = near[front.pop()] - members
                members |= new
                front += new
            longest = max(longest, sum(taker in members for taker, _ in outcome.takes if start not in seen))
            seen |= members
        return longest


def bundled_problem(chance: random.Random) -> Problem:
    """Things of few people, some of which also go in bundles."""
    count = chance.randint(3, 5)
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


def bundle_outcomes(problem: Problem) -> Iterator[Outcome]:
    """Every allowed result with bundles: which bundles are on, what they take, and what single things take."""
    for size in range(len(problem.bundles) + 1):
        for on in combinations(problem.bundles, size):
            gone = {key for bundle in on for key in bundle.items}
            if sum(len(bundle.items) for bundle in on) == len(gone):
                yield from _with_bundles(problem, on, gone)


def _with_bundles(problem: Problem, on: tuple[Bundle, ...], gone: set[str]) -> Iterator[Outcome]:
    single = [item for item in problem.items if item.key not in gone and item.wants]
    able = gone | {item.key for item in single}
    takes: list[tuple[str, str]] = []
    taken: set[str] = set()

    def fill(at: int, cost: int) -> Iterator[Outcome]:
        if at == len(on) + len(single):
            if taken == gone | {taker for taker, _ in takes if taker in able}:
                yield Outcome(list(takes), cost)
            return
        row = on[at] if at < len(on) else single[at - len(on)]
        counts = [row.receives] if isinstance(row, Bundle) else [0, 1]
        open_ = [want for want in row.wants if want.target in able and want.target not in taken]
        for count in counts:
            for chosen in combinations(open_, count):
                taken.update(want.target for want in chosen)
                takes.extend((row.key, want.target) for want in chosen)
                yield from fill(at + 1, cost + sum(want.cost for want in chosen))
                taken.difference_update(want.target for want in chosen)
                del takes[len(takes) - count :]

    yield from fill(0, 0)
