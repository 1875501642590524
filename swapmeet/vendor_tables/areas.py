"""Zones and circuits of places: written with each version of a plan, read by prices and the picker."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.vendor_tables.layout.document import Plan
from swapmeet.vendor_tables.layout.shapes import contains, corners_of
from swapmeet.vendor_tables.models import FloorPlan, PlaceArea, TablePlace


@dataclass(frozen=True)
class Area:
    """Where a place stands, by name; "" for nowhere in particular."""

    zone: str = ""
    circuit: str = ""


def areas_of(document: Plan) -> dict[str, Area]:
    """By uid, what the drawing says of each place that is in a zone (the first that holds its middle) or has a circuit."""
    zones = [
        (zone.name, [(float(x), float(y)) for x, y in zone.points])
        for zone in document.zones
        if zone.kind == "area" and zone.name
    ]
    circuits = {circuit.uid: circuit.name for circuit in document.circuits}
    found = {}
    for place in document.places:
        corners = corners_of(place)
        middle = (sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners))
        zone = next((name for name, points in zones if contains(points, middle)), "")
        circuit = circuits.get(place.circuit or "", "")
        if zone or circuit:
            found[place.uid] = Area(zone, circuit)
    return found


def write_areas(db_session: Session, plan: FloorPlan, document: Plan) -> None:
    """Make the rows of this plan's places say what the document says."""
    rows = db_session.execute(select(TablePlace.uid, TablePlace.id).where(TablePlace.plan_id == plan.id))
    ids = {row.uid: row.id for row in rows}
    wanted = {ids[uid]: area for uid, area in areas_of(document).items() if uid in ids}
    of_plan = select(TablePlace.id).where(TablePlace.plan_id == plan.id)
    known = {row.place_id: row for row in db_session.scalars(select(PlaceArea).where(PlaceArea.place_id.in_(of_plan)))}
    if known.keys() - wanted.keys():
        db_session.execute(delete(PlaceArea).where(PlaceArea.place_id.in_(sorted(known.keys() - wanted.keys()))))
    for place_id, area in wanted.items():
        row = known.get(place_id) or PlaceArea(place_id=place_id, event_id=plan.event_id)
        row.zone, row.circuit = area.zone, area.circuit
        db_session.add(row)
    db_session.flush()


def list_zones(db_session: Session, *, event_id: int) -> list[str]:
    """The names of all zones that tables of the show stand in."""
    statement = select(PlaceArea.zone).where(PlaceArea.event_id == event_id, PlaceArea.zone != "").distinct()
    return sorted(db_session.scalars(statement))
