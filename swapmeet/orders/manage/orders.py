"""The list of orders and one order: who, what, money, history; change the contact, send the mail again, cancel."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.orders import mail_log
from swapmeet.orders.attempts import attempt
from swapmeet.orders.forms import ContactForm, OrganizerCancelForm, minor_of
from swapmeet.orders.listing import FILTERS, Asked, due_sums
from swapmeet.orders.listing import list_orders as list_page
from swapmeet.orders.manage import bp
from swapmeet.orders.manage.pages import manage_page
from swapmeet.orders.order_view import view_of
from swapmeet.orders.queries import get_order
from swapmeet.orders.services import cancellations, edits
from swapmeet.orders.words import STATE_WORDS
from swapmeet.web.access import actor, requires
from swapmeet.web.paging import page_number


@bp.get("/orders")
@requires(Permission.ORDERS_VIEW)
def list_orders(event: Event) -> ResponseReturnValue:
    """Newest first, narrowed by state and words."""
    asked = Asked(request.args.get("q", "")[:200], request.args.get("state", ""))
    page = list_page(db.session(), event_id=event.id, asked=asked, number=page_number(), now=utcnow())
    return render_template(
        "orders/manage_list.html",
        event=event,
        page=page,
        asked=asked,
        filters=FILTERS,
        state_words=STATE_WORDS,
        due=due_sums(db.session(), [row.id for row in page.rows]),
    )


@bp.get("/orders/<code>")
@requires(Permission.ORDERS_VIEW)
def show_order(event: Event, code: str) -> ResponseReturnValue:
    order = get_order(db.session(), event_id=event.id, code=code)
    return render_template("orders/manage_order.html", **manage_page(db.session(), event, order, utcnow()))


@bp.route("/orders/<code>/contact", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def edit_contact(event: Event, code: str) -> ResponseReturnValue:
    """Correct the name, address or phone of an order."""
    order = get_order(db.session(), event_id=event.id, code=code)
    form = ContactForm(obj=order)
    if form.validate_on_submit():
        with transaction() as db_session:
            edits.change_contact(
                db_session,
                order=get_order(db_session, event_id=event.id, code=code),
                name=form.buyer_name.data or "",
                email=form.buyer_email.data or "",
                phone=form.buyer_phone.data or "",
                by=actor(),
                now=utcnow(),
            )
        flash("The contact is changed.", "ok")
        return redirect(_url(event, code), 303)
    page = render_template("orders/manage_contact.html", event=event, order=order, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.post("/orders/<code>/mails")
@requires(Permission.ORDERS_EDIT)
def resend(event: Event, code: str) -> ResponseReturnValue:
    """The mail about where the order stands, to its buyer once more."""
    with transaction() as db_session:
        order = get_order(db_session, event_id=event.id, code=code)
        edits.mail_again(db_session, order=order, by=actor(), now=utcnow())
        address = order.buyer_email
    flash(f"The e-mail is on its way to {address}.", "ok")
    return redirect(_url(event, code), 303)


@bp.post("/orders/<code>/came-back")
@requires(Permission.ORDERS_EDIT)
def note_came_back(event: Event, code: str) -> ResponseReturnValue:
    """Mail to the buyer's address has come back: whoever looks at the order next sees it."""
    with transaction() as db_session:
        order = get_order(db_session, event_id=event.id, code=code)
        mail_log.note_came_back(db_session, order=order, by=actor(), now=utcnow())
    flash("Noted. Another address makes a fresh start.", "ok")
    return redirect(_url(event, code), 303)


@bp.route("/orders/<code>/cancellation", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def cancellation(event: Event, code: str) -> ResponseReturnValue:
    """Cancel for the buyer: with what the terms give, or with everything back."""
    form = OrganizerCancelForm()
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _cancel(db_session, event, code, form))
        except DomainError as error:
            problem = error
        else:
            flash("The order is canceled. A refund, if there is one, waits for the treasurer.", "ok")
            return redirect(_url(event, code), 303)
    page = render_template("orders/manage_cancel.html", **_cancel_page(event, code, form, problem))
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _cancel(db_session: Any, event: Event, code: str, form: OrganizerCancelForm) -> None:
    is_full = form.refund.data == "full"
    cancellations.cancel_order(
        db_session,
        event=event,
        order=get_order(db_session, event_id=event.id, code=code),
        seen_back_minor=minor_of(form.seen_full.data if is_full else form.seen_back.data),
        reason=form.reason.data or "",
        by=actor(),
        now=utcnow(),
        full_refund=is_full,
    )


def _cancel_page(event: Event, code: str, form: Any, problem: DomainError | None) -> dict[str, Any]:
    db_session, now = db.session(), utcnow()
    order = get_order(db_session, event_id=event.id, code=code)
    preview = cancellations.preview_cancellation(db_session, event=event, order=order, now=now)
    if problem is not None:
        form.hang(problem)
    form.seen_back.data, form.seen_full.data = str(preview.back_minor), str(preview.paid_minor)
    form.seen_back.raw_data = form.seen_full.raw_data = None
    return {
        "event": event,
        "order": order,
        "view": view_of(db_session, order, event),
        "preview": preview,
        "form": form,
    }


def _url(event: Event, code: str) -> str:
    return url_for("orders_manage.show_order", slug=event.slug, code=code.upper())
