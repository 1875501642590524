"""How tables are given out goes along to the next edition: rules, kinds of wares, waves. Codes of waves are known by now and do not."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.services.cloning import shifted
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.models import WaveKind


def clone(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """Times move with the show."""

    def moved(moment: datetime | None) -> datetime | None:
        return shifted(moment, shift_days, source.time_zone)

    selling = queries.find_selling(db_session, event_id=source.id)
    if selling is not None:
        times = {"opens_at": moved(selling.opens_at), "closes_at": moved(selling.closes_at)}
        db_session.add(_copy(selling, event_id=target.id, **times))
    for category in queries.list_categories(db_session, event_id=source.id):
        db_session.add(_copy(category, event_id=target.id))
    for wave in queries.list_waves(db_session, event_id=source.id):
        if wave.kind is not WaveKind.CODE:
            db_session.add(_copy(wave, event_id=target.id, opens_at=moved(wave.opens_at)))
    db_session.flush()


def _copy(row: Any, **changes: Any) -> Any:
    """A new row with the same column values but for its id and the changes."""
    values = {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name != "id"}
    return type(row)(**{**values, **changes})
