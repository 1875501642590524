"""PURE. Blocks become places: where the tables of a row, an island, a U or the walls of a room stand, and their numbers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from swapmeet.vendor_tables.layout.document import Block, Numbering, Place, Plan, PlanFault
from swapmeet.vendor_tables.layout.shapes import turned, turned_side


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a block puts its table number `seq` of a side: the unturned box, its turn, and the side of the buyers."""

    side: str
    seq: int
    x_mm: int
    y_mm: int
    w_mm: int
    d_mm: int
    rot_ddeg: int
    facing: str


def frame_of(block: Block) -> tuple[int, int]:
    """Width and depth of the block before it is turned."""
    run = _run(block, block.n)
    if block.kind == "row":
        return run, block.d_mm
    if block.kind == "island":
        deep = max(2 * block.d_mm + block.gap_back_mm, _run(block, block.m))
        return run + (2 * block.d_mm if block.m else 0), deep
    if block.kind == "u":
        return run, block.d_mm + (block.gap_mm + _run(block, block.m) if block.m else 0)
    return block.frame_w_mm, block.frame_d_mm


def expand(block: Block) -> list[Slot]:
    """All tables of a block, side after side. Raises PlanFault when they do not fit into the block's frame."""
    kinds = {"row": _row, "island": _island, "u": _u, "perimeter": _perimeter}
    return [_turned(block, slot) for slot in kinds[block.kind](block)]


def _run(block: Block, number: int) -> int:
    return number * block.w_mm + max(0, number - 1) * block.gap_mm


def _across(block: Block, side: str, number: int, x: int, y: int, facing: str) -> Iterator[Slot]:
    """Tables side by side from left to right."""
    for seq in range(number):
        left = x + seq * (block.w_mm + block.gap_mm)
        yield Slot(side, seq + 1, left, y, block.w_mm, block.d_mm, 0, facing)


def _down(block: Block, side: str, number: int, x: int, y: int, facing: str) -> Iterator[Slot]:
    """Tables side by side from top to bottom: their width runs down."""
    for seq in range(number):
        top = y + seq * (block.w_mm + block.gap_mm)
        yield Slot(side, seq + 1, x, top, block.d_mm, block.w_mm, 0, facing)


def _row(block: Block) -> Iterator[Slot]:
    yield from _across(block, "a", block.n, block.x_mm, block.y_mm, block.side)


def _island(block: Block) -> Iterator[Slot]:
    width, depth = frame_of(block)
    left = block.x_mm + (block.d_mm if block.m else 0)
    top = block.y_mm + (depth - 2 * block.d_mm - block.gap_back_mm) // 2
    yield from _across(block, "a", block.n, left, top, "N")
    yield from _across(block, "b", block.n, left, top + block.d_mm + block.gap_back_mm, "S")
    end = block.y_mm + (depth - _run(block, block.m)) // 2
    yield from _down(block, "c", block.m, block.x_mm, end, "W")
    yield from _down(block, "d", block.m, block.x_mm + width - block.d_mm, end, "E")


def _u(block: Block) -> Iterator[Slot]:
    width, _ = frame_of(block)
    is_in = block.faces == "in"
    arm = block.y_mm + block.d_mm + block.gap_mm
    if block.m and width < 2 * block.d_mm:
        raise PlanFault([(f"block {block.name or block.uid}", "its arms would stand on each other")])
    yield from _across(block, "a", block.n, block.x_mm, block.y_mm, "S" if is_in else "N")
    yield from _down(block, "b", block.m, block.x_mm, arm, "E" if is_in else "W")
    yield from _down(block, "c", block.m, block.x_mm + width - block.d_mm, arm, "W" if is_in else "E")


def _perimeter(block: Block) -> Iterator[Slot]:
    width, depth = frame_of(block)
    across, down = _run(block, block.n), _run(block, block.m)
    if across > width or down > depth - 2 * block.d_mm or (block.m and width < 2 * block.d_mm):
        words = f"{block.n} and {block.m} tables do not fit along a frame of {width} by {depth} mm"
        raise PlanFault([(f"block {block.name or block.uid}", words)])
    is_in = block.faces == "in"
    left, top = block.x_mm + (width - across) // 2, block.y_mm + (depth - down) // 2
    yield from _across(block, "a", block.n, left, block.y_mm, "S" if is_in else "N")
    yield from _down(block, "b", block.m, block.x_mm + width - block.d_mm, top, "W" if is_in else "E")
    yield from _across(block, "c", block.n, left, block.y_mm + depth - block.d_mm, "N" if is_in else "S")
    yield from _down(block, "d", block.m, block.x_mm, top, "E" if is_in else "W")


def _turned(block: Block, slot: Slot) -> Slot:
    """The slot after the block is turned about the middle of its frame. Quarter turns stay upright boxes."""
    if not block.rot_ddeg:
        return slot
    width, depth = frame_of(block)
    cx, cy = block.x_mm + width / 2, block.y_mm + depth / 2
    dx, dy = turned((slot.x_mm + slot.w_mm / 2 - cx, slot.y_mm + slot.d_mm / 2 - cy), block.rot_ddeg)
    w, d, rot, facing = slot.w_mm, slot.d_mm, block.rot_ddeg, slot.facing
    if rot % 900 == 0:
        w, d = (d, w) if rot % 1800 else (w, d)
        facing, rot = turned_side(facing, rot), 0
    x, y = _whole(cx + dx - w / 2), _whole(cy + dy - d / 2)
    return Slot(slot.side, slot.seq, x, y, w, d, rot, facing)


def _whole(value: float) -> int:
    """The nearest integer, halves up: the same on every platform and in the editor's script."""
    return int((value + 0.5) // 1)


def numbers_of(numbering: Numbering, sides: Sequence[int]) -> list[list[int]]:
    """The numbers of each side, given how many tables each has."""
    skip = set(numbering.skip)

    def stream(start: int, step: int) -> Iterator[int]:
        return (number for number in count(start, step) if number not in skip)

    if numbering.order == "odd_even" and len(sides) > 1:
        pair = [stream(numbering.start + turn * numbering.step, 2 * numbering.step) for turn in (0, 1)]
        return [[next(pair[index % 2]) for _ in range(number)] for index, number in enumerate(sides)]
    numbers = stream(numbering.start, numbering.step)
    found = []
    for index, number in enumerate(sides):
        own = [next(numbers) for _ in range(number)]
        found.append(own[::-1] if numbering.order == "snake" and index % 2 else own)
    return found


def labels_of(numbering: Numbering, slots: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Labels by (side, seq), sides in the order of the alphabet."""
    sides: dict[str, list[tuple[str, int]]] = {}
    for key in sorted(slots):
        sides.setdefault(key[0], []).append(key)
    rows = numbers_of(numbering, [len(keys) for keys in sides.values()])
    return {
        key: f"{numbering.prefix}{number:0{numbering.digits}d}"
        for keys, numbers in zip(sides.values(), rows, strict=True)
        for key, number in zip(keys, numbers, strict=True)
    }


def lay_block(plan: Plan, block: Block, new_uid: Callable[[], str]) -> Plan:
    """The plan with this block, new or changed, and its places where it puts them.

    A place that is there already (same side and number in the row) keeps uid, label and everything that was set by hand;
    what the block no longer has goes. Raises PlanFault.
    """
    known = {(place.side, place.seq): place for place in plan.places if place.block == block.uid}
    slots = expand(block)
    labels = labels_of(block.numbering, [(slot.side, slot.seq) for slot in slots])
    laid = [
        _placed(block, slot, labels[slot.side, slot.seq], known.get((slot.side, slot.seq)), new_uid) for slot in slots
    ]
    return plan.changed(
        blocks=(*(each for each in plan.blocks if each.uid != block.uid), block),
        places=(*(place for place in plan.places if place.block != block.uid), *laid),
    )


def _placed(block: Block, slot: Slot, label: str, known: Place | None, new_uid: Callable[[], str]) -> Place:
    where = {
        "x_mm": slot.x_mm,
        "y_mm": slot.y_mm,
        "w_mm": slot.w_mm,
        "d_mm": slot.d_mm,
        "rot_ddeg": slot.rot_ddeg,
        "facing": slot.facing,
        "type": block.type,
        "row": block.name,
    }
    own = {"uid": new_uid(), "label": label} if known is None else known.model_dump()
    return Place.model_validate({**own, "block": block.uid, "side": slot.side, "seq": slot.seq, **where})


def remove_block(plan: Plan, uid: str) -> Plan:
    """The plan without this block and its places."""
    return plan.changed(
        blocks=tuple(each for each in plan.blocks if each.uid != uid),
        places=tuple(place for place in plan.places if place.block != uid),
    )


def free_block(plan: Plan, uid: str) -> Plan:
    """The block's places as places of their own: each can be moved by itself from now on."""
    loose = {"block": "", "side": ""}
    return plan.changed(
        blocks=tuple(each for each in plan.blocks if each.uid != uid),
        places=tuple(place.model_copy(update=loose) if place.block == uid else place for place in plan.places),
    )


def renumbered(plan: Plan, uid: str) -> list[tuple[Place, str]]:
    """What numbering a block anew would do: each of its places with its label afterwards, in that order."""
    block = next(each for each in plan.blocks if each.uid == uid)
    places = {(place.side, place.seq): place for place in plan.places if place.block == uid}
    labels = labels_of(block.numbering, places)
    return [(places[key], label) for key, label in labels.items()]


def relabeled(plan: Plan, labels: Mapping[str, str]) -> Plan:
    """The plan with other labels, by uid. Nothing else changes. Raises PlanFault."""
    places = tuple(
        place.model_copy(update={"label": labels[place.uid]}) if place.uid in labels else place for place in plan.places
    )
    return plan.changed(places=places)


TURNED_BY = {"S": 0, "W": 900, "N": 0, "E": 2700}  # how a row that faces down is turned to face that side


def guess_blocks(plan: Plan) -> Plan:
    """Rows of loose tables become row blocks where a block would put them within two millimeters; nobody moves."""
    rows: dict[str, list[Place]] = {}
    for place in plan.places:
        if place.row and not place.block:
            rows.setdefault(place.row, []).append(place)
    taken = {block.uid for block in plan.blocks}
    uids = (uid for uid in (f"block-{number}" for number in count(1)) if uid not in taken)
    blocks, homes = list(plan.blocks), {}
    for name, places in rows.items():
        block = _row_of(places, name)
        if block is None:
            continue
        block = block.model_copy(update={"uid": next(uids)})
        blocks.append(block)
        slots = expand(block)
        for place in places:
            slot = next((each for each in slots if _is_there(place, each)), None)
            homes[place.uid] = {"block": block.uid, "side": slot.side, "seq": slot.seq} if slot else {}
    moved = tuple(place.model_copy(update=homes.get(place.uid, {})) for place in plan.places)
    return plan.changed(blocks=tuple(blocks), places=moved)


def _is_there(place: Place, slot: Slot) -> bool:
    pairs = ((place.x_mm, slot.x_mm), (place.y_mm, slot.y_mm), (place.w_mm, slot.w_mm), (place.d_mm, slot.d_mm))
    return all(abs(one - other) <= ROUNDED_MM for one, other in pairs)


ROUNDED_MM = 6  # a row of thirty tables whose edges were rounded one by one


def _row_of(places: Sequence[Place], name: str) -> Block | None:
    """The row block whose slots are just these places, or None."""
    first = places[0]
    is_alike = all((each.type, each.facing, each.rot_ddeg) == (first.type, first.facing, 0) for each in places)
    if not is_alike:
        return None
    across = first.facing in "NS"
    ordered = sorted(places, key=lambda each: each.x_mm if across else each.y_mm)
    w, d = (first.w_mm, first.d_mm) if across else (first.d_mm, first.w_mm)
    low, high = ordered[0], ordered[-1]
    length = high.x_mm + high.w_mm - low.x_mm if across else high.y_mm + high.d_mm - low.y_mm
    gap = round((length - len(places) * w) / (len(places) - 1)) if len(places) > 1 else 0
    if gap < -1:
        return None
    run = len(places) * w + (len(places) - 1) * max(0, gap)
    x, y = (low.x_mm, low.y_mm) if across else (low.x_mm + d // 2 - run // 2, low.y_mm + run // 2 - d // 2)
    turn = TURNED_BY[first.facing]
    if first.facing == "E":
        ordered.reverse()
    values = {
        "uid": "block",
        "kind": "row",
        "name": name,
        "type": first.type,
        "x_mm": x,
        "y_mm": y,
        "w_mm": w,
        "d_mm": d,
    }
    values |= {"rot_ddeg": turn, "n": len(places), "gap_mm": max(0, gap), "side": "N" if first.facing == "N" else "S"}
    block = Block.model_validate({**values, "numbering": _numbering_of(ordered, name)})
    fits = all(_is_there(place, slot) for place, slot in zip(ordered, expand(block), strict=True))
    return block if fits else None


def _numbering_of(ordered: Sequence[Place], name: str) -> Numbering:
    """The rule that gives these labels, or one from the row's name when none does."""
    found = re.fullmatch(r"(.{0,12}?)(\d{1,5})", ordered[0].label)
    if found is None:
        return Numbering(prefix=name[:12])
    rule = Numbering(prefix=found[1], start=int(found[2]), digits=len(found[2]))
    labels = labels_of(rule, [("a", seq + 1) for seq in range(len(ordered))])
    return rule if list(labels.values()) == [each.label for each in ordered] else Numbering(prefix=name[:12])
