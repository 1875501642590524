"""Why an item stayed, and what one more wish would do."""

from collections.abc import Sequence

from swapmeet.trades.matching.model import Gain, Problem, Result, Stay


def why_stayed(problem: Problem, result: Result, items: Sequence[str] | None) -> list[Stay]:
    """See `swapmeet.trades.matching.explain_stays`."""
    raise NotImplementedError


def what_if_wanted(problem: Problem, result: Result, item: str, targets: Sequence[str] | None) -> list[Gain]:
    """See `swapmeet.trades.matching.explain_wishes`."""
    raise NotImplementedError
