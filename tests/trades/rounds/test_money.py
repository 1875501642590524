"""Money inside a round: asked, offered within a limit, found by the run, netted at the desk, kept right by a repair."""

from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.uow import transaction
from swapmeet.trades.rounds import dispute_queries, doctor, mail, parts, queries
from swapmeet.trades.rounds.errors import BadBid, WrongPhase
from swapmeet.trades.rounds.models import Phase, TradeRound
from swapmeet.trades.rounds.money_models import TradeRunPayment
from swapmeet.trades.rounds.services import handing, offering
from tests.support.forms import post
from tests.trades.rounds.swap import (
    BY,
    ask_for_run,
    bring,
    collect,
    finish,
    host,
    lose,
    member_of,
    open_round,
    publish,
    put_in,
    repair,
    switch,
    want,
    who_gets,
    work,
)


def _round(world: Any, round_id: int, db_session: Any) -> TradeRound:
    return queries.get_round(db_session, round_id, event_id=world.event_id)


def _money(world: Any, round_id: int, *, on: bool = True) -> None:
    with transaction() as db_session:
        desk = {"slots_from": None, "minutes": 15, "people": 6, "uses_money": on}
        handing.set_desk(db_session, round_=_round(world, round_id, db_session), by=BY, now=utcnow(), **desk)  # type: ignore[arg-type]


def _ask(world: Any, round_id: int, entry_id: int, amount: int | None) -> None:
    with transaction() as db_session:
        entry = queries.get_entry(db_session, entry_id, round_id=round_id)
        round_ = _round(world, round_id, db_session)
        offering.set_ask(db_session, round_=round_, entry=entry, amount_minor=amount, by=BY, now=utcnow())


def _bid(world: Any, round_id: int, key: str, number: int, amount: int) -> None:
    with transaction() as db_session:
        offering.place_bid(
            db_session,
            round_=_round(world, round_id, db_session),
            person_id=world.ids[key],
            number=number,
            amount_minor=amount,
            by=BY,
            now=utcnow(),
        )


def _choosing(world: Any) -> tuple[int, dict[str, int]]:
    """Tess' chair (1) and Tom's loco (2), wants open, money on."""
    round_id = open_round(world)
    (chair,) = put_in(world, round_id, "tess", ["Chair"])
    (loco,) = put_in(world, round_id, "tom", ["Loco"])
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    _money(world, round_id)
    return round_id, {"chair": chair, "loco": loco}


def _chain(world: Any) -> tuple[int, dict[str, int]]:
    """Ann, who brings nothing, buys Tom's loco; Tom takes Tess' chair for it; Tess takes 7.00. The final result is out."""
    round_id, things = _choosing(world)
    want(world, round_id, {things["loco"]: [things["chair"]]})
    _ask(world, round_id, things["chair"], 700)
    _bid(world, round_id, "ann", 2, 1000)
    switch(world, round_id, Phase.PREVIEW)
    run_id = ask_for_run(world, round_id)
    work(world)
    publish(world, round_id, run_id)
    switch(world, round_id, Phase.DROP_OFF)
    bring(world, round_id, *things.values())
    finish(world, round_id)
    return round_id, things


def _balances(round_id: int) -> dict[str, int]:
    db.session.rollback()
    rows = dispute_queries.list_balances(db.session(), round_id=round_id)
    return {row.member.person.name.split()[0]: row.owes_minor for row in rows}


def _faults() -> list[str]:
    db.session.rollback()
    return [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]


def test_money_closes_a_chain_and_is_netted_at_the_desk(world: Any) -> None:
    round_id, _things = _chain(world)
    numbers = {key: member_of(world, round_id, key).number for key in ("ann", "tom")}
    assert who_gets(round_id) == {"Chair": (numbers["tom"], "waiting"), "Loco": (numbers["ann"], "waiting")}
    assert _balances(round_id) == {"Tess": -700, "Ann": 700} and not _faults()
    page = f"/shows/{world.slug}/rounds/{round_id}"
    said = {key: world.client(key).get(f"{page}/my-trades").text for key in ("ann", "tess", "tom")}
    assert "You pay $7.00" in said["ann"] and "You get $7.00" in said["tess"] and "$7.00 to" in said["tom"]
    assert "pays $7.00" in world.client("otto").get(f"{page}/result").text
    host(world, "vic")
    desk = f"/manage/shows/{world.slug}/rounds/{round_id}"
    member = member_of(world, round_id, "ann")
    before = world.client("vic").get(f"{desk}/pick-up?trader={member.number}")
    assert "Pays $7.00" in before.text and "$7.00" in world.client("vic").get(f"{desk}/pick-up/list").text
    assert "it pays for #1" in world.client("vic").get(f"{desk}/cash").text
    paid = {"seen": "700", "trader": f"{member.number}"}
    for _pressed in range(2):
        assert post(world.client("vic"), f"{desk}/cash/traders/{member.id}/payments", paid).status_code == 303
    assert _balances(round_id) == {"Tess": -700, "Ann": 0}
    with pytest.raises(WrongPhase, match="money in it"):
        _money(world, round_id, on=False)
    assert parts.RoundsData().export(db.session(), person_id=world.ids["ann"])[0]["money"]["pays_minor"] == 700
    mails = db.session.query(OutboxMessage).filter_by(kind=mail.RESULT_KIND, person_id=world.ids["ann"]).all()
    texts = [found.text for row in mails if (found := mail.compose_result(db.session(), row.payload))]
    assert len(texts) == 2 and all("You pay $7.00" in one and "You collect" in texts[1] for one in texts)


def test_a_repair_leaves_what_was_handed_over_and_pays_whom_the_loss_hurts(world: Any) -> None:
    round_id, things = _chain(world)
    collect(world, round_id, "ann")
    lose(world, round_id, things["chair"])
    repair(world, round_id)
    assert who_gets(round_id) == {"Loco": (member_of(world, round_id, "ann").number, "handed")}
    assert _balances(round_id) == {"Tom": -700, "Ann": 700} and not _faults()  # Tess' chair is gone, Tom gave his loco
    host(world, "vic")
    desk = f"/manage/shows/{world.slug}/rounds/{round_id}"
    assert "They get $7.00 in cash" in world.client("vic").get(f"{desk}/pick-up").text
    switch(world, round_id, Phase.DISPUTES)
    assert "2 people have not settled their money" in world.client("vic").get(desk).text
    switch(world, round_id, Phase.CLOSED)
    assert not _faults()


def test_a_repair_lets_a_thing_be_bought_once_more_within_the_limit(world: Any) -> None:
    round_id, things = _choosing(world)
    want(world, round_id, {things["loco"]: [things["chair"]], things["chair"]: [things["loco"]]})
    _ask(world, round_id, things["chair"], 700)
    _bid(world, round_id, "ann", 1, 900)
    switch(world, round_id, Phase.PREVIEW, Phase.DROP_OFF)
    bring(world, round_id, *things.values())
    finish(world, round_id, seen=0)
    assert _balances(round_id) == {}  # two things move without money
    lose(world, round_id, things["loco"])
    repair(world, round_id)
    assert who_gets(round_id)["Chair"] == (member_of(world, round_id, "ann").number, "waiting")
    assert _balances(round_id) == {"Tess": -700, "Ann": 700} and not _faults()


def test_no_money_wins_and_a_limit_holds(world: Any) -> None:
    round_id, things = _choosing(world)
    for entry_id in things.values():
        _ask(world, round_id, entry_id, 600)
    ann, page = world.client("ann"), f"/shows/{world.slug}/rounds/{round_id}/money"
    for number in ("1", "2"):
        assert post(ann, f"{page}/bids", {"number": number, "amount": "6.50"}).status_code == 303
    assert post(ann, f"{page}/limit", {"limit": "8"}).status_code == 303
    shown = ann.get(page).text
    assert "at most $6.50" in shown and "you would pay $8.00 at most" in shown
    for sent, fault in (
        ({"number": "9", "amount": "1"}, "There is no thing number 9"),
        ({"number": "x", "amount": "-1"}, "whole number"),
        ({"number": "1", "amount": "0"}, "0.01"),
    ):
        answer = post(ann, f"{page}/bids", sent)
        assert answer.status_code == 422 and fault in answer.text and f'value="{sent["amount"]}"' in answer.text
    with pytest.raises(BadBid, match="yours"):
        _bid(world, round_id, "tess", 1, 500)
    switch(world, round_id, Phase.PREVIEW)
    ask_for_run(world, round_id)
    work(world)
    run = queries.find_last_run(db.session(), round_id=round_id)
    assert run is not None and run.things_traded == 1  # 6.00 for one is within the limit, 12.00 for both is not
    switch(world, round_id, Phase.WANTS)
    _money(world, round_id, on=False)
    assert ann.get(page).status_code == 404 and "money" not in ann.get(page.removesuffix("money") + "mine").text.lower()
    with pytest.raises(BadBid, match="No money"):
        _bid(world, round_id, "ann", 1, 500)
    switch(world, round_id, Phase.PREVIEW)
    ask_for_run(world, round_id, seen=1)
    work(world)
    run = queries.find_last_run(db.session(), round_id=round_id)
    assert run is not None and run.things_traded == 0


def test_an_owner_says_what_a_thing_goes_for_and_takes_it_back(world: Any) -> None:
    round_id, things = _choosing(world)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}/wants/{things['chair']}"
    assert post(tess, f"{page}/ask", {"ask": "12"}).status_code == 303 and 'value="12.00"' in tess.get(page).text
    answer = post(tess, f"{page}/ask", {"ask": "cheap"})
    assert answer.status_code == 422 and 'value="cheap"' in answer.text
    assert post(tess, f"{page}/ask", {"ask": ""}).status_code == 303 and 'value="12.00"' not in tess.get(page).text
    assert post(world.client("tom"), f"{page}/ask", {"ask": "1"}).status_code == 404
    switch(world, round_id, Phase.PREVIEW)
    with pytest.raises(WrongPhase):
        _ask(world, round_id, things["chair"], 100)


def test_the_database_refuses_money_that_changes_afterwards_or_is_none(world: Any) -> None:
    round_id, _things = _chain(world)
    for statement in (update(TradeRunPayment).values(amount_minor=1), delete(TradeRunPayment)):
        with pytest.raises(Exception, match="append-only"):
            db.session.execute(statement)
        db.session.rollback()
    for table in ("round_ask", "round_bid"):
        with pytest.raises(IntegrityError, match="some_money"):
            db.session.execute(text(f"UPDATE {table} SET amount_minor = 0"))
        db.session.rollback()
    assert round_id
