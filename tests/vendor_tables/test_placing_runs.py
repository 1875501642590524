"""A placing: asked for, done by the worker, compared, accepted by a person, and told to every vendor."""

import json
import re
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DatabaseError

from swapmeet.events.models import Hall
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile, read_file
from swapmeet.infra.jobs import Worker, run_claim
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.applications.models import Application, VendorStanding
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.vendor_tables.models import ReservationKind, ReservationState, TablePlace
from swapmeet.vendor_tables.placing.drawing import faults_in
from swapmeet.vendor_tables.placing.jsonform import problem_from_json
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.placing.solving import place_vendors
from swapmeet.vendor_tables.runs import doctor
from swapmeet.vendor_tables.runs.models import PlacingDraw, PlacingRun, PlacingSeat, RunState
from swapmeet.vendor_tables.services import desk
from tests.support.forms import post
from tests.vendor_tables.applying import Applying
from tests.vendor_tables.floor import rows_of_places

S = ApplicationState
WEIGHTS = {"placed": "100", "first_wish": "60", "rank": "10", "corner": "10", "near": "30", "rival": "10"}
ALL = ["first_come", "draft", "best_fit"]


class Placing:
    """Three vendors who want A02 or the end of row B, and short ways to run, accept and look."""

    def __init__(self, applying: Applying) -> None:
        self.applying, self.world, self.floor = applying, applying.world, applying.floor
        self.base = f"/manage/shows/{self.world.slug}/placing"
        self.ids = {
            "vic": applying.write("vic", wishes=["A02", "B01"]),
            "ann": applying.write("ann", wishes=["A02"]),
            "tess": applying.write("tess", table_count=2, wishes=["Row B"]),
        }
        self.points("ann", 80)

    def points(self, who: str, points: int) -> None:
        with transaction() as db_session:
            row = db_session.get_one(Application, self.ids[who])
            organizer_id = row.event.organizer_id
            db_session.add(VendorStanding(organizer_id=organizer_id, vendor_id=row.vendor_id, points=points))

    def start(self, *rules: str, who: str = "olga", **changes: str) -> Any:
        data = {**WEIGHTS, "rules": list(rules or ALL), "period_id": str(self.floor.period_id), **changes}
        return post(self.world.client(who), f"{self.base}/runs", data)

    def work(self) -> None:
        handlers = self.world.app.extensions["swapmeet_registry"].jobs
        db.session.rollback()
        Worker(self.world.app, handlers, run_heavy=lambda claim: run_claim(handlers[claim.kind], claim)).drain()
        db.session.rollback()

    def run(self, rule: str = "best_fit") -> PlacingRun:
        db.session.rollback()
        statement = select(PlacingRun).where(PlacingRun.rule == Rule(rule)).order_by(PlacingRun.number.desc())
        return db.session.scalars(statement.limit(1)).one()

    def done(self, rule: str = "best_fit") -> PlacingRun:
        self.start(rule)
        self.work()
        return self.run(rule)

    def accept(self, run: PlacingRun, *, who: str = "olga", **changes: str) -> Any:
        until = f"{self.world.show().first_day:%Y-%m-%d}T09:00"
        data = {"expires_at": until, "is_waiting": "y", "is_told": "y", **changes}
        return post(self.world.client(who), f"{self.base}/runs/{run.id}/acceptance", data)

    def page(self, rest: str = "", who: str = "olga") -> str:
        text: str = self.world.client(who).get(f"{self.base}{rest}").get_data(as_text=True)
        return text

    def places(self, run: PlacingRun) -> dict[str, list[str]]:
        """Labels by person."""
        names = {id_: who for who, id_ in self.ids.items()}
        labels = {row.id: row.label for row in db.session.execute(select(TablePlace.id, TablePlace.label))}
        seats = db.session.scalars(select(PlacingSeat).where(PlacingSeat.run_id == run.id))
        return {names[seat.application_id]: [labels[one] for one in seat.places] for seat in seats}

    def faults(self) -> list[str]:
        db.session.rollback()
        return [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]


@pytest.fixture
def placing(applying: Applying) -> Placing:
    return Placing(applying)


def test_three_rules_run_and_stand_side_by_side(placing: Placing) -> None:
    assert placing.start().status_code == 303
    assert "Waits for its turn" in placing.page() and 'http-equiv="refresh"' in placing.page()
    placing.work()
    page = placing.page()
    assert page.count("On the plan, with reasons") == 3 and "refresh" not in page.partition("<body")[0]
    assert placing.places(placing.run("first_come"))["vic"] == ["A02"]
    assert placing.places(placing.run("draft"))["ann"] == ["A02"]
    best = placing.places(placing.run("best_fit"))
    assert best["ann"] == ["A02"] and best["vic"] == ["B01"] and len(best["tess"]) == 2
    assert placing.faults() == []


def test_a_run_is_stored_so_that_anybody_gets_the_same_again(placing: Placing) -> None:
    run = placing.done()
    document = json.loads(read_file(db.session.get_one(StoredFile, run.input_file_id).key))
    again = place_vendors(problem_from_json(document), run.rule, run.draw.seed)
    assert (again.input_hash, again.result_hash, again.welfare, again.bound) == (
        run.input_hash,
        run.result_hash,
        run.welfare,
        run.bound,
    )
    assert run.engine_version.startswith("swapmeet placing 1") and run.welfare <= run.bound


def test_accepting_makes_all_offers_and_tells_every_vendor_why(placing: Placing, mail: Any) -> None:
    placing.applying.write("tom", table_count=10)  # no row is that long
    placing.ids["tom"] = db.session.scalars(select(Application.id).order_by(Application.id.desc())).first() or 0
    run = placing.done()
    assert "Accept and make the offers" in placing.page(f"/runs/{run.id}")
    left = placing.page(f"/runs/{run.id}?only=left").partition('id="vendors"')[2]
    assert "Tom’s Stall" in left and "Vic’s Stall" not in left
    assert placing.accept(run).status_code == 303
    vic = placing.applying.row(placing.ids["vic"])
    assert vic.state is S.OFFERED and "went to a vendor with 80 points" in vic.message
    row = placing.floor.live("B01")
    assert row is not None and (row.kind, row.state) == (ReservationKind.OFFER, ReservationState.OFFERED)
    tom = placing.applying.row(placing.ids["tom"])
    assert tom.state is S.WAITLISTED and "no room for you: no 10 free places" in tom.message
    own = placing.world.client("vic").get(f"/shows/{placing.world.slug}/application/placing").text
    assert "A02" in own and "80 points" in own and "Ann" not in own
    assert placing.run().state is RunState.ACCEPTED and placing.faults() == []
    assert "This run was accepted" in placing.page(f"/runs/{run.id}")


def test_a_second_run_never_moves_who_has_a_place(placing: Placing) -> None:
    placing.accept(placing.done())
    before = placing.floor.states()
    late = placing.applying.write("tom", wishes=["A02"])
    placing.ids["tom"] = late
    run = placing.done("draft")
    assert set(placing.places(run)) == {"tom"}
    assert "was sold or kept before the placing" in " ".join(
        db.session.scalars(select(PlacingSeat).where(PlacingSeat.run_id == run.id)).one().reasons
    )
    placing.accept(run)
    after = placing.floor.states()
    assert before.items() <= after.items() and len(after) == len(before) + 1


def test_whoever_withdraws_during_a_run_is_left_out_and_the_others_get_theirs(placing: Placing) -> None:
    run = placing.done()
    placing.applying.post("/withdrawal", {"reason": "Sold out"}, who="ann")
    assert placing.applying.row(placing.ids["ann"]).state is S.WITHDRAWN
    assert "has withdrawn" in placing.page(f"/runs/{run.id}")
    assert placing.accept(run).status_code == 303
    assert placing.applying.row(placing.ids["vic"]).state is S.OFFERED
    assert placing.floor.live("A02") is None


def test_a_table_sold_meanwhile_stops_the_whole(placing: Placing) -> None:
    run = placing.done()
    with transaction() as db_session:
        desk.hold_places(
            db_session,
            event=placing.world.show(),
            places=[placing.floor.place("A02")],
            period=placing.floor.period("whole"),
            holder="Raffle",
            reason="needs it",
            expires_at=None,
            by=Actor.command("test"),
            now=utcnow(),
        )
    answer = placing.accept(run)
    assert answer.status_code == 422 and "A02" in answer.text and "taken" in answer.text
    assert placing.applying.row(placing.ids["vic"]).state is S.SUBMITTED
    assert placing.run().state is RunState.DONE


def test_two_organizers_accept_and_there_is_one_set_of_offers(placing: Placing) -> None:
    first, second = placing.done("draft"), placing.done("best_fit")
    assert placing.accept(second).status_code == 303
    again = placing.accept(second)
    assert again.status_code == 422 and "already accepted" in again.text
    other = placing.accept(first)
    assert other.status_code == 422
    assert placing.faults() == []


def test_a_wish_for_a_table_that_is_gone_is_said_and_does_no_harm(placing: Placing) -> None:
    with transaction() as db_session:
        db_session.delete(db_session.get_one(TablePlace, placing.floor.ids["A02"]))
    run = placing.done()
    seat = db.session.scalars(select(PlacingSeat).where(PlacingSeat.application_id == placing.ids["ann"])).one()
    assert "is not on the plan any more" in seat.reasons[0] and seat.places
    assert run.state is RunState.DONE


def test_a_run_can_be_stopped_and_its_result_is_dropped(placing: Placing) -> None:
    placing.start("draft")
    run = placing.run("draft")
    assert "Stop the run" in placing.page(f"/runs/{run.id}")
    assert post(placing.world.client("olga"), f"{placing.base}/runs/{run.id}/cancellation", {}).status_code == 303
    placing.work()
    assert placing.run("draft").state is RunState.CANCELED
    assert "was stopped" in placing.page(f"/runs/{run.id}")


def test_pressed_twice_each_rule_runs_once(placing: Placing) -> None:
    placing.start("draft")
    placing.start("draft")
    db.session.rollback()
    assert len(db.session.scalars(select(PlacingRun.id)).all()) == 1


def test_bad_numbers_and_no_rule_come_back_at_their_fields(placing: Placing) -> None:
    answer = placing.start(near="-3", rank="x")
    assert answer.status_code == 422 and answer.text.count("field-error") >= 2 and 'value="-3"' in answer.text
    data = {**WEIGHTS, "period_id": str(placing.floor.period_id)}
    assert "Tick at least one rule" in post(placing.world.client("olga"), f"{placing.base}/runs", data).text
    run = placing.done("draft")
    late = placing.accept(run, expires_at="2020-01-01T10:00")
    assert late.status_code == 422 and "That time is over" in late.text


def test_near_counts_when_agreed_and_away_is_never_told(placing: Placing) -> None:
    placing.ids["tom"] = placing.applying.write("tom", wishes=["A01"], near=["Vic’s Stall"], away=["Ann’s Stall"])
    run = placing.done()
    assert run.measures["near_asked"] == 0
    labels = placing.places(run)
    assert {labels["tom"][0], labels["ann"][0]} not in ({"A01", "A02"}, {"A02", "A03"})
    seat = db.session.scalars(select(PlacingSeat).where(PlacingSeat.application_id == placing.ids["tom"])).one()
    assert "Ann" not in " ".join(seat.reasons)


def test_the_seed_is_sealed_before_and_open_after(placing: Placing) -> None:
    run = placing.done("draft")
    seed = run.draw.seed
    public = f"/shows/{placing.world.slug}/placing"
    before = placing.world.client(None).get(public).text
    assert run.draw.commitment in before and seed not in before
    assert placing.world.client(None).get(f"{public}/draws/1.json").status_code == 404
    placing.accept(run)
    document = placing.world.client(None).get(f"{public}/draws/1.json").get_json()
    assert faults_in(document, commitment=db.session.scalars(select(PlacingDraw.commitment)).one()) == []
    assert seed in placing.world.client(None).get(public).text
    placing.ids["tom"] = placing.applying.write("tom")
    assert placing.done("draft").draw_id != run.draw_id


def test_an_accepted_run_never_changes(placing: Placing) -> None:
    run = placing.done("draft")
    placing.accept(run)
    for statement in (update(PlacingRun).values(welfare=1), update(PlacingSeat).values(rank=3)):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as db_session:
            db_session.execute(statement)
    assert placing.faults() == []


def test_the_rules_are_boxes_and_all_are_ticked_to_begin_with(placing: Placing) -> None:
    boxes = re.findall(r"<input[^>]*name=\"rules\"[^>]*>", placing.page())
    assert len(boxes) == 3 and all("checkbox" in box and "checked" in box for box in boxes)


def test_a_run_over_two_halls_shows_each_on_its_plan(placing: Placing) -> None:
    with transaction() as db_session:
        event = placing.world.show()
        hall = Hall(event_id=event.id, code="annex", name="Annex", width_mm=30_000, depth_mm=20_000)
        db_session.add(hall)
        db_session.flush()
        rows_of_places(db_session, event, placing.floor.type(), names="C", hall=hall)
    run = placing.done("draft")
    page = placing.page(f"/runs/{run.id}")
    assert "Annex" in page and "hall=" in page


def test_strangers_and_viewers_cannot_run(placing: Placing) -> None:
    assert placing.start("draft", who="otto").status_code in (403, 404)
    assert placing.world.client("vic").get(placing.base).status_code in (403, 404)
