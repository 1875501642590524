"""What a ticket costs at an instant, what it will cost next, and whether it is on sale. Pure: plain values in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from swapmeet.kernel.time import Window, end_of_day


@dataclass(frozen=True, slots=True)
class Tier:
    """A price that holds while `now < ends_at` and `left > 0`; None leaves that bound out. Tiers are tried in their order."""

    tier_id: int
    price_minor: int
    ends_at: datetime | None = None
    left: int | None = None

    def holds(self, now: datetime) -> bool:
        return (self.ends_at is None or now < self.ends_at) and (self.left is None or self.left > 0)


@dataclass(frozen=True, slots=True)
class Price:
    """The price at an instant. `tier_id` is None for the type's own price; `left` units are left at it (None: no count)."""

    minor: int
    tier_id: int | None = None
    ends_at: datetime | None = None
    left: int | None = None


@dataclass(frozen=True, slots=True)
class NextPrice:
    """The price that follows from the instant `at`; with `at` None, when the units left at the present price are gone."""

    minor: int
    at: datetime | None = None


class SaleState(StrEnum):
    NOT_YET = "not_yet"
    ON_SALE = "on_sale"
    SOLD_OUT = "sold_out"
    OVER = "over"


def tier_end(until_on: date | None, until_at: datetime | None, zone_name: str) -> datetime | None:
    """The instant from which a tier no longer holds: the end of its last day on the show's clock, or its own instant."""
    return end_of_day(until_on, zone_name) if until_on is not None else until_at


def price_at(base_minor: int, tiers: Sequence[Tier], now: datetime) -> Price:
    """The first tier that holds, else the type's own price. Linear in the tiers."""
    for tier in tiers:
        if tier.holds(now):
            return Price(tier.price_minor, tier.tier_id, tier.ends_at, tier.left)
    return Price(base_minor)


def next_price(base_minor: int, tiers: Sequence[Tier], now: datetime) -> NextPrice | None:
    """What follows the present price, or None when it stays. A change to the same sum is no change and is looked through."""
    present = price_at(base_minor, tiers, now)
    at = present.ends_at
    while at is not None:
        following = price_at(base_minor, tiers, at)
        if following.minor != present.minor:
            return NextPrice(following.minor, at)
        at = following.ends_at
    if present.left is None:
        return None
    others = [tier for tier in tiers if tier.tier_id != present.tier_id]
    sold_through = price_at(base_minor, others, now)
    return NextPrice(sold_through.minor) if sold_through.minor != present.minor else None


def sale_window(
    *, starts_at: datetime | None, ends_at: datetime | None, valid_days: Sequence[date], last_day: date, zone_name: str
) -> Window:
    """When a type can be bought. Without an end of its own it ends with the last day it is valid on (else of the show)."""
    last = max(valid_days) if valid_days else last_day
    natural_end = end_of_day(last, zone_name)
    return Window(starts_at, min(ends_at, natural_end) if ends_at is not None else natural_end)


def sale_state(window: Window, now: datetime, *, left: int | None) -> SaleState:
    """Where a type stands at this instant; `left` None means no limit."""
    if window.end is not None and now >= window.end:
        return SaleState.OVER
    if left is not None and left <= 0:
        return SaleState.SOLD_OUT
    if window.start is not None and now < window.start:
        return SaleState.NOT_YET
    return SaleState.ON_SALE


def refunds_until(steps: Sequence[Mapping[str, Any]], first_day: date) -> date | None:
    """The last day on which canceling still brings some money back, by the steps of a refund policy; None when it never does.

    Steps with a condition ("only_if") are promises kept by hand and do not count.
    """
    days = [
        int(step["until_days_before"])
        for step in steps
        if int(step.get("refund_percent", 0)) > 0 and not step.get("only_if")
    ]
    return first_day - timedelta(days=min(days)) if days else None
