"""Counts that last minutes and cost no query: they are kept where the rate limits are, in Redis or in this process."""

import logging
from functools import cache

from limits.storage import Storage

from swapmeet.web import security
from swapmeet.web.memory import PatientMemory

log = logging.getLogger(__name__)


def add(key: str, *, seconds: int, amount: int = 1) -> int:
    """Count up (or down) and return the count. It is forgotten `seconds` after it was begun."""
    try:
        return _storage().incr(key, seconds, amount)
    except Exception as error:  # noqa: BLE001  each client library has errors of its own
        log.warning("counting here, the shared counts are away: %s", type(error).__name__)
        return _own().incr(key, seconds, amount)


def read(key: str) -> int:
    """The count, 0 where there is none."""
    try:
        return _storage().get(key)
    except Exception as error:  # noqa: BLE001
        log.warning("counting here, the shared counts are away: %s", type(error).__name__)
        return _own().get(key)


def raised(most: int) -> int:
    """A limit under SWAPMEET_RATE_LIMIT_FACTOR."""
    return most * security.limit_factor()


def _storage() -> Storage:
    """The limiter's own, or what it counts in while Redis is away."""
    found: Storage = security.limiter.limiter.storage
    return found


@cache
def _own() -> PatientMemory:
    return PatientMemory()
