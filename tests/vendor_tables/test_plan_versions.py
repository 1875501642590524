"""Drafts and versions of a floor plan: saved by number, checked, published whole; what somebody holds stays."""

import json
from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from swapmeet.events.importing import apply_halls
from swapmeet.events.models import Event, Hall
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.errors import PlanMoved, PlanNotReady
from swapmeet.vendor_tables.importing import apply_tables, clone_tables
from swapmeet.vendor_tables.layout.blocks import lay_block, relabeled
from swapmeet.vendor_tables.layout.document import Plan, dump_plan, load_plan
from swapmeet.vendor_tables.models import FloorPlan, PlanShape, TablePlace, new_uid
from swapmeet.vendor_tables.plan_models import PlanDraft, PlanVersion
from swapmeet.vendor_tables.services import layouts
from tests import factories
from tests.vendor_tables.floor import Floor
from tests.vendor_tables.layout.plans import island, with_place

SHOWS = json.loads((files("swapmeet") / "data" / "sample_shows.json").read_text(encoding="utf-8"))["shows"]


class Desk:
    """The floor's hall as Olga works on it."""

    def __init__(self, floor: Floor) -> None:
        self.floor, self.world = floor, floor.world
        self.by = Actor.person(self.world.ids["olga"], "Olga Organizer")

    @property
    def event(self) -> Event:
        return self.world.show()

    @property
    def hall(self) -> Hall:
        return db.session.scalars(select(Hall).where(Hall.event_id == self.world.event_id, Hall.code == "main")).one()

    def drawing(self) -> layouts.Drawing:
        end_reading()
        return layouts.read_drawing(db.session(), event=self.event, hall=self.hall)

    def save(self, document: Plan, seen: int | None = None) -> int:
        number = self.drawing().number if seen is None else seen
        with transaction() as db_session:
            draft = layouts.save_draft(
                db_session, event=self.event, hall=self.hall, document=document, seen=number, by=self.by, now=utcnow()
            )
            return draft.number

    def publish(self) -> int:
        seen = self.drawing().number
        with transaction() as db_session:
            version = layouts.publish_draft(
                db_session, event=self.event, hall=self.hall, seen=seen, by=self.by, now=utcnow()
            )
            return version.number

    def places(self) -> dict[str, TablePlace]:
        end_reading()
        rows = db.session.scalars(select(TablePlace).where(TablePlace.retired_at.is_(None)))
        return {row.label: row for row in rows}


@pytest.fixture
def desk(floor: Floor) -> Desk:
    return Desk(floor)


def test_what_is_sold_today_opens_as_a_plan_with_blocks(desk: Desk) -> None:
    drawing = desk.drawing()
    assert drawing.number == drawing.version == 0 and len(drawing.document.places) == 12
    assert [(block.name, block.n) for block in drawing.document.blocks] == [("A", 6), ("B", 6)]
    assert {place.uid for place in drawing.document.places} == {row.uid for row in desk.places().values()}


def test_a_draft_changes_nothing_until_it_is_published(desk: Desk) -> None:
    before = {label: row.uid for label, row in desk.places().items()}
    plan = desk.drawing().document
    plan = relabeled(plan, {place.uid: place.label.replace("A", "C") for place in plan.places})
    plan = lay_block(plan, island(uid="isle", y_mm=12_000, x_mm=3000), new_uid)
    assert desk.save(plan) == 1
    assert {label: row.uid for label, row in desk.places().items()} == before
    assert desk.publish() == 2
    rows = desk.places()
    assert len(rows) == 22 and rows["C01"].uid == before["A01"] and rows["A01"].facing.value == "N"
    assert db.session.scalars(select(PlanDraft)).all() == []
    first, version = db.session.scalars(select(PlanVersion).order_by(PlanVersion.number)).all()
    assert len(load_plan(first.document).places) == 12
    assert dump_plan(load_plan(version.document)) == version.document
    assert any(edge.kind == "back" for edge in load_plan(version.document).edges)


def test_numbers_can_change_places(desk: Desk) -> None:
    plan = desk.drawing().document
    uids = {place.label: place.uid for place in plan.places}
    desk.save(relabeled(plan, {uids["A01"]: "A02", uids["A02"]: "A01"}))
    desk.publish()
    rows = desk.places()
    assert (rows["A01"].uid, rows["A02"].uid) == (uids["A02"], uids["A01"])


def test_a_saved_draft_is_not_overwritten_by_who_has_not_seen_it(desk: Desk) -> None:
    plan = desk.drawing().document
    assert desk.save(plan, seen=0) == 1
    with pytest.raises(PlanMoved, match="Olga Organizer has saved this plan since you opened it") as caught:
        desk.save(plan, seen=0)
    assert caught.value.facts["number"] == 1
    assert desk.save(plan, seen=1) == 2


def test_a_plan_with_faults_is_not_published(desk: Desk) -> None:
    desk.save(with_place(desk.drawing().document, "A02", x_mm=-500))
    with pytest.raises(PlanNotReady, match="Table A02 sticks out of the hall"):
        desk.publish()
    assert desk.places()["A02"].x_mm > 0 and len(db.session.scalars(select(PlanVersion)).all()) == 1


def test_a_table_that_somebody_holds_cannot_vanish_or_shrink(desk: Desk) -> None:
    desk.floor.buy("A02", sign="Dolls by Ann")
    plan = desk.drawing().document
    gone = plan.changed(places=tuple(place for place in plan.places if place.label != "A02"))
    desk.save(gone)
    with pytest.raises(PlanNotReady, match="Table A02 is held by Dolls by Ann, so it cannot be taken away"):
        desk.publish()
    desk.save(with_place(plan, "A02", w_mm=1200))
    with pytest.raises(PlanNotReady, match="Dolls by Ann, so it cannot become smaller"):
        desk.publish()
    desk.save(relabeled(plan, {place.uid: "Z9" for place in plan.places if place.label == "A02"}))
    assert desk.publish() == 2
    assert desk.places()["Z9"].id == desk.floor.ids["A02"] and desk.floor.live("A02") is not None


def test_a_table_with_a_past_stays_as_history_and_gives_its_number_away(desk: Desk) -> None:
    cart = desk.floor.hold("A02")
    from swapmeet.orders.models import Order
    from swapmeet.vendor_tables.services.claims import end_reservations

    with transaction() as db_session:
        rows = [row for row in desk.floor.reservations("A02") if row.released_at is None]
        rows = [db_session.merge(row) for row in rows]
        end_reservations(db_session, rows, reason="changed their mind", by=desk.by, now=utcnow())
        assert db_session.get_one(Order, cart)
    plan = desk.drawing().document
    old = next(place for place in plan.places if place.label == "A02")
    plan = plan.changed(places=(*(p for p in plan.places if p is not old), old.model_copy(update={"uid": "fresh"})))
    desk.save(plan)
    desk.publish()
    assert desk.places()["A02"].uid == "fresh"
    kept = db.session.get_one(TablePlace, desk.floor.ids["A02"])
    assert kept.retired_at is not None and not kept.is_sellable and kept.label.startswith("A02~")


def test_versions_cannot_be_changed(desk: Desk) -> None:
    desk.save(desk.drawing().document)
    desk.publish()
    with pytest.raises(DatabaseError, match="append-only"), transaction() as db_session:
        db_session.execute(text("UPDATE plan_version SET document = ''"))


def test_a_change_at_one_table_is_a_version_and_comes_into_the_draft(desk: Desk) -> None:
    from swapmeet.vendor_tables.services import plan as plan_service

    draft = relabeled(
        desk.drawing().document, {p.uid: "Q1" for p in desk.drawing().document.places if p.label == "B06"}
    )
    desk.save(draft)
    with transaction() as db_session:
        row = db_session.get_one(TablePlace, desk.floor.ids["A06"])
        plan_service.remove_place(db_session, event=desk.event, place=row, by=desk.by, now=utcnow())
    drawing = desk.drawing()
    assert (drawing.version, drawing.number) == (2, 2) and len(drawing.published.places) == 11
    assert {place.label for place in drawing.document.places} == {
        *(f"A0{number}" for number in range(1, 6)),
        *(f"B0{number}" for number in range(1, 6)),
        "Q1",
    }


def test_a_number_of_another_hall_is_told(desk: Desk) -> None:
    with transaction() as db_session:
        other = factories.hall(db_session, event=desk.event, code="annex", name="Annex")
        hall_id = other.id
    plan = desk.drawing().document
    with transaction() as db_session:
        hall = db_session.get_one(Hall, hall_id)
        now, by = utcnow(), desk.by
        layouts.save_draft(db_session, event=desk.event, hall=hall, document=plan, seen=0, by=by, now=now)
    with (
        pytest.raises(PlanNotReady, match="Another hall of this show has a table A01 already"),
        transaction() as db_session,
    ):
        hall = db_session.get_one(Hall, hall_id)
        layouts.publish_draft(db_session, event=desk.event, hall=hall, seen=1, by=desk.by, now=utcnow())


def test_walls_zones_and_doors_reach_the_public_drawing(desk: Desk) -> None:
    plan = desk.drawing().document.changed(
        walls=({"uid": "w", "points": ((0, 15_000), (5000, 15_000), (5000, 18_000))},),
        solids=({"uid": "s", "kind": "stage", "x_mm": 20_000, "y_mm": 16_000, "w_mm": 4000, "d_mm": 3000, "text": "Stage"},),
        zones=({"uid": "z", "name": "Dolls", "points": ((0, 0), (9000, 0), (9000, 9000))},),
        doors=({"uid": "d", "kind": "fire", "x1_mm": 10_000, "y1_mm": 20_000, "x2_mm": 12_000, "y2_mm": 20_000},),
    )  # fmt: skip
    desk.save(plan)
    desk.publish()
    shapes = db.session.scalars(select(PlanShape).order_by(PlanShape.id)).all()
    found = [(shape.uid, shape.kind.value, shape.text) for shape in shapes]
    walls = [("w", "wall", "")] * 2
    assert found == [*walls, ("s", "stage", "Stage"), ("d", "door", "Fire exit"), ("z", "label", "Dolls")]


@pytest.mark.parametrize("show", SHOWS, ids=[show["id"] for show in SHOWS])
def test_the_sample_halls_open_pass_their_checks_and_publish(world: Any, show: dict[str, Any]) -> None:
    by = Actor.person(world.ids["olga"], "Olga Organizer")
    with transaction() as db_session:
        event = factories.event(db_session, organizer=world.organizer, slug="sample", name="Sample")
        apply_halls(db_session, event, show, utcnow())
        apply_tables(db_session, event, show, utcnow())
        event_id = event.id
    plans = db.session.scalars(select(FloorPlan).where(FloorPlan.event_id == event_id)).all()
    assert plans
    for plan_id in [plan.id for plan in plans]:
        with transaction() as db_session:
            plan = db_session.get_one(FloorPlan, plan_id)
            event = db_session.get_one(Event, event_id)
            opened = layouts.read_drawing(db_session, event=event, hall=plan.hall)
            assert opened.version == 1 and all(place.block for place in opened.document.places)
            document = opened.document
            for block in document.blocks:
                document = lay_block(document, block, new_uid)
            assert {place.uid for place in document.places} == {place.uid for place in opened.document.places}
            now, hall = utcnow(), plan.hall
            layouts.save_draft(db_session, event=event, hall=hall, document=document, seen=0, by=by, now=now)
            found = layouts.read_drawing(db_session, event=event, hall=hall)
            assert layouts.review(db_session, event=event, hall=hall, drawing=found, now=now).findings == []
            version = layouts.publish_draft(db_session, event=event, hall=hall, seen=1, by=by, now=now)
            assert version.number == 2
    with transaction() as db_session:
        source = db_session.get_one(Event, event_id)
        copy = factories.event(db_session, organizer=world.organizer, slug="next", name="Next")
        apply_halls(db_session, copy, show, utcnow())
        clone_tables(db_session, source, copy, 364, utcnow())
        cloned = db_session.scalars(select(PlanVersion).where(PlanVersion.event_id == copy.id)).all()
        newest = {layouts.find_newest(db_session, plan).digest for plan in plans}  # type: ignore[union-attr]
        assert {version.digest for version in cloned} == newest


def test_the_doctor_sees_tables_that_are_not_those_of_the_version(desk: Desk) -> None:
    from swapmeet.vendor_tables.doctor import plans_unlike_their_version

    desk.save(desk.drawing().document)
    desk.publish()
    end_reading()
    assert plans_unlike_their_version(db.session(), utcnow()) == []
    with transaction() as db_session:
        db_session.get_one(TablePlace, desk.floor.ids["A02"]).label = "Z7"
    assert plans_unlike_their_version(db.session(), utcnow())[0].endswith("does not show its version 2: A02, Z7")
