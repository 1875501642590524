"""The mails of the waiting list: you are in line, here is an offer, it has lapsed, the list has ended."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.events.mail import mail_of_show
from swapmeet.infra.outbox import Composer, Mail
from swapmeet.infra.registry import Registry
from swapmeet.orders.models import Order
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.queries import items_in_words, position_of

FACTS: dict[str, tuple[WaitState, str]] = {
    "joined": (WaitState.WAITING, "You are on the waiting list"),
    "offered": (WaitState.OFFERED, "A place has come free for you"),
    "lapsed": (WaitState.LAPSED, "Your offer went to the next in line"),
    "ended": (WaitState.ENDED, "The waiting list has ended"),
}


def register(to: Registry) -> None:
    """Put the composers into the registry, one a fact."""
    for fact in FACTS:
        to.composers[f"waiting.{fact}"] = _composer(fact)


def _composer(fact: str) -> Composer:
    def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
        entry = db_session.get(WaitingEntry, int(payload["entry_id"]))
        if entry is None or entry.state is not FACTS[fact][0] or entry.offer_number != int(payload["offer"]):
            return None  # it has moved on, and the mail about that is on its way
        return _compose(db_session, entry, fact)

    return compose


def _compose(db_session: Session, entry: WaitingEntry, fact: str) -> Mail:
    event = entry.event
    cart = db_session.get(Order, entry.offer_order_id) if fact == "offered" and entry.offer_order_id else None
    lines = list_live_lines(db_session, cart) if cart is not None else []
    values = {
        "entry": entry,
        "fact": fact,
        "what": items_in_words(entry.items),
        "lines": lines,
        "total": sum(line.total_minor for line in lines),
        "position": position_of(db_session, entry),
        "link": entry_url(entry, is_external=True),
    }
    return mail_of_show(
        event,
        subject=f"{FACTS[fact][1]} · {event.name}",
        text="email/orders/waiting.txt",
        html="email/orders/waiting.html",
        values=values,
    )


def entry_url(entry: WaitingEntry, *, is_external: bool = False) -> str:
    """The address of somebody's place in line."""
    return url_for(
        "orders.show_waiting", slug=entry.event.slug, code=entry.code, key=entry.link_key, _external=is_external
    )
