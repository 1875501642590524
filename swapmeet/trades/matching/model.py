"""What a swap is to the engine: things, wishes, rules, and the result. Plain values; the caller's keys are the names.

Keys are strings and unique over items, groups, pools, bundles and bids of one problem. Money is integer minor units of one
currency. The order of rows never matters: the engine sorts by key before it starts.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Goal(StrEnum):
    """What comes first."""

    ITEMS = "items"  # most items, then most people at that many items
    PEOPLE = "people"  # most people, then most items with that many people


class Level(StrEnum):
    """The steps of a solution, in the order of `Goal.ITEMS`. `Goal.PEOPLE` moves PEOPLE to the front."""

    ITEMS = "items"  # more is better
    COST = "cost"  # priorities; less is better
    PEOPLE = "people"  # more is better
    EVEN = (
        "even"  # sum over people of (things received) squared: a second thing for one comes after a first for another
    )
    PARTNERS = "partners"  # pairs of people who have to meet; less is better
    KEPT = "kept"  # things that go to the same person as in a published result; more is better
    LOOPS = "loops"  # sum of squares of loop sizes, less is better; never proven


USUAL = frozenset({Level.ITEMS, Level.COST, Level.PEOPLE, Level.LOOPS})  # KEPT joins them where a result is published


class Chance(StrEnum):
    """What becomes of an item over all results with the same items and cost."""

    ALWAYS = "always"
    SOMETIMES = "sometimes"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Want:
    """A wish: `target` is the key of an item, or of a group or pool of the same owner. Lower `cost` is liked better (0..10^6)."""

    target: str
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on offer. It goes away only for one of `wants`; without wants it stays, unless a pool or bundle gives it.

    `ask` is the least cash its owner takes for it, or None. `labels` are what `Person.refuses` speaks about.
    """

    key: str
    owner: str
    wants: tuple[Want, ...] = ()
    ask: int | None = None
    ask_cost: int = 0
    title: str = ""
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """ "At most `cap` of these come to me." Items of the same owner name it among their wants.

    Protection against duplicates is a group of cap 1 over all copies of one title.
    """

    key: str
    owner: str
    wants: tuple[Want, ...]
    cap: int = 1


@dataclass(frozen=True, slots=True)
class Pool:
    """ "Up to `cap` of these may go, each for one of this list." `items` are keys of the owner's items."""

    key: str
    owner: str
    items: tuple[str, ...]
    wants: tuple[Want, ...]
    cap: int = 1


@dataclass(frozen=True, slots=True)
class Bundle:
    """ "All of `items` together, for exactly `receives` of these." All or nothing."""

    key: str
    owner: str
    items: tuple[str, ...]
    wants: tuple[Want, ...]
    receives: int = 1


@dataclass(frozen=True, slots=True)
class Bid:
    """Cash for one of `wants`: at most `amount` (minor units). What is paid is the ask of whoever takes the cash."""

    key: str
    owner: str
    amount: int
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """ "At most `most` of these come to me" (or go from me) over whichever lists. `items` are keys of items."""

    key: str
    owner: str
    items: tuple[str, ...]
    most: int
    gives: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Rules of one person. `budget`: most cash spent over all bids; `avoids`: people never received from nor given to;
    `refuses`: labels never received.
    """

    key: str
    budget: int | None = None
    avoids: frozenset[str] = frozenset()
    refuses: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """One swap. `swapmeet.trades.matching.checking.faults_of` says what is wrong with it; `solve` refuses one with faults.

    `nontrade_cost`: None means an item that trades is worth any cost of wishes. A number forbids loops whose mean cost is
    above it (fewer trades, better choices).
    """

    items: tuple[Item, ...]
    groups: tuple[Group, ...] = ()
    pools: tuple[Pool, ...] = ()
    bundles: tuple[Bundle, ...] = ()
    bids: tuple[Bid, ...] = ()
    limits: tuple[Limit, ...] = ()
    people: tuple[Person, ...] = ()
    nontrade_cost: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A result that people have been told: which thing goes to whom, and the hash that names it."""

    moves: frozenset[tuple[str, str]]  # (key of the item, key of the person who receives it)
    result_hash: str


@dataclass(frozen=True, slots=True)
class Options:
    """How to solve. `levels` are the steps to take; `seconds` are the budgets of the levels that can take long.

    `keep`: as few people as can be are told something new: of the results that are best by the levels above, the one that gives
    most things to the same person as the published one. Things that are gone and people who left are passed over.
    `moves`: most steps of the loops level. `max_loop`: no loop has more hand-overs and payments than that.
    """

    goal: Goal = Goal.ITEMS
    use_cash: bool = False
    max_loop: int | None = None
    levels: frozenset[Level] = USUAL
    keep: Published | None = None
    seconds: float = 120.0
    seed: int = 1
    moves: int = 16_000_000


@dataclass(frozen=True, slots=True)
class Move:
    """One hand-over: `item` goes from `giver` to `receiver`, who gives `for_` for it (an item, pool item, bundle or bid key)."""

    item: str
    giver: str
    receiver: str
    for_: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A cash leg: `payer` pays `payee` `amount` (minor units) for `item`, out of `bid`."""

    item: str
    bid: str
    payer: str
    payee: str
    amount: int


@dataclass(frozen=True, slots=True)
class Loop:
    """Hand-overs that depend on each other: all happen or none. In giving order: each receiver is the next one's giver,
    where cash, bundles and limits do not tie more together."""

    moves: tuple[Move, ...]
    payments: tuple[Payment, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What a level reached. `bound` is what no solution can beat (equal to `value` when `proven`), None when nothing is known."""

    level: Level
    value: int
    bound: int | None
    proven: bool
    seconds: float = 0.0
    hit_limit: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """Dual prices of the items and cost levels: anyone can check with additions that no result is better.

    `prices` maps vertex name to (u, v); `verify` says what they must satisfy. Where rules bind, `limits` and `budgets` have prices
    as well, and all prices count `scale` times. None when a rule makes the class too hard.
    """

    prices: dict[str, tuple[int, int]]
    weight: int
    scale: int = 1
    limits: dict[str, int] = field(default_factory=dict)
    budgets: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """What `solve` answers. `loops` hold every hand-over; `chances` one entry for each item with a wish."""

    loops: tuple[Loop, ...]
    levels: tuple[LevelReport, ...]
    items: int
    items_traded: int
    users: int
    users_trading: int
    priority_cost: int
    seed: int
    input_hash: str
    result_hash: str
    goal: Goal = Goal.ITEMS
    use_cash: bool = False
    chances: dict[str, Chance] = field(default_factory=dict)
    certificate: Certificate | None = None
    max_loop: int | None = None
    keeps: str | None = None  # the hash of the published result that the level KEPT compares with

    @property
    def moves(self) -> tuple[Move, ...]:
        """All hand-overs, loop by loop."""
        return tuple(move for loop in self.loops for move in loop.moves)

    def report(self, level: Level) -> LevelReport | None:
        """The report of a level that ran."""
        return next((report for report in self.levels if report.level is level), None)


@dataclass(frozen=True, slots=True)
class Stay:
    """Why an item stayed. `reason` is one of the constants below; `loss` counts items others would lose if it traded."""

    item: str
    reason: str
    loss: int = 0


STAY_NO_WISH = "no_wish"  # its owner wants nothing for it
STAY_UNWANTED = "unwanted"  # nobody wants it
STAY_NO_LOOP = "no_loop"  # wanted, but no loop closes
STAY_TIED = "tied"  # it trades in another result that is just as good
STAY_OTHERS = "others"  # it could trade only at the cost of others


@dataclass(frozen=True, slots=True)
class Gain:
    """One more wish and what it would do: `gain` is the number of items that would trade in addition."""

    item: str
    target: str
    gain: int


Progress = Callable[[Level, float], None]  # the level and the share of it that is done, 0.0 .. 1.0
Cancel = Callable[[], bool]  # asked between steps; True stops with `Canceled`


class Canceled(Exception):
    """The caller's `cancel` answered True."""


class TooLarge(Exception):
    """More than the engine takes: 60,000 items, 3,000,000 wishes, or an estimate above 1 GiB of memory."""


class Faulty(Exception):
    """The problem breaks its own rules; `faults` are sentences."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults[:5]))
