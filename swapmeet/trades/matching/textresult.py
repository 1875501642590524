"""Results as the traders' text: loops, one line an item, counts. Ours is written, anybody's is read to be checked."""

import re
from collections.abc import Iterator
from typing import Any

from swapmeet.trades.matching.jsonform import hash_of, hash_of_problem
from swapmeet.trades.matching.listing import FormatError
from swapmeet.trades.matching.model import Problem, Result
from swapmeet.trades.matching.reading import ALONE

_HEAD = re.compile(r"TRADE LOOPS\s*\((\d+) total trades?\)\s*:?", re.IGNORECASE)
_TAIL = re.compile(
    r"ITEM SUMMARY\b.*|Num trades\s*=.*|(?:items|cost|people|even|partners|kept|loops): .*", re.IGNORECASE
)
_COUNT = re.compile(r"Num trades\s*=\s*(\d+) of (\d+) items\b.*", re.IGNORECASE)
_MOVE = re.compile(r"(?:\(([^()]*)\)\s*)?(\S+)\s+receives\s+(?:\(([^()]*)\)\s*)?(\S+)")


def result_to_text(problem: Problem, result: Result) -> str:
    """`TRADE LOOPS`, `ITEM SUMMARY` and the counts, as the reference solver prints them. Groups are passed over."""
    return "\n".join(_lines(problem, result)) + "\n"


def _lines(problem: Problem, result: Result) -> Iterator[str]:
    owner = {item.key: item.owner for item in problem.items}
    owner |= {payment.bid: payment.payer for loop in result.loops for payment in loop.payments}
    owner |= {bundle.key: bundle.owner for bundle in problem.bundles}
    names = {key: key if person == ALONE + key else f"({person}) {key}" for key, person in owner.items()}
    bundles = {bundle.key for bundle in problem.bundles}
    sizes = [len(loop.moves) + len(loop.payments) for loop in result.loops]
    yield f"TRADE LOOPS ({result.items_traded} total trades):\n"
    receives, sends = {}, {}
    for loop in result.loops:
        pairs = [(move.for_, move.item) for move in loop.moves] + [(pay.item, pay.bid) for pay in loop.payments]
        for receiver, given in pairs:
            yield f"{names[receiver]} receives {names[given]}"
            receives[receiver], sends[given] = given, receiver
        yield ""
    yield f"ITEM SUMMARY ({result.items_traded} total trades):\n"
    for key in sorted(owner, key=names.__getitem__):
        if key in receives and key in sends:
            yield f"{names[key]} receives {names[receives[key]]} and sends to {names[sends[key]]}"
        elif key in sends:
            yield f"{names[key]} goes in a bundle and sends to {names[sends[key]]}"
        elif key not in receives and key not in bundles:
            yield f"{names[key]} does not trade"
    share = 100 * result.items_traded / result.items if result.items else 0.0
    yield f"\nNum trades  = {result.items_traded} of {result.items} items ({share:.1f}%)"
    yield f"Total cost  = {result.priority_cost}"
    yield f"Num groups  = {len(sizes)}"
    yield "Group sizes = " + " ".join(map(str, sizes))
    yield f"Sum squares = {sum(size * size for size in sizes)}"


def result_from_text(data: bytes | str, problem: Problem) -> dict[str, Any]:
    """A result as `verify` takes it, without any claim of proof. Raises FormatError for lines that say nothing known."""
    text = data.decode("utf-8-sig", "replace") if isinstance(data, bytes) else data
    owner = {item.key: item.owner for item in problem.items}
    loops, head, items = _read_loops(text.splitlines(), owner)
    moves = [move for loop in loops for move in loop]
    input_hash = hash_of_problem(problem)
    return {
        "items": len(owner) if items is None else items,
        "items_traded": len(moves) if head is None else head,
        "users": len(set(owner.values())),
        "users_trading": len({move[1] for move in moves}),
        "priority_cost": None,
        "goal": "items",
        "cash": False,
        "keeps": None,
        "max_loop": None,
        "proven": {},
        "value": {},
        "bound": {},
        "loops": [{"moves": loop, "payments": []} for loop in loops],
        "certificate": None,
        "input_hash": input_hash,
        "result_hash": hash_of([input_hash, [[[move[0], move[3]] for move in loop] for loop in loops]]),
    }


def _read_loops(lines: list[str], owner: dict[str, str]) -> tuple[list[list[list[str]]], int | None, int | None]:
    """(moves loop by loop, trades as the head states them, items as the counts state them)."""
    loops: list[list[list[str]]] = [[]]
    head = items = None
    is_inside = True
    for number, line in enumerate(map(str.strip, lines), start=1):
        if found := _HEAD.fullmatch(line):
            head, loops, is_inside = int(found[1]), [[]], True  # whatever a program says before is not its result
        elif found := _COUNT.fullmatch(line):
            items, is_inside = int(found[2]), False
        elif _TAIL.fullmatch(line):
            is_inside = False
        elif is_inside and not line:
            loops.append([])
        elif is_inside and (found := _MOVE.fullmatch(line)):
            loops[-1].append(_move(found, owner))
        elif is_inside and (head is not None or any(loops)):
            raise FormatError(number, f"A line of a loop reads (PERSON) A receives (PERSON) B, not: {line[:60]}")
    if head is None and not any(loops):
        raise FormatError(1, "There is no line TRADE LOOPS (... total trades).")
    return [loop for loop in loops if loop], head, items


def _move(found: re.Match[str], owner: dict[str, str]) -> list[str]:
    """[item, giver, receiver, what is given for it]; names in whatever case the program prints them."""
    receiver, paid, giver, item = (_known(name, owner) for name in found.groups())
    return [item, giver or owner.get(item, ""), receiver or owner.get(paid, ""), paid]


def _known(name: str | None, owner: dict[str, str]) -> str:
    """As written where an item or person is named so, else in capitals, as lists are read."""
    name = (name or "").strip()
    return name if name in owner or name in owner.values() else name.upper()
