"""PURE. Statements as MT940 (SWIFT text), with the numbered fields that German banks write into the text."""

import re
from collections.abc import Iterator
from datetime import date

from swapmeet.payments.statements.entries import Entry, Statement, Unreadable, plain
from swapmeet.payments.statements.figures import amount_of

TAG = re.compile(r"^:(\d{2}[A-Z]?):(.*)$")
LINE = re.compile(
    r"^(?P<day>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>\d{1,15},\d{0,3})"
    r"(?P<kind>[A-Z][A-Z0-9]{3})(?P<customer>[^/]*(?:/[^/]+)*?)(?://(?P<bank>.*))?$"
)
BALANCE = re.compile(r"^([CD])(\d{6})([A-Z]{3})(\d{1,15},\d{0,3})$")
FIELD = re.compile(r"\?(\d{2})")
NO_REFERENCE = ("", "NONREF", "NOTPROVIDED")


def read_mt940(content: bytes) -> Statement:
    """Entries of all statements in the file, by line. Raises Unreadable."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    statement = Statement("MT940")
    book = _Book(statement)
    for number, tag, value in _fields(text):
        book.take(number, tag, value)
    if not book.has_account:
        raise Unreadable("This file is no account statement (MT940).")
    book.finish_entry()
    return statement


def _fields(text: str) -> Iterator[tuple[int, str, str]]:
    """(line number, tag, value); lines that follow belong to the value."""
    start, tag = 0, ""
    parts: list[str] = []
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        found = TAG.match(line)
        if found or line.strip() in ("-", "-}"):
            if tag:
                yield start, tag, "\n".join(parts)
            start, tag, parts = (number, found[1], [found[2]]) if found else (0, "", [])
        elif tag:
            parts.append(line)
    if tag:
        yield start, tag, "\n".join(parts)


class _Book:
    """Collects one entry (:61: and its :86:) after the other, and checks the balances of each statement."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.has_account = False
        self.currency = ""
        self.opening: int | None = None
        self.total = 0
        self.is_sound = True
        self.waiting: Entry | None = None

    def take(self, number: int, tag: str, value: str) -> None:
        try:
            if tag == "25":
                self.has_account = True
                self.statement.account = self.statement.account or plain(value)[:64]
            elif tag in ("60F", "60M"):
                self.finish_entry()
                self.opening, self.total, self.is_sound = self._balance(value), 0, True
            elif tag == "61":
                self.finish_entry()
                self.waiting = self._entry(number, value)
            elif tag == "86" and self.waiting is not None:
                self.waiting = _with_text(self.waiting, value)
            elif tag in ("62F", "62M"):
                self.finish_entry()
                self._close(self._balance(value))
        except ValueError as error:
            self.is_sound = False
            self.statement.complain(number, str(error))

    def finish_entry(self) -> None:
        if self.waiting is not None:
            self.total += self.waiting.amount_minor
            self.statement.add(self.waiting)
            self.waiting = None

    def _balance(self, value: str) -> int:
        found = BALANCE.match(value.strip())
        if not found:
            raise ValueError("This balance cannot be read.")
        self.currency = found[3]
        minor = amount_of(found[4].rstrip(","), self.currency, decimal=",")
        return minor if found[1] == "C" else -minor

    def _entry(self, number: int, value: str) -> Entry:
        first, _, more = value.partition("\n")
        found = LINE.match(first.strip())
        if not found:
            raise ValueError("This entry cannot be read: its day, sign or amount is not as MT940 writes it.")
        if not self.currency:
            raise ValueError("There is no balance before this entry, so its currency is not known.")
        minor = amount_of(found["amount"].rstrip(","), self.currency, decimal=",")
        came_in = found["mark"] in ("C", "RD")  # RD takes back money that went out
        customer = (found["customer"] or "").strip()
        text = plain(" ".join(part for part in (customer, more) if part not in NO_REFERENCE))
        bank_ref = plain(found["bank"] or "")[:100]
        day = _short_day(found["day"], found["entry"])
        return Entry(number, day, minor if came_in else -minor, self.currency, "", text, bank_ref)

    def _close(self, closing: int) -> None:
        if self.opening is not None and self.is_sound and self.opening + self.total != closing:
            self.statement.complain(
                None,
                "The entries do not lead from the balance before to the balance after: a sum or sign is wrong, or some are missing.",
            )
        self.opening = None


def _short_day(value: str, booked: str | None) -> date:
    """The day of booking where it stands (month and day), else the value day. Raises ValueError."""
    try:
        valued = date(2000 + int(value[:2]), int(value[2:4]), int(value[4:]))
        if not booked:
            return valued
        found = date(valued.year, int(booked[:2]), int(booked[2:]))
    except ValueError as error:
        raise ValueError(f"“{value}{booked or ''}” is no day of the calendar.") from error
    apart = (found - valued).days  # booked in January for a day in December, or the reverse
    return found.replace(year=found.year + (1 if apart < -180 else -1 if apart > 180 else 0))


def _with_text(entry: Entry, value: str) -> Entry:
    """Numbered fields: ?20–?29 and ?60–?63 are the text, ?32 and ?33 the name. Without them all of it is text."""
    pieces = FIELD.split(value.replace("\n", ""))
    payer = ""
    if len(pieces) > 1:
        fields = list(zip(pieces[1::2], pieces[2::2], strict=False))
        payer = plain("".join(text for code, text in fields if code in ("32", "33")))[:200]
        text = "".join(text for code, text in fields if "20" <= code <= "29" or "60" <= code <= "63")
    else:
        text = value.replace("\n", " ")
    return Entry(
        entry.number,
        entry.day,
        entry.amount_minor,
        entry.currency,
        payer,
        plain(f"{text} {entry.text}"),
        entry.bank_ref,
    )
