"""Credits instead of refunds, refunds that were sent together, and those that go back to a card."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.ledger import BY_HAND
from swapmeet.orders.manage.money import money_tabs
from swapmeet.orders.models import Order, PayMethod
from swapmeet.orders.queries import get_refund
from swapmeet.orders.services.settling import settle_refund
from swapmeet.payments.forms import CreditForm
from swapmeet.payments.manage import bp
from swapmeet.payments.models import Credit
from swapmeet.payments.services import cards, credits
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural
from swapmeet.web.forms import posted_ids
from swapmeet.web.paging import page_number, paginate


@bp.get("/credits")
@requires(Permission.MONEY_VIEW)
def list_credits(event: Event) -> ResponseReturnValue:
    """Credits of the organizer, from all shows: they can be spent at this one."""
    wanted = select(Credit).where(Credit.organizer_id == event.organizer_id).order_by(Credit.id.desc())
    page = paginate(db.session(), wanted, number=page_number())
    return render_template("payments/credits.html", event=event, page=page, tabs=money_tabs(event))


@bp.route("/refunds/<int:refund_id>/credit", methods=["GET", "POST"])
@requires(Permission.MONEY_REFUND)
def make_credit(event: Event, refund_id: int) -> ResponseReturnValue:
    """Give a credit instead of sending the money: agreed with the buyer before."""
    refund = get_refund(db.session(), event_id=event.id, refund_id=refund_id)
    order = db.session.get_one(Order, refund.order_id)
    form = CreditForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            code = attempt(lambda db_session: _make(db_session, event.id, refund_id, form))
        except DomainError as error:
            form.hang(error)
            status = 409
        else:
            flash(f"The credit {code} is made, and its code is on the way to the buyer.", "ok")
            return redirect(url_for("orders_manage.list_refunds", slug=event.slug), 303)
    return render_template("payments/credit.html", event=event, order=order, refund=refund, form=form), status


def _make(db_session: Session, event_id: int, refund_id: int, form: CreditForm) -> str:
    refund = get_refund(db_session, event_id=event_id, refund_id=refund_id)
    event = db_session.get_one(Event, event_id)
    return credits.turn_into_credit(
        db_session, event=event, refund=refund, expires_on=form.expires_on.data, by=actor(), now=utcnow()
    ).code


@bp.post("/refunds/settlements")
@requires(Permission.MONEY_REFUND)
def settle_many(event: Event) -> ResponseReturnValue:
    """The ticked refunds were sent, each the way its money came. Those that cannot be are left and told."""
    ids = posted_ids("refund")
    event_id, slug, done = event.id, event.slug, 0
    end_reading()
    for refund_id in sorted(ids):
        try:
            done += attempt(partial(_settle, event_id=event_id, refund_id=refund_id))
        except DomainError:
            continue
    flash(
        f"{plural(done, 'refund is', 'refunds are')} marked as sent or on the way to a card."
        if done
        else "Nothing was marked.",
        "ok" if done else "warn",
    )
    if left := len(ids) - done:
        flash(f"{plural(left, 'refund', 'refunds')} could not be marked together: look at each by itself.", "warn")
    return redirect(url_for("orders_manage.list_refunds", slug=slug), 303)


def _settle(db_session: Session, *, event_id: int, refund_id: int) -> bool:
    refund = get_refund(db_session, event_id=event_id, refund_id=refund_id)
    if refund.method is PayMethod.CARD:
        cards.approve_card_refund(db_session, refund=refund, by=actor(), now=utcnow())
        return True
    if refund.method not in BY_HAND:
        return False
    settle_refund(db_session, refund=refund, method=refund.method, reference="", by=actor(), now=utcnow())
    return True


@bp.post("/refunds/<int:refund_id>/card")
@requires(Permission.MONEY_REFUND)
def send_to_card(event: Event, refund_id: int) -> ResponseReturnValue:
    """One click: the refund goes back to the card it came from."""
    try:
        attempt(partial(_send_to_card, event_id=event.id, refund_id=refund_id))
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "warn")
    else:
        flash("The refund is on its way to the card.", "ok")
    return redirect(url_for("orders_manage.list_refunds", slug=event.slug), 303)


def _send_to_card(db_session: Session, *, event_id: int, refund_id: int) -> None:
    refund = get_refund(db_session, event_id=event_id, refund_id=refund_id)
    cards.approve_card_refund(db_session, refund=refund, by=actor(), now=utcnow())
