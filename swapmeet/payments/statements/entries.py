"""PURE. What every kind of statement file is read into: entries, faults by line, and a fingerprint for each entry."""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

MOST_TEXT = 500
MOST_ENTRIES = 20_000


class Unreadable(Exception):
    """The file as a whole cannot be read. `args[0]` is a sentence for people."""


@dataclass(frozen=True)
class Entry:
    """One line of a statement. `number` is the line in the file (CSV, MT940) or the count of the entry (CAMT).

    `amount_minor` is above zero for money that came in, below for money that went out.
    """

    number: int
    day: date
    amount_minor: int
    currency: str
    payer: str = ""
    text: str = ""
    bank_ref: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line, in words. None: with the file as a whole."""

    number: int | None
    sentence: str


@dataclass
class Statement:
    """Entries in the order of the file; what could not be read is among the faults, by line."""

    kind: str
    account: str = ""
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def complain(self, number: int | None, sentence: str) -> None:
        self.faults.append(Fault(number, sentence))

    def add(self, entry: Entry) -> None:
        """Keep an entry. Raises Unreadable above the most a file may hold."""
        if len(self.entries) >= MOST_ENTRIES:
            raise Unreadable(f"This file has more than {MOST_ENTRIES:,} lines. Split it by month and import each part.")
        if entry.amount_minor == 0:
            self.complain(entry.number, "The amount is zero.")
        else:
            self.entries.append(entry)


def plain(text: str) -> str:
    """One line of text without control characters and doubled spaces, cut to what is kept."""
    normal = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    clean = "".join(ch if unicodedata.category(ch) not in ("Cc", "Cs") else " " for ch in normal)
    return " ".join(clean.split())[:MOST_TEXT]


@dataclass(frozen=True)
class Printed:
    """An entry with its fingerprint. `is_repeat`: the same day, sum, payer and text stand in this file before."""

    entry: Entry
    fingerprint: str
    is_repeat: bool


def fingerprints(entries: Sequence[Entry]) -> list[Printed]:
    """The same entry has the same fingerprint in every file that holds it, however the files overlap.

    The bank's own reference decides where there is one. Without it, the day, sum, payer and text do, and entries that are
    alike in all of these are counted within their day: a file that covers the day holds as many of them every time.
    """
    seen: Counter[str] = Counter()
    found = []
    for entry in entries:
        facts = [entry.day.isoformat(), str(entry.amount_minor), entry.currency]
        facts += [entry.bank_ref] if entry.bank_ref else [entry.payer.casefold(), entry.text.casefold()]
        base = "\x1f".join(facts)
        seen[base] += 1
        content = base if entry.bank_ref else f"{base}\x1f{seen[base]}"
        found.append(Printed(entry, hashlib.sha256(content.encode()).hexdigest(), seen[base] > 1))
    return found
