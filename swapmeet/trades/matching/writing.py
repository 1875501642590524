"""Problems as want lists in the traders' text format. See `reading` for the format."""

import re
from collections.abc import Iterable, Iterator

from swapmeet.trades.matching.model import Bid, Group, Item, Problem, Want
from swapmeet.trades.matching.reading import ALONE

_ITEM = re.compile(r"[^\s():;#=$%!][^\s():;#=]*")
_PERSON = re.compile(r"[^()#\s](?:[^()#\r\n]*[^()#\s])?")
_GROUP = re.compile(r"(%[^\s():;#=]+) for user \((.*)\)")
_MOST_CENTS = 10**11  # an amount has at most nine digits before the point


class NotWritable(ValueError):
    """Something that the traders' format cannot say; the message says what."""


def problem_to_text(problem: Problem) -> str:
    """Want lists that read back as the same swap. Raises NotWritable rather than leave a rule out.

    A group with a cap of k becomes k groups of one with the same list. Ranks are written as numbers (EXPLICIT-PRIORITIES).
    """
    return "\n".join(_Writer(problem).lines()) + "\n"


class _Writer:
    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.groups = {group.key: names for group, names in _group_names(problem.groups)}
        lists = [row.wants for row in problem.items] + [row.wants for row in problem.bids]
        lists += [row.wants for row in problem.bundles]
        costs = {want.cost for wants in lists for want in wants} | {
            item.ask_cost for item in problem.items if item.ask is not None
        }
        self.is_ranked = costs - {0} != set()
        if self.is_ranked and 0 in costs:
            raise NotWritable("Some wishes have a rank and others none; the format has one or the other.")
        if any(want.cost for group in problem.groups for want in group.wants):
            raise NotWritable("Ranks inside a group cannot be written.")
        if problem.pools or problem.limits:
            raise NotWritable("Pools and limits cannot be written.")
        if any(person.avoids or person.refuses for person in problem.people):
            raise NotWritable("People and labels to avoid cannot be written.")

    def lines(self) -> Iterator[str]:
        problem = self.problem
        for item in problem.items:
            if not _ITEM.fullmatch(item.key):
                raise NotWritable(f"{item.key} cannot be an item's name there.")
        yield "#! " + " ".join(self.options())
        if any(item.title for item in problem.items):
            yield "!BEGIN-OFFICIAL-NAMES"
            yield from (f"{item.key} ==> {' '.join(item.title.split())}" for item in problem.items)
            yield "!END-OFFICIAL-NAMES"
        for group in problem.groups:
            for name in self.groups[group.key]:
                yield f"{_user(group.owner)} {name} : {self.wishes(group.wants, False)}".rstrip()
        for item in problem.items:
            user = "" if item.owner == ALONE + item.key else _user(item.owner) + " "
            yield f"{user}{item.key} : {self.ask(item)}{self.wishes(item.wants, self.is_ranked)}".rstrip()
        for bundle in problem.bundles:
            wishes = self.wishes(bundle.wants, self.is_ranked)
            yield f"#bundle {_user(bundle.owner)} {' '.join(bundle.items)} : {bundle.receives} of {wishes}".rstrip()
        yield from self.cash()

    def options(self) -> Iterator[str]:
        yield "ALLOW-DUMMIES"
        yield "REQUIRE-COLONS"
        names = [item.key for item in self.problem.items] + [item.owner for item in self.problem.items]
        names += [name for keys in self.groups.values() for name in keys] + [bid.owner for bid in self.problem.bids]
        if any(name.removeprefix(ALONE) != name.removeprefix(ALONE).upper() for name in names):
            yield "CASE-SENSITIVE"
        if self.is_ranked:
            yield "EXPLICIT-PRIORITIES"
            if self.problem.nontrade_cost is not None:
                yield f"NONTRADE-COST={self.problem.nontrade_cost}"

    def wishes(self, wants: Iterable[Want], ranked: bool) -> str:
        return " ".join(
            f"{name}={want.cost}" if ranked else name
            for want in wants
            for name in self.groups.get(want.target, (want.target,))
        )

    def ask(self, item: Item) -> str:
        if item.ask is None:
            return ""
        return _money(item.ask) + (f"={item.ask_cost} " if self.is_ranked else " ")

    def cash(self) -> Iterator[str]:
        """Bids, and what each bidder may spend: all bids together where nothing limits it."""
        budgets = {person.key: person.budget for person in self.problem.people}
        for bid in self.problem.bids:
            yield f"{_user(bid.owner)} {_money(bid.amount)} : {self.wishes(bid.wants, self.is_ranked)}".rstrip()
        for person in sorted({bid.owner for bid in self.problem.bids}):
            budget = budgets.get(person)
            yield f"{_user(person)} LIMIT: {_money(_sum_of(self.problem.bids, person) if budget is None else budget)}"


def _group_names(groups: Iterable[Group]) -> Iterator[tuple[Group, tuple[str, ...]]]:
    taken: set[tuple[str, str]] = set()
    for group in groups:
        found = _GROUP.fullmatch(group.key)
        base = found[1] if found and found[2] == group.owner else "%" + re.sub(r"[^\w.-]", "_", group.key)
        names = (base,) if group.cap == 1 else tuple(f"{base}.{copy}" for copy in range(1, group.cap + 1))
        if any((group.owner, name) in taken for name in names):
            raise NotWritable(f"{group.owner} has two groups that would both be named {base}.")
        taken.update((group.owner, name) for name in names)
        yield group, names


def _user(owner: str) -> str:
    if not _PERSON.fullmatch(owner):
        raise NotWritable(f"{owner} cannot be a person's name there.")
    return f"({owner})"


def _money(cents: int) -> str:
    if not 0 <= cents < _MOST_CENTS:
        raise NotWritable(f"An amount of {cents} cannot be written.")
    return f"${cents // 100}" + (f".{cents % 100:02d}" if cents % 100 else "")


def _sum_of(bids: Iterable[Bid], person: str) -> int:
    return sum(bid.amount for bid in bids if bid.owner == person)
