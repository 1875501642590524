"""Most people among the results with most items at least cost, exactly: walks that bring people in, cuts that say who cannot.

Every such result is a permutation along the face (see `optimum`), and a walk along it from one of them leads to another: each of
its rows takes the column of the next. A thing that stays comes in by a walk through it on which no thing that has to trade takes
its own column. Where there is none, the rows that one of the two searches reached are a violator of Hall's condition (1935) and
say how many of some things can trade in any result. Who is in is then chosen by branch and bound over a few hundred things and
those cuts, in place of every arc, until the choice is met (Benders 1962; Hooker and Ottosson 2003 for cuts of this kind).
"""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from swapmeet.trades.matching.model import Level
from swapmeet.trades.matching.network import Network
from swapmeet.trades.matching.optimum import Optimum
from swapmeet.trades.matching.watching import Watch

TRIES = 6  # walks for one thing that would bring one person in and another out
ROUNDS = 40  # choices; where they do not end it, the search over every arc does (`searching`)
Locked = Callable[[int], bool]
Walk = list[int]


@dataclass(slots=True)
class Blocked:
    """No walk brings a thing in: of `things`, it among them, at most so many trade in any result."""

    things: list[int]
    most: int


class Face:
    """A permutation along the face that can be changed by walks, and how many of each person's undecided things trade in it."""

    def __init__(self, network: Network, optimum: Optimum, column_of: Iterable[int]) -> None:
        self.rows, self.owners = optimum.face, network.owners
        self.column_of = list(column_of)
        self.row_of = [0] * network.size
        self.takers: list[list[int]] = [[] for _ in range(network.size)]
        for i, column in enumerate(self.column_of):
            self.row_of[column] = i
            if len(self.rows[i]) > 1:
                for j in self.rows[i]:
                    self.takers[j].append(i)
        certain = {self.owners[i] for i, row in enumerate(self.rows) if network.is_item[i] and i not in row}
        self.things: dict[int, list[int]] = {}  # of each person who trades in some results but not in all
        for i, row in enumerate(self.rows):
            if network.is_item[i] and len(row) > 1 and i in row and self.owners[i] not in certain:
                self.things.setdefault(self.owners[i], []).append(i)
        self.is_undecided = bytearray(network.size)
        self.trading = dict.fromkeys(self.things, 0)
        for person, things in self.things.items():
            for i in things:
                self.is_undecided[i] = 1
                self.trading[person] += self.column_of[i] != i
        self.always = len(certain)

    def people(self) -> int:
        """How many trade."""
        return self.always + sum(map(bool, self.trading.values()))

    def take(self, walk: Walk) -> None:
        """Each row of the walk takes the column of the next one, the last that of the first."""
        columns = [self.column_of[i] for i in walk]
        for i, column in zip(walk, [*columns[1:], columns[0]], strict=True):
            self._give(i, column)

    def _give(self, i: int, column: int) -> None:
        if self.is_undecided[i]:
            self.trading[self.owners[i]] += (column != i) - (self.column_of[i] != i)
        self.column_of[i], self.row_of[column] = column, i

    def try_walk(self, walk: Walk) -> list[int]:
        """Takes a walk on which nobody who trades stops trading; else the things of those who would, and nothing changes."""
        before = [(i, self.column_of[i]) for i in walk]
        were_in = {self.owners[i] for i in walk if self.is_undecided[i] and self.trading[self.owners[i]]}
        self.take(walk)
        out = {person for person in were_in if not self.trading[person]}
        if not out:
            return []
        for i, column in before:
            self._give(i, column)
        return [i for i in walk if self.is_undecided[i] and self.owners[i] in out]

    def find_walk(self, thing: int, locked: Locked) -> Walk | Blocked:
        """A shortest walk through a thing that stays; `locked` things do not take their own column on it.

        Searches from both ends, always the smaller one: along what rows may take, and along who may take what rows have.
        """
        after: dict[int, int] = {thing: -1}  # row -> the one before it on the walk
        ahead: dict[int, int] = {}  # row -> the one after it; -1: it takes the thing itself
        for i in self.takers[thing]:
            if i != thing:
                ahead[i] = -1
        first, last = [thing], list(ahead)
        meeting = -1
        while meeting < 0:
            if not first:
                return self._blocked(thing, after, forward=True)
            if not last:
                return self._blocked(thing, ahead, forward=False)
            if len(first) <= len(last):
                first, meeting = self._go_on(first, thing, after, ahead, locked)
            else:
                last, meeting = self._go_back(last, thing, after, ahead, locked)
        walk = []
        at = meeting
        while at >= 0:
            walk.append(at)
            at = after[at]
        walk.reverse()
        at = ahead[meeting]
        while at >= 0:
            walk.append(at)
            at = ahead[at]
        return walk

    def _go_on(
        self, front: list[int], thing: int, after: dict[int, int], ahead: dict[int, int], locked: Locked
    ) -> tuple[list[int], int]:
        found: list[int] = []
        for i in front:
            for j in self.rows[i]:
                k = self.row_of[j]
                if k in after or (j == i and locked(i)):
                    continue
                after[k] = i
                if k in ahead:
                    return found, k
                found.append(k)
        return found, -1

    def _go_back(
        self, front: list[int], thing: int, after: dict[int, int], ahead: dict[int, int], locked: Locked
    ) -> tuple[list[int], int]:
        found: list[int] = []
        for k in front:
            column = self.column_of[k]
            for i in self.takers[column]:
                if i == thing:
                    after[k] = thing
                    return found, k
                if i in ahead or (i == column and locked(i)):
                    continue
                ahead[i] = k
                if i in after:
                    return found, i
                found.append(i)
        return found, -1

    def _blocked(self, thing: int, reached: Collection[int], *, forward: bool) -> Blocked:
        """Rows and columns that a search reached and could not leave, counted without what undecided things take of their own.

        Forward there are more rows than columns they can take, backward more columns than rows that can take them. Further
        undecided things that could only take or go to the same ones share what there is, so they are counted among them.
        """
        columns = {self.column_of[i] for i in reached if i != thing}
        theirs = set(reached) if forward else columns | {thing}
        others = self.rows if forward else self.takers
        sides = {other for i in theirs for other in others[i] if other != i}
        own = [i for i in theirs if i not in sides and i in self.rows[i]]
        things = [i for i in own if self.is_undecided[i]]
        most = len(things) - (len(theirs) - len(sides) - (len(own) - len(things)))
        things += [
            i
            for person in self.things.values()
            for i in person
            if i not in theirs and all(other == i or other in sides for other in others[i])
        ]
        return Blocked(sorted(things), most)


@dataclass(slots=True)
class Peopled:
    """A permutation with `value` people; no result as good in items and cost has more than `bound`. `seconds` are CPU."""

    column_of: list[int]
    value: int
    bound: int
    seconds: float


def find_most_people(
    network: Network, optimum: Optimum, column_of: Iterable[int], *, seconds: float, watch: Watch
) -> Peopled:
    """Begins with a permutation along the face and ends with the most people, or after ROUNDS choices or `seconds`."""
    began, end = time.process_time(), time.monotonic() + seconds
    face = Face(network, optimum, column_of)
    _bring_in(face, watch)
    best, value = list(face.column_of), face.people()
    bound = face.always + len(face.things)
    if value < bound:
        from swapmeet.trades.matching.choosing import Choice  # loads NumPy and SciPy

        choice = Choice(face.things)
        for _ in range(ROUNDS):
            if value >= bound or (left := end - time.monotonic()) <= 0:
                break
            watch.note(Level.PEOPLE, 0.5)
            wanted, most = choice.best(left, face.column_of)
            bound = min(bound, face.always + most)
            for cut in _meet(face, wanted):
                choice.add(cut.things, cut.most)
            if face.people() > value:
                best, value = list(face.column_of), face.people()
            if not wanted:
                break
    return Peopled(best, value, bound, time.process_time() - began)


def _bring_in(face: Face, watch: Watch) -> None:
    """One person after the other, while somebody comes in and nobody has to go."""
    is_changed = True
    while is_changed:
        is_changed = False
        for person, things in face.things.items():
            if not face.trading[person]:
                watch.note(Level.PEOPLE, 0.1)
                is_changed |= any(_bring_one(face, thing) for thing in things)


def _bring_one(face: Face, thing: int) -> bool:
    kept: set[int] = set()

    def locked(i: int) -> bool:
        is_last = face.is_undecided[i] and face.column_of[i] != i and face.trading[face.owners[i]] == 1
        return bool(is_last) or i in kept

    for _ in range(TRIES):
        walk = face.find_walk(thing, locked)
        if isinstance(walk, Blocked):
            return False
        if not (lost := face.try_walk(walk)):
            return True
        kept.update(lost)
    return False


def _meet(face: Face, wanted: Collection[int]) -> list[Blocked]:
    """Brings in what is wanted, as far as it can be without the rest of it; for each thing that cannot, what blocks it."""
    kept = set(wanted)
    cuts = []
    for thing in sorted(wanted):
        if face.column_of[thing] == thing:
            found = face.find_walk(thing, kept.__contains__)
            if isinstance(found, Blocked):
                cuts.append(found)
                kept.discard(thing)
            else:
                face.take(found)
    return cuts
