"""A code for visitors: see what it is good for and choose, or give it to what is in the cart."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders import cookies
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import CartExpired
from swapmeet.orders.queries import find_cart
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.views import bp
from swapmeet.orders.vouchers.applying import get_voucher
from swapmeet.orders.vouchers.pages import Opened, opened_by
from swapmeet.orders.vouchers.redeeming import redeem
from swapmeet.orders.waiting import wait_page
from swapmeet.web.access import actor, public
from swapmeet.web.filters import plural
from swapmeet.web.security import limit

GUESSES = "60 per hour"  # nobody finds a code by trying


@bp.get("/shows/<slug>/code")
@public
@limit(GUESSES, page=wait_page)
def show_code(slug: str) -> ResponseReturnValue:
    """What a code is good for, with its prices; without one, the field for it."""
    db_session, now = db.session(), utcnow()
    event = get_public_event(db_session, slug)
    typed, problem = request.args.get("code", "")[:60], ""
    voucher, has_tables = None, False
    opened: list[Opened] = []
    if typed and event.is_on_sale:
        try:
            voucher = get_voucher(db_session, event_id=event.id, code=typed, now=now)
            opened, has_tables = opened_by(db_session, event, voucher, now)
        except DomainError as error:
            problem = error.message
    page = render_template(
        "orders/code.html",
        event=event,
        typed=typed,
        problem=problem,
        voucher=voucher,
        opened=opened,
        has_tables=has_tables,
        form_key=link_key(),
    )
    return page, 404 if problem else 200


@bp.post("/shows/<slug>/cart/code")
@public
@limit(GUESSES, page=wait_page)
def redeem_code(slug: str) -> ResponseReturnValue:
    """Give the code to what is in the cart. What cannot be done is told on the cart's page."""
    typed = request.form.get("code", "")[:60]
    try:
        count = attempt(lambda db_session: _redeem(db_session, slug, typed))
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warn")
    else:
        flash(f"The code is good for {plural(count, 'piece', 'pieces')} in your cart.", "ok")
    return redirect(url_for("orders.show_cart", slug=slug), 303)


def _redeem(db_session: Session, slug: str, typed: str) -> int:
    event, key, now = get_public_event(db_session, slug), cookies.cart_key(), utcnow()
    cart = find_cart(db_session, event_id=event.id, cart_key=key) if key else None
    if cart is None:
        raise CartExpired("There is no cart in this browser any more. Choose again what you would like.")
    buyer = Buyer(cart.person_id, order=cart)
    return redeem(db_session, event=event, cart=cart, code=typed, buyer=buyer, by=actor(), now=now)
