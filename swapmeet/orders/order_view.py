"""One order with everything that belongs to it, read once, for pages, mails and documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.kernel.time import from_local
from swapmeet.orders.dues import Standing, next_part
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, OrderState, Payment, Refund
from swapmeet.orders.pieces import GIVEN_UP, names_in
from swapmeet.orders.queries import Sums, list_lines, list_payments, list_refunds, standings, sums_of
from swapmeet.orders.words import STATE_WORDS


@dataclass(frozen=True)
class OrderView:
    """The order, its lines (given-up ones too), money in and back, and the sums of it."""

    order: Order
    event: Event
    lines: Sequence[OrderLine]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]
    sums: Sums
    dues: Sequence[Standing] = ()  # the parts in which it is paid; empty: in one sum

    @property
    def next_due(self) -> Standing | None:
        """The part that is due next, where it is paid in parts."""
        return next_part(self.dues)

    @property
    def due_now(self) -> int:
        """What is due by the order's due date: the next part, or all that is owed."""
        return self.next_due.left_minor if self.next_due is not None else self.sums.owed

    @property
    def live_lines(self) -> list[OrderLine]:
        return [line for line in self.lines if line.is_live]

    @property
    def given_up(self) -> list[tuple[OrderLine, str]]:
        """What went while the rest of the order stands, each with the names on it."""
        gone = [line for line in self.lines if not line.is_live and line.facts.get(GIVEN_UP)]
        return [(line, names_in(line.facts)) for line in gone]

    @property
    def is_fee(self) -> bool:
        return holds_only_fees(self.lines)

    @property
    def is_open(self) -> bool:
        return self.order.state in OPEN_STATES

    @property
    def state(self) -> tuple[str, str]:
        return STATE_WORDS[self.order.state]


def holds_only_fees(lines: Sequence[OrderLine]) -> bool:
    """Nothing of it is a place at the show or a ticket: such as the fee of an application."""
    return bool(lines) and {line.kind for line in lines} <= registry().paid_ahead


def view_of(db_session: Session, order: Order, event: Event) -> OrderView:
    """Four reads at most; a free order has no money to read. `order.lines` is filled on the way, so panels may look at it."""
    lines = list_lines(db_session, order)
    set_committed_value(order, "lines", lines)
    has_money = order.total_minor > 0
    payments = list_payments(db_session, order) if has_money else []
    refunds = list_refunds(db_session, order) if has_money else []
    found = standings(db_session, order) if order.state is OrderState.PLACED and has_money else []
    return OrderView(order, event, lines, payments, refunds, sums_of(order, payments, refunds), found)


def edit_closes_at(event: Event) -> datetime:
    """Until when buyers can change names: the beginning of the first day."""
    return from_local(event.opens_from, time(0), event.time_zone)
