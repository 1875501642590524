"""The tag of a floor, kept for a second: a hall full of pickers asks for it again and again while nothing changes."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.infra.uow import last_commit
from swapmeet.vendor_tables.queries import FloorVersion, find_floor_version

KEPT_S = 1.0
MOST_KEPT = 1000
EXTENSION = "swapmeet_floor_tags"


@dataclass(frozen=True)
class Kept:
    """`asked_at` is the instant the tag is for, `read_at` seconds of the monotonic clock, `commit` the last one then."""

    version: FloorVersion
    asked_at: datetime
    read_at: float
    commit: object

    def is_good(self, now: datetime) -> bool:
        """At most a second old by both clocks, and nothing was written by this process since."""
        age = now - self.asked_at
        is_young = timedelta(0) <= age < timedelta(seconds=KEPT_S) and time.monotonic() - self.read_at < KEPT_S
        return is_young and self.commit is last_commit()


def find_recent_version(db_session: Session, slug: str, *, now: datetime) -> FloorVersion | None:
    """As `find_floor_version`, but what other processes wrote may be seen up to KEPT_S seconds late.

    A body is always read after its tag, so it is never older than the tag says: a late tag costs a poll, not a table.
    """
    kept: dict[str, Kept] = current_app.extensions.setdefault(EXTENSION, {})
    known = kept.get(slug)
    if known is not None and known.is_good(now):
        return known.version
    commit, read_at = last_commit(), time.monotonic()
    version = find_floor_version(db_session, slug, now=now)
    if len(kept) >= MOST_KEPT:
        kept.clear()
    if version is not None:
        kept[slug] = Kept(version, now, read_at, commit)
    return version
