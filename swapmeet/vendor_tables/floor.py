"""What the picker and the board show of a floor: halls, places in words, their states. Reads only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Hall, SalePeriod
from swapmeet.events.queries import list_sale_periods
from swapmeet.vendor_tables import queries, words
from swapmeet.vendor_tables.geometry import neighbors
from swapmeet.vendor_tables.models import FloorPlan, PlanShape, ShapeKind, TablePlace, TableType
from swapmeet.vendor_tables.prices import PriceTags, load_tags, then_words
from swapmeet.vendor_tables.pricing import ROW, ZONE
from swapmeet.web.filters import price

WALL = "wall"  # a part of a hall that can be looked for, beside ROW and ZONE with a name


@dataclass
class PlaceCard:
    """One place as a page shows it. `url` is where its drawing leads; `detail` says it in words without its state."""

    id: int
    label: str
    type_id: int
    type_name: str
    plan_id: int
    row: str
    x_mm: int
    y_mm: int
    w_mm: int
    d_mm: int
    rotation_ddeg: int
    has_power: bool
    is_corner: bool
    is_wall: bool
    price_minor: int
    features: str
    detail: str
    state: str = "free"
    url: str = ""
    note: str = ""
    then: str = ""  # until when this price holds, and the one after it
    steps: Sequence[
        int
    ] = ()  # what it costs as the next table of its kind, as the one after that …; empty: always the same
    zone: str = ""
    circuit: str = ""
    move_url: str = ""  # where it leads when it is dragged onto another place


@dataclass(frozen=True)
class HallView:
    """One hall with its drawing and how many of its places are free."""

    plan: FloorPlan
    hall: Hall
    shapes: Sequence[Mapping[str, Any]]
    cards: Sequence[PlaceCard]

    @property
    def free(self) -> int:
        return sum(1 for card in self.cards if card.state == "free")


@dataclass(frozen=True)
class Floor:
    """Everything of a show's floor in one sale period."""

    period: SalePeriod | None
    periods: Sequence[SalePeriod]
    types: Sequence[TableType]
    halls: Sequence[HallView]
    places: Sequence[TablePlace]

    @property
    def cards(self) -> list[PlaceCard]:
        return [card for hall in self.halls for card in hall.cards]


def load_floor(
    db_session: Session,
    *,
    event: Event,
    period_id: int | None,
    now: datetime,
    tags: PriceTags | None = None,
    is_for_team: bool = False,
) -> Floor:
    """The floor in a sale period (the first by default): six queries. The public does not see what is not for sale.

    Without `tags` the prices are a stranger's of today, which takes one more query.
    """
    types = queries.list_types(db_session, event_id=event.id)
    places = queries.list_places(db_session, event_id=event.id)
    used = [table_type for table_type in types if any(place.type_id == table_type.id for place in places)]
    periods = queries.periods_for(used, list_sale_periods(db_session, event_id=event.id))
    period = next((each for each in periods if each.id == period_id), periods[0] if periods else None)
    shown = [
        place
        for place in places
        if period is not None and queries.is_sold_in(place.type, period) and (place.is_sellable or is_for_team)
    ]
    states = queries.live_states(db_session, event_id=event.id, sale_period_id=period.id, now=now) if period else {}
    known = tags or load_tags(db_session, event=event, now=now)
    cards = [card_of(event, place, states.get(place.id, "free"), known) for place in shown]
    shapes = queries.list_shapes(db_session, event_id=event.id)
    halls = [
        HallView(plan, plan.hall, shapes_of(plan, shapes), [card for card in cards if card.plan_id == plan.id])
        for plan in queries.list_plans(db_session, event_id=event.id)
    ]
    return Floor(period, periods, used, [view for view in halls if view.cards or is_for_team], shown)


def card_of(event: Event, place: TablePlace, state: str, tags: PriceTags) -> PlaceCard:
    table_type = place.type
    features = words.feature_words(place.tags, has_power=has_power(place), power_on_request=table_type.power_on_request)
    size = words.length_words(table_type.length_mm, event.length_unit)
    tag, steps = tags.tag(place), tags.steps(place)
    zone = place.area.zone if place.area is not None else ""
    cost = price(tag.minor, event.currency, event.locale)
    return PlaceCard(
        id=place.id,
        label=place.label,
        type_id=table_type.id,
        type_name=table_type.name,
        plan_id=place.plan_id,
        row=place.row,
        x_mm=place.x_mm,
        y_mm=place.y_mm,
        w_mm=place.w_mm,
        d_mm=place.d_mm,
        rotation_ddeg=place.rotation_ddeg,
        has_power=has_power(place),
        is_corner="corner" in place.tags,
        is_wall="wall" in place.tags,
        price_minor=tag.minor,
        features=words.sentence([size, *features, zone]),
        detail=words.sentence([size, *features, zone, cost]),
        zone=zone,
        circuit=place.area.circuit if place.area is not None else "",
        state=state,
        then=then_words(event, tag),
        steps=steps if len(steps) > 1 else (),
    )


def has_power(place: TablePlace) -> bool:
    """By its type, or by a power point beside this very place."""
    return place.type.has_power or "power" in place.tags


def shapes_of(plan: FloorPlan, shapes: Iterable[PlanShape]) -> list[dict[str, Any]]:
    """What the drawing shows besides places: the hall's doors, and the plan's own shapes."""
    found = [door_shape(plan.hall, door) for door in plan.hall.doors]
    for shape in shapes:
        if shape.plan_id == plan.id:
            found.append(drawn(shape))
    return found


def door_shape(hall: Hall, door: Mapping[str, Any]) -> dict[str, Any]:
    """A door of the hall as a line on its wall."""
    side, at, width = str(door.get("side", "N")), int(door.get("at_mm", 0)), int(door.get("width_mm", 0))
    words_at = {"public": "Entrance", "loading": "Loading", "fire": "Fire exit"}.get(str(door.get("kind")), "Door")
    if side in ("N", "S"):
        y = 0 if side == "N" else hall.depth_mm
        return {"kind": "door", "x1_mm": at, "y1_mm": y, "x2_mm": at + width, "y2_mm": y, "text": words_at}
    x = 0 if side == "W" else hall.width_mm
    return {"kind": "door", "x1_mm": x, "y1_mm": at, "x2_mm": x, "y2_mm": at + width, "text": words_at}


def drawn(shape: PlanShape) -> dict[str, Any]:
    """A stored shape in the form the drawing wants."""
    if shape.kind in (ShapeKind.WALL, ShapeKind.DOOR):
        ends = {"x1_mm": shape.x1_mm, "y1_mm": shape.y1_mm, "x2_mm": shape.x2_mm, "y2_mm": shape.y2_mm}
        return {"kind": shape.kind.value, **ends, "text": shape.text}
    west, north = min(shape.x1_mm, shape.x2_mm), min(shape.y1_mm, shape.y2_mm)
    width, depth = abs(shape.x2_mm - shape.x1_mm), abs(shape.y2_mm - shape.y1_mm)
    kind = {ShapeKind.PILLAR: "pillar", ShapeKind.STAGE: "stage"}.get(shape.kind, "label")
    if kind == "label":
        return {
            "kind": kind,
            "x_mm": west + width // 2,
            "y_mm": north + depth // 2,
            "text": shape.text or shape.kind.value,
        }
    return {"kind": kind, "x_mm": west, "y_mm": north, "w_mm": width, "d_mm": depth, "text": shape.text}


@dataclass(frozen=True)
class PlaceFilter:
    """What a vendor looks for. Empty values ask for nothing."""

    type_id: int | None = None
    plan_id: int | None = None
    most_minor: int | None = None
    part: str = ""  # WALL, or ROW and the name of a row, or ZONE and that of a zone
    circuit: str = ""
    with_power: bool = False
    corner: bool = False
    next_to: str = ""
    everything: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Something else than the free tables of a hall is asked for."""
        asked = (
            self.type_id,
            self.most_minor is not None,
            self.part,
            self.circuit,
            self.with_power,
            self.corner,
            self.next_to,
        )
        return any(asked) or self.everything

    def keeps(self, card: PlaceCard, beside: Collection[int] | None) -> bool:
        return (
            (self.type_id is None or card.type_id == self.type_id)
            and (self.plan_id is None or card.plan_id == self.plan_id)
            and (self.most_minor is None or card.price_minor <= self.most_minor)
            and (
                not self.part
                or (card.is_wall and self.part == WALL)
                or self.part in (f"{ROW}{card.row}", f"{ZONE}{card.zone}")
            )
            and (not self.circuit or card.circuit == self.circuit)
            and (not self.with_power or card.has_power)
            and (not self.corner or card.is_corner)
            and (beside is None or card.id in beside)
            and (self.everything or card.state in ("free", "mine"))
        )


def find_beside(floor: Floor, label: str) -> set[int] | None:
    """Ids of the places that touch the one with this label; empty for an unknown label, None when none is asked."""
    wanted = words.plain_label(label)
    if not wanted:
        return None
    here = next((place for place in floor.places if words.plain_label(place.label) == wanted), None)
    if here is None:
        return set()
    spots = [queries.spot_of(place) for place in floor.places if place.plan_id == here.plan_id]
    return {int(key) for key in neighbors(spots)[here.id].values()}


def by_rows(cards: Iterable[PlaceCard]) -> list[tuple[str, list[PlaceCard]]]:
    """Cards in the order given, under the name of their row."""
    rows: dict[str, list[PlaceCard]] = {}
    for card in cards:
        rows.setdefault(card.row, []).append(card)
    return list(rows.items())
