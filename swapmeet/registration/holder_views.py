"""Pages of one ticket: the buyer sends it to its holder or passes it on, the holder sees it, somebody takes it over."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.badges import qr
from swapmeet.badges.holding import Held, find_held, get_held_by_link
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.mail_cap import may_mail
from swapmeet.orders.queries import get_order_by_link
from swapmeet.orders.views.carts import own_address
from swapmeet.registration import passing, wording
from swapmeet.registration.forms import HolderForm, TakeForm
from swapmeet.registration.models import TicketTransfer, TransferState
from swapmeet.registration.sellable import tidy_name
from swapmeet.web.access import actor, by_link
from swapmeet.web.panels import render_panels
from swapmeet.web.security import limit

bp = Blueprint("holders", __name__)
Find = Callable[[Session], Held]


@bp.get("/orders/<code>/<key>/tickets/<int:attendee_id>")
@by_link
def show_of_order(code: str, key: str, attendee_id: int) -> ResponseReturnValue:
    """One ticket of an order: its link for whoever will use it, and passing it on for good."""
    db_session = db.session()
    held = _of_order(db_session, code, key, attendee_id)
    transfer = passing.find_open(db_session, attendee_id=attendee_id)
    return render_template("registration/send.html", key=key, **_about(db_session, held, transfer))


@bp.post("/orders/<code>/<key>/tickets/<int:attendee_id>/transfers")
@by_link
@limit("30 per hour")
def offer_of_order(code: str, key: str, attendee_id: int) -> ResponseReturnValue:
    _offer(lambda db_session: _of_order(db_session, code, key, attendee_id))
    return redirect(url_for(".show_of_order", code=code, key=key, attendee_id=attendee_id), 303)


@bp.post("/orders/<code>/<key>/tickets/<int:attendee_id>/transfers/withdrawal")
@by_link
def withdraw_of_order(code: str, key: str, attendee_id: int) -> ResponseReturnValue:
    _withdraw(lambda db_session: _of_order(db_session, code, key, attendee_id))
    return redirect(url_for(".show_of_order", code=code, key=key, attendee_id=attendee_id), 303)


@bp.route("/tickets/<int:badge_id>/<key>", methods=["GET", "POST"])
@by_link
def show_ticket(badge_id: int, key: str) -> ResponseReturnValue:
    """A ticket for its holder: the code for the door, the name, questions, passing it on."""
    held = get_held_by_link(db.session(), badge_id=badge_id, key=key)
    form = HolderForm(name=held.attendee.name)
    problem: DomainError | None = None
    if form.validate_on_submit():
        name = tidy_name(form.name.data or "")
        try:
            with transaction() as writing:
                held = get_held_by_link(writing, badge_id=badge_id, key=key)
                passing.rename_held(writing, held=held, name=name, by=actor(), now=utcnow())
        except NotFound:
            raise
        except DomainError as error:
            problem = error
        else:
            flash("The name is changed.", "ok")
            return redirect(url_for(".show_ticket", badge_id=badge_id, key=key), 303)
    if problem is not None:
        form.hang(problem)
    db_session = db.session()
    held = get_held_by_link(db_session, badge_id=badge_id, key=key)
    transfer = passing.find_open(db_session, attendee_id=held.attendee.id)
    page = render_template(
        "registration/ticket.html",
        form=form,
        key=key,
        qr=qr.svg(held.badge.code),
        grouped=qr.grouped(held.badge.code),
        when=wording.validity(
            wording.days_of(held.attendee.valid_days),
            held.attendee.entry_from,
            held.attendee.days_allowed,
            locale=held.event.locale,
        ),
        panels=render_panels("badge.main", db_session, event=held.event, now=utcnow(), of=held, held=held),
        **_about(db_session, held, transfer),
    )
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


@bp.post("/tickets/<int:badge_id>/<key>/transfers")
@by_link
@limit("30 per hour")
def offer_own(badge_id: int, key: str) -> ResponseReturnValue:
    _offer(lambda db_session: get_held_by_link(db_session, badge_id=badge_id, key=key))
    return redirect(url_for(".show_ticket", badge_id=badge_id, key=key), 303)


@bp.post("/tickets/<int:badge_id>/<key>/transfers/withdrawal")
@by_link
def withdraw_own(badge_id: int, key: str) -> ResponseReturnValue:
    _withdraw(lambda db_session: get_held_by_link(db_session, badge_id=badge_id, key=key))
    return redirect(url_for(".show_ticket", badge_id=badge_id, key=key), 303)


@bp.route("/transfers/<int:transfer_id>/<key>", methods=["GET", "POST"])
@by_link
@limit("60 per hour", methods=["POST"])
def take(transfer_id: int, key: str) -> ResponseReturnValue:
    """Who opens the link and gives a name has the ticket from then on."""
    form = TakeForm(**_known())
    problem: DomainError | None = None
    if form.validate_on_submit():
        is_mailed = may_mail(form.email.data or "", own=own_address())
        try:
            with transaction() as writing:
                held = _take(writing, transfer_id, key, form, is_mailed=is_mailed)
                url = url_for(".show_ticket", badge_id=held.badge.id, key=held.key)
        except NotFound:
            raise
        except DomainError as error:
            problem = error
        else:
            flash("The ticket is yours. Keep this page: its address is your ticket.", "ok")
            return redirect(url, 303)
    db_session = db.session()
    transfer = passing.get_transfer_by_link(db_session, transfer_id=transfer_id, key=key)
    held_now = find_held(db_session, attendee_id=transfer.attendee_id)
    reason = str(problem.message) if problem is not None else _why_gone(db_session, transfer, held_now)
    page = render_template("registration/take.html", form=form, held=held_now, reason=reason)
    if form.is_submitted():
        return page, 409 if problem is not None else 422
    return page, 200


def _take(db_session: Session, transfer_id: int, key: str, form: TakeForm, *, is_mailed: bool) -> Held:
    transfer = passing.get_transfer_by_link(db_session, transfer_id=transfer_id, key=key)
    return passing.take_ticket(
        db_session,
        transfer=transfer,
        name=tidy_name(form.name.data or ""),
        email=(form.email.data or "").strip().lower(),
        person_id=current_user.id if current_user.is_authenticated else None,
        is_mailed=is_mailed,
        by=actor(),
        now=utcnow(),
    )


def _why_gone(db_session: Session, transfer: TicketTransfer, held: Held | None) -> str:
    if transfer.state is not TransferState.OFFERED:
        return passing.GONE[transfer.state]
    return passing.why_not(db_session, held, now=utcnow()) if held is not None else "This ticket is not valid any more."


def _known() -> dict[str, str]:
    if not current_user.is_authenticated:
        return {}
    return {"name": current_user.name, "email": current_user.email}


def _of_order(db_session: Session, code: str, key: str, attendee_id: int) -> Held:
    """A ticket of the order that is still the buyer's. Raises NotFound."""
    order = get_order_by_link(db_session, code=code, key=key)
    held = find_held(db_session, attendee_id=attendee_id)
    if held is None or held.order.id != order.id or held.attendee.passed_on_at is not None:
        raise NotFound("There is no such ticket in this order.")
    return held


def _offer(find: Find) -> None:
    try:
        with transaction() as db_session:
            passing.offer_ticket(db_session, held=find(db_session), by=actor(), now=utcnow())
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warn")
    else:
        flash("Send the link to whoever gets the ticket. It is yours until they take it.", "ok")


def _withdraw(find: Find) -> None:
    with transaction() as db_session:
        is_gone = passing.withdraw_offer(db_session, held=find(db_session), by=actor(), now=utcnow())
    flash("The link leads nowhere any more. You keep the ticket." if is_gone else "There was no open offer.", "ok")


def _about(db_session: Session, held: Held, transfer: TicketTransfer | None) -> dict[str, Any]:
    """What both pages of a ticket show: its link, the open offer, and until when it can be passed on."""
    now = utcnow()
    return {
        "held": held,
        "event": held.event,
        "link": url_for("holders.show_ticket", badge_id=held.badge.id, key=held.key, _external=True),
        "offer": url_for("holders.take", transfer_id=transfer.id, key=transfer.link_key, _external=True)
        if transfer is not None
        else "",
        "reason": passing.why_not(db_session, held, now=now),
        "until": passing.passes_until(db_session, held),
    }
