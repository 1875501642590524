"""What a buyer's order page shows: state in words, money, what to do next, and what other features add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.orders.checkout_pages import checkout_fields
from swapmeet.orders.forms import METHOD_WORDS, TENDER_WORDS
from swapmeet.orders.models import Order, OrderLine, OrderState, Payment, PaymentState, Refund, RefundState
from swapmeet.orders.queries import Sums, list_lines, list_payments, list_refunds, sums_of
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.services.edits import edit_closes_at

STATE_WORDS: dict[OrderState, tuple[str, str]] = {
    OrderState.CART: ("held", "In the cart"),
    OrderState.PLACED: ("warn", "Waiting for payment"),
    OrderState.CONFIRMED: ("ok", "Confirmed"),
    OrderState.EXPIRED: ("bad", "Ended unpaid"),
    OrderState.CANCELED: ("bad", "Canceled"),
}
REFUND_WORDS: dict[RefundState, tuple[str, str]] = {
    RefundState.REQUESTED: ("warn", "Waiting"),
    RefundState.APPROVED: ("warn", "Approved"),
    RefundState.SENT: ("info", "On its way"),
    RefundState.DONE: ("ok", "Sent"),
    RefundState.FAILED: ("bad", "Failed"),
}


@dataclass(frozen=True)
class OrderView:
    """One order with everything that belongs to it, read once."""

    order: Order
    event: Event
    lines: Sequence[OrderLine]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]
    sums: Sums

    @property
    def live_lines(self) -> list[OrderLine]:
        return [line for line in self.lines if line.is_live]

    @property
    def is_open(self) -> bool:
        return self.order.state in (OrderState.PLACED, OrderState.CONFIRMED)

    @property
    def state(self) -> tuple[str, str]:
        return STATE_WORDS[self.order.state]


def view_of(db_session: Session, order: Order, event: Event) -> OrderView:
    """Three reads; a free order has no money to read."""
    has_money = order.total_minor > 0
    payments = list_payments(db_session, order) if has_money else []
    refunds = list_refunds(db_session, order) if has_money else []
    return OrderView(order, event, list_lines(db_session, order), payments, refunds, sums_of(order, payments, refunds))


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
        "names": asked_names(db_session, view) if view.is_open and now < edit_closes_at(event) else [],
        "panels": order_panels(db_session, order, event, now),
    }


def asked_names(db_session: Session, view: OrderView) -> list[tuple[str, str]]:
    """(question, answer) of everything the lines asked, as it stands now."""
    fields = checkout_fields(
        db_session, view.live_lines, Buyer(view.order.person_id, view.order.buyer_email, view.order)
    )
    return [(f"{each.label}", each.value) for group in fields.values() for each in group]


def order_panels(db_session: Session, order: Order, event: Event, now: datetime) -> list[Markup]:
    """What other features show on the order page, rendered."""
    parts = []
    for panel in registry().panels_of("order.main"):
        values = panel.load(db_session, order, now)
        if values is not None:
            parts.append(Markup(render_template(panel.template, **{"event": event, "order": order, **values})))
    return parts
