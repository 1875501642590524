"""A vendor's pages: what a show asks for, their own application, withdrawing it, saying yes to a neighbor."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra import codes, idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError, Invalid, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.orders import cookies, open_carts
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import Order
from swapmeet.orders.open_carts import Move
from swapmeet.orders.queries import find_cart
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import asked, fees, pages, queries, states
from swapmeet.vendor_tables.applications.errors import NoApplication, NotWritable
from swapmeet.vendor_tables.applications.forms import ApplicationForm, CodeForm, WithdrawForm, shown_values
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.applications.services import offers, rights, selling_waves, writing
from swapmeet.vendor_tables.applications.services.writing import Written
from swapmeet.vendor_tables.applications.wishes import load_wish_floor
from swapmeet.vendor_tables.forms import floor_form
from swapmeet.vendor_tables.runs.queries import find_own_seat
from swapmeet.vendor_tables.upgrades import services as upgrading
from swapmeet.vendor_tables.words import length_words
from swapmeet.web.access import actor, public, signed_in
from swapmeet.web.errors import STATUS
from swapmeet.web.security import limit

bp = Blueprint("applications", __name__)


@bp.context_processor
def words() -> dict[str, Any]:
    return {"application_states": states, "length_words": length_words}


@bp.get("/shows/<slug>/application")
@public
def show_own(slug: str) -> ResponseReturnValue:
    """What the show asks of vendors, and where one's own application stands."""
    return _own_page(get_public_event(db.session(), slug), WithdrawForm(formdata=None))


def _own_page(event: Event, form: WithdrawForm, code_form: CodeForm | None = None) -> str:
    db_session = db.session()
    person_id = current_user.id if current_user.is_authenticated else None
    page = pages.own_page(db_session, event=event, person_id=person_id, now=utcnow())
    if page.standing == "none" and page.application is None and not page.rights:
        raise NotFound("This show takes no applications.")
    seat = find_own_seat(db_session, event_id=event.id, person_id=person_id) if person_id is not None else None
    return render_template(
        "vendor_tables/applications/own.html",
        event=event,
        page=page,
        is_placed=seat is not None,
        **_upgrade(event, page.application),
        form=form,
        code_form=code_form or CodeForm(formdata=None),
        fee_words=fees.WORDS,
        types=pages.price_list(db_session, event=event, person_id=person_id, now=utcnow()),
        terms=floor_queries.find_terms(db_session, event_id=event.id),
    )


def _upgrade(event: Event, application: Application | None) -> dict[str, Any]:
    """A better table that is held for this vendor, and what the change costs."""
    if application is None or application.state is not states.ApplicationState.CONFIRMED:
        return {"upgrade": None, "difference": 0}
    now = utcnow()
    found = upgrading.find_open(db.session(), application_id=application.id, now=now)
    cost = upgrading.difference(db.session(), event=event, offer=found, now=now) if found is not None else 0
    return {"upgrade": found, "difference": cost}


@bp.route("/shows/<slug>/application/form", methods=["GET", "POST"])
@signed_in
@limit("60 per minute")
def write(slug: str) -> ResponseReturnValue:
    """The form: kept as a draft, or sent."""
    db_session, event = db.session(), get_public_event(db.session(), slug)
    page = pages.own_page(db_session, event=event, person_id=current_user.id, now=utcnow())
    if not page.is_writable and not request.form:
        flash("There is nothing to write just now.", "info")
        return redirect(url_for(".show_own", slug=slug), 303)
    is_sending = request.form.get("deed") == "send"
    known = page.application.answers if page.application is not None else {}
    blocks = asked.blocks_for(db_session, event, known, is_draft=bool(request.form) and not is_sending)
    form = _form(db_session, event, page.application, blocks)
    floor = pages.fill_choices(db_session, form, event=event)
    is_good = form.validate_on_submit()
    if form.is_submitted() and is_sending:
        is_good = _is_complete(db_session, event, form) and is_good
    if is_good:
        try:
            written = form.written(floor, asked.answers_in(blocks, form))
            told = attempt(
                lambda db_session: _keep(db_session, event.id, written, str(form.key.data or ""), is_sending)
            )
            flash(told, "ok")
            after = ".list_photos" if request.form.get("deed") == "photos" else ".show_own"
            return redirect(url_for(after, slug=slug), 303)
        except DomainError as error:
            form.hang(error)
            status = STATUS[error.kind]
    else:
        status = 422 if form.is_submitted() else 200
    terms = floor_queries.find_terms(db_session, event_id=event.id)
    answer = render_template(
        "vendor_tables/applications/form.html",
        event=event,
        page=page,
        form=form,
        terms=terms,
        floor=floor,
        blocks=blocks,
        fee_words=fees.WORDS,
    )
    return answer, status


def _form(db_session: Session, event: Event, application: Application | None, blocks: Sequence[Any]) -> Any:
    whole_form = type("ApplicationFormWithQuestions", (ApplicationForm,), asked.fields_of(blocks))
    if application is not None:
        floor = load_wish_floor(db_session, event_id=event.id)
        return floor_form(whole_form, event=event, data=shown_values(application, floor))
    vendor = floor_queries.find_vendor_of(db_session, person_id=current_user.id)
    known = (
        {"name": vendor.name, "sells": vendor.sells, "about": vendor.about, "website": vendor.website} if vendor else {}
    )
    return floor_form(whole_form, event=event, data={"name": current_user.name, "table_count": 1, **known})


def _is_complete(db_session: Session, event: Event, form: ApplicationForm) -> bool:
    terms = floor_queries.find_terms(db_session, event_id=event.id)
    return form.ask_all(
        has_terms=terms is not None and bool(terms.text),
        has_categories=bool(queries.list_categories(db_session, event_id=event.id)),
    )


def _keep(db_session: Session, event_id: int, written: Written, key: str, is_sending: bool) -> str:
    """Returns what to tell the vendor; a form that comes twice is answered as it was the first time."""
    event, now = db_session.get_one(Event, event_id), utcnow()
    deed = writing.send if is_sending else writing.save_draft
    scope, content = f"application:{event_id}:{current_user.id}", repr((is_sending, written))
    try:
        application = deed(db_session, event=event, person_id=current_user.id, written=written, by=actor(), now=now)
    except NotWritable:
        answer = idempotency.find_answer(db_session, scope=scope, key=key, content=content)
        if answer is None:
            raise
        return answer
    told = _told(application)
    if is_sending:
        idempotency.keep_answer(db_session, scope=scope, key=key, content=content, answer=told, now=now)
    return told


def _told(application: Application) -> str:
    if application.state is states.ApplicationState.SUBMITTED:
        return "Your application has been sent. This page shows where it stands."
    if application.state is states.ApplicationState.WAITLISTED:
        return "Your application has been sent and is on the waiting list."
    return "Your draft is kept. Nobody reads it before you send it."


@bp.post("/shows/<slug>/application/acceptance")
@signed_in
def accept(slug: str) -> ResponseReturnValue:
    """Take up the offer: its tables go into the cart, to be paid like everything else."""
    try:
        key, move = attempt(lambda db_session: _accept(db_session, slug))
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
        return redirect(url_for(".show_own", slug=slug), 303)
    open_carts.count(move, now=utcnow())
    response = make_response(redirect(url_for("orders.checkout", slug=slug), 303))
    cookies.keep_cart(response, slug, key)
    return response


def _accept(db_session: Session, slug: str) -> tuple[str, Move]:
    """Returns the key of the cart and what became of it."""
    event = get_public_event(db_session, slug)
    application = _own(db_session, event.id)
    return _into_cart(
        db_session,
        event,
        lambda cart: offers.take_up(
            db_session, event=event, application=application, cart=cart, by=actor(), now=utcnow()
        ),
    )


def _into_cart(db_session: Session, event: Event, fill: Callable[[Order], object]) -> tuple[str, Move]:
    """Fill the open cart of this browser, else a new one."""
    now = utcnow()
    key = cookies.cart_key()
    cart = find_cart(db_session, event_id=event.id, cart_key=key, for_update=True) if key else None
    if cart is None or key is None or not cart.is_open_cart(now) or cart.person_id not in (None, current_user.id):
        open_carts.check_room(event, now=now)
        key = codes.link_key()
        cart = open_cart(db_session, event=event, person_id=current_user.id, cart_key=key, now=now)
    before = cart.expires_at if cart.id is not None else None
    fill(cart)
    cart.person_id = current_user.id
    return key, Move(event.id, before, cart.expires_at)


@bp.post("/shows/<slug>/application/fee")
@signed_in
def pay_fee(slug: str) -> ResponseReturnValue:
    """The application fee goes into the cart, to be paid like everything else."""

    def fill(db_session: Session) -> tuple[str, Move]:
        event = get_public_event(db_session, slug)
        wish = Wish(fees.KIND, _own(db_session, event.id).id)

        def add(cart: Order) -> None:
            add_to_cart(
                db_session, event=event, cart=cart, wishes=[wish], buyer=Buyer(current_user.id, "", cart), by=actor(),
                now=utcnow(),
            )  # fmt: skip

        return _into_cart(db_session, event, add)

    try:
        key, move = attempt(fill)
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
        return redirect(url_for(".show_own", slug=slug), 303)
    open_carts.count(move, now=utcnow())
    response = make_response(redirect(url_for("orders.checkout", slug=slug), 303))
    cookies.keep_cart(response, slug, key)
    return response


@bp.post("/shows/<slug>/application/rights")
@signed_in
def answer_rights(slug: str) -> ResponseReturnValue:
    """Last time's tables again, or not: those that are ticked."""
    ids = [number for number in (whole(text, 17) for text in request.form.getlist("place")[:100]) if number]
    wants = request.form.get("deed") == "take"
    try:
        answer = attempt(lambda db_session: _answer_rights(db_session, slug, ids, wants))
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
        return redirect(url_for(".show_own", slug=slug), 303)
    if answer is None:
        flash("Thank you for telling. These tables are free for others now.", "ok")
        return redirect(url_for(".show_own", slug=slug), 303)
    open_carts.count(answer[1], now=utcnow())
    response = make_response(redirect(url_for("orders.checkout", slug=slug), 303))
    cookies.keep_cart(response, slug, answer[0])
    return response


def _answer_rights(db_session: Session, slug: str, ids: list[int], wants: bool) -> tuple[str, Move] | None:
    event, now = get_public_event(db_session, slug), utcnow()
    vendor = floor_queries.find_vendor_of(db_session, person_id=current_user.id)
    if vendor is None:
        raise NoApplication("No table is kept for you at this show.")
    if not ids:
        raise Invalid("Tick at least one table.")
    if not wants:
        rights.give_up_rights(db_session, event=event, vendor=vendor, place_ids=ids, by=actor(), now=now)
        return None
    return _into_cart(
        db_session,
        event,
        lambda cart: rights.take_up_rights(
            db_session, event=event, vendor=vendor, place_ids=ids, cart=cart, by=actor(), now=now
        ),
    )


@bp.post("/shows/<slug>/application/codes")
@signed_in
@limit("20 per hour")
def give_code(slug: str) -> ResponseReturnValue:
    """The code of a wave, from a mail."""
    event, form = get_public_event(db.session(), slug), CodeForm()
    if not form.validate_on_submit():
        return _own_page(event, WithdrawForm(formdata=None), form), 422
    try:
        wave = attempt(
            lambda db_session: selling_waves.give_code(
                db_session, event=event, person_id=current_user.id, code=str(form.code.data), by=actor(), now=utcnow()
            )
        )
    except DomainError as error:
        form.hang(error)
        return _own_page(event, WithdrawForm(formdata=None), form), STATUS[error.kind]
    flash(f"You are in the wave “{wave.name}”.", "ok")
    return redirect(url_for(".show_own", slug=slug), 303)


@bp.post("/shows/<slug>/application/withdrawal")
@signed_in
def withdraw(slug: str) -> ResponseReturnValue:
    """Take the application back."""
    event, form = get_public_event(db.session(), slug), WithdrawForm()
    if not form.validate_on_submit():
        return _own_page(event, form), 422

    def work(db_session: Session) -> None:
        application = _own(db_session, event.id)
        offers.withdraw(db_session, application=application, reason=form.reason.data or "", by=actor(), now=utcnow())

    try:
        attempt(work)
    except NotFound:
        raise
    except DomainError as error:
        form.hang(error)
        return _own_page(event, form), STATUS[error.kind]
    flash("Your application is withdrawn. The organizer can open it again if you change your mind.", "ok")
    return redirect(url_for(".show_own", slug=slug), 303)


@bp.post("/shows/<slug>/application/ties/<int:tie_id>")
@signed_in
def answer_tie(slug: str, tie_id: int) -> ResponseReturnValue:
    """Say yes or no to somebody who would like to stand near."""
    event, agrees = get_public_event(db.session(), slug), request.form.get("agrees") == "yes"

    def work(db_session: Session) -> None:
        application = _own(db_session, event.id)
        writing.answer_tie(db_session, application=application, tie_id=tie_id, agrees=agrees, by=actor(), now=utcnow())

    attempt(work)
    flash("The organizer will see that you would like that." if agrees else "They are not told that you said no.", "ok")
    return redirect(url_for(".show_own", slug=slug), 303)


def _own(db_session: Session, event_id: int) -> Application:
    found = queries.find_own(db_session, event_id=event_id, person_id=current_user.id)
    if found is None:
        raise NoApplication("You have no application at this show.")
    return found
