"""PURE. A line of an order taken apart: which pieces of it can be given up by themselves, and where its people's seats end up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from swapmeet.kernel.numbers import whole

PART_MAIL = "orders.part_canceled"  # the kind of the mail that tells a buyer of it
GIVEN_UP = "given_up"  # in the facts of a line: it went while the rest of its order stands


@dataclass(frozen=True)
class Piece:
    """One of the things a line holds, counted from 1. `seats` are those of the people it lets in, or its own number.

    `title` is who it is for, "" where nobody is named. The buyer may not give back what belongs to somebody else by now
    (`is_passed_on`), nor what somebody has come in with (`has_come_in`).
    """

    number: int
    seats: tuple[int, ...]
    title: str = ""
    is_passed_on: bool = False
    has_come_in: bool = False


@dataclass(frozen=True)
class Some:
    """Pieces of one line, by the numbers they had when the line held `of`. A line that holds another number is another one."""

    line_id: int
    of: int
    numbers: frozenset[int]


@dataclass(frozen=True)
class Division:
    """How many pieces stay and go, and where each seat is found afterwards: old -> new, both counted from 1."""

    stays: int
    goes: int
    kept: Mapping[int, int]
    gone: Mapping[int, int]


def divide(pieces: Sequence[Piece], numbers: Collection[int]) -> Division:
    """Let the pieces of these numbers go. Those who stay, and those who go, keep their order and close up."""
    kept = [seat for piece in pieces if piece.number not in numbers for seat in piece.seats]
    gone = [seat for piece in pieces if piece.number in numbers for seat in piece.seats]
    goes = sum(piece.number in numbers for piece in pieces)
    return Division(len(pieces) - goes, goes, _closed_up(kept), _closed_up(gone))


def facts_of(facts: Mapping[str, Any], by_seat: Collection[str], seats: Mapping[int, int]) -> dict[str, Any]:
    """The facts of a line for these seats of it: lists by seat are cut to them, everything else stays."""
    return {key: _cut(value, seats) if key in by_seat else value for key, value in facts.items()}


def names_in(facts: Mapping[str, Any]) -> str:
    """The names a line was bought for; "" for none."""
    return ", ".join(str(name) for name in facts.get("names", []) if name)


def token_of(line_id: int, *, quantity: int = 1, number: int = 1) -> str:
    """The value of a box in a form: "7" is a line as a whole, "7.3.2" the second piece of one that holds three."""
    return str(line_id) if quantity == 1 else f"{line_id}.{quantity}.{number}"


def read_tokens(tokens: Iterable[str]) -> tuple[list[int], list[Some]]:
    """Whole lines, and pieces of lines; what is no token is left out."""
    lines: list[int] = []
    some: dict[tuple[int, int], set[int]] = {}
    for token in tokens:
        parts = [part for text in token.split(".") if (part := whole(text, 17)) is not None]
        if len(parts) != token.count(".") + 1:
            continue
        if len(parts) == 1:
            lines += parts
        elif len(parts) == 3:
            line_id, of, number = parts
            some.setdefault((line_id, of), set()).add(number)
    return lines, [Some(line_id, of, frozenset(numbers)) for (line_id, of), numbers in some.items()]


def _closed_up(seats: Sequence[int]) -> dict[int, int]:
    return {old: new for new, old in enumerate(sorted(seats), 1)}


def _cut(values: Any, seats: Mapping[int, int]) -> list[Any]:
    return [values[seat - 1] if seat <= len(values) else "" for seat in seats]
