"""Runs of the placing: asked for, begun by a worker, stopped by a person, kept with every vendor's place and reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, SalePeriod
from swapmeet.infra.audit import record
from swapmeet.infra.files import save_file
from swapmeet.infra.jobs import Job, JobState, enqueue
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.placing.drawing import commitment_of
from swapmeet.vendor_tables.placing.problem import MOST_PLACES, MOST_VENDORS, Weights
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.runs import queries
from swapmeet.vendor_tables.runs.errors import NothingToPlace
from swapmeet.vendor_tables.runs.models import LIVE, RUN_MACHINE, PlacingDraw, PlacingRun, PlacingSeat, RunState
from swapmeet.vendor_tables.runs.problem import list_candidates

JOB = "placing.run"
MAX_BEGINNINGS = 3  # a run that killed its worker this often is given up
GIVEN_UP = "It was begun three times and never came to its end. The people who run this site find more in the log."


@dataclass(frozen=True)
class Seat:
    """What a run gives one application."""

    application_id: int
    points: int
    rank: int
    places: list[int]
    reasons: list[str]
    asked_hash: str


@dataclass(frozen=True)
class Placed:
    """What the worker brings back: the input as bytes, the hashes and figures, and each vendor's seat."""

    content: bytes
    engine_version: str
    input_hash: str
    result_hash: str
    welfare: int
    bound: int
    measures: Mapping[str, int]
    ended_early: bool
    seats: Sequence[Seat]


def seal_draw(db_session: Session, *, event: Event, by: Actor, now: datetime) -> PlacingDraw:
    """The show's sealed draw; a new seed is drawn where there is none. Its hash is public from now on."""
    lock(db_session, event)
    draw = queries.find_sealed(db_session, event_id=event.id)
    if draw is not None:
        return draw
    known = queries.list_draws(db_session, event_id=event.id)
    seed = token_hex(32)
    draw = PlacingDraw(
        event_id=event.id,
        number=known[0].number + 1 if known else 1,
        seed=seed,
        commitment=commitment_of(seed),
        sealed_at=now,
    )
    db_session.add(draw)
    db_session.flush()
    record(db_session, now=now, by=by, verb="placing_draw.sealed", subject=draw, commitment=draw.commitment)
    return draw


def start_runs(
    db_session: Session,
    *,
    event: Event,
    period: SalePeriod,
    rules: Sequence[Rule],
    weights: Weights,
    by: Actor,
    now: datetime,
) -> list[PlacingRun]:
    """Ask for a run by each of these rules. One that has not ended is taken as it is. Raises NothingToPlace."""
    draw = seal_draw(db_session, event=event, by=by, now=now)
    _check_size(db_session, event, period)
    runs = []
    for rule in rules:
        run = queries.find_live(db_session, event_id=event.id, rule=rule)
        if run is not None:
            _wake(db_session, run, now=now)
        else:
            run = PlacingRun(
                event_id=event.id,
                number=queries.last_number(db_session, event_id=event.id) + 1,
                rule=rule,
                state=RunState.QUEUED,
                sale_period_id=period.id,
                draw_id=draw.id,
                weights=asdict(weights),
                requested_at=now,
            )
            db_session.add(run)
            db_session.flush()
            record(db_session, now=now, by=by, verb="placing_run.asked_for", subject=run, target=run.state.value)
            enqueue(db_session, JOB, {"run_id": run.id}, now=now, key=f"{JOB}:{run.id}:1")
        runs.append(run)
    return runs


def _check_size(db_session: Session, event: Event, period: SalePeriod) -> None:
    vendors = len(list_candidates(db_session, event_id=event.id, period=period))
    places = sum(floor_queries.count_places_by_type(db_session, event_id=event.id).values())
    if not vendors or not places:
        raise NothingToPlace(
            "There is nobody to place: no application waits for a decision, or the plan has no tables."
        )
    if vendors > MOST_VENDORS or places > MOST_PLACES:
        raise NothingToPlace(
            f"One placing takes {MOST_VENDORS:,} vendors and {MOST_PLACES:,} tables at most; "
            f"here are {vendors:,} and {places:,}."
        )


def _wake(db_session: Session, run: PlacingRun, *, now: datetime) -> None:
    """A run that waits although its job was given up (its worker could not even begin) gets another one."""
    jobs = select(Job.state).where(Job.kind == JOB, Job.key.startswith(f"{JOB}:{run.id}:", autoescape=True))
    states = list(db_session.scalars(jobs))
    if not set(states) & {JobState.READY, JobState.RUNNING}:
        enqueue(db_session, JOB, {"run_id": run.id}, now=now, key=f"{JOB}:{run.id}:{len(states) + 1}")


def cancel_run(db_session: Session, *, run: PlacingRun, by: Actor, now: datetime) -> None:
    """Stop it. What its worker still brings is dropped. Raises IllegalTransition for one that has ended."""
    lock(db_session, run)
    _move(db_session, run, RunState.CANCELED, by=by, now=now)


def begin_run(db_session: Session, *, run_id: int, by: Actor, now: datetime) -> PlacingRun | None:
    """A worker takes it up, again where one before did not end it. None when it has ended meanwhile."""
    run = _lock_live(db_session, run_id)
    if run is None:
        return None
    run.attempts, run.step, run.percent, run.started_at = run.attempts + 1, "", 0, now
    if run.state is RunState.QUEUED:
        _move(db_session, run, RunState.RUNNING, by=by, now=now, attempt=run.attempts)
    return run


def note_step(db_session: Session, *, run_id: int, step: str, share: float) -> bool:
    """How far it is, for the page. False when somebody has stopped it."""
    run = _lock_live(db_session, run_id)
    if run is None:
        return False
    run.step, run.percent = step, max(0, min(100, round(100 * share)))
    return True


def fail_run(db_session: Session, *, run_id: int, problem: str, by: Actor, now: datetime) -> None:
    """It has no result, and `problem` says why."""
    run = _lock_live(db_session, run_id)
    if run is not None:
        run.problem = problem[:300]
        _move(db_session, run, RunState.FAILED, by=by, now=now, reason=run.problem)


def keep_run(db_session: Session, *, run_id: int, placed: Placed, by: Actor, now: datetime) -> None:
    """Write a result whole: input, figures and seats. One that came for a run that has ended is dropped."""
    run = _lock_live(db_session, run_id)
    if run is None:
        return
    file = save_file(
        db_session,
        placed.content,
        purpose="placing.input",
        suffix=".json",
        content_type="application/json",
        now=now,
        event_id=run.event_id,
    )
    run.engine_version, run.input_hash, run.result_hash = placed.engine_version, placed.input_hash, placed.result_hash
    run.input_file_id, run.welfare, run.bound = file.id, placed.welfare, placed.bound
    run.measures, run.ended_early, run.percent = dict(placed.measures), placed.ended_early, 100
    db_session.flush()
    rows: list[dict[str, Any]] = [{"event_id": run.event_id, "run_id": run.id, **asdict(seat)} for seat in placed.seats]
    if rows:
        db_session.execute(insert(PlacingSeat), rows)
    _move(db_session, run, RunState.DONE, by=by, now=now)


def _lock_live(db_session: Session, run_id: int) -> PlacingRun | None:
    run = db_session.get(PlacingRun, run_id)
    if run is None:
        return None
    lock(db_session, run)
    return run if run.state in LIVE else None


def _move(
    db_session: Session, run: PlacingRun, target: RunState, *, by: Actor, now: datetime, reason: str = "", **facts: Any
) -> None:
    origin = run.state
    RUN_MACHINE.check(origin, target)
    run.state = target
    if target not in LIVE:
        run.ended_at = now
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"placing_run.{target.value}",
        subject=run,
        origin=origin.value,
        target=target.value,
        reason=reason,
        **facts,
    )
