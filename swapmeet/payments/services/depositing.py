"""Checks and cash go to the bank: one deposit, its slip, and the bank line that shows its arrival."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.counters import take_numbers
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders import ledger
from swapmeet.orders.models import Payment
from swapmeet.payments import deposit_queries
from swapmeet.payments.errors import CheckDeposited, LineDecided, NothingToDeposit, PartsDiffer
from swapmeet.payments.models import Deposit, DepositCheck, DepositSeries, LineState
from swapmeet.payments.queries import get_line
from swapmeet.payments.services.recording import decide


def make_deposit(
    db_session: Session,
    *,
    event: Event,
    check_ids: Collection[int],
    counted_minor: int | None,
    note: str,
    by: Actor,
    now: datetime,
) -> Deposit:
    """Take these checks, and all cash when it was counted, to the bank. What cash differs from the books is booked as such.

    Raises NothingToDeposit, CheckDeposited. Two treasurers at once wait for each other.
    """
    lock(db_session, event)
    in_hand = {payment.id: payment for payment in deposit_queries.list_checks_in_hand(db_session, event_id=event.id)}
    if not set(check_ids) <= in_hand.keys():
        raise CheckDeposited("A check went to the bank with another deposit meanwhile. Look at the list again.")
    checks = [in_hand[payment_id] for payment_id in sorted(set(check_ids))]
    expected = deposit_queries.cash_in_hand(db_session, event) if counted_minor is not None else 0
    total = sum(payment.amount_minor for payment in checks) + (counted_minor or 0)
    if total <= 0:
        raise NothingToDeposit("Tick the checks you take along, or write the cash you counted.", field="counted")
    number = take_numbers(db_session, DepositSeries, event_id=event.id)
    deposit = Deposit(
        event_id=event.id,
        number=number,
        checks_minor=total - (counted_minor or 0),
        expected_cash_minor=expected,
        cash_minor=counted_minor or 0,
        currency=event.currency,
        note=note,
        made_at=now,
        made_by=by.person_id,
    )
    db_session.add(deposit)
    db_session.flush()
    _move(db_session, event, deposit, checks, is_counted=counted_minor is not None, now=now)
    record(
        db_session,
        now=now,
        by=by,
        verb="deposit.made",
        subject=deposit,
        total_minor=total,
        difference_minor=deposit.difference_minor,
        checks=len(checks),
    )
    db_session.flush()
    return deposit


def _move(
    db_session: Session, event: Event, deposit: Deposit, checks: Sequence[Payment], *, is_counted: bool, now: datetime
) -> None:
    """In the books the checks, and the cash if it was counted, go from the drawer to the bank."""
    for payment in checks:
        db_session.add(DepositCheck(payment_id=payment.id, event_id=event.id, deposit_id=deposit.id))
        ledger.post_check_deposit(db_session, payment.order, payment, number=deposit.number, now=now)
    if is_counted:
        ledger.post_cash_deposit(
            db_session,
            event_id=event.id,
            currency=event.currency,
            expected_minor=deposit.expected_cash_minor,
            counted_minor=deposit.cash_minor,
            number=deposit.number,
            now=now,
        )


def recognize_deposit(
    db_session: Session, *, event: Event, line_id: int, deposit_id: int, by: Actor, now: datetime
) -> None:
    """A bank line shows that a deposit has arrived. No money moves: the books had it at the bank already.

    Raises LineDecided, PartsDiffer when the sums are not the same, NotFound.
    """
    line = get_line(db_session, event_id=event.id, line_id=line_id, for_update=True)
    deposit = deposit_queries.get_deposit(db_session, event_id=event.id, deposit_id=deposit_id)
    lock(db_session, deposit)
    if line.state is not LineState.OPEN or deposit.line_id is not None:
        raise LineDecided("This line or this deposit was dealt with before. Reload the page to see where it stands.")
    if deposit.total_minor != line.amount_minor:
        raise PartsDiffer("The bank shows another sum than the deposit had.")
    deposit.line_id = line.id
    decide(db_session, line, LineState.RECORDED, f"Deposit {deposit.number}", by, now)
