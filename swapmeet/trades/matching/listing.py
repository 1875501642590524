"""The lines of a traders' list, before they become a problem. See `reading` for the format."""

from dataclasses import dataclass, field

from swapmeet.trades.matching.ranks import Scheme

FLAGS = frozenset(
    "ALLOW-DUMMIES CASE-SENSITIVE REQUIRE-COLONS REQUIRE-USERNAMES REQUIRE-OFFICIAL-NAMES HIDE-LOOPS HIDE-SUMMARY HIDE-NONTRADES "
    "HIDE-ERRORS HIDE-REPEATS HIDE-STATS SORT-BY-ITEM SHOW-WANTS SHOW-MISSING SHOW-ELAPSED-TIME SHRINK-VERBOSE VERBOSE DEBUG "
    "LINEAR-PRIORITIES TRIANGLE-PRIORITIES SQUARE-PRIORITIES SCALED-PRIORITIES EXPLICIT-PRIORITIES".split()
)
NUMBERS = frozenset("SMALL-STEP BIG-STEP NONTRADE-COST ITERATIONS SEED SHRINK".split())
AUSTRALIAN = frozenset("GEEKLIST CODE-DIGITS CODE-LETTERS YEAR MONTH".split())  # only the cash dialect has them
WORDS = AUSTRALIAN | {"METRIC"}
POSITIVE = frozenset({"ITERATIONS", "NONTRADE-COST", "SEED"})


class FormatError(ValueError):
    """A line the reference reader stops at. `line` counts from 1."""

    def __init__(self, line: int, text: str) -> None:
        self.line = line
        self.text = text
        super().__init__(f"Line {line}: {text}")


@dataclass(frozen=True, slots=True)
class Message:
    """A line that was read another way than its writer may have meant."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One want list: `tokens` are wishes and semicolons as they stand."""

    line: int
    user: str
    name: str
    tokens: list[str]


@dataclass(frozen=True, slots=True)
class BundleLine:
    """All of `items` together, for exactly `receives` of the wishes in `tokens`."""

    line: int
    user: str
    items: list[str]
    receives: int
    tokens: list[str]


@dataclass(slots=True)
class Listing:
    """A file's lines. `official` maps official names to their descriptions, None when the file has no such block."""

    options: dict[str, str] = field(default_factory=dict)
    official: dict[str, str] | None = None
    entries: list[Entry] = field(default_factory=list)
    bundles: list[BundleLine] = field(default_factory=list)
    limits: dict[str, tuple[int, str]] = field(default_factory=dict)  # user -> (line, amount as written)
    messages: list[Message] = field(default_factory=list)

    @property
    def scheme(self) -> Scheme:
        """The last one that is stated counts."""
        found = Scheme.NONE
        for option in self.options:
            name, _, rest = option.partition("-")
            if rest == "PRIORITIES":
                found = Scheme[name]
        return found

    @property
    def is_australian(self) -> bool:
        """True where the options say that the file is in the cash dialect."""
        return not AUSTRALIAN.isdisjoint(self.options)

    def number(self, name: str, default: int) -> int:
        return int(self.options.get(name, default))
