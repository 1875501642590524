"""PURE. Sums that are due one after the other: which are paid, what is left of each, when the next one is due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from swapmeet.kernel.money import split


@dataclass(frozen=True)
class Part:
    """One sum of an order and its date. `lapses`: where it does not come by then, the order ends."""

    name: str
    amount_minor: int
    due_at: datetime
    lapses: bool = False


@dataclass(frozen=True)
class Standing:
    """A part as it stands: what it comes to now and what of that is still to pay."""

    part: Part
    amount_minor: int
    left_minor: int

    @property
    def is_paid(self) -> bool:
        return self.left_minor == 0


def split_up(total_minor: int, first: Part, laters: Sequence[Part]) -> list[Part]:
    """The parts of an order: what is due with it (the name and date of `first`), then each later date with its sum.

    What would be due no later than the first part belongs to it. One part alone is no plan: the answer is empty.
    """
    kept = [each for each in laters if each.due_at > first.due_at and each.amount_minor > 0]
    at_once = total_minor - sum(each.amount_minor for each in kept)
    by_date: dict[datetime, Part] = {}
    for each in sorted(kept, key=lambda later: later.due_at):
        was = by_date.get(each.due_at)
        amount = each.amount_minor + (was.amount_minor if was else 0)
        by_date[each.due_at] = Part(each.name, amount, each.due_at, each.lapses or (was is not None and was.lapses))
    parts = list(by_date.values())
    if at_once > 0:
        parts.insert(0, Part(first.name, at_once, first.due_at, first.lapses))
    return parts if len(parts) > 1 else []


def numbered(parts: Sequence[Part]) -> list[Part]:
    """The same parts, called by their number."""
    return [replace(part, name=f"Part {number} of {len(parts)}") for number, part in enumerate(parts, 1)]


def share_out(total_minor: int, percents: Sequence[int]) -> list[int]:
    """The later sums of a price that is paid in shares; the first part is what they leave, so all add up to the price."""
    return split(total_minor, [100 - sum(percents), *percents])[1:]


def stand(parts: Sequence[Part], *, total_minor: int, paid_minor: int) -> list[Standing]:
    """What came in covers the parts in their order. The price may have changed: the last part takes the difference."""
    found, rest, money = [], total_minor, max(0, paid_minor)
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        amount = max(0, rest if is_last else min(part.amount_minor, rest))
        covered = min(amount, money)
        found.append(Standing(part, amount, amount - covered))
        rest, money = rest - amount, money - covered
    return found


def next_part(standings: Sequence[Standing]) -> Standing | None:
    """The first one with something left to pay."""
    return next((each for each in standings if not each.is_paid), None)
