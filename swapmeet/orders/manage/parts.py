"""Part of an order is given up, or part of its price given back: the sum is shown first."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra import idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading, lock
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.attempts import attempt
from swapmeet.orders.errors import PriceChanged
from swapmeet.orders.forms import GiveBackForm, PartForm, minor_of
from swapmeet.orders.manage import bp
from swapmeet.orders.order_view import view_of
from swapmeet.orders.part_pages import Item, chosen, list_items
from swapmeet.orders.pieces import read_tokens
from swapmeet.orders.queries import get_order
from swapmeet.orders.services import parts
from swapmeet.orders.services.giving_back import mail_part
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form


@bp.route("/orders/<code>/parts", methods=["GET", "POST"])
@requires(Permission.ORDERS_EDIT)
def give_up_part(event: Event, code: str) -> ResponseReturnValue:
    """Choose what is given up, look at the sum, then do it."""
    form = _part_form(event, code)
    if not form.validate_on_submit():
        return _part_page(event, code, form, None), 422 if form.is_submitted() else 200
    try:
        preview = _preview(event, code, form)
        if minor_of(form.seen_back.data) == preview.back_minor:
            attempt(lambda db_session: _give_up(db_session, event.id, code, form))
            flash(
                "That part is given up, and the buyer is told by e-mail. A refund, if there is one, waits for the treasurer.",
                "ok",
            )
            return redirect(_order_url(event, code), 303)
    except DomainError as error:
        form.hang(error)
        return _part_page(event, code, form, None), 409
    form.seen_back.data, form.seen_back.raw_data = str(preview.back_minor), None
    return _part_page(event, code, form, preview)


def _part_form(event: Event, code: str) -> Any:
    form = PartForm()
    form.lines.choices = [(item.token, _label(item)) for item in _items(event, code)]
    return form


def _items(event: Event, code: str) -> list[Item]:
    order = get_order(db.session(), event_id=event.id, code=code)
    return list_items(db.session(), event=event, order=order, now=utcnow())


def _label(item: Item) -> str:
    notes = [item.detail, "passed on" * item.is_passed_on, "has come in" * item.has_come_in]
    return ", ".join([item.label, *filter(None, notes)])


def _preview(event: Event, code: str, form: Any) -> parts.PartPreview:
    order = get_order(db.session(), event_id=event.id, code=code)
    whole, some = read_tokens(form.lines.data)
    return parts.preview_part(
        db.session(),
        event=event,
        order=order,
        line_ids=whole,
        some=some,
        now=utcnow(),
        is_full=form.refund.data == "full",
    )


def _give_up(db_session: Session, event_id: int, code: str, form: Any) -> None:
    event = db_session.get_one(Event, event_id)
    order = get_order(db_session, event_id=event_id, code=code)
    whole, some = read_tokens(form.lines.data)
    now = utcnow()
    done = parts.give_up_lines(
        db_session,
        event=event,
        order=order,
        line_ids=whole,
        some=some,
        is_full=form.refund.data == "full",
        reason=form.reason.data or "",
        by=actor(),
        now=now,
    )
    if done.back_minor != minor_of(form.seen_back.data):
        raise PriceChanged("The refund has changed since you looked. Look at the new sum and confirm again.")
    mail_part(db_session, order=order, done=done, now=now)


def _part_page(event: Event, code: str, form: Any, preview: parts.PartPreview | None) -> str:
    end_reading()
    order = get_order(db.session(), event_id=event.id, code=code)
    view = view_of(db.session(), order, event)
    if preview is None:
        form.seen_back.data, form.seen_back.raw_data = "", None
    picked = chosen(_items(event, code), form.lines.data or []) if preview is not None else []
    return render_template(
        "orders/manage_part.html", event=event, order=order, view=view, form=form, preview=preview, chosen=picked
    )


@bp.route("/orders/<code>/giving-back", methods=["GET", "POST"])
@requires(Permission.MONEY_REFUND)
def give_back(event: Event, code: str) -> ResponseReturnValue:
    """Part of the price back although the order stands."""
    get_order(db.session(), event_id=event.id, code=code)
    form = event_form(GiveBackForm, zone_name=event.time_zone, currency=event.currency)
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _give_back(db_session, event.id, code, form))
        except DomainError as error:
            form.hang(error)
            status = 409
        else:
            flash("The sum waits to be sent back.", "ok")
            return redirect(_order_url(event, code), 303)
    end_reading()
    order = get_order(db.session(), event_id=event.id, code=code)
    view = view_of(db.session(), order, event)
    return render_template("orders/manage_give_back.html", event=event, order=order, view=view, form=form), status


def _give_back(db_session: Session, event_id: int, code: str, form: Any) -> None:
    """Once per key of the form, however often it is sent."""
    order = get_order(db_session, event_id=event_id, code=code)
    lock(db_session, order)
    scope, now = f"giving-back:{order.id}", utcnow()
    content = f"{form.amount.data} {form.reason.data}"
    if idempotency.find_answer(db_session, scope=scope, key=form.key.data, content=content) is not None:
        return
    refund = parts.give_back(
        db_session, order=order, amount_minor=form.amount.data, reason=form.reason.data, by=actor(), now=now
    )
    idempotency.keep_answer(db_session, scope=scope, key=form.key.data, content=content, answer=str(refund.id), now=now)


def _order_url(event: Event, code: str) -> str:
    return url_for("orders_manage.show_order", slug=event.slug, code=code.upper())
