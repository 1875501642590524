"""Composes the mails about an order: placed, confirmed (with the tickets), canceled, ended unpaid."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.mail import mail_of_show
from swapmeet.events.models import Event
from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Composer, Mail
from swapmeet.infra.registry import MailPart, Registry, registry
from swapmeet.orders.models import OPEN_STATES, Order, OrderState
from swapmeet.orders.order_view import OrderView, view_of
from swapmeet.orders.pieces import PART_MAIL, names_in
from swapmeet.orders.texts.filling import fill
from swapmeet.orders.texts.models import MailText
from swapmeet.orders.texts.writing import find_text, values_of
from swapmeet.web.filters import money

FACTS: dict[str, tuple[OrderState, str]] = {
    "placed": (OrderState.PLACED, "Your order {code}: please pay {owed}"),
    "confirmed": (OrderState.CONFIRMED, "Your order {code} is confirmed"),
    "canceled": (OrderState.CANCELED, "Your order {code} is canceled"),
    "due_soon": (OrderState.PLACED, "Your order {code}: {due} is due soon"),
    "invoice_soon": (OrderState.PLACED, "Your invoice for order {code}: {due} is due soon"),
    "invoice_late": (OrderState.PLACED, "Your invoice for order {code} is past its day: please pay {due}"),
    "lapsed": (OrderState.CANCELED, "Your order {code} has ended: the rest did not come"),
    "expired": (OrderState.EXPIRED, "Your order {code} has ended unpaid"),
}


def register(to: Registry) -> None:
    """Put the composers into the registry, one a fact."""
    for fact in FACTS:
        to.composers[f"orders.{fact}"] = _composer(fact)
    to.composers[PART_MAIL] = compose_part_canceled


def _composer(fact: str) -> Composer:
    def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
        order = _order_of(db_session, payload)
        if order is None or order.state is not FACTS[fact][0]:
            return None  # the order has moved on, and the mail about that is on its way
        return compose_order(db_session, order, fact, with_files=bool(payload.get("with_files")))

    return compose


def _order_of(db_session: Session, payload: Mapping[str, Any]) -> Order | None:
    """With its show and who runs it, whom every mail names."""
    with_show = joinedload(Order.event).joinedload(Event.organizer)
    return db_session.get(Order, int(payload["order_id"]), options=[with_show])


def compose_part_canceled(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """What of an order was canceled, what comes back for it, and what stays."""
    order = _order_of(db_session, payload)
    if order is None or order.state not in OPEN_STATES:
        return None
    view = view_of(db_session, order, order.event)
    gone = [line for line in view.lines if line.id in payload["line_ids"]]
    values = {
        "order": order,
        "view": view,
        "sums": view.sums,
        "lines": view.live_lines,
        "given_up": [(line, unlinked(names_in(line.facts))) for line in gone],
        "back_minor": int(payload["back_minor"]),
        "kept_minor": int(payload["kept_minor"]),
        "link": url_for("orders.show_order", code=order.code, key=order.link_key, _external=True),
        "parts": [],
    }
    return mail_of_show(
        order.event,
        subject=f"A part of your order {order.code} is canceled · {order.event.name}",
        text="email/orders/part_canceled.txt",
        html="email/orders/part_canceled.html",
        values=values,
    )


def compose_order(
    db_session: Session, order: Order, fact: str, *, with_files: bool = False, own: MailText | None = None
) -> Mail:
    """The mail about one fact of the order, tickets and their pictures in the one that confirms it.

    In the show's own words, where it has some (`own`: these, for a preview); what was ordered and the link stay as they are.
    """
    view = view_of(db_session, order, order.event)
    parts = _parts(db_session, order) if fact == "confirmed" else []
    values: dict[str, Any] = {
        "order": order,
        "view": view,
        "sums": view.sums,
        "lines": view.live_lines if view.is_open else view.lines,
        "link": url_for("orders.show_order", code=order.code, key=order.link_key, _external=True),
        "parts": parts,
    }
    makers = registry().mail_files if with_files else []
    pictures = [picture for part in parts for picture in part.pictures]
    own = own or find_text(db_session, order.event, fact)
    placeholders = values_of(view, str(values["link"])) if own is not None else {}
    values["own_text"] = fill(own.body, placeholders) if own is not None else ""
    template = "own" if own is not None else fact
    return mail_of_show(
        order.event,
        subject=fill(own.subject, placeholders) if own is not None and own.subject else _subject(view, fact),
        text=f"email/orders/{template}.txt",
        html=f"email/orders/{template}.html",
        values=values,
        pictures=pictures,
        attachments=[each for files in makers for each in files(db_session, order, fact)],
    )


def _subject(view: OrderView, fact: str) -> str:
    owed = money(view.due_now, view.order.currency, view.event.locale)
    return f"{FACTS[fact][1].format(code=view.order.code, owed=owed, due=owed)} · {view.event.name}"


def _parts(db_session: Session, order: Order) -> list[MailPart]:
    found = [make(db_session, order) for make in registry().mail_parts]
    return [part for part in found if part is not None]
