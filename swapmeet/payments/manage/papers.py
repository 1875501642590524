"""Invoices and credit notes of a show, and its rates of tax."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import lock, transaction
from swapmeet.kernel.errors import NotFound
from swapmeet.orders import ledger
from swapmeet.orders.manage.money import money_tabs
from swapmeet.orders.models import Order, OrderState
from swapmeet.payments import invoice_pdf
from swapmeet.payments.forms import InvoiceTermsForm, tax_form
from swapmeet.payments.invoice_pdf import ask_for_paper
from swapmeet.payments.manage import bp
from swapmeet.payments.models import Invoice
from swapmeet.payments.services import pay_later
from swapmeet.web.access import actor, requires
from swapmeet.web.paging import page_number, paginate


@bp.get("/invoices")
@requires(Permission.MONEY_VIEW)
def list_invoices(event: Event) -> ResponseReturnValue:
    """The newest first, with the orders they are about."""
    wanted: Any = (
        select(Invoice, Order.code, Order.buyer_name, Order.state, Order.due_at)
        .join(Order, Order.id == Invoice.order_id)
        .where(Invoice.event_id == event.id)
        .order_by(Invoice.id.desc())
    )
    page = paginate(db.session(), wanted, number=page_number(), scalars=False)
    unpaid = [row[0].order_id for row in page.rows if row.state is OrderState.PLACED]
    return render_template(
        "payments/invoices.html",
        event=event,
        page=page,
        tabs=money_tabs(event),
        kinds=invoice_pdf.WORDS,
        number_of=invoice_pdf.number_of,
        owed=ledger.owed_of(db.session(), unpaid),
        now=utcnow(),
    )


@bp.post("/invoices/<int:invoice_id>/documents")
@requires(Permission.MONEY_VIEW)
def print_invoice(event: Event, invoice_id: int) -> ResponseReturnValue:
    """The paper once more, as it was issued."""
    with transaction() as db_session:
        invoice = db_session.scalar(select(Invoice).where(Invoice.event_id == event.id, Invoice.id == invoice_id))
        if invoice is None:
            raise NotFound("There is no such invoice in this show.")
        token = ask_for_paper(db_session, invoice)
    return redirect(url_for("documents.show_document", token=token), 303)


@bp.route("/invoices/terms", methods=["GET", "POST"])
@requires(Permission.EVENT_EDIT)
def edit_invoice_terms(event: Event) -> ResponseReturnValue:
    """Whether and for whom the show takes orders on invoice."""
    form = InvoiceTermsForm(days=event.invoice_days, extra_days=event.invoice_extra_days, online=event.invoice_online)
    if form.validate_on_submit():
        with transaction() as db_session:
            pay_later.save_terms(
                db_session,
                event=db_session.get_one(Event, event.id),
                days=form.days.data,
                extra_days=form.extra_days.data or 0,
                online=bool(form.online.data),
                by=actor(),
                now=utcnow(),
            )
        flash("Saved. Orders that are placed already keep their dates.", "ok")
        return redirect(url_for(".list_invoices", slug=event.slug), 303)
    page = render_template("payments/invoice_terms.html", event=event, form=form, tabs=money_tabs(event))
    return page, 422 if form.is_submitted() else 200


@bp.route("/taxes", methods=["GET", "POST"])
@requires(Permission.EVENT_EDIT)
def edit_taxes(event: Event) -> ResponseReturnValue:
    """A rate for each kind of thing on sale, and who sells, for invoices. Orders that are placed keep theirs."""
    sold = sorted(registry().sellables.items())
    nouns = {kind: sellable.noun for kind, sellable in sold if getattr(sellable, "is_priced", True)}
    form = tax_form(nouns, event.taxes, event.invoice_head)
    if form.validate_on_submit():
        with transaction() as db_session:
            _save(db_session, event.id, form.rules(), form.invoice_head.data or "")
        flash("Saved. What is put into a cart from now on has these rates.", "ok")
        return redirect(url_for(".edit_taxes", slug=event.slug), 303)
    page = render_template("payments/taxes.html", event=event, form=form, nouns=nouns, tabs=money_tabs(event))
    return page, 422 if form.is_submitted() else 200


def _save(db_session: Session, event_id: int, rules: dict[str, Any], head: str) -> None:
    event = db_session.get_one(Event, event_id)
    lock(db_session, event)
    event.taxes, event.invoice_head = rules, head
    record(
        db_session, now=utcnow(), by=actor(), verb="event.taxes_changed", subject=event, event_id=event.id, rules=rules
    )
