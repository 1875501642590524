"""Carts: claim things under one expiry, lengthen it, give things up."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.registry import registry
from swapmeet.infra.signals import order_released
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import CartExpired, HoldAtItsEnd, NotOnSale, OverLimit
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState
from swapmeet.orders.scarcity import Expired, expire_carts, move_counters, take_back
from swapmeet.orders.sellables import Buyer, Quote, Sellable, Wish


def open_cart(db_session: Session, *, event: Event, person_id: int | None, cart_key: str, now: datetime) -> Order:
    """A new, empty cart found again by the digest of `cart_key` (its cookie). Nothing is held yet."""
    order = Order(
        event_id=event.id,
        code=codes.order_code(),
        state=OrderState.CART,
        person_id=person_id,
        cart_digest=codes.digest(cart_key),
        currency=event.currency,
        total_minor=0,
        created_at=now,
        expires_at=now + timedelta(minutes=event.hold_minutes),
    )
    db_session.add(order)
    db_session.flush()
    return order


def add_to_cart(
    db_session: Session, *, event: Event, cart: Order, wishes: Sequence[Wish], buyer: Buyer, by: Actor, now: datetime
) -> list[OrderLine]:
    """Claim everything wished, all or nothing, and hold it until the cart's expiry.

    Raises NotOnSale, OverLimit, SoldOut, CartExpired and what the sellables raise (PlaceTaken). After an error the
    caller's transaction rolls back, so nothing of the step stays.
    """
    if event.state is not EventState.PUBLISHED:
        raise NotOnSale("This show is not on sale.")
    lock(db_session, cart)
    check_cart_is_open(cart, now)
    quotes = quote_all(db_session, event=event, wishes=wishes, buyer=buyer, now=now)
    count = sum(quote.wish.quantity for quote in quotes) + sum(line.quantity for line in live_lines(db_session, cart))
    if count > event.per_order_limit:
        raise OverLimit(
            f"One order can hold {event.per_order_limit} things at most. Place this one and start another.",
            field="quantity",
        )
    wanted = wanted_units(quotes)
    expired = expire_carts(db_session, quota_ids=wanted, order_ids=_blockers(db_session, event, wishes, now), now=now)
    move_counters(db_session, wanted=wanted, given_back=expired.given_back)
    let_go(db_session, expired, now=now)
    if cart.claimed_at is None:
        cart.claimed_at = now
        cart.expires_at = now + timedelta(minutes=event.hold_minutes)
    lines = [_add_line(db_session, cart, quote, now) for quote in quotes]
    db_session.flush()
    _hold_units(db_session, lines, quotes)
    assert cart.expires_at is not None
    for kind, group in by_kind(lines).items():
        sellable_of(kind).claim(db_session, event=event, lines=group, now=now, expires_at=cart.expires_at, by=by)
    cart.total_minor = sum(line.total_minor for line in live_lines(db_session, cart))
    return lines


def remove_line(db_session: Session, *, cart: Order, line: OrderLine, by: Actor, now: datetime) -> None:
    """Give one line of a cart up. What it held is free at once."""
    lock(db_session, cart)
    check_cart_is_open(cart, now)
    if line.released_at is None:
        release_lines(db_session, order=cart, lines=[line], reason="removed", by=by, now=now)
    cart.total_minor = sum(other.total_minor for other in live_lines(db_session, cart))


def extend_cart(db_session: Session, *, event: Event, cart: Order, minutes: int, now: datetime) -> datetime:
    """Lengthen the hold by `minutes`, at most to the show's ceiling counted from the first claim. Returns the new end.

    Raises CartExpired and HoldAtItsEnd.
    """
    lock(db_session, cart)
    check_cart_is_open(cart, now)
    assert cart.expires_at is not None
    ceiling = (cart.claimed_at or now) + timedelta(minutes=event.hold_max_minutes)
    longer = min(cart.expires_at + timedelta(minutes=minutes), ceiling)
    if longer <= cart.expires_at:
        raise HoldAtItsEnd(
            "The hold cannot be made longer. Place the order now; you can still change names afterwards."
        )
    cart.expires_at = longer
    for kind, group in by_kind(live_lines(db_session, cart)).items():
        sellable_of(kind).extend(db_session, lines=group, expires_at=longer)
    return longer


def sweep_expired(db_session: Session, *, now: datetime, limit: int = 100) -> int:
    """Tidy up carts whose time is over. Nothing depends on it: an expired hold counts as free already."""
    ids = list(
        db_session.scalars(
            select(Order.id)
            .where(Order.state == OrderState.CART, Order.expires_at <= now)
            .order_by(Order.id)
            .limit(limit)
        )
    )
    if not ids:
        return 0
    expired = expire_carts(db_session, quota_ids=(), order_ids=ids, now=now, limit=limit)
    move_counters(db_session, wanted={}, given_back=expired.given_back)
    let_go(db_session, expired, now=now)
    return len(expired.orders)


def release_lines(
    db_session: Session, *, order: Order, lines: Sequence[OrderLine], reason: str, by: Actor, now: datetime
) -> None:
    """Give lines back: quotas in order, then the features let go of places and badges."""
    for line in lines:
        line.released_at = now
    db_session.flush()
    move_counters(db_session, wanted={}, given_back=take_back(db_session, lines))
    for kind, group in by_kind(lines).items():
        sellable_of(kind).release(db_session, lines=group, reason=reason, now=now, by=by)
    order_released.send(order, db_session=db_session, order=order, lines=list(lines), reason=reason, now=now, by=by)


def let_go(db_session: Session, expired: Expired, *, now: datetime) -> None:
    """Tell the features about carts that `expire_carts` closed, and write it down."""
    by = Actor.job("expiry")
    for kind, group in by_kind(expired.lines).items():
        sellable_of(kind).release(db_session, lines=group, reason="expired", now=now, by=by)
    for order in expired.orders:
        if order.claimed_at is not None:
            record(db_session, now=now, by=by, verb="order.expired", subject=order, origin="cart", target="expired")


def check_cart_is_open(cart: Order, now: datetime) -> None:
    """Raises CartExpired for a cart whose hold has run out or that is an order already."""
    if cart.state is not OrderState.CART or (cart.expires_at is not None and cart.expires_at <= now):
        raise CartExpired("Your hold has ended, so these things may be gone. Try again with what is still free.")


def quote_all(db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime) -> list[Quote]:
    """Ask each kind for its quotes, all wishes of a kind together. Raises OverLimit for senseless quantities."""
    groups: dict[str, list[Wish]] = defaultdict(list)
    for wish in wishes:
        if not 1 <= wish.quantity <= 1000:
            raise OverLimit("Choose a quantity from 1 upwards.", field="quantity")
        groups[wish.kind].append(wish)
    quotes: list[Quote] = []
    for kind, group in groups.items():
        quotes += sellable_of(kind).quote(db_session, event=event, wishes=group, buyer=buyer, now=now)
    return quotes


def _blockers(db_session: Session, event: Event, wishes: Sequence[Wish], now: datetime) -> list[int]:
    """Expired carts that hold the very things wished, as their sellables know them."""
    found: list[int] = []
    for kind in sorted({wish.kind for wish in wishes}):
        found += sellable_of(kind).blockers(
            db_session, event=event, wishes=[wish for wish in wishes if wish.kind == kind], now=now
        )
    return found


def wanted_units(quotes: Sequence[Quote]) -> dict[int, int]:
    """Units by quota id that these quotes take together."""
    totals: dict[int, int] = defaultdict(int)
    for quote in quotes:
        for quota_id, per_piece in quote.quotas.items():
            totals[quota_id] += per_piece * quote.wish.quantity
    return dict(totals)


def by_kind(lines: Sequence[OrderLine]) -> dict[str, list[OrderLine]]:
    groups: dict[str, list[OrderLine]] = defaultdict(list)
    for line in lines:
        groups[line.kind].append(line)
    return groups


def sellable_of(kind: str) -> Sellable:
    """The registered sellable. Raises NotOnSale for a kind nobody sells."""
    found: Sellable | None = registry().sellables.get(kind)
    if found is None:
        raise NotOnSale("That is not sold here.")
    return found


def live_lines(db_session: Session, order: Order) -> list[OrderLine]:
    return list(
        db_session.scalars(
            select(OrderLine)
            .where(OrderLine.order_id == order.id, OrderLine.released_at.is_(None))
            .order_by(OrderLine.id)
        )
    )


def _add_line(db_session: Session, cart: Order, quote: Quote, now: datetime) -> OrderLine:
    line = OrderLine(
        event_id=cart.event_id,
        order_id=cart.id,
        kind=quote.wish.kind,
        product_id=quote.wish.product_id,
        title=quote.title,
        detail=quote.detail,
        quantity=quote.wish.quantity,
        unit_minor=quote.unit_minor,
        facts=dict(quote.facts),
        refund_policy=quote.refund_policy,
        created_at=now,
    )
    db_session.add(line)
    return line


def _hold_units(db_session: Session, lines: Sequence[OrderLine], quotes: Sequence[Quote]) -> None:
    for line, quote in zip(lines, quotes, strict=True):
        for quota_id, per_piece in quote.quotas.items():
            db_session.add(
                LineQuota(
                    line_id=line.id, quota_id=quota_id, event_id=line.event_id, quantity=per_piece * line.quantity
                )
            )
    db_session.flush()
