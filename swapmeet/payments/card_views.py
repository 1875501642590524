"""Paying by card: to the provider's page, back from it, and the messages the provider sends."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders import ledger
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import OPEN_STATES, Order, Payment, PaymentState, PayMethod
from swapmeet.orders.queries import get_order_by_link
from swapmeet.orders.services.due_dates import due_now
from swapmeet.payments.errors import CardsDown
from swapmeet.payments.models import CardPayment
from swapmeet.payments.providers.choosing import find_provider, has_provider
from swapmeet.payments.providers.interface import (
    Forged,
    HostedPage,
    PageState,
    Provider,
    ProviderDown,
    ProviderRefused,
    Wanted,
)
from swapmeet.payments.services import cards
from swapmeet.web.access import actor, by_link, public
from swapmeet.web.security import limit

bp = Blueprint("cards", __name__)
hooks = Blueprint("card_hooks", __name__)

MOST_BYTES = 512 * 1024
SAYS_NOTHING = "The card page could not be opened, and nothing was charged. Try again in a minute, or pay another way."


def methods(db_session: Session, event: Event, person_id: int | None) -> list[PayMethod]:
    """A card, where this installation has a provider."""
    return [PayMethod.CARD] if has_provider() else []


def load_card_panel(db_session: Session, order: Order, now: datetime) -> dict[str, Any] | None:
    """The button, where something is owed and there is a provider; and the payment begun last, if nobody knows its end."""
    if not has_provider() or order.state not in OPEN_STATES or not order.total_minor:
        return None
    owed = ledger.owed(db_session, order)
    if owed <= 0:
        return None
    begun = cards.find_begun(db_session, order_id=order.id)
    return {"owed": owed, "due_now": due_now(db_session, order), "begun": begun}


def _provider() -> Provider:
    provider = find_provider()
    if provider is None:
        raise NotFound("Cards are not taken here.")
    return provider


@bp.post("/orders/<code>/<key>/card-payments")
@by_link
@limit("30 per hour")
def pay_by_card(code: str, key: str) -> ResponseReturnValue:
    """To the provider's page, the same one however often the button is pressed; once that is paid, to the order."""
    get_order_by_link(db.session(), code=code, key=key)
    provider, is_whole = _provider(), request.form.get("whole") == "yes"
    try:
        wanted = attempt(lambda db_session: _begin(db_session, provider, code, key, is_whole))
        end_reading()
        if isinstance(wanted, HostedPage):
            return redirect(_page_or_order(provider, wanted, code, key), 303)
        try:
            page = provider.open_page(wanted)
        except (ProviderDown, ProviderRefused) as error:
            raise CardsDown(SAYS_NOTHING) from error
        attempt(lambda db_session: cards.keep_page(db_session, payment_id=wanted.payment_id, page=page, now=utcnow()))
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(_order_url(code, key), 303)
    return redirect(page.url, 303)


def _page_or_order(provider: Provider, known: HostedPage, code: str, key: str) -> str:
    """Where to go when the page was opened before: there, or to the order when the provider says that it is over."""
    try:
        page = provider.look_up_page(known.session_ref)
    except (ProviderDown, ProviderRefused):
        return known.url
    if page.state is PageState.OPEN:
        return known.url
    attempt(lambda db_session: cards.take_page(db_session, page=page, by=actor(), now=utcnow()))
    if page.state is PageState.PAID:
        flash("You have paid by card already, and the payment is here now.", "ok")
    else:
        flash("The card page of before is closed, and nothing was charged. Press the button once more.", "warn")
    return _order_url(code, key)


def _begin(db_session: Session, provider: Provider, code: str, key: str, is_whole: bool) -> Wanted | HostedPage:
    """What to ask the provider for, or the page that is open already."""
    order = get_order_by_link(db_session, code=code, key=key)
    card = cards.begin_payment(
        db_session, order=order, provider=provider.name, by=actor(), now=utcnow(), is_whole=is_whole
    )
    if card.page_url and card.session_ref:
        return HostedPage(card.session_ref, PageState.OPEN, card.page_url)
    payment = db_session.get_one(Payment, card.payment_id)
    back = url_for(".came_back", code=code, key=key, payment_id=payment.id, _external=True)
    return Wanted(
        key=f"pay-{payment.id}-{card.seal}",
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        title=f"{order.event.name}, order {order.code}"[:200],
        email=order.buyer_email,
        payment_id=payment.id,
        back_url=back,
        stop_url=url_for("orders.show_order", code=code, key=key, _external=True),
        ends_at=card.ends_at or utcnow() + cards.PAGE_LIVES,
    )


@bp.get("/orders/<code>/<key>/card-payments/<int:payment_id>")
@by_link
def came_back(code: str, key: str, payment_id: int) -> ResponseReturnValue:
    """Back from the provider: the order when the payment is confirmed, else a page that looks again by itself."""
    order = get_order_by_link(db.session(), code=code, key=key)
    payment, _ = _own(db.session(), order, payment_id)
    if payment.state not in cards.WAITING:
        if payment.state is not PaymentState.CONFIRMED:
            flash("This payment was not made. Nothing was charged; you can try again.", "warn")
        return redirect(_order_url(code, key), 303)
    return render_template("payments/card_wait.html", order=order, event=order.event, payment=payment)


@bp.post("/orders/<code>/<key>/card-payments/<int:payment_id>/look-ups")
@by_link
@limit("60 per hour")
def look_up(code: str, key: str, payment_id: int) -> ResponseReturnValue:
    """Ask the provider now, for those whose message is late."""
    provider = _provider()
    order = get_order_by_link(db.session(), code=code, key=key)
    _, card = _own(db.session(), order, payment_id)
    session_ref = card.session_ref
    end_reading()
    if session_ref is not None:
        try:
            page = provider.look_up_page(session_ref)
            attempt(lambda db_session: cards.take_page(db_session, page=page, by=actor(), now=utcnow()))
        except (ProviderDown, ProviderRefused):
            flash(
                "The card provider does not answer at the moment. Your order shows the payment as soon as it does.",
                "warn",
            )
    return redirect(url_for(".came_back", code=code, key=key, payment_id=payment_id), 303)


def _own(db_session: Session, order: Order, payment_id: int) -> tuple[Payment, CardPayment]:
    """A card payment of this order. Raises NotFound."""
    wanted = (
        select(Payment, CardPayment)
        .join(CardPayment, CardPayment.payment_id == Payment.id)
        .where(Payment.id == payment_id, Payment.order_id == order.id)
    )
    found = db_session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("There is no such payment on this order.")
    return found[0], found[1]


@hooks.post("/webhooks/stripe")
@public
def stripe_message() -> ResponseReturnValue:
    """A message of the provider. Only the signature is believed; 400 for a wrong one, 200 for all that is understood."""
    provider = _provider()
    if (request.content_length or 0) > MOST_BYTES:
        return {"problem": "too large"}, 413
    try:
        message = provider.read_message(request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
    except Forged:
        return {"problem": "not signed by the provider"}, 400
    outcome = attempt(
        lambda db_session: cards.take_message(db_session, provider=provider.name, message=message, now=utcnow())
    )
    return {"outcome": outcome}, 200


def _order_url(code: str, key: str) -> str:
    return url_for("orders.show_order", code=code, key=key)
