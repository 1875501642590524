"""PURE. Who stands next to whom, as data: worked out from where places stand, corrected by hand."""

from swapmeet.vendor_tables.geometry import beside, neighbors
from swapmeet.vendor_tables.layout.document import Edge, Place, Plan
from swapmeet.vendor_tables.layout.shapes import Front, Grid, corners_of, hull, sides_of, spot_of, turned_side

FACING_MM = 6000  # across a wider way two vendors do not look at each other
OPPOSITE = {"N": "S", "S": "N", "E": "W", "W": "E"}


def with_edges(plan: Plan) -> Plan:
    """The plan with its edges worked out anew. An edge set or cut by hand stays as long as both its places do."""
    uids = {place.uid for place in plan.places}
    by_hand = [edge for edge in plan.edges if edge.by == "hand" and edge.a in uids and edge.b in uids]
    told = {(edge.a, edge.b) for edge in by_hand}
    found = [edge for edge in _derived(plan) if (edge.a, edge.b) not in told]
    return plan.changed(edges=(*by_hand, *found))


def _derived(plan: Plan) -> list[Edge]:
    """Touching at the side or at the back first, then across the way; one edge a pair."""
    spots = {place.uid: spot_of(place) for place in plan.places}
    pairs: dict[tuple[str, str], str] = {}
    for uid, sides in neighbors(list(spots.values())).items():
        for side, other in sides.items():
            kind = "side" if side in beside(spots[str(uid)]) else "back"
            pairs.setdefault(_pair(str(uid), str(other)), kind)
    for one, other in _across_the_way(plan.places):
        pairs.setdefault(_pair(one, other), "facing")
    return [Edge.model_validate({"a": a, "b": b, "kind": kind}) for (a, b), kind in sorted(pairs.items())]


def _across_the_way(places: tuple[Place, ...]) -> list[tuple[str, str]]:
    outlines = {place.uid: corners_of(place) for place in places}
    grid = Grid((place, hull(outlines[place.uid])) for place in places)
    found = []
    for place in places:
        front = Front(place, FACING_MM)
        wanted = OPPOSITE[turned_side(place.facing, place.rot_ddeg)]
        ahead = [
            (gap, other.uid, turned_side(other.facing, other.rot_ddeg))
            for other in grid.near(front.box)
            if other is not place and (gap := front.gap(sides_of(outlines[other.uid]))) <= FACING_MM
        ]
        nearest = min((gap for gap, _, _ in ahead), default=0.0)
        found += [(place.uid, uid) for gap, uid, facing in ahead if facing == wanted and gap <= nearest + 50]
    return found


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)
