"""Statements of the bank, their lines that brought money, and the payments that lines became."""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, minor, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class BankStatement(Model):
    """A statement file that was imported. Its text is not kept; what it brought is in its lines."""

    __tablename__ = "bank_statement"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(16))
    account: Mapped[str] = mapped_column(String(64), default="")
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    came_in: Mapped[int] = mapped_column(default=0)  # lines that brought money
    known_before: Mapped[int] = mapped_column(default=0)  # of these, how many an earlier file had brought
    went_out: Mapped[int] = mapped_column(default=0)
    imported_at: Mapped[instant]
    imported_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    faults: Mapped[list["BankFault"]] = relationship(order_by="BankFault.id")

    __table_args__ = (UniqueConstraint("event_id", "id"), Index("ix_bank_statement_event", "event_id", "imported_at"))


class BankFault(Model):
    """What was wrong with a line of a statement, in words. `number` None: with the file as a whole."""

    __tablename__ = "bank_fault"

    id: Mapped[pk]
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id", ondelete="CASCADE"), index=True)
    number: Mapped[int | None]
    sentence: Mapped[str] = mapped_column(String(300))


class LineState(StrEnum):
    OPEN = "open"
    RECORDED = "recorded"
    IGNORED = "ignored"


BANK_LINE_MACHINE = Machine(
    "bank line",
    LineState,
    {
        LineState.OPEN: frozenset({LineState.RECORDED, LineState.IGNORED}),
        LineState.IGNORED: frozenset({LineState.OPEN}),
        LineState.RECORDED: frozenset(),
    },
)


class BankLine(Model):
    """Money that came to the account. `fingerprint` is unique in a show, so no file brings the same money twice."""

    __tablename__ = "bank_line"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    statement_id: Mapped[int] = mapped_column(BigId)
    number: Mapped[int]
    day: Mapped[date]
    amount_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    payer: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(String(500), default="")
    bank_ref: Mapped[str] = mapped_column(String(100), default="")
    fingerprint: Mapped[str] = mapped_column(String(64))
    is_repeat: Mapped[bool] = mapped_column(default=False)
    state: Mapped[LineState] = mapped_column(enum_column(LineState), default=LineState.OPEN)
    note: Mapped[str] = mapped_column(String(300), default="")
    decided_at: Mapped[optional_instant]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        same_event("statement_id", "bank_statement", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "fingerprint"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_bank_line_state", "event_id", "state"),
        Index("ix_bank_line_statement", "statement_id"),
    )


class BankMatch(Model):
    """A payment that a bank line became; one line may pay several orders."""

    __tablename__ = "bank_match"

    payment_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(BigId)

    __table_args__ = (
        same_event("payment_id", "payment"),
        same_event("line_id", "bank_line"),
        Index("ix_bank_match_line", "line_id"),
    )


class CardPayment(Model):
    """The hosted page of a provider where a payment is made. `session_ref` and `intent_ref` are the provider's own names.

    `seal` makes the idempotency key: asked again after a lost answer, the provider gives the same page.
    """

    __tablename__ = "card_payment"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), primary_key=True, autoincrement=False)
    provider: Mapped[str] = mapped_column(String(16))
    seal: Mapped[str] = mapped_column(String(40))
    session_ref: Mapped[str | None] = mapped_column(String(200), unique=True)
    intent_ref: Mapped[str | None] = mapped_column(String(200), unique=True)
    page_url: Mapped[str] = mapped_column(String(2000), default="")
    ends_at: Mapped[optional_instant]
    problem: Mapped[str] = mapped_column(String(300), default="")


class CardRefund(Model):
    """A refund at the provider; `problem` is why it refused, for the treasurer."""

    __tablename__ = "card_refund"

    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id"), primary_key=True, autoincrement=False)
    refund_ref: Mapped[str | None] = mapped_column(String(200), unique=True)
    problem: Mapped[str] = mapped_column(String(300), default="")


class ProviderEvent(Model):
    """A message of the provider, once each however often it comes. Only what it is about is kept, never its content."""

    __tablename__ = "provider_event"

    id: Mapped[pk]
    provider: Mapped[str] = mapped_column(String(16))
    event_ref: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(100))
    about: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(40))
    received_at: Mapped[instant]

    __table_args__ = (UniqueConstraint("provider", "event_ref"),)


class DepositSeries(Model):
    """The last number given to a deposit of a show."""

    __tablename__ = "deposit_series"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class Deposit(Model):
    """Checks and cash taken to the bank together. `expected_cash_minor` is what the books said, `cash_minor` what was counted."""

    __tablename__ = "deposit"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))
    number: Mapped[int]
    checks_minor: Mapped[minor]
    expected_cash_minor: Mapped[minor]
    cash_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    note: Mapped[str] = mapped_column(String(300), default="")
    line_id: Mapped[int | None] = mapped_column(BigId)  # the bank line that shows its arrival
    made_at: Mapped[instant]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "number"),
        UniqueConstraint("line_id"),
        same_event("line_id", "bank_line"),
        CheckConstraint("cash_minor >= 0", name="cash_not_negative"),
        CheckConstraint("checks_minor + cash_minor > 0", name="holds_something"),
    )

    @property
    def total_minor(self) -> int:
        return self.checks_minor + self.cash_minor

    @property
    def difference_minor(self) -> int:
        """Cash beyond what the books said; negative when some was missing."""
        return self.cash_minor - self.expected_cash_minor


class DepositCheck(Model):
    """A check that went to the bank with a deposit: each with one."""

    __tablename__ = "deposit_check"

    payment_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    deposit_id: Mapped[int] = mapped_column(BigId)

    __table_args__ = (
        same_event("payment_id", "payment"),
        same_event("deposit_id", "deposit"),
        Index("ix_deposit_check_deposit", "deposit_id"),
    )


class Credit(Model):
    """Money that somebody may spend at any later show of the organizer, instead of a refund. `left_minor` only goes down."""

    __tablename__ = "credit"

    id: Mapped[pk]
    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="RESTRICT"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))  # where it comes from
    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id"), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    amount_minor: Mapped[minor]
    left_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    holder_name: Mapped[str] = mapped_column(String(200), default="")
    holder_email: Mapped[str] = mapped_column(String(255), default="")
    expires_on: Mapped[date | None]
    created_at: Mapped[instant]

    __table_args__ = (
        CheckConstraint("left_minor >= 0 AND left_minor <= amount_minor", name="left_in_bounds"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_credit_organizer", "organizer_id"),
    )


class CreditUse(Model):
    """A payment made with a credit."""

    __tablename__ = "credit_use"

    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), primary_key=True, autoincrement=False)
    credit_id: Mapped[int] = mapped_column(ForeignKey("credit.id"), index=True)


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceSeries(Model):
    """The last invoice number of a show. It moves in the transaction that adds the invoice, so a rollback leaves no gap."""

    __tablename__ = "invoice_series"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class CreditNoteSeries(Model):
    """The same for credit notes."""

    __tablename__ = "credit_note_series"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    last_number: Mapped[int] = mapped_column(default=0)


class Invoice(Model):
    """An invoice or a credit note as it was issued: `content` is a copy, so that nothing of it changes later.

    `left_minor` of an invoice is what credit notes have not taken back of it yet. `address` is the buyer's, as they wrote it.
    """

    __tablename__ = "invoice"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))
    order_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[InvoiceKind] = mapped_column(enum_column(InvoiceKind))
    number: Mapped[int]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))
    total_minor: Mapped[minor]
    left_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    address: Mapped[str] = mapped_column(String(600), default="")
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    issued_at: Mapped[instant]
    due_on: Mapped[date | None]

    __table_args__ = (
        same_event("order_id", "order"),
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "kind", "number"),
        CheckConstraint("number > 0", name="number_from_one"),
        CheckConstraint("total_minor > 0", name="total_positive"),
        CheckConstraint("left_minor >= 0 AND left_minor <= total_minor", name="left_in_bounds"),
        CheckConstraint("(kind = 'credit_note') = (corrects_id IS NOT NULL)", name="notes_correct_something"),
        Index("ix_invoice_order", "order_id"),
    )
