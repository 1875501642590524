"""PURE. Tables of a plan as a CSV file: one line a table, lengths in millimeters, turns in degrees. Reads and writes."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.layout.document import MOST_BYTES, MOST_PLACES, Place, Plan, PlanFault

COLUMNS = ("label", "x", "y", "w", "d", "rot", "type", "facing", "row", "uid")
NEEDED = ("label", "x", "y", "w", "d")
MOST_FAULTS = 20


def write_csv(plan: Plan) -> str:
    """The tables by label. Text that a spreadsheet would take for a formula gets an apostrophe, which reading takes off."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for place in sorted(plan.places, key=lambda each: natural(each.label)):
        size = (place.x_mm, place.y_mm, place.w_mm, place.d_mm, shown_turn(place.rot_ddeg))
        words = (place.type, place.facing, place.row, place.uid)
        writer.writerow([_safe(place.label), *size, *map(_safe, words)])
    return target.getvalue()


def shown_turn(ddeg: int) -> str:
    return f"{ddeg // 10}.{ddeg % 10}" if ddeg % 10 else str(ddeg // 10)


def _safe(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "'") else text


def read_csv(content: bytes) -> list[dict[str, Any]]:
    """Values of places, without uid where the file names none. Raises PlanFault with lines and reasons."""
    if len(content) > MOST_BYTES:
        raise PlanFault([("", "the file is larger than 4 MB")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanFault([(f"byte {error.start + 1}", "this is not UTF-8 text; save it as CSV in UTF-8")]) from error
    if "\x00" in text:
        raise PlanFault([(f"line {text[: text.index(chr(0))].count(chr(10)) + 1}", "there is a NUL in the text")])
    dialect = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect, strict=True)
    try:
        return list(_rows(reader))
    except csv.Error as error:
        raise PlanFault([(f"line {reader.line_num}", str(error))]) from error


def _rows(reader: Any) -> Iterator[dict[str, Any]]:
    header = [cell.strip().lower() for cell in next(reader, [])]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        words = f"the first line must name the columns {', '.join(NEEDED)}; missing: {', '.join(missing)}"
        raise PlanFault([("line 1", words)])
    faults: list[tuple[str, str]] = []
    found: list[dict[str, Any]] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(found) >= MOST_PLACES:
            raise PlanFault([(f"line {reader.line_num}", f"a plan has {MOST_PLACES:,} tables at most")])
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        values, problem = _place_of(row)
        if problem:
            faults.append((f"line {reader.line_num}", problem))
        found.append(values)
        if len(faults) >= MOST_FAULTS:
            break
    if faults:
        raise PlanFault(faults)
    yield from found


def _place_of(row: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """The values of a line, or what is wrong with it."""
    values: dict[str, Any] = {}
    for name, key in (("x", "x_mm"), ("y", "y_mm"), ("w", "w_mm"), ("d", "d_mm")):
        number = read_number(row.get(name, ""))
        if number is None:
            return values, f"{name} must be a number of millimeters, not “{row.get(name, '')[:30]}”"
        values[key] = number
    turn = read_number(row.get("rot", "") or "0", 10)
    if turn is None:
        return values, f"rot must be a number of degrees, not “{row['rot'][:30]}”"
    values["rot_ddeg"] = turn % 3600
    for name in ("label", "type", "row", "uid"):
        text = row.get(name, "").removeprefix("'")
        if text:
            values[name] = text
    values["facing"] = (row.get("facing") or "S").upper()
    return values, fault_of(values)


def read_number(text: str, scale: int = 1) -> int | None:
    """A whole number after scaling, halves up; None for NaN, infinity and everything else that is no number."""
    try:
        number = Decimal(text.replace(",", ".")) * scale if len(text) <= 20 else Decimal("NaN")
    except InvalidOperation:
        return None
    return int(number.to_integral_value()) if number.is_finite() and abs(number) < 10**9 else None


def fault_of(values: Mapping[str, Any]) -> str:
    """What keeps these values from being a place, in words; "" when nothing does."""
    try:
        Place.model_validate({"uid": "new", **values})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0]).removesuffix("_mm") if first["loc"] else "this"
        return f"{name}: {first['msg'][:1].lower()}{first['msg'][1:]}"
    return ""


def plain_list(plan: Plan) -> str:
    """The tables as a list to read and print: number, kind, where it stands in meters, size in centimeters."""
    rows = [("Table", "Row", "Kind", "From left", "From above", "Size", "Faces")]
    for place in sorted(plan.places, key=lambda each: natural(each.label)):
        where = (f"{place.x_mm / 1000:.2f} m", f"{place.y_mm / 1000:.2f} m")
        size = f"{place.w_mm / 10:.0f} x {place.d_mm / 10:.0f} cm"
        rows.append((place.label, place.row, place.type, *where, size, place.facing))
    return _in_columns(rows)


def _in_columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines) + "\n"
