"""How tables are given out goes along to the next edition: rules, kinds of wares, waves. Codes of waves are known by now and do not."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.services.cloning import shifted
from swapmeet.infra.db import copied
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.models import SellingMode, WaveKind


def clone(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """Times move with the show. Where all waves had codes nobody buys before there are new ones: tables go by application."""

    def moved(moment: datetime | None) -> datetime | None:
        return shifted(moment, shift_days, source.time_zone)

    selling, waves = (
        queries.find_selling(db_session, event_id=source.id),
        queries.list_waves(db_session, event_id=source.id),
    )
    kept = [wave for wave in waves if wave.kind is not WaveKind.CODE]
    if selling is not None:
        changes: dict[str, Any] = {"opens_at": moved(selling.opens_at), "closes_at": moved(selling.closes_at)}
        if selling.mode is SellingMode.WAVES and waves and not kept:
            changes["mode"] = SellingMode.APPLICATION
        db_session.add(copied(selling, event_id=target.id, **changes))
    for category in queries.list_categories(db_session, event_id=source.id):
        db_session.add(copied(category, event_id=target.id))
    for wave in kept:
        db_session.add(copied(wave, event_id=target.id, opens_at=moved(wave.opens_at)))
    db_session.flush()
