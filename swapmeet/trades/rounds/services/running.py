"""Runs of a round: asked for once, begun by a worker, kept with their moves and files, and published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.files import save_file
from swapmeet.infra.jobs import Job, JobState, enqueue
from swapmeet.infra.uow import lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.trades.matching import Problem, Published
from swapmeet.trades.matching.jsonform import canonical, hash_of_problem
from swapmeet.trades.matching.network import MAX_ARCS, MAX_ITEMS
from swapmeet.trades.rounds import desk_queries, mail, queries, repairing, rules
from swapmeet.trades.rounds.errors import RunRefused, StaleRun, WrongPhase
from swapmeet.trades.rounds.models import (
    LIVE,
    RUN_MACHINE,
    Phase,
    RoundEntry,
    RoundMember,
    RunKind,
    RunState,
    TradeRound,
    TradeRun,
    TradeRunMove,
)
from swapmeet.trades.rounds.money_models import TradeRunPayment
from swapmeet.trades.rounds.problem import build_problem, handle
from swapmeet.trades.rounds.services import handing

JOB = "trades.run"
MAX_BEGINNINGS = 3  # a run that killed its worker this often is given up
GIVEN_UP = "It was begun three times and never came to its end. The people who run this site find more in the log."


@dataclass(frozen=True)
class Solved:
    """What the worker brings back: the problem and the result as the engine writes them, or why there is none."""

    problem: Mapping[str, Any]
    result: Mapping[str, Any]
    engine_version: str
    levels: list[dict[str, Any]]
    hints: list[dict[str, Any]] = field(default_factory=list)


def start_run(db_session: Session, *, round_: TradeRound, seen: int, by: Actor, now: datetime) -> TradeRun:
    """Ask for a run and queue its job. `seen` is the number of the newest run that the page showed, 0 for none.

    When there is a newer one, or one that has not ended, that one is returned: two hosts, or the same button twice, give
    one run. Raises WrongPhase, RunRefused (nothing to solve, too much to solve).
    """
    lock(db_session, round_)
    kind = rules.SOLVING.get(round_.phase)
    if kind is None or round_.seed is None:
        raise WrongPhase("A run starts once choosing is over. Switch the round on to “Result” first.")
    repair = _repair_number(db_session, round_) if round_.phase is Phase.PICK_UP else 0
    last = queries.find_last_run(db_session, round_id=round_.id)
    if last is not None and (last.number > seen or last.state in LIVE):
        _wake(db_session, last, now=now)
        return last
    if not repair:
        if queries.find_published(db_session, round_id=round_.id, kind=kind) is not None:
            raise RunRefused("The result of this round is out; it does not change any more.")
        _check_size(db_session, round_, kind)
    elif not repairing.list_broken(db_session, round_id=round_.id):
        raise RunRefused("No loop is broken: everything that still has to go can be found.")
    open_gap(db_session)
    run = TradeRun(
        event_id=round_.event_id,
        round_id=round_.id,
        number=last.number + 1 if last else 1,
        kind=kind,
        repair=repair,
        state=RunState.QUEUED,
        seed=round_.seed,
        requested_at=now,
    )
    db_session.add(run)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_run.asked_for", subject=run, target=run.state.value)
    enqueue(db_session, JOB, {"run_id": run.id}, now=now, key=f"{JOB}:{run.id}:1")
    return run


def _wake(db_session: Session, run: TradeRun, *, now: datetime) -> None:
    """A run that waits although its job was given up (its worker could not even begin) gets another one."""
    jobs = select(Job.state).where(Job.kind == JOB, Job.key.startswith(f"{JOB}:{run.id}:", autoescape=True))
    states = list(db_session.scalars(jobs))
    if run.state in LIVE and not set(states) & {JobState.READY, JobState.RUNNING}:
        enqueue(db_session, JOB, {"run_id": run.id}, now=now, key=f"{JOB}:{run.id}:{len(states) + 1}")


def _repair_number(db_session: Session, round_: TradeRound) -> int:
    return len(queries.list_repairs(db_session, round_id=round_.id)) + 1


def _check_size(db_session: Session, round_: TradeRound, kind: RunKind) -> None:
    things, wants = queries.count_all_wants(db_session, round_id=round_.id, only_present=kind is RunKind.FINAL)
    if not things:
        what = "lies at the desk" if kind is RunKind.FINAL else "takes part in this round"
        raise RunRefused(f"Nothing {what}, so there is nothing to solve.")
    if things > MAX_ITEMS:
        raise RunRefused(f"{things:,} things take part; one round can have {MAX_ITEMS:,} at most.")
    if wants > MAX_ARCS:
        raise RunRefused(f"There are {wants:,} wants; one round can have {MAX_ARCS:,} at most.")


def begin_run(db_session: Session, *, run_id: int, by: Actor, now: datetime) -> TradeRun | None:
    """A worker takes it up, again where one before did not end it. None when it has ended meanwhile."""
    run = _lock_run(db_session, run_id)
    if run is None or run.state not in LIVE:
        return None
    origin = run.state
    run.attempts, run.step = run.attempts + 1, ""
    run.started_at = now
    if origin is RunState.QUEUED:
        RUN_MACHINE.check(origin, RunState.RUNNING)
        run.state = RunState.RUNNING
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="round_run.begun",
        subject=run,
        origin=origin.value,
        target=run.state.value,
        attempt=run.attempts,
    )
    return run


def note_step(db_session: Session, *, run_id: int, step: str) -> None:
    """What the run has done so far, for the page of its host."""
    run = _lock_run(db_session, run_id)
    if run is not None and run.state is RunState.RUNNING:
        run.step = step


def fail_run(db_session: Session, *, run_id: int, problem: str, by: Actor, now: datetime) -> None:
    """It has no result, and `problem` says why."""
    run = _lock_run(db_session, run_id)
    if run is None or run.state is not RunState.RUNNING:
        return
    _end(db_session, run, RunState.FAILED, by=by, now=now, reason=problem[:300])


def keep_run(db_session: Session, *, run_id: int, solved: Solved, by: Actor, now: datetime) -> None:
    """Write a result whole: files, numbers and moves. One that came for a run that has ended is dropped."""
    run = _lock_run(db_session, run_id)
    if run is None or run.state is not RunState.RUNNING:
        return
    result = solved.result
    if run.repair and is_different(db_session, run, result["input_hash"]):
        _end(db_session, run, RunState.FAILED, by=by, now=now, reason="The desk went on meanwhile. Run it again.")
        return
    run.engine_version, run.levels, run.hints = solved.engine_version, solved.levels, solved.hints
    run.input_hash, run.result_hash = result["input_hash"], result["result_hash"]
    run.things, run.things_traded = result["items"], result["items_traded"]
    run.people, run.people_trading = result["users"], result["users_trading"]
    run.loops, run.has_certificate = len(result["loops"]), result["certificate"] is not None
    run.input_file_id = _keep_file(db_session, run, canonical(solved.problem), now=now)
    run.result_file_id = _keep_file(db_session, run, json.dumps(result, ensure_ascii=False).encode(), now=now)
    _add_moves(db_session, run, result["loops"])
    _end(db_session, run, RunState.DONE, by=by, now=now)


def _keep_file(db_session: Session, run: TradeRun, content: bytes, *, now: datetime) -> int:
    row = save_file(
        db_session,
        content,
        purpose="trade.run",
        suffix=".json",
        content_type="application/json",
        now=now,
        event_id=run.event_id,
    )
    return row.id


def _add_moves(db_session: Session, run: TradeRun, loops: list[dict[str, Any]]) -> None:
    """In a repair a thing may stand in for another one: whoever has given that other one receives for it.

    Where money pays for a thing, the thing bought goes for the one that the money is for.
    """
    for_others = repairing.build_repair(db_session, round_id=run.round_id)[1] if run.repair else {}
    statement = select(RoundEntry.number, RoundEntry.id, RoundEntry.member_id)
    entries = {f"{row[0]}": row for row in db_session.execute(statement.where(RoundEntry.round_id == run.round_id))}
    by_id = {row.id: row for row in entries.values()}
    buyers = {handle(row.number): row.id for row in queries.list_members(db_session, round_id=run.round_id)}
    rows, payments = [], []
    for number, loop in enumerate(loops, start=1):
        paid_for = {bid: (item, amount) for item, bid, _payer, _payee, amount in loop["payments"]}
        for place, (item, _giver, receiver, paid) in enumerate(loop["moves"], start=1):
            sold, amount = paid_for.get(paid, (paid, 0))
            given, back = entries[item], entries[sold]
            back = by_id.get(for_others.get(back.id, 0), back)
            receiver_id = buyers[receiver] if amount else back.member_id
            row = {"event_id": run.event_id, "run_id": run.id, "loop": number, "place": place}
            rows.append(
                {
                    **row,
                    "entry_id": given.id,
                    "giver_id": given.member_id,
                    "receiver_id": receiver_id,
                    "for_entry_id": back.id,
                }
            )
            if amount:
                payments.append(
                    {
                        "event_id": run.event_id,
                        "run_id": run.id,
                        "entry_id": given.id,
                        "for_entry_id": back.id,
                        "payer_id": receiver_id,
                        "payee_id": back.member_id,
                        "amount_minor": amount,
                    }
                )
    for table, found in ((TradeRunMove, rows), (TradeRunPayment, payments)):
        if found:
            db_session.execute(insert(table), found)


def _end(db_session: Session, run: TradeRun, target: RunState, *, by: Actor, now: datetime, reason: str = "") -> None:
    origin = run.state
    RUN_MACHINE.check(origin, target)
    run.state, run.ended_at, run.problem = target, now, reason
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"round_run.{target.value}",
        subject=run,
        origin=origin.value,
        target=target.value,
        reason=reason,
    )


def is_stale(db_session: Session, run: TradeRun) -> bool:
    """Would the engine get something else by now than what this run solved? Reads all wants of the round."""
    return is_different(db_session, run, run.input_hash)


def is_different(db_session: Session, run: TradeRun, input_hash: str) -> bool:
    """Is what this run has to solve something else than what has this fingerprint?"""
    return hash_of_problem(problem_of(db_session, run)) != input_hash


def problem_of(db_session: Session, run: TradeRun) -> Problem:
    """What a run solves: everything that takes part, for a final one what lies at the desk, for a repair what its loops left."""
    if run.repair:
        return repairing.build_repair(db_session, round_id=run.round_id)[0]
    return build_problem(db_session, round_id=run.round_id, only_present=run.kind is RunKind.FINAL)


def publish_run(db_session: Session, *, round_: TradeRound, run: TradeRun, by: Actor, now: datetime) -> None:
    """The result is out: it never changes again, and everybody with a thing in the round gets a mail.

    Raises WrongPhase, StaleRun (something changed since, or there is a newer run), IllegalTransition.
    """
    lock(db_session, [round_, run])
    if not can_publish(round_, run):
        label = rules.KIND_LABELS[run.kind]
        raise WrongPhase(f"This result can be published while the round is at “{label}”.")
    RUN_MACHINE.check(run.state, RunState.PUBLISHED)
    last = queries.find_last_run(db_session, round_id=round_.id)
    if last is not None and last.id != run.id:
        raise StaleRun("There is a newer run of this round. Look at that one.")
    if is_stale(db_session, run):
        raise StaleRun("Something in the round has changed since this run, so its result no longer fits. Run it again.")
    origin = run.state
    run.state, run.published_at = RunState.PUBLISHED, now
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="round_run.published",
        subject=run,
        origin=origin.value,
        target=run.state.value,
        input_hash=run.input_hash,
    )
    if run.kind is RunKind.FINAL:
        handing.open_hand_over(db_session, round_=round_, run=run)
    mail.queue_result(db_session, round_, run, now=now)


def can_publish(round_: TradeRound, run: TradeRun) -> bool:
    """Is the round in the phase that this run was made for?"""
    is_time_to_repair = round_.phase is Phase.PICK_UP
    return rules.SOLVING.get(round_.phase) is run.kind and bool(run.repair) == is_time_to_repair


def told_before(db_session: Session, run: TradeRun) -> Published | None:
    """What a final run keeps as far as it can: which thing the published first result gives to whom."""
    first = desk_queries.find_first_result(db_session, round_id=run.round_id)
    if run.kind is not RunKind.FINAL or run.repair or first is None:
        return None
    statement = (
        select(RoundEntry.number, RoundMember.number)
        .select_from(TradeRunMove)
        .join(RoundEntry, RoundEntry.id == TradeRunMove.entry_id)
        .join(RoundMember, RoundMember.id == TradeRunMove.receiver_id)
        .where(TradeRunMove.run_id == first.id)
    )
    moves = frozenset((f"{thing}", handle(receiver)) for thing, receiver in db_session.execute(statement))
    return Published(moves, first.result_hash)


def _lock_run(db_session: Session, run_id: int) -> TradeRun | None:
    run = db_session.get(TradeRun, run_id)
    if run is not None:
        lock(db_session, [db_session.get_one(TradeRound, run.round_id), run])
    return run
