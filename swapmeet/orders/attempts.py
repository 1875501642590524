"""Runs a transaction again from the start when another one was in its way: expired holds changing hands, equal keys, deadlocks."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from swapmeet.infra.uow import transaction
from swapmeet.orders.errors import StillMoving

log = logging.getLogger(__name__)

Result = TypeVar("Result")

TRIES = 7
FIRST_PAUSE_S = (0.005, 0.02)  # doubled for each further try: together up to a second for whoever is in the way
RETRIED_STATES = ("40P01", "40001")  # PostgreSQL: deadlock found, serialization failure
UNIQUE_STATE = "23505"


def attempt(work: Callable[[Session], Result], *, tries: int = TRIES) -> Result:
    """`work(db_session)` in a transaction of its own, up to `tries` times. What still fails then is raised as it is."""
    for number in range(1, tries + 1):
        try:
            with transaction() as db_session:
                return work(db_session)
        except (StillMoving, IntegrityError, OperationalError) as error:
            if number == tries or not _is_worth_another_try(error):
                raise
            log.info("trying again: %s", type(error).__name__)
            time.sleep(random.uniform(*FIRST_PAUSE_S) * 2 ** (number - 1))
    raise AssertionError("tries must be positive")


def _is_worth_another_try(error: StillMoving | IntegrityError | OperationalError) -> bool:
    """A unique key that another transaction wrote first is found on the next try; any other broken constraint stays broken."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if isinstance(error, OperationalError):
        return state in RETRIED_STATES
    return isinstance(error, StillMoving) or state == UNIQUE_STATE or "UNIQUE constraint" in str(error.orig)
