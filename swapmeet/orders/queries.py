"""Reads of carts, orders and money."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.events.models import Event, Policy, PolicyKind
from swapmeet.infra import codes
from swapmeet.kernel.errors import NotFound
from swapmeet.orders import dues
from swapmeet.orders.due_models import DuePart
from swapmeet.orders.errors import OrderNotFound
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState, Payment, PaymentState, Refund, RefundState
from swapmeet.web.paging import Page, paginate

NO_KEY = codes.digest("")
WAS_PLACED = Order.placed_at.is_not(None)  # what makes a cart an order: a cart that ran out has the state "expired" too


@cache
def _cart(for_update: bool) -> Any:
    """Statements of a buyer's way are built once, since that takes longer than running them."""
    statement = select(Order).where(Order.cart_digest == bindparam("digest"), Order.event_id == bindparam("event_id"))
    if not for_update:
        return statement
    return statement.with_for_update(of=Order).execution_options(populate_existing=True)


@cache
def _cart_at(for_update: bool) -> Any:
    with_show = joinedload(Order.event, innerjoin=True).joinedload(Event.organizer, innerjoin=True)
    at_show = Order.event.has(Event.slug == bindparam("slug"))
    statement = select(Order).where(Order.cart_digest == bindparam("digest"), at_show).options(with_show)
    if not for_update:
        return statement
    return statement.with_for_update(of=Order).execution_options(populate_existing=True)


@cache
def _lines(only_live: bool) -> Any:
    statement = select(OrderLine).where(OrderLine.order_id == bindparam("order_id")).order_by(OrderLine.id)
    return statement.where(OrderLine.released_at.is_(None)) if only_live else statement


@cache
def _newest_policies() -> Any:
    chosen = select(Policy.kind, func.max(Policy.id)).where(Policy.event_id == bindparam("event_id"))
    return chosen.group_by(Policy.kind)


@cache
def _by_code() -> Any:
    statement = select(Order).where(Order.code == bindparam("code"))
    return statement.options(joinedload(Order.event).joinedload(Event.organizer))


LEADS_TO_ORDER = timedelta(hours=2)  # how long a cart's cookie still opens the order it became


def is_just_placed(cart: Order, now: datetime) -> bool:
    """The cart became an order a short while ago, so its browser may be led there (another tab, a lost answer)."""
    is_placed = cart.state in (OrderState.PLACED, OrderState.CONFIRMED) and cart.placed_at is not None
    return is_placed and cart.placed_at is not None and now - cart.placed_at <= LEADS_TO_ORDER


def seconds_left(cart: Order, now: datetime) -> int:
    """Whole seconds until the hold of a cart ends, 0 when it is over: pages count from here, not from a visitor's clock."""
    return max(0, int((cart.expires_at - now).total_seconds())) if cart.expires_at is not None else 0


def find_cart_at(db_session: Session, *, slug: str, cart_key: str, for_update: bool = False) -> Order | None:
    """The same by the show's address, with the show and its organizer: one statement for the pages of the checkout."""
    values = {"digest": codes.digest(cart_key), "slug": slug}
    found: Order | None = db_session.scalar(_cart_at(for_update), values) if slug.isprintable() else None
    return found


def find_cart(db_session: Session, *, event_id: int, cart_key: str, for_update: bool = False) -> Order | None:
    """The cart of this cookie in this show, whatever has become of it (open, run out, placed). `for_update` locks it."""
    values = {"digest": codes.digest(cart_key), "event_id": event_id}
    found: Order | None = db_session.scalar(_cart(for_update), values)
    return found


def list_live_lines(db_session: Session, order: Order) -> list[OrderLine]:
    """What the order holds, in the order it was put in."""
    return list(db_session.scalars(_lines(True), {"order_id": order.id}))


def list_lines(db_session: Session, order: Order) -> list[OrderLine]:
    """All lines, given-up ones too, in the order they were put in."""
    return list(db_session.scalars(_lines(False), {"order_id": order.id}))


def newest_policies(db_session: Session, *, event_id: int) -> dict[PolicyKind, int]:
    """The id of the version in force of each kind of policy."""
    rows = db_session.execute(_newest_policies(), {"event_id": event_id})
    return {row[0]: int(row[1]) for row in rows}


def get_order_by_link(db_session: Session, *, code: str, key: str) -> Order:
    """The order whose link this is, with its event. Raises NotFound, the same for a wrong code and a wrong key.

    The key is compared in constant time, also where there is no such order, so that the two cannot be told apart. Good are
    the key of the mail about the order and, should the secret key have changed since, the one that pages give now.
    """
    order: Order | None = db_session.scalar(_by_code(), {"code": code[:16]}) if code.isprintable() else None
    given, sent = codes.digest(key), (order.key_digest if order is not None else None) or NO_KEY
    now_given = codes.digest((order.link_key if order is not None else None) or "")
    is_right = hmac.compare_digest(given, sent) | hmac.compare_digest(given, now_given)
    if not is_right or order is None or order.key_digest is None:
        raise NotFound("There is no order at this address. Open it with the link in your mail.")
    return order


def find_order(db_session: Session, *, event_id: int, code: str) -> Order | None:
    """An order of this show by its code, for its organizer. Carts are no orders, also those that ran out."""
    return db_session.scalar(
        select(Order).where(Order.event_id == event_id, Order.code == code[:16].upper(), WAS_PLACED)
    )


def get_order(db_session: Session, *, event_id: int, code: str) -> Order:
    """Raises NotFound, also for a code of another show."""
    order = find_order(db_session, event_id=event_id, code=code)
    if order is None:
        raise OrderNotFound("There is no such order in this show.")
    return order


def get_refund(db_session: Session, *, event_id: int, refund_id: int) -> Refund:
    """Raises NotFound, also for a refund of another show."""
    refund = db_session.scalar(select(Refund).where(Refund.event_id == event_id, Refund.id == refund_id))
    if refund is None:
        raise NotFound("There is no such refund in this show.")
    return refund


@dataclass(frozen=True)
class Sums:
    """Money of one order, in minor units. `owed` is negative when too much was paid."""

    total: int
    adjust: int
    captured: int
    refunded: int
    refunds_waiting: int
    owed: int

    @property
    def overpaid(self) -> int:
        return max(0, -self.owed)


def sums_of(order: Order, payments: Sequence[Payment], refunds: Sequence[Refund]) -> Sums:
    """What came in, went back, waits to go back, and is owed. A closed order owes nothing."""
    captured = sum(payment.amount_minor for payment in payments if payment.state is PaymentState.CONFIRMED)
    done = sum(refund.amount_minor for refund in refunds if refund.state is RefundState.DONE)
    waiting = sum(
        refund.amount_minor for refund in refunds if refund.state not in (RefundState.DONE, RefundState.FAILED)
    )
    is_open = order.state in (OrderState.PLACED, OrderState.CONFIRMED)
    return Sums(
        total=order.total_minor,
        adjust=order.adjust_minor if is_open else 0,
        captured=captured,
        refunded=done,
        refunds_waiting=waiting,
        owed=order.total_minor + order.adjust_minor - captured + done + waiting if is_open else 0,
    )


def list_payments(db_session: Session, order: Order) -> list[Payment]:
    return list(db_session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)))


def list_refunds(db_session: Session, order: Order) -> list[Refund]:
    return list(db_session.scalars(select(Refund).where(Refund.order_id == order.id).order_by(Refund.id)))


def list_orders_of(db_session: Session, *, person_id: int, email: str, number: int) -> Page:
    """A page of somebody's orders, newest first: their own, and guest orders under their confirmed address ("" for none)."""
    mine = Order.person_id == person_id
    if email:
        mine = or_(mine, Order.buyer_email == email.lower())
    statement = (
        select(Order)
        .where(mine, WAS_PLACED)
        .options(joinedload(Order.event))
        .order_by(Order.placed_at.desc(), Order.id.desc())
    )
    return paginate(db_session, statement, number=number)


def captured(db_session: Session, order: Order) -> int:
    """Minor units of confirmed payments."""
    came_in = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
        Payment.order_id == order.id, Payment.state == PaymentState.CONFIRMED
    )
    return int(db_session.scalar(came_in) or 0)


def sent_back(db_session: Session, order: Order) -> int:
    """Minor units of refunds that were sent."""
    went = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == order.id, Refund.state == RefundState.DONE
    )
    return int(db_session.scalar(went) or 0)


def paid_so_far(db_session: Session, order: Order) -> int:
    """What came in, less refunds that are not failed: waiting ones count as gone."""
    back = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.order_id == order.id, Refund.state != RefundState.FAILED
    )
    return captured(db_session, order) - int(db_session.scalar(back) or 0)


def list_parts(db_session: Session, order_id: int) -> list[DuePart]:
    """In their order; none for an order that is paid in one sum."""
    return list(db_session.scalars(select(DuePart).where(DuePart.order_id == order_id).order_by(DuePart.position)))


def standings(db_session: Session, order: Order) -> list[dues.Standing]:
    """How each part of the order stands; empty where it is paid in one sum."""
    rows = list_parts(db_session, order.id)
    if not rows:
        return []
    parts = [dues.Part(row.name, row.amount_minor, row.due_at, row.lapses) for row in rows]
    total = order.total_minor + order.adjust_minor
    return dues.stand(parts, total_minor=total, paid_minor=paid_so_far(db_session, order))


@dataclass(frozen=True)
class Holder:
    """Who holds units of a quota: an order, or a cart, which has neither code nor name yet ("")."""

    code: str
    name: str
    units: int

    @property
    def words(self) -> str:
        return f"{self.code} {self.name}" if self.code else "a cart"


def list_holders(db_session: Session, *, quota_id: int) -> list[Holder]:
    """Everybody who holds units of a quota, the largest first, then the oldest."""
    units = func.sum(LineQuota.quantity)
    held = (
        select(Order.code, Order.buyer_name, Order.state, units)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(LineQuota, LineQuota.line_id == OrderLine.id)
        .where(LineQuota.quota_id == quota_id)
        .group_by(Order.id, Order.code, Order.buyer_name, Order.state)
        .order_by(units.desc(), Order.id)
    )
    return [
        Holder("" if state is OrderState.CART else code, name, int(count))
        for code, name, state, count in db_session.execute(held)
    ]
