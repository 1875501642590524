"""Tables of an imported or cloned show, and what must be right before a show is published."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import list_halls
from swapmeet.infra.db import copied
from swapmeet.infra.registry import ImportReport
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import end_of_day
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.applications.models import VendorCategory
from swapmeet.vendor_tables.deposits import find_deposit
from swapmeet.vendor_tables.geometry import list_outside, list_overlaps
from swapmeet.vendor_tables.layout.document import load_plan
from swapmeet.vendor_tables.models import ExtraKind, FloorPlan, TableExtra, TablePlace, TableType, VendorTerms
from swapmeet.vendor_tables.places import new_place, values_of
from swapmeet.vendor_tables.plan_rows import ensure_plan
from swapmeet.vendor_tables.price_models import PriceKind, TableDeposit, TablePrice
from swapmeet.vendor_tables.prices import list_rules
from swapmeet.vendor_tables.services import layouts
from swapmeet.vendor_tables.showfile import TablesInFile, TypeInFile, read_tables

POLICY_KEYS = frozenset(
    {
        "selection", "max_tables_each", "application_closes_days_before", "cancel", "deposit", "deposit_percent",
        "balance_due_days_before", "late_balance_lapses", "early_price_until_days_before", "early_price_off",
        "late_price_from_days_before", "late_price_add", "door_price_add", "electricity_fee", "helper_badge_fee",
        "category_quotas",
    }
)  # fmt: skip
KEYS = frozenset({"table_types", "table_rows", "table_count", "vendor_policy"})


def check_tables(show: Mapping[str, Any], report: ImportReport) -> None:
    """Tell every fault of the file's tables by row, and how many there would be."""
    found = read_tables(show)
    report.problems += found.problems
    report.warnings += found.warnings
    policy = show.get("vendor_policy")
    unused = sorted(key for key in policy if key not in POLICY_KEYS) if isinstance(policy, Mapping) else []
    if unused:
        words = ", ".join(str(key)[:60] for key in unused[:40])
        report.kept.append(("vendor_policy", f"Kept with the show, not used yet: {words}."))
    report.counts["table types"] = len(found.types)
    report.counts["tables"] = sum(len(spots) for spots in found.spots.values())


def apply_tables(db_session: Session, event: Event, show: Mapping[str, Any], now: datetime) -> None:
    """Write types, plans and places that are not there yet. What the organizer changed since stays as it is."""
    found = read_tables(show)
    types = {row.code: row for row in queries.list_types(db_session, event_id=event.id)}
    if not types:
        _apply_terms(db_session, event, found)
        _apply_extras(db_session, event, found)
        _apply_quotas(db_session, event, found)
    for position, wanted in enumerate(found.types):
        if wanted.code not in types:
            types[wanted.code] = _new_type(event, wanted, position)
            db_session.add(types[wanted.code])
            db_session.flush()
            db_session.add_all(_new_prices(event, types[wanted.code], wanted))
    db_session.flush()
    halls = {hall.code: hall for hall in list_halls(db_session, event_id=event.id)}
    plans = {plan.hall_id: plan for plan in queries.list_plans(db_session, event_id=event.id)}
    labels = set(db_session.scalars(select(TablePlace.label).where(TablePlace.event_id == event.id)))
    for code, spots in found.spots.items():
        plan = plans.get(halls[code].id) or ensure_plan(db_session, event, halls[code], now)
        for spot in spots:
            if spot.label not in labels:
                table_type = types[str(spot.kind)]
                uid = uuid5(NAMESPACE_URL, f"{event.source_id or event.slug}#{spot.label}").hex
                values = values_of(spot, type_id=table_type.id, tags=found.tags[spot.label])
                db_session.add(new_place(plan, values, uid=uid))
    db_session.flush()
    drawn = [halls[code] for code in found.spots]
    layouts.note_edit(db_session, event=event, halls=drawn, by=Actor.job("import"), now=now)


def _apply_terms(db_session: Session, event: Event, found: TablesInFile) -> None:
    if found.max_tables is not None and queries.find_terms(db_session, event_id=event.id) is None:
        db_session.add(VendorTerms(event_id=event.id, max_tables=found.max_tables))
    if found.deposit is not None and find_deposit(db_session, event_id=event.id) is None:
        said = found.deposit
        db_session.add(
            TableDeposit(
                event_id=event.id,
                percent=said.percent,
                each_minor=said.each_minor,
                balance_on=event.first_day - timedelta(days=said.balance_days_before),
                lapses=said.lapses,
            )
        )
    if event.tables_close_at is None and found.closes_days_before is not None:
        last = event.first_day - timedelta(days=found.closes_days_before)
        event.tables_close_at = end_of_day(last, event.time_zone)


def _apply_extras(db_session: Session, event: Event, found: TablesInFile) -> None:
    known = select(TableExtra.id).where(TableExtra.event_id == event.id).limit(1)
    if found.types and db_session.scalar(known) is None:
        for position, extra in enumerate(found.extras):
            kind, cost = ExtraKind(extra.kind), extra.price_minor
            db_session.add(
                TableExtra(event_id=event.id, name=extra.name, kind=kind, price_minor=cost, position=position)
            )


def _apply_quotas(db_session: Session, event: Event, found: TablesInFile) -> None:
    known = select(VendorCategory.id).where(VendorCategory.event_id == event.id).limit(1)
    if found.quotas and db_session.scalar(known) is None:
        for position, (name, most) in enumerate(found.quotas.items()):
            db_session.add(VendorCategory(event_id=event.id, name=name, most_tables=most, position=position))


def _new_type(event: Event, wanted: TypeInFile, position: int) -> TableType:
    return TableType(
        event_id=event.id,
        code=wanted.code,
        name=wanted.name,
        length_mm=wanted.length_mm,
        depth_mm=wanted.depth_mm,
        chairs=wanted.chairs,
        has_power=wanted.has_power,
        power_on_request=wanted.power_on_request,
        price_minor=wanted.price_minor,
        first_price_minor=wanted.first_price_minor,
        badges_included=wanted.badges,
        first_badges=wanted.first_badges,
        max_badges=wanted.max_badges,
        limit_per_vendor=wanted.limit_per_vendor,
        sold_by_period=wanted.sold_by_period,
        rule=wanted.rule,
        position=position,
    )


def _new_prices(event: Event, table_type: TableType, wanted: TypeInFile) -> list[TablePrice]:
    return [
        TablePrice(
            event_id=event.id,
            type_id=table_type.id,
            kind=PriceKind(each.kind),
            part=each.part,
            until_on=None
            if each.until_days_before is None
            else event.first_day - timedelta(days=each.until_days_before),
            from_count=each.from_count,
            price_minor=each.price_minor,
            percent_off=each.percent_off,
        )
        for each in wanted.prices
    ]


def clone_tables(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """The same types, plans and places in the next edition. Places keep their uid: rights to a place hang on it."""
    terms = queries.find_terms(db_session, event_id=source.id)
    if terms is not None:
        db_session.add(VendorTerms(event_id=target.id, max_tables=terms.max_tables, text=terms.text))
    deposit = find_deposit(db_session, event_id=source.id)
    if deposit is not None:
        balance_on = deposit.balance_on + timedelta(days=shift_days)
        db_session.add(copied(deposit, event_id=target.id, balance_on=balance_on))
    extras = db_session.scalars(select(TableExtra).where(TableExtra.event_id == source.id).order_by(TableExtra.id))
    db_session.add_all([copied(extra, event_id=target.id) for extra in extras])
    types: dict[int, TableType] = {}
    for row in queries.list_types(db_session, event_id=source.id):
        types[row.id] = copied(row, event_id=target.id)
    db_session.add_all(types.values())
    db_session.flush()
    _clone_prices(db_session, source, types, shift_days)
    halls = {hall.code: hall for hall in list_halls(db_session, event_id=target.id)}
    plans: dict[int, FloorPlan] = {}
    for plan in queries.list_plans(db_session, event_id=source.id):
        if plan.hall.code in halls:
            plans[plan.id] = ensure_plan(db_session, target, halls[plan.hall.code], now)
    db_session.flush()
    for shape in queries.list_shapes(db_session, event_id=source.id):
        if shape.plan_id in plans:
            db_session.add(copied(shape, event_id=target.id, plan_id=plans[shape.plan_id].id))
    for place in queries.list_places(db_session, event_id=source.id):
        if place.plan_id in plans:
            copy = {"event_id": target.id, "plan_id": plans[place.plan_id].id, "type_id": types[place.type_id].id}
            db_session.add(copied(place, **copy))
    db_session.flush()
    for plan in queries.list_plans(db_session, event_id=source.id):
        if plan.id in plans:
            _clone_version(db_session, target, plan, plans[plan.id], now)


def _clone_prices(db_session: Session, source: Event, types: Mapping[int, TableType], shift_days: int) -> None:
    """The same rules, their last days as far before the new show as they were before the old one."""
    for type_id, rules in list_rules(db_session, event_id=source.id).items():
        for rule in rules:
            until = rule.until_on + timedelta(days=shift_days) if rule.until_on is not None else None
            copy = types[type_id]
            db_session.add(copied(rule, event_id=copy.event_id, type_id=copy.id, until_on=until))


def _clone_version(db_session: Session, target: Event, source: FloorPlan, copy: FloorPlan, now: datetime) -> None:
    """The document goes along, so that blocks, aisles and circuits do not have to be drawn again."""
    newest = layouts.find_newest(db_session, source)
    if newest is not None:
        layouts.add_version(db_session, plan=copy, document=load_plan(newest.document), now=now)
    else:
        layouts.note_edit(db_session, event=target, halls=[copy.hall], by=Actor.job("clone"), now=now)


def publish_problems(db_session: Session, event: Event) -> list[str]:
    """Sentences about what stands in the way of selling tables; a show without tables has none."""
    problems = []
    opens, closes = event.tables_open_at, event.tables_close_at
    if opens is not None and closes is not None and closes <= opens:
        problems.append("The sale of tables ends before it begins.")
    places = queries.list_places(db_session, event_id=event.id)
    spots = [queries.spot_of(place) for place in places]
    problems += [
        f"Tables {one.label} and {other.label} stand on each other." for one, other in list_overlaps(spots)[:10]
    ]
    for plan in queries.list_plans(db_session, event_id=event.id):
        own = [spot for spot in spots if spot.hall == plan.id]
        outside = list_outside(own, width_mm=plan.hall.width_mm, depth_mm=plan.hall.depth_mm)
        problems += [f"Table {spot.label} is outside of {plan.hall.name}." for spot in outside[:10]]
    return problems
