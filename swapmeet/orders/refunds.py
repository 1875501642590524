"""PURE. What comes back on a cancellation, from the policy's steps and the days left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from swapmeet.kernel.money import percent_of


@dataclass(frozen=True)
class RefundTerms:
    """The step that applies: percent of the price, less a fee once per order. `last_day` is the day it ends; None: no refund."""

    percent: int
    fee_minor: int
    last_day: date | None


def terms_on(steps: Sequence[Mapping[str, Any]], *, first_day: date, today: date) -> RefundTerms:
    """The terms in force on a day: of the steps whose day has not passed, the one that ends first; else nothing comes back.

    Steps with a condition ("only_if") are promises the organizer keeps by hand and are left out here.
    """
    left = (first_day - today).days
    usable = [step for step in steps if not step.get("only_if") and left >= int(step["until_days_before"])]
    if not usable:
        return RefundTerms(0, 0, None)
    step = max(usable, key=lambda s: int(s["until_days_before"]))
    ends = date.fromordinal(first_day.toordinal() - int(step["until_days_before"]))
    return RefundTerms(int(step["refund_percent"]), int(step["fee_minor"]), ends)


def refund_sum(paid_minor: int, line_totals: Sequence[tuple[int, RefundTerms]]) -> int:
    """What comes back for lines (total, terms): their percents, less the largest fee once, never above what was paid or below 0."""
    back = sum(percent_of(total, terms.percent) for total, terms in line_totals)
    fee = max((terms.fee_minor for total, terms in line_totals if total and terms.percent), default=0)
    return max(0, min(paid_minor, back - fee))
