"""The job of a run: placing outside any transaction, in a child process of its own, then writing the result whole."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import Registry
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.placing.jsonform import canonical, problem_to_json
from swapmeet.vendor_tables.placing.judging import met_wish
from swapmeet.vendor_tables.placing.outcome import ENGINE, Broken, Outcome
from swapmeet.vendor_tables.placing.problem import Faulty, Problem, Weights
from swapmeet.vendor_tables.runs import queries
from swapmeet.vendor_tables.runs.problem import asked_hashes, build_problem
from swapmeet.vendor_tables.runs.services import running
from swapmeet.vendor_tables.runs.services.running import Placed, Seat

BY = Actor.job("placing run")
LEASE_S = 115
NOTE_EVERY_S = 0.5


class Stopped(Exception):
    """Somebody has stopped the run."""


class _Notes:
    """Writes down how far a run is, now and then; finds out that it was stopped."""

    def __init__(self, run_id: int) -> None:
        self.run_id, self.step, self.at = run_id, "", 0.0

    def __call__(self, step: str, share: float) -> None:
        if step == self.step and time.monotonic() - self.at < NOTE_EVERY_S:
            return
        self.step, self.at = step, time.monotonic()
        with transaction() as db_session:
            if not running.note_step(db_session, run_id=self.run_id, step=step, share=share):
                raise Stopped


def place_run(payload: Mapping[str, Any]) -> Placed | str | None:
    """The result, a sentence that says why there is none, or None when the run has ended meanwhile. Runs in a child."""
    from swapmeet.vendor_tables.placing.solving import place_vendors  # loads NumPy and SciPy

    run_id = int(payload["run_id"])
    with transaction() as db_session:
        run = running.begin_run(db_session, run_id=run_id, by=BY, now=utcnow())
        if run is None:
            return None
        event_id, rule, attempts = run.event_id, run.rule, run.attempts
    if attempts > running.MAX_BEGINNINGS:
        return running.GIVEN_UP
    db_session = db.session()
    event, run = db_session.get_one(Event, event_id), queries.get_run(db_session, event_id=event_id, run_id=run_id)
    problem = build_problem(db_session, event=event, period=run.period, weights=Weights(**run.weights))
    ids = {place.uid: place.id for place in floor_queries.list_places(db_session, event_id=event_id)}
    seed = run.draw.seed
    end_reading()
    settings: Settings = current_app.extensions["swapmeet_settings"]
    try:
        outcome = place_vendors(problem, rule, seed, seconds=settings.placing_seconds, progress=_Notes(run_id))
    except Stopped:
        return None
    except Faulty as error:
        return f"The wishes cannot be placed as they are: {error}"
    except Broken as error:
        return f"A hard rule was broken, so nothing was kept. This is a fault of Swapmeet: {error}"
    except MemoryError:
        return "This computer has too little memory for a show of this size."
    return placed_from(problem, outcome, ids)


def placed_from(problem: Problem, outcome: Outcome, ids: Mapping[str, int]) -> Placed:
    """What is kept of an outcome. `ids` gives place ids by their stable names."""
    asked = asked_hashes(problem)
    seats = []
    for vendor in problem.vendors:
        run = outcome.given.get(vendor.key, ())
        seats.append(
            Seat(
                application_id=int(vendor.key.removeprefix("A-")),
                points=vendor.points,
                rank=met_wish(vendor, run),
                places=[ids[key] for key in run],
                reasons=list(outcome.reasons[vendor.key]),
                asked_hash=asked[vendor.key],
            )
        )
    return Placed(
        content=canonical(problem_to_json(problem)),
        engine_version=f"{ENGINE}, SciPy {version('scipy')}",
        input_hash=outcome.input_hash,
        result_hash=outcome.result_hash,
        welfare=outcome.welfare,
        bound=outcome.bound,
        measures=asdict(outcome.measures),
        ended_early=outcome.ended_early,
        seats=seats,
    )


def keep(db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Placed | str | None) -> None:
    """Write the outcome of `place_run`, in the transaction that ends the job."""
    run_id = int(payload["run_id"])
    if isinstance(prepared, str):
        running.fail_run(db_session, run_id=run_id, problem=prepared, by=BY, now=now)
    elif prepared is not None:
        running.keep_run(db_session, run_id=run_id, placed=prepared, by=BY, now=now)


def register(registry: Registry) -> None:
    """Put the job into the registry."""
    registry.jobs[running.JOB] = Handler(run=keep, prepare=place_run, heavy=True, lease_s=LEASE_S)
