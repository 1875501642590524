"""Where rate limits are counted without Redis: in this process."""

import time

from limits.storage import MemoryStorage

SWEEP_S = 60


class PatientMemory(MemoryStorage):
    """The library's memory without its threads.

    That one starts a thread after each count, which looks through all counts a hundredth of a second later: with a count
    for each buyer's address it would be busy with that alone. Here a count that has run out is found out when it is asked
    for, and the others are swept at most once a minute by whoever counts then.
    """

    STORAGE_SCHEME = ["patient-memory"]  # noqa: RUF012  the library reads it from the class

    _swept_at = 0.0

    def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802  the library's own name for it
        now = time.monotonic()
        if now - self._swept_at < SWEEP_S:
            return
        self._swept_at = now
        self._MemoryStorage__expire_events()  # type: ignore[attr-defined]
