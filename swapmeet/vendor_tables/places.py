"""The one way a new place comes to be: laid by a row, drawn one by one, or read from a show file."""

from collections.abc import Mapping, Sequence
from typing import Any

from swapmeet.vendor_tables.geometry import Spot
from swapmeet.vendor_tables.models import Facing, FloorPlan, TablePlace


def new_place(plan: FloorPlan, values: Mapping[str, Any], *, uid: str = "") -> TablePlace:
    """A place of a plan, not yet in the session. `values` are its columns by name; without `uid` it gets one of its own."""
    own = {"uid": uid} if uid else {}
    return TablePlace(**{"tags": [], **own, **values, "event_id": plan.event_id, "plan_id": plan.id})


def values_of(spot: Spot, *, type_id: int, tags: Sequence[str] = ()) -> dict[str, Any]:
    """The columns of a place that stands where geometry put it."""
    return {
        "type_id": type_id,
        "label": spot.label,
        "row": spot.row,
        "sequence": spot.sequence,
        "x_mm": spot.x_mm,
        "y_mm": spot.y_mm,
        "w_mm": spot.w_mm,
        "d_mm": spot.d_mm,
        "rotation_ddeg": spot.rotation_ddeg,
        "facing": Facing(spot.facing),
        "tags": list(tags),
    }
