"""From a traders' list to a problem.

The format (TradeMaximizer 1.2 to 1.5, OLWLG files, the Australian cash dialect): a line is `(user) item : wish wish ; wish`.
`%NAME` is a group that passes one item. Cash: `$25` among the wishes is an ask, a list named `$25` is a bid, `LIMIT: $120` is
the most its user spends. `#bundle (user) item item : 2 of wish wish` is our own. Faults that the reference survives become messages;
the wish or list is skipped as there.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from swapmeet.trades.matching.calm import calm
from swapmeet.trades.matching.lines import read_lines
from swapmeet.trades.matching.listing import Entry, Listing, Message
from swapmeet.trades.matching.model import Bid, Bundle, Group, Item, Person, Problem, Want
from swapmeet.trades.matching.ranks import Scheme, cost_of

_CASH = re.compile(r"\$(\d{1,9})(?:\.(\d\d))?", re.ASCII)
_EXPLICIT = re.compile(r"([^=]+)=(\d{1,9})", re.ASCII)
ALONE = "item "  # the owner of an item that names no user: nobody else's


@dataclass(frozen=True, slots=True)
class Reading:
    """A problem and what was said about the lines it came from. `priorities` tells whether costs mean anything."""

    problem: Problem
    messages: tuple[Message, ...]
    priorities: Scheme
    listing: Listing


def read_problem(data: bytes | str, *, ignore_priorities: bool = False) -> Reading:
    """The problem in a traders' list. Raises FormatError with the line where the reference reader stops."""
    with calm():
        listing = read_lines(data)
        builder = _Builder(listing, Scheme.NONE if ignore_priorities else listing.scheme)
        problem = builder.build()
    messages = tuple(sorted(listing.messages, key=lambda message: message.line))
    return Reading(problem, messages, builder.scheme, listing)


def cents_of(token: str) -> int | None:
    """The minor units of `$25` or `$25.50`; None for anything else."""
    found = _CASH.fullmatch(token)
    return int(found[1]) * 100 + int(found[2] or 0) if found else None


class _Builder:
    """Knows the names of a listing while its lists become items, groups and bids."""

    def __init__(self, listing: Listing, scheme: Scheme) -> None:
        self.listing = listing
        self.scheme = scheme
        self.say = listing.messages.append
        self.small = listing.number("SMALL-STEP", 1)
        self.big = listing.number("BIG-STEP", 9)
        self.official = listing.official
        self.owners: dict[str, str] = {}  # key of an item or group -> its owner
        self.wants: dict[tuple[str, int], Want] = {}  # equal wishes share one object
        self.free: dict[str, Want] = {}  # those for items, without a cost
        self.costs: dict[int, list[int]] = {}  # of a list with so many wishes and nothing special in it
        self.absent: set[str] = set()  # official names whose owners sent no list
        self.own: defaultdict[str, list[str]] = defaultdict(list)  # user -> keys of the user's items
        self.groups: defaultdict[str, dict[str, Want]] = defaultdict(dict)  # user -> name of a group -> the wish for it

    def build(self) -> Problem:
        lists = [pair for entry in self.listing.entries if (pair := self._name(entry))]
        bids = [entry for entry in self.listing.entries if self._cash(entry.name) is not None]
        items, groups = [], []
        for key, entry in lists:
            if not key.startswith("%"):
                self.own[entry.user].append(key)
            if "=" not in entry.name:
                (self.groups[entry.user] if key.startswith("%") else self.free)[entry.name] = Want(key)
        self.absent = set(self.official or ()).difference(self.free)
        for key, entry in lists:
            wants, ask = self._wants(key, entry)
            owner = self.owners[key]
            if key.startswith("%"):
                groups.append(Group(key, owner, wants))
            else:
                amount, cost = ask or (None, 0)
                title = (self.official or {}).get(key, "")
                items.append(Item(key, owner, wants, ask=amount, ask_cost=cost, title=title))
        cost = self.listing.number("NONTRADE-COST", 10**9)
        return Problem(
            items=tuple(items),
            groups=tuple(groups),
            bundles=tuple(self._bundles()),
            bids=tuple(self._bids(bids)),
            people=tuple(self._people(bids)),
            nontrade_cost=cost if cost < 10**9 and self.scheme is not Scheme.NONE else None,
        )

    def _cash(self, token: str) -> int | None:
        return None if token[0] != "$" or (self.official and token in self.official) else cents_of(token)

    def _name(self, entry: Entry) -> tuple[str, Entry] | None:
        """The key of a list, None for one that the reference ignores."""
        key = entry.name
        if self._cash(key) is not None:
            return None
        if key.startswith("%"):
            if not entry.user:
                return self._ignore(entry, f"Group {key} is declared without a user.")
            if "ALLOW-DUMMIES" not in self.listing.options:
                return self._ignore(entry, f"Groups ({key}) need the option ALLOW-DUMMIES.")
            key = f"{key} for user ({entry.user})"
        elif self.official is not None and key not in self.official:
            return self._ignore(entry, f"{key} has a want list but is not an official name.")
        if key in self.owners:
            return self._ignore(entry, f"{key} has several want lists; only the first counts.")
        self.owners[key] = entry.user or ALONE + key
        return key, entry

    def _ignore(self, entry: Entry, text: str) -> tuple[str, Entry] | None:
        self.say(Message(entry.line, text))
        return None

    def _wants(self, key: str, entry: Entry) -> tuple[tuple[Want, ...], tuple[int, int] | None]:
        """The wishes of a list with their costs, and its cheapest ask with its cost."""
        is_ranked = self.scheme is not Scheme.NONE and key[0] != "%"
        if self.scheme is not Scheme.EXPLICIT or not is_ranked:
            plain = self._plain_wants(key, entry, is_ranked)
            if plain is not None:
                return plain
        found: dict[str, Want] = {}
        ask: tuple[int, int] | None = None
        scheme = Scheme.NONE if key.startswith("%") else self.scheme  # ranks inside a group do not count
        ranked = list(self._ranked(key, entry))
        for token, rank in ranked:
            cost = cost_of(scheme, rank, len(ranked))
            if token[0] == "$" and (cents := self._cash(token)) is not None:
                ask = (cents, cost) if ask is None else min(ask, (cents, cost))
            else:
                want = self.wants.get((token, cost))
                if want is None:
                    want = self.wants[token, cost] = Want(token, cost)
                found[token] = want
        return tuple(found.values()), ask

    def _plain_wants(
        self, key: str, entry: Entry, is_ranked: bool
    ) -> tuple[tuple[Want, ...], tuple[int, int] | None] | None:
        """The common case at speed: no ranks of one's own, money at the end if at all, nothing to complain about. None for any
        other list."""
        user, tokens = entry.user, entry.tokens
        if is_ranked and (";" in tokens or not self.absent.isdisjoint(tokens)):
            return None
        if not self.absent.isdisjoint(tokens):
            tokens = [token for token in tokens if token not in self.absent]
        cents = self._cash(tokens[-1]) if tokens and key[0] != "%" else None
        if cents is not None:
            tokens = tokens[:-1]
        mine, free = self.groups[user] if user else {}, self.free
        try:
            if not mine:
                wants = tuple(map(free.__getitem__, tokens))
            else:
                wants = tuple([mine[token] if token[0] == "%" else free[token] for token in tokens])
        except KeyError:
            return None
        named = set(tokens)
        if len(named) < len(tokens) or entry.name in named or (user and not named.isdisjoint(self.own[user])):
            return None
        if not is_ranked:
            return wants, None if cents is None else (cents, 0)
        costs = self._costs(len(wants) + (cents is not None))
        return self._with_costs(wants, costs), None if cents is None else (cents, costs[-1])

    def _costs(self, count: int) -> list[int]:
        """The costs of a list of so many."""
        found = self.costs.get(count)
        if found is None:
            found = [cost_of(self.scheme, 1 + place * self.small, count) for place in range(count)]
            self.costs[count] = found
        return found

    def _with_costs(self, wants: tuple[Want, ...], costs: list[int]) -> tuple[Want, ...]:
        """The same wishes with costs; equal ones share one object."""
        found, known = [], self.wants
        for want, cost in zip(wants, costs, strict=False):
            pair = want.target, cost
            if pair not in known:
                known[pair] = Want(*pair)
            found.append(known[pair])
        return tuple(found)

    def _ranked(self, key: str, entry: Entry) -> Iterator[tuple[str, int]]:
        """(target, rank) of each wish that counts; a skipped one uses no rank, except one whose owner sent no list."""
        rank = 1
        owner, owners, seen = entry.user, self.owners, set()
        for token in entry.tokens:
            if token == ";":
                rank += self.big
                continue
            if "=" in token:
                explicit = self._explicit(entry, token)
                if explicit is None:
                    continue
                token, rank = explicit
            if token[0] == "%" and owner:
                token = f"{token} for user ({owner})"
            target = owners.get(token)
            if target is None and token[0] == "$" and not key.startswith("%") and self._cash(token) is not None:
                pass
            elif target is None:
                if self.official is not None and token in self.official:
                    rank += self.small
                else:
                    self.say(Message(entry.line, f"Unknown item {token} in the list of {key}."))
                continue
            elif token == key:
                self.say(Message(entry.line, f"{key} is in its own list."))
                continue
            elif target == owner and token[0] != "%":
                self.say(Message(entry.line, f"{token} in the list of {key} belongs to the same user."))
                continue
            if token in seen:
                self.say(Message(entry.line, f"{token} is repeated in the list of {key}."))
                continue
            seen.add(token)
            yield token, rank
            rank += self.small

    def _explicit(self, entry: Entry, token: str) -> tuple[str, int] | None:
        found = _EXPLICIT.fullmatch(token)
        if self.listing.scheme is not Scheme.EXPLICIT:
            self.say(Message(entry.line, f"{token}: a number after = needs the option EXPLICIT-PRIORITIES."))
        elif not found or int(found[2]) < 1:
            self.say(Message(entry.line, f"{token}: name=number needs a whole number above 0 (at most 9 digits)."))
        else:
            return found[1], int(found[2])
        return None

    def _bundles(self) -> Iterator[Bundle]:
        """Bundles have no names either. One that names a thing that is not its user's is skipped."""
        by_user: defaultdict[str, list[tuple[tuple[str, ...], int, tuple[Want, ...]]]] = defaultdict(list)
        for row in self.listing.bundles:
            own = self.own.get(row.user, [])
            wrong = [item for item in row.items if item not in own]
            if wrong or len(set(row.items)) < len(row.items) or not row.receives:
                what = (
                    f"{wrong[0]} is no thing of {row.user}"
                    if wrong
                    else "each thing stands once, and one comes at least"
                )
                self.say(Message(row.line, f"The bundle is left out: {what}."))
                continue
            entry = Entry(row.line, row.user, f"bundle of line {row.line}", row.tokens)
            by_user[row.user].append((tuple(sorted(row.items)), row.receives, self._wants(entry.name, entry)[0]))
        for user, rows in by_user.items():
            rows.sort(key=lambda row: (row[0], row[1], [(want.target, want.cost) for want in row[2]]))
            for number, (items, receives, wants) in enumerate(rows, start=1):
                yield Bundle(f"BUNDLE:{'_'.join(user.split())}:{number}", user, items, wants, receives)

    def _bids(self, entries: list[Entry]) -> Iterator[Bid]:
        """Bids have no names: numbered by amount and wishes, so that the order of lines does not matter."""
        by_user: defaultdict[str, list[tuple[int, tuple[Want, ...]]]] = defaultdict(list)
        for entry in entries:
            key = f"{entry.name} of line {entry.line}"
            if entry.user:
                by_user[entry.user].append((self._cash(entry.name) or 0, self._wants(key, entry)[0]))
            else:
                self.say(Message(entry.line, f"The bid {entry.name} names no user."))
        for user, bids in by_user.items():
            ordered = sorted(bids, key=lambda bid: (-bid[0], [(want.target, want.cost) for want in bid[1]]))
            for number, (amount, wants) in enumerate(ordered, start=1):
                yield Bid(f"${amount // 100} bid {number} of ({user})", user, amount, wants)

    def _people(self, bids: list[Entry]) -> Iterator[Person]:
        """Spending limits: the one stated, else the highest bid."""
        highest: dict[str, int] = {}
        for entry in bids:
            highest[entry.user] = max(highest.get(entry.user, 0), self._cash(entry.name) or 0)
        for user, (line, amount) in self.listing.limits.items():
            cents = cents_of(amount)
            if cents is None:
                self.say(Message(line, f"{amount} is no amount of money; the highest bid is the limit."))
            elif user in highest:
                highest[user] = cents
        for user, cents in highest.items():
            if user:
                yield Person(user, budget=cents)
