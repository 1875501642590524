"""PURE. A file as rows of text: CSV in the usual encodings and separators, or the first sheet of an Excel workbook."""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

MOST_ROWS = 20_000
MOST_COLUMNS = 200
LAST_ROW = 1_048_576  # of a sheet; a row may say that it stands anywhere
MOST_UNPACKED = 80_000_000  # bytes of a workbook's parts; 20,000 rows take a third of it
SEPARATORS = (",", ";", "\t", "|")
LONGEST = 2_000  # characters of one cell


class Unreadable(Exception):
    """The file is none of ours; `args[0]` says so in a sentence."""


@dataclass(frozen=True)
class Table:
    """The header, and each row with the number that a spreadsheet shows beside it. Empty rows are left out."""

    kind: str
    header: Sequence[str]
    rows: Sequence[tuple[int, Sequence[str]]]


def read_table(content: bytes) -> Table:
    """Raises Unreadable."""
    kind, found = ("Excel", _sheet(content)) if content[:2] == b"PK" else ("CSV", _csv(content))
    header: Sequence[str] = ()
    rows: list[tuple[int, Sequence[str]]] = []
    for number, cells in enumerate(found, 1):
        if number > LAST_ROW:
            raise Unreadable(f"The file goes on after row {LAST_ROW:,}. Send it in parts.")
        if not any(cells):
            continue
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(f"Row {number} has more than {MOST_COLUMNS} columns. Is the separator right?")
        if not header:
            header = cells
        else:
            rows.append((number, cells))
        if len(rows) > MOST_ROWS:
            raise Unreadable(f"The file has more than {MOST_ROWS:,} rows. Send it in parts.")
    if not header:
        raise Unreadable("The file is empty.")
    return Table(kind, header, rows)


def _csv(content: bytes) -> Iterator[Sequence[str]]:
    text = _decode(content)
    head = text[: text.find("\n")] if "\n" in text else text
    separator = max(SEPARATORS, key=head.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            yield [_tidy(cell) for cell in row]
    except csv.Error as error:
        raise Unreadable("This is no table: a quotation mark in it is out of place or never ends.") from error


def _decode(content: bytes) -> str:
    is_wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable("This is neither a CSV file nor an Excel workbook.")


def _sheet(content: bytes) -> Iterator[Sequence[str]]:
    import openpyxl  # a large library, for a workbook alone

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable("This workbook is too large. Send it in parts, or as CSV.")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            beyond = row[MOST_COLUMNS:]  # of a row with a format, thousands of empty cells
            cells = row if beyond.count(None) < len(beyond) else row[:MOST_COLUMNS]
            yield _without_tail([_tidy(_as_text(cell)) for cell in cells])
    except Unreadable:
        raise
    except Exception as error:  # whatever a broken workbook makes its reader stumble over
        raise Unreadable("This workbook cannot be read. Save it again as .xlsx or .csv.") from error


def _without_tail(cells: list[str]) -> Sequence[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _as_text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if (cell.hour, cell.minute) == (0, 0) else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.4f}".rstrip("0").rstrip(".")
    return str(cell)


def _tidy(text: str) -> str:
    """One line without control characters; the apostrophe with which spreadsheets are told that text is text goes."""
    text = text[:LONGEST]
    if not text.isprintable():
        text = "".join(ch if unicodedata.category(ch) not in ("Cc", "Cs") else " " for ch in text)
    plain = " ".join(text.split())
    return plain[1:] if plain[:1] == "'" and plain[1:2] in ("=", "+", "-", "@", "|", "%") else plain


def row_ranges(text: str) -> set[int] | None:
    """Row numbers of "2-10, 15"; None where it says something else."""
    found: set[int] = set()
    for part in _parts(text):
        first, dash, last = part.partition("-")
        numbers = [first.strip(), last.strip() if dash else first.strip()]
        if not all(each.isascii() and each.isdigit() and len(each) < 7 for each in numbers):
            return None
        low, high = (int(each) for each in numbers)
        if not 1 <= low <= high or high - low > MOST_ROWS:
            return None
        found.update(range(low, high + 1))
    return found


def _parts(text: str) -> Iterable[str]:
    return (part for part in text.replace(";", ",").split(",") if part.strip())
