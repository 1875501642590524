"""What the list of shows says about tables: how many are left, for a page of shows in one query."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.vendor_tables.models import Reservation, TablePlace, TableType
from swapmeet.vendor_tables.queries import live_at

FEW = 10  # percent of the tables; below it the list says so in amber


def notes_for(db_session: Session, event_ids: Sequence[int], now: datetime) -> dict[int, tuple[str, str]]:
    """By show id (kind of state, words), for shows that sell tables for the whole show."""
    statement = (
        select(TablePlace.event_id, func.count(TablePlace.id.distinct()), func.count(Reservation.place_id.distinct()))
        .join(TableType, TableType.id == TablePlace.type_id)
        .join(Event, Event.id == TablePlace.event_id)
        .outerjoin(Reservation, and_(Reservation.place_id == TablePlace.id, live_at(now)))
        .where(TablePlace.event_id.in_(list(event_ids)), TablePlace.is_sellable, TableType.sold_by_period.is_(False))
        .where(Event.state == EventState.PUBLISHED)
        .group_by(TablePlace.event_id)
    )
    return {event_id: _note(total, total - taken) for event_id, total, taken in db_session.execute(statement)}


def _note(total: int, left: int) -> tuple[str, str]:
    if left <= 0:
        return "taken", "Tables sold out"
    words = f"{left} of {total} tables left"
    return ("held" if left * 100 < total * FEW else "free"), words
