"""Rows as a CSV file that is safe to open in a spreadsheet."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from flask import Response

FORMULA_STARTS = ("=", "+", "-", "@", "|", "%")
CONTROL_STARTS = ("\t", "\r", "\n")


def safe_cell(value: object) -> str:
    """A number as it is; text that a spreadsheet would take for a formula (also "-1") gets an apostrophe before it."""
    text = "" if value is None else str(value)
    if isinstance(value, (int, Decimal)) or text[:1].isalnum() or not text:
        return text
    is_risky = text.startswith(CONTROL_STARTS) or text.lstrip().startswith(FORMULA_STARTS)
    return f"'{text}" if is_risky else text


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file line by line, with a byte order mark at its start so that spreadsheets read it as UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    yield "\ufeff"
    for row in (header, *rows):
        writer.writerow([safe_cell(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def csv_response(lines: Iterable[str], file_name: str) -> Response:
    """The lines as a download of that name."""
    response = Response("".join(lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def xlsx_response(header: Sequence[str], rows: Iterable[Sequence[object]], file_name: str) -> Response:
    """The rows as an Excel workbook. Text is written as text, so nothing in it is a formula or a link.

    Each row goes to disk as it is written, so the workbook never stands in memory as a whole.
    """
    import xlsxwriter  # a large library, for this answer alone

    book_file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with the response that reads it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(book_file, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for column, word in enumerate(header):
            sheet.write_string(0, column, word, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, (int, Decimal)) and not isinstance(cell, bool):
                    sheet.write_number(number, column, cell)
                elif cell is not None and cell != "":
                    sheet.write_string(number, column, str(cell)[:32_000])
        sheet.freeze_panes(1, 0)
    book_file.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = Response(iter(lambda: book_file.read(1 << 16), b""), content_type=kind)
    response.call_on_close(book_file.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
