"""Part of an order is given up, or part of its price given back, while the order stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders import ledger
from swapmeet.orders.errors import NotOnSale, RefundTooLarge, WrongAmount
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine, OrderState, Refund
from swapmeet.orders.pieces import GIVEN_UP, Some
from swapmeet.orders.queries import list_live_lines, paid_so_far
from swapmeet.orders.refunds import part_sums
from swapmeet.orders.services.cancellations import ask_refund, terms_for
from swapmeet.orders.services.carts import faults_of, release_lines
from swapmeet.orders.services.checkout import confirm_order
from swapmeet.orders.services.divisions import choose, split_lines
from swapmeet.orders.services.due_dates import follow_parts


@dataclass(frozen=True)
class PartPreview:
    """What giving up these lines means: their price, what was paid for them, what goes back, what is kept."""

    lines: list[OrderLine]
    price_minor: int
    back_minor: int
    kept_minor: int


def preview_part(
    db_session: Session,
    *,
    event: Event,
    order: Order,
    line_ids: Collection[int],
    now: datetime,
    is_full: bool,
    some: Sequence[Some] = (),
    keeps_all: bool = False,
) -> PartPreview:
    """The sums of giving up some lines, and some pieces of others, now. Money counts for what stays first.

    `keeps_all`: nothing goes back. Raises LineGone for what is given up already, WrongAmount when nothing or everything is
    meant, or what stays cannot stand alone.
    """
    live = list_live_lines(db_session, order)
    lines, stay = choose(db_session, order=order, live=live, line_ids=line_ids, some=some)
    if not lines:
        raise WrongAmount("Choose what is given up.", field="lines")
    if not stay:
        raise WrongAmount("This is all the order holds: cancel the order instead.", field="lines")
    if not faults_of(db_session, event=event, order=order, lines=live):
        for sentence in faults_of(db_session, event=event, order=order, lines=stay):
            raise WrongAmount(sentence, field="lines")
    price = sum(line.total_minor for line in lines)
    stays = sum(line.total_minor for line in live) - price + order.adjust_minor
    came_in = paid_so_far(db_session, order)
    today = to_local(now, event.time_zone).date()
    terms = [(line.total_minor, terms_for(db_session, order, line, event.first_day, today)) for line in lines]
    back, kept = part_sums(came_in, stays, terms, is_full=is_full)
    return PartPreview(lines, price, 0, price) if keeps_all else PartPreview(lines, price, back, kept)


def give_up_lines(
    db_session: Session,
    *,
    event: Event,
    order: Order,
    line_ids: Collection[int],
    is_full: bool,
    reason: str,
    by: Actor,
    now: datetime,
    some: Sequence[Some] = (),
    keeps_all: bool = False,
) -> PartPreview:
    """Give up some lines and pieces of lines: their places are free, what goes back waits for the treasurer, the rest of the order stands.

    Raises what `preview_part` raises, and NotOnSale for an order that is over. An order with nothing left to pay is confirmed.
    """
    if guard_is_on():
        lock(db_session, order)
    if order.state not in OPEN_STATES:
        raise NotOnSale("This order is over; nothing of it can be given up.")
    live = list_live_lines(db_session, order)
    line_ids = split_lines(db_session, order=order, live=live, line_ids=line_ids, some=some)
    preview = preview_part(
        db_session, event=event, order=order, line_ids=line_ids, now=now, is_full=is_full, keeps_all=keeps_all
    )
    for line in preview.lines:
        line.facts = {**line.facts, GIVEN_UP: True}
    release_lines(db_session, order=order, lines=preview.lines, reason="canceled", by=by, now=now)
    order.total_minor -= preview.price_minor
    order.adjust_minor += preview.kept_minor
    ledger.post_cancellation(
        db_session, order, preview.lines, kept_minor=preview.kept_minor, owed_back_minor=preview.back_minor, now=now
    )
    record(
        db_session,
        now=now,
        by=by,
        verb="order.part_given_up",
        subject=order,
        reason=reason,
        lines=[line.title for line in preview.lines],
        back_minor=preview.back_minor,
        kept_minor=preview.kept_minor,
    )
    if preview.back_minor:
        ask_refund(db_session, order=order, amount_minor=preview.back_minor, reason=reason, by=by, now=now)
    db_session.flush()
    if order.state is OrderState.PLACED and ledger.owed(db_session, order) <= 0:
        confirm_order(db_session, order=order, lines=list_live_lines(db_session, order), by=by, now=now)
    follow_parts(db_session, order)
    return preview


def give_back(db_session: Session, *, order: Order, amount_minor: int, reason: str, by: Actor, now: datetime) -> Refund:
    """Part of the price goes back although the order stands. Raises RefundTooLarge above what was paid, NotOnSale."""
    if guard_is_on():
        lock(db_session, order)
    if order.state not in OPEN_STATES:
        raise NotOnSale("This order is over; what was paid for it went back or waits already.")
    if amount_minor <= 0:
        raise WrongAmount("Write the amount.", field="amount")
    paid = paid_so_far(db_session, order)
    open_gap(db_session)
    if amount_minor > min(paid, order.total_minor + order.adjust_minor):
        raise RefundTooLarge(
            "That is more than the price, or than was paid for it and has not gone back yet.", field="amount"
        )
    order.adjust_minor -= amount_minor
    ledger.post_giving_back(db_session, order, amount_minor, now=now)
    record(
        db_session,
        now=now,
        by=by,
        verb="order.part_given_back",
        subject=order,
        reason=reason,
        amount_minor=amount_minor,
    )
    refund = ask_refund(db_session, order=order, amount_minor=amount_minor, reason=reason, by=by, now=now)
    db_session.flush()
    follow_parts(db_session, order)
    return refund
