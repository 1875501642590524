"""Which people can be in together, where cuts say how many of some things can: branch and bound (HiGHS through SciPy)."""

import os
from collections.abc import Mapping, Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

SLACK = 1e-6
LIKING = 0.25  # all that is liked counts less than one person


class Choice:
    """One variable a thing and one a person, who is in where a thing of theirs is. `things`: by person."""

    def __init__(self, things: Mapping[int, Sequence[int]]) -> None:
        self.owner_of = {thing: person for person, own in things.items() for thing in own}
        self.place = {thing: at for at, thing in enumerate(self.owner_of)}
        people = [(len(self.place) + at, own) for at, own in enumerate(things.values())]
        self.width = len(self.place) + len(people)
        # Each row: things that count 1, and what they add up to at most; people count 1 and their things -1.
        self.rows = [
            ([*(self.place[thing] for thing in own), at], [*[-1.0] * len(own), 1.0], 0.0) for at, own in people
        ]

    def add(self, things: Sequence[int], most: int) -> None:
        """At most so many of these things are in."""
        self.rows.append(([self.place[thing] for thing in things], [1.0] * len(things), float(most)))

    def best(self, seconds: float, column_of: Sequence[int]) -> tuple[list[int], int]:
        """(one thing of each person who is in, how many no choice can beat): among equals, things that trade in `column_of`.

        Nothing is chosen where the time did not suffice.
        """
        worth = np.zeros(self.width)
        worth[len(self.place) :] = 1.0
        trading = [at for thing, at in self.place.items() if column_of[thing] != thing]
        worth[trading] = LIKING / len(self.place)
        people = self.width - len(self.place)
        sizes = [len(columns) for columns, _, _ in self.rows]
        total = sum(sizes)
        row = np.repeat(np.arange(len(sizes)), sizes)
        column = np.fromiter((at for columns, _, _ in self.rows for at in columns), np.int64, total)
        count = np.fromiter((value for _, counts, _ in self.rows for value in counts), np.float64, total)
        matrix = coo_array((count, (row, column)), shape=(len(sizes), self.width)).tocsr()
        answer = milp(
            -worth,
            integrality=np.ones(self.width),
            bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(matrix, -np.inf, np.array([most for _, _, most in self.rows])),
            options={"time_limit": seconds, "mip_rel_gap": LIKING / max(1, people)},
        )
        bound = answer.mip_dual_bound
        most = people if bound is None or not np.isfinite(bound) else min(people, int(np.floor(SLACK - bound)))
        if answer.x is None:
            return [], most
        chosen: dict[int, int] = {}
        for thing, at in self.place.items():
            if answer.x[at] > 0.5:
                person = self.owner_of[thing]
                if person not in chosen or column_of[chosen[person]] == chosen[person] != thing:
                    chosen[person] = thing
        return list(chosen.values()), most
