"""What trades shows on the pages of a show and its overview."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.registry import NavEntry, Panel, Registry, Waiting
from swapmeet.trades import queries, rules
from swapmeet.trades.models import ListingState


def load_fact(db_session: Session, event: Event, now: datetime) -> Mapping[str, Any] | None:
    """How many things wait for a new home, exchanges, and whether there is a bring and buy. One statement; none once the show is over."""
    floor = queries.floor_of(event, now)
    if floor is rules.Floor.OVER:
        return None
    things, exchanges, desks = queries.count_on_offer(db_session, event_id=event.id)
    if floor is rules.Floor.OFF and not exchanges and not desks:
        return None
    return {"floor": floor, "things": things, "exchanges": exchanges, "has_desk": desks > 0}


def load_numbers(db_session: Session, event: Event, now: datetime) -> Mapping[str, Any] | None:
    """Listings by state, for the overview."""
    if not event.trades_enabled:
        return None
    counts = queries.count_by_state(db_session, event_id=event.id)
    listed, reserved, traded = (
        counts.get(state, 0) for state in (ListingState.LISTED, ListingState.RESERVED, ListingState.TRADED)
    )
    return {"listed": listed, "reserved": reserved, "traded": traded}


def waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Open reports wait for the team."""
    count = queries.count_open_reports(db_session, event_id=event.id)
    if not count:
        return []
    words = "1 report about trades" if count == 1 else f"{count} reports about trades"
    return [Waiting(words, "Somebody asks you to look.", "Look", url_for("trades_manage.reports", slug=event.slug))]


def register(registry: Registry) -> None:
    """Put panels and navigation into the registry."""
    registry.panels += [
        Panel("show.facts", 50, "trades/_fact.html", load_fact),
        Panel("manage.numbers", 50, "trades/_numbers.html", load_numbers, Permission.TRADES_MODERATE),
    ]
    registry.navigation += [
        NavEntry("show.tabs", 50, "Trades", "trades.browse", "swap", shown=lambda event: bool(event.trades_enabled)),
        NavEntry("manage.side", 70, "Trades", "trades_manage.reports", "swap", Permission.TRADES_MODERATE),
        NavEntry("account.side", 50, "My trades", "trades.my_trades", "swap"),
    ]
    registry.waiting.append((Permission.TRADES_MODERATE, waiting))
