"""The mails when a ticket changes hands: to its new holder, and to the buyer it came from."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.badges.holding import find_held
from swapmeet.badges.models import Attendee
from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail
from swapmeet.infra.registry import Registry

SUBJECTS = {
    "registration.got_ticket": "Your ticket",
    "registration.passed_on": "A ticket of yours was passed on",
}


def register(to: Registry) -> None:
    for kind in SUBJECTS:
        to.composers[kind] = partial(_compose, kind=kind)
    to.composers["registration.ticket_canceled"] = _compose_canceled
    to.composers["registration.your_ticket"] = _compose_ticket


def _compose_ticket(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """To the person a ticket is for. None when it has another holder or another code by now."""
    held = find_held(db_session, attendee_id=int(payload["attendee_id"]))
    if held is None or held.badge.id != int(payload["badge_id"]):
        return None
    values = {
        "name": unlinked(held.attendee.name),
        "ticket": held.attendee.ticket_label,
        "buyer": unlinked(held.order.buyer_name) or "the organizer",
        "link": url_for("holders.show_ticket", badge_id=held.badge.id, key=held.key, _external=True),
    }
    return mail_of_show(
        held.event,
        subject=f"Your ticket · {held.event.name}",
        text="email/registration/your_ticket.txt",
        html="email/registration/your_ticket.html",
        values=values,
    )


def _compose_canceled(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """To who took over a ticket of an order that was canceled."""
    attendee = db_session.get(Attendee, int(payload["attendee_id"]))
    event = db_session.get(Event, attendee.event_id) if attendee is not None else None
    if attendee is None or event is None or attendee.canceled_at is None:
        return None
    values = {"name": unlinked(attendee.name), "ticket": attendee.ticket_label}
    return mail_of_show(
        event,
        subject=f"Your ticket was canceled · {event.name}",
        text="email/registration/canceled.txt",
        html="email/registration/canceled.html",
        values=values,
    )


def _compose(db_session: Session, payload: Mapping[str, Any], *, kind: str) -> Mail | None:
    """A stranger has typed name and address: nothing of it becomes a link."""
    held = find_held(db_session, attendee_id=int(payload["attendee_id"]))
    if held is None or held.badge.id != int(payload["badge_id"]):
        return None  # it has moved on, and the mail about that is on its way
    is_new = kind == "registration.got_ticket"
    order_link = url_for("orders.show_order", code=held.order.code, key=held.order.link_key, _external=True)
    values = {
        "is_new": is_new,
        "name": unlinked(held.attendee.name),
        "ticket": held.attendee.ticket_label,
        "code": held.order.code,
        "link": url_for("holders.show_ticket", badge_id=held.badge.id, key=held.key, _external=True)
        if is_new
        else order_link,
    }
    return mail_of_show(
        held.event,
        subject=f"{SUBJECTS[kind]} · {held.event.name}",
        text="email/registration/passed_on.txt",
        html="email/registration/passed_on.html",
        values=values,
    )
