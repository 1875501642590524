"""Bookings: the few shapes a transaction may have. Each posts entries that sum to zero; nothing is ever changed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from swapmeet.infra.codes import badge_code
from swapmeet.infra.uow import write
from swapmeet.orders.models import Account, LedgerEntry, Order, OrderLine, Payment, PayMethod, Refund

TENDER: dict[PayMethod, Account] = {
    PayMethod.CASH: Account.CASH,
    PayMethod.CHECK: Account.CHECKS,
    PayMethod.TRANSFER: Account.BANK,
    PayMethod.CREDIT: Account.CREDITS,
    PayMethod.CARD: Account.CARD,
}
MONEY_ACCOUNTS = (Account.CASH, Account.CHECKS, Account.BANK, Account.CARD)  # what is really there
TENDER_ACCOUNTS = (*MONEY_ACCOUNTS, Account.CREDITS)
BY_HAND = (PayMethod.CASH, PayMethod.CHECK, PayMethod.TRANSFER)  # what treasurers record and send themselves
MOVED = "deposit"  # the detail of entries that only move money from one account of ours to another
Side = tuple[Account, str, int]


def _post(
    db_session: Session,
    order: Order,
    sides: Sequence[Side],
    *,
    now: datetime,
    memo: str,
    payment_id: int | None = None,
    refund_id: int | None = None,
) -> None:
    """Add the non-zero sides as one transaction of the order. Raises ValueError when they do not sum to zero."""
    about = {"order_id": order.id, "payment_id": payment_id, "refund_id": refund_id}
    _add(db_session, order.event_id, order.currency, sides, now=now, memo=memo, about=about)


def _add(
    db_session: Session,
    event_id: int,
    currency: str,
    sides: Sequence[Side],
    *,
    now: datetime,
    memo: str,
    about: Mapping[str, int | None],
) -> None:
    if sum(amount for _, _, amount in sides) != 0:
        raise ValueError("a transaction must sum to zero")
    transaction_code = badge_code()
    for account, detail, amount in sides:
        if amount:
            db_session.add(
                LedgerEntry(
                    event_id=event_id,
                    transaction_code=transaction_code,
                    account=account,
                    detail=detail,
                    amount_minor=amount,
                    currency=currency,
                    posted_at=now,
                    memo=memo[:200],
                    **about,
                )
            )


def post_sale(db_session: Session, order: Order, lines: Sequence[OrderLine], *, now: datetime) -> None:
    """The order is placed: the buyer owes, by product kind, with the tax apart."""
    _post(db_session, order, _sale_sides(lines), now=now, memo=_sale_memo(order))


def _sale_sides(lines: Sequence[OrderLine]) -> list[Side]:
    sold = _sold(lines)
    return [
        (Account.RECEIVABLE, "", sum(sum_ for _, _, sum_ in sold)),
        *((what, kind, -sum_) for what, kind, sum_ in sold),
    ]


def _sale_memo(order: Order) -> str:
    return f"order {order.code} placed"


def post_many(
    db_session: Session,
    sales: Sequence[tuple[Order, Sequence[OrderLine]]],
    payments: Sequence[tuple[Order, Payment]],
    *,
    now: datetime,
) -> None:
    """The same bookings for many orders at once, past the ORM: what was sold, then what came in for it."""
    shapes: list[tuple[Order, list[Side], str, int | None]]
    shapes = [(order, _sale_sides(lines), _sale_memo(order), None) for order, lines in sales]
    shapes += [(order, _payment_sides(paid), _payment_memo(paid), paid.id) for order, paid in payments]
    rows = []
    for order, sides, memo, payment_id in shapes:
        if sum(amount for _, _, amount in sides) != 0:
            raise ValueError("a transaction must sum to zero")
        same = {
            "event_id": order.event_id,
            "order_id": order.id,
            "payment_id": payment_id,
            "transaction_code": badge_code(),
            "currency": order.currency,
            "posted_at": now,
            "memo": memo[:200],
        }
        rows += [
            {**same, "account": account, "detail": detail, "amount_minor": amount}
            for account, detail, amount in sides
            if amount
        ]
    if rows:
        table: Any = LedgerEntry.__table__
        write(db_session, insert(table).inline(), rows)


def _sold(lines: Sequence[OrderLine]) -> list[Side]:
    """The net price of lines by kind, and their tax by rate."""
    sums: dict[tuple[Account, str], int] = defaultdict(int)
    for line in lines:
        sums[(Account.SALES, line.kind)] += line.total_minor - line.tax_minor
        if line.tax_minor:
            sums[(Account.TAX, f"{line.tax_name} {line.tax_bp}"[:32])] += line.tax_minor
    return [(account, detail, sum_) for (account, detail), sum_ in sorted(sums.items())]


def post_payment(db_session: Session, order: Order, payment: Payment, *, now: datetime) -> None:
    """Money came in: the tender's account grows, the buyer owes less."""
    sides, memo = _payment_sides(payment), _payment_memo(payment)
    _post(db_session, order, sides, now=now, memo=memo, payment_id=payment.id)


def _payment_sides(payment: Payment) -> list[Side]:
    return [(TENDER[payment.method], "", payment.amount_minor), (Account.RECEIVABLE, "", -payment.amount_minor)]


def _payment_memo(payment: Payment) -> str:
    return f"{payment.method.value} {payment.reference}".strip()


def post_cancellation(
    db_session: Session,
    order: Order,
    lines: Sequence[OrderLine],
    *,
    kept_minor: int,
    owed_back_minor: int,
    now: datetime,
) -> None:
    """Lines are given up: their sales are reversed, what stays is a fee, what comes back is owed to the buyer.

    receivable falls by the lines' total, less the fee kept, less what was paid and is now a refund owed.
    """
    sold = _sold(lines)
    total = sum(sum_ for _, _, sum_ in sold)
    sides = [*sold]
    sides += [(Account.FEES_KEPT, "", -kept_minor), (Account.REFUNDS_OWED, "", -owed_back_minor)]
    sides += [(Account.RECEIVABLE, "", -(total - kept_minor - owed_back_minor))]
    _post(db_session, order, sides, now=now, memo=f"order {order.code} canceled")


def post_exchange(db_session: Session, order: Order, old: OrderLine, new: OrderLine, *, now: datetime) -> None:
    """One thing for another: the buyer owes the difference more (or less), sales and taxes change by as much."""
    changes: dict[tuple[Account, str], int] = defaultdict(int)
    for sign, line in ((1, old), (-1, new)):
        for account, detail, sum_ in _sold([line]):
            changes[(account, detail)] += sign * sum_
    sides = [(account, detail, sum_) for (account, detail), sum_ in sorted(changes.items())]
    sides.append((Account.RECEIVABLE, "", new.total_minor - old.total_minor))
    _post(db_session, order, sides, now=now, memo=f"order {order.code}: {new.title} instead of {old.title}")


def post_credit_back(db_session: Session, order: Order, amount_minor: int, *, now: datetime) -> None:
    """What was paid too much is owed back to the buyer from now on."""
    sides = [(Account.RECEIVABLE, "", amount_minor), (Account.REFUNDS_OWED, "", -amount_minor)]
    _post(db_session, order, sides, now=now, memo=f"order {order.code} paid too much")


def post_refund(db_session: Session, order: Order, refund: Refund, *, now: datetime) -> None:
    """Money went back: the debt to the buyer is settled from the tender's account, for our own check from the bank's."""
    out_of = Account.BANK if refund.method is PayMethod.CHECK else TENDER[refund.method]
    sides = [(Account.REFUNDS_OWED, "", refund.amount_minor), (out_of, "", -refund.amount_minor)]
    _post(db_session, order, sides, now=now, memo=f"refund {refund.reference}".strip(), refund_id=refund.id)


def post_giving_back(db_session: Session, order: Order, amount_minor: int, *, now: datetime) -> None:
    """Part of the price is given back although the order stands; it is owed to the buyer from now on."""
    sides = [(Account.GIVEN_BACK, "", amount_minor), (Account.REFUNDS_OWED, "", -amount_minor)]
    _post(db_session, order, sides, now=now, memo=f"order {order.code} part given back")


def post_giving_less(db_session: Session, order: Order, amount_minor: int, *, now: datetime) -> None:
    """The price came down below what was given back of it: so much of that was no gift any more."""
    sides = [(Account.GIVEN_BACK, "", -amount_minor), (Account.RECEIVABLE, "", amount_minor)]
    _post(db_session, order, sides, now=now, memo=f"order {order.code} price below what was given back")


def post_check_deposit(db_session: Session, order: Order, payment: Payment, *, number: int, now: datetime) -> None:
    """A check goes to the bank."""
    sides = [(Account.BANK, MOVED, payment.amount_minor), (Account.CHECKS, MOVED, -payment.amount_minor)]
    _post(db_session, order, sides, now=now, memo=f"deposit {number}")


def post_cash_deposit(
    db_session: Session,
    *,
    event_id: int,
    currency: str,
    expected_minor: int,
    counted_minor: int,
    number: int,
    now: datetime,
) -> None:
    """All cash goes to the bank as it was counted; what the books said otherwise is a cash difference."""
    sides = [
        (Account.BANK, MOVED, counted_minor),
        (Account.CASH, MOVED, -expected_minor),
        (Account.CASH_DIFFERENCE, MOVED, expected_minor - counted_minor),
    ]
    _add(db_session, event_id, currency, sides, now=now, memo=f"deposit {number}", about={})


def balance_of(db_session: Session, order: Order, *, account: Account, as_of: datetime | None = None) -> int:
    """The balance of one account for an order, in minor units; `as_of` (inclusive) looks at a past instant."""
    statement = select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(
        LedgerEntry.order_id == order.id, LedgerEntry.account == account
    )
    if as_of is not None:
        statement = statement.where(LedgerEntry.posted_at <= as_of)
    return int(db_session.scalar(statement) or 0)


def owed(db_session: Session, order: Order) -> int:
    """What the buyer still owes; negative when too much was paid."""
    return balance_of(db_session, order, account=Account.RECEIVABLE)


def owed_of(db_session: Session, order_ids: Sequence[int]) -> dict[int, int]:
    """The same for several orders at once, by id; one that nothing was booked for is missing."""
    statement = (
        select(LedgerEntry.order_id, func.sum(LedgerEntry.amount_minor))
        .where(LedgerEntry.order_id.in_(order_ids), LedgerEntry.account == Account.RECEIVABLE)
        .group_by(LedgerEntry.order_id)
    )
    rows = db_session.execute(statement).all() if order_ids else []
    return {order_id: int(sum_) for order_id, sum_ in rows if order_id is not None}
