"""What the tests of exchanges need: an open one, and people with their pieces in it."""

from typing import Any

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.actor import Actor
from swapmeet.trades.exchanges import queries, services
from swapmeet.trades.exchanges.rules import Terms

BY = Actor.job("test")


def open_exchange(world: Any, *, bring: int = 1, **more: Any) -> int:
    with transaction() as db_session:
        event = db_session.get_one(Event, world.event_id)
        terms = Terms("Exchange in 1:12", bring=bring, **more)
        return services.open_exchange(db_session, event=event, terms=terms, by=BY, now=utcnow()).id


def bring(world: Any, exchange_id: int, **pieces: int) -> dict[str, int]:
    """These of the cast sign up and bring so many (0: they only sign up). Their numbers."""
    with transaction() as db_session:
        exchange = queries.get_exchange(db_session, exchange_id, event_id=world.event_id)
        numbers = {}
        for key, count in pieces.items():
            entry = services.sign_up(
                db_session, exchange=exchange, person_id=world.ids[key], name=key, by=BY, now=utcnow()
            )
            if count:
                services.take_in(db_session, exchange=exchange, entry=entry, pieces=count, by=BY, now=utcnow())
            numbers[key] = entry.number
        return numbers


def draw(world: Any, exchange_id: int, seen: int) -> list[tuple[int, int]]:
    with transaction() as db_session:
        exchange = queries.get_exchange(db_session, exchange_id, event_id=world.event_id)
        return services.draw_exchange(db_session, exchange=exchange, seen=seen, by=BY, now=utcnow())


def entries_of(exchange_id: int) -> dict[int, Any]:
    """By number, read anew."""
    db.session.rollback()
    db.session.expire_all()
    return {row.number: row for row in queries.list_entries(db.session(), exchange_id=exchange_id, is_in=False)}
