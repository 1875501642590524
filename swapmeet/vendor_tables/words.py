"""PURE. Places in words: "6 ft, wall, power, $45.00"."""

import re
from collections.abc import Iterable, Sequence

FOOT_MM = 304.8
TAG_WORDS = {"corner": "corner", "end": "end of row", "wall": "wall"}


def length_words(length_mm: int, unit: str = "ft") -> str:
    """ "6 ft" or "1.83 m", in the show's display unit."""
    if unit == "ft":
        return f"{round(length_mm / FOOT_MM, 1):g} ft"
    return f"{round(length_mm / 1000, 2):g} m"


def feature_words(tags: Iterable[str], *, has_power: bool, power_on_request: bool) -> list[str]:
    """The features of a place. A corner is always an end, so the end is not said twice."""
    known = set(tags)
    if "corner" in known:
        known.discard("end")
    found = [words for tag, words in TAG_WORDS.items() if tag in known]
    if has_power:
        found.append("power")
    elif power_on_request:
        found.append("power on request")
    return found


def plain_label(label: str) -> str:
    """As people write a table's label: "A 2", "a-02" and "A02" come to the same."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", re.sub(r"[\s.\-]+", "", label.lower()))


def sentence(parts: Sequence[str]) -> str:
    """The parts that are not empty, with commas."""
    return ", ".join(part for part in parts if part)
