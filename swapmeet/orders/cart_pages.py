"""What the cart's pages show, and the page that says why something could not be put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra import codes
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import cookies
from swapmeet.orders.errors import SoldOut
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.queries import find_cart, list_live_lines, seconds_left
from swapmeet.orders.sellables import MEMBER, Buyer, Wish
from swapmeet.orders.services.carts import faults_of, longest_hold, quote_all, sellable_of
from swapmeet.orders.services.renewal import list_run_out
from swapmeet.orders.waitlist.errors import KeptForList
from swapmeet.orders.wishes import read_wishes
from swapmeet.web.errors import STATUS
from swapmeet.web.security import came_from


@dataclass(frozen=True)
class Fault:
    """Why a line's quantity stays as it was. `typed` stands in the field where it could not be read; else what is held does."""

    line_id: int
    message: str
    typed: str = ""


def cart_page(
    db_session: Session,
    event: Event,
    cart: Order | None,
    now: datetime,
    *,
    typed: Mapping[str, list[str]] | None = None,
    fault: Fault | None = None,
) -> dict[str, Any]:
    """`lines` of an open cart, or `gone` (what an expired one held); `hold` says until when, and how much longer it could be.

    `typed` is what a checkout has asked already: it goes along with another try. `countable` are the ids of lines whose
    quantity can be changed, `faults` what stands in the way of placing it.
    """
    is_open = cart is not None and cart.is_open_cart(now)
    lines: Sequence[OrderLine] = list_live_lines(db_session, cart) if cart is not None and is_open else []
    has_run_out = cart is not None and not is_open and cart.state in (OrderState.CART, OrderState.EXPIRED)
    countable = [line.id for line in lines if sellable_of(line.kind).can_change_quantity]
    return {
        "event": event,
        "cart": cart,
        "lines": lines,
        "gone": list_run_out(db_session, cart) if cart is not None and has_run_out else [],
        "total": sum(line.total_minor for line in lines),
        "countable": countable,
        "faults": faults_of(db_session, event=event, order=cart, lines=lines) if cart is not None and lines else [],
        "fault": fault if fault is not None and fault.line_id in countable else None,
        "typed": dict(typed or {}),
        "hold": hold_of(event, cart, now) if cart is not None and lines else None,
        "form_key": codes.link_key(),
    }


def cart_as_it_stands(
    slug: str, *, typed: Mapping[str, list[str]] | None = None, fault: Fault | None = None
) -> dict[str, Any]:
    """The values of the cart's page, read anew after something could not be done to the cart of the cookie."""
    end_reading()
    db_session = db.session()
    event, key = get_public_event(db_session, slug), cookies.cart_key()
    cart = find_cart(db_session, event_id=event.id, cart_key=key) if key else None
    return cart_page(db_session, event, cart, utcnow(), typed=typed, fault=fault)


def hold_of(event: Event, cart: Order, now: datetime) -> dict[str, Any]:
    """Until when the cart is held (an instant), the same as ISO text and in seconds, and the minutes one tap would add (or 0)."""
    assert cart.expires_at is not None
    settings: Settings = current_app.extensions["swapmeet_settings"]
    longer = longest_hold(event, cart, settings.hold_extension_minutes)
    return {
        "until": cart.expires_at,
        "until_iso": cart.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "left_s": seconds_left(cart, now),
        "minutes_more": int((longer - cart.expires_at).total_seconds() // 60),
    }


def refusal_page(slug: str, error: DomainError) -> ResponseReturnValue:
    """Why nothing was added, with what was asked for still in the form, to be changed and sent again.

    A refusal may know something else that is free: its facts then hold `instead` (pairs of a cart form) and `instead_label`.
    """
    end_reading()
    db_session, now = db.session(), utcnow()
    event = get_public_event(db_session, slug)
    key = cookies.cart_key()
    cart = find_cart(db_session, event_id=event.id, cart_key=key) if key else None
    is_open = cart is not None and cart.state is OrderState.CART
    page = render_template(
        "orders/refused.html",
        event=event,
        message=error.message,
        wishes=[_shown(db_session, event, wish, now) for wish in _typed()],
        instead=error.facts.get("instead") or (),
        instead_label=error.facts.get("instead_label", ""),
        has_cart=is_open,
        code=request.form.get("code", "")[:40],
        member=request.form.get(MEMBER, "")[:40],
        faulty_field=error.field,
        waiting_url=_waiting_url(event, error),
        back_url=came_from(url_for("events.show_event", slug=slug)),
        form_key=codes.link_key(),
    )
    return page, STATUS[error.kind]


def _waiting_url(event: Event, error: DomainError) -> str:
    """Where one can wait for what is gone, filled in with what was asked for; "" where nothing is gone."""
    if (not isinstance(error, SoldOut | KeptForList) and "lost" not in error.facts) or not event.is_on_sale:
        return ""
    counted = [(name, value) for name, value in _typed() if not name.startswith("table-")]
    return url_for("orders.join_waiting", slug=event.slug) + (f"?{urlencode(counted)}" if counted else "")


def _typed() -> list[tuple[str, str]]:
    """Fields of the cart form as typed, readable or not."""
    return [
        (name[:40], value.strip()[:20])
        for name, value in request.form.items(multi=True)
        if name.partition("-")[0] in ("ticket", "table", "seat", "extra", "amount") and value.strip() not in ("", "0")
    ][:50]


def _shown(db_session: Session, event: Event, typed: tuple[str, str], now: datetime) -> dict[str, Any]:
    """One wish for the page: its field, what was typed, and the title where the thing can be quoted at all."""
    name, value = typed
    kind = name.partition("-")[0]
    title, price_minor, is_gone = kind.capitalize(), None, False
    try:
        wish = read_wishes([(name, value if kind in ("table", "amount") else "1")])[0]
        quote = _quote(db_session, event, wish, now)
        title, price_minor = quote.title, quote.unit_minor
    except DomainError as error:
        lost = error.facts.get("lost")
        if isinstance(lost, list) and lost:
            title, is_gone = f"{title} {lost[0]}", True
    return {"name": name, "value": value, "kind": kind, "title": title, "price_minor": price_minor, "is_gone": is_gone}


def _quote(db_session: Session, event: Event, wish: Wish, now: datetime) -> Any:
    return quote_all(db_session, event=event, wishes=[wish], buyer=Buyer(None), now=now)[0]
