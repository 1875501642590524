"""PURE. A placing as plain values: places in rows, vendors with needs and wishes, what is fixed, and what counts how much."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_VENDORS = 2_000
MOST_PLACES = 5_000
MOST_TABLES = 40  # of one vendor
LEAST_WEIGHT, MOST_WEIGHT = 50, 1_000  # percent
BASE = 100  # the weight of a vendor without points


class Faulty(ValueError):
    """The placing contradicts itself: the message says where."""


@dataclass(frozen=True, slots=True)
class Place:
    """One table place. `circuit` "" has no power point; `most_height_mm` None lets a display be of any height."""

    key: str
    label: str
    kind: str = ""
    tags: frozenset[str] = frozenset()
    circuit: str = ""
    most_height_mm: int | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One ranked wish: a place (met when it is among the vendor's), or an area (met when all of them lie in it)."""

    words: str
    places: frozenset[str]
    is_area: bool = False


@dataclass(frozen=True, slots=True)
class Vendor:
    """Who is to be placed: `tables` places side by side, every one of a kind in `kinds` (empty: any) with all tags of `needs`.

    `applied` is the order in which they came, the lowest first. With `amps` one of the places must have power.
    """

    key: str
    tables: int = 1
    kinds: frozenset[str] = frozenset()
    points: int = 0
    applied: int = 0
    category: str = ""
    wishes: tuple[Wish, ...] = ()
    amps: int = 0
    needs: frozenset[str] = frozenset()
    likes_corner: bool = False
    height_mm: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """Places that never move: sold, pinned, of last year's vendors, of the team. `vendor` is a key that pairs may name."""

    places: tuple[str, ...]
    vendor: str = ""
    category: str = ""
    amps: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much, in hundredths of a place for a vendor without points. One rank of a wish is the natural unit."""

    placed: int = 100
    first_wish: int = 60
    rank: int = 10
    corner: int = 10
    near: int = 30
    rival: int = 10


@dataclass(frozen=True)
class Problem:
    """Rows are runs of touching places; who stands next to whom is read from them alone.

    `near` holds pairs that both sides confirmed, `away` pairs that never become neighbors. `circuits` gives amps in all.
    """

    places: tuple[Place, ...]
    rows: tuple[tuple[str, ...], ...]
    vendors: tuple[Vendor, ...]
    near: frozenset[tuple[str, str]] = frozenset()
    away: frozenset[tuple[str, str]] = frozenset()
    kept: tuple[Kept, ...] = ()
    circuits: Mapping[str, int] = field(default_factory=dict)
    weights: Weights = Weights()


Given = Mapping[str, tuple[str, ...]]  # vendor key -> place keys in the order of their row; who got none is missing


def weight_of(vendor: Vendor) -> int:
    """Percent: 100 without points, one more for each point."""
    return min(MOST_WEIGHT, max(LEAST_WEIGHT, BASE + vendor.points))


def pair(a: str, b: str) -> tuple[str, str]:
    """The pair in the one order in which pairs are kept."""
    return (a, b) if a < b else (b, a)


def check(problem: Problem) -> None:
    """Raises Faulty: double keys, a place in two rows or in none, unknown keys, numbers out of range."""
    places = {place.key for place in problem.places}
    vendors = {vendor.key for vendor in problem.vendors}
    standing = [key for row in problem.rows for key in row]
    if len(places) != len(problem.places) or len(vendors) != len(problem.vendors):
        raise Faulty("A place or a vendor is there twice.")
    if len(places) > MOST_PLACES or len(vendors) > MOST_VENDORS:
        raise Faulty(f"One placing has at most {MOST_VENDORS:,} vendors and {MOST_PLACES:,} places.")
    if len(standing) != len(set(standing)) or set(standing) != places:
        raise Faulty("Each place stands in exactly one row.")
    for vendor in problem.vendors:
        if not 1 <= vendor.tables <= MOST_TABLES or vendor.amps < 0:
            raise Faulty(f"Vendor {vendor.key}: from 1 to {MOST_TABLES} tables, and no negative amps.")
    fixed = [key for kept in problem.kept for key in kept.places]
    if len(fixed) != len(set(fixed)) or not set(fixed) <= places:
        raise Faulty("A fixed place is unknown, or fixed twice.")
    if vendors & {kept.vendor for kept in problem.kept}:
        raise Faulty("A vendor with a fixed place is not placed again.")
    if any(pair(*two) != two or two[0] == two[1] for two in problem.near | problem.away):
        raise Faulty("A pair is two different vendors, in order.")
    if min(vars_of(problem.weights)) < 0:
        raise Faulty("Weights are not negative.")


def vars_of(weights: Weights) -> tuple[int, ...]:
    """The six numbers in the order of their fields."""
    return (weights.placed, weights.first_wish, weights.rank, weights.corner, weights.near, weights.rival)
