"""Mails about the program."""

from collections.abc import Mapping
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.outbox import Mail
from swapmeet.orders.models import Order
from swapmeet.program.models import ProgramSession


def compose_canceled(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """A session somebody has a seat in does not take place."""
    session = db_session.get(ProgramSession, int(payload["session_id"]))
    order = db_session.get(Order, int(payload["order_id"]))
    if session is None or order is None:
        return None
    event = db_session.get_one(Event, session.event_id)
    values = {"event": event, "session": session, "order": order, "reason": str(payload["reason"])}
    return Mail(
        subject=f"Canceled: {session.title} at {event.name}",
        text=render_template("email/program/canceled.txt", **values),
        html=render_template("email/program/canceled.html", **values),
    )
