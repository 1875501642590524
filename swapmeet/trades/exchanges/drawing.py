"""PURE. Who gets whose piece in an exchange: decided by a seed that was sealed before, and anybody can check it after.

Nothing but Python's standard library, and nothing else of this project: `python drawing.py DRAW.json` checks a published draw.
"""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

FORMAT = "swapmeet-exchange/1"


def commitment_of(seed: str) -> str:
    """What is published when people can still sign up: the SHA-256 of the seed as text."""
    return hashlib.sha256(seed.encode()).hexdigest()


def lot(seed: str, giver: int, receiver: int) -> str:
    """The lot of a piece of one person for another one. The smallest comes first."""
    return hashlib.sha256(f"{seed}\n{giver}>{receiver}".encode()).hexdigest()


def shares(pieces: Mapping[int, int]) -> dict[int, int]:
    """How many of each person's pieces change hands: as many in all as can, when everybody gets as many as they give.

    Pieces of one person are alike, so nobody gets two of them, and nobody gets their own. Such an exchange is possible
    exactly when, for each k, the k people with the most pieces can place theirs (Fulkerson 1960). While they cannot,
    whoever has the most of all (then the higher number) keeps one.
    """
    left = {number: max(0, count) for number, count in pieces.items()}
    while True:
        order = sorted(left, key=lambda number: (-left[number], number))
        if all(_fits([left[number] for number in order], k) for k in range(1, len(order) + 1)):
            return left
        most = left[order[0]]
        left[max(number for number in order if left[number] == most)] -= 1


def _fits(counts: Sequence[int], k: int) -> bool:
    room = sum(min(count, k - 1) for count in counts[:k]) + sum(min(count, k) for count in counts[k:])
    return sum(counts[:k]) <= room


def draw(pieces: Mapping[int, int], seed: str) -> list[tuple[int, int]]:
    """(giver, receiver) of each piece that changes hands, sorted. `pieces`: what each number has brought.

    Givers come in the order of their lots; each serves those who still have to get the most, among them first those who
    still have to give the most, among them by lot. Serving in that order never runs into a dead end (Kleitman and Wang 1973).
    """
    give = shares(pieces)
    get = dict(give)
    moves: list[tuple[int, int]] = []
    for giver in sorted(give, key=lambda number: (lot(seed, number, number), number)):
        others = [number for number in get if number != giver and get[number]]
        others.sort(key=lambda number: (-get[number], -give[number], lot(seed, giver, number)))
        for receiver in others[: give[giver]]:
            moves.append((giver, receiver))
            get[receiver] -= 1
        give[giver] = 0
    return sorted(moves)


def published(title: str, pieces: Mapping[int, int], seed: str) -> dict[str, Any]:
    """What everybody may check after the draw. People are numbers."""
    return {
        "format": FORMAT,
        "title": title,
        "commitment": commitment_of(seed),
        "seed": seed,
        "pieces": [{"number": number, "pieces": count} for number, count in sorted(pieces.items())],
        "moves": [{"from": giver, "to": receiver} for giver, receiver in draw(pieces, seed)],
    }


def faults_in(document: Any, *, commitment: str | None = None) -> list[str]:
    """What is wrong with a published draw, in words; empty when it is right. `commitment` is the one noted before the draw."""
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        return [f"This is not a published exchange: its format is not {FORMAT}."]
    try:
        seed, said = _text(document["seed"]), _text(document["commitment"])
        rows = [(_number(row["number"]), _number(row["pieces"])) for row in document["pieces"]]
        moves = [(_number(row["from"]), _number(row["to"])) for row in document["moves"]]
    except (KeyError, TypeError) as error:
        return [f"The draw cannot be read: {type(error).__name__} {error}"]
    found = []
    if len({number for number, _ in rows}) != len(rows):
        found.append("A number is on the list twice.")
    if commitment_of(seed) != said:
        found.append("The seed is not the one that was sealed: its hash differs from the commitment.")
    if commitment is not None and commitment.strip().lower() != said:
        found.append("The commitment in the draw differs from the one you noted before.")
    if any(giver == receiver for giver, receiver in moves):
        found.append("Somebody gets their own piece.")
    if sorted(moves) != draw(dict(rows), seed):
        found.append("The moves are not those that this seed draws.")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("whole number expected")
    return value


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as handle:
        problems = faults_in(json.load(handle))
    sys.stdout.write("\n".join(problems or ["The draw is right."]) + "\n")
    sys.exit(1 if problems else 0)
