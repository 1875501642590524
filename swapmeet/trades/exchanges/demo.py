"""Fills two exchanges of the demo: one that people sign up for, and one that is drawn and half collected."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from swapmeet.infra.stage import Stage
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries as trade_queries
from swapmeet.trades.exchanges import queries, services
from swapmeet.trades.exchanges.models import Exchange
from swapmeet.trades.exchanges.rules import Terms
from swapmeet.trades.rules import Floor

BY = Actor.command("demo")
PEOPLE = 12


def fill(db_session: Session, stage: Stage) -> None:
    """At the first show with open trades."""
    trading = [event for event in stage.events if trade_queries.floor_of(event, stage.now) is Floor.OPEN]
    if not trading:
        return
    event, start = trading[0], stage.now - timedelta(days=5)
    traders = [person for key, person in stage.accounts.items() if "trader" in key]
    people = [*traders, *[person for person in stage.people if person not in traders][:PEOPLE]]
    chance = Random(f"{event.slug} exchanges")
    words = "Handmade, in a small box without your name. Bring it to the trade desk on Saturday before noon."
    first = services.open_exchange(
        db_session,
        event=event,
        terms=Terms("Exchange in 1:12", words, "1-12", 1500, 1),
        by=BY,
        now=start,
    )
    mini = services.open_exchange(
        db_session,
        event=event,
        terms=Terms("Mini-swap: bring six", "Six alike, any scale.", "", 300, 6),
        by=BY,
        now=start,
    )
    for exchange in (first, mini):
        for person in people:
            services.sign_up(db_session, exchange=exchange, person_id=person.id, name=person.name, by=BY, now=start)
    _draw(db_session, mini, chance, stage.now - timedelta(hours=4))


def _draw(db_session: Session, exchange: Exchange, chance: Random, now: datetime) -> None:
    """All but one have come, one with fewer pieces; half have collected, and two say thanks."""
    entries = queries.list_entries(db_session, exchange_id=exchange.id)
    here = entries[:-1]
    for place, entry in enumerate(here):
        pieces = exchange.bring - (2 if place == 3 else 0)
        services.take_in(db_session, exchange=exchange, entry=entry, pieces=pieces, by=BY, now=now)
    services.draw_exchange(db_session, exchange=exchange, seen=len(here), by=BY, now=now + timedelta(hours=1))
    for entry in chance.sample(here, len(here) // 2):
        services.hand_over(db_session, exchange=exchange, entry=entry, by=BY, now=now + timedelta(hours=2))
    for move in queries.list_gets(db_session, entry_id=here[0].id)[:2]:
        words = "Thank you, it stands on the mantelpiece already."
        services.say_thanks(db_session, exchange=exchange, move=move, words=words, by=BY, now=now + timedelta(hours=3))
