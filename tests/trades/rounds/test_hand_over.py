"""The pick-up desk: boxes and slots, one scan for all, proxies, part collections, repairs, and settlement loop by loop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from swapmeet.badges.models import Attendee
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import Document, DocumentState
from swapmeet.infra.uow import transaction
from swapmeet.trades import doctor as trades_doctor
from swapmeet.trades.models import Listing, ListingState
from swapmeet.trades.rounds import doctor, hand_queries, parts, queries
from swapmeet.trades.rounds.boxes import plan_slots, shelf_of
from swapmeet.trades.rounds.desk_models import IntakeState, RoundIntake
from swapmeet.trades.rounds.errors import BadEntry, RunRefused, StaleRun, WrongPhase
from swapmeet.trades.rounds.hand_models import HandOver, HandOverState
from swapmeet.trades.rounds.models import Phase, RunState
from swapmeet.trades.rounds.repairing import Chain, stand_ins
from swapmeet.trades.rounds.services import entering, handing
from tests.badges import build
from tests.support.forms import post
from tests.trades.rounds.swap import (
    BY,
    ask_for_run,
    at_drop_off,
    at_pick_up,
    bring,
    collect,
    finish,
    lose,
    member_of,
    open_round,
    phase_of,
    publish,
    put_in,
    repair,
    run_of,
    switch,
    want,
    who_gets,
    work,
)
from tests.trades.stall import list_thing


def _faults() -> list[str]:
    db.session.rollback()
    return [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]


def _desk(world: Any, round_id: int) -> str:
    return f"/manage/shows/{world.slug}/rounds/{round_id}/pick-up"


def test_shelves_have_ten_boxes_and_go_on_after_z() -> None:
    assert [shelf_of(box) for box in (1, 10, 11, 260, 261, 521)] == ["A1", "A10", "B1", "Z10", "AA1", "BA1"]


def test_the_fullest_boxes_come_first() -> None:
    start = datetime(2027, 2, 23, 10, tzinfo=UTC)
    times = plan_slots({7: 1, 8: 5, 9: 2}, [7, 8, 9], start=start, minutes=15, people=2)
    assert times == {8: start, 9: start, 7: start + timedelta(minutes=15)}


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([(1, 2, False), (2, 3, False), (3, 1, False)], {}),
        ([(2, 1, True), (3, 2, False), (1, 3, False)], {1: 2}),  # owner of 1 has got 2, whose owner waits: 1 goes for 2
        ([(2, 1, True), (3, 2, True), (1, 3, False)], {1: 3}),
        ([(2, 1, True), (1, 2, True)], {}),
    ],
)
def test_who_gave_and_got_nothing_stands_in_for_what_must_go(
    rows: list[tuple[int, int, bool]], found: dict[int, int]
) -> None:
    assert stand_ins([Chain(*row) for row in rows]) == found


def test_the_final_result_gives_each_receiver_a_box_and_a_time(world: Any, mail: Any) -> None:
    round_id, entries = at_drop_off(world)
    bring(world, round_id, *entries.values())
    page = f"/manage/shows/{world.slug}/rounds/{round_id}"
    olga = world.client("olga")
    bad = post(olga, f"{page}/slots", {"slots_from": "", "slot_minutes": "0", "slot_people": "2"})
    assert "whole number from 1" in olga.get(bad.location).text
    post(olga, f"{page}/slots", {"slots_from": "2027-02-23T10:00", "slot_minutes": "20", "slot_people": "2"})
    mail.deliver_all()
    finish(world, round_id)
    boxes = hand_queries.list_boxes(db.session(), round_id=round_id)
    assert [(row.number, row.shelf, row.member.number) for row in boxes] == [(1, "A1", 1), (2, "A2", 2), (3, "A3", 3)]
    first = boxes[0].slot_at
    assert first is not None and [row.slot_at for row in boxes] == [first, first, first + timedelta(minutes=20)]
    tess = [row for row in mail.deliver_all() if str(row["To"]).startswith("tess") and "Final:" in str(row["Subject"])]
    words = " ".join(tess[0].get_body(("plain",)).get_content().split())
    assert "Your box is number 1 on shelf A1. Please come at" in words
    mine = world.client("tess").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    assert "Box 1, shelf A1" in mine and "Please come at" in mine
    assert _faults() == []


def test_one_scan_of_a_badge_shows_everything_and_enter_hands_it_over(world: Any) -> None:
    round_id, entries = at_pick_up(world)
    badge = build.admitted(world, "Tess Trader")
    with transaction() as db_session:
        db_session.get_one(Attendee, badge.attendee_id).person_id = world.ids["tess"]
    olga, desk = world.client("olga"), _desk(world, round_id)
    answer = post(olga, f"{desk}/scans", {"code": badge.code})
    assert answer.location.endswith("?trader=1")
    shown = olga.get(answer.location).text
    assert "Box 1, shelf A1" in shown and "Loco" in shown and "They take back" in shown and "Bed" in shown
    tess = member_of(world, round_id, "tess")
    (row,) = hand_queries.list_gets(db.session(), member_id=tess.id)
    sent = {"rows": str(row.id), "back": str(entries["bed"])}
    done = post(olga, f"{desk}/traders/{tess.id}/collections", sent)
    assert "2 things are handed over." in olga.get(done.location).text
    assert "Everything is collected" in olga.get(f"{desk}?trader=1").text
    again = post(olga, f"{desk}/traders/{tess.id}/collections", sent)  # the same form once more
    assert "0 things are handed over." in olga.get(again.location).text
    assert who_gets(round_id)["Loco"] == (1, "handed") and _faults() == []
    post(olga, f"{desk}/hand-overs/{row.id}/removal")
    assert who_gets(round_id)["Loco"] == (1, "waiting") and _faults() == []


def test_a_part_is_collected_and_the_rest_waits(world: Any) -> None:
    round_id, _entries = _two_each(world)
    assert collect(world, round_id, "tess", "Loco") == 1
    assert who_gets(round_id) == {
        "Loco": (1, "handed"),
        "Wagon": (1, "waiting"),
        "Chair": (2, "waiting"),
        "Bed": (2, "waiting"),
    }
    shown = world.client("olga").get(_desk(world, round_id)).text
    assert "Partly collected" in shown and "1 of 2" in shown
    unclaimed = world.client("olga").get(f"{_desk(world, round_id)}/list?kind=unclaimed").text
    assert "Wagon" in unclaimed and "Loco" not in unclaimed


def _two_each(world: Any) -> tuple[int, dict[str, int]]:
    """Tess and Tom swap two things each, in two loops of two; at pick-up."""
    round_id = open_round(world)
    chair, bed = put_in(world, round_id, "tess", ["Chair", "Bed"])
    loco, wagon = put_in(world, round_id, "tom", ["Loco", "Wagon"])
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    want(world, round_id, {chair: [loco], bed: [wagon], loco: [chair], wagon: [bed]})
    switch(world, round_id, Phase.PREVIEW, Phase.DROP_OFF)
    bring(world, round_id, chair, bed, loco, wagon)
    finish(world, round_id, seen=0)
    return round_id, {"Chair": chair, "Bed": bed, "Loco": loco, "Wagon": wagon}


def test_things_are_sorted_into_boxes_by_scan_and_the_big_screen_shows_complete_ones(world: Any) -> None:
    round_id, entries = _two_each(world)
    olga, desk = world.client("olga"), _desk(world, round_id)
    shown = olga.get(f"{desk}?thing=3").text
    assert "Box 1, shelf A1: trader 1" in shown and "It is in the box" in shown
    assert "Nothing is ready yet" in olga.get(f"{desk}/board").text
    for title in ("Loco", "Wagon"):
        done = post(olga, f"{desk}/things/{entries[title]}/boxing")
        assert "lies in box 1 on shelf A1" in olga.get(done.location).text
    board = olga.get(f"{desk}/board").text
    assert "Box 1, shelf A1" in board and "Box 2" not in board and "Tess" not in board.partition("<main")[2]
    collect(world, round_id, "tess")
    assert "Nothing is ready yet" in olga.get(f"{desk}/board").text
    with pytest.raises(BadEntry, match="not at the desk any more"), transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        entry = queries.get_entry(db_session, entries["Loco"], round_id=round_id)
        handing.put_in_box(db_session, round_=round_, entry=entry, by=BY, now=utcnow())


def test_a_proxy_shows_a_code_and_collects(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}/proxies"
    assert post(tess, page, {"name": ""}).status_code == 422
    post(tess, page, {"name": "Uncle Ted"})
    shown = tess.get(page).text
    member = member_of(world, round_id, "tess")
    (proxy,) = hand_queries.list_proxies(db.session(), member_id=member.id)
    assert proxy.code in shown and "Uncle Ted" in shown
    olga, desk = world.client("olga"), _desk(world, round_id)
    answer = post(olga, f"{desk}/scans", {"code": proxy.code.lower()})
    assert "trader=1" in answer.location and f"proxy={proxy.id}" in answer.location
    assert "Uncle Ted, named by Tess Trader" in olga.get(answer.location).text
    (row,) = hand_queries.list_gets(db.session(), member_id=member.id)
    post(olga, f"{desk}/traders/{member.id}/collections", {"rows": str(row.id), "proxy": str(proxy.id)})
    db.session.rollback()
    assert db.session.get_one(HandOver, row.id).handed_to == "Uncle Ted, for Tess Trader"
    assert post(world.client("tom"), f"{page}/{proxy.id}/removal").status_code == 404
    post(tess, f"{page}/{proxy.id}/removal")
    assert post(olga, f"{desk}/scans", {"code": proxy.code}).status_code == 422
    for name in ("One", "Two", "Three", "Four"):
        last = post(tess, page, {"name": name})
    assert "At most 3 people" in tess.get(last.location).text
    assert post(world.client("otto"), page, {"name": "Otto"}).status_code == 404


def test_nothing_of_a_broken_loop_moves_until_the_thing_is_found(world: Any) -> None:
    round_id, entries = at_pick_up(world)
    lose(world, round_id, entries["bear"])
    with pytest.raises(BadEntry, match="repairs the loop first"):
        collect(world, round_id, "tess")
    olga = world.client("olga")
    shown = olga.get(f"{_desk(world, round_id)}?trader=1").text
    assert "A loop is broken" in shown and "Its loop waits for a repair" in shown
    lose(world, round_id, entries["bear"], is_missing=False)
    assert collect(world, round_id, "tess") == 1 and _faults() == []
    with pytest.raises(RunRefused, match="No loop is broken"):
        ask_for_run(world, round_id, seen=2)


def test_a_repair_before_anything_was_handed_over_gives_the_rest_back(world: Any, mail: Any) -> None:
    round_id, entries = at_pick_up(world)
    lose(world, round_id, entries["bear"])
    mail.deliver_all()
    run = run_of(repair(world, round_id))
    assert (run.repair, run.state, run.things_traded) == (1, RunState.PUBLISHED, 0)
    assert who_gets(round_id) == {} and _faults() == []
    tess = member_of(world, round_id, "tess")
    assert [entry.title for entry, _intake in hand_queries.list_stays(db.session(), member_id=tess.id)] == [
        "Chair",
        "Bed",
    ]
    told = {str(row["To"]) for row in mail.deliver_all() if str(row["Subject"]).startswith("Changed at the desk")}
    assert told == {"tess.trader@example.org", "tom.trader@example.org", "ann.attendee@example.org"}


def test_a_repair_never_touches_what_was_handed_over(world: Any) -> None:
    """Tess has her loco; then Ann's bear, which Tom should get, is lost. Tom gave and must get something: Vic's lamp."""
    round_id = open_round(world)
    (chair,) = put_in(world, round_id, "tess", ["Chair"])
    (loco,) = put_in(world, round_id, "tom", ["Loco"])
    (bear,) = put_in(world, round_id, "ann", ["Bear"])
    (lamp,) = put_in(world, round_id, "vic", ["Lamp"])
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    want(world, round_id, {chair: [loco], loco: [bear, lamp], bear: [chair], lamp: [chair]})
    switch(world, round_id, Phase.PREVIEW, Phase.DROP_OFF)
    bring(world, round_id, chair, loco, bear, lamp)
    finish(world, round_id, seen=0)
    assert who_gets(round_id) == {"Chair": (3, "waiting"), "Loco": (1, "waiting"), "Bear": (2, "waiting")}
    collect(world, round_id, "tess")
    lose(world, round_id, bear)
    run = run_of(repair(world, round_id))
    assert run.things_traded == 2 and _faults() == []
    assert who_gets(round_id) == {"Chair": (4, "waiting"), "Loco": (1, "handed"), "Lamp": (2, "waiting")}
    assert hand_queries.list_short(db.session(), round_id=round_id) == []
    assert collect(world, round_id, "tom") == 1 and collect(world, round_id, "vic") == 1
    page = world.client().get(f"/shows/{world.slug}/rounds/{round_id}/result").text
    assert "Changed at the desk" in page and "Trader 4 gives" in page
    mine = world.client("tom").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    assert "Lamp" in mine and "Changed at the desk" in mine
    switch(world, round_id, Phase.DISPUTES, Phase.CLOSED)
    assert _faults() == []


def test_who_gave_and_gets_nothing_is_named_to_the_host(world: Any) -> None:
    round_id, entries = at_pick_up(world)
    collect(world, round_id, "tess")  # Tom's loco
    lose(world, round_id, entries["bear"])  # which Tom should get
    repair(world, round_id)
    assert who_gets(round_id) == {"Loco": (1, "handed")} and _faults() == []
    assert [row.member.number for row in hand_queries.list_short(db.session(), round_id=round_id)] == [2]
    shown = world.client("olga").get(_desk(world, round_id)).text
    assert "Gave something and get no thing for it" in shown and "Tom Trader, trader 2, gave" in shown


def test_a_repair_that_the_desk_overtakes_is_run_again(world: Any) -> None:
    round_id, entries = _two_each(world)
    lose(world, round_id, entries["Bed"])
    run_id = ask_for_run(world, round_id, seen=1)
    lose(world, round_id, entries["Bed"], is_missing=False)
    lose(world, round_id, entries["Chair"])
    work(world)
    publish_now = run_of(run_id)
    assert publish_now.state is RunState.DONE  # it read the round after both
    lose(world, round_id, entries["Chair"], is_missing=False)
    with pytest.raises(StaleRun):
        publish(world, round_id, run_id)


def test_closing_settles_each_loop_whole_and_its_listings_with_it(world: Any) -> None:
    round_id = open_round(world)
    listings = {key: list_thing(world, key, title=f"Thing of {key}") for key in ("tess", "tom")}
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        made = {
            key: entering.enter_listings(
                db_session, round_=round_, person_id=world.ids[key], listing_ids=[row], by=BY, now=utcnow()
            )[0].id
            for key, row in listings.items()
        }
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    want(world, round_id, {made["tess"]: [made["tom"]], made["tom"]: [made["tess"]]})
    switch(world, round_id, Phase.PREVIEW, Phase.DROP_OFF)
    bring(world, round_id, *made.values())
    finish(world, round_id, seen=0)
    collect(world, round_id, "tess")
    switch(world, round_id, Phase.DISPUTES, Phase.PICK_UP, Phase.DISPUTES)
    lose(world, round_id, made["tess"])
    with pytest.raises(WrongPhase, match="cannot move whole"):
        switch(world, round_id, Phase.CLOSED)
    lose(world, round_id, made["tess"], is_missing=False)
    switch(world, round_id, Phase.CLOSED)
    assert phase_of(world, round_id) == "closed"
    rows = db.session.scalars(select(HandOver).order_by(HandOver.id)).all()
    assert {row.state for row in rows} == {HandOverState.HANDED, HandOverState.UNCLAIMED}
    assert all(row.settled_at is not None for row in rows)
    assert set(db.session.scalars(select(Listing.state))) == {ListingState.TRADED}
    assert _faults() == [] and [f for q in trades_doctor.QUERIES for f in q.find(db.session(), utcnow())] == []
    with pytest.raises(WrongPhase):
        collect(world, round_id, "tom")


def test_pick_up_goes_back_only_while_nothing_was_handed_over(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    switch(world, round_id, Phase.FINAL, Phase.PICK_UP)
    collect(world, round_id, "tess")
    with pytest.raises(WrongPhase, match="handed over already"):
        switch(world, round_id, Phase.FINAL)


def test_others_things_cannot_be_collected(world: Any) -> None:
    round_id, entries = at_pick_up(world)
    tom, tess = member_of(world, round_id, "tom"), member_of(world, round_id, "tess")
    (row,) = hand_queries.list_gets(db.session(), member_id=tess.id)
    olga, desk = world.client("olga"), _desk(world, round_id)
    for sent in ({"rows": str(row.id)}, {"back": str(entries["bed"])}, {}):
        answer = post(olga, f"{desk}/traders/{tom.id}/collections", sent)
        shown = olga.get(answer.location).text
        assert "not for this person" in shown or "not theirs to take back" in shown or "Tick at least" in shown
    assert post(olga, f"{desk}/traders/999999/collections", {"rows": "1"}).status_code == 404
    assert world.client("dora").get(desk).status_code == 403
    other = open_round(world)
    assert post(olga, f"{_desk(world, other)}/hand-overs/{row.id}/removal").status_code == 404


def test_lists_and_slips_are_there_for_paper(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    olga, desk = world.client("olga"), _desk(world, round_id)
    assert "Trader 1: Tess Trader, box 1, shelf A1" in olga.get(f"{desk}/list").text
    assert "3 things go" in olga.get(f"{desk}/list?kind=shelves").text
    assert post(olga, f"{desk}/slips").status_code == 303
    work(world)
    assert db.session.scalars(select(Document.state)).all() == [DocumentState.READY]
    early = open_round(world)
    assert post(olga, f"{_desk(world, early)}/slips").status_code == 404


def test_an_account_that_closes_does_not_stop_what_has_a_new_owner(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    with transaction() as db_session:
        parts.RoundsData().erase(db_session, person_id=world.ids["ann"], now=utcnow())
    assert who_gets(round_id)["Removed"] == (2, "waiting")
    assert collect(world, round_id, "tom") == 1 and _faults() == []


def test_the_database_refuses_half_hand_overs(world: Any) -> None:
    _round_id, entries = at_pick_up(world)
    for change in ("state = 'handed'", "settled_at = CURRENT_TIMESTAMP", f"entry_id = {entries['chair']}"):
        with pytest.raises(IntegrityError), transaction() as db_session:
            db_session.execute(text(f"UPDATE hand_over SET {change}"))


def test_the_doctor_sees_what_does_not_fit(world: Any) -> None:
    round_id, entries = at_pick_up(world)
    collect(world, round_id, "tess")
    plain = {"synchronize_session": False}
    faults: list[tuple[Any, str]] = [
        (
            update(RoundIntake).where(RoundIntake.entry_id == entries["loco"]).values(state=IntakeState.PRESENT),
            "is present",
        ),
        (
            update(HandOver).where(HandOver.entry_id == entries["chair"]).values(state=HandOverState.VOID),
            "void in part",
        ),
        (delete(HandOver).where(HandOver.entry_id == entries["bear"]), "waits for nobody"),
        (update(HandOver).where(HandOver.entry_id == entries["loco"]).values(settled_at=utcnow()), "are settled"),
    ]
    assert _faults() == []
    for statement, words in faults:
        with transaction() as db_session:
            db_session.execute(statement, execution_options=plain)
        assert any(words in fault for fault in _faults()), words
