"""What a buyer's order page shows: state in words, money, what to do next, and what other features add."""

from datetime import datetime
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.orders.checkout_pages import checkout_fields
from swapmeet.orders.models import Order, PaymentState
from swapmeet.orders.order_view import OrderView, edit_closes_at, view_of
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.words import METHOD_WORDS, REFUND_WORDS, TENDER_WORDS
from swapmeet.web.access import may


def order_page(db_session: Session, order: Order, now: datetime) -> dict[str, Any]:
    """The values of templates/orders/order.html."""
    event = order.event
    view = view_of(db_session, order, event)
    return {
        "event": event,
        "order": order,
        "view": view,
        "lines": view.live_lines if view.is_open else view.lines,
        "sums": view.sums,
        "state": view.state,
        "method": METHOD_WORDS[order.method] if order.method else "",
        "tender_words": TENDER_WORDS,
        "refund_words": REFUND_WORDS,
        "confirmed_payments": [each for each in view.payments if each.state is PaymentState.CONFIRMED],
        "can_rename": view.is_open and now < edit_closes_at(event),
        "panels": order_panels(db_session, order, event, now),
        "more_panels": order_panels(db_session, order, event, now, place="order.more"),
    }


def asked_names(db_session: Session, view: OrderView) -> list[tuple[str, str]]:
    """(question, answer) of everything the lines asked, as it stands now."""
    fields = checkout_fields(
        db_session, view.live_lines, Buyer(view.order.person_id, view.order.buyer_email, view.order)
    )
    return [(f"{each.label}", each.value) for group in fields.values() for each in group]


def order_panels(
    db_session: Session, order: Order, event: Event, now: datetime, *, place: str = "order.main"
) -> list[Markup]:
    """What other features show on the order page, or on the team's ("manage.order"), rendered."""
    parts = []
    for panel in registry().panels_of(place):
        if panel.permission is not None and not may(panel.permission):
            continue
        values = panel.load(db_session, order, now)
        if values is not None:
            parts.append(Markup(render_template(panel.template, **{"event": event, "order": order, **values})))
    return parts
