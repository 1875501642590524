"""Mails of exchanges: the draw is done, somebody says thanks, it was called off. No words of other people are in them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail, queue_mail
from swapmeet.trades.exchanges.models import Exchange, ExchangeEntry, ExchangeMove

KIND = "trades.exchange"
HEADINGS = {
    "drawn": "The draw is done",
    "thanks": "Somebody thanks you",
    "canceled": "The exchange is called off",
}


def queue_drawn(db_session: Session, exchange: Exchange, entries: Sequence[ExchangeEntry], *, now: datetime) -> None:
    for entry in entries:
        _queue(db_session, exchange, entry, what="drawn", fact=f"drawn-to-{entry.id}", now=now)


def queue_canceled(db_session: Session, exchange: Exchange, entries: Sequence[ExchangeEntry], *, now: datetime) -> None:
    for entry in entries:
        _queue(db_session, exchange, entry, what="canceled", fact=f"canceled-to-{entry.id}", now=now)


def queue_thanks(db_session: Session, exchange: Exchange, move: ExchangeMove, *, now: datetime) -> None:
    _queue(db_session, exchange, move.giver, what="thanks", fact=f"thanks-{move.id}", now=now)


def _queue(
    db_session: Session, exchange: Exchange, entry: ExchangeEntry, *, what: str, fact: str, now: datetime
) -> None:
    person = db_session.get(Person, entry.person_id) if entry.person_id else None
    if person is None or person.erased_at is not None:
        return
    queue_mail(
        db_session,
        kind=KIND,
        to=person.email,
        payload={"exchange_id": exchange.id, "what": what},
        fact_key=f"exchange-{exchange.id}-{fact}",
        now=now,
        event_id=exchange.event_id,
        person_id=person.id,
    )


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """None when the exchange is gone."""
    exchange, what = db_session.get(Exchange, int(payload["exchange_id"])), str(payload["what"])
    if exchange is None or what not in HEADINGS:
        return None
    title, show = unlinked(exchange.title), unlinked(exchange.event.name)
    sentences = {
        "drawn": "Your page shows the numbers of the pieces that you get. Come to the desk to collect them.",
        "thanks": "Whoever got a piece of yours has written a few words to you. They are on the page of the exchange.",
        "canceled": "It does not take place. If you have brought something already, fetch it at the desk.",
    }
    values = {
        "event": exchange.event,
        "heading": HEADINGS[what],
        "title": title,
        "show": show,
        "words": sentences[what],
        "url": f"{current_app.config['SWAPMEET_PUBLIC_URL']}/shows/{exchange.event.slug}/exchanges/{exchange.id}",
    }
    environment = current_app.jinja_env
    return Mail(
        subject=f"{HEADINGS[what]}: {title} at {show}",
        text=environment.get_template("email/trades/exchange.txt").render(**values),
        html=environment.get_template("email/trades/exchange.html").render(**values),
    )
