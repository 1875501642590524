"""The mails when a ticket changes hands: to its new holder, and to the buyer it came from."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from swapmeet.badges.holding import find_held
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail
from swapmeet.infra.registry import Registry

SUBJECTS = {
    "registration.got_ticket": "Your ticket",
    "registration.passed_on": "A ticket of yours was passed on",
}


def register(to: Registry) -> None:
    to.composers["registration.got_ticket"] = lambda db_session, payload: _compose(
        db_session, payload, "registration.got_ticket"
    )
    to.composers["registration.passed_on"] = lambda db_session, payload: _compose(
        db_session, payload, "registration.passed_on"
    )


def _compose(db_session: Session, payload: Mapping[str, Any], kind: str) -> Mail | None:
    """A stranger has typed name and address: nothing of it becomes a link."""
    held = find_held(db_session, attendee_id=int(payload["attendee_id"]))
    if held is None or held.badge.id != int(payload["badge_id"]):
        return None  # it has moved on, and the mail about that is on its way
    is_new = kind == "registration.got_ticket"
    order_link = url_for("orders.show_order", code=held.order.code, key=held.order.link_key, _external=True)
    values = {
        "event": held.event,
        "is_new": is_new,
        "name": unlinked(held.attendee.name),
        "ticket": held.attendee.ticket_label,
        "code": held.order.code,
        "link": url_for("holders.show_ticket", badge_id=held.badge.id, key=held.key, _external=True)
        if is_new
        else order_link,
    }
    return Mail(
        subject=f"{SUBJECTS[kind]} · {held.event.name}",
        text=render_template("email/registration/passed_on.txt", **values),
        html=render_template("email/registration/passed_on.html", **values),
        headers={"Reply-To": held.event.contact_email} if held.event.contact_email else {},
    )
