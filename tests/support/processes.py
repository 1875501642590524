"""Races between real processes: all start at one barrier, so what they fight over is fought over at the same moment."""

import multiprocessing
import os
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import text

from swapmeet.config import Settings

CONTEXT = multiprocessing.get_context("forkserver")  # tests/conftest.py says what the server loads before it forks
READY_S = 60
ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))  # how often each race is run; more for a night


@dataclass(frozen=True)
class Failure:
    """An exception in a racer: its class, its words, and where it happened."""

    kind: str
    message: str
    trace: str


class RacersFailed(AssertionError):
    """Some racers raised. `failures` has them all; the message shows the first."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(f"{len(failures)} racers failed, the first:\n{failures[0].trace}")
        self.failures = failures


@dataclass(frozen=True)
class _Start:
    """What a child needs: the work, how many threads, the number of its first racer."""

    work: Callable[..., Any]
    settings: Settings
    threads: int
    first: int
    arguments: tuple[Any, ...]


def race(
    work: Callable[..., Any],
    settings: Settings,
    *,
    processes: int = 2,
    threads: int = 8,
    arguments: tuple[Any, ...] = (),
    timeout_s: float = 120,
    keep_failures: bool = False,
) -> list[Any]:
    """Call `work(number, *arguments)` in processes × threads racers at one moment. Returns the results by number.

    `work` is a function at the top of a module; it runs in an application context of its own process's app, its database
    connection already open. Raises RacersFailed when racers raised; with `keep_failures` a Failure stands in its place.
    """
    barrier = CONTEXT.Barrier(processes)
    children = []
    for index in range(processes):
        here, there = CONTEXT.Pipe(duplex=False)
        start = _Start(work, settings, threads, index * threads, arguments)
        child = CONTEXT.Process(target=_child, args=(start, barrier, there), daemon=True)
        child.start()
        there.close()
        children.append((child, here))
    try:
        results = [result for child, here in children for result in _receive(child, here, timeout_s)]
    finally:
        for child, here in children:
            child.kill()
            child.join()
            here.close()
    failures = [result for result in results if isinstance(result, Failure)]
    if failures and not keep_failures:
        raise RacersFailed(failures)
    return results


def _receive(child: Any, here: Connection, timeout_s: float) -> list[Any]:
    if not here.poll(timeout_s):
        raise AssertionError(f"a racing process gave no answer in {timeout_s} s")
    try:
        answer: list[Any] = here.recv()
    except EOFError:
        child.join(5)
        raise AssertionError(f"a racing process ended with status {child.exitcode}") from None
    return answer


def _child(start: _Start, barrier: Barrier, answer: Connection) -> None:
    from swapmeet.factory import create_app

    app = create_app(start.settings)
    go = threading.Barrier(start.threads + 1)
    with ThreadPoolExecutor(start.threads) as pool:
        racers = [pool.submit(_racer, app, start, place, go) for place in range(start.threads)]
        barrier.wait(READY_S)
        go.wait(READY_S)
        answer.send([_outcome(racer) for racer in racers])
    answer.close()


def _racer(app: Flask, start: _Start, place: int, go: threading.Barrier) -> Any:
    from swapmeet.infra.db import db

    with app.app_context():
        db.session.execute(text("SELECT 1"))
        db.session.rollback()
        go.wait(READY_S)
        return start.work(start.first + place, *start.arguments)


def _outcome(racer: Future[Any]) -> Any:
    error = racer.exception()
    if error is None:
        return racer.result()
    return Failure(type(error).__name__, str(error), "".join(traceback.format_exception(error)))
