"""Runs a heavy job in a short-lived child process, so that big libraries never stay in the worker."""

import logging
import multiprocessing
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

from flask import Flask

from swapmeet.config import Settings
from swapmeet.infra import files
from swapmeet.infra.db import db
from swapmeet.infra.jobs import Claim, Handler, LeaseLost, run_claim

log = logging.getLogger(__name__)


class ChildFailed(Exception):
    """The child ended with an error, was killed, or took longer than its lease."""


def run_in_child(
    app: Flask, handlers: Mapping[str, Handler], claim: Claim, *, create_app: Callable[[Settings], Flask]
) -> None:
    """Do the claimed job in a child, wait for its end at most as long as its lease. Raises ChildFailed and LeaseLost.

    The child is a fork, which costs nothing; the parent closes its database connections first, since none may cross it.
    A process that has used the file store or the compiler of documents cannot fork children that use it (its threads stay behind
    and the child would hang), so such a parent has it forked by a server that never did, and the child calls `create_app`. The
    worker itself never touches either: only heavy jobs do.
    """
    handler = handlers[claim.kind]
    db.session.remove()
    db.engine.dispose()
    has_threads = files.was_used_here() or "typst" in sys.modules
    context: Any = multiprocessing.get_context("forkserver" if has_threads else "fork")
    here, there = context.Pipe(duplex=False)
    if has_threads:
        settings = app.extensions["swapmeet_settings"]
        child = context.Process(target=_fresh, args=(create_app, settings, claim, there), daemon=True)
    else:
        child = context.Process(target=_child, args=(app, handler, claim, there), daemon=True)
    child.start()
    there.close()
    child.join(handler.lease_s)
    if child.is_alive():
        child.kill()
        child.join()
        raise ChildFailed(f"took longer than {handler.lease_s} s")
    outcome = here.recv() if here.poll() else f"ended with status {child.exitcode}"
    here.close()
    if outcome == "lease lost":
        raise LeaseLost(f"job {claim.job_id}")
    if outcome != "done":
        raise ChildFailed(str(outcome))


def _fresh(create_app: Callable[[Settings], Flask], settings: Settings, claim: Claim, answer: Connection) -> None:
    """The same in a process that shares nothing with its parent, with an application of its own."""
    app = create_app(settings)
    _child(app, app.extensions["swapmeet_registry"].jobs[claim.kind], claim, answer)


def _child(app: Flask, handler: Handler, claim: Claim, answer: Connection) -> None:
    try:
        with app.app_context():
            run_claim(handler, claim)
        answer.send("done")
    except LeaseLost:
        answer.send("lease lost")
    except Exception as error:
        log.exception("heavy job failed", extra={"job": claim.job_id, "kind": claim.kind})
        answer.send(f"{type(error).__name__}: {error}"[:2000])
    finally:
        answer.close()
