"""PURE. The money of an order shared out over what it holds, by price, so that all shares add up to what came in.

Money is booked on orders, not on things. What is owed back and what is kept of things given up come off first; the rest pays for
what the order still holds, each by its price. What went back belongs to what was given up, or to what is held where nothing was.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from swapmeet.kernel.money import split


@dataclass(frozen=True)
class Sums:
    """What the books say of an order at one instant, in minor units, all of them positive the natural way round."""

    sold: int = 0  # tax and all, of what is held
    kept: int = 0  # of what was given up, less what was given back although it is held
    paid: int = 0
    refunded: int = 0
    owed: int = 0  # negative: paid too much
    to_send_back: int = 0

    def plus(self, other: "Sums") -> "Sums":
        names = self.__dataclass_fields__
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def is_balanced(self) -> bool:
        """What was sold and kept is what was paid and not sent back, and what is owed, less what is still to go back."""
        return self.sold + self.kept == self.paid - self.refunded + self.owed - self.to_send_back


@dataclass(frozen=True)
class Item:
    """A line of an order: what it counts under, pieces, price, whether it was held at that instant."""

    key: Hashable
    pieces: int
    total_minor: int
    is_held: bool


@dataclass(frozen=True)
class Share:
    """What one line has of its order: `paid` is gross, `owed` what of its price has not come in."""

    item: Item
    paid: int
    refunded: int
    owed: int


@dataclass(frozen=True)
class Shared:
    """The shares of the lines, and what belongs to none: kept of what was given up, and what was paid too much."""

    shares: list[Share] = field(default_factory=list)
    kept: int = 0
    over: int = 0


def share_out(items: Sequence[Item], sums: Sums) -> Shared:
    """All that came in, less what went back, is the sum of `paid - refunded` over the shares, `kept` and `over`."""
    net = sums.paid - sums.refunded
    kept = min(max(0, sums.kept), max(0, net - sums.to_send_back))
    held = [item.total_minor if item.is_held else 0 for item in items]
    rest = min(max(0, net - sums.to_send_back - kept), sum(held))
    parts = _by_weight(rest, held)
    gone = [0 if item.is_held else item.total_minor for item in items]
    back = _by_weight(sums.refunded, gone if sum(gone) else held)
    shares = [
        Share(item, part + went, went, (item.total_minor if item.is_held else 0) - part)
        for item, part, went in zip(items, parts, back, strict=True)
    ]
    return Shared(shares, kept, net - kept - sum(parts))


def _by_weight(amount: int, weights: Sequence[int]) -> list[int]:
    return split(amount, weights) if sum(weights) else [0] * len(weights)
