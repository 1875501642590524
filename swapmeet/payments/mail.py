"""Composes the mails about credits and about money that came late."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event
from swapmeet.infra.outbox import Mail
from swapmeet.orders.models import OPEN_STATES, Order, Payment
from swapmeet.payments.models import Credit
from swapmeet.web.filters import money


def compose_credit(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Its code, its sum, until when. None when it is spent already."""
    credit = db_session.get(Credit, int(payload["credit_id"]))
    if credit is None or not credit.left_minor:
        return None
    event = db_session.get_one(Event, credit.event_id)
    sum_ = money(credit.left_minor, credit.currency, event.locale)
    values = {"credit": credit, "organizer": event.organizer, "sum": sum_}
    return mail_of_show(
        event,
        subject=f"Your credit of {sum_} at {event.organizer.name}",
        text="email/payments/credit.txt",
        html="email/payments/credit.html",
        values=values,
    )


def compose_late(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """For the team: money came for an order that had ended."""
    payment = db_session.get_one(Payment, int(payload["payment_id"]))
    order = db_session.get_one(Order, payment.order_id)
    event = order.event
    sum_ = money(payment.amount_minor, payment.currency, event.locale)
    values = {
        "order": order,
        "event": event,
        "organizer": event.organizer,
        "sum": sum_,
        "is_back": order.state in OPEN_STATES,
        "link": url_for("orders_manage.list_refunds", slug=event.slug, _external=True),
    }
    return Mail(
        subject=f"{sum_} came late for order {order.code} · {event.name}",
        text=render_template("email/payments/late.txt", **values),
        html=render_template("email/payments/late.html", **values),
    )
