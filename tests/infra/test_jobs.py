"""Jobs commit or vanish with their transaction, are done once, come back from a dead worker, and end in the open."""

from typing import Any

import pytest
from sqlalchemy import select

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.jobs import MAX_ATTEMPTS, Handler, Job, JobState, LeaseLost, Worker, claim, enqueue, run_claim
from swapmeet.infra.uow import transaction


def add(kind: str = "test.note", key: str | None = None) -> None:
    with transaction() as db_session:
        enqueue(db_session, kind, {"n": 1}, now=utcnow(), key=key)


def states() -> list[JobState]:
    db.session.rollback()
    return list(db.session.scalars(select(Job.state).order_by(Job.id)))


def worker(app: Any, run: Any, **more: Any) -> Worker:
    return Worker(app, {"test.note": Handler(run=run, **more)}, run_heavy=lambda claim_: None)


def test_a_job_of_a_rolled_back_transaction_was_never_there(app: Any) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as db_session:
        enqueue(db_session, "test.note", {}, now=utcnow())
        raise ZeroDivisionError
    assert states() == []


def test_a_job_is_done_once(app: Any) -> None:
    done: list[int] = []
    add()
    runner = worker(app, lambda db_session, payload, now: done.append(payload["n"]))
    assert (runner.drain(), runner.drain(), done, states()) == (1, 0, [1], [JobState.DONE])


def test_the_same_key_is_queued_once(app: Any) -> None:
    add(key="fact:1")
    add(key="fact:1")
    assert len(states()) == 1


def test_a_dead_workers_job_comes_back_when_its_lease_ends(app: Any, clock: Any) -> None:
    add()
    with transaction() as db_session:
        first = claim(db_session, now=utcnow(), lease_s=60)
    with transaction() as db_session:
        assert claim(db_session, now=utcnow()) is None
    clock.advance(seconds=61)
    done: list[int] = []
    worker(app, lambda db_session, payload, now: done.append(1)).drain()
    assert done == [1]
    assert first is not None
    with pytest.raises(LeaseLost):
        run_claim(Handler(run=lambda db_session, payload, now: done.append(2)), first)
    assert states() == [JobState.DONE]


def test_what_a_failing_job_wrote_is_rolled_back_and_it_is_tried_again_later(app: Any, clock: Any) -> None:
    def fail(db_session: Any, payload: Any, now: Any) -> None:
        enqueue(db_session, "test.other", {}, now=now)
        raise OSError("no network")

    add()
    runner = worker(app, fail)
    runner.drain()
    assert states() == [JobState.READY]
    job = db.session.scalar(select(Job))
    assert job is not None and "no network" in job.error and job.run_at > utcnow()


def test_a_job_that_never_works_ends_as_dead_and_is_kept(app: Any, clock: Any) -> None:
    add()
    runner = worker(app, lambda db_session, payload, now: 1 / 0)
    for _ in range(MAX_ATTEMPTS + 2):
        runner.drain()
        clock.advance(hours=2)
    assert states() == [JobState.DEAD]


def test_a_job_without_a_handler_waits_for_one(app: Any) -> None:
    add("test.unknown")
    worker(app, lambda db_session, payload, now: None).drain()
    assert states() == [JobState.READY]
