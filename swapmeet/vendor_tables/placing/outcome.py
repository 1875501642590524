"""PURE. What a placing comes to. Apart from the solving, which loads NumPy and SciPy: web processes read outcomes only."""

from collections.abc import Mapping
from dataclasses import dataclass

from swapmeet.vendor_tables.placing.judging import Measures
from swapmeet.vendor_tables.placing.problem import Given
from swapmeet.vendor_tables.placing.reasons import Rule

ENGINE = "swapmeet placing 1"


@dataclass(frozen=True)
class Outcome:
    """A placing with all that is stored of it. `ended_early`: time ran out, so the search's answer stands for best fit.

    `bound`: no placing of these vendors is worth more than that, whatever the rule.
    """

    rule: Rule
    seed: str
    given: Given
    welfare: int
    bound: int
    measures: Measures
    reasons: Mapping[str, tuple[str, ...]]
    ended_early: bool
    input_hash: str
    result_hash: str


class Broken(RuntimeError):
    """A rule gave a placing that breaks a hard rule. That is a fault of this program, and nothing is kept."""
