"""PURE. What the desk asks of sellers, what it keeps, and words for where a thing stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

DESK_LABELS: dict[str, tuple[str, str]] = {"open": ("mine", "Open"), "closed": ("taken", "Over")}
LOT_LABELS: dict[str, tuple[str, str]] = {
    "listed": ("held", "Not at the desk yet"),
    "here": ("ok", "On sale"),
    "sold": ("mine", "Sold"),
    "returned": ("taken", "Given back"),
    "withdrawn": ("taken", "Withdrawn"),
}


@dataclass(frozen=True)
class Drop:
    """From `starts_at` on everything unsold costs so many percent less; `done_at`: when the desk lowered the prices."""

    percent: int
    starts_at: datetime
    done_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Terms:
    """What the host sets: the share kept in percent, rounded up to `step_minor` for each seller, a fee for each thing, and limits for
    what is brought."""

    percent: int
    step_minor: int = 1
    min_minor: int = 0
    most_lots: int = 40
    words: str = ""
    fee_minor: int = 0  # for each thing that is brought
    drop: Drop | None = None


@dataclass(frozen=True)
class Statement:
    """One seller's money. `kept` is what the desk keeps of all sales, `fees` of it for things brought; `due` is still to be paid out."""

    gross: int
    kept: int
    paid: int
    due: int
    fees: int = 0


def commission(gross: int, percent: int, step: int) -> int:
    """The desk's share, rounded up to a multiple of `step`; never more than was taken."""
    exact = gross * percent  # hundredths
    return min(gross, -(-exact // (100 * step)) * step)


def statement(sold: Sequence[int], paid: Sequence[int], percent: int, step: int, fees: int = 0) -> Statement:
    """From the prices of everything sold, from what was paid out, and the fees for what was brought. The share is rounded once, over
    all sales.

    Fees are taken off what things bring, never asked for. A small sale after a payout may be eaten by rounding or fees; nothing is due
    then, and nothing is asked back.
    """
    gross, out = sum(sold), sum(paid)
    share = commission(gross, percent, step)
    taken = min(fees, gross - share)
    return Statement(gross, share + taken, out, max(0, gross - share - taken - out), taken)


def lowered(price: int, percent: int, *, step: int = 1, least: int = 0) -> int:
    """A price less so many percent, rounded up to a multiple of `step`, and `least` at least; never more than before."""
    exact = price * (100 - percent)  # hundredths
    return min(price, max(least, -(-exact // (100 * step)) * step))


def drop_words(percent: int, when: str) -> str:
    """What a planned drop means to sellers and buyers."""
    return f"From {when} on, what is unsold costs {percent} % less. Sellers can keep the price of a thing."


def share_words(percent: int) -> str:
    """What the desk keeps, in one sentence."""
    if percent == 0:
        return "The desk keeps nothing: what a thing brings is yours."
    return f"The desk keeps {percent} % of what your things bring."
