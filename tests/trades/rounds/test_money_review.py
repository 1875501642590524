"""Money in a round where things change under it: other amounts, things kept at home, money switched off, people who only sell."""

import json
from typing import Any

from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile, read_file
from swapmeet.infra.outbox import OutboxMessage
from swapmeet.infra.uow import transaction
from swapmeet.trades.matching.verifier import faults_in
from swapmeet.trades.rounds import dispute_queries, mail, queries
from swapmeet.trades.rounds.models import Phase
from tests.support.forms import post
from tests.trades.rounds.swap import (
    ask_for_run,
    bring,
    finish,
    host,
    member_of,
    open_round,
    publish,
    put_in,
    switch,
    want,
    work,
)
from tests.trades.rounds.test_money import _ask, _balances, _bid, _chain, _choosing, _money


def test_a_mail_says_when_only_the_amount_is_another_one(world: Any) -> None:
    """Ann buys Tom's loco either way; the lamp she pays for first is not brought, so she pays for the dearer chair."""
    round_id = open_round(world)
    (chair,) = put_in(world, round_id, "tess", ["Chair"])
    (loco,) = put_in(world, round_id, "tom", ["Loco"])
    (lamp,) = put_in(world, round_id, "vic", ["Lamp"])
    switch(world, round_id, Phase.FREEZE, Phase.WANTS)
    _money(world, round_id)
    want(world, round_id, {loco: [lamp, chair]})
    _ask(world, round_id, lamp, 500)
    _ask(world, round_id, chair, 900)
    _bid(world, round_id, "ann", 2, 1000)
    switch(world, round_id, Phase.PREVIEW)
    run_id = ask_for_run(world, round_id)
    work(world)
    publish(world, round_id, run_id)
    switch(world, round_id, Phase.DROP_OFF)
    bring(world, round_id, loco, chair)
    final_id = finish(world, round_id)
    rows = db.session.query(OutboxMessage).filter_by(kind=mail.RESULT_KIND, person_id=world.ids["ann"]).all()
    texts = {row.payload["run_id"]: mail.compose_result(db.session(), row.payload) for row in rows}
    first, final = texts[run_id], texts[final_id]
    assert first is not None and final is not None and "You pay $5.00" in first.text and "You pay $9.00" in final.text
    assert "nothing has changed" not in final.text and "You pay another amount for #2 Loco" in final.text
    assert "another amount" in world.client("ann").get(f"/shows/{world.slug}/rounds/{round_id}/my-trades").text
    host(world, "otto")
    run = world.client("otto").get(f"/manage/shows/{world.slug}/rounds/{round_id}/runs/{final_id}").text
    assert "goes for another amount" in run


def test_a_price_brings_a_thing_back_into_the_round_also_when_it_had_one(world: Any) -> None:
    round_id, things = _choosing(world)
    _ask(world, round_id, things["chair"], 500)
    with transaction() as db_session:
        queries.get_entry(db_session, things["chair"], round_id=round_id).stays_home = True
    _ask(world, round_id, things["chair"], 600)
    assert not queries.get_entry(db.session(), things["chair"], round_id=round_id).stays_home


def test_with_money_off_what_people_asked_and_offered_counts_for_nothing(world: Any) -> None:
    round_id, things = _choosing(world)
    _ask(world, round_id, things["chair"], 500)
    _bid(world, round_id, "tom", 1, 700)

    def without() -> list[int]:
        db.session.rollback()
        return [row.person_id for row in queries.list_without_wants(db.session(), round_id=round_id)]

    def no_wants() -> int:
        found = dispute_queries.check_members(db.session(), round_id=round_id)
        return found[member_of(world, round_id, "tess").id].no_wants

    assert without() == [] and no_wants() == 0
    _money(world, round_id, on=False)
    assert sorted(without()) == sorted([world.ids["tess"], world.ids["tom"]]) and no_wants() == 1
    switch(world, round_id, Phase.PREVIEW)
    run_id = ask_for_run(world, round_id)
    work(world)
    publish(world, round_id, run_id)
    page = f"/shows/{world.slug}/rounds/{round_id}/my-trades"
    assert "You chose nothing that you would take" in world.client("tess").get(page).text


def test_the_desk_pays_somebody_who_only_sells(world: Any) -> None:
    round_id, _things = _chain(world)
    host(world, "vic")
    number = member_of(world, round_id, "tess").number
    desk = f"/manage/shows/{world.slug}/rounds/{round_id}/pick-up?trader={number}"
    said = world.client("vic").get(desk).text
    assert "Gets $7.00 in cash" in said and "nothing of theirs trades" not in said


def test_money_that_was_ticked_off_by_a_slip_is_open_again_once(world: Any) -> None:
    round_id, _things = _chain(world)
    host(world, "vic")
    vic, ann = world.client("vic"), member_of(world, round_id, "ann").id
    cash = f"/manage/shows/{world.slug}/rounds/{round_id}/cash"
    assert "It was a slip" not in vic.get(cash).text
    post(vic, f"{cash}/traders/{ann}/payments", {"seen": "700"})
    assert "It was a slip" in vic.get(cash).text
    for _pressed in range(2):
        last = post(vic, f"{cash}/traders/{ann}/payments/removal", {"seen": "700"})
    assert "another one by now" in vic.get(last.location).text
    assert _balances(round_id) == {"Tess": -700, "Ann": 700} and "It was a slip" not in vic.get(cash).text
    assert post(vic, f"{cash}/traders/999999/payments/removal", {"seen": "700"}).status_code == 404


def test_a_wrong_payment_is_refused_by_the_check_of_the_published_files(world: Any) -> None:
    round_id, _things = _chain(world)
    run = queries.find_published(db.session(), round_id=round_id)
    assert run is not None
    problem, result = (
        json.loads(read_file(db.session.get_one(StoredFile, file_id).key))
        for file_id in (run.input_file_id, run.result_file_id)
    )
    assert faults_in(problem, result) == []
    for place, wrong in ((4, 699), (4, 1000), (2, "trader 2"), (3, "trader 3")):
        planted = json.loads(json.dumps(result))
        planted["loops"][0]["payments"][0][place] = wrong
        assert faults_in(problem, planted), (place, wrong)
    planted = json.loads(json.dumps(result))
    planted["loops"][0]["payments"] = []
    assert faults_in(problem, planted)
