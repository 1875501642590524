"""How many carts one address holds open at a show, counted without a query: nobody takes a whole show with empty hands.

A cart is counted in the five minutes in which its hold ends, so what runs out stops counting by itself. Requests that come
at the same moment may pass the limit together; the rate limit bounds how many those can be.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.infra import codes
from swapmeet.orders.errors import TooManyCarts
from swapmeet.web import counters
from swapmeet.web.security import client_address

STEP_S = 300


@dataclass(frozen=True)
class Move:
    """What became of a cart in one request: until when it was held before and is held now. None: not (any more)."""

    event_id: int
    before: datetime | None
    after: datetime | None


def check_room(event: Event, *, now: datetime) -> None:
    """Raises TooManyCarts when this address may not open another cart at the show now."""
    settings: Settings = current_app.extensions["swapmeet_settings"]
    most = counters.raised(settings.carts_per_address)
    address = _address()
    steps = range(_step(now), _step(now + timedelta(minutes=event.hold_max_minutes)) + 1)
    if sum(counters.read(_key(event.id, address, step)) for step in steps) >= most:
        raise TooManyCarts(
            "Too many carts are open from this internet connection at the same time. Nothing you chose is lost: wait a few "
            "minutes, then try again. On the Wi-Fi of a hall or a club all visitors share one connection; with your phone's "
            "own you can go on at once.",
            most=most,
        )


def count(move: Move | None, *, now: datetime) -> None:
    """Write down what became of a cart, once that is certain."""
    if move is None or move.before == move.after:
        return
    address = _address()
    for until, amount in ((move.before, -1), (move.after, 1)):
        if until is not None and until > now:
            kept_s = int((until - now).total_seconds()) + 2 * STEP_S
            counters.add(_key(move.event_id, address, _step(until)), seconds=kept_s, amount=amount)


def _step(at: datetime) -> int:
    return int(at.timestamp()) // STEP_S


def _key(event_id: int, address: str, step: int) -> str:
    return f"carts:{event_id}:{address}:{step}"


def _address() -> str:
    """As a digest: addresses of people are kept nowhere."""
    return codes.digest(client_address())[:32]
