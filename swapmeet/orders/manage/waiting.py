"""The organizer's waiting list: who waits, offers by hand with a reason, taking somebody off, pause."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.manage import bp
from swapmeet.orders.waitlist import joining
from swapmeet.orders.waitlist.forms import ReasonForm
from swapmeet.orders.waitlist.pages import entry_view, manage_page
from swapmeet.orders.waitlist.queries import get_entry
from swapmeet.orders.waitlist.serving import offer_by_hand
from swapmeet.web.access import actor, requires


@bp.get("/waiting-list")
@requires(Permission.ORDERS_VIEW)
def list_waiting(event: Event) -> ResponseReturnValue:
    """Open offers, the line in its order, and what is over."""
    return render_template("orders/manage_waiting.html", **manage_page(db.session(), event, utcnow()))


@bp.post("/waiting-list/pause")
@requires(Permission.ORDERS_EDIT)
def pause_waiting(event: Event) -> ResponseReturnValue:
    """Stop the line or let it move again."""
    is_paused = request.form.get("is_paused") == "1"
    attempt(
        lambda db_session: joining.set_paused(
            db_session, event=db_session.get_one(Event, event.id), is_paused=is_paused, by=actor(), now=utcnow()
        )
    )
    flash("The list is paused: nobody gets an offer by itself." if is_paused else "The list moves again.", "ok")
    return redirect(url_for("orders_manage.list_waiting", slug=event.slug), 303)


@bp.route("/waiting-list/<int:entry_id>/offers", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def offer_waiting(event: Event, entry_id: int) -> ResponseReturnValue:
    """Offer somebody what is free, out of turn. The reason goes into the log."""
    return _by_hand(event, entry_id, "offer")


@bp.route("/waiting-list/<int:entry_id>/removal", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def remove_waiting(event: Event, entry_id: int) -> ResponseReturnValue:
    """Take somebody off the list. The reason goes into the log."""
    return _by_hand(event, entry_id, "removal")


def _by_hand(event: Event, entry_id: int, deed: str) -> ResponseReturnValue:
    form, slug, event_id = ReasonForm(), event.slug, event.id
    problem: DomainError | None = None
    view = entry_view(db.session(), get_entry(db.session(), event_id=event_id, entry_id=entry_id), utcnow())
    if form.validate_on_submit():
        reason = form.reason.data or ""
        try:
            attempt(lambda db_session: _do(db_session, event_id, entry_id, deed, reason))
        except DomainError as error:
            problem = error
        else:
            done = "The offer is on its way." if deed == "offer" else "The entry is off the list."
            flash(done, "ok")
            return redirect(url_for("orders_manage.list_waiting", slug=slug), 303)
    if problem is not None:
        form.hang(problem)
        view = entry_view(db.session(), get_entry(db.session(), event_id=event_id, entry_id=entry_id), utcnow())
    page = render_template(
        "orders/manage_waiting_entry.html", event=view.entry.event, view=view, form=form, is_offer=deed == "offer"
    )
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _do(db_session: Session, event_id: int, entry_id: int, deed: str, reason: str) -> None:
    entry = get_entry(db_session, event_id=event_id, entry_id=entry_id)
    if deed == "offer":
        event = db_session.get_one(Event, event_id)
        offer_by_hand(db_session, event=event, entry=entry, reason=reason, by=actor(), now=utcnow())
    else:
        joining.leave(db_session, entry=entry, reason=reason, by=actor(), now=utcnow())
