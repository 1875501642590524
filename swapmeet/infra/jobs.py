"""Jobs as rows: added in the transaction that wants them, claimed under a lease, done together with their own writes."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import CursorResult, Index, String, Text, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import Model, db
from swapmeet.infra.types import Json, enum_column, instant, pk
from swapmeet.infra.uow import end_reading, transaction, write

log = logging.getLogger(__name__)

LEASE_S = 120
MAX_ATTEMPTS = 12
BACKOFF_MAX_S = 3600


class JobState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class Job(Model):
    """One thing to do after the commit. `key` makes a repeat harmless: a second job with the same key is not added."""

    __tablename__ = "job"

    id: Mapped[pk]
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    run_at: Mapped[instant]
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[JobState] = mapped_column(enum_column(JobState), default=JobState.READY)
    lease: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[instant]

    __table_args__ = (Index("ix_job_due", "state", "run_at"),)


@dataclass(frozen=True)
class Handler:
    """How to do one kind of job.

    `run(db_session, payload, now)` is called inside the transaction that also marks the job done. When it has slow work
    (network, pictures), `prepare(payload)` does that first, outside any transaction; its result is handed to `run` as `prepared`.
    `heavy` jobs run in a child process of their own, so that big libraries never live in the worker.
    """

    run: Callable[..., None]
    prepare: Callable[[Mapping[str, Any]], Any] | None = None
    heavy: bool = False
    lease_s: int = LEASE_S


@dataclass(frozen=True)
class Claim:
    job_id: int
    kind: str
    payload: dict[str, Any]
    lease: str
    attempts: int


def enqueue(
    db_session: Session,
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    key: str | None = None,
    run_at: datetime | None = None,
) -> None:
    """Add a job row; it commits or vanishes with the transaction. A key that exists already makes this a no-op."""
    if key is not None and db_session.scalar(select(Job.id).where(Job.key == key)) is not None:
        return
    values = {
        "kind": kind,
        "payload": dict(payload),
        "key": key,
        "run_at": run_at or now,
        "created_at": now,
        "state": JobState.READY,
    }
    write(db_session, _insert(), values)


@cache
def _insert() -> Any:
    """Built once: every mail is a job."""
    table: Any = Job.__table__
    return insert(table).inline()


def claim(
    db_session: Session, *, now: datetime, lease_s: int = LEASE_S, kinds: list[str] | None = None
) -> Claim | None:
    """Take the next due job under a lease. A worker that dies gives it back by itself when the lease runs out."""
    due = (
        select(Job.id)
        .where(Job.state.in_([JobState.READY, JobState.RUNNING]), Job.run_at <= now)
        .order_by(Job.run_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if kinds is not None:
        due = due.where(Job.kind.in_(kinds))
    lease = secrets.token_hex(16)
    statement = (
        update(Job)
        .where(Job.id.in_(due.scalar_subquery()))
        .values(state=JobState.RUNNING, lease=lease, run_at=now + timedelta(seconds=lease_s), attempts=Job.attempts + 1)
        .returning(Job.id, Job.kind, Job.payload, Job.attempts)
        .execution_options(synchronize_session=False)
    )
    row = db_session.execute(statement).one_or_none()
    return None if row is None else Claim(row.id, row.kind, row.payload, lease, row.attempts)


def finish(db_session: Session, claim_: Claim) -> bool:
    """Mark done if the lease is still ours. False means it was lost: the caller must roll back."""
    statement = (
        update(Job)
        .where(Job.id == claim_.job_id, Job.lease == claim_.lease, Job.state == JobState.RUNNING)
        .values(state=JobState.DONE, lease=None, error="")
        .execution_options(synchronize_session=False)
    )
    result = db_session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1


def fail(db_session: Session, claim_: Claim, *, now: datetime, error: str) -> None:
    """Give the job back with a growing pause (2^attempts seconds, an hour at most), or mark it dead after the last try."""
    dead = claim_.attempts >= MAX_ATTEMPTS
    pause = timedelta(seconds=min(2**claim_.attempts, BACKOFF_MAX_S))
    db_session.execute(
        update(Job)
        .where(Job.id == claim_.job_id, Job.lease == claim_.lease)
        .values(state=JobState.DEAD if dead else JobState.READY, lease=None, run_at=now + pause, error=error[:2000])
        .execution_options(synchronize_session=False)
    )


@dataclass
class _Periodic:
    every_s: float
    name: str
    run: Callable[..., None]
    next_at: float = 0.0


class LeaseLost(Exception):
    """Another worker has taken the job over; what this one did is rolled back."""


def run_claim(handler: Handler, claim_: Claim) -> None:
    """Do one claimed job: slow part outside, writes and the mark together. Raises LeaseLost."""
    prepared = handler.prepare(claim_.payload) if handler.prepare else None
    end_reading()
    with transaction() as db_session:
        arguments = {"prepared": prepared} if handler.prepare else {}
        handler.run(db_session, claim_.payload, now=utcnow(), **arguments)
        if not finish(db_session, claim_):
            raise LeaseLost(f"job {claim_.job_id}")


class Worker:
    """Claims and does jobs until told to stop. Any number may run; a job is done by one at a time."""

    def __init__(
        self,
        app: Flask,
        handlers: Mapping[str, Handler],
        *,
        run_heavy: Callable[[Claim], None],
        periodic: Sequence[tuple[float, str, Callable[..., None]]] = (),
        poll_s: float = 0.5,
    ) -> None:
        self.app = app
        self.handlers = handlers
        self.run_heavy = run_heavy
        self.periodic = [_Periodic(every_s, name, run) for every_s, name, run in periodic]
        self.poll_s = poll_s
        self.stopping = threading.Event()

    def run(self) -> None:
        """Loop until `stop`. The only place with a broad except: a job's failure must not end the worker."""
        while not self.stopping.is_set():
            try:
                self.run_periodic()
                busy = self.run_one()
            except Exception:
                log.exception("the worker lost its database; trying again")
                busy = False
                self.stopping.wait(2)
            if not busy:
                self.stopping.wait(self.poll_s)

    def stop(self) -> None:
        self.stopping.set()

    def drain(self, limit: int = 10_000) -> int:
        """Do all that is due now, tidying included, and return how many jobs that were (tests, `swapmeet worker --once`)."""
        self.run_periodic(force=True)
        done = 0
        while done < limit and self.run_one():
            done += 1
        return done

    def run_periodic(self, *, force: bool = False) -> None:
        """Do the tidying that is due by this process's own clock, each in a transaction of its own."""
        for task in self.periodic:
            if force or time.monotonic() >= task.next_at:
                task.next_at = time.monotonic() + task.every_s
                with self.app.app_context(), transaction() as db_session:
                    task.run(db_session, now=utcnow())

    def run_one(self) -> bool:
        """Claim and do one job. False when nothing is due."""
        with self.app.app_context():
            if not self._anything_due():
                return False
            with transaction() as db_session:
                claim_ = claim(db_session, now=utcnow())
            if claim_ is None:
                return False
            self._do(claim_)
            return True

    def _anything_due(self) -> bool:
        """A plain read first: an idle worker must not take the write lock twice a second."""
        due = select(Job.id).where(Job.state.in_([JobState.READY, JobState.RUNNING]), Job.run_at <= utcnow()).limit(1)
        found = db.session.scalar(due) is not None
        end_reading()
        return found

    def _do(self, claim_: Claim) -> None:
        handler = self.handlers.get(claim_.kind)
        try:
            if handler is None:
                raise LookupError(f"no handler for {claim_.kind!r}")
            if handler.heavy:
                self.run_heavy(claim_)
            else:
                run_claim(handler, claim_)
        except LeaseLost:
            log.warning("lease lost", extra={"job": claim_.job_id, "kind": claim_.kind})
        except Exception as error:
            log.exception("job failed", extra={"job": claim_.job_id, "kind": claim_.kind})
            end_reading()
            with transaction() as db_session:
                fail(db_session, claim_, now=utcnow(), error=f"{type(error).__name__}: {error}")


def tidy(db_session: Session, *, now: datetime, keep_days: int = 14) -> None:
    """Delete done jobs that are older than `keep_days`."""
    old = delete(Job).where(Job.state == JobState.DONE, Job.created_at < now - timedelta(days=keep_days))
    db_session.execute(old.execution_options(synchronize_session=False))
