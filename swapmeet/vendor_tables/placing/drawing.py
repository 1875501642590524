"""PURE. A sealed draw: its seed is locked away under a hash before, shown after, and anybody can check the order.

Nothing but Python's standard library, and nothing else of this project: `python drawing.py LIST.json` checks a published list.
"""

import hashlib
import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

FORMAT = "swapmeet-draw/1"
SEED_CHARS = 64


def commitment_of(seed: str) -> str:
    """What is published before the draw: the SHA-256 of the seed as text."""
    return hashlib.sha256(seed.encode()).hexdigest()


def lot(seed: str, name: str) -> str:
    """The lot of one entry: the SHA-256 of seed, line feed and name. The smallest comes first."""
    return hashlib.sha256(f"{seed}\n{name}".encode()).hexdigest()


def draw_order(entries: Iterable[tuple[str, int]], seed: str) -> list[str]:
    """Names by points, the most first; among equal points by lot."""
    return [name for name, _ in sorted(entries, key=lambda entry: (-entry[1], lot(seed, entry[0]), entry[0]))]


def random_of(seed: str, purpose: str) -> random.Random:
    """A stream of chance that the seed fixes, another for each purpose."""
    return random.Random(int(lot(seed, f"purpose {purpose}"), 16))


def entries_hash(entries: Iterable[tuple[str, int]]) -> str:
    """What is published with the commitment once nobody can enter any more: the SHA-256 of all names and points."""
    lines = sorted(f"{name}\t{points}" for name, points in entries)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def published(title: str, entries: Sequence[tuple[str, int]], seed: str) -> dict[str, Any]:
    """The list that everybody may check, after the draw."""
    return {
        "format": FORMAT,
        "title": title,
        "commitment": commitment_of(seed),
        "entries_hash": entries_hash(entries),
        "seed": seed,
        "entries": [{"name": name, "points": points} for name, points in sorted(entries)],
        "order": draw_order(entries, seed),
    }


def faults_in(document: Any, *, commitment: str | None = None, entries: str | None = None) -> list[str]:
    """What is wrong with a published list, in words; empty when it is right. The two hashes are those noted before the draw."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        return [f"This is not a published draw: its format is not {FORMAT}."]
    try:
        seed = _text(document["seed"])
        rows = [(_text(row["name"]), _number(row["points"])) for row in document["entries"]]
        order = [_text(name) for name in document["order"]]
        said, listed = _text(document["commitment"]), _text(document["entries_hash"])
    except (KeyError, TypeError, ValueError) as error:
        return [f"The list cannot be read: {type(error).__name__} {error}"]
    names = [name for name, _ in rows]
    found = []
    if len(set(names)) != len(names):
        found.append("A name is on the list twice.")
    if commitment_of(seed) != said:
        found.append("The seed is not the one that was sealed: its hash differs from the commitment.")
    if commitment is not None and commitment.strip().lower() != said:
        found.append("The commitment in the list differs from the one you noted before the draw.")
    if entries_hash(rows) != listed:
        found.append("The entries are not those that were sealed: their hash differs.")
    if entries is not None and entries.strip().lower() != listed:
        found.append("The hash of the entries differs from the one you noted before the draw.")
    right = draw_order(rows, seed)
    if sorted(order) != sorted(right):
        found.append("The order does not name each entry once.")
    elif order != right:
        at = next(number for number, (a, b) in enumerate(zip(order, right, strict=True)) if a != b)
        found.append(f"Place {at + 1} belongs to {right[at]}, not to {order[at]}.")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("whole number expected")
    return value


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as handle:
        problems = faults_in(json.load(handle))
    sys.stdout.write("\n".join(problems or ["The draw is right."]) + "\n")
    sys.exit(1 if problems else 0)
