"""The show's own words in mails about orders: write them, see them on a real order, go back to the standard text."""

import re
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.outbox import Mail
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.attempts import attempt
from swapmeet.orders.mail import FACTS, compose_order
from swapmeet.orders.manage import bp
from swapmeet.orders.models import Order
from swapmeet.orders.queries import WAS_PLACED
from swapmeet.orders.texts import writing
from swapmeet.orders.texts.filling import PLACEHOLDERS
from swapmeet.orders.texts.models import MailText
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import Form, LineField, NotBlank, ProseField

CODE = re.compile(r"\b(?:[A-Z0-9]{5}\s){4}[A-Z0-9]{6}\b")  # of a ticket, in groups: whoever shows it is let in
KEY = re.compile(r"(?<=/)[\w-]{32}(?![\w-])")  # of a buyer's or holder's link: whoever has it acts for them

KINDS: dict[str, str] = {
    "placed": "An order is placed and waits for its money",
    "confirmed": "An order is confirmed; the tickets come with it",
    "due_soon": "A later part is due soon",
    "invoice_soon": "An invoice is due soon",
    "invoice_late": "An invoice is past its day",
    "expired": "An order has ended unpaid",
    "lapsed": "An order has ended, since the rest did not come",
    "canceled": "An order is canceled",
}


class TextForm(Form):
    """Own words; an empty subject is the standard one."""

    subject = LineField("Subject", limit=200, description="Empty: the standard one.")
    body = ProseField(
        "Text",
        [NotBlank("Write the text, or go back to the standard text.")],
        limit=4000,
        description="What was ordered, the tickets and the link to the order follow by themselves.",
    )


@bp.get("/mail-texts")
@requires(Permission.EVENT_EDIT)
def list_texts(event: Event) -> ResponseReturnValue:
    """Every kind of mail, and whether the show has its own words for it."""
    own = writing.list_own_kinds(db.session(), event)
    return render_template("orders/manage_texts.html", event=event, kinds=KINDS, own=own)


@bp.route("/mail-texts/<kind>", methods=["GET", "POST"])
@requires(Permission.EVENT_EDIT)
def edit_text(event: Event, kind: str) -> ResponseReturnValue:
    """Write, look at it on a real order, save."""
    _check_kind(kind)
    known = writing.find_text(db.session(), event, kind)
    form = TextForm(subject=known.subject if known else "", body=known.body if known else "")
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            writing.check_text(form.subject.data or "", "subject")
            writing.check_text(form.body.data or "", "body")
            if "preview" not in request.form:
                attempt(lambda db_session: _save(db_session, event.id, kind, form))
                flash("Saved. Mails of this kind have your words from now on.", "ok")
                return redirect(url_for("orders_manage.list_texts", slug=event.slug), 303)
            status = 200
        except DomainError as error:
            form.hang(error)
    return _page(event, kind, form, known), status


def _save(db_session: Session, event_id: int, kind: str, form: Any) -> None:
    writing.save_text(
        db_session,
        event=db_session.get_one(Event, event_id),
        kind=kind,
        subject=form.subject.data or "",
        body=form.body.data or "",
        by=actor(),
        now=utcnow(),
    )


@bp.post("/mail-texts/<kind>/standard")
@requires(Permission.EVENT_EDIT)
def standard_text(event: Event, kind: str) -> ResponseReturnValue:
    """Back to the standard text."""
    _check_kind(kind)
    event_id, slug = event.id, event.slug
    attempt(
        lambda db_session: writing.give_up_text(
            db_session, event=db_session.get_one(Event, event_id), kind=kind, by=actor(), now=utcnow()
        )
    )
    flash("Mails of this kind have the standard text again.", "ok")
    return redirect(url_for("orders_manage.list_texts", slug=slug), 303)


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound("There is no such kind of mail.")


def _page(event: Event, kind: str, form: Any, known: MailText | None) -> str:
    """The form, and the mail as a real order would get it: in the words of the form, as long as they have no fault."""
    order = _example(db.session(), event, kind)
    preview: Mail | None = None
    if order is not None and not form.errors:
        own = None
        if form.body.data:
            words = {"subject": form.subject.data or "", "body": form.body.data}
            own = MailText(event_id=event.id, kind=kind, language=writing.language_of(event), **words)
        elif order.state is not FACTS[kind][0]:
            order = None  # the standard text of this kind has nothing to say of such an order
        preview = _keyless(compose_order(db.session(), order, kind, own=own)) if order is not None else None
    return render_template(
        "orders/manage_text.html",
        event=event,
        kind=kind,
        words=KINDS[kind],
        form=form,
        is_own=known is not None,
        placeholders=PLACEHOLDERS,
        preview=preview,
        order=order,
    )


def _keyless(mail: Mail) -> Mail:
    """The same for the team to read: its links open nobody's order and nobody's ticket."""
    return replace(mail, subject=KEY.sub("…", mail.subject), text=CODE.sub("…", KEY.sub("…", mail.text)))


def _example(db_session: Session, event: Event, kind: str) -> Order | None:
    """The newest order that would get such a mail, else the newest one."""
    fits = (Order.state == FACTS[kind][0]).desc()
    wanted = select(Order).where(Order.event_id == event.id, WAS_PLACED).options(joinedload(Order.event))
    return db_session.scalars(wanted.order_by(fits, Order.id.desc()).limit(1)).first()
