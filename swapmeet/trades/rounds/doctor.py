"""What must always be true of rounds and their runs, as queries that must find nothing."""

import json
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.files import StoredFile, read_file
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.registry import DoctorQuery
from swapmeet.trades.matching import verify
from swapmeet.trades.rounds.models import LIVE, RoundEntry, RoundWant, RunState, TradeRun, TradeRunMove
from swapmeet.trades.rounds.services import running

SHOWN = 20


def wants_across_rounds(db_session: Session, now: datetime) -> list[str]:
    """A want for a thing of another round, or for one's own."""
    entry, target = aliased(RoundEntry), aliased(RoundEntry)
    statement = (
        select(RoundWant.id)
        .join(entry, entry.id == RoundWant.entry_id)
        .join(target, target.id == RoundWant.target_id)
        .where((entry.round_id != target.round_id) | (entry.member_id == target.member_id))
        .order_by(RoundWant.id)
        .limit(SHOWN)
    )
    return [f"want {row} is for a thing it cannot have" for row in db_session.scalars(statement)]


def published_runs_that_do_not_hold(db_session: Session, now: datetime) -> list[str]:
    """A published run whose files, hashes and moves do not agree, or whose result breaks a want."""
    statement = select(TradeRun).where(TradeRun.state == RunState.PUBLISHED).order_by(TradeRun.id)
    found = []
    for run in db_session.scalars(statement):
        found += [f"trade run {run.id}: {fault}" for fault in _faults_of(db_session, run)]
    return found[:SHOWN]


def _faults_of(db_session: Session, run: TradeRun) -> list[str]:
    try:
        problem, result = (
            json.loads(read_file(db_session.get_one(StoredFile, file_id).key))
            for file_id in (run.input_file_id, run.result_file_id)
        )
    except (FileNotFoundError, ValueError) as error:
        return [f"its files cannot be read ({type(error).__name__})"]
    faults = verify(problem, result)[:3]
    if (result.get("input_hash"), result.get("result_hash")) != (run.input_hash, run.result_hash):
        faults.append("its hashes are not those of its result")
    given, back = aliased(RoundEntry), aliased(RoundEntry)
    statement = (
        select(TradeRunMove.loop, given.number, back.number)
        .join(given, given.id == TradeRunMove.entry_id)
        .join(back, back.id == TradeRunMove.for_entry_id)
        .where(TradeRunMove.run_id == run.id)
        .order_by(TradeRunMove.loop, TradeRunMove.place)
    )
    kept = [(loop, f"{one}", f"{other}") for loop, one, other in db_session.execute(statement)]
    said = [
        (number, move[0], move[3])
        for number, loop in enumerate(result.get("loops", ()), start=1)
        for move in loop["moves"]
    ]
    return faults if kept == said else [*faults, "its moves are not those of its result"]


def runs_without_a_job(db_session: Session, now: datetime) -> list[str]:
    """A run that waits or runs has a job that will bring it to its end."""
    ids = list(db_session.scalars(select(TradeRun.id).where(TradeRun.state.in_(LIVE)).order_by(TradeRun.id)))
    if not ids:
        return []
    jobs = select(Job.payload).where(Job.kind == running.JOB, Job.state.in_([JobState.READY, JobState.RUNNING]))
    covered = {payload.get("run_id") for payload in db_session.scalars(jobs)}
    return [f"trade run {run_id} waits, but no job will solve it" for run_id in ids if run_id not in covered][:SHOWN]


def runs_without_audit(db_session: Session, now: datetime) -> list[str]:
    """A run whose state nobody wrote down."""
    written = exists().where(
        AuditEntry.subject == "TradeRun", AuditEntry.subject_id == TradeRun.id, AuditEntry.target == TradeRun.state
    )
    statement = select(TradeRun.id, TradeRun.state).where(~written).order_by(TradeRun.id).limit(SHOWN)
    return [f"trade run {row[0]} became {row[1].value} without an audit entry" for row in db_session.execute(statement)]


QUERIES = [
    DoctorQuery(8, "each run that waits has a job", runs_without_a_job),
    DoctorQuery(10, "published runs hold what their input asks", published_runs_that_do_not_hold),
    DoctorQuery(12, "wants stay in their round", wants_across_rounds),
    DoctorQuery(14, "runs of rounds are written down", runs_without_audit),
]
