"""Edits of the floor: table types, places one by one or by the row, shapes, and the terms for vendors."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Hall
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.errors import BadPlan, LabelTaken, PlaceInUse
from swapmeet.vendor_tables.geometry import Row, lay_row, list_outside, list_overlaps
from swapmeet.vendor_tables.models import (
    FloorPlan,
    PlanShape,
    Reservation,
    TableExtra,
    TablePlace,
    TableType,
    VendorTerms,
)
from swapmeet.vendor_tables.places import new_place, values_of
from swapmeet.vendor_tables.plan_rows import ensure_plan, retag
from swapmeet.vendor_tables.price_models import TableDeposit, TablePrice
from swapmeet.vendor_tables.prices import list_rules
from swapmeet.vendor_tables.services import claims, layouts

MOST_PLACES = 3000
ONE_MM = Fraction(1)  # rows laid from lengths that are millimeters already


def save_type(
    db_session: Session,
    *,
    event: Event,
    table_type: TableType | None,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> TableType:
    """Write a table type, new or known. Orders keep the prices they were placed at."""
    if table_type is None:
        taken = set(db_session.scalars(select(TableType.code).where(TableType.event_id == event.id)))
        table_type = TableType(event_id=event.id, code=_free_code(str(values["name"]), taken), position=len(taken))
        db_session.add(table_type)
        before = None
    else:
        lock(db_session, table_type)
        before = table_type.price_minor
    for key, value in values.items():
        setattr(table_type, key, value)
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="table_type.saved",
        subject=table_type,
        price_before=before,
        price_minor=table_type.price_minor,
    )
    return table_type


def save_prices(
    db_session: Session,
    *,
    table_type: TableType,
    rules: Sequence[Mapping[str, Any]],
    by: Actor,
    now: datetime,
) -> None:
    """Write the whole price list of a type. Orders, offers and carts keep the prices they were made at."""
    before = list_rules(db_session, event_id=table_type.event_id).get(table_type.id, [])
    was = [_said(each.__dict__) for each in before]
    if was == [_said(each) for each in rules]:
        return
    db_session.execute(delete(TablePrice).where(TablePrice.type_id == table_type.id))
    db_session.add_all(TablePrice(event_id=table_type.event_id, type_id=table_type.id, **each) for each in rules)
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="table_type.prices",
        subject=table_type,
        before=was,
        after=[_said(each) for each in rules],
    )


def _said(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the log keeps it: what is set, in plain values."""
    names = ("kind", "part", "until_on", "from_count", "price_minor", "percent_off")
    values = {name: rule.get(name) for name in names if rule.get(name) not in (None, "")}
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}


def save_extra(
    db_session: Session,
    *,
    event: Event,
    extra: TableExtra | None,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> TableExtra:
    """Write an extra, new or known. Orders keep the prices they were placed at. Raises LabelTaken for a name in use."""
    others = db_session.execute(select(TableExtra.id, TableExtra.name).where(TableExtra.event_id == event.id)).all()
    if any(row.name == values["name"] and (extra is None or row.id != extra.id) for row in others):
        raise LabelTaken(f"There is “{values['name']}” already.", field="name")
    if extra is None:
        extra = TableExtra(event_id=event.id, position=len(others))
        db_session.add(extra)
        before = None
    else:
        lock(db_session, extra)
        before = extra.price_minor
    for key, value in values.items():
        setattr(extra, key, value)
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="table_extra.saved",
        subject=extra,
        price_before=before,
        price_minor=extra.price_minor,
    )
    return extra


def _free_code(name: str, taken: set[str]) -> str:
    """A short code from the name, with a number where it is taken."""
    stem = "".join(ch for ch in name.lower() if ch.isascii() and ch.isalnum())[:20] or "table"
    return next(code for code in (stem, *(f"{stem}{n}" for n in range(2, 10_000))) if code not in taken)


def remove_type(db_session: Session, *, table_type: TableType, by: Actor, now: datetime) -> None:
    """Raises PlaceInUse while places are of this type."""
    used = select(TablePlace.label).where(TablePlace.type_id == table_type.id).limit(1)
    label = db_session.scalar(used)
    if label is not None:
        raise PlaceInUse(
            f"“{table_type.name}” is still used, by table {label} for one. Change or remove those places first."
        )
    asked = update(Application).where(Application.type_id == table_type.id).values(type_id=None)
    db_session.execute(asked.execution_options(synchronize_session=False))  # what vendors asked for is now "any kind"
    record(db_session, now=now, by=by, verb="table_type.removed", subject=table_type)
    db_session.delete(table_type)
    db_session.flush()


def save_terms(
    db_session: Session,
    *,
    event: Event,
    max_tables: int | None,
    text: str,
    by: Actor,
    now: datetime,
    deposit: Mapping[str, Any] | None = None,
) -> None:
    """How many tables one vendor may have in all, the words vendors agree to, and whether a deposit will do at first.

    `deposit`: columns of it; None: everything is due with the order. Placed orders keep the dates they were placed with.
    """
    known = db_session.get(TableDeposit, event.id)
    if known is not None and deposit is None:
        db_session.delete(known)
    elif deposit is not None:
        row = known or TableDeposit(event_id=event.id)
        for name, value in deposit.items():
            setattr(row, name, value)
        db_session.add(row)
    terms = queries.find_terms(db_session, event_id=event.id)
    if terms is None:
        terms = VendorTerms(event_id=event.id)
        db_session.add(terms)
    terms.max_tables, terms.text = max_tables, text
    record(
        db_session,
        now=now,
        by=by,
        verb="vendor_terms.saved",
        subject=event,
        event_id=event.id,
        max_tables=max_tables,
        deposit={name: value if isinstance(value, int) else str(value) for name, value in (deposit or {}).items()},
    )


def add_row(
    db_session: Session, *, event: Event, hall: Hall, table_type: TableType, row: Row, by: Actor, now: datetime
) -> list[TablePlace]:
    """A row of touching places. Raises LabelTaken, BadPlan (outside of the hall, on other tables, too many)."""
    plan = ensure_plan(db_session, event, hall, now)
    lock(db_session, plan)
    spots = lay_row(row, hall=plan.id, kind=table_type.id)
    _check_labels(db_session, event, [spot.label for spot in spots])
    places = [new_place(plan, values_of(spot, type_id=table_type.id)) for spot in spots]
    db_session.add_all(places)
    db_session.flush()
    _check_drawing(db_session, event, plan, hall, field="x")
    retag(db_session, plan)
    layouts.note_edit(db_session, event=event, halls=[hall], by=by, now=now)
    for place in places:
        record(db_session, now=now, by=by, verb="table_place.added", subject=place, target=place.label)
    return places


def save_place(
    db_session: Session,
    *,
    event: Event,
    hall: Hall,
    place: TablePlace | None,
    values: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> TablePlace:
    """Write one place, new or known; its uid and its holder stay. Raises LabelTaken, BadPlan, PlaceInUse.

    A place that somebody holds cannot change its kind of sale, nor shrink below the size it was sold with.
    """
    plan = ensure_plan(db_session, event, hall, now)
    lock(db_session, plan)
    label = str(values["label"])
    if place is None or place.label != label:
        _check_labels(db_session, event, [label], besides=place)
    origin, halls = None, [hall]
    if place is None:
        place = new_place(plan, values)
        db_session.add(place)
    else:
        if place.plan_id != plan.id:
            halls.append(place.plan.hall)
        claims.lock_places(db_session, [place.id])
        origin = place.label
        _check_held(db_session, place, values, now)
    for key, value in values.items():
        setattr(place, key, value)
    place.plan_id = plan.id
    db_session.flush()
    _check_drawing(db_session, event, plan, hall, field="x", only=place)
    retag(db_session, plan)
    layouts.note_edit(db_session, event=event, halls=halls, by=by, now=now)
    verb = "table_place.added" if origin is None else "table_place.saved"
    record(db_session, now=now, by=by, verb=verb, subject=place, origin=origin, target=label)
    return place


def _check_held(db_session: Session, place: TablePlace, values: Mapping[str, Any], now: datetime) -> None:
    if not queries.is_held(db_session, place_id=place.id, now=now):
        return
    new_type = db_session.get_one(TableType, int(values["type_id"]))
    if new_type.sold_by_period != place.type.sold_by_period:
        raise PlaceInUse(f"Somebody holds {place.label}, so it cannot be sold another way now.", field="type_id")
    if (
        values["w_mm"] < min(place.w_mm, new_type.length_mm) - 5
        or values["d_mm"] < min(place.d_mm, new_type.depth_mm) - 5
    ):
        raise PlaceInUse(f"Somebody holds {place.label}, so it cannot become smaller than what was sold.", field="w")


def remove_place(db_session: Session, *, event: Event, place: TablePlace, by: Actor, now: datetime) -> None:
    """Take a place off the plan. Raises PlaceInUse while somebody holds it; one with a past is hidden, not deleted."""
    claims.lock_places(db_session, [place.id])
    if queries.is_held(db_session, place_id=place.id, now=now):
        raise PlaceInUse(f"Somebody holds table {place.label}. Move or release them first.")
    record(db_session, now=now, by=by, verb="table_place.removed", subject=place, origin=place.label)
    plan = db_session.get_one(FloorPlan, place.plan_id)
    has_past = db_session.scalar(select(Reservation.id).where(Reservation.place_id == place.id).limit(1)) is not None
    if has_past:
        place.is_sellable, place.retired_at = False, now
    else:
        db_session.delete(place)
    db_session.flush()
    retag(db_session, plan)
    layouts.note_edit(db_session, event=event, halls=[plan.hall], by=by, now=now)
    _forget_if_empty(db_session, plan)


def _forget_if_empty(db_session: Session, plan: FloorPlan) -> None:
    """A plan with nothing on it and no draft goes, so that its hall can be removed too."""
    if layouts.find_draft(db_session, plan) is not None:
        return
    for model in (TablePlace, PlanShape):
        if db_session.scalar(select(model.id).where(model.plan_id == plan.id).limit(1)) is not None:
            return
    db_session.delete(plan)
    db_session.flush()


def add_shape(
    db_session: Session, *, event: Event, hall: Hall, values: Mapping[str, Any], by: Actor, now: datetime
) -> PlanShape:
    """Draw a pillar, a stage, a wall or words on a hall's plan."""
    plan = ensure_plan(db_session, event, hall, now)
    shape = PlanShape(event_id=event.id, plan_id=plan.id, **values)
    db_session.add(shape)
    db_session.flush()
    layouts.note_edit(db_session, event=event, halls=[hall], by=by, now=now)
    record(db_session, now=now, by=by, verb="plan_shape.added", subject=shape, target=shape.kind.value)
    return shape


def remove_shape(db_session: Session, *, shape: PlanShape, by: Actor, now: datetime) -> None:
    record(db_session, now=now, by=by, verb="plan_shape.removed", subject=shape, origin=shape.kind.value)
    plan = db_session.get_one(FloorPlan, shape.plan_id)
    db_session.delete(shape)
    db_session.flush()
    event = db_session.get_one(Event, plan.event_id)
    layouts.note_edit(db_session, event=event, halls=[plan.hall], by=by, now=now)
    _forget_if_empty(db_session, plan)


def _check_labels(
    db_session: Session, event: Event, labels: Sequence[str], *, besides: TablePlace | None = None
) -> None:
    rows = db_session.execute(select(TablePlace.id, TablePlace.label).where(TablePlace.event_id == event.id)).all()
    if len(rows) + len(labels) > MOST_PLACES:
        raise BadPlan(f"A show can have {MOST_PLACES:,} places at most.")
    known = {row.label.lower(): row.label for row in rows if besides is None or row.id != besides.id}
    for label in labels:
        if label.lower() in known:
            raise LabelTaken(f"There is a table {known[label.lower()]} already.", field="label")


def _check_drawing(
    db_session: Session, event: Event, plan: FloorPlan, hall: Hall, *, field: str, only: TablePlace | None = None
) -> None:
    """New faults only: what stood on something before does not keep another place from being saved."""
    spots = [
        queries.spot_of(place)
        for place in queries.list_places(db_session, event_id=event.id)
        if place.plan_id == plan.id
    ]
    for spot in list_outside(spots, width_mm=hall.width_mm, depth_mm=hall.depth_mm):
        if only is None or spot.key == only.id:
            raise BadPlan(f"Table {spot.label} would stand outside of {hall.name}.", field=field)
    for one, other in list_overlaps(spots):
        if only is None or only.id in (one.key, other.key):
            raise BadPlan(f"Tables {one.label} and {other.label} would stand on each other.", field=field)
