"""A show's floor and its vendors' wishes as the placing takes them. Reads only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from swapmeet.events.models import Event, SalePeriod
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import fees
from swapmeet.vendor_tables.applications import queries as application_queries
from swapmeet.vendor_tables.applications.models import Application, ApplicationTie, TieKind, WishKind
from swapmeet.vendor_tables.applications.states import DECIDABLE
from swapmeet.vendor_tables.applications.wishes import WishFloor
from swapmeet.vendor_tables.floor import has_power
from swapmeet.vendor_tables.geometry import chains
from swapmeet.vendor_tables.models import Reservation, TablePlace
from swapmeet.vendor_tables.placing.jsonform import hash_of
from swapmeet.vendor_tables.placing.problem import Kept, Place, Problem, Vendor, Weights, Wish, pair
from swapmeet.vendor_tables.plan_models import PlanVersion
from swapmeet.vendor_tables.runs.words import lot_name

STEP_FREE = "step_free"
AMPS_OF_A_POINT = 400  # of a power point whose circuit nobody has drawn


def build_problem(db_session: Session, *, event: Event, period: SalePeriod, weights: Weights) -> Problem:
    """Everybody who can be decided on and holds nothing yet, over the tables sold in this period. Ten queries."""
    every_place = floor_queries.list_places(db_session, event_id=event.id)
    places = [place for place in every_place if floor_queries.is_sold_in(place.type, period)]
    applications = list_candidates(db_session, event_id=event.id, period=period)
    kept, holders = _kept(db_session, event, period, places)
    waiting = [row for row in applications if lot_name(row.id) not in holders]
    knows_steps = any(STEP_FREE in place.tags for place in places)
    points = application_queries.standings_of(
        db_session, organizer_id=event.organizer_id, vendor_ids=[row.vendor_id for row in waiting]
    )
    floor = WishFloor(every_place)
    uids = {place.id: place.uid for place in places}
    names = {lot_name(row.id) for row in waiting} | holders
    near, away = _ties(db_session, event.id, names)
    wired, amps = _circuits(db_session, event.id)
    return Problem(
        places=tuple(_place(place, wired.get(place.uid, "")) for place in places),
        rows=tuple(
            tuple(uids[int(spot.key)] for spot in run)
            for run in chains([floor_queries.spot_of(place) for place in places])
        ),
        vendors=tuple(
            vendor_of(
                row, number, points[row.vendor_id].points if row.vendor_id in points else 0, floor, uids, knows_steps
            )
            for number, row in enumerate(waiting, start=1)
        ),
        near=near,
        away=away,
        kept=kept,
        circuits={place.uid: AMPS_OF_A_POINT for place in places if has_power(place)} | amps,
        weights=weights,
    )


def list_candidates(db_session: Session, *, event_id: int, period: SalePeriod) -> list[Application]:
    """Those of `list_fitting` who have nothing to pay first."""
    fitting = list_fitting(db_session, event_id=event_id, period=period)
    unpaid = fees.unpaid_among(db_session, fitting)
    return [row for row in fitting if row.id not in unpaid]


def list_fitting(db_session: Session, *, event_id: int, period: SalePeriod) -> list[Application]:
    """Applications that can be decided on and fit the period, by when they were sent, with wishes."""
    statement = (
        select(Application)
        .where(
            Application.event_id == event_id,
            Application.state.in_(DECIDABLE),
            (Application.sale_period_id == period.id) | Application.sale_period_id.is_(None),
        )
        .options(selectinload(Application.wishes), joinedload(Application.type))
        .order_by(Application.submitted_at, Application.id)
    )
    return [
        row for row in db_session.scalars(statement) if row.type is None or floor_queries.is_sold_in(row.type, period)
    ]


def asked_hashes(problem: Problem) -> Mapping[str, str]:
    """What each vendor asks for, by key; the order in which they came is no part of it."""
    found = {}
    for vendor in problem.vendors:
        row = asdict(vendor) | {"applied": 0}
        row |= {name: sorted(row[name]) for name in ("kinds", "needs")}
        row["wishes"] = [[wish.words, sorted(wish.places), wish.is_area] for wish in vendor.wishes]
        found[vendor.key] = hash_of(row)
    return found


def _place(place: TablePlace, circuit: str) -> Place:
    """A place on a circuit of the plan, or with a power point of its own, or without power."""
    return Place(
        key=place.uid,
        label=place.label,
        kind=str(place.type_id),
        tags=frozenset(str(tag) for tag in place.tags),
        circuit=circuit or (place.uid if has_power(place) else ""),
    )


def _circuits(db_session: Session, event_id: int) -> tuple[dict[str, str], dict[str, int]]:
    """From the newest published plans: (circuit by place, by their stable names; amps by circuit)."""
    newest = select(PlanVersion.plan_id, func.max(PlanVersion.number).label("number")).where(
        PlanVersion.event_id == event_id
    )
    last = newest.group_by(PlanVersion.plan_id).subquery()
    statement = select(PlanVersion.document).join(
        last, (last.c.plan_id == PlanVersion.plan_id) & (last.c.number == PlanVersion.number)
    )
    wired: dict[str, str] = {}
    amps: dict[str, int] = {}
    for text in db_session.scalars(statement.order_by(PlanVersion.plan_id)):
        document = json.loads(text)
        known = {row["uid"]: f"circuit {row['uid']}" for row in document.get("circuits", ())}
        amps |= {known[row["uid"]]: row["capacity_ma"] // 1000 for row in document.get("circuits", ())}
        for row in document.get("places", ()):
            if row.get("circuit") in known:
                wired[row["uid"]] = known[row["circuit"]]
    return wired, amps


def vendor_of(
    row: Application, number: int, points: int, floor: WishFloor, uids: Mapping[int, str], knows_steps: bool
) -> Vendor:
    """An application as the placing takes it. `uids`: stable names of places by id."""
    wishes = []
    for wish in row.wishes:
        label, ids = floor.find(wish.kind, wish.target)
        found = frozenset(uids[place_id] for place_id in ids if place_id in uids)
        wishes.append(Wish(label if ids else wish.label, found, is_area=wish.kind is not WishKind.PLACE))
    return Vendor(
        key=lot_name(row.id),
        tables=row.table_count,
        kinds=frozenset({str(row.type_id)}) if row.type_id else frozenset(),
        points=points,
        applied=number,
        category=str(row.category_id or ""),
        wishes=tuple(wishes),
        amps=row.power_amps,
        needs=frozenset({STEP_FREE}) if row.step_free and knows_steps else frozenset(),
        likes_corner=row.wants_corner,
        height_mm=row.display_height_mm or 0,
    )


def _kept(
    db_session: Session, event: Event, period: SalePeriod, places: Sequence[TablePlace]
) -> tuple[tuple[Kept, ...], set[str]]:
    """What is taken or not for sale, and the applications (as lot names) of those who hold something.

    A hold whose time is over but that nobody has tidied away counts as taken here: the clock of a run is not the wall's.
    """
    statement = select(Reservation.place_id, Reservation.vendor_id).where(
        Reservation.event_id == event.id, Reservation.sale_period_id == period.id, Reservation.released_at.is_(None)
    )
    vendor_of = {row.place_id: row.vendor_id for row in db_session.execute(statement)}
    who = select(Application.vendor_id, Application.id, Application.category_id, Application.power_amps).where(
        Application.event_id == event.id, Application.vendor_id.in_({one for one in vendor_of.values() if one})
    )
    known = {row.vendor_id: row for row in db_session.execute(who)}
    kept = []
    holders = set()
    for place in places:
        if place.id not in vendor_of and place.is_sellable:
            continue
        row = known.get(vendor_of.get(place.id) or 0)
        name = lot_name(row.id) if row is not None else ""
        first = bool(name) and name not in holders
        holders |= {name} if name else set()
        category = str(row.category_id or "") if row is not None else ""
        kept.append(Kept((place.uid,), name, category, row.power_amps if row is not None and first else 0))
    return tuple(kept), holders


def _ties(
    db_session: Session, event_id: int, names: set[str]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """(near pairs that were agreed, pairs to keep apart); who wants to be apart from somebody is not put next to them."""
    statement = select(ApplicationTie).where(ApplicationTie.event_id == event_id, ApplicationTie.other_id.is_not(None))
    near, away = set(), set()
    for tie in db_session.scalars(statement.order_by(ApplicationTie.id)):
        two = pair(lot_name(tie.application_id), lot_name(tie.other_id or 0))
        if not set(two) <= names:
            continue
        if tie.kind is TieKind.AWAY:
            away.add(two)
        elif tie.is_agreed:
            near.add(two)
    return frozenset(near - away), frozenset(away)
