"""PURE. Placings and results as JSON: one text for one input, so that its hash names it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from swapmeet.vendor_tables.placing.problem import Faulty, Given, Kept, Place, Problem, Vendor, Weights, Wish, check

FORMAT = "swapmeet-placing/1"


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """All of a problem, in an order of its own."""
    return {
        "format": FORMAT,
        "places": [_plain(asdict(place)) for place in sorted(problem.places, key=lambda place: place.key)],
        "rows": [list(row) for row in problem.rows],
        "vendors": [_plain(asdict(vendor)) for vendor in sorted(problem.vendors, key=lambda vendor: vendor.key)],
        "near": sorted(list(two) for two in problem.near),
        "away": sorted(list(two) for two in problem.away),
        "kept": [_plain(asdict(kept)) for kept in sorted(problem.kept, key=lambda kept: kept.places)],
        "circuits": dict(sorted(problem.circuits.items())),
        "weights": asdict(problem.weights),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def problem_from_json(document: Any) -> Problem:
    """The problem again. Raises Faulty."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise Faulty(f"This is not a placing: its format is not {FORMAT}.")
    try:
        problem = Problem(
            places=tuple(Place(**{**row, "tags": frozenset(row["tags"])}) for row in document["places"]),
            rows=tuple(tuple(row) for row in document["rows"]),
            vendors=tuple(_vendor(row) for row in document["vendors"]),
            near=frozenset((a, b) for a, b in document["near"]),
            away=frozenset((a, b) for a, b in document["away"]),
            kept=tuple(Kept(**{**row, "places": tuple(row["places"])}) for row in document["kept"]),
            circuits=dict(document["circuits"]),
            weights=Weights(**document["weights"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Faulty(f"The placing cannot be read: {type(error).__name__} {error}") from error
    check(problem)
    return problem


def _vendor(row: Mapping[str, Any]) -> Vendor:
    wishes = tuple(Wish(**{**wish, "places": frozenset(wish["places"])}) for wish in row["wishes"])
    return Vendor(**{**row, "wishes": wishes, "kinds": frozenset(row["kinds"]), "needs": frozenset(row["needs"])})


def canonical(document: Any) -> bytes:
    """The bytes that are hashed: sorted keys, no spaces."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def hash_of(document: Any) -> str:
    return hashlib.sha256(canonical(document)).hexdigest()


def given_to_json(given: Given) -> dict[str, list[str]]:
    """Place keys by vendor key, sorted."""
    return {key: list(given[key]) for key in sorted(given)}
