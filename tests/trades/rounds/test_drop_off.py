"""The desk takes things in; only what is there takes part in the final result, and people are told what that changes."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from swapmeet.badges.models import Attendee
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import Document, DocumentState, read_document
from swapmeet.infra.uow import transaction
from swapmeet.trades.rounds import desk_queries, doctor, labels, queries
from swapmeet.trades.rounds.desk_models import Condition, IntakeState, RoundIntake
from swapmeet.trades.rounds.errors import BadEntry, RunRefused, StaleRun, WrongPhase
from swapmeet.trades.rounds.labels import Scan, Scanned, read_scan
from swapmeet.trades.rounds.models import Phase, RoundEntry, RunKind, RunState
from swapmeet.trades.rounds.services import phases
from tests.badges import build
from tests.support.forms import post
from tests.trades.rounds.swap import (
    BY,
    ask_for_run,
    at_drop_off,
    bring,
    open_round,
    phase_of,
    publish,
    put_in,
    run_of,
    switch,
    three_way,
    work,
)


def _states(round_id: int) -> dict[str, str]:
    db.session.rollback()
    rows = desk_queries.list_arrivals(db.session(), round_id=round_id)
    return {row.entry.title: row.state.value for row in rows}


def _desk(world: Any, round_id: int) -> str:
    return f"/manage/shows/{world.slug}/rounds/{round_id}/drop-off"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("T7-12", Scan(Scanned.THING, 12)),
        (" t7-012 ", Scan(Scanned.THING, 12)),
        ("#12", Scan(Scanned.THING, 12)),
        ("12", Scan(Scanned.THING, 12)),
        ("P7-3", Scan(Scanned.TRADER, 3)),
        ("Trader 3", Scan(Scanned.TRADER, 3)),
        ("T8-12", Scan(Scanned.OTHER_ROUND)),
        ("Tess", Scan(Scanned.WORDS)),
        ("12345678", Scan(Scanned.WORDS)),
        ("T7-", Scan(Scanned.WORDS)),
        ("", Scan(Scanned.WORDS)),
    ],
)
def test_a_label_a_number_and_a_trader_are_told_apart(typed: str, meant: Scan) -> None:
    assert read_scan(typed, round_id=7) == meant


def test_the_phases_of_the_day_go_on_and_back_while_nothing_is_undone_by_it(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    switch(world, round_id, Phase.PREVIEW, Phase.DROP_OFF)
    bring(world, round_id, entries["chair"])
    with pytest.raises(WrongPhase, match="taken things in already"):
        switch(world, round_id, Phase.PREVIEW)
    switch(world, round_id, Phase.FINAL)
    with pytest.raises(WrongPhase, match="Pick-up begins when the final result is out"):
        switch(world, round_id, Phase.PICK_UP)
    switch(world, round_id, Phase.DROP_OFF)
    assert phase_of(world, round_id) == "drop_off"


def test_a_scan_shows_the_thing_and_enter_takes_it_in(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    olga, desk = world.client("olga"), _desk(world, round_id)
    answer = post(olga, f"{desk}/scans", {"code": labels.label_of_thing(round_id, 1)})
    assert answer.status_code == 303 and answer.location.endswith("?thing=1")
    shown = olga.get(answer.location).text
    assert "Chair" in shown and "Take it in" in shown and "said to be" in shown
    done = post(olga, f"{desk}/things/{entries['chair']}", {"condition": "as_described", "note": ""})
    assert done.status_code == 303 and "#1 Chair is in." in olga.get(done.location).text
    assert _states(round_id)["Chair"] == "present"
    post(olga, f"{desk}/things/{entries['chair']}", {"condition": "as_described"})  # scanned twice
    assert db.session.scalars(select(RoundIntake)).all()[0].state is IntakeState.PRESENT
    post(olga, f"{desk}/things/{entries['chair']}/removal")
    assert _states(round_id)["Chair"] == "expected"


def test_a_damaged_thing_is_refused_and_needs_a_word_why(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    olga, desk = world.client("olga"), _desk(world, round_id)
    again = post(olga, f"{desk}/things/{entries['loco']}", {"condition": "damaged", "note": ""})
    assert again.status_code == 422 and "Say what is wrong with it" in again.text and 'value="damaged"' in again.text
    odd = post(olga, f"{desk}/things/{entries['loco']}", {"condition": "nonsense", "note": "kept words"})
    assert odd.status_code == 422 and "kept words" in odd.text
    post(olga, f"{desk}/things/{entries['loco']}", {"condition": "damaged", "note": "One wheel is off."})
    assert _states(round_id)["Loco"] == "refused"
    mine = world.client("tom").get(f"/shows/{world.slug}/rounds/{round_id}/mine").text
    assert "Not accepted" in mine and "One wheel is off." in mine
    post(olga, f"{desk}/things/{entries['loco']}", {"condition": "not_as_described", "note": "Scratched."})
    assert _states(round_id)["Loco"] == "present"


def test_a_persons_list_is_ticked_after_their_badge_their_name_or_their_number(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    olga, desk = world.client("olga"), _desk(world, round_id)
    badge = build.admitted(world, "Tess Trader")
    with transaction() as db_session:
        db_session.get_one(Attendee, badge.attendee_id).person_id = world.ids["tess"]
    for typed in (badge.code, "tess", "trader 1"):
        answer = post(olga, f"{desk}/scans", {"code": typed})
        assert answer.status_code == 303 and answer.location.endswith("?trader=1"), typed
    both = post(olga, f"{desk}/scans", {"code": "trader"})
    assert both.status_code == 200 and "Tess Trader, trader 1" in both.text and "Tom Trader, trader 2" in both.text
    nobody = post(olga, f"{desk}/scans", {"code": "Zoe"})
    assert nobody.status_code == 422 and "Nobody in this round" in nobody.text
    other = post(olga, f"{desk}/scans", {"code": f"T{round_id + 1}-1"})
    assert other.status_code == 422 and "of another round" in other.text
    assert post(olga, f"{desk}/scans", {"code": ""}).status_code == 422
    shown = olga.get(f"{desk}?trader=1").text
    assert "Chair" in shown and "Bed" in shown and "Loco" not in shown.partition("How far everybody is")[0]
    both_in = {"entries": [str(entries["chair"]), str(entries["bed"])]}
    post(olga, f"{desk}/traders/{_member(round_id, 1)}", both_in)
    assert (_states(round_id)["Chair"], _states(round_id)["Bed"]) == ("present", "present")
    foreign = post(olga, f"{desk}/traders/{_member(round_id, 1)}", {"entries": str(entries["loco"])})
    assert foreign.status_code == 404
    none = post(olga, f"{desk}/traders/{_member(round_id, 1)}", {})
    assert "Tick at least one thing." in olga.get(none.location).text
    assert "Nothing with this number" in olga.get(f"{desk}?thing=99").text


def _member(round_id: int, number: int) -> int:
    db.session.rollback()
    found = desk_queries.find_trader(db.session(), round_id=round_id, number=number)
    assert found is not None
    return found.id


def _final(world: Any, round_id: int) -> int:
    switch(world, round_id, Phase.FINAL)
    run_id = ask_for_run(world, round_id, seen=1)
    work(world)
    publish(world, round_id, run_id)
    return run_id


def test_only_what_is_there_takes_part_in_the_final_result(world: Any, mail: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, entries["chair"], entries["bear"], entries["bed"], entries["lamp"])
    mail.deliver_all()
    run = run_of(_final(world, round_id))
    assert (run.kind, run.state, run.things, run.things_traded) == (RunKind.FINAL, RunState.PUBLISHED, 4, 0)
    mails = {str(row["To"]): row for row in mail.deliver_all() if str(row["Subject"]).startswith("Final:")}
    tom = mails["tom.trader@example.org"].get_body(("plain",)).get_content()
    tom = " ".join(tom.split())
    assert "Your #3 Loco stays with you, and you do not get #4 Bear. It was not brought to the desk." in tom
    tess = " ".join(mails["tess.trader@example.org"].get_body(("plain",)).get_content().split())
    assert "Your #1 Chair stays with you, and you do not get #3 Loco. Without the things" in tess
    page = world.client("tess").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    assert "Not as the first result said" in page
    assert [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())] == []


def test_when_all_is_there_nothing_changes_and_the_mail_says_so(world: Any, mail: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, *entries.values())
    mail.deliver_all()
    run = run_of(_final(world, round_id))
    assert (run.things, run.things_traded) == (5, 3)
    finals = [row for row in mail.deliver_all() if str(row["Subject"]).startswith("Final:")]
    told = [row for row in finals if str(row["To"]) == "tom.trader@example.org"]
    assert "nothing has changed since the first result" in " ".join(told[0].get_body(("plain",)).get_content().split())
    assert "This is the final result" in world.client().get(f"/shows/{world.slug}/rounds/{round_id}/result").text
    page = world.client("tom").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    assert "You have handed in" in page and "You collect" in page and "Not as the first" not in page


def test_a_late_arrival_makes_a_run_stale_and_is_in_the_next(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, entries["chair"], entries["loco"])
    switch(world, round_id, Phase.FINAL)
    first = ask_for_run(world, round_id, seen=1)
    work(world)
    bring(world, round_id, entries["bear"])
    assert db.session.scalar(select(RoundIntake.is_late).where(RoundIntake.entry_id == entries["bear"])) is True
    with pytest.raises(StaleRun):
        publish(world, round_id, first)
    second = ask_for_run(world, round_id, seen=2)
    work(world)
    publish(world, round_id, second)
    assert run_of(second).things_traded == 3
    with pytest.raises(WrongPhase, match="final result is out"):
        bring(world, round_id, entries["bed"])
    with pytest.raises(WrongPhase, match="goes on with pick-up"):
        switch(world, round_id, Phase.DROP_OFF)


def test_a_final_run_of_nothing_is_refused(world: Any) -> None:
    round_id, _entries = at_drop_off(world)
    switch(world, round_id, Phase.FINAL)
    with pytest.raises(RunRefused, match="Nothing lies at the desk"):
        ask_for_run(world, round_id, seen=1)


def test_a_host_takes_one_thing_out_during_the_result_and_its_owner_is_told(world: Any, mail: Any) -> None:
    round_id, _entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    work(world)
    olga, page = world.client("olga"), f"/manage/shows/{world.slug}/rounds/{round_id}"
    assert "Take one thing out of the round" in olga.get(page).text
    missing = post(olga, f"{page}/removals", {"number": "99", "reason": "Ivory"})
    assert "Nothing with the number 99" in olga.get(missing.location).text
    assert "Say why" in olga.get(post(olga, f"{page}/removals", {"number": "1", "reason": ""}).location).text
    done = post(olga, f"{page}/removals", {"number": "1", "reason": "Its feet are ivory."})
    assert "#1 Chair is out of the round" in olga.get(done.location).text
    with pytest.raises(StaleRun):
        publish(world, round_id, run_id)
    told = [row for row in mail.deliver_all() if "is out of the trade round" in str(row["Subject"])]
    assert [str(row["To"]) for row in told] == ["tess.trader@example.org"]
    assert "Its feet are ivory." in told[0].get_body(("plain",)).get_content()


def test_what_a_host_takes_out_at_the_desk_goes_back_to_its_owner(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, entries["chair"])
    olga = world.client("olga")
    post(olga, f"/manage/shows/{world.slug}/rounds/{round_id}/removals", {"number": "1", "reason": "Not allowed."})
    row = db.session.scalar(select(RoundIntake).where(RoundIntake.entry_id == entries["chair"]))
    assert row is not None and row.state is IntakeState.RETURNED
    assert "Chair" not in _states(round_id)


def test_only_those_who_still_have_to_come_are_reminded(world: Any, mail: Any, clock: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, entries["loco"], entries["bear"], entries["lamp"], entries["chair"])
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        ends = {Phase.DROP_OFF: utcnow() + timedelta(hours=20)}
        phases.set_deadlines(db_session, round_=round_, ends=ends, by=BY, now=utcnow())
    told = [str(row["To"]) for row in mail.deliver_all() if str(row["Subject"]).startswith("Soon over")]
    assert told == ["tess.trader@example.org"]  # her bed is still missing


def test_labels_are_a_pdf_for_the_desk_and_for_each_person(world: Any, mail: Any) -> None:
    round_id, entries = at_drop_off(world)
    olga, tess = world.client("olga"), world.client("tess")
    page = f"/manage/shows/{world.slug}/rounds/{round_id}/labels"
    assert post(olga, page).location.startswith("/documents/")
    assert post(olga, page, {"entry_id": str(entries["chair"])}).status_code == 303
    assert post(olga, page, {"entry_id": "999999"}).status_code == 404
    assert post(tess, f"/shows/{world.slug}/rounds/{round_id}/labels").status_code == 303
    assert post(world.client("otto"), f"/shows/{world.slug}/rounds/{round_id}/labels").status_code == 404
    work(world)
    made = db.session.scalars(select(Document).order_by(Document.id)).all()
    assert [row.state for row in made] == [DocumentState.READY] * 3
    assert read_document(db.session(), made[0]).startswith(b"%PDF")


def test_the_printed_list_has_everybody_with_boxes(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, entries["chair"])
    shown = world.client("olga").get(f"{_desk(world, round_id)}/list").text
    assert "Trader 1: Tess Trader" in shown and "☑" in shown and "☐" in shown and "Loco" in shown


def test_the_desk_is_closed_before_and_after(world: Any) -> None:
    round_id = open_round(world)
    (chair,) = put_in(world, round_id, "tess", ["Chair"])
    with pytest.raises(WrongPhase, match="takes things in while"):
        bring(world, round_id, chair)
    assert "Now you can only look" in world.client("olga").get(_desk(world, round_id)).text
    assert world.client("dora").get(_desk(world, round_id)).status_code == 403


def test_a_thing_that_stays_at_home_cannot_be_taken_in(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    with transaction() as db_session:
        db_session.get_one(RoundEntry, entries["bed"]).stays_home = True
    with pytest.raises(BadEntry, match="takes no part"):
        bring(world, round_id, entries["bed"])


def test_the_database_refuses_a_damaged_thing_at_the_desk(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, entries["bed"])
    for change in ("condition = 'damaged'", "condition = NULL", "condition = 'not_as_described', note = ''"):
        with pytest.raises(IntegrityError), transaction() as db_session:
            db_session.execute(text(f"UPDATE round_intake SET {change}"))


def test_each_step_at_the_desk_is_written_down(world: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, entries["bed"])
    bring(world, round_id, entries["bed"], condition=Condition.NOT_AS_DESCRIBED)
    bring(world, round_id, entries["bed"], condition=Condition.DAMAGED)
    verbs = db.session.scalars(
        select(AuditEntry.verb).where(AuditEntry.subject == "RoundIntake").order_by(AuditEntry.id)
    )
    assert list(verbs) == ["round_thing.present", "round_thing.looked_at", "round_thing.refused"]
