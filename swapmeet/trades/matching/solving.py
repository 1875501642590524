"""From a problem to a result, level by level."""

from collections.abc import Callable

from swapmeet.trades.matching.model import Level, Options, Problem, Result


def solve_problem(
    problem: Problem,
    options: Options,
    progress: Callable[[Level, float], None] | None,
    cancel: Callable[[], bool] | None,
) -> Result:
    """See `swapmeet.trades.matching.solve`."""
    raise NotImplementedError
