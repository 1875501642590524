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


def cancel_sum(
    paid_minor: int, total_minor: int, adjust_minor: int, line_totals: Sequence[tuple[int, RefundTerms]]
) -> int:
    """What comes back of `paid` when an order that costs total and adjust is canceled. What was paid too much always does."""
    extra = max(0, paid_minor - max(0, total_minor + adjust_minor))
    left = paid_minor - max(0, adjust_minor)  # less what is kept of lines that were given up before
    return min(paid_minor, extra + refund_sum(left - extra, line_totals))


def part_sums(
    paid_minor: int, stays_minor: int, line_totals: Sequence[tuple[int, RefundTerms]], *, is_full: bool
) -> tuple[int, int]:
    """What comes back, and what is kept, when these lines are given up and `stays` is what the order costs without them.

    Money counts for the lines that stay first.
    """
    price = sum(total for total, _ in line_totals)
    paid = max(0, min(price, paid_minor, paid_minor - stays_minor))
    back = paid if is_full else refund_sum(paid, line_totals)
    given_before = max(0, -stays_minor)  # more was given back of the price than what stays costs: it counts here
    return back, max(paid - back, given_before)


def split_over(amount_minor: int, left_minor: Sequence[int]) -> tuple[list[int], int]:
    """The part each payment gives back, in their order, and what none of them covers. The parts add up to the amount."""
    parts = []
    for left in left_minor:
        part = max(0, min(amount_minor, left))
        parts.append(part)
        amount_minor -= part
    return parts, amount_minor
