"""A line of a statement becomes payments of orders, or is put aside. Each line once, however often it is asked for."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import guard_is_on, lock_ids, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import from_local
from swapmeet.orders import ledger
from swapmeet.orders.models import OPEN_STATES, Order, OrderState, Payment, PayMethod
from swapmeet.orders.services.payments import record_payment
from swapmeet.payments.errors import LineDecided, PartsDiffer
from swapmeet.payments.models import BANK_LINE_MACHINE, BankLine, BankMatch, LineState
from swapmeet.payments.queries import get_line

NOON = time(12)


def record_line(
    db_session: Session,
    *,
    event: Event,
    line_id: int,
    parts: Sequence[tuple[int, int]],
    by: Actor,
    now: datetime,
) -> list[Payment]:
    """The line pays these orders: (order id, minor units), in all its sum. Late money brings an order back where it can.

    Raises LineDecided when it was recorded or put aside before, PartsDiffer, and what `record_payment` raises.
    """
    line = get_line(db_session, event_id=event.id, line_id=line_id, for_update=guard_is_on())
    _check_open(line, LineState.RECORDED)
    open_gap(db_session)
    if sum(amount for _, amount in parts) != line.amount_minor or any(amount <= 0 for _, amount in parts):
        raise PartsDiffer("The parts have to add up to what came in.", field="amount")
    received_at = from_local(line.day, NOON, event.time_zone)
    payments = []
    for order_id, amount in sorted(parts):
        payment = record_payment(
            db_session,
            order=db_session.get_one(Order, order_id),
            method=PayMethod.TRANSFER,
            amount_minor=amount,
            reference=(line.bank_ref or line.text)[:100],
            received_at=received_at,
            by=by,
            now=now,
            is_extra=True,
        )
        db_session.add(BankMatch(payment_id=payment.id, event_id=event.id, line_id=line.id))
        payments.append(payment)
    decide(db_session, line, LineState.RECORDED, "", by, now)
    return payments


def record_if_open(
    db_session: Session,
    *,
    event: Event,
    line_id: int,
    parts: Sequence[tuple[int, int]],
    by: Actor,
    now: datetime,
) -> bool:
    """Record a line whose parts are exactly what its orders owe. False when they do not any more, or it is decided."""
    orders = lock_ids(db_session, Order, [order_id for order_id, _ in parts])
    line = get_line(db_session, event_id=event.id, line_id=line_id, for_update=True)
    owed = {order.id: ledger.owed(db_session, order) for order in orders if order.state in OPEN_STATES}
    if line.state is not LineState.OPEN or line.is_repeat or any(owed.get(id_, 0) != sum_ for id_, sum_ in parts):
        return False
    record_line(db_session, event=event, line_id=line_id, parts=parts, by=by, now=now)
    return True


def put_aside(db_session: Session, *, event: Event, line_id: int, note: str, by: Actor, now: datetime) -> None:
    """The line is about something else than orders of this show. Raises LineDecided."""
    line = get_line(db_session, event_id=event.id, line_id=line_id, for_update=True)
    _check_open(line, LineState.IGNORED)
    decide(db_session, line, LineState.IGNORED, note, by, now)


def put_many_aside(
    db_session: Session, *, event: Event, line_ids: Iterable[int], note: str, by: Actor, now: datetime
) -> int:
    """The same for many lines at once; those that somebody has decided on meanwhile are left. Returns how many were put aside."""
    done = 0
    for line_id in sorted(line_ids):
        line = get_line(db_session, event_id=event.id, line_id=line_id, for_update=True)
        if line.state is LineState.OPEN:
            decide(db_session, line, LineState.IGNORED, note, by, now)
            done += 1
    return done


def take_up_again(db_session: Session, *, event: Event, line_id: int, by: Actor, now: datetime) -> None:
    """A line that was put aside waits again. Raises IllegalTransition."""
    line = get_line(db_session, event_id=event.id, line_id=line_id, for_update=True)
    BANK_LINE_MACHINE.check(line.state, LineState.OPEN)
    decide(db_session, line, LineState.OPEN, "", by, now)


def _check_open(line: BankLine, target: LineState) -> None:
    if line.state is not LineState.OPEN:
        raise LineDecided("This line was recorded or put aside before. Reload the page to see where it stands.")
    BANK_LINE_MACHINE.check(line.state, target)


def decide(db_session: Session, line: BankLine, target: LineState, note: str, by: Actor, now: datetime) -> None:
    """The line moves to a state that may follow, with who, when and why."""
    origin = line.state
    line.state, line.note = target, note
    line.decided_at, line.decided_by = now, by.person_id
    record(
        db_session,
        now=now,
        by=by,
        verb=f"bank_line.{target.value}",
        subject=line,
        origin=origin.value,
        target=target.value,
        reason=note,
        amount_minor=line.amount_minor,
    )
    db_session.flush()


def outcome_words(orders: Sequence[Order]) -> list[str]:
    """What became of orders that had ended when their money came, in sentences."""
    return [
        f"Order {order.code} is over and its places are gone or it was canceled: the sum waits to be sent back."
        for order in orders
        if order.state in (OrderState.EXPIRED, OrderState.CANCELED)
    ]
