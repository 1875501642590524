"""PURE. What a vendor's tables cost and bring along: by date and place, first and further tables, members, limits, badges."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from swapmeet.kernel.money import percent_of

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Change:
    """What is asked instead of a price: another one, or a percentage less. One of the two is set."""

    price_minor: int | None = None
    percent_off: int | None = None

    def of(self, minor: int) -> int:
        """The changed price in minor units; what is taken off is rounded half up."""
        return minor - percent_of(minor, self.percent_off or 0) if self.price_minor is None else self.price_minor


@dataclass(frozen=True, slots=True)
class ListPrice:
    """A price of the list: in a part of the floor ("": everywhere), up to and with a day (None: always)."""

    price_minor: int
    part: str = ""
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Further:
    """What a vendor's tables cost from this one on: 2 is the second."""

    from_count: int
    change: Change


@dataclass(frozen=True, slots=True)
class Tariff:
    """The numbers of one table type. `first_*` None: the first table is like any other; limits None: no limit.

    `listed` is in the order in which it is looked through (`in_order`).
    """

    price_minor: int
    first_price_minor: int | None = None
    badges: int = 0
    first_badges: int | None = None
    max_badges: int | None = None
    listed: tuple[ListPrice, ...] = ()
    further: tuple[Further, ...] = ()
    member: Change | None = None

    @property
    def parts(self) -> set[str]:
        """The parts of the floor that its list names."""
        return {each.part for each in self.listed if each.part}


@dataclass(frozen=True, slots=True)
class Ask:
    """A table somebody asks for: its type, the type's tariff, the parts of the floor it stands in."""

    kind: Hashable
    tariff: Tariff
    parts: Collection[str] = ()


# How the parts of a floor are named. A zone is closer than a row, a row than corners and walls, those than a hall.
ZONE, ROW, AT, HALL = "zone:", "row:", "at:", "hall:"
CLOSENESS = (ZONE, ROW, AT, HALL, "")
SPOTS = ("corner", "wall", "end", "power")  # what can stand behind AT: tags of a place


def in_order(listed: Iterable[ListPrice]) -> list[ListPrice]:
    """As they are looked through: the closest part of the floor first, in it the day that comes first."""
    return sorted(listed, key=lambda each: (_closeness(each.part), each.part, each.until_on or date.max))


def _closeness(part: str) -> int:
    return next(rank for rank, stem in enumerate(CLOSENESS) if part.startswith(stem))


def price(ask: Ask, *, nth: int, today: date, is_member: bool = False) -> int:
    """Minor units of a vendor's n-th table of the type (1 is the first) on a day of the show's clock.

    The list says the price of the day and place, else the type's own price holds. A first table may have a price of its own,
    further ones a change; a member never pays more than anybody else.
    """
    tariff = ask.tariff
    fitting = (each for each in tariff.listed if not each.part or each.part in ask.parts)
    found = next((each for each in fitting if each.until_on is None or today <= each.until_on), None)
    minor = tariff.price_minor if found is None else found.price_minor
    if nth == 1 and tariff.first_price_minor is not None:
        minor = tariff.first_price_minor
    reached = [each for each in tariff.further if each.from_count <= nth]
    if reached:
        minor = max(reached, key=lambda each: each.from_count).change.of(minor)
    return min(minor, tariff.member.of(minor)) if is_member and tariff.member is not None else minor


def next_price(ask: Ask, *, nth: int, today: date, is_member: bool = False) -> tuple[date, int] | None:
    """(the last day of today's price, what holds from the day after); None when it stays."""
    minor = price(ask, nth=nth, today=today, is_member=is_member)
    ends = sorted({each.until_on for each in ask.tariff.listed if each.until_on is not None and each.until_on >= today})
    for last in ends:
        then = price(ask, nth=nth, today=last + timedelta(days=1), is_member=is_member)
        if then != minor:
            return last, then
    return None


def prices(asked: Sequence[Ask], owned: Iterable[Hashable], *, today: date, is_member: bool = False) -> list[int]:
    """Minor units for each table that is asked for, in order. Those of a type that the vendor has already count as earlier."""
    seen = Counter(owned)
    result = []
    for ask in asked:
        seen[ask.kind] += 1
        result.append(price(ask, nth=seen[ask.kind], today=today, is_member=is_member))
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
