"""Deposit and balance of tables: what of a vendor's tables is due later than the order itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.money import percent_of
from swapmeet.kernel.time import end_of_day
from swapmeet.orders.dues import Part
from swapmeet.orders.models import OrderLine
from swapmeet.vendor_tables.price_models import TableDeposit
from swapmeet.vendor_tables.queries import KIND

BALANCE = "Balance"


def find_deposit(db_session: Session, *, event_id: int) -> TableDeposit | None:
    return db_session.get(TableDeposit, event_id)


def due_later(db_session: Session, *, event: Event, lines: Sequence[OrderLine], now: datetime) -> list[Part]:
    """The balance of the tables among these lines; nothing where the show asks for all of it at once."""
    tables = [line for line in lines if line.kind == KIND and line.total_minor]
    deposit = find_deposit(db_session, event_id=event.id) if tables else None
    if deposit is None:
        return []
    costs = [line.total_minor for line in tables]
    if deposit.percent is not None:
        later = sum(costs) - percent_of(sum(costs), deposit.percent)
    else:
        later = sum(max(0, cost - (deposit.each_minor or 0)) for cost in costs)
    due_at = end_of_day(deposit.balance_on, event.time_zone) - timedelta(minutes=1)
    return [Part(BALANCE, later, due_at, deposit.lapses)]
