"""Which people can be in together, where cuts say how many of some things can: branch and bound (HiGHS through SciPy)."""

import os
from collections.abc import Mapping, Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from swapmeet.trades.matching.searching import Condition, matrix_of, most_of

LIKING = 0.25  # all that is liked counts less than one person


class Choice:
    """One variable a thing and one a person, who is in where a thing of theirs is. `things`: by person."""

    def __init__(self, things: Mapping[int, Sequence[int]]) -> None:
        self.owner_of = {thing: person for person, own in things.items() for thing in own}
        self.place = {thing: at for at, thing in enumerate(self.owner_of)}
        people = [(len(self.place) + at, own) for at, own in enumerate(things.values())]
        self.width = len(self.place) + len(people)
        # A person is in only where one of their things is.
        self.conditions: list[Condition] = [
            ([*(self.place[thing] for thing in own), at], [*[-1.0] * len(own), 1.0], -np.inf, 0.0) for at, own in people
        ]

    def add(self, things: Sequence[int], most: int) -> None:
        """At most so many of these things are in."""
        self.conditions.append(([self.place[thing] for thing in things], [1.0] * len(things), -np.inf, float(most)))

    def best(self, seconds: float, column_of: Sequence[int]) -> tuple[list[int], int]:
        """(one thing of each person who is in, how many no choice can beat): among equals, things that trade in `column_of`.

        Nothing is chosen where the time did not suffice.
        """
        worth = np.zeros(self.width)
        worth[len(self.place) :] = 1.0
        trading = [at for thing, at in self.place.items() if column_of[thing] != thing]
        worth[trading] = LIKING / len(self.place)
        people = self.width - len(self.place)
        answer = milp(
            -worth,
            integrality=np.ones(self.width),
            bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(*matrix_of(self.conditions, self.width)),
            options={"time_limit": seconds, "mip_rel_gap": LIKING / max(1, people)},
        )
        bound = most_of(answer)
        most = people if bound is None else min(people, bound)
        if answer.x is None:
            return [], most
        chosen: dict[int, int] = {}
        for thing, at in self.place.items():
            if answer.x[at] > 0.5:
                person = self.owner_of[thing]
                if person not in chosen or column_of[chosen[person]] == chosen[person] != thing:
                    chosen[person] = thing
        return list(chosen.values()), most
