"""Deposits: checks and cash taken to the bank, with a slip to print."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.manage.money import money_tabs
from swapmeet.payments import deposit_queries
from swapmeet.payments.forms import DepositForm
from swapmeet.payments.manage import bp
from swapmeet.payments.services import depositing
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form, posted_ids
from swapmeet.web.paging import page_number


@bp.get("/deposits")
@requires(Permission.MONEY_RECORD)
def list_deposits(event: Event) -> ResponseReturnValue:
    """What lies in the drawer, and the deposits that were made."""
    return _page(event, _form(event), _all_checks(event))


@bp.post("/deposits")
@requires(Permission.MONEY_RECORD)
def make_deposit(event: Event) -> ResponseReturnValue:
    form = _form(event)
    ticked = posted_ids("check")
    if not form.validate_on_submit():
        return _page(event, form, ticked), 422
    try:
        deposit_id = attempt(lambda db_session: _make(db_session, event.id, ticked, form))
    except DomainError as error:
        form.hang(error)
        return _page(event, form, ticked), 409
    flash("The deposit is written down. Print its slip and take it along.", "ok")
    return redirect(url_for(".show_deposit", slug=event.slug, deposit_id=deposit_id), 303)


def _make(db_session: Session, event_id: int, ticked: set[int], form: Any) -> int:
    return depositing.make_deposit(
        db_session,
        event=db_session.get_one(Event, event_id),
        check_ids=ticked,
        counted_minor=form.counted.data,
        note=form.note.data or "",
        by=actor(),
        now=utcnow(),
    ).id


@bp.get("/deposits/<int:deposit_id>")
@requires(Permission.MONEY_RECORD)
def show_deposit(event: Event, deposit_id: int) -> ResponseReturnValue:
    """The slip: each check, the cash, the sum."""
    db_session = db.session()
    deposit = deposit_queries.get_deposit(db_session, event_id=event.id, deposit_id=deposit_id)
    checks = deposit_queries.list_checks_of(db_session, deposit)
    return render_template("payments/deposit.html", event=event, deposit=deposit, checks=checks, tabs=money_tabs(event))


@bp.post("/bank-lines/<int:line_id>/deposits/<int:deposit_id>")
@requires(Permission.MONEY_RECORD)
def recognize_deposit(event: Event, line_id: int, deposit_id: int) -> ResponseReturnValue:
    """The bank line is a deposit that has arrived."""
    try:
        attempt(lambda db_session: _recognize(db_session, event.id, line_id, deposit_id))
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "warn")
    else:
        flash("The deposit has arrived at the bank.", "ok")
    return redirect(url_for(".list_lines", slug=event.slug), 303)


def _recognize(db_session: Session, event_id: int, line_id: int, deposit_id: int) -> None:
    event = db_session.get_one(Event, event_id)
    depositing.recognize_deposit(
        db_session, event=event, line_id=line_id, deposit_id=deposit_id, by=actor(), now=utcnow()
    )


def _form(event: Event) -> Any:
    return event_form(DepositForm, zone_name=event.time_zone, currency=event.currency)


def _all_checks(event: Event) -> set[int]:
    return {payment.id for payment in deposit_queries.list_checks_in_hand(db.session(), event_id=event.id)}


def _page(event: Event, form: Any, ticked: set[int]) -> str:
    end_reading()
    db_session = db.session()
    return render_template(
        "payments/deposits.html",
        event=event,
        tabs=money_tabs(event),
        form=form,
        ticked=ticked,
        checks=deposit_queries.list_checks_in_hand(db_session, event_id=event.id),
        cash=deposit_queries.cash_in_hand(db_session, event),
        page=deposit_queries.list_deposits(db_session, event_id=event.id, number=page_number()),
    )
