"""PURE. What a vendor's tables cost and bring along: first and further tables, limits, badges."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The numbers of one table type. `first_*` None: the first table is like any other; limits None: no limit."""

    price_minor: int
    first_price_minor: int | None = None
    badges: int = 0
    first_badges: int | None = None
    max_badges: int | None = None


def prices(asked: Sequence[tuple[Hashable, Tariff]], owned: Iterable[Hashable]) -> list[int]:
    """Minor units for each asked (type, tariff). The first of a type the vendor has none of costs its first price."""
    seen = Counter(owned)
    result = []
    for kind, tariff in asked:
        first = tariff.first_price_minor if seen[kind] == 0 else None
        result.append(tariff.price_minor if first is None else first)
        seen[kind] += 1
    return result


def badges(tables: Sequence[tuple[Hashable, Tariff]], owned: Iterable[Hashable] = ()) -> list[int]:
    """How many badges each table brings, in order; the sum per type never passes its `max_badges`."""
    seen = Counter(owned)
    given: Counter[Hashable] = Counter()
    result = []
    for kind, tariff in tables:
        first = tariff.first_badges if seen[kind] == 0 else None
        count = tariff.badges if first is None else first
        if tariff.max_badges is not None:
            count = max(0, min(count, tariff.max_badges - given[kind]))
        result.append(count)
        seen[kind] += 1
        given[kind] += count
    return result


def over_limit(asked: Iterable[Key], owned: Iterable[Key], limits: Mapping[Key, int]) -> list[Key]:
    """The kinds whose limit the asked ones would pass together with the owned ones, in order of first mention."""
    wanted = list(asked)
    totals = Counter(wanted) + Counter(owned)
    return [kind for kind in dict.fromkeys(wanted) if kind in limits and totals[kind] > limits[kind]]
