"""What the books of a show say: balances as of any day, money by day and tender, orders by day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.time import end_of_day, from_local, to_local
from swapmeet.orders.ledger import MONEY_ACCOUNTS, MOVED
from swapmeet.orders.models import Account, LedgerEntry, Order, Refund, RefundState


@dataclass(frozen=True)
class Books:
    """Balances in minor units at one instant. What buyers owe and what is owed to them are positive here."""

    balances: dict[Account, int]
    sold_by_kind: list[tuple[str, int]] = field(default_factory=list)  # without tax, the most first

    def of(self, account: Account) -> int:
        return self.balances.get(account, 0)

    @property
    def sold(self) -> int:
        """Without tax."""
        return -self.of(Account.SALES)

    @property
    def tax(self) -> int:
        return -self.of(Account.TAX)

    @property
    def in_hand(self) -> int:
        return sum(self.of(account) for account in MONEY_ACCOUNTS)

    @property
    def owed(self) -> int:
        return self.of(Account.RECEIVABLE)

    @property
    def to_send_back(self) -> int:
        return -self.of(Account.REFUNDS_OWED)

    @property
    def kept(self) -> int:
        """From cancellations, less what was given back although orders stand."""
        return -self.of(Account.FEES_KEPT) - self.of(Account.GIVEN_BACK)

    @property
    def cash_difference(self) -> int:
        """Cash that was counted beyond the books; negative when some was missing."""
        return -self.of(Account.CASH_DIFFERENCE)


def read_books(db_session: Session, event: Event, *, as_of: datetime | None = None) -> Books:
    """The balances of all accounts of a show; `as_of` (inclusive) reproduces any past instant."""
    account, detail = LedgerEntry.account, LedgerEntry.detail
    statement = select(account, detail, func.sum(LedgerEntry.amount_minor)).where(LedgerEntry.event_id == event.id)
    if as_of is not None:
        statement = statement.where(LedgerEntry.posted_at <= as_of)
    balances: dict[Account, int] = defaultdict(int)
    sold: dict[str, int] = {}
    for each, kind, balance in db_session.execute(statement.group_by(account, detail)):
        balances[each] += int(balance)
        if each is Account.SALES and balance:
            sold[kind] = -int(balance)
    return Books(dict(balances), sorted(sold.items(), key=lambda row: (-row[1], row[0])))


@dataclass(frozen=True)
class MoneyDay:
    """Money of one local day: what came in by tender, and what went back."""

    day: date
    came_in: dict[Account, int]
    went_back: int

    @property
    def total(self) -> int:
        return sum(self.came_in.values()) - self.went_back


def list_money_days(db_session: Session, event: Event, *, as_of: datetime | None = None) -> list[MoneyDay]:
    """Days with money, newest first. Linear in the number of bookings."""
    statement = select(LedgerEntry.posted_at, LedgerEntry.account, LedgerEntry.amount_minor).where(
        LedgerEntry.event_id == event.id, LedgerEntry.account.in_(MONEY_ACCOUNTS), LedgerEntry.detail != MOVED
    )
    if as_of is not None:
        statement = statement.where(LedgerEntry.posted_at <= as_of)
    came_in: dict[date, dict[Account, int]] = defaultdict(lambda: defaultdict(int))
    went_back: dict[date, int] = defaultdict(int)
    for posted_at, account, amount in db_session.execute(statement):
        day = to_local(posted_at, event.time_zone).date()
        if amount > 0:
            came_in[day][account] += amount
        else:
            went_back[day] -= amount
    days = sorted({*came_in, *went_back}, reverse=True)
    return [MoneyDay(day, dict(came_in.get(day, {})), went_back.get(day, 0)) for day in days]


LATE_BY = ((0, "Not due yet"), (7, "1 to 7 days late"), (30, "8 to 30 days late"), (36_500, "More than 30 days late"))


@dataclass(frozen=True)
class Age:
    """What buyers owe that is so late: of how many orders, and how much."""

    words: str
    orders: int
    owed_minor: int


def list_ages(event: Event, owed: Iterable[tuple[datetime | None, int]], *, as_of: datetime) -> list[Age]:
    """What was owed at that instant by how many days before it was due, all four ages. `owed`: of each order, and its due date.

    The day it is due is the one the order has today; an order without one counts as not due.
    """
    today = to_local(as_of, event.time_zone).date()
    found: dict[str, tuple[int, int]] = {words: (0, 0) for _, words in LATE_BY}
    for due_at, sum_ in owed:
        if sum_ > 0:
            late = (today - to_local(due_at, event.time_zone).date()).days if due_at is not None else 0
            words = next(words for most, words in LATE_BY if late <= most)
            orders, total = found[words]
            found[words] = (orders + 1, total + sum_)
    return [Age(words, orders, total) for words, (orders, total) in found.items()]


def last_instant(event: Event, day: date) -> datetime:
    """The last instant of a local day, for `as_of`."""
    return end_of_day(day, event.time_zone) - timedelta(microseconds=1)


def sum_money_by_day(db_session: Session, event: Event, *, now: datetime, days: int) -> list[tuple[date, int]]:
    """Minor units that came in on each of the last `days` local days, oldest first."""
    came_in = select(LedgerEntry.posted_at, LedgerEntry.amount_minor).where(
        LedgerEntry.event_id == event.id,
        LedgerEntry.posted_at >= _start(event, now, days),
        LedgerEntry.account.in_(MONEY_ACCOUNTS),
        LedgerEntry.detail != MOVED,
        LedgerEntry.amount_minor > 0,
    )
    return _by_day(event, now, days, ((row[0], row[1]) for row in db_session.execute(came_in)))


def _start(event: Event, now: datetime, days: int) -> datetime:
    today = to_local(now, event.time_zone).date()
    return from_local(today - timedelta(days=days - 1), time(0), event.time_zone)


def _by_day(event: Event, now: datetime, days: int, moments: Iterable[tuple[Any, int]]) -> list[tuple[date, int]]:
    today = to_local(now, event.time_zone).date()
    sums = {today - timedelta(days=back): 0 for back in range(days - 1, -1, -1)}
    for moment, amount in moments:
        day = to_local(moment, event.time_zone).date()
        if day in sums:
            sums[day] += amount
    return list(sums.items())


def list_refunds_waiting(db_session: Session, event: Event) -> list[tuple[Refund, Order]]:
    """Refunds that nobody has sent yet, oldest first, with their orders."""
    waiting = (
        select(Refund, Order)
        .join(Order, Order.id == Refund.order_id)
        .where(Refund.event_id == event.id, Refund.state.in_((RefundState.REQUESTED, RefundState.APPROVED)))
        .order_by(Refund.id)
    )
    return [(refund, order) for refund, order in db_session.execute(waiting)]
