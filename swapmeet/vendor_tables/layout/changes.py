"""PURE. What changed between two plans, by uid, and how a change made elsewhere comes into a draft."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Any

from swapmeet.vendor_tables.layout.document import THINGS, Place, Plan

Pair = tuple[Place, Place]


@dataclass(frozen=True)
class Changes:
    """Places by what happened to them; `things` counts the other things that differ, by kind."""

    added: Sequence[Place] = ()
    removed: Sequence[Place] = ()
    moved: Sequence[Pair] = ()
    resized: Sequence[Pair] = ()
    relabeled: Sequence[Pair] = ()
    retyped: Sequence[Pair] = ()
    altered: Sequence[Pair] = ()
    things: dict[str, int] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        places = (self.added, self.removed, self.moved, self.resized, self.relabeled, self.retyped, self.altered)
        return not any(places) and not self.things


def compare(old: Plan, new: Plan) -> Changes:
    """From `old` to `new`; each list by label. A place may be in several, such as moved and relabeled."""
    before = {place.uid: place for place in old.places}
    after = {place.uid: place for place in new.places}
    pairs = [(before[uid], after[uid]) for uid in before if uid in after]

    def both(*names: str) -> list[Pair]:
        return _by_label(pair for pair in pairs if _values(pair[0], names) != _values(pair[1], names))

    return Changes(
        added=sorted((after[uid] for uid in after if uid not in before), key=lambda place: place.label),
        removed=sorted((before[uid] for uid in before if uid not in after), key=lambda place: place.label),
        moved=both("x_mm", "y_mm", "rot_ddeg", "facing"),
        resized=both("w_mm", "d_mm"),
        relabeled=both("label"),
        retyped=both("type"),
        altered=both("row", "tags", "circuit", "load_ma", "is_sellable", "block", "side", "seq"),
        things=_other_things(old, new),
    )


def distance_mm(pair: Pair) -> int:
    """How far the middle of a place moved."""
    (a, b) = pair
    dx = (b.x_mm + b.w_mm / 2) - (a.x_mm + a.w_mm / 2)
    dy = (b.y_mm + b.d_mm / 2) - (a.y_mm + a.d_mm / 2)
    return round(hypot(dx, dy))


def _values(place: Place, names: Sequence[str]) -> list[Any]:
    return [getattr(place, name) for name in names]


def _by_label(pairs: Any) -> list[Pair]:
    return sorted(pairs, key=lambda pair: str(pair[0].label))


def _other_things(old: Plan, new: Plan) -> dict[str, int]:
    counts: dict[str, int] = {}
    for kind in THINGS[:-1]:
        before = {thing.uid: thing for thing in getattr(old, kind)}
        after = {thing.uid: thing for thing in getattr(new, kind)}
        differing = sum(1 for uid in before.keys() | after.keys() if before.get(uid) != after.get(uid))
        if differing:
            counts[kind] = differing
    own = [name for name in ("name", "unit", "outline", "min_aisle_mm", "background") if _differ(old, new, name)]
    if own:
        counts["hall"] = len(own)
    return counts


def _differ(old: Plan, new: Plan, name: str) -> bool:
    return bool(getattr(old, name) != getattr(new, name))


def carried(draft: Plan, old: Plan, new: Plan) -> Plan:
    """The draft with what changed from `old` to `new` put into it, thing by thing; the new one wins where both changed.

    Raises PlanFault when the outcome would hold too much.
    """
    values: dict[str, Any] = {}
    for kind in THINGS:
        before = {thing.uid: thing for thing in getattr(old, kind)}
        after = {thing.uid: thing for thing in getattr(new, kind)}
        mine = {thing.uid: thing for thing in getattr(draft, kind)}
        for uid in before.keys() | after.keys():
            if before.get(uid) == after.get(uid):
                continue
            if uid in after:
                mine[uid] = after[uid]
            else:
                mine.pop(uid, None)
        values[kind] = tuple(mine[uid] for uid in sorted(mine))
    return draft.changed(**values)
