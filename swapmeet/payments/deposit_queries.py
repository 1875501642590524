"""Reads of deposits: what lies in the drawer, and what went to the bank."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event
from swapmeet.kernel.errors import NotFound
from swapmeet.orders.models import Account, LedgerEntry, Payment, PaymentState, PayMethod
from swapmeet.payments.models import Deposit, DepositCheck
from swapmeet.web.paging import Page, paginate


def list_checks_in_hand(db_session: Session, *, event_id: int) -> list[Payment]:
    """Checks that are in no deposit yet, the oldest first, with their orders."""
    wanted = (
        select(Payment)
        .outerjoin(DepositCheck, DepositCheck.payment_id == Payment.id)
        .where(
            Payment.event_id == event_id,
            Payment.method == PayMethod.CHECK,
            Payment.state == PaymentState.CONFIRMED,
            DepositCheck.payment_id.is_(None),
        )
        .options(joinedload(Payment.order))
        .order_by(Payment.id)
    )
    return list(db_session.scalars(wanted))


def cash_in_hand(db_session: Session, event: Event) -> int:
    """Cash by the books, in minor units: what came in, less what was paid out and taken to the bank."""
    held = select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0)).where(
        LedgerEntry.event_id == event.id, LedgerEntry.account == Account.CASH
    )
    return int(db_session.scalar(held) or 0)


def list_deposits(db_session: Session, *, event_id: int, number: int) -> Page:
    """The newest first."""
    wanted = select(Deposit).where(Deposit.event_id == event_id)
    return paginate(db_session, wanted.order_by(Deposit.number.desc()), number=number)


def get_deposit(db_session: Session, *, event_id: int, deposit_id: int) -> Deposit:
    """Raises NotFound, also for a deposit of another show."""
    found = db_session.scalar(select(Deposit).where(Deposit.event_id == event_id, Deposit.id == deposit_id))
    if found is None:
        raise NotFound("There is no such deposit in this show.")
    return found


def list_checks_of(db_session: Session, deposit: Deposit) -> list[Payment]:
    """The checks of a deposit with their orders."""
    wanted = (
        select(Payment)
        .join(DepositCheck, DepositCheck.payment_id == Payment.id)
        .where(DepositCheck.deposit_id == deposit.id)
        .options(joinedload(Payment.order))
        .order_by(Payment.id)
    )
    return list(db_session.scalars(wanted))


def list_unseen(db_session: Session, *, event_id: int, amount_minor: int | None = None) -> list[Deposit]:
    """Deposits that no bank line has shown yet, of a sum where one is given."""
    wanted = select(Deposit).where(Deposit.event_id == event_id, Deposit.line_id.is_(None))
    if amount_minor is not None:
        wanted = wanted.where(Deposit.checks_minor + Deposit.cash_minor == amount_minor)
    return list(db_session.scalars(wanted.order_by(Deposit.number)))
