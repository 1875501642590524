"""What must always be true of placing runs, as queries that must find nothing."""

import json
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.files import StoredFile, read_file
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.registry import DoctorQuery
from swapmeet.vendor_tables.models import TablePlace
from swapmeet.vendor_tables.placing.drawing import commitment_of
from swapmeet.vendor_tables.placing.jsonform import given_to_json, hash_of, problem_from_json
from swapmeet.vendor_tables.placing.judging import Floor, faults, welfare
from swapmeet.vendor_tables.placing.problem import Faulty
from swapmeet.vendor_tables.runs.models import LIVE, PlacingDraw, PlacingRun, PlacingSeat, RunState
from swapmeet.vendor_tables.runs.services import running
from swapmeet.vendor_tables.runs.words import lot_name

SHOWN = 20


def runs_without_a_job(db_session: Session, now: datetime) -> list[str]:
    """A run that waits or runs has a job that will bring it to its end."""
    ids = list(db_session.scalars(select(PlacingRun.id).where(PlacingRun.state.in_(LIVE)).order_by(PlacingRun.id)))
    if not ids:
        return []
    jobs = select(Job.payload).where(Job.kind == running.JOB, Job.state.in_([JobState.READY, JobState.RUNNING]))
    covered = {payload.get("run_id") for payload in db_session.scalars(jobs)}
    return [f"placing run {run_id} waits, but no job will do it" for run_id in ids if run_id not in covered][:SHOWN]


def runs_without_audit(db_session: Session, now: datetime) -> list[str]:
    """A run whose state nobody wrote down."""
    written = exists().where(
        AuditEntry.subject == "PlacingRun",
        AuditEntry.subject_id == PlacingRun.id,
        AuditEntry.target == PlacingRun.state,
    )
    statement = select(PlacingRun.id, PlacingRun.state).where(~written).order_by(PlacingRun.id).limit(SHOWN)
    return [
        f"placing run {row[0]} became {row[1].value} without an audit entry" for row in db_session.execute(statement)
    ]


def accepted_runs_that_do_not_hold(db_session: Session, now: datetime) -> list[str]:
    """An accepted run whose input, hashes and seats do not agree, or that breaks a hard rule."""
    statement = select(PlacingRun).where(PlacingRun.state == RunState.ACCEPTED).order_by(PlacingRun.id)
    found = []
    for run in db_session.scalars(statement):
        found += [f"placing run {run.id}: {fault}" for fault in _faults_of(db_session, run)]
    return found[:SHOWN]


def _faults_of(db_session: Session, run: PlacingRun) -> list[str]:
    try:
        document = json.loads(read_file(db_session.get_one(StoredFile, run.input_file_id).key))
        problem = problem_from_json(document)
    except (FileNotFoundError, ValueError, Faulty) as error:
        return [f"its input cannot be read ({type(error).__name__})"]
    places = select(TablePlace.id, TablePlace.uid).where(TablePlace.event_id == run.event_id)
    uids = {row.id: row.uid for row in db_session.execute(places)}
    seats = db_session.scalars(select(PlacingSeat).where(PlacingSeat.run_id == run.id)).all()
    if any(place_id not in uids for seat in seats for place_id in seat.places):
        return []  # a table of it has been removed since; what was given is not to be told any more
    given = {lot_name(seat.application_id): tuple(uids[one] for one in seat.places) for seat in seats if seat.places}
    found = faults(Floor(problem), given)[:3]
    if hash_of(document) != run.input_hash or hash_of(given_to_json(given)) != run.result_hash:
        found.append("its hashes are not those of its input and seats")
    if not found and welfare(Floor(problem), given) != run.welfare:
        found.append("it is not worth what it says")
    return found


def draws_with_another_seed(db_session: Session, now: datetime) -> list[str]:
    """A draw whose seed does not have the hash that was published."""
    rows = db_session.execute(select(PlacingDraw.id, PlacingDraw.seed, PlacingDraw.commitment).order_by(PlacingDraw.id))
    return [f"draw {row[0]} has another seed than the sealed one" for row in rows if commitment_of(row[1]) != row[2]]


QUERIES = [
    DoctorQuery(14, "every step of a placing run", runs_without_audit),
    DoctorQuery(14, "placing runs come to an end", runs_without_a_job),
    DoctorQuery(14, "accepted placings hold", accepted_runs_that_do_not_hold),
    DoctorQuery(14, "seeds of draws are the sealed ones", draws_with_another_seed),
]
