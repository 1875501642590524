"""PURE. One door for statement files of every kind."""

import re

from swapmeet.payments.statements.camt import read_camt
from swapmeet.payments.statements.csvfile import read_csv
from swapmeet.payments.statements.entries import Statement, Unreadable
from swapmeet.payments.statements.mt940 import read_mt940

MOST_BYTES = 5 * 1024 * 1024
MT940 = re.compile(rb"^:(20|25|28C?|60[FM]):", re.MULTILINE)


def read_statement(content: bytes, *, currency: str, day_first: bool) -> Statement:
    """The entries of a file, whatever its kind. Entries in another currency are named among the faults and left out.

    `currency` is the show's. Raises Unreadable with a sentence when it is no statement, empty or too large.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("This file is larger than 5 MB. Export a shorter time at your bank.")
    if not content.strip():
        raise Unreadable("This file is empty.")
    statement = _read(content, currency, day_first)
    foreign = [entry for entry in statement.entries if entry.currency != currency]
    for entry in foreign:
        statement.complain(
            entry.number, f"The amount is in {entry.currency}, and this show takes {currency}: it is left out."
        )
    statement.entries = [entry for entry in statement.entries if entry.currency == currency]
    if not statement.entries and not statement.faults:
        raise Unreadable("There is no entry in this file.")
    statement.faults.sort(key=lambda fault: (fault.number or 0, fault.sentence))
    return statement


def _read(content: bytes, currency: str, day_first: bool) -> Statement:
    start = content.lstrip(b"\xef\xbb\xbf \r\n\t")[:64]
    if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return read_camt(content)
    if MT940.search(content[:20_000]):
        return read_mt940(content)
    return read_csv(content, currency=currency, day_first=day_first)
