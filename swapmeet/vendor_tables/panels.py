"""This feature's parts of the gathering pages."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.vendor_tables import queries


def tables_left(db_session: Session, event: Event, now: datetime) -> dict[str, Any] | None:
    """ "31 of 96 tables left": one query. Nothing where the show has no tables."""
    whole, by_period = queries.count_floor(db_session, event_id=event.id, now=now)
    return {"whole": whole, "by_period": by_period} if whole.total or by_period.total else None
