"""Drafts of floor plans and their publishing: saved by number, checked by name, published whole or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, Hall
from swapmeet.infra.audit import record
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import plan_rows, queries
from swapmeet.vendor_tables.areas import write_areas
from swapmeet.vendor_tables.errors import BadPlan, PlanMoved, PlanNotReady
from swapmeet.vendor_tables.geometry import natural
from swapmeet.vendor_tables.layout.changes import Changes, carried, compare
from swapmeet.vendor_tables.layout.checks import Finding, Rule, check_plan
from swapmeet.vendor_tables.layout.document import Place, Plan, PlanFault, dump_plan, load_plan
from swapmeet.vendor_tables.layout.edges import with_edges
from swapmeet.vendor_tables.models import FloorPlan, Reservation, TablePlace, TableType
from swapmeet.vendor_tables.plan_models import PlanDraft, PlanVersion

SHOWN = 20


@dataclass(frozen=True)
class Drawing:
    """The plan of a hall as the team sees it. `number` 0: nobody has changed it since it was published."""

    document: Plan
    published: Plan
    number: int
    version: int
    saved_by: str = ""
    saved_at: datetime | None = None


def find_plan(db_session: Session, *, event_id: int, hall_id: int) -> FloorPlan | None:
    return db_session.scalar(select(FloorPlan).where(FloorPlan.event_id == event_id, FloorPlan.hall_id == hall_id))


def find_newest(db_session: Session, plan: FloorPlan | None) -> PlanVersion | None:
    """The version that is in force."""
    if plan is None:
        return None
    statement = select(PlanVersion).where(PlanVersion.plan_id == plan.id).order_by(PlanVersion.number.desc())
    return db_session.scalar(statement.limit(1))


def find_draft(db_session: Session, plan: FloorPlan | None) -> PlanDraft | None:
    return db_session.scalar(select(PlanDraft).where(PlanDraft.plan_id == plan.id)) if plan is not None else None


def read_drawing(db_session: Session, *, event: Event, hall: Hall) -> Drawing:
    """The draft where there is one, else what is published, else the bare hall. Reads only."""
    plan = find_plan(db_session, event_id=event.id, hall_id=hall.id)
    version, draft = find_newest(db_session, plan), find_draft(db_session, plan)
    published = _published(db_session, event, hall, plan, version)
    number = version.number if version is not None else 0
    if draft is None:
        return Drawing(published, published, 0, number)
    return Drawing(load_plan(draft.document), published, draft.number, number, _name_of(draft), draft.saved_at)


def _name_of(draft: PlanDraft) -> str:
    return draft.saved_by.name if draft.saved_by is not None else "Somebody"


def _published(
    db_session: Session, event: Event, hall: Hall, plan: FloorPlan | None, version: PlanVersion | None
) -> Plan:
    if version is not None:
        return load_plan(version.document)
    return plan_rows.plan_of_rows(db_session, event=event, hall=hall, plan=plan, base=None)


def save_draft(
    db_session: Session, *, event: Event, hall: Hall, document: Plan, seen: int, by: Actor, now: datetime
) -> PlanDraft:
    """Keep this drawing as the draft. `seen` is the number it grew from; raises PlanMoved when there is a newer one."""
    plan = plan_rows.ensure_plan(db_session, event, hall, now)
    lock(db_session, plan)
    draft, version = find_draft(db_session, plan), find_newest(db_session, plan)
    check_seen(draft, seen)
    if draft is None:
        version = version or _first_version(db_session, event, hall, plan, now)
        based_on = version.number if version is not None else 0
        draft = PlanDraft(event_id=event.id, plan_id=plan.id, number=0, based_on=based_on, document="", saved_at=now)
        db_session.add(draft)
    draft.document = dump_plan(document)
    draft.number += 1
    draft.saved_by_id, draft.saved_at = by.person_id, now
    db_session.flush()
    return draft


def _first_version(db_session: Session, event: Event, hall: Hall, plan: FloorPlan, now: datetime) -> PlanVersion | None:
    """What vendors see of a plan that was never published as a document: the ground that drafts are compared with."""
    document = plan_rows.plan_of_rows(db_session, event=event, hall=hall, plan=plan, base=None)
    if not document.places:
        return None
    return add_version(db_session, plan=plan, document=document, now=now)


def check_seen(draft: PlanDraft | None, seen: int) -> None:
    """Raises PlanMoved unless the draft is the one that was seen (0: none)."""
    number = draft.number if draft is not None else 0
    if number == seen:
        return
    if draft is None:
        raise PlanMoved("The draft you were working on has been published or thrown away meanwhile.", number=0)
    who = _name_of(draft)
    raise PlanMoved(
        f"{who} has saved this plan since you opened it.",
        number=number,
        saved_by=who,
        saved_at=draft.saved_at.isoformat(),
    )


def discard_draft(db_session: Session, *, event: Event, hall: Hall, seen: int, by: Actor, now: datetime) -> None:
    """Throw the draft away; what is published stays. Raises PlanMoved."""
    plan = find_plan(db_session, event_id=event.id, hall_id=hall.id)
    draft = find_draft(db_session, plan)
    check_seen(draft, seen)
    if plan is not None and draft is not None:
        record(db_session, now=now, by=by, verb="plan_draft.discarded", subject=plan, saves=draft.number)
        db_session.delete(draft)
        db_session.flush()


@dataclass(frozen=True)
class Review:
    """What publishing would change, and what keeps it from happening: broken rules, and places that somebody holds."""

    changes: Changes
    findings: Sequence[Finding]
    held: Sequence[str]

    @property
    def is_ready(self) -> bool:
        return not self.findings and not self.held


def review(db_session: Session, *, event: Event, hall: Hall, drawing: Drawing, now: datetime) -> Review:
    """Looks at a drawing as publishing would. Reads only."""
    plan = find_plan(db_session, event_id=event.id, hall_id=hall.id)
    types = {row.code: row for row in queries.list_types(db_session, event_id=event.id)}
    findings = check_plan(drawing.document, types=types)
    findings += _taken_elsewhere(db_session, event, plan, drawing.document)
    held = _held_in_the_way(db_session, plan, drawing.document, types, now)
    return Review(compare(drawing.published, drawing.document), findings, held)


def _taken_elsewhere(db_session: Session, event: Event, plan: FloorPlan | None, document: Plan) -> list[Finding]:
    """Numbers and uids that another hall of this show has already."""
    plan_id = plan.id if plan is not None else 0
    elsewhere = [row for row in queries.list_places(db_session, event_id=event.id) if row.plan_id != plan_id]
    labels = {row.label.casefold(): row for row in elsewhere}
    uids = {row.uid for row in elsewhere}
    found = []
    for place in sorted(document.places, key=lambda place: natural(place.label)):
        if place.label.casefold() in labels:
            words = f"Another hall of this show has a table {place.label} already."
            found.append(Finding(Rule.DUPLICATE_LABEL, (place.uid,), words))
        elif place.uid in uids:
            words = f"Table {place.label} belongs to the plan of another hall. Draw it anew here."
            found.append(Finding(Rule.DUPLICATE_LABEL, (place.uid,), words))
    return found


def _held_in_the_way(
    db_session: Session, plan: FloorPlan | None, document: Plan, types: dict[str, TableType], now: datetime
) -> list[str]:
    """Sentences about places that somebody holds and that would vanish, shrink, or be sold another way."""
    if plan is None:
        return []
    statement = (
        select(TablePlace, Reservation.holder, Reservation.reason)
        .join(Reservation, Reservation.place_id == TablePlace.id)
        .where(TablePlace.plan_id == plan.id, queries.live_at(now))
        .order_by(TablePlace.id, Reservation.id)
    )
    wanted = {place.uid: place for place in document.places}
    codes = {row.id: row for row in types.values()}
    told: dict[str, str] = {}
    for row, holder, reason in db_session.execute(statement):
        harm = _harm(row, codes[row.type_id], wanted.get(row.uid), types)
        if harm:
            who = holder or reason or "somebody who is just buying it"
            told.setdefault(row.uid, f"Table {row.label} is held by {who}, so it cannot {harm}.")
    return list(told.values())


def _harm(row: TablePlace, kind: TableType, place: Place | None, types: dict[str, TableType]) -> str:
    if place is None:
        return "be taken away"
    new = types.get(place.type)
    if new is not None and new.sold_by_period != kind.sold_by_period:
        return "be sold another way"
    before, after = sorted((row.w_mm, row.d_mm)), sorted((place.w_mm, place.d_mm))
    sold = sorted((kind.length_mm, kind.depth_mm))
    if any(now < min(was, size) - 5 for now, was, size in zip(after, before, sold, strict=True)):
        return "become smaller"
    return ""


def publish_draft(db_session: Session, *, event: Event, hall: Hall, seen: int, by: Actor, now: datetime) -> PlanVersion:
    """Make the draft the plan that vendors see. Raises PlanMoved, PlanNotReady (broken rules, held places).

    The plan and the places that would go or change are locked first, so a claim that comes at the same moment waits.
    """
    plan = plan_rows.ensure_plan(db_session, event, hall, now)
    lock(db_session, plan)
    check_seen(find_draft(db_session, plan), seen)
    drawing = read_drawing(db_session, event=event, hall=hall)
    _lock_changing(db_session, plan, compare(drawing.published, drawing.document))
    found = review(db_session, event=event, hall=hall, drawing=drawing, now=now)
    if not found.is_ready:
        sentences = [*found.held, *(finding.message for finding in found.findings)]
        raise PlanNotReady(" ".join(sentences[:5]), findings=sentences[:SHOWN])
    open_gap(db_session)
    document = with_edges(drawing.document)
    types = {row.code: row.id for row in queries.list_types(db_session, event_id=event.id)}
    plan_rows.write_rows(db_session, event=event, plan=plan, document=document, types=types, now=now)
    version = add_version(db_session, plan=plan, document=document, now=now)
    draft = find_draft(db_session, plan)
    if draft is not None:
        db_session.delete(draft)
    counts: dict[str, Any] = {
        name: len(getattr(found.changes, name)) for name in ("added", "removed", "moved", "resized", "relabeled")
    }
    record(db_session, now=now, by=by, verb="plan.published", subject=plan, target=str(version.number), **counts)
    _record_relabeled(db_session, plan, found.changes, by, now)
    db_session.flush()
    return version


def _record_relabeled(db_session: Session, plan: FloorPlan, changes: Changes, by: Actor, now: datetime) -> None:
    """The story of each place tells when its number changed."""
    rows = {row.uid: row for row in db_session.scalars(select(TablePlace).where(TablePlace.plan_id == plan.id))}
    for before, after in changes.relabeled:
        row = rows[after.uid]
        verb = "table_place.relabeled"
        record(db_session, now=now, by=by, verb=verb, subject=row, origin=before.label, target=after.label)


def _lock_changing(db_session: Session, plan: FloorPlan, changes: Changes) -> None:
    """Whole row locks on what would go, shrink or be retyped, in ascending id: claims of these wait for the outcome."""
    if not guard_is_on():
        return
    pairs = [*changes.resized, *changes.retyped]
    uids = {place.uid for place in changes.removed} | {before.uid for before, _ in pairs}
    statement = select(TablePlace.id).where(TablePlace.plan_id == plan.id, TablePlace.uid.in_(sorted(uids)))
    db_session.execute(statement.order_by(TablePlace.id).with_for_update()).all()


def add_version(db_session: Session, *, plan: FloorPlan, document: Plan, now: datetime) -> PlanVersion:
    """Keep this document as the newest version; its places know their zones and circuits by it."""
    newest = find_newest(db_session, plan)
    text = dump_plan(document)
    version = PlanVersion(
        event_id=plan.event_id,
        plan_id=plan.id,
        number=newest.number + 1 if newest is not None else 1,
        document=text,
        digest=sha256(text.encode()).hexdigest(),
        published_at=now,
    )
    db_session.add(version)
    db_session.flush()
    write_areas(db_session, plan, document)
    return version


def note_edit(db_session: Session, *, event: Event, halls: Iterable[Hall], by: Actor, now: datetime) -> None:
    """Rows were changed one by one: keep what they say now as a version, and carry it into a draft that is under way."""
    for hall in halls:
        plan = find_plan(db_session, event_id=event.id, hall_id=hall.id)
        if plan is None:
            continue
        newest, draft = find_newest(db_session, plan), find_draft(db_session, plan)
        base = load_plan(newest.document) if newest is not None else None
        try:
            document = plan_rows.plan_of_rows(db_session, event=event, hall=hall, plan=plan, base=base)
            version = add_version(db_session, plan=plan, document=document, now=now)
            if draft is not None:
                old = base if base is not None else plan_rows.empty_plan(event, hall)
                draft.document = dump_plan(carried(load_plan(draft.document), old, document))
                draft.number, draft.based_on = draft.number + 1, version.number
                draft.saved_by_id, draft.saved_at = by.person_id, now
        except PlanFault as fault:
            raise BadPlan(f"This cannot stand on a plan: {fault}") from fault
    db_session.flush()
