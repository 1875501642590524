"""From a wish's place in a list to its cost: the traders' schemes, and steps between wishes."""

from enum import StrEnum


class Scheme(StrEnum):
    """How a rank (1, 2, 3 ...) becomes a cost. EXPLICIT takes ranks that people write themselves."""

    NONE = "none"
    LINEAR = "linear"
    TRIANGLE = "triangle"
    SQUARE = "square"
    SCALED = "scaled"  # 1 .. 2,520 over a list of any length
    EXPLICIT = "explicit"


SCALE = 2520  # the least number that 1 to 10 divide


def cost_of(scheme: Scheme, rank: int, wishes: int) -> int:
    """The cost of the wish with this rank in a list of so many wishes. 0 where lists have no order."""
    if scheme is Scheme.NONE:
        return 0
    if scheme is Scheme.TRIANGLE:
        return rank * (rank + 1) // 2
    if scheme is Scheme.SQUARE:
        return rank * rank
    if scheme is Scheme.SCALED:
        return 1 + (rank - 1) * SCALE // max(1, wishes)
    return rank
