"""What payments knows about a person: names on bank lines that paid their orders, on credits and on invoices."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from swapmeet.orders.models import Order, Payment, Refund
from swapmeet.orders.personal import ERASED, is_theirs
from swapmeet.payments.models import BankLine, BankMatch, Credit, Invoice


def _their_lines(person_id: int) -> Any:
    return (
        select(BankMatch.line_id)
        .join(Payment, Payment.id == BankMatch.payment_id)
        .join(Order, Order.id == Payment.order_id)
        .where(is_theirs(person_id))
    )


class PaymentsData:
    """Implements infra.registry.PersonalData. Erased before orders, whose part takes away what leads to the lines."""

    name = "bank transfers"
    found_by: tuple[str, ...] = ("orders",)

    def export(self, db_session: Session, *, person_id: int) -> Any:
        rows = db_session.scalars(
            select(BankLine).where(BankLine.id.in_(_their_lines(person_id))).order_by(BankLine.id)
        )
        return [
            {
                "day": row.day.isoformat(),
                "amount_minor": row.amount_minor,
                "currency": row.currency,
                "payer": row.payer,
                "text": row.text,
            }
            for row in rows
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Name and text go; day and sum stay, as the books need them."""
        theirs = update(BankLine).where(BankLine.id.in_(_their_lines(person_id))).values(payer=ERASED, text="")
        db_session.execute(theirs.execution_options(synchronize_session=False))
        refunds = select(Refund.id).join(Order, Order.id == Refund.order_id).where(is_theirs(person_id))
        credits = update(Credit).where(Credit.refund_id.in_(refunds)).values(holder_name=ERASED, holder_email="")
        db_session.execute(credits.execution_options(synchronize_session=False))


class InvoicesData:
    """Implements infra.registry.PersonalData. The law makes clubs keep invoices as they were issued, so these keep their name."""

    name = "invoices"
    found_by: tuple[str, ...] = ("orders",)

    def export(self, db_session: Session, *, person_id: int) -> Any:
        wanted = select(Invoice).join(Order, Order.id == Invoice.order_id).where(is_theirs(person_id))
        return [
            {
                "kind": invoice.kind.value,
                "number": invoice.number,
                "issued_at": invoice.issued_at.isoformat(),
                "address": invoice.address,
                "total_minor": invoice.total_minor,
                "currency": invoice.currency,
            }
            for invoice in db_session.scalars(wanted.order_by(Invoice.id))
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Nothing changes on a paper; once the order has lost its name, its link leads to none of them any more."""
