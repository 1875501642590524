"""PURE. Which orders an entry of a statement pays for: by the code in its text, else by sum and name."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

CODE_LENGTH = 8
# Codes have no such letters; people and scanners write them for what looks alike.
LOOK_ALIKE = str.maketrans({"0": "Q", "O": "Q", "1": "J", "I": "J", "L": "J"})


@dataclass(frozen=True)
class Due:
    """An order as far as matching looks: its code, who it is for, what is owed (0 or less: nothing), whether it still stands."""

    order_id: int
    code: str
    name: str
    owed_minor: int
    is_open: bool


class Fit(StrEnum):
    """How well an entry fits, the surest first."""

    EXACT = "exact"  # the code, and what is owed to the cent
    SEVERAL = "several"  # several codes, together what is owed on them
    AMOUNT = "amount"  # the code, and another sum
    CLOSED = "closed"  # the code of an order that is paid, canceled or over
    NAME = "name"  # no code; one order of that name owes that sum
    NONE = "none"


SURE = (Fit.EXACT, Fit.SEVERAL)


@dataclass(frozen=True)
class Proposal:
    """What an entry seems to pay: orders with the part of the sum that goes to each."""

    fit: Fit
    parts: tuple[tuple[Due, int], ...] = ()


class Matcher:
    """Knows the orders of a show. `propose` is linear in the length of the text."""

    def __init__(self, dues: Iterable[Due]) -> None:
        self.by_code: dict[str, Due] = {}
        self.by_sum: Mapping[int, list[Due]] = defaultdict(list)
        for due in dues:
            self.by_code[due.code.translate(LOOK_ALIKE)] = due
            if due.is_open and due.owed_minor > 0:
                self.by_sum[due.owed_minor].append(due)

    def propose(self, *, text: str, payer: str, amount_minor: int) -> Proposal:
        named = self.codes_in(text)
        if not named:
            return self._by_name(f"{payer} {text}", amount_minor)
        owing = [due for due in named if due.is_open and due.owed_minor > 0]
        if not owing:
            return Proposal(Fit.CLOSED, ((named[0], amount_minor),))
        if len(owing) > 1 and sum(due.owed_minor for due in owing) == amount_minor:
            return Proposal(Fit.SEVERAL, tuple((due, due.owed_minor) for due in owing))
        best = next((due for due in owing if due.owed_minor == amount_minor), owing[0])
        fit = Fit.EXACT if best.owed_minor == amount_minor and len(owing) == 1 else Fit.AMOUNT
        return Proposal(fit, ((best, amount_minor),))

    def codes_in(self, text: str) -> list[Due]:
        """Orders whose code stands in the text, with spaces and dashes anywhere in it, in the order of the text."""
        squashed = "".join(ch for ch in text.upper() if ch.isascii() and ch.isalnum()).translate(LOOK_ALIKE)
        found: dict[int, Due] = {}
        for start in range(len(squashed) - CODE_LENGTH + 1):
            due = self.by_code.get(squashed[start : start + CODE_LENGTH])
            if due is not None:
                found.setdefault(due.order_id, due)
        return list(found.values())

    def _by_name(self, words: str, amount_minor: int) -> Proposal:
        there = name_words(words)
        fitting = [due for due in self.by_sum.get(amount_minor, ()) if _is_named(due, there)]
        return Proposal(Fit.NAME, ((fitting[0], amount_minor),)) if len(fitting) == 1 else Proposal(Fit.NONE)


def name_words(text: str) -> frozenset[str]:
    """The words of a name without accents, case and order."""
    normal = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(ch if ch.isalnum() else " " for ch in normal if not unicodedata.combining(ch))
    return frozenset(bare.split())


def _is_named(due: Due, there: frozenset[str]) -> bool:
    """All words of the buyer's name but initials stand in the text."""
    wanted: Sequence[str] = [word for word in name_words(due.name) if len(word) > 1]
    return bool(wanted) and all(word in there for word in wanted)
