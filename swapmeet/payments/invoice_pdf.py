"""Invoices and credit notes as documents: what the template reads."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.infra.clock import utcnow
from swapmeet.infra.documents import request_document
from swapmeet.infra.registry import DocumentKind
from swapmeet.orders.models import Order
from swapmeet.orders.receipt_pdf import paper_of, row_of
from swapmeet.payments.models import Invoice, InvoiceKind
from swapmeet.payments.services.pay_later import PAPER, mail_paper, paper_name
from swapmeet.web.filters import babel_locale, day, local_day, money

WORDS = {InvoiceKind.INVOICE: "Invoice", InvoiceKind.CREDIT_NOTE: "Credit note"}


def number_of(invoice: Invoice) -> str:
    """How people name it: "12", or "C3" for a credit note."""
    return f"C{invoice.number}" if invoice.kind is InvoiceKind.CREDIT_NOTE else str(invoice.number)


def load_invoice(db_session: Session, payload: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """Strings only; None when it is gone."""
    invoice = db_session.get(Invoice, int(payload["invoice_id"]))
    if invoice is None:
        return None
    order = db_session.get_one(Order, invoice.order_id)
    event, content = order.event, invoice.content
    locale = babel_locale(event.locale)
    is_note = invoice.kind is InvoiceKind.CREDIT_NOTE
    facts = [
        ("Show", event.name),
        ("Order", order.code),
        ("Issued", local_day(invoice.issued_at, event.time_zone, event.locale)),
    ]
    if invoice.corrects_id is not None:
        facts.append(("Corrects invoice", str(db_session.get_one(Invoice, invoice.corrects_id).number)))
    if content["reason"]:
        facts.append(("Why", content["reason"]))
    if invoice.due_on is not None:
        facts.append(("Please pay by", day(invoice.due_on, event.locale)))
    row = partial(row_of, invoice.currency, event.locale)
    rows = [
        row(
            (f"{line['quantity']} × " if line["quantity"] > 1 else "") + line["title"],
            line["total_minor"],
            line["detail"],
        )
        for line in content["lines"]
    ]
    rows.append(row("Taken back" if is_note else "Total", invoice.total_minor, strong=True))
    rows += [
        row(tax["words"], tax["tax_minor"], f"on {money(tax['net_minor'], invoice.currency, event.locale)}")
        for tax in content["taxes"]
    ]
    return {
        "title": f"{WORDS[invoice.kind]} {number_of(invoice)}",
        "lang": locale.partition("_")[0],
        "paper": paper_of(event),
        "seller": content["seller"],
        "buyer": invoice.address,
        "facts": facts,
        "rows": rows,
        "note": "" if is_note else content["pay"],
        "footer": f"{event.organizer.name} · order {order.code}",
    }


def ask_for_paper(db_session: Session, invoice: Invoice) -> str:
    """The token of the address of its PDF."""
    payload = {"invoice_id": invoice.id, "name": paper_name(invoice)}
    return request_document(db_session, kind=PAPER, payload=payload, now=utcnow(), event_id=invoice.event_id)


DOCUMENT = DocumentKind("invoice.typ", load_invoice, lambda payload: f"{payload['name']}.pdf", mail_paper)
