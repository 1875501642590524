"""Invoices and credit notes: numbered without gap in their series, copied when they are issued, never changed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.counters import take_numbers
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.taxes import sum_taxes
from swapmeet.payments.errors import NothingToInvoice
from swapmeet.payments.models import CreditNoteSeries, Invoice, InvoiceKind, InvoiceSeries


@dataclass
class CopiedLine:
    """A line as a paper has it, so that later changes of names and prices do not reach it."""

    id: int
    title: str
    detail: str
    quantity: int
    total_minor: int
    tax_minor: int
    tax_name: str
    tax_bp: int
    tax_is_added: bool


def issue_invoice(db_session: Session, *, order: Order, address: str, by: Actor, now: datetime) -> Invoice:
    """The invoice of an order as it stands. Asked again while nothing has changed, the same one comes back.

    An invoice with other lines or another address is taken back by a credit note before the new one. Raises NothingToInvoice.
    """
    lock(db_session, order)
    if order.state not in OPEN_STATES or not order.total_minor:
        raise NothingToInvoice("There is nothing to invoice on this order.")
    lines = [_copy(line) for line in list_live_lines(db_session, order)]
    known = find_standing(db_session, order)
    if known is not None:
        rest = _list_rest(db_session, known)
        if known.address == address and rest == lines:
            return known
        _take_back(db_session, order, known, rest, "replaced by a new invoice", by, now)
    due_on = to_local(order.due_at, order.event.time_zone).date() if order.due_at else None
    return _issue(db_session, order, lines, address=address, by=by, now=now, due_on=due_on)


def note_released(sender: Order, **facts: Any) -> None:
    """Listens to `order_released`: lines of an invoiced order were given up, so a credit note takes their price back."""
    if sender.placed_at is None:
        return  # a cart
    db_session: Session = facts["db_session"]
    known = find_standing(db_session, sender)
    if known is None:
        return
    rest = {line.id: line for line in _list_rest(db_session, known)}
    gone = [rest[line.id] for line in facts["lines"] if line.id in rest]
    gone += [_copy(line, id_=line.part_of_id) for line in facts["lines"] if line.part_of_id in rest]
    if sum(line.total_minor for line in gone):
        _take_back(db_session, sender, known, gone, facts["reason"], facts["by"], facts["now"])


def find_standing(db_session: Session, order: Order) -> Invoice | None:
    """The newest invoice of the order that is not wholly taken back."""
    wanted = select(Invoice).where(
        Invoice.order_id == order.id, Invoice.kind == InvoiceKind.INVOICE, Invoice.left_minor > 0
    )
    return db_session.scalars(wanted.order_by(Invoice.id.desc())).first()


def _list_rest(db_session: Session, known: Invoice) -> list[CopiedLine]:
    """The lines of an invoice that no credit note has taken back yet, as the invoice has them, less the pieces that one has."""
    rest = {line["id"]: CopiedLine(**line) for line in known.content["lines"]}
    for note in db_session.scalars(select(Invoice).where(Invoice.corrects_id == known.id)):
        for gone in note.content["lines"]:
            line = rest[gone["id"]]
            line.quantity -= gone["quantity"]
            line.total_minor -= gone["total_minor"]
            line.tax_minor -= gone["tax_minor"]
    return [line for line in rest.values() if line.quantity]


def _take_back(
    db_session: Session,
    order: Order,
    known: Invoice,
    lines: Sequence[CopiedLine],
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    known.left_minor -= sum(line.total_minor for line in lines)
    _issue(db_session, order, lines, address=known.address, by=by, now=now, corrects=known, reason=reason)


def _issue(
    db_session: Session,
    order: Order,
    lines: Sequence[CopiedLine],
    *,
    address: str,
    by: Actor,
    now: datetime,
    due_on: date | None = None,
    corrects: Invoice | None = None,
    reason: str = "",
) -> Invoice:
    """The next paper of its series: a credit note when it corrects one, else an invoice."""
    kind, series = (
        (InvoiceKind.INVOICE, InvoiceSeries) if corrects is None else (InvoiceKind.CREDIT_NOTE, CreditNoteSeries)
    )
    total = sum(line.total_minor for line in lines)
    invoice = Invoice(
        event_id=order.event_id,
        order_id=order.id,
        kind=kind,
        number=take_numbers(db_session, series, event_id=order.event_id),
        corrects_id=corrects.id if corrects is not None else None,
        total_minor=total,
        left_minor=total if corrects is None else 0,
        currency=order.currency,
        address=address,
        content=_content(order, lines, reason),
        issued_at=now,
        due_on=due_on,
    )
    db_session.add(invoice)
    db_session.flush()
    verb = f"{kind.value}.issued"
    record(db_session, now=now, by=by, verb=verb, subject=invoice, total_minor=total, number=invoice.number)
    return invoice


def _content(order: Order, lines: Sequence[CopiedLine], reason: str) -> dict[str, Any]:
    event = order.event
    return {
        "seller": event.invoice_head or event.organizer.name,
        "pay": event.payment_instructions,
        "reason": reason,
        "lines": [asdict(line) for line in lines],
        "taxes": [
            {"words": tax.words, "net_minor": tax.net_minor, "tax_minor": tax.tax_minor} for tax in sum_taxes(lines)
        ],
    }


def _copy(line: OrderLine, *, id_: int | None = None) -> CopiedLine:
    """`id_`: the line that an invoice has it under, where it is a piece of that."""
    return CopiedLine(
        id_ or line.id,
        line.title,
        line.detail,
        line.quantity,
        line.total_minor,
        line.tax_minor,
        line.tax_name,
        line.tax_bp,
        line.tax_is_added,
    )
