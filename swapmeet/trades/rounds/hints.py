"""PURE. For people without a trade: which one more want would let more things change hands. The host may ask them."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from swapmeet.trades.matching import Item, Level, Options, Person, Problem, Result, Want, solve
from swapmeet.trades.matching.explaining import Wishes
from swapmeet.trades.matching.network import compile_network

MOST_ITEMS, MOST_PEOPLE = 5_000, 50  # larger rounds get no hints; people beyond are left out
EACH = 2  # hints for one person
TRIES, TRY_S = 12, 1.0  # rounds with limits or money: so many hints are solved again, for so long each


@dataclass(frozen=True, slots=True)
class Hint:
    """With a want of `item` for `target` (numbers on labels), `gain` more things would trade. `owner` is a handle."""

    owner: str
    item: str
    target: str
    gain: int


def hints_for(problem: Problem, result: Result, apart: Collection[tuple[str, str]] = ()) -> list[dict[str, Any]]:
    """The best hints for everybody who has nothing, the most things first. `apart`: pairs of people who do not meet.

    Where wants count together ("any one of these", protection, money), only what was found by solving again is said.
    """
    if len(problem.items) > MOST_ITEMS:
        return []
    trading = {move.giver for move in result.moves} | {move.receiver for move in result.moves}
    empty = sorted({item.owner for item in problem.items} - trading)[:MOST_PEOPLE]
    plain = replace(problem, people=_people(problem, apart))
    wishes = Wishes(plain, compile_network(plain, use_cash=result.use_cash)) if empty else None
    found = [hint for owner in empty for hint in _of_person(plain, wishes, owner)]
    if problem.limits or problem.bids:
        found = list(_tried(problem, result, sorted(found, key=lambda hint: -hint.gain)[:TRIES]))
    return [asdict(hint) for hint in sorted(found, key=lambda hint: (-hint.gain, hint.owner, hint.item, hint.target))]


def _people(problem: Problem, apart: Collection[tuple[str, str]]) -> tuple[Person, ...]:
    known = {person.key: person for person in problem.people}
    for one, other in sorted(apart):
        person = known.get(one, Person(one))
        known[one] = replace(person, avoids=person.avoids | {other})
    return tuple(known.values())


def _of_person(problem: Problem, wishes: Wishes | None, owner: str) -> list[Hint]:
    """The best ones; no two for the same thing."""
    hints: dict[str, Hint] = {}
    for item in (row for row in problem.items if row.owner == owner):
        for target, gain in wishes.gains(item.key).items() if wishes else ():
            if target not in hints or hints[target].gain < gain:
                hints[target] = Hint(owner, item.key, target, gain)
    return sorted(hints.values(), key=lambda hint: (-hint.gain, hint.item, hint.target))[:EACH]


def _tried(problem: Problem, result: Result, hints: list[Hint]) -> Iterator[Hint]:
    options = Options(
        use_cash=result.use_cash, seed=result.seed, seconds=TRY_S, levels=frozenset({Level.ITEMS, Level.COST})
    )
    for hint in hints:
        rows = tuple(_wishing(row, hint.target) if row.key == hint.item else row for row in problem.items)
        gain = solve(replace(problem, items=rows), options).items_traded - result.items_traded
        if gain > 0:
            yield replace(hint, gain=gain)


def _wishing(item: Item, target: str) -> Item:
    """With one more want, behind all others."""
    last = max((want.cost for want in item.wants), default=0)
    return replace(item, wants=(*item.wants, Want(target, last + 1)))
