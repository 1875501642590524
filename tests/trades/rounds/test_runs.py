"""A run of a round: asked for once, solved by the worker, looked at by the host, published once and for all."""

from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile, delete_bytes
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.uow import transaction
from swapmeet.trades.matching import TooLarge
from swapmeet.trades.models import Block
from swapmeet.trades.rounds import doctor, jobs, parts, queries
from swapmeet.trades.rounds.errors import RunRefused, StaleRun, WrongPhase
from swapmeet.trades.rounds.models import Phase, RunState, TradeRound, TradeRun, TradeRunMove
from swapmeet.trades.rounds.services import entering, running
from tests.support.forms import post
from tests.trades.rounds.swap import (
    BY,
    ask_for_run,
    host,
    open_round,
    phase_of,
    publish,
    published_round,
    put_in,
    run_of,
    switch,
    three_way,
    work,
)


def _faults() -> list[str]:
    db.session.rollback()
    return [fault for query in doctor.QUERIES for fault in query.find(db.session(), utcnow())]


def test_a_run_finds_the_loop_and_keeps_what_proves_it(world: Any) -> None:
    round_id, entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    assert run_of(run_id).state is RunState.QUEUED
    work(world)
    run = run_of(run_id)
    assert (run.state, run.things, run.things_traded, run.people, run.people_trading, run.loops) == (
        RunState.DONE,
        5,
        3,
        4,
        3,
        1,
    )
    assert run.seed == db.session.get_one(TradeRound, round_id).seed and run.has_certificate
    moves = queries.list_moves(db.session(), run_id=run_id, loops=[1])[1]
    assert {move.entry_id: move.for_entry_id for move in moves} == {
        entries["loco"]: entries["chair"],
        entries["bear"]: entries["loco"],
        entries["chair"]: entries["bear"],
    }
    assert [level["proven"] for level in run.levels if level["level"] != "loops"] == [True] * 3
    assert _faults() == []


def test_the_page_runs_shows_and_publishes(world: Any, mail: Any) -> None:
    host(world, "otto")
    round_id, _entries = three_way(world)
    otto, page = world.client("otto"), f"/manage/shows/{world.slug}/rounds/{round_id}"
    assert ">Run<" in otto.get(page).text.replace("</svg>", "")
    answer = post(otto, f"{page}/runs", {"seen": "0"})
    assert answer.status_code == 303 and "/runs/" in answer.location
    waiting = otto.get(answer.location).text
    assert 'http-equiv="refresh"' in waiting and "waits for its turn" in waiting
    work(world)
    shown = otto.get(answer.location).text
    assert "refresh" not in shown.partition("<body")[0] and "Loop 1: 3 things change hands" in shown
    assert "Vic V., trader 4" in shown and "gets <span" in shown  # without a trade; and worth far less
    assert "is ready" in otto.get(f"/manage/shows/{world.slug}").text
    post(otto, f"{answer.location}/publication")
    assert "The result is out." in otto.get(answer.location).text
    assert otto.get(page).text.count("Back to “Choose wants”") == 0
    told = [str(row["Subject"]) for row in mail.deliver_all() if "in the round" in str(row["Subject"])]
    assert len(told) == 3


def test_two_hosts_and_a_repeated_button_give_one_run(world: Any) -> None:
    round_id, _entries = three_way(world)
    first = ask_for_run(world, round_id)
    assert ask_for_run(world, round_id) == first
    work(world)
    assert ask_for_run(world, round_id, seen=0) == first  # the button of a page from before the first run
    assert ask_for_run(world, round_id, seen=1) != first
    assert db.session.scalar(select(func.count(Job.id)).where(Job.kind == running.JOB)) == 2


def test_a_run_whose_job_was_given_up_gets_another_when_asked_again(world: Any) -> None:
    round_id, _entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    with transaction() as db_session:
        db_session.execute(update(Job).where(Job.kind == running.JOB).values(state=JobState.DEAD))
    assert _faults() == [f"trade run {run_id} waits, but no job will solve it"]
    for _press in range(2):
        assert ask_for_run(world, round_id) == run_id
    assert _faults() == []
    work(world)
    assert run_of(run_id).state is RunState.DONE


def test_the_database_refuses_a_second_live_run(world: Any) -> None:
    round_id, _entries = three_way(world)
    run = run_of(ask_for_run(world, round_id))
    values = {"event_id": run.event_id, "round_id": round_id, "kind": run.kind, "seed": 1, "requested_at": utcnow()}
    with pytest.raises(IntegrityError), transaction() as db_session:
        db_session.add(TradeRun(**values, number=2))
        db_session.flush()


def test_a_run_needs_closed_wants_and_something_to_solve(world: Any) -> None:
    round_id = open_round(world)
    put_in(world, round_id, "tess", ["Chair"])
    with pytest.raises(WrongPhase, match="choosing is over"):
        ask_for_run(world, round_id)
    empty = open_round(world)
    switch(world, empty, Phase.FREEZE, Phase.WANTS, Phase.PREVIEW)
    with pytest.raises(RunRefused, match="nothing to solve"):
        ask_for_run(world, empty)


def test_more_than_the_engine_takes_is_refused_in_words(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    round_id, _entries = three_way(world)
    monkeypatch.setattr(running, "MAX_ITEMS", 4)
    with pytest.raises(RunRefused, match="5 things take part; one round can have 4 at most"):
        ask_for_run(world, round_id)
    monkeypatch.setattr(running, "MAX_ITEMS", 60_000)
    monkeypatch.setattr(running, "MAX_ARCS", 3)
    olga = world.client("olga")
    back = post(olga, f"/manage/shows/{world.slug}/rounds/{round_id}/runs", {"seen": "0"})
    assert "There are 4 wants; one round can have 3 at most." in olga.get(back.location).text


def test_a_run_that_cannot_be_solved_says_why_and_may_be_repeated(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    round_id, _entries = three_way(world)
    run_id = ask_for_run(world, round_id)

    def too_large(*_: Any, **__: Any) -> None:
        raise TooLarge("About 2,000 MiB of memory would be needed; this engine takes 1,024.")

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "solve", too_large)
        work(world)
    run = run_of(run_id)
    assert run.state is RunState.FAILED and "2,000 MiB" in run.problem
    page = f"/manage/shows/{world.slug}/rounds/{round_id}/runs/{run_id}"
    shown = world.client("olga").get(page).text
    assert "2,000 MiB" in shown and "Run again" in shown
    again = ask_for_run(world, round_id, seen=1)
    work(world)
    assert again != run_id and run_of(again).state is RunState.DONE and _faults() == []


def test_a_run_that_never_ends_is_given_up_in_words(world: Any) -> None:
    round_id, _entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    for _turn in range(running.MAX_BEGINNINGS):
        with transaction() as db_session:
            assert running.begin_run(db_session, run_id=run_id, by=BY, now=utcnow()) is not None
    work(world)
    assert run_of(run_id).state is RunState.FAILED and "three times" in run_of(run_id).problem


def test_a_late_result_of_an_ended_run_is_dropped(world: Any) -> None:
    round_id, _entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    work(world)
    before = run_of(run_id).ended_at
    with transaction() as db_session:
        assert running.begin_run(db_session, run_id=run_id, by=BY, now=utcnow()) is None
        running.fail_run(db_session, run_id=run_id, problem="late", by=BY, now=utcnow())
    assert run_of(run_id).state is RunState.DONE and run_of(run_id).ended_at == before


def test_things_and_wants_are_frozen_in_words_while_the_result_is_made(world: Any) -> None:
    round_id, entries = three_way(world)
    tess, page = world.client("tess"), f"/shows/{world.slug}/rounds/{round_id}"
    wants = f"{page}/wants/{entries['chair']}"
    for path, values, words in (
        (f"{wants}/additions", {"targets": entries["bear"]}, "Wants can be chosen while"),
        (f"{wants}/order", {}, "Wants can be chosen while"),
        (f"{page}/entries/{entries['chair']}/home", {"stays": "1"}, "Choosing is over"),
        (f"{page}/entries/{entries['chair']}/removal", {}, "Choosing is over"),
        (f"{page}/protection", {"protects": "0"}, "Wants can be chosen while"),
        (f"{page}/lines", {"lines": "Table", "is_mine": "y"}, "is fixed"),
    ):
        answer = post(tess, path, values)
        shown = tess.get(answer.location).text if answer.status_code == 303 else answer.text
        assert words in shown, path
    mine = tess.get(f"{page}/mine").text
    assert "Accept nothing" not in mine and "Choosing is over" in tess.get(wants).text


def test_a_change_between_run_and_publishing_makes_the_run_stale(world: Any) -> None:
    round_id, _entries = three_way(world)
    run_id = ask_for_run(world, round_id)
    work(world)
    with transaction() as db_session:
        parts.RoundsData().erase(db_session, person_id=world.ids["ann"], now=utcnow())
    with pytest.raises(StaleRun, match="has changed since"):
        publish(world, round_id, run_id)
    olga, page = world.client("olga"), f"/manage/shows/{world.slug}/rounds/{round_id}"
    shown = olga.get(f"{page}/runs/{run_id}").text
    assert "Something has changed since this run" in shown and "Publish this result" not in shown
    again = post(olga, f"{page}/runs", {"seen": "1"}).location
    work(world)
    assert "No loop closes" in olga.get(again).text
    with pytest.raises(StaleRun, match="newer run"):
        publish(world, round_id, run_id)


def test_the_step_back_is_there_until_the_result_is_out(world: Any) -> None:
    round_id, _entries = three_way(world)
    seed = db.session.get_one(TradeRound, round_id).seed
    run_id = ask_for_run(world, round_id)
    work(world)
    switch(world, round_id, Phase.WANTS, Phase.PREVIEW)
    db.session.rollback()
    assert db.session.get_one(TradeRound, round_id).seed == seed  # nobody draws until they like it
    publish(world, round_id, run_id)  # nothing has changed, so the run still fits
    with pytest.raises(WrongPhase, match="people have been told"):
        switch(world, round_id, Phase.WANTS)
    with pytest.raises(RunRefused, match="is out"):
        ask_for_run(world, round_id, seen=1)
    switch(world, round_id, Phase.CLOSED)
    assert phase_of(world, round_id) == "closed"
    assert "3 things change hands" in world.client().get(f"/shows/{world.slug}/rounds/{round_id}/result").text


def test_people_who_blocked_each_other_meanwhile_are_kept_apart(world: Any) -> None:
    round_id, _entries = three_way(world)
    with transaction() as db_session:
        db_session.add(Block(blocker_id=world.ids["ann"], blocked_id=world.ids["tess"], created_at=utcnow()))
    run_id = ask_for_run(world, round_id)
    work(world)
    assert run_of(run_id).things_traded == 0


def test_a_published_run_cannot_be_changed_by_anybody(world: Any) -> None:
    _round_id, run_id = published_round(world)
    plain = {"synchronize_session": False}
    for statement in (
        update(TradeRun).values(seed=1),
        update(TradeRun).values(state=RunState.DONE, published_at=None),
        delete(TradeRun),
        update(TradeRunMove).values(loop=9),
        delete(TradeRunMove),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction() as db_session:
            db_session.execute(statement.execution_options(**plain))
    assert run_of(run_id).state is RunState.PUBLISHED


def test_the_doctor_sees_moves_and_files_that_do_not_agree(world: Any) -> None:
    _round_id, run_id = published_round(world)
    assert _faults() == []
    file_id = run_of(run_id).result_file_id
    delete_bytes(db.session.get_one(StoredFile, file_id).key)
    assert _faults() == [f"trade run {run_id}: its files cannot be read (FileNotFoundError)"]


def test_the_doctor_sees_a_run_without_a_job_and_a_move_too_many(world: Any) -> None:
    round_id, _entries = three_way(world)
    waiting = ask_for_run(world, round_id)
    with transaction() as db_session:
        db_session.execute(delete(Job).where(Job.kind == running.JOB))
    assert _faults() == [f"trade run {waiting} waits, but no job will solve it"]
    other, run_id = published_round(world)
    members = {row.person_id: row.id for row in queries.list_members(db.session(), round_id=other)}
    mine = queries.list_own_entries(db.session(), member_id=members[world.ids["tess"]])
    lamp = queries.list_own_entries(db.session(), member_id=members[world.ids["vic"]])[0]
    with transaction() as db_session:
        db_session.add(
            TradeRunMove(
                event_id=world.event_id,
                run_id=run_id,
                loop=2,
                place=1,
                entry_id=mine[1].id,
                giver_id=members[world.ids["tess"]],
                receiver_id=members[world.ids["vic"]],
                for_entry_id=lamp.id,
            )
        )
    assert f"trade run {run_id}: its moves are not those of its result" in _faults()


def test_each_step_of_a_run_is_written_down(world: Any) -> None:
    _round_id, run_id = published_round(world)
    statement = select(AuditEntry.verb).where(AuditEntry.subject == "TradeRun", AuditEntry.subject_id == run_id)
    assert list(db.session.scalars(statement.order_by(AuditEntry.id))) == [
        "round_run.asked_for",
        "round_run.begun",
        "round_run.done",
        "round_run.published",
    ]
    drawn = db.session.scalar(select(AuditEntry).where(AuditEntry.verb == "round.seed_drawn"))
    assert drawn is not None and drawn.target == f"{run_of(run_id).seed}"


def test_nobody_else_reaches_runs(world: Any) -> None:
    round_id, run_id = published_round(world)
    page = f"/manage/shows/{world.slug}/rounds/{round_id}/runs"
    assert world.client("dora").get(f"{page}/{run_id}").status_code == 403
    assert world.client("tess").get(f"{page}/{run_id}").status_code == 404
    assert post(world.client("tess"), page, {"seen": "0"}).status_code == 404
    olga = world.client("olga")
    assert olga.get(f"{page}/999999").status_code == 404
    other = open_round(world)
    assert olga.get(f"/manage/shows/{world.slug}/rounds/{other}/runs/{run_id}").status_code == 404
    assert post(olga, page, {"seen": "abc"}).status_code == 303


def test_a_thing_at_home_stays_out_of_the_run(world: Any) -> None:
    round_id, entries = three_way(world)
    switch(world, round_id, Phase.WANTS)
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=world.event_id)
        entry = queries.get_entry(db_session, entries["chair"], round_id=round_id)
        entering.keep_at_home(db_session, round_=round_, entry=entry, stays=True, by=BY, now=utcnow())
    switch(world, round_id, Phase.PREVIEW)
    run_id = ask_for_run(world, round_id)
    work(world)
    assert (run_of(run_id).things, run_of(run_id).things_traded) == (4, 0)
