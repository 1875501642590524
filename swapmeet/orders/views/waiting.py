"""The waiting list for visitors: get in line, see how it stands, take or decline an offer, leave, wait again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import Field

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.kernel.time import end_of_day
from swapmeet.orders import cookies
from swapmeet.orders.attempts import attempt
from swapmeet.orders.mail_cap import may_mail
from swapmeet.orders.queries import find_cart, list_live_lines
from swapmeet.orders.sellables import Waitable
from swapmeet.orders.views import bp
from swapmeet.orders.views.carts import PACE, own_address
from swapmeet.orders.waiting import wait_page
from swapmeet.orders.waitlist import answers, joining
from swapmeet.orders.waitlist.errors import OtherCartOpen
from swapmeet.orders.waitlist.forms import PART, join_form
from swapmeet.orders.waitlist.mail import entry_url
from swapmeet.orders.waitlist.models import WaitingEntry
from swapmeet.orders.waitlist.pages import entry_page, left_words, things_to_wait_for
from swapmeet.orders.waitlist.queries import get_entry_by_link
from swapmeet.orders.waitlist.serving import serve
from swapmeet.web.access import actor, by_link, public
from swapmeet.web.security import limit

Row = tuple[Field, Waitable, str]  # the field, what it asks about, how much of it is free in words


@bp.route("/shows/<slug>/waiting-list", methods=["GET", "POST"])
@public
@limit("60 per hour", page=wait_page, methods=["POST"])
def join_waiting(slug: str) -> ResponseReturnValue:
    """What one can wait for, how many, and where the offer goes."""
    db_session = db.session()
    event = get_public_event(db_session, slug)
    asked = [name for name in [*request.args, *request.form] if name.partition("-")[0] in ("ticket", "seat", "table")]
    things = things_to_wait_for(db_session, event, utcnow(), asked=asked) if event.is_on_sale else {}
    form = join_form(things, **_known(), **_asked_for(things))
    problem: DomainError | None = None
    if form.validate_on_submit():
        is_mailed = may_mail(form.email.data, own=own_address())
        try:
            url = attempt(lambda db_session: _join(db_session, slug, form, is_mailed=is_mailed))
        except NotFound:
            raise
        except DomainError as error:
            problem = error
        else:
            return redirect(url, 303)
    if problem is not None:
        form.hang(problem)
        event = get_public_event(db.session(), slug)
    first, more = _rows(form, things)
    page = render_template("orders/waiting_join.html", event=event, form=form, rows=first, more=more)
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _known() -> dict[str, str]:
    if not current_user.is_authenticated:
        return {}
    return {"name": current_user.name, "email": current_user.email}


def _rows(form: Any, things: Mapping[str, Waitable]) -> tuple[list[Row], list[Row]]:
    """What one most likely waits for: what was asked for, then what is gone; and the rest, of which some is free."""
    rows = [(form[name], thing, left_words(thing)) for name, thing in things.items()]
    asked = [row for row in rows if _is_asked(row)]
    gone = [row for row in rows if not _is_asked(row) and row[1].left == 0]
    rest = [row for row in rows if not _is_asked(row) and row[1].left != 0]
    return ([*asked, *gone], rest) if asked or gone else (rest, [])


def _is_asked(row: Row) -> bool:
    return bool(row[0].data or row[0].errors)


def _asked_for(things: object) -> dict[str, int]:
    """How many the address asks for, to begin with."""
    assert isinstance(things, dict)
    values = {name: whole(request.args.get(name), 3) for name in things}
    return {name: value for name, value in values.items() if value is not None}


def _join(db_session: Session, slug: str, form: object, *, is_mailed: bool) -> str:
    values = dict(form.data)  # type: ignore[attr-defined]
    event, now = get_public_event(db_session, slug), utcnow()
    things = things_to_wait_for(db_session, event, now, asked=list(values))
    wanted = [joining.Wanted(thing, values[name], name) for name, thing in things.items() if values.get(name)]
    until = values.get("willing_until")
    who = joining.Newcomer(
        name=values["name"],
        email=values["email"],
        person_id=current_user.id if current_user.is_authenticated else None,
        is_whole=values["rule"] != PART,
        is_adjacent=bool(values.get("is_adjacent")),
        willing_until=end_of_day(until, event.time_zone) if until else None,
        is_mailed=is_mailed,
    )
    return entry_url(joining.join(db_session, event=event, wanted=wanted, who=who, by=actor(), now=now))


@bp.get("/shows/<slug>/waiting-list/<code>/<key>")
@by_link
def show_waiting(slug: str, code: str, key: str) -> ResponseReturnValue:
    """How it stands: number in line, why it was passed over, the offer and until when."""
    db_session = db.session()
    entry = _get(db_session, slug, code, key)
    return render_template("orders/waiting.html", **entry_page(db_session, entry, utcnow()))


@bp.post("/shows/<slug>/waiting-list/<code>/<key>/acceptance")
@by_link
@limit(PACE, page=wait_page)
def accept_offer(slug: str, code: str, key: str) -> ResponseReturnValue:
    """The offer becomes the cart of this browser, and the checkout is next."""
    own = cookies.cart_key()

    def work(db_session: Session) -> str:
        entry, now = _get(db_session, slug, code, key), utcnow()
        _check_cart_is_empty(db_session, entry, own, now)
        return answers.accept(db_session, event=entry.event, entry=entry, now=now)

    try:
        cart_key = attempt(work)
    except NotFound:
        raise
    except DomainError as error:
        return _refused(slug, code, key, error)
    response = make_response(redirect(url_for("orders.checkout", slug=slug), 303))
    cookies.keep_cart(response, slug, cart_key)
    return response


def _check_cart_is_empty(db_session: Session, entry: WaitingEntry, own: str | None, now: datetime) -> None:
    """Raises OtherCartOpen while this browser holds other things at the show: the offer would push them aside."""
    cart = find_cart(db_session, event_id=entry.event_id, cart_key=own) if own else None
    if cart is None or cart.id == entry.offer_order_id or not cart.is_open_cart(now):
        return
    if list_live_lines(db_session, cart):
        raise OtherCartOpen(
            "Your cart holds other things. Place that order or empty the cart first; the offer stays yours."
        )


@bp.post("/shows/<slug>/waiting-list/<code>/<key>/refusal")
@by_link
@limit(PACE, page=wait_page)
def decline_offer(slug: str, code: str, key: str) -> ResponseReturnValue:
    """No, thank you: it goes to the next in line."""
    return _try(
        slug,
        code,
        key,
        lambda db_session, event, entry, now: answers.decline(
            db_session, event=event, entry=entry, by=actor(), now=now
        ),
        "You have declined. It goes to the next in line.",
    )


@bp.post("/shows/<slug>/waiting-list/<code>/<key>/departure")
@by_link
@limit(PACE, page=wait_page)
def leave_waiting(slug: str, code: str, key: str) -> ResponseReturnValue:
    """Out of the line."""
    return _try(
        slug,
        code,
        key,
        lambda db_session, event, entry, now: joining.leave(
            db_session, entry=entry, reason="left by themselves", by=actor(), now=now
        ),
        "You are not on the list any more.",
    )


@bp.post("/shows/<slug>/waiting-list/<code>/<key>/return")
@by_link
@limit(PACE, page=wait_page)
def wait_again(slug: str, code: str, key: str) -> ResponseReturnValue:
    """Back into the line, at its end."""
    return _try(
        slug,
        code,
        key,
        lambda db_session, event, entry, now: joining.stand_again(
            db_session, event=event, entry=entry, by=actor(), now=now
        ),
        "You are on the list again, at its end.",
    )


@bp.post("/shows/<slug>/waiting-list/<code>/<key>/look")
@by_link
@limit("60 per hour", page=wait_page)
def look_again(slug: str, code: str, key: str) -> ResponseReturnValue:
    """See whether something has come free: the line moves also where no worker runs."""
    return _try(slug, code, key, lambda db_session, event, entry, now: serve(db_session, event=event, now=now), "")


Deed = Callable[[Session, Event, WaitingEntry, datetime], object]


def _try(slug: str, code: str, key: str, deed: Deed, done: str) -> ResponseReturnValue:
    """Do it and go back to the entry's page; what cannot be done is told there."""

    def work(db_session: Session) -> None:
        entry = _get(db_session, slug, code, key)
        deed(db_session, entry.event, entry, utcnow())

    try:
        attempt(work)
    except NotFound:
        raise
    except DomainError as error:
        return _refused(slug, code, key, error)
    if done:
        flash(done, "ok")
    return redirect(url_for("orders.show_waiting", slug=slug, code=code, key=key), 303)


def _refused(slug: str, code: str, key: str, error: DomainError) -> ResponseReturnValue:
    flash(error.message, "warn")
    return redirect(url_for("orders.show_waiting", slug=slug, code=code, key=key), 303)


def _get(db_session: Session, slug: str, code: str, key: str) -> WaitingEntry:
    """Raises NotFound, also for the entry of another show."""
    entry = get_entry_by_link(db_session, code=code, key=key)
    if entry.event.slug != slug:
        raise NotFound("There is no place in line at this address. Open it with the link in your mail.")
    return entry
