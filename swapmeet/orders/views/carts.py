"""The cart: put in, look at, lengthen, take out, try again after it ran out."""

from collections.abc import Callable
from datetime import datetime
from itertools import count

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.config import Settings
from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra import codes, idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError, Invalid, NotFound
from swapmeet.orders import cookies, open_carts
from swapmeet.orders.attempts import attempt
from swapmeet.orders.cart_pages import Fault, cart_as_it_stands, cart_page, refusal_page
from swapmeet.orders.errors import AlreadyPlaced, CartEmpty, CartExpired
from swapmeet.orders.models import OPEN_STATES, Order, OrderState
from swapmeet.orders.open_carts import Move
from swapmeet.orders.queries import find_cart, find_cart_at, get_order_by_link, is_just_placed, list_lines
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services import buying, carts
from swapmeet.orders.services.quantities import change_quantity
from swapmeet.orders.services.renewal import list_changes, renew_cart
from swapmeet.orders.views import bp
from swapmeet.orders.vouchers.applying import with_code
from swapmeet.orders.waiting import wait_page
from swapmeet.orders.waitlist.serving import serve
from swapmeet.orders.wishes import read_quantity, read_wishes
from swapmeet.web.access import actor, public
from swapmeet.web.errors import STATUS
from swapmeet.web.filters import price
from swapmeet.web.security import limit


@bp.get("/shows/<slug>/cart")
@public
def show_cart(slug: str) -> ResponseReturnValue:
    """What is in the cart and until when it is held."""
    db_session = db.session()
    event = get_public_event(db_session, slug)
    key = cookies.cart_key()
    cart = find_cart(db_session, event_id=event.id, cart_key=key) if key else None
    if cart is not None and is_just_placed(cart, utcnow()):
        return redirect(url_for("orders.show_order", code=cart.code, key=cart.link_key), 303)
    return render_template("orders/cart.html", **cart_page(db_session, event, cart, utcnow()))


PACE = "240 per minute"  # a hall full of people on one connection; far more than any one of them can press


@bp.post("/shows/<slug>/cart/lines")
@public
@limit(PACE, page=wait_page)
def add_lines(slug: str) -> ResponseReturnValue:
    """Claim everything that was chosen, all or nothing."""
    form_key, tries = request.form.get("key", "")[:100], count()
    wishes: list[Wish] = []
    try:
        wishes += with_code(read_wishes(list(request.form.items(multi=True))), request.form.get("code", ""))
        key, move = attempt(lambda db_session: _put_in(db_session, slug, wishes, form_key, is_retry=next(tries) > 0))
        open_carts.count(move, now=utcnow())
    except DomainError as error:
        earlier = _find_first_answer(slug, form_key, wishes) or _find_filled(slug, error)
        if earlier is None:
            serve_line(slug, error)
            return refusal_page(slug, error)
        key = earlier
    target = "orders.checkout" if request.form.get("to") == "checkout" else "orders.show_cart"
    response = make_response(redirect(url_for(target, slug=slug), 303))
    cookies.keep_cart(response, slug, key)
    return response


def _find_filled(slug: str, error: DomainError) -> str | None:
    """The key of the open cart of somebody who came back to the shelf, chose nothing more and continues; None otherwise."""
    key = cookies.cart_key() if isinstance(error, CartEmpty) else None
    if not key:
        return None
    end_reading()
    db_session = db.session()
    cart = find_cart(db_session, event_id=get_public_event(db_session, slug).id, cart_key=key)
    is_filled = cart is not None and cart.is_open_cart(utcnow()) and bool(list_lines(db_session, cart))
    return key if is_filled else None


def serve_line(slug: str, error: DomainError) -> None:
    """What is free went to those who wait, and that was undone with the refused claim: do it again, to stay."""
    if error.facts.get(buying.WENT_TO_LIST):
        attempt(lambda db_session: serve(db_session, event=get_public_event(db_session, slug), now=utcnow()))


def _put_in(
    db_session: Session, slug: str, wishes: list[Wish], form_key: str, *, is_retry: bool
) -> tuple[str, Move | None]:
    """Returns the key of the cart the wishes are in, and what became of it. A form that filled it before changes nothing."""
    event, now, content = get_public_event(db_session, slug), utcnow(), repr(wishes)
    own = cookies.new_cart_key(form_key, content)
    key, cart = _open_cart(db_session, event, own, now, is_retry=is_retry)
    scope = f"cart:{cart.id}" if form_key and cart.id is not None else ""
    if scope and (key == own or idempotency.find_answer(db_session, scope=scope, key=form_key, content=content)):
        return key, None
    before = cart.expires_at if cart.id is not None else None
    _sign(db_session, cart)
    buying.buy(db_session, event=event, cart=cart, wishes=wishes, buyer=_buyer(cart), by=actor(), now=now)
    if scope:
        idempotency.keep_answer(db_session, scope=scope, key=form_key, content=content, answer="held", now=now)
    return key, Move(event.id, before, cart.expires_at)


def _sign(db_session: Session, cart: Order) -> None:
    """Added from the page of an order: the cart is its buyer's, so that what goes with its tickets only can be had."""
    code, key = request.form.get("with", "")[:16], request.form.get("with_key", "")[:100]
    if not code or cart.buyer_email:
        return
    order = get_order_by_link(db_session, code=code, key=key)
    if order.event_id == cart.event_id and order.state in OPEN_STATES:
        cart.buyer_name, cart.buyer_email, cart.buyer_phone = order.buyer_name, order.buyer_email, order.buyer_phone
        db_session.flush()  # before the cart is locked and read anew


def _open_cart(db_session: Session, event: Event, own: str, now: datetime, *, is_retry: bool) -> tuple[str, Order]:
    """The cart of the cookie while it is open, else the one under the key `own` (this very form began it), else a new one.

    Whether there is one under `own` is asked on the second try only: on the first, the unique key of carts tells.
    Raises TooManyCarts.
    """
    wanted = [key for key in (cookies.cart_key(), own if is_retry else None) if key is not None]
    found = None
    for key in wanted:
        found = find_cart(db_session, event_id=event.id, cart_key=key, for_update=True)
        if found is not None and found.is_open_cart(now):
            return key, found
    is_used = found is not None and own in wanted
    key = codes.link_key() if is_used else own
    open_carts.check_room(event, now=now)
    return key, carts.open_cart(db_session, event=event, person_id=_person_id(), cart_key=key, now=now)


def _find_first_answer(slug: str, form_key: str, wishes: list[Wish]) -> str | None:
    """The key of the cart that the same form has filled already: a double click for the last piece is no refusal."""
    if not form_key or not wishes:
        return None
    key = cookies.new_cart_key(form_key, repr(wishes))
    cart = find_cart_at(db.session(), slug=slug, cart_key=key)
    return key if cart is not None and cart.is_open_cart(utcnow()) else None


@bp.post("/shows/<slug>/cart/lines/<int:line_id>/removal")
@public
@limit(PACE, page=wait_page)
def remove_line(slug: str, line_id: int) -> ResponseReturnValue:
    """Give one thing up."""

    def work(db_session: Session) -> None:
        cart = _own_cart(db_session, get_public_event(db_session, slug))
        carts.remove_line(db_session, cart=cart, line_id=line_id, by=actor(), now=utcnow())

    _try_on_cart(work)
    return redirect(url_for("orders.show_cart", slug=slug), 303)


@bp.post("/shows/<slug>/cart/lines/<int:line_id>/quantity")
@public
@limit(PACE, page=wait_page)
def set_quantity(slug: str, line_id: int) -> ResponseReturnValue:
    """Have more or fewer of one thing; 0 takes it out. What cannot be done is told at its field, and all stays as it was."""
    typed = request.form.get("quantity", "").strip()[:20]
    try:
        quantity = read_quantity(typed, field="quantity")
        told = attempt(lambda db_session: _set_quantity(db_session, slug, line_id, quantity))
    except NotFound:
        raise
    except DomainError as error:
        serve_line(slug, error)
        fault = Fault(line_id, error.message, typed if isinstance(error, Invalid) else "")
        return _page_with_fault(slug, fault), STATUS[error.kind]
    if told:
        flash(told, "info")
    return redirect(url_for("orders.show_cart", slug=slug), 303)


def _set_quantity(db_session: Session, slug: str, line_id: int, quantity: int) -> str:
    """Returns what to tell the buyer, if anything."""
    event, now = get_public_event(db_session, slug), utcnow()
    cart = _own_cart(db_session, event)
    buyer = _buyer(cart)
    added = change_quantity(
        db_session, event=event, cart=cart, line_id=line_id, quantity=quantity, buyer=buyer, by=actor(), now=now
    )
    if added is None:
        return ""
    each = price(added.unit_minor, event.currency, event.locale)
    return f"The price has changed: what you added stands in its own line, at {each} each."


def _page_with_fault(slug: str, fault: Fault) -> str:
    page = cart_as_it_stands(slug, fault=fault)
    if page["fault"] is None:
        flash(fault.message, "warn")
    return render_template("orders/cart.html", **page)


@bp.post("/shows/<slug>/cart/extension")
@public
@limit(PACE, page=wait_page)
def extend(slug: str) -> ResponseReturnValue:
    """Lengthen the hold by one step, up to the show's ceiling."""
    _try_on_cart(lambda db_session: lengthen(db_session, slug))
    return redirect(url_for("orders.show_cart", slug=slug), 303)


def lengthen(db_session: Session, slug: str) -> Move:
    """Lengthen the hold of the cookie's cart; returns what became of it, to be counted."""
    event = get_public_event(db_session, slug)
    settings: Settings = current_app.extensions["swapmeet_settings"]
    cart = _own_cart(db_session, event)
    before = cart.expires_at
    after = carts.extend_cart(db_session, event=event, cart=cart, minutes=settings.hold_extension_minutes, now=utcnow())
    return Move(event.id, before, after)


@bp.post("/shows/<slug>/cart/renewal")
@public
@limit(PACE, page=wait_page)
def renew(slug: str) -> ResponseReturnValue:
    """After a cart ran out: hold the same things again, as far as they are still free."""
    response = make_response(redirect(url_for("orders.show_cart", slug=slug), 303))
    try:
        key, gone, move = attempt(lambda db_session: renew_own(db_session, slug, request.form.get("key", "")[:100]))
        open_carts.count(move, now=utcnow())
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warn")
        return response
    for sentence in gone:
        flash(sentence, "warn")
    cookies.keep_cart(response, slug, key)
    return response


def renew_own(db_session: Session, slug: str, form_key: str) -> tuple[str, list[str], Move | None]:
    """Returns the key of the cart that holds the things again, a sentence for each that is not there as before, and the new cart
    to be counted.

    A second click finds the cart of the first, a stale page the cart that is open by now. Raises AlreadyPlaced, CartEmpty.
    """
    event, now = get_public_event(db_session, slug), utcnow()
    old = _own_cart(db_session, event)
    if is_just_placed(old, now):
        raise AlreadyPlaced("This order is placed already.", order_id=old.id)
    if old.state not in (OrderState.CART, OrderState.EXPIRED):
        raise CartEmpty("Your cart is empty.")
    own = cookies.new_cart_key(form_key, f"again {old.id}")
    key, cart = _open_cart(db_session, event, own, now, is_retry=True)
    if cart.id is not None:
        return key, list_changes(db_session, old=old, cart=cart) if cart.id != old.id else [], None
    gone = renew_cart(db_session, event=event, old=old, cart=cart, buyer=_buyer(cart), by=actor(), now=now)
    return key, gone, Move(event.id, None, cart.expires_at)


def _own_cart(db_session: Session, event: Event) -> Order:
    """The cart of the cookie, whatever has become of it. Raises CartExpired when there is none."""
    key = cookies.cart_key()
    cart = find_cart(db_session, event_id=event.id, cart_key=key) if key else None
    if cart is None:
        raise CartExpired("There is no cart in this browser any more. Choose again what you would like.")
    return cart


def _try_on_cart(work: Callable[[Session], Move | None]) -> None:
    """Do it; what cannot be done is told on the cart page, which shows how things stand now."""
    try:
        open_carts.count(attempt(work), now=utcnow())
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warn")


def _person_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def own_address() -> str:
    """The confirmed address of whoever is signed in, else ""."""
    return str(current_user.email) if current_user.is_authenticated and current_user.confirmed_at else ""


def _buyer(cart: Order) -> Buyer:
    email = current_user.email if current_user.is_authenticated else ""
    return Buyer(person_id=_person_id(), email=email, order=cart)
