"""Quotas, orders with their lines, payments, refunds and the append-only double-entry ledger."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.infra.audit import install_append_only
from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, Json, enum_column, instant, minor, optional_instant, pk
from swapmeet.kernel.transitions import Machine
from swapmeet.orders.links import link_key
from swapmeet.orders.taxes import tax_of


class Quota(Model):
    """A capacity shared by some products. `taken` is moved only by the guarded update of `scarcity.py`; None is unlimited."""

    __tablename__ = "quota"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("capacity IS NULL OR taken <= capacity", name="not_oversold"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity_not_negative"),
    )


class OrderState(StrEnum):
    CART = "cart"
    PLACED = "placed"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    CANCELED = "canceled"


ORDER_MACHINE = Machine(
    "order",
    OrderState,
    {
        OrderState.CART: frozenset({OrderState.PLACED, OrderState.CONFIRMED, OrderState.EXPIRED, OrderState.CANCELED}),
        OrderState.PLACED: frozenset({OrderState.CONFIRMED, OrderState.EXPIRED, OrderState.CANCELED}),
        OrderState.CONFIRMED: frozenset({OrderState.CANCELED}),
        OrderState.EXPIRED: frozenset({OrderState.PLACED}),  # money came late and everything is still free
        OrderState.CANCELED: frozenset(),
    },
)

# Quantities of these states count against a quota (a cart only until its expiry).
LIVE_STATES = (OrderState.CART, OrderState.PLACED, OrderState.CONFIRMED)
# Placed and still standing, paid or not.
OPEN_STATES = (OrderState.PLACED, OrderState.CONFIRMED)


class PayMethod(StrEnum):
    FREE = "free"
    CHECK = "check"
    TRANSFER = "transfer"
    CASH = "cash"
    CREDIT = "credit"
    CARD = "card"
    INVOICE = "invoice"  # by a later day; the money itself then comes by any of the others


class Order(Model):
    """A cart first (found by its own cookie), an order once placed. One checkout for tickets, tables and sign-ups.

    `total_minor` is the sum of live lines. `adjust_minor` is owed on top of it: what is kept of lines that were given up,
    less what was given back although the order stands. `due_at` bounds how long an unpaid order keeps its places.
    `key_digest` is what a link is checked against.
    `cart_digest` stays for good: a cart that ran out or was placed is still found by its cookie and says so.
    """

    __tablename__ = "order"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))
    code: Mapped[str] = mapped_column(String(16), unique=True)
    state: Mapped[OrderState] = mapped_column(enum_column(OrderState), default=OrderState.CART)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    cart_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    key_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    link_seal: Mapped[str | None] = mapped_column(String(64))  # with the secret key it gives the order link (links.py)
    buyer_name: Mapped[str] = mapped_column(String(200), default="")
    buyer_email: Mapped[str] = mapped_column(String(255), default="")
    buyer_phone: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    method: Mapped[PayMethod | None] = mapped_column(enum_column(PayMethod))
    currency: Mapped[str] = mapped_column(String(3))
    total_minor: Mapped[minor] = mapped_column(default=0)
    adjust_minor: Mapped[minor] = mapped_column(default=0)
    claimed_at: Mapped[optional_instant]  # the first claim; extensions are counted from it
    expires_at: Mapped[optional_instant]
    due_at: Mapped[optional_instant]
    mail_held_at: Mapped[optional_instant]  # its mail was not sent, since the address had too many; None once one was
    policy_id: Mapped[int | None] = mapped_column(BigId)
    vendor_policy_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[instant]
    placed_at: Mapped[optional_instant]
    confirmed_at: Mapped[optional_instant]
    closed_at: Mapped[optional_instant]
    search_text: Mapped[str] = mapped_column(String(800), default="")

    event: Mapped[Event] = relationship()
    person: Mapped[Person | None] = relationship()
    lines: Mapped[list["OrderLine"]] = relationship(back_populates="order", order_by="OrderLine.id")
    payments: Mapped[list["Payment"]] = relationship(back_populates="order", order_by="Payment.id")

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        same_event("policy_id", "policy"),
        same_event("vendor_policy_id", "policy"),
        CheckConstraint("total_minor >= 0", name="total_not_negative"),
        CheckConstraint("state <> 'cart' OR expires_at IS NOT NULL", name="cart_expires"),
        Index(
            "ix_order_expiry",
            "expires_at",
            sqlite_where=text("state = 'cart'"),
            postgresql_where=text("state = 'cart'"),
        ),
        Index(
            "ix_order_due",
            "due_at",
            sqlite_where=text("state = 'placed'"),
            postgresql_where=text("state = 'placed'"),
        ),
        Index("ix_order_event_placed", "event_id", "placed_at", "id"),
        Index("ix_order_person", "person_id"),
        Index("ix_order_email", "buyer_email"),
    )

    def is_open_cart(self, now: datetime) -> bool:
        """Not placed, and its hold still runs."""
        return self.state is OrderState.CART and self.expires_at is not None and self.expires_at > now

    @property
    def link_key(self) -> str | None:
        """The secret of the order's link, sent again on request; None for a cart."""
        return link_key(self.code, self.link_seal) if self.link_seal else None


class OrderLine(Model):
    """One thing bought, `quantity` times. `kind` names the sellable, `product_id` the row of that feature.

    `facts` is what the feature needs to remember of the choice (a place id, attendee names …). A canceled line keeps its
    price for the books and no longer counts against its quotas. Pieces that were given up of a line are a line of their own:
    `part_of_id` is where they came from, `tax_shift_minor` what the two taxes together would differ from the one of before.
    """

    __tablename__ = "order_line"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    order_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[str] = mapped_column(String(32))
    product_id: Mapped[int] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(String(300))
    detail: Mapped[str] = mapped_column(String(300), default="")
    quantity: Mapped[int]
    unit_minor: Mapped[minor]
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    refund_policy: Mapped[str] = mapped_column(String(32), default="attendee_refund")
    tax_name: Mapped[str] = mapped_column(String(60), default="")
    tax_bp: Mapped[int] = mapped_column(default=0)  # basis points
    tax_is_added: Mapped[bool] = mapped_column(default=False)
    tax_shift_minor: Mapped[minor] = mapped_column(default=0)
    part_of_id: Mapped[int | None] = mapped_column(BigId)
    released_at: Mapped[optional_instant]
    created_at: Mapped[instant]

    order: Mapped[Order] = relationship(
        back_populates="lines", foreign_keys=[order_id], primaryjoin="OrderLine.order_id == Order.id"
    )
    quotas: Mapped[list["LineQuota"]] = relationship(
        back_populates="line", foreign_keys="LineQuota.line_id", primaryjoin="LineQuota.line_id == OrderLine.id"
    )

    __table_args__ = (
        same_event("order_id", "order", ondelete="CASCADE"),
        UniqueConstraint("event_id", "id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_minor >= 0", name="price_not_negative"),
        Index("ix_order_line_order", "order_id"),
        Index("ix_order_line_product", "event_id", "kind", "product_id"),
    )

    @property
    def tax_minor(self) -> int:
        """The tax on this line, rounded once for all its pieces."""
        if not self.tax_bp:
            return 0
        own = tax_of(self.unit_minor * self.quantity, self.tax_bp, is_added=self.tax_is_added)
        return own + (self.tax_shift_minor or 0)

    @property
    def total_minor(self) -> int:
        """What the line costs, tax and all."""
        return self.unit_minor * self.quantity + (self.tax_minor if self.tax_is_added else 0)

    @property
    def is_live(self) -> bool:
        return self.released_at is None


class LineQuota(Model):
    """How much a line takes of a quota. Deleted when the line gives it back, so the sum per quota is `quota.taken`."""

    __tablename__ = "line_quota"

    line_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    quota_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    quantity: Mapped[int]

    line: Mapped[OrderLine] = relationship(
        back_populates="quotas", foreign_keys=[line_id], primaryjoin="LineQuota.line_id == OrderLine.id"
    )

    __table_args__ = (
        same_event("line_id", "order_line", ondelete="CASCADE"),
        same_event("quota_id", "quota"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        Index("ix_line_quota_quota", "quota_id"),
    )


class PaymentState(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELED = "canceled"


PAYMENT_MACHINE = Machine(
    "payment",
    PaymentState,
    {
        PaymentState.CREATED: frozenset(
            {PaymentState.PENDING, PaymentState.CONFIRMED, PaymentState.FAILED, PaymentState.CANCELED}
        ),
        PaymentState.PENDING: frozenset({PaymentState.CONFIRMED, PaymentState.FAILED, PaymentState.CANCELED}),
        PaymentState.CONFIRMED: frozenset(),
        PaymentState.FAILED: frozenset(),
        PaymentState.CANCELED: frozenset(),
    },
)


class Payment(Model):
    """Money that came in for an order. Confirmed once, however often it is reported."""

    __tablename__ = "payment"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))
    order_id: Mapped[int] = mapped_column(BigId)
    method: Mapped[PayMethod] = mapped_column(enum_column(PayMethod))
    state: Mapped[PaymentState] = mapped_column(enum_column(PaymentState), default=PaymentState.CREATED)
    amount_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    reference: Mapped[str] = mapped_column(String(100), default="")  # check number, statement text
    received_at: Mapped[optional_instant]
    created_at: Mapped[instant]
    confirmed_at: Mapped[optional_instant]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    order: Mapped[Order] = relationship(
        back_populates="payments", foreign_keys=[order_id], primaryjoin="Payment.order_id == Order.id"
    )

    __table_args__ = (
        same_event("order_id", "order"),
        UniqueConstraint("event_id", "id"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_payment_order", "order_id"),
        Index("ix_payment_event_confirmed", "event_id", "confirmed_at"),
    )


class RefundState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SENT = "sent"
    DONE = "done"
    FAILED = "failed"


REFUND_MACHINE = Machine(
    "refund",
    RefundState,
    {
        RefundState.REQUESTED: frozenset({RefundState.APPROVED, RefundState.FAILED}),
        RefundState.APPROVED: frozenset({RefundState.SENT, RefundState.DONE, RefundState.FAILED}),
        RefundState.SENT: frozenset({RefundState.DONE, RefundState.FAILED}),
        RefundState.DONE: frozenset(),
        RefundState.FAILED: frozenset(),
    },
)


class Refund(Model):
    """Money that goes back for an order. The sum of live refunds never exceeds what was captured."""

    __tablename__ = "refund"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))
    order_id: Mapped[int] = mapped_column(BigId)
    method: Mapped[PayMethod] = mapped_column(enum_column(PayMethod))
    state: Mapped[RefundState] = mapped_column(enum_column(RefundState), default=RefundState.REQUESTED)
    amount_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[instant]
    closed_at: Mapped[optional_instant]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    order: Mapped[Order] = relationship(foreign_keys=[order_id], primaryjoin="Refund.order_id == Order.id")

    __table_args__ = (
        same_event("order_id", "order"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_refund_order", "order_id"),
        Index("ix_refund_event_state", "event_id", "state"),
    )


class RefundSource(Model):
    """Which payment a refund gives back, so that it goes the way the money came."""

    __tablename__ = "refund_source"

    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id"), primary_key=True, autoincrement=False)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"), index=True)


class Account(StrEnum):
    """The accounts of the books. Debit amounts are positive, credit amounts negative; each transaction sums to zero."""

    RECEIVABLE = "receivable"  # what buyers owe
    SALES = "sales"  # what was sold, by product kind in `detail`
    CASH = "cash"
    CHECKS = "checks"
    BANK = "bank"
    FEES_KEPT = "fees_kept"  # what stays after a cancellation
    REFUNDS_OWED = "refunds_owed"
    CREDITS = "credits"  # what people may still spend at later shows; an entry here is a tender like cash
    GIVEN_BACK = "given_back"  # part of a price, given back although the order stands
    TAX = "tax"  # what is owed to the state
    CARD = "card"  # at the payment provider, until it pays out
    CASH_DIFFERENCE = "cash_difference"  # cash that was counted and not in the books, or the reverse


class LedgerEntry(Model):
    """One side of a booking. Rows are only ever added; `transaction_code` groups the sides that sum to zero.

    `order_id` None: the booking is about the show as a whole, like cash that goes to the bank.
    """

    __tablename__ = "ledger_entry"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))
    order_id: Mapped[int | None] = mapped_column(BigId)
    transaction_code: Mapped[str] = mapped_column(String(40))
    account: Mapped[Account] = mapped_column(enum_column(Account))
    detail: Mapped[str] = mapped_column(String(32), default="")
    amount_minor: Mapped[minor]
    currency: Mapped[str] = mapped_column(String(3))
    posted_at: Mapped[instant]
    payment_id: Mapped[int | None] = mapped_column(BigId)
    refund_id: Mapped[int | None] = mapped_column(BigId)
    memo: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (
        same_event("order_id", "order"),
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        Index("ix_ledger_entry_order", "order_id"),
        Index("ix_ledger_entry_event_posted", "event_id", "posted_at"),
        Index("ix_ledger_entry_transaction", "transaction_code"),
    )


install_append_only(LedgerEntry.__table__)
