"""The buyer's order, found by the secret link: look, change names, have the mail again, cancel, receipt. And one's own orders."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound, Refused
from swapmeet.orders import receipt_pdf
from swapmeet.orders.attempts import attempt
from swapmeet.orders.checkout_pages import checkout_fields
from swapmeet.orders.forms import CancelForm, minor_of, names_form
from swapmeet.orders.mail_cap import may_mail
from swapmeet.orders.models import Order
from swapmeet.orders.order_pages import order_page
from swapmeet.orders.order_view import edit_closes_at, view_of
from swapmeet.orders.queries import get_order_by_link, list_live_lines, list_orders_of
from swapmeet.orders.receipts import find_receipt
from swapmeet.orders.sellables import Buyer
from swapmeet.orders.services import cancellations, edits
from swapmeet.orders.views import bp
from swapmeet.orders.views.carts import own_address
from swapmeet.orders.words import STATE_WORDS
from swapmeet.web.access import actor, by_link, signed_in
from swapmeet.web.paging import page_number
from swapmeet.web.security import limit


@bp.get("/orders/<code>/<key>")
@by_link
def show_order(code: str, key: str) -> ResponseReturnValue:
    db_session = db.session()
    order = get_order_by_link(db_session, code=code, key=key)
    return render_template("orders/order.html", **order_page(db_session, order, utcnow()))


@bp.route("/orders/<code>/<key>/names", methods=["GET", "POST"])
@by_link
def edit_names(code: str, key: str) -> ResponseReturnValue:
    """Names and answers of the lines, until the show begins."""
    db_session = db.session()
    order = get_order_by_link(db_session, code=code, key=key)
    buyer = Buyer(order.person_id, order.buyer_email, order)
    lines = list_live_lines(db_session, order)
    fields = checkout_fields(db_session, lines, buyer)
    form = names_form(fields)
    heads = {
        each[0].name: line.title for line in lines if (each := fields.get(line.id)) and line.title not in each[0].label
    }
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _rename(db_session, code, key, form.answers(fields)))
        except DomainError as error:
            problem = error
        else:
            flash("The names are changed.", "ok")
            return redirect(_order_url(code, key), 303)
    if problem is not None:
        form.hang(problem)
    order = get_order_by_link(db.session(), code=code, key=key)
    closes_at = edit_closes_at(order.event)
    page = render_template(
        "orders/names.html", order=order, event=order.event, form=form, heads=heads, closes_at=closes_at
    )
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _rename(db_session: Session, code: str, key: str, answers: dict[int, dict[str, str]]) -> None:
    order = get_order_by_link(db_session, code=code, key=key)
    edits.rename(db_session, event=order.event, order=order, answers=answers, by=actor(), now=utcnow())


@bp.post("/orders/<code>/<key>/mails")
@by_link
@limit("10 per hour")
def resend(code: str, key: str) -> ResponseReturnValue:
    """The mail about where the order stands, once more."""
    address = get_order_by_link(db.session(), code=code, key=key).buyer_email
    if not may_mail(address, own=own_address()):
        flash(
            f"No e-mail was sent: {address} got many about orders within the last hour. Try again in an hour.", "warn"
        )
        return redirect(_order_url(code, key), 303)
    with transaction() as db_session:
        order = get_order_by_link(db_session, code=code, key=key)
        edits.mail_again(db_session, order=order, by=actor(), now=utcnow())
    flash(f"The e-mail is on its way to {address}.", "ok")
    return redirect(_order_url(code, key), 303)


@bp.route("/orders/<code>/<key>/cancellation", methods=["GET", "POST"])
@by_link
def cancellation(code: str, key: str) -> ResponseReturnValue:
    """What canceling would mean, then canceling."""
    form = CancelForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        address = get_order_by_link(db.session(), code=code, key=key).buyer_email
        is_mailed = may_mail(address, own=own_address())
        try:
            attempt(lambda db_session: _cancel(db_session, code, key, form, is_mailed=is_mailed))
        except NotFound:
            raise
        except DomainError as error:
            problem = error
        else:
            flash("The order is canceled.", "ok")
            return redirect(_order_url(code, key), 303)
    db_session = db.session()
    order = get_order_by_link(db_session, code=code, key=key)
    view = view_of(db_session, order, order.event)
    preview = cancellations.preview_cancellation(db_session, event=order.event, order=order, now=utcnow())
    if problem is not None:
        form.hang(problem)
    form.seen_back.data = str(preview.back_minor)
    form.seen_back.raw_data = None
    page = render_template(
        "orders/cancel.html",
        order=order,
        event=order.event,
        view=view,
        preview=preview,
        form=form,
        veto=_veto(db_session, order),
    )
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _veto(db_session: Session, order: Order) -> str:
    """Why this buyer may not cancel by themselves, in sentences; often nothing."""
    return " ".join(filter(None, (veto(db_session, order) for veto in registry().cancel_vetoes)))


def _cancel(db_session: Session, code: str, key: str, form: CancelForm, *, is_mailed: bool) -> None:
    order = get_order_by_link(db_session, code=code, key=key)
    if reason := _veto(db_session, order):
        raise Refused(reason)
    cancellations.cancel_order(
        db_session,
        event=order.event,
        order=order,
        seen_back_minor=minor_of(form.seen_back.data),
        reason=form.reason.data or "",
        by=actor(),
        now=utcnow(),
        is_mailed=is_mailed,
    )


@bp.get("/orders/<code>/<key>/receipt")
@by_link
def show_receipt(code: str, key: str) -> ResponseReturnValue:
    """What was bought and paid, for the books; made for printing."""
    db_session = db.session()
    order = get_order_by_link(db_session, code=code, key=key)
    receipt = find_receipt(db_session, order_id=order.id) if order.total_minor else None
    return render_template("orders/receipt.html", receipt=receipt, **order_page(db_session, order, utcnow()))


@bp.post("/orders/<code>/<key>/receipts")
@by_link
@limit("30 per hour")
def make_receipt(code: str, key: str) -> ResponseReturnValue:
    """The receipt as a PDF, made by a job; the page it leads to waits for it."""
    with transaction() as db_session:
        order = get_order_by_link(db_session, code=code, key=key)
        payload = {"order_id": order.id, "code": order.code}
        token = request_document(
            db_session, kind=receipt_pdf.KIND, payload=payload, now=utcnow(), event_id=order.event_id
        )
    return redirect(url_for("documents.show_document", token=token), 303)


@bp.get("/me/orders")
@signed_in
def my_orders() -> ResponseReturnValue:
    """Orders placed while signed in, and those of guests with the account's confirmed address."""
    page = list_orders_of(
        db.session(),
        person_id=current_user.id,
        email=own_address(),
        number=page_number(),
    )
    return render_template("orders/mine.html", page=page, state_words=STATE_WORDS)


def _order_url(code: str, key: str) -> str:
    return url_for("orders.show_order", code=code, key=key)
