"""Runs a heavy job in a short-lived child process, so that big libraries never stay in the worker."""

import logging
import multiprocessing
from collections.abc import Mapping
from multiprocessing.connection import Connection

from flask import Flask

from swapmeet.infra.db import db
from swapmeet.infra.jobs import Claim, Handler, LeaseLost, run_claim

log = logging.getLogger(__name__)


class ChildFailed(Exception):
    """The child ended with an error, was killed, or took longer than its lease."""


def run_in_child(app: Flask, handlers: Mapping[str, Handler], claim: Claim) -> None:
    """Fork, do the claimed job there, wait for its end at most as long as its lease. Raises ChildFailed and LeaseLost.

    The parent closes its database connections first: none may cross a fork.
    """
    handler = handlers[claim.kind]
    db.session.remove()
    db.engine.dispose()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
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
