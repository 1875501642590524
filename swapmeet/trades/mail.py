"""Mails of trades: each says that something waits and links to its page. No address and no free text of another person is in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail, queue_mail
from swapmeet.trades import rules
from swapmeet.trades.models import Listing, Offer, OfferState, Side


def queue_offer_received(db_session: Session, offer: Offer, *, now: datetime) -> None:
    _queue(db_session, "trades.offer", offer, to_id=offer.to_id, fact=f"offer-{offer.id}-received", now=now)


def queue_offer_answered(db_session: Session, offer: Offer, *, now: datetime) -> None:
    _queue(db_session, "trades.answer", offer, to_id=offer.from_id, fact=f"offer-{offer.id}-{offer.state}", now=now)


def queue_tick(db_session: Session, offer: Offer, *, to_id: int, now: datetime) -> None:
    """Once for each side, however often a tick is taken back and set again."""
    _queue(db_session, "trades.tick", offer, to_id=to_id, fact=f"offer-{offer.id}-tick-{to_id}", now=now)


def queue_called_off(db_session: Session, offer: Offer, *, to_id: int, now: datetime) -> None:
    _queue(db_session, "trades.called_off", offer, to_id=to_id, fact=f"offer-{offer.id}-off", now=now)


def queue_message(db_session: Session, offer: Offer, *, to_id: int, now: datetime) -> None:
    """At most one mail an hour about one talk: the next ones are seen on its page."""
    fact = f"thread-{offer.thread_id}-to-{to_id}-{now:%Y%m%d%H}"
    _queue(db_session, "trades.message", offer, to_id=to_id, fact=fact, now=now)


def queue_hidden(db_session: Session, listing: Listing, *, now: datetime) -> None:
    owner = db_session.get_one(Person, listing.owner_id)
    if owner.erased_at is not None:
        return
    queue_mail(
        db_session,
        kind="trades.hidden",
        to=owner.email,
        payload={"listing_id": listing.id, "to_id": owner.id},
        fact_key=f"listing-{listing.id}-hidden-{now:%Y%m%d%H%M%S}",
        now=now,
        event_id=listing.event_id,
        person_id=owner.id,
    )


def _queue(db_session: Session, kind: str, offer: Offer, *, to_id: int, fact: str, now: datetime) -> None:
    person = db_session.get_one(Person, to_id)
    if person.erased_at is not None:
        return
    queue_mail(
        db_session,
        kind=kind,
        to=person.email,
        payload={"offer_id": offer.id, "to_id": to_id},
        fact_key=f"trades-{fact}",
        now=now,
        event_id=offer.event_id,
        person_id=to_id,
    )


SUBJECTS = {
    "trades.offer": "{who} offers you a trade at {show}",
    "trades.answer": "{who} has answered your offer at {show}",
    "trades.tick": "{who} says your trade is done",
    "trades.called_off": "{who} has called off your trade at {show}",
    "trades.message": "{who} has written to you about a trade",
}


def compose_offer_mail(kind: str, db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Any mail about an offer; dropped when what it says no longer stands."""
    offer = db_session.get(Offer, int(payload["offer_id"]))
    if offer is None or _is_stale(kind, offer):
        return None
    to_id = int(payload["to_id"])
    other = offer.from_person if to_id == offer.to_id else offer.to_person
    mine, theirs = (Side.TAKE, Side.GIVE) if to_id == offer.to_id else (Side.GIVE, Side.TAKE)
    values = {
        "offer": offer,
        "event": offer.event,
        "who": unlinked(rules.short_name(other.name)),
        "show": unlinked(offer.event.name),
        "mine": [unlinked(item.listing.title) for item in offer.items if item.side is mine],
        "theirs": [unlinked(item.listing.title) for item in offer.items if item.side is theirs],
        "is_agreed": offer.agreed_at is not None,
        "url": f"{_site()}/me/trades/offers/{offer.id}",
    }
    return _mail(kind, SUBJECTS[kind].format(who=values["who"], show=values["show"]), values)


def compose_hidden(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """To the owner of a hidden listing, with the team's reason."""
    listing = db_session.get(Listing, int(payload["listing_id"]))
    if listing is None or listing.hidden_at is None:
        return None
    values = {
        "event": listing.event,
        "title": unlinked(listing.title),
        "show": unlinked(listing.event.name),
        "reason": unlinked(listing.hidden_reason),
        "url": f"{_site()}/trades/{listing.id}",
    }
    return _mail("trades.hidden", f"A listing of yours at {values['show']} is hidden", values)


def _is_stale(kind: str, offer: Offer) -> bool:
    """A mail about an offer that has been taken back meanwhile would only confuse."""
    return kind == "trades.offer" and offer.state is not OfferState.OPEN


def _site() -> str:
    return str(current_app.config["SWAPMEET_PUBLIC_URL"])


def _mail(kind: str, subject: str, values: Mapping[str, Any]) -> Mail:
    name = kind.removeprefix("trades.")
    environment = current_app.jinja_env
    return Mail(
        subject=subject,
        text=environment.get_template(f"email/trades/{name}.txt").render(**values),
        html=environment.get_template(f"email/trades/{name}.html").render(**values),
    )
