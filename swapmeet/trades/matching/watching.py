"""Tells the caller how far a level is, and stops when the caller says so. Time decides only how often, never what is found."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

from swapmeet.trades.matching.model import Cancel, Canceled, Level, Progress

EVERY_S, LOOK_S = 1.0, 0.1  # between two words about one level; between two looks at a search


class Watch:
    """`progress` and `cancel` as the caller gave them, or None."""

    def __init__(self, progress: Progress | None = None, cancel: Cancel | None = None) -> None:
        self.progress, self.cancel = progress, cancel
        self.last = 0.0

    def note(self, level: Level, share: float) -> None:
        """Says that such a share of a level is done, unless that was said a moment ago. Raises Canceled."""
        if self.cancel is not None and self.cancel():
            raise Canceled
        if self.progress is not None and (share >= 1 or time.monotonic() - self.last >= EVERY_S):
            self.last = time.monotonic()
            self.progress(level, share)

    def wait_for(self, level: Level, seconds: float, search: Callable[[], Any]) -> Any:
        """What a search answers that takes `seconds` at most. One that is canceled comes to its end unheard."""
        if self.progress is None and self.cancel is None:
            return search()
        found: list[Any] = []
        failed: list[Exception] = []

        def run() -> None:
            try:
                found.append(search())
            except Exception as error:  # noqa: BLE001  # raised again where the caller waits
                failed.append(error)

        began = time.monotonic()
        thread = Thread(target=run, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(LOOK_S)
            self.note(level, min(0.99, (time.monotonic() - began) / seconds))
        if failed:
            raise failed[0]
        return found[0]
