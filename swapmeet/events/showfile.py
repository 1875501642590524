"""Show files: reading them, and telling every fault by row. The format is described in docs/import-format.md.

A file is a JSON object with a list `shows`, or a single show. Lengths are in feet (table depth in inches), money in minor
units, times on the show's own clock, days counted from the first official day (0), `days_before` back from it.
"""

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from importlib.resources import files
from typing import Any

from swapmeet.events.errors import ShowFileDamaged
from swapmeet.infra.registry import ImportReport

SCHEMA_VERSION = 1
MAX_BYTES = 5_000_000
MAX_TEXT = 5_000
MAX_NUMBER = 10**9
MAX_ROWS = 5_000
MAX_DEPTH = 12
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Days may lie before the first one; "days before" may lie after the show.
MAY_BE_NEGATIVE = re.compile(r"(?:^|\.)(?:day|days\[\d+\]|valid_days\[\d+\]|\w*days_before)$")


def read_file(content: bytes) -> list[dict[str, Any]]:
    """The shows of a file, each an object with an id. Raises ShowFileDamaged with what is wrong and where."""
    if len(content) > MAX_BYTES:
        raise ShowFileDamaged(f"The file is larger than {MAX_BYTES // 1_000_000} MB.", field="file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShowFileDamaged(f"The file is not text in UTF-8 (at byte {error.start}).", field="file") from error
    if "\0" in text:
        raise ShowFileDamaged("The file has NUL characters in it; it is not a show file.", field="file")
    data = _parse(text)
    if not isinstance(data, dict):
        raise ShowFileDamaged("The file must hold an object with a list of shows.", field="file")
    if data.get("schema_version", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise ShowFileDamaged(f"This is not a file of version {SCHEMA_VERSION}, the only one known.", field="file")
    shows = data.get("shows", [data])
    if not isinstance(shows, list) or not shows:
        raise ShowFileDamaged("There is no show in this file: `shows` must be a list.", field="file")
    return [_show(show, number) for number, show in enumerate(shows)]


def choose_show(shows: Sequence[dict[str, Any]], wanted: str | None) -> dict[str, Any]:
    """The show of that id, or the only one. Raises ShowFileDamaged listing the ids."""
    ids = [str(show["id"]) for show in shows]
    if wanted is None and len(shows) == 1:
        return shows[0]
    if wanted is None:
        raise ShowFileDamaged(f"The file has {len(shows)} shows. Choose one: {', '.join(ids[:50])}.", field="show")
    for show in shows:
        if show["id"] == wanted:
            return show
    raise ShowFileDamaged(
        f"There is no show {wanted[:120]!r} in the file. It has: {', '.join(ids[:50])}.", field="show"
    )


def sample_shows() -> dict[str, Any]:
    """The sample shows that come with Swapmeet, as the whole file."""
    content = (files("swapmeet") / "data" / "sample_shows.json").read_bytes()
    data: dict[str, Any] = json.loads(content)
    return data


def digest_of(show: Mapping[str, Any]) -> str:
    """A fingerprint of a show's content, whatever the order of its keys."""
    canonical = json.dumps(show, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def weekday_warning(show: Mapping[str, Any], first_day: date) -> tuple[str, str] | None:
    """A word when the chosen first day is another day of the week than the show's usual one."""
    usual = show.get("first_day_weekday")
    if usual not in WEEKDAYS or WEEKDAYS[first_day.weekday()] == usual:
        return None
    chosen = WEEKDAYS[first_day.weekday()]
    return ("first_day_weekday", f"This show usually starts on a {usual}; the chosen day is a {chosen}.")


def clock(text: Any) -> time | None:
    """A time of day such as "09:30", or None for anything else."""
    if not isinstance(text, str) or re.fullmatch(r"\d\d:\d\d", text, re.ASCII) is None:
        return None
    hours, minutes = int(text[:2]), int(text[3:])
    return time(hours, minutes) if hours < 24 and minutes < 60 else None


def feet_to_mm(feet: float) -> int:
    """Each edge is rounded from its own value in feet, never added up."""
    return round(feet * 304.8)


def is_whole(value: Any, low: int = 0, high: int = MAX_NUMBER) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def is_number(value: Any, low: float = 0, high: float = MAX_NUMBER) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def is_text(value: Any, limit: int = 200) -> bool:
    """Some text, not only blanks, at most so long."""
    return isinstance(value, str) and 0 < len(value.strip()) <= limit


@dataclass(frozen=True, slots=True)
class Value:
    """One plain value of a file and where it stands ("sessions[3] P4.fee")."""

    where: str
    path: str
    value: Any


def walk(data: Any, where: str = "", path: str = "", depth: int = 0) -> Iterator[Value]:
    """Every plain value, key and over-deep place of a file, in its order."""
    if depth > MAX_DEPTH:
        yield Value(where, path, RecursionError)
    elif isinstance(data, Mapping):
        for key, value in data.items():
            inner = f"{where}.{key}" if where else str(key)
            yield Value(inner, "key", key)
            yield from walk(value, inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from walk(value, row_name(where, number, value), f"{path}[{number}]", depth + 1)
    else:
        yield Value(where, path, data)


def row_name(key: str, number: int, row: Any) -> str:
    """How a row is named to people: its place in the list, and its code where it has one."""
    name = f"{key}[{number}]"
    if isinstance(row, Mapping):
        code = next((row[k] for k in ("code", "row", "id") if isinstance(row.get(k), str)), "")
        return f"{name} {code[:40]}".rstrip()
    return name


def scan(show: Mapping[str, Any], report: ImportReport) -> None:
    """Report what no value of any key may be: too long, too large, below zero, with control characters, nested too deep."""
    for item in walk(show):
        fault = _fault(item)
        if fault:
            report.problems.append((item.where[:200], fault))


def _fault(item: Value) -> str:
    value = item.value
    if value is RecursionError:
        return "This is nested too deep."
    if isinstance(value, str):
        return _text_fault(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "This is not a number."
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) > MAX_NUMBER:
            return "This number is too large."
        if value < 0 and not MAY_BE_NEGATIVE.search(item.path):
            return "This number cannot be below zero."
    return ""


def _text_fault(text: str) -> str:
    if len(text) > MAX_TEXT:
        return f"This text is longer than {MAX_TEXT:,} characters."
    if any(ch < " " and ch not in "\n\t" for ch in text) or "\x7f" in text:
        return "This text has control characters in it."
    if any("\ud800" <= ch <= "\udfff" for ch in text):
        return "This text has characters that cannot be stored."
    return ""


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_repeats)
    except json.JSONDecodeError as error:
        raise ShowFileDamaged(
            f"The file is not valid JSON: {error.msg.lower()} in line {error.lineno}, column {error.colno}.",
            field="file",
        ) from error
    except RecursionError as error:
        raise ShowFileDamaged("The file is nested too deep.", field="file") from error
    except ValueError as error:
        raise ShowFileDamaged("The file has a number that is too long to read.", field="file") from error


def _no_constant(name: str) -> Any:
    raise ShowFileDamaged(f"The file is not valid JSON: {name} is not a number.", field="file")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A key that stands twice would hide the first value."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ShowFileDamaged(f"The key {twice[:60]!r} stands twice in one object.", field="file")
    return found


def _show(show: Any, number: int) -> dict[str, Any]:
    if not isinstance(show, dict):
        raise ShowFileDamaged(f"shows[{number}] is not an object.", field="file")
    if not is_text(show.get("id"), 120) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", show["id"]):
        raise ShowFileDamaged(f"shows[{number}] needs an id of at most 120 letters, digits and dashes.", field="file")
    return show


def example_file() -> bytes:
    """A small whole show, as the file people download to start from."""
    return (files("swapmeet") / "data" / "example_show.json").read_bytes()
