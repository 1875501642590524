"""The job of a run: solving outside any transaction, in a child process of its own, then writing the result whole."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Handler
from swapmeet.infra.registry import Registry
from swapmeet.infra.uow import end_reading, transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades.matching import Faulty, Level, Options, Problem, Published, Result, TooLarge, solve
from swapmeet.trades.matching.jsonform import ENGINE, problem_to_json, result_to_json
from swapmeet.trades.rounds.hints import hints_for
from swapmeet.trades.rounds.models import RunKind
from swapmeet.trades.rounds.problem import apart_handles
from swapmeet.trades.rounds.services import running

BY = Actor.job("trade run")
LEASE_S = 115
SEARCH_S = 45.0  # of the lease; a level that needs longer says so in the result


def solve_run(payload: Mapping[str, Any]) -> running.Solved | str | None:
    """The result, a sentence that says why there is none, or None when the run has ended meanwhile. Runs in a child."""
    run_id = int(payload["run_id"])
    with transaction() as db_session:
        run = running.begin_run(db_session, run_id=run_id, by=BY, now=utcnow())
        if run is None:
            return None
        seed, attempts = run.seed, run.attempts
    if attempts > running.MAX_BEGINNINGS:
        return running.GIVEN_UP
    problem, told = running.problem_of(db.session(), run), running.told_before(db.session(), run)
    apart = apart_handles(db.session(), round_id=run.round_id)
    may_ask = run.kind is RunKind.PREVIEW  # later nobody can want anything else
    end_reading()
    try:
        result = find_loops(problem, seed=seed, told=told, progress=partial(_note, run_id))
    except TooLarge as error:
        return f"This round is larger than one run can solve: {error}"
    except Faulty as error:
        return f"The wants cannot be solved as they are: {error}"
    except MemoryError:
        return "This computer has too little memory for a round of this size."
    solved = solved_from(problem, result)
    return replace(solved, hints=hints_for(problem, result, apart)) if may_ask else solved


def find_loops(problem: Problem, *, seed: int, told: Published | None = None, progress: Any = None) -> Result:
    """The engine with the options of every run, so that anybody who has input and seed gets the same.

    `told`: what people were told before; of all best results the one that keeps most of it.
    """
    return solve(problem, Options(use_cash=bool(problem.bids), seed=seed, seconds=SEARCH_S, keep=told), progress)


def solved_from(problem: Problem, result: Result) -> running.Solved:
    """What is kept of a result."""
    levels = [
        {
            "level": report.level.value,
            "value": report.value,
            "bound": report.bound,
            "proven": report.proven,
            "hit_limit": report.hit_limit,
        }
        for report in result.levels
    ]
    engine = f"{ENGINE}, SciPy {version('scipy')}"
    return running.Solved(problem_to_json(problem), result_to_json(result), engine, levels)


def _note(run_id: int, level: Level, share: float) -> None:
    if share < 1:  # only whole steps are worth a write
        return
    with transaction() as db_session:
        running.note_step(db_session, run_id=run_id, step=level.value)


def keep(
    db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: running.Solved | str | None
) -> None:
    """Write the outcome of `solve_run`, in the transaction that ends the job."""
    run_id = int(payload["run_id"])
    if isinstance(prepared, str):
        running.fail_run(db_session, run_id=run_id, problem=prepared, by=BY, now=now)
    elif prepared is not None:
        running.keep_run(db_session, run_id=run_id, solved=prepared, by=BY, now=now)


def register(registry: Registry) -> None:
    """Put the job into the registry."""
    registry.jobs[running.JOB] = Handler(run=keep, prepare=solve_run, heavy=True, lease_s=LEASE_S)
