"""Plans for tests: a clean hall with an island, a row, a door, an aisle and power, and ways to spoil it."""

from collections.abc import Callable
from itertools import count
from typing import Any

from swapmeet.vendor_tables.layout.blocks import lay_block
from swapmeet.vendor_tables.layout.document import Block, Place, Plan, read_plan

TYPES = ("std6",)
HALL = ((0, 0), (30_000, 0), (30_000, 20_000), (0, 20_000))
NOTCHED = ((0, 0), (30_000, 0), (30_000, 14_000), (22_000, 14_000), (22_000, 20_000), (0, 20_000))


def namer(prefix: str = "p") -> Callable[[], str]:
    """p1, p2, …"""
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers)}"


def island(**changes: Any) -> Block:
    values = {"uid": "isle", "kind": "island", "name": "A", "type": "std6", "x_mm": 4000, "y_mm": 6000, "w_mm": 1829}
    numbering = {"prefix": "A"}
    return Block.model_validate({**values, "d_mm": 762, "n": 5, "numbering": numbering, **changes})


def row(**changes: Any) -> Block:
    values = {"uid": "row", "kind": "row", "name": "B", "type": "std6", "x_mm": 4000, "y_mm": 14_000, "w_mm": 1829}
    return Block.model_validate({**values, "d_mm": 762, "n": 4, "numbering": {"prefix": "B"}, **changes})


def clean(**changes: Any) -> Plan:
    """Fourteen tables in a hall of 30 by 20 m; nothing is wrong with it."""
    plan = read_plan(
        {
            "name": "Main hall",
            "outline": HALL,
            "doors": (_part("door", x1_mm=0, y1_mm=8000, x2_mm=0, y2_mm=10_000),),
            "aisles": (_part("way", points=((0, 11_000), (30_000, 11_000)), width_mm=2400, kind="main"),),
            "solids": (_part("pillar", x_mm=20_000, y_mm=12_500, w_mm=400, d_mm=400),),
            "zones": (_part("nogo", kind="no_go", points=((25_000, 0), (30_000, 0), (30_000, 4000), (25_000, 4000))),),
            "circuits": (_part("c1", name="North wall", capacity_ma=16_000),),
        }
    )
    number = namer()
    plan = lay_block(lay_block(plan, island(), number), row(), number)
    return plan.changed(**changes)


def _part(uid: str, **values: Any) -> dict[str, Any]:
    return {"uid": uid, **values}


def with_place(plan: Plan, which: str, **changes: Any) -> Plan:
    """The plan with other values for the place of this label."""
    places = tuple(
        Place.model_validate({**place.model_dump(), **changes}) if place.label == which else place
        for place in plan.places
    )
    return plan.changed(places=places)


def uid_of(plan: Plan, label: str) -> str:
    return next(place.uid for place in plan.places if place.label == label)


def many(number: int = 2000) -> Plan:
    """Islands of two by twenty tables until there are `number`, in a hall that holds them."""
    name, plan = namer("t"), read_plan({"outline": ((0, 0), (220_000, 0), (220_000, 60_000), (0, 60_000))})
    for index in range(number // 40):
        x, y = 3000 + (index % 5) * 42_000, 3000 + (index // 5) * 5000
        numbering = {"prefix": f"{index}-"}
        block = island(uid=f"b{index}", name=str(index), x_mm=x, y_mm=y, n=20, numbering=numbering)
        laid = lay_block(plan.changed(places=(), blocks=()), block, name)
        plan = plan.changed(blocks=(*plan.blocks, block), places=(*plan.places, *laid.places))
    return plan
