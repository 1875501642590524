"""How trades run at one show: set by its team, or taken from a show file."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor
from swapmeet.trades.models import HOLD_HOURS, MAX_LIVE_LISTINGS, TradeSettings


@dataclass(frozen=True)
class Wanted:
    """The settings as they should be."""

    enabled: bool
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    max_live_listings: int = MAX_LIVE_LISTINGS
    hold_hours: int = HOLD_HOURS
    desk_text: str = ""
    why_off: str = ""


def save_settings(db_session: Session, *, event: Event, wanted: Wanted, by: Actor, now: datetime) -> bool:
    """Make it so. Returns whether anything changed; saying the same again changes nothing."""
    row = db_session.get(TradeSettings, event.id)
    if row is None:
        row = TradeSettings(
            event_id=event.id, max_live_listings=MAX_LIVE_LISTINGS, hold_hours=HOLD_HOURS, desk_text="", why_off=""
        )
        db_session.add(row)
    pairs = [
        (event, "trades_enabled", wanted.enabled),
        (event, "trades_open_at", wanted.opens_at),
        (event, "trades_close_at", wanted.closes_at),
        (row, "max_live_listings", wanted.max_live_listings),
        (row, "hold_hours", wanted.hold_hours),
        (row, "desk_text", wanted.desk_text),
        (row, "why_off", wanted.why_off),
    ]
    changed = [name for target, name, value in pairs if getattr(target, name) != value]
    for target, name, value in pairs:
        setattr(target, name, value)
    db_session.flush()
    if changed:
        event.version += 1
        record(
            db_session, now=now, by=by, verb="trades.settings_changed", subject=event, event_id=event.id, fields=changed
        )
    return bool(changed)
