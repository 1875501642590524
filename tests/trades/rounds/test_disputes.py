"""What goes wrong: said with photos, answered, ruled on; money over the desk; records, first-timers and blocks."""

import io
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.transitions import IllegalTransition
from swapmeet.trades.rounds import dispute_queries, doctor, hand_queries, parts, queries
from swapmeet.trades.rounds.dispute_models import DisputePhoto, DisputeReason, DisputeState, Outcome, RoundDispute
from swapmeet.trades.rounds.errors import BadEntry, Barred, WrongPhase
from swapmeet.trades.rounds.models import Phase, RoundMember
from swapmeet.trades.rounds.services import disputing, handing
from tests.support.forms import post
from tests.trades.rounds.swap import (
    BY,
    at_pick_up,
    collect,
    member_of,
    open_round,
    put_in,
    switch,
    want,
    work,
)


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "#884422").save(buffer, "JPEG")
    return buffer.getvalue()


def _faults() -> list[str]:
    db.session.rollback()
    return [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]


def _row(world: Any, round_id: int, key: str) -> int:
    member = member_of(world, round_id, key)
    return hand_queries.list_gets(db.session(), member_id=member.id)[0].id


def _dispute(world: Any, round_id: int, key: str = "tess") -> int:
    row_id = _row(world, round_id, key)
    with transaction() as db_session:
        return disputing.raise_dispute(
            db_session,
            round_=queries.get_round(db_session, round_id, event_id=world.event_id),
            row=hand_queries.get_hand_over(db_session, row_id, round_id=round_id),
            reason=DisputeReason.DAMAGED,
            words="A wheel is off.",
            uploads=[],
            by=BY,
            now=utcnow(),
        ).id


def _rule(world: Any, round_id: int, dispute_id: int, outcome: Outcome, amount: int = 0) -> None:
    with transaction() as db_session:
        disputing.rule(
            db_session,
            round_=queries.get_round(db_session, round_id, event_id=world.event_id),
            dispute=dispute_queries.get_dispute(db_session, dispute_id, round_id=round_id),
            outcome=outcome,
            words="We looked at it.",
            amount_minor=amount,
            by=BY,
            now=utcnow(),
        )


def _use_money(world: Any, round_id: int) -> None:
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        handing.set_desk(
            db_session, round_=round_, slots_from=None, minutes=15, people=6, uses_money=True, by=BY, now=utcnow()
        )


def test_a_dispute_goes_from_a_photo_over_the_other_side_to_a_ruling(world: Any, mail: Any) -> None:
    round_id, _entries = at_pick_up(world)
    collect(world, round_id, "tess")
    tess, tom, olga = (world.client(key) for key in ("tess", "tom", "olga"))
    page = f"/shows/{world.slug}/rounds/{round_id}"
    row_id = _row(world, round_id, "tess")
    assert f"/hand-overs/{row_id}/disputes" in tess.get(f"{page}/my-trades").text
    form = f"{page}/hand-overs/{row_id}/disputes"
    assert "Something is not right" in tess.get(form).text and tom.get(form).status_code == 404
    empty = post(tess, form, {"reason": "damaged", "words": ""})
    assert empty.status_code == 422 and "Write a few words." in empty.text
    bad = {"reason": "damaged", "words": "kept words", "photos": (io.BytesIO(b"no picture"), "x.jpg")}
    refused = post(tess, form, bad)
    assert refused.status_code == 422 and "not a picture" in refused.text and "kept words" in refused.text
    sent = {"reason": "damaged", "words": "A wheel is off.", "photos": (io.BytesIO(_picture()), "x.jpg")}
    assert post(tess, form, sent).status_code == 303
    work(world)
    photo = db.session.scalars(select(DisputePhoto)).one()
    assert photo.file_id is not None and photo.incoming_id is None
    shown = tom.get(f"{page}/disputes").text
    assert "A wheel is off." in shown and "Write your side" in shown and "Tess" not in shown.partition("<main")[2]
    address = f"{page}/disputes/{photo.dispute_id}/photos/{photo.id}"
    picture = tom.get(address)
    assert (
        picture.status_code == 200
        and picture.mimetype == "image/webp"
        and "no-store" in picture.headers["Cache-Control"]
    )
    assert world.client("ann").get(address).status_code == 404 and world.client().get(address).status_code in (302, 303)
    assert post(tess, f"{page}/disputes/{photo.dispute_id}/answers", {"words": "mine"}).status_code == 404
    assert post(tom, f"{page}/disputes/{photo.dispute_id}/answers", {"words": ""}).status_code == 422
    post(tom, f"{page}/disputes/{photo.dispute_id}/answers", {"words": "It was whole when I brought it."})
    manage = f"/manage/shows/{world.slug}/rounds/{round_id}/disputes"
    read = olga.get(manage).text
    assert "A wheel is off." in read and "whole when I brought it" in read
    assert olga.get(f"{manage}/{photo.dispute_id}/photos/{photo.id}").status_code == 200
    assert "1 dispute waits for a ruling" in olga.get(f"/manage/shows/{world.slug}").text
    no_words = post(olga, f"{manage}/{photo.dispute_id}/ruling", {"outcome": "warning", "words": ""})
    assert no_words.status_code == 422 and "Say why" in no_words.text
    post(olga, f"{manage}/{photo.dispute_id}/ruling", {"outcome": "warning", "words": "Pack it better."})
    assert "Pack it better." in tess.get(f"{page}/disputes").text
    told = [str(row["To"]) for row in mail.deliver_all() if str(row["Subject"]).startswith("About #3")]
    assert sorted(told) == ["tess.trader@example.org"] * 2 + ["tom.trader@example.org"] * 2
    assert _faults() == []


def test_there_is_one_open_dispute_a_thing_and_it_can_be_taken_back(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    first = _dispute(world, round_id)
    with pytest.raises(BadEntry, match="said so already"):
        _dispute(world, round_id)
    page = f"/shows/{world.slug}/rounds/{round_id}/disputes"
    assert post(world.client("tom"), f"{page}/{first}/withdrawal").status_code == 404
    post(world.client("tess"), f"{page}/{first}/withdrawal")
    db.session.rollback()
    assert db.session.get_one(RoundDispute, first).state is DisputeState.WITHDRAWN
    with pytest.raises(IllegalTransition):
        _rule(world, round_id, first, Outcome.NOTHING)
    assert _dispute(world, round_id) != first and _faults() == []


def test_a_round_does_not_close_over_an_open_dispute(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    dispute = _dispute(world, round_id)
    switch(world, round_id, Phase.DISPUTES)
    with pytest.raises(WrongPhase, match="still open"):
        switch(world, round_id, Phase.CLOSED)
    _rule(world, round_id, dispute, Outcome.NOTHING)
    switch(world, round_id, Phase.CLOSED)
    with pytest.raises(WrongPhase, match="until the round is closed"):
        _dispute(world, round_id)
    assert _faults() == []


def test_a_compensation_needs_the_money_switch_and_is_netted_per_person(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    dispute = _dispute(world, round_id)
    manage = f"/manage/shows/{world.slug}/rounds/{round_id}"
    olga = world.client("olga")
    sent = {"outcome": "compensation", "amount": "5.00", "words": "Tom pays for the wheel."}
    off = post(olga, f"{manage}/disputes/{dispute}/ruling", sent)
    assert off.status_code == 422 and "No money changes hands in this round" in off.text
    _use_money(world, round_id)
    without = post(olga, f"{manage}/disputes/{dispute}/ruling", {**sent, "amount": ""})
    assert without.status_code == 422 and "Write how much" in without.text
    post(olga, f"{manage}/disputes/{dispute}/ruling", sent)
    bad = post(olga, f"{manage}/cash", {"payer": "1", "payee": "1", "amount": "2", "why": "x"})
    assert bad.status_code == 422 and "themselves" in bad.text
    gone = post(olga, f"{manage}/cash", {"payer": "99", "payee": "1", "amount": "2", "why": "x"})
    assert gone.status_code == 422 and "There is no trader 99" in gone.text
    post(olga, f"{manage}/cash", {"payer": "1", "payee": "3", "amount": "2.00", "why": "For the stand"})
    shown = " ".join(olga.get(f"{manage}/cash").text.split())
    assert "pays $5.00" in shown and "gets $3.00" in shown and "gets $2.00" in shown
    assert _owes(round_id) == {2: 500, 1: -300, 3: -200}
    tom, tess = member_of(world, round_id, "tom").id, member_of(world, round_id, "tess").id
    post(olga, f"{manage}/cash/traders/{tom}/payments", {"seen": "500"})
    twice = post(olga, f"{manage}/cash/traders/{tom}/payments", {"seen": "500"})
    assert "another one by now" in olga.get(twice.location).text
    post(olga, f"{manage}/cash/traders/{tess}/payments", {"seen": "-300"})
    assert _owes(round_id) == {2: 0, 1: 0, 3: -200}
    assert post(olga, f"{manage}/cash/traders/999999/payments", {"seen": "5"}).status_code == 404


def _owes(round_id: int) -> dict[int, int]:
    db.session.rollback()
    rows = dispute_queries.list_balances(db.session(), round_id=round_id)
    return {row.member.number: row.owes_minor for row in rows}


def test_whoever_is_blocked_by_a_ruling_enters_no_round_until_it_is_lifted(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    _rule(world, round_id, _dispute(world, round_id), Outcome.BLOCK)
    later = open_round(world)
    with pytest.raises(Barred, match="After a ruling"):
        put_in(world, later, "tom", ["Wagon"])
    put_in(world, later, "ann", ["Doll"])
    olga, page = world.client("olga"), f"/manage/shows/{world.slug}/rounds/{later}"
    assert "May not enter rounds" in olga.get(f"{page}/people").text
    bar = dispute_queries.list_bars(db.session(), organizer_id=world.show().organizer_id)[0]
    post(olga, f"{page}/bars/{bar.id}/removal")
    assert put_in(world, later, "tom", ["Wagon"]) and post(olga, f"{page}/bars/{bar.id}/removal").status_code == 404


def test_the_host_sees_records_first_timers_and_what_to_ask_about(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    _rule(world, round_id, _dispute(world, round_id), Outcome.WARNING)
    collect(world, round_id, "tess")
    switch(world, round_id, Phase.DISPUTES, Phase.CLOSED)
    later = open_round(world)
    (dear, idle) = put_in(world, later, "tom", ["Dear thing", "Idle thing"], 10_000)
    put_in(world, later, "otto", ["First thing"], 500)
    cheap = put_in(world, later, "ann", ["Cheap doll", "cheap  DOLL"], 500)
    switch(world, later, Phase.FREEZE, Phase.WANTS)
    want(world, later, {dear: cheap})
    with transaction() as db_session:
        found = queries.find_member(db_session, round_id=later, person_id=world.ids["tom"])
        assert found is not None
        db_session.get_one(RoundMember, found.id).protects = False
    page = " ".join(world.client("olga").get(f"/manage/shows/{world.slug}/rounds/{later}/people").text.split())
    assert "1 round: 1 thing brought" in page and "1 ruling against them" in page
    assert "First round here" in page and "1 thing without a want" in page
    assert "2 wants worth far less" in page and "2 wants with the same titles" in page
    assert "1 unclaimed" in page and idle


def test_what_somebody_wrote_goes_with_their_account_and_is_in_their_export(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    dispute = _dispute(world, round_id)
    data = parts.RoundsData()
    said = data.export(db.session(), person_id=world.ids["tess"])[0]["disputes"]
    assert said == [{"thing": 3, "i_wrote": "A wheel is off.", "outcome": "open"}]
    assert data.export(db.session(), person_id=world.ids["tom"])[0]["disputes"][0]["i_wrote"] == ""
    with transaction() as db_session:
        data.erase(db_session, person_id=world.ids["tess"], now=utcnow())
    assert db.session.get_one(RoundDispute, dispute).words == "Removed"


def test_the_database_refuses_rulings_and_money_that_make_no_sense(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    _use_money(world, round_id)
    _rule(world, round_id, _dispute(world, round_id), Outcome.COMPENSATION, 300)
    for change in (
        "UPDATE round_dispute SET outcome = NULL",
        "UPDATE round_dispute SET closed_at = NULL",
        "UPDATE round_cash SET amount_minor = 0",
        "UPDATE round_cash SET payee_id = payer_id",
    ):
        with pytest.raises(IntegrityError), transaction() as db_session:
            db_session.execute(text(change))


def test_only_hosts_read_disputes_money_and_records(world: Any) -> None:
    round_id, _entries = at_pick_up(world)
    for page in ("disputes", "cash", "people"):
        address = f"/manage/shows/{world.slug}/rounds/{round_id}/{page}"
        assert world.client("dora").get(address).status_code == 403
        assert world.client("tess").get(address).status_code == 404
