"""The receipt as a document: what the template reads."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event
from swapmeet.infra.registry import DocumentKind
from swapmeet.orders.models import Order, PaymentState
from swapmeet.orders.order_view import OrderView, view_of
from swapmeet.orders.receipts import find_receipt
from swapmeet.orders.taxes import sum_taxes
from swapmeet.orders.words import REFUND_WORDS, TENDER_WORDS
from swapmeet.web.filters import babel_locale, day_range, money, zoned_moment

KIND = "receipt"
LETTER_COUNTRIES = ("US", "CA", "MX")


def load_receipt(db_session: Session, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """Strings only; None when the order is gone."""
    order = db_session.get(
        Order, int(payload["order_id"]), options=[joinedload(Order.event).joinedload(Event.organizer)]
    )
    if order is None or order.placed_at is None:
        return None
    event, view = order.event, view_of(db_session, order, order.event)
    receipt = find_receipt(db_session, order_id=order.id)
    title = f"Receipt {receipt.number}" if receipt else "Order statement"
    locale = babel_locale(event.locale)
    facts = [
        ("Show", event.name),
        ("Days", day_range(event.first_day, event.last_day, event.locale)),
        ("Organizer", event.organizer.name),
        ("Order", order.code),
        ("Placed", zoned_moment(order.placed_at, event.time_zone, event.locale)),
        ("For", order.buyer_name),
        ("State", view.state[1]),
    ]
    return {
        "title": title,
        "lang": locale.partition("_")[0],
        "paper": paper_of(event),
        "facts": facts,
        "rows": _rows(view),
        "note": "" if receipt else "This is a statement of the order, not a receipt: it has not been paid in full.",
        "footer": f"{event.organizer.name} · order {order.code} · made {zoned_moment(now, event.time_zone, event.locale)}",
    }


def paper_of(event: Event) -> str:
    """The sheet that printers hold where the show is."""
    country = event.country or babel_locale(event.locale).rpartition("_")[2]
    return "us-letter" if country in LETTER_COUNTRIES else "a4"


def row_of(
    currency: str, locale: str, label: str, minor: int, detail: str = "", *, strong: bool = False
) -> dict[str, Any]:
    """A line of a receipt or an invoice, as its template reads it."""
    amount = money(minor, currency, locale)
    return {"label": label, "detail": detail, "amount": amount, "strong": strong}


def _rows(view: OrderView) -> list[dict[str, Any]]:
    order, event, sums = view.order, view.event, view.sums
    row = partial(row_of, event.currency, event.locale)
    lines = [
        row((f"{line.quantity} × " if line.quantity > 1 else "") + line.title, line.total_minor, line.detail)
        for line in view.lines
    ]
    came_in = [
        row(
            TENDER_WORDS[payment.method] + (f", {payment.reference}" if payment.reference else ""),
            payment.amount_minor,
            zoned_moment(payment.received_at or payment.created_at, event.time_zone, event.locale),
        )
        for payment in view.payments
        if payment.state is PaymentState.CONFIRMED
    ]
    went = [row(f"Refund, {REFUND_WORDS[refund.state][1].lower()}", -refund.amount_minor) for refund in view.refunds]
    owed = [row("Still to pay", sums.owed, strong=True)] if sums.owed > 0 else []
    over = [row("Paid too much, to be sent back", sums.overpaid)] if sums.overpaid else []
    taxes = [
        row(tax.words, tax.tax_minor, f"on {money(tax.net_minor, event.currency, event.locale)}")
        for tax in sum_taxes(view.lines)
    ]
    return [*lines, row("Total", order.total_minor, strong=True), *taxes, *came_in, *went, *over, *owed]


DOCUMENT = DocumentKind("receipt.typ", load_receipt, lambda payload: f"receipt-{payload['code']}.pdf")
