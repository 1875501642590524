"""PURE. Tables read from a file come into a plan: by uid, else by number, else as new ones."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from swapmeet.vendor_tables.layout.document import Place, Plan, PlanFault

WHERE = ("x_mm", "y_mm", "w_mm", "d_mm", "rot_ddeg", "facing")


def take_places(
    plan: Plan, rows: Sequence[Mapping[str, Any]], *, default_type: str, replaces: bool, new_uid: Callable[[], str]
) -> Plan:
    """The plan with these tables. A row is the table of its uid, or of its number; it keeps what the file does not say.

    With `replaces` the tables that are not in the file go, and blocks without tables with them. A table whose place changes
    leaves its block. Raises PlanFault for a number or uid that is there twice.
    """
    by_uid = {place.uid: place for place in plan.places}
    by_label = {place.label.casefold(): place for place in plan.places}
    used = {thing.uid for thing in plan.things()} - by_uid.keys()
    taken: dict[str, Place] = {}
    for number, row in enumerate(rows, 1):
        uid = str(row.get("uid", ""))
        known = by_uid.get(uid) or (by_label.get(str(row["label"]).casefold()) if not uid else None)
        own = known.uid if known is not None else uid if uid and uid not in used else new_uid()
        place = _place(row, known, default_type, own)
        if place.uid in taken:
            raise PlanFault([(f"table {number}", f"{place.label} is there twice")])
        taken[place.uid] = place
    kept = () if replaces else tuple(place for place in plan.places if place.uid not in taken)
    places = (*kept, *taken.values())
    has, had = {place.block for place in places}, {place.block for place in plan.places}
    blocks = tuple(block for block in plan.blocks if block.uid in has or block.uid not in had)
    return plan.changed(places=places, blocks=blocks)


def _place(row: Mapping[str, Any], known: Place | None, default_type: str, uid: str) -> Place:
    if known is None:
        return Place.model_validate({"type": default_type, **row, "uid": uid})
    values = {**known.model_dump(), **row, "uid": uid}
    if any(values[name] != getattr(known, name) for name in WHERE):
        values |= {"block": "", "side": ""}
    return Place.model_validate(values)
