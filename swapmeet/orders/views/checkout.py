"""Checkout: who orders, what each thing needs to know, how it is paid. One POST makes one order, however often it is sent."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import PUBLIC_STATES, get_public_event
from swapmeet.infra import codes, idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders import asking, cookies, open_carts
from swapmeet.orders.attempts import attempt
from swapmeet.orders.cart_pages import cart_as_it_stands
from swapmeet.orders.checkout_pages import checkout_fields, checkout_page, invoice_words, part_choices, pay_methods
from swapmeet.orders.errors import AlreadyPlaced, CartChanged, CartEmpty, CartExpired, PriceChanged
from swapmeet.orders.forms import ALL_NOW, checkout_form, minor_of
from swapmeet.orders.mail_cap import may_mail
from swapmeet.orders.models import Order, OrderLine, OrderState, PayMethod
from swapmeet.orders.open_carts import Move
from swapmeet.orders.queries import find_cart_at, is_just_placed, list_live_lines
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.services import checkout as services
from swapmeet.orders.services.carts import check_cart_is_open
from swapmeet.orders.typed import filled_in, is_for_other_lines, typed_fields
from swapmeet.orders.views import bp
from swapmeet.orders.views.carts import PACE, lengthen, own_address, renew_own
from swapmeet.orders.waiting import wait_page
from swapmeet.web.access import actor, public
from swapmeet.web.security import BACK_WORKS, limit


@dataclass(frozen=True)
class _Desk:
    """What a checkout is about: the show, the open cart, its lines, and the form that fits them."""

    event: Event
    cart: Order
    lines: list[OrderLine]
    fields: Any
    form: Any
    parts: asking.Parts


@dataclass
class _Sent:
    """One press of the button, through all its tries: the newest desk, and whether the address may get the mail."""

    desk: _Desk | None = None
    is_mailed: bool | None = None

    def may_mail(self, address: str) -> bool:
        """Counted once, however often the placing is tried."""
        if self.is_mailed is None:
            self.is_mailed = may_mail(address, own=own_address())
        return self.is_mailed


@bp.get("/shows/<slug>/checkout")
@public
def checkout(slug: str) -> ResponseReturnValue:
    """The form that places the order."""
    try:
        desk = _open_desk(db.session(), slug, utcnow())
    except AlreadyPlaced as error:
        return redirect(_order_url(db.session(), int(str(error.facts["order_id"]))), 303)
    except (CartExpired, CartEmpty):
        return redirect(url_for("orders.show_cart", slug=slug), 303)
    return _page(desk)


@dataclass(frozen=True)
class _Outcome:
    """Where the order is, or None when the form has faults; and what became of the cart."""

    url: str | None
    move: Move | None = None


@bp.post("/shows/<slug>/checkout", endpoint="place")
@public
@limit(PACE, page=wait_page)
def place(slug: str) -> ResponseReturnValue:
    """Place the order. Sent twice, from two tabs or after a lost answer, it leads to the same order."""
    if request.form.get("extend"):
        return _lengthen(slug)
    if request.form.get("again"):
        return _hold_again(slug)
    if request.form.get("over"):
        return _again(slug, None, status=200)
    sent, tries = _Sent(), count()
    try:
        placed = attempt(lambda db_session: _place(db_session, slug, sent, is_retry=next(tries) > 0))
    except NotFound:
        raise
    except CartExpired:
        return _cart_page(slug), 409
    except CartEmpty:
        return redirect(url_for("orders.show_cart", slug=slug), 303)
    except PriceChanged as error:
        attempt(lambda db_session: _reprice(db_session, slug))
        return _again(slug, error)
    except DomainError as error:
        return _again(slug, error)
    if placed.url is None and sent.desk is not None:
        end_reading()
        return _page(sent.desk), 422
    open_carts.count(placed.move, now=utcnow())
    return redirect(placed.url or url_for("orders.show_cart", slug=slug), 303)


def _place(db_session: Session, slug: str, sent: _Sent, *, is_retry: bool) -> _Outcome:
    """Place it. Faults of the form hang on the form of the desk.

    The form's key is asked for when its cart is no longer open, or when writing it down met an earlier answer.
    """
    now, key = utcnow(), request.form.get("key", "")[:100]
    if is_retry and (url := _earlier_order(db_session, slug, key)):
        return _Outcome(url)
    try:
        desk = _open_desk(db_session, slug, now, for_update=True)
    except AlreadyPlaced as error:
        return _Outcome(_order_url(db_session, int(str(error.facts["order_id"]))))
    except (CartEmpty, CartExpired):
        if url := _earlier_order(db_session, slug, key):
            return _Outcome(url)
        raise
    sent.desk = desk
    if is_for_other_lines(request.form, desk.lines):
        raise CartChanged(
            "Your cart has changed since you opened this page. Look at it once more, then place the order."
        )
    if "pay_in_parts" not in desk.form and request.form.get("pay_in_parts", ALL_NOW) != ALL_NOW:
        raise CartChanged("This order cannot be paid in parts any more. Look at it once more, then place the order.")
    if not desk.form.validate():
        return _Outcome(None)
    held_until = desk.cart.expires_at
    order = services.place_locked(
        db_session,
        event=desk.event,
        cart=desk.cart,
        lines=desk.lines,
        contact=_contact(desk.form, is_mailed=sent.may_mail(desk.form.buyer_email.data)),
        answers=desk.form.answers(desk.fields),
        seen_total_minor=minor_of(desk.form.seen_total.data),
        by=actor(),
        now=now,
    )
    asking.keep_parts(db_session, desk.parts, order=order, form=desk.form, by=actor(), now=now)
    if key:
        idempotency.keep_answer(db_session, scope=_scope(slug), key=key, content=key, answer=str(order.id), now=now)
    url = url_for("orders.show_order", code=order.code, key=order.link_key)
    return _Outcome(url, Move(order.event_id, held_until, None))


def _scope(slug: str) -> str:
    """Keys belong to one show and one browser."""
    return f"checkout:{codes.digest(slug)[:16]}:{cookies.browser_scope()}"


def _earlier_order(db_session: Session, slug: str, key: str) -> str | None:
    """The address of the order that this very form has placed before."""
    earlier = idempotency.find_answer(db_session, scope=_scope(slug), key=key, content=key) if key else None
    return _order_url(db_session, int(earlier)) if earlier is not None else None


def _open_desk(
    db_session: Session, slug: str, now: datetime, *, for_update: bool = False, cart_key: str | None = None
) -> _Desk:
    """The cart of the cookie or of `cart_key` (locked, if asked) with its form, filled in with what was posted.

    Raises NotFound, CartExpired, CartEmpty, AlreadyPlaced.
    """
    key = cart_key or cookies.cart_key()
    cart = find_cart_at(db_session, slug=slug, cart_key=key, for_update=for_update) if key else None
    if cart is None or cart.event.state not in PUBLIC_STATES:
        get_public_event(db_session, slug)
        raise CartEmpty("Your cart is empty.")
    if cart.state is not OrderState.CART and cart.placed_at and not is_just_placed(cart, now):
        raise CartEmpty("Your cart is empty.")
    check_cart_is_open(cart, now)
    lines = list_live_lines(db_session, cart)
    if not lines:
        raise CartEmpty("Your cart is empty.")
    person_id = current_user.id if current_user.is_authenticated else None
    fields = checkout_fields(db_session, lines, Buyer(person_id=person_id, order=cart))
    total = sum(line.total_minor for line in lines)
    kinds = {line.kind for line in lines}
    methods = pay_methods(db_session, cart.event, person_id, kinds) if total else []
    posted = filled_in(request.form, lines, fields) if request.method == "POST" else None
    parts = asking.checkout_parts(db_session, event=cart.event, lines=lines, fields=fields)
    extra = asking.fields_of_parts(parts)
    choices = part_choices(db_session, cart.event, lines, methods, now)
    form = checkout_form(
        fields,
        methods=methods,
        seen_total_minor=total,
        parts=choices,
        invoice_words=invoice_words(cart.event, now),
        extra=extra,
        posted=posted,
        **_known(cart),
    )
    return _Desk(cart.event, cart, lines, fields, form, parts)


def _known(cart: Order) -> dict[str, str]:
    """What the account knows of a signed-in buyer; else what the order knows to which this is added."""
    if not current_user.is_authenticated:
        return {"buyer_name": cart.buyer_name, "buyer_email": cart.buyer_email} if cart.buyer_email else {}
    return {"buyer_name": current_user.name, "buyer_email": current_user.email}


def _reprice(db_session: Session, slug: str) -> None:
    """Write today's prices into the cart, so that the page shows the new sum."""
    desk = _open_desk(db_session, slug, utcnow(), for_update=True)
    services.reprice(db_session, event=desk.event, cart=desk.cart, lines=desk.lines, now=utcnow())


def _contact(form: Any, *, is_mailed: bool) -> services.Contact:
    return services.Contact(
        name=form.buyer_name.data,
        email=form.buyer_email.data,
        phone=form.buyer_phone.data or "",
        note=form.note.data or "",
        method=PayMethod(form.method.data) if "method" in form else None,
        is_mailed=is_mailed,
        in_parts="pay_in_parts" in form and form.pay_in_parts.data != ALL_NOW,
        invoice_address=form.invoice_address.data or "" if "invoice_address" in form else "",
    )


def _order_url(db_session: Session, order_id: int) -> str:
    order = db_session.get_one(Order, order_id)
    return url_for("orders.show_order", code=order.code, key=order.link_key)


def _lengthen(slug: str) -> ResponseReturnValue:
    """The button for more time inside the checkout form: what was typed stays."""
    error = None
    try:
        open_carts.count(attempt(lambda db_session: lengthen(db_session, slug)), now=utcnow())
    except NotFound:
        raise
    except DomainError as problem:
        error = problem
    return _again(slug, error, status=200)


def _hold_again(slug: str) -> ResponseReturnValue:
    """The button after a hold ran out at checkout: the same things held anew, and the form with what was typed."""
    form_key = request.form.get("key", "")[:100]
    try:
        key, changes, move = attempt(lambda db_session: renew_own(db_session, slug, form_key))
        open_carts.count(move, now=utcnow())
    except NotFound:
        raise
    except AlreadyPlaced as error:
        return redirect(_order_url(db.session(), int(str(error.facts["order_id"]))), 303)
    except DomainError as error:
        flash(error.message, "warn")
        return _cart_page(slug), 409
    for sentence in changes:
        flash(sentence, "warn")
    response = make_response(_again(slug, None, status=200, cart_key=key))
    cookies.keep_cart(response, slug, key)
    return response


def _again(
    slug: str, error: DomainError | None, *, status: int = 409, cart_key: str | None = None
) -> ResponseReturnValue:
    """The form once more with what was typed, today's prices, and what stood in the way. If the hold is over: the cart's page."""
    end_reading()
    try:
        desk = _open_desk(db.session(), slug, utcnow(), cart_key=cart_key)
    except AlreadyPlaced as placed:
        return redirect(_order_url(db.session(), int(str(placed.facts["order_id"]))), 303)
    except (CartExpired, CartEmpty):
        return _cart_page(slug), status if error is None else 409
    if error is not None:
        desk.form.hang(error)
    desk.form.seen_total.data = str(sum(line.total_minor for line in desk.lines))
    desk.form.seen_total.raw_data = None
    response = make_response(_page(desk), status)
    response.headers["Cache-Control"] = BACK_WORKS  # also where the status says that nothing is wrong
    return response


def _page(desk: _Desk) -> str:
    page = checkout_page(db.session(), desk.event, desk.cart, desk.lines, desk.fields, desk.form, utcnow())
    return render_template("orders/checkout.html", parts=asking.draw_parts(desk.parts, desk.form), **page)


def _cart_page(slug: str) -> str:
    """The cart as it stands. What was typed goes along, so that another try fills it in again."""
    return render_template("orders/cart.html", **cart_as_it_stands(slug, typed=typed_fields(request.form)))
