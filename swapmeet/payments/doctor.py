"""The invariants of payments as queries that must find nothing."""

from datetime import datetime

from sqlalchemy import case, exists, func, select
from sqlalchemy.orm import Session, aliased

from swapmeet.infra.registry import DoctorQuery
from swapmeet.orders.models import OPEN_STATES, Order, Payment, PaymentState, PayMethod
from swapmeet.payments.models import (
    BankLine,
    BankMatch,
    CardPayment,
    Credit,
    CreditNoteSeries,
    CreditUse,
    Deposit,
    DepositCheck,
    DepositSeries,
    Invoice,
    InvoiceKind,
    InvoiceSeries,
    LineState,
)

SHOWN = 20


def lines_differ(db_session: Session, now: datetime) -> list[str]:
    """5. A recorded bank line has become payments of exactly its sum, or shows a deposit of that sum; any other line nothing."""
    paid = (
        select(func.coalesce(func.sum(Payment.amount_minor), 0))
        .join(BankMatch, BankMatch.payment_id == Payment.id)
        .where(BankMatch.line_id == BankLine.id)
        .correlate(BankLine)
        .scalar_subquery()
    )
    due = case((BankLine.state == LineState.RECORDED, BankLine.amount_minor), else_=0)
    shown = (
        select(func.coalesce(func.sum(Deposit.checks_minor + Deposit.cash_minor), 0))
        .where(Deposit.line_id == BankLine.id)
        .correlate(BankLine)
        .scalar_subquery()
    )
    wrong = select(BankLine.id, BankLine.state, paid.label("paid")).where(paid + shown != due).order_by(BankLine.id)
    return [
        f"bank line {row.id} is {row.state.value}, its payments are {row.paid}"
        for row in db_session.execute(wrong.limit(SHOWN))
    ]


def deposits_differ(db_session: Session, now: datetime) -> list[str]:
    """5. The checks of a deposit add up to what it says, and each is a check; its number is within its series."""
    checks = (
        select(func.coalesce(func.sum(Payment.amount_minor), 0))
        .join(DepositCheck, DepositCheck.payment_id == Payment.id)
        .where(DepositCheck.deposit_id == Deposit.id, Payment.method == PayMethod.CHECK)
        .correlate(Deposit)
        .scalar_subquery()
    )
    in_series = exists().where(DepositSeries.event_id == Deposit.event_id, DepositSeries.last_number >= Deposit.number)
    wrong = select(Deposit.id, checks.label("checks")).where((checks != Deposit.checks_minor) | ~in_series)
    return [
        f"deposit {row.id} has checks of {row.checks}, or a number beyond its series"
        for row in db_session.execute(wrong.order_by(Deposit.id).limit(SHOWN))
    ]


def credits_differ(db_session: Session, now: datetime) -> list[str]:
    """5. What is left of a credit is its sum less what was paid with it."""
    spent = (
        select(func.coalesce(func.sum(Payment.amount_minor), 0))
        .join(CreditUse, CreditUse.payment_id == Payment.id)
        .where(CreditUse.credit_id == Credit.id)
        .correlate(Credit)
        .scalar_subquery()
    )
    wrong = select(Credit.id, spent.label("spent")).where(Credit.amount_minor - spent != Credit.left_minor)
    return [
        f"credit {row.id}: {row.spent} was paid with it, and what is left says otherwise"
        for row in db_session.execute(wrong.order_by(Credit.id).limit(SHOWN))
    ]


def cards_differ(db_session: Session, now: datetime) -> list[str]:
    """5. A confirmed card payment names the provider's payment, and each of those counts once."""
    nameless = (
        select(Payment.id)
        .outerjoin(CardPayment, CardPayment.payment_id == Payment.id)
        .where(
            Payment.method == PayMethod.CARD, Payment.state == PaymentState.CONFIRMED, CardPayment.intent_ref.is_(None)
        )
        .order_by(Payment.id)
    )
    return [
        f"card payment {row.id} names no payment of the provider" for row in db_session.execute(nameless.limit(SHOWN))
    ]


def invoices_gapped(db_session: Session, now: datetime) -> list[str]:
    """13. Numbers 1..n are there once each in both series of a show, and n is the series' last number."""
    found = []
    for kind, series in ((InvoiceKind.INVOICE, InvoiceSeries), (InvoiceKind.CREDIT_NOTE, CreditNoteSeries)):
        counted = (
            select(Invoice.event_id, func.count().label("count"), func.max(Invoice.number).label("greatest"))
            .where(Invoice.kind == kind)
            .group_by(Invoice.event_id)
            .subquery()
        )
        wrong = (
            select(series.event_id, series.last_number, counted.c.count, counted.c.greatest)
            .outerjoin(counted, counted.c.event_id == series.event_id)
            .where(
                (func.coalesce(counted.c.count, 0) != series.last_number)
                | (func.coalesce(counted.c.greatest, 0) != series.last_number)
            )
            .limit(SHOWN)
        )
        found += [
            f"show {row.event_id}: {row.count} papers of kind {kind.value} up to {row.greatest}, the series says {row.last_number}"
            for row in db_session.execute(wrong)
        ]
    return found


def invoices_differ(db_session: Session, now: datetime) -> list[str]:
    """4. What is left of an invoice is its sum less its credit notes."""
    note = aliased(Invoice)
    taken = (
        select(func.coalesce(func.sum(note.total_minor), 0))
        .where(note.corrects_id == Invoice.id)
        .correlate(Invoice)
        .scalar_subquery()
    )
    wrong = select(Invoice.id, Invoice.number).where(
        Invoice.kind == InvoiceKind.INVOICE, Invoice.total_minor - taken != Invoice.left_minor
    )
    return [
        f"invoice {row.number}: its credit notes say otherwise than what is left"
        for row in db_session.execute(wrong.order_by(Invoice.id).limit(SHOWN))
    ]


def on_invoice_without(db_session: Session, now: datetime) -> list[str]:
    """3. An order on invoice that stands has an invoice over all it holds."""
    covered = exists().where(
        Invoice.order_id == Order.id,
        Invoice.kind == InvoiceKind.INVOICE,
        Invoice.left_minor == Order.total_minor,
    )
    wrong = select(Order.code).where(
        Order.method == PayMethod.INVOICE, Order.state.in_(OPEN_STATES), Order.total_minor > 0, ~covered
    )
    return [
        f"order {code} is on invoice, and no invoice is over what it holds"
        for code in db_session.scalars(wrong.order_by(Order.id).limit(SHOWN))
    ]


QUERIES = (
    DoctorQuery(3, "orders on invoice have one", on_invoice_without),
    DoctorQuery(13, "invoice numbers without gap or repeat", invoices_gapped),
    DoctorQuery(4, "invoices equal their credit notes", invoices_differ),
    DoctorQuery(5, "card payments name the provider's", cards_differ),
    DoctorQuery(5, "bank lines equal their payments", lines_differ),
    DoctorQuery(5, "deposits equal their checks", deposits_differ),
    DoctorQuery(5, "credits equal what was paid with them", credits_differ),
)
