"""What buyers do about money on their order: spend a credit, have an invoice."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, exists, false, select
from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders import ledger
from swapmeet.orders.attempts import attempt
from swapmeet.orders.models import OPEN_STATES, Order, OrderState
from swapmeet.orders.personal import ERASED
from swapmeet.orders.queries import get_order_by_link
from swapmeet.payments import invoice_pdf
from swapmeet.payments.forms import InvoiceForm, SpendForm
from swapmeet.payments.invoice_pdf import ask_for_paper
from swapmeet.payments.models import Credit, Invoice
from swapmeet.payments.services import credits, invoicing
from swapmeet.web.access import actor, by_link
from swapmeet.web.filters import money
from swapmeet.web.security import limit

bp = Blueprint("payments", __name__)


def load_credit_panel(db_session: Session, order: Order, now: datetime) -> dict[str, Any] | None:
    """The field for a credit's code, where the order waits for money and the organizer has given credits."""
    if order.state is not OrderState.PLACED:
        return None
    given = exists().where(Credit.organizer_id == order.event.organizer_id, Credit.left_minor > 0)
    return {"spend": SpendForm()} if db_session.scalar(select(given)) else None


@bp.post("/orders/<code>/<key>/credit")
@by_link
@limit("20 per hour")
def spend_credit(code: str, key: str) -> ResponseReturnValue:
    """Pay with a credit; what it does not cover is still to be paid."""
    order = get_order_by_link(db.session(), code=code, key=key)
    form, currency, locale = SpendForm(), order.currency, order.event.locale
    if not form.validate_on_submit():
        flash("Write the code of the credit.", "warn")
        return redirect(url_for("orders.show_order", code=code, key=key), 303)
    try:
        paid, owed = attempt(lambda db_session: _spend(db_session, code, key, form.code.data or ""))
    except DomainError as error:
        flash(error.message, "warn")
    else:
        rest = f" {money(owed, currency, locale)} is still to be paid." if owed > 0 else ""
        flash(f"{money(paid, currency, locale)} is paid with your credit.{rest}", "ok")
    return redirect(url_for("orders.show_order", code=code, key=key), 303)


def _spend(db_session: Session, code: str, key: str, credit_code: str) -> tuple[int, int]:
    """(paid, still owed) in minor units."""
    order = get_order_by_link(db_session, code=code, key=key)
    payment = credits.spend_credit(
        db_session, event=order.event, order=order, code=credit_code, by=actor(), now=utcnow()
    )
    return payment.amount_minor, ledger.owed(db_session, order)


def load_invoice_panel(db_session: Session, order: Order, now: datetime) -> dict[str, Any] | None:
    """The papers of the order, and the form that asks for an invoice while it stands."""
    if not order.total_minor and not order.closed_at:
        return None
    papers = list(db_session.scalars(_papers_of(order).order_by(Invoice.id)))
    can_ask = order.state in OPEN_STATES and order.total_minor > 0
    if not papers and not can_ask:
        return None
    ask = InvoiceForm(address=papers[-1].address if papers else order.buyer_name)
    words = {"kinds": invoice_pdf.WORDS, "number_of": invoice_pdf.number_of}
    return {"papers": papers, "can_ask": can_ask, "ask": ask, **words}


def _papers_of(order: Order) -> Select[Any]:
    """None any more by the link of an order whose buyer was erased: the club keeps them, and nobody else."""
    papers = select(Invoice).where(Invoice.order_id == order.id)
    return papers.where(false()) if order.buyer_name == ERASED else papers


@bp.post("/orders/<code>/<key>/invoices")
@by_link
@limit("20 per hour")
def ask_invoice(code: str, key: str) -> ResponseReturnValue:
    """The invoice with this address, and its PDF."""
    get_order_by_link(db.session(), code=code, key=key)
    form = InvoiceForm()
    if not form.validate_on_submit():
        for problems in form.faults().values():
            flash(f"No invoice was made. {' '.join(problems)}", "warn")
        return redirect(url_for("orders.show_order", code=code, key=key), 303)
    try:
        token = attempt(lambda db_session: _issue(db_session, code, key, form.address.data or ""))
    except DomainError as error:
        flash(error.message, "warn")
        return redirect(url_for("orders.show_order", code=code, key=key), 303)
    return redirect(url_for("documents.show_document", token=token), 303)


def _issue(db_session: Session, code: str, key: str, address: str) -> str:
    order = get_order_by_link(db_session, code=code, key=key)
    return ask_for_paper(
        db_session, invoicing.issue_invoice(db_session, order=order, address=address, by=actor(), now=utcnow())
    )


@bp.post("/orders/<code>/<key>/invoices/<int:invoice_id>/documents")
@by_link
@limit("30 per hour")
def print_paper(code: str, key: str, invoice_id: int) -> ResponseReturnValue:
    """A paper of this order as a PDF."""
    with transaction() as db_session:
        order = get_order_by_link(db_session, code=code, key=key)
        invoice = db_session.scalar(_papers_of(order).where(Invoice.id == invoice_id))
        if invoice is None:
            raise NotFound("There is no such paper on this order.")
        token = ask_for_paper(db_session, invoice)
    return redirect(url_for("documents.show_document", token=token), 303)
