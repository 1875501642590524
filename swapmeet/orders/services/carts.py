"""Carts: claim things under one expiry, lengthen it, give things up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.infra.registry import registry
from swapmeet.infra.signals import order_released
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import AlreadyPlaced, CartExpired, HoldAtItsEnd, NotOnSale, OverLimit
from swapmeet.orders.models import LineQuota, Order, OrderLine, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.scarcity import IS_A_CART, Expired, expire_carts, move_counters, take_back, take_directly
from swapmeet.orders.sellables import Buyer, Quote, Sellable, Wish
from swapmeet.orders.taxes import rule_for
from swapmeet.orders.vouchers.applying import unlock, with_vouchers
from swapmeet.orders.waitlist import marks
from swapmeet.orders.waitlist.errors import ListFirst
from swapmeet.orders.waitlist.models import quota_queue
from swapmeet.orders.waitlist.queries import somebody_waits

live_lines = list_live_lines  # for the sellables

MOST_PIECES = 1000  # of one thing in one wish; far above any limit a show sets


def open_cart(db_session: Session, *, event: Event, person_id: int | None, cart_key: str, now: datetime) -> Order:
    """A new, empty cart found again by the digest of `cart_key` (its cookie). It is written with the first thing put in."""
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
    return order


def add_to_cart(
    db_session: Session,
    *,
    event: Event,
    cart: Order,
    wishes: Sequence[Wish],
    buyer: Buyer,
    by: Actor,
    now: datetime,
    is_past_list: bool = False,
) -> list[OrderLine]:
    """Claim everything wished, all or nothing, and hold it until the cart's expiry.

    `is_past_list`: those who wait for the same have been served, or the team knows what it does. Raises ListFirst, before
    anything is written, while they have not; NotOnSale, OverLimit, SoldOut, CartExpired and what the sellables raise
    (PlaceTaken). After any other error the caller's transaction rolls back, so nothing of the step stays.
    """
    if event.state is not EventState.PUBLISHED:
        raise NotOnSale("This show is not on sale.")
    with db_session.no_autoflush:  # a new cart is written once, together with its lines
        held = _lock_and_list(db_session, cart, now)
        wishes = unlock(db_session, event, wishes, now)
        quotes = quote_all(db_session, event=event, wishes=wishes, buyer=buyer, now=now)
        quotes = with_vouchers(db_session, event, quotes)
        _check_limit(event, held, quotes)
        wanted = wanted_units(quotes)
        blockers = _blockers(db_session, event, wishes, now)
        has_own_line = any(quote.queues for quote in quotes)
        if is_past_list or blockers or has_own_line or not take_directly(db_session, wanted=wanted):
            if not is_past_list:
                _check_nobody_waits(db_session, quotes, wanted)
            expired = expire_carts(db_session, quota_ids=wanted, order_ids=blockers, now=now)
            let_go(db_session, expired, now=now)
            move_counters(db_session, wanted=wanted, given_back=expired.given_back, now=now)
    if not held:  # nothing is held yet (or any more), so the time starts now
        cart.claimed_at = now
        cart.expires_at = now + timedelta(minutes=event.hold_minutes)
    lines = [_new_line(cart, quote, now) for quote in quotes]
    for line in lines:
        set_tax(event, line)
    cart.total_minor = sum(line.total_minor for line in [*held, *lines])
    _write_lines(db_session, cart, lines, quotes)
    assert cart.expires_at is not None
    for kind, group in by_kind(lines):
        sellable_of(kind).claim(db_session, event=event, lines=group, now=now, expires_at=cart.expires_at, by=by)
    return lines


def remove_line(db_session: Session, *, cart: Order, line_id: int, by: Actor, now: datetime) -> None:
    """Give one line of a cart up. What it held is free at once; a line that is gone already is no error."""
    held = _lock_and_list(db_session, cart, now)
    gone = [line for line in held if line.id == line_id]
    if gone:
        release_lines(db_session, order=cart, lines=gone, reason="removed", by=by, now=now)
    cart.total_minor = sum(line.total_minor for line in held if line.id != line_id)


def extend_cart(db_session: Session, *, event: Event, cart: Order, minutes: int, now: datetime) -> datetime:
    """Lengthen the hold by `minutes`, at most to the show's ceiling counted from the first claim. Returns the new end.

    Raises CartExpired and HoldAtItsEnd.
    """
    lines = _lock_and_list(db_session, cart, now)
    longer = longest_hold(event, cart, minutes)
    if cart.expires_at is None or longer <= cart.expires_at:
        raise HoldAtItsEnd(
            "The hold cannot be made longer. Place the order now; you can still change names afterwards."
        )
    cart.expires_at = longer
    for kind, group in by_kind(lines):
        sellable_of(kind).extend(db_session, lines=group, expires_at=longer)
    return longer


def longest_hold(event: Event, cart: Order, minutes: int) -> datetime:
    """When the hold would end with `minutes` more: never past the ceiling, never before its present end."""
    assert cart.expires_at is not None
    ceiling = (cart.claimed_at or cart.created_at) + timedelta(minutes=event.hold_max_minutes)
    return max(cart.expires_at, min(cart.expires_at + timedelta(minutes=minutes), ceiling))


def sweep_expired(db_session: Session, *, now: datetime, limit: int = 100) -> int:
    """Tidy up carts whose time is over. Nothing depends on it: an expired hold counts as free already."""
    over = select(Order.id).where(Order.state == IS_A_CART, Order.expires_at <= now).order_by(Order.id).limit(limit)
    return close_expired(db_session, order_ids=list(db_session.scalars(over)), now=now)


def close_expired(
    db_session: Session, *, quota_ids: Iterable[int] = (), order_ids: Iterable[int] = (), now: datetime
) -> int:
    """Close the carts whose time is over among those named and those that hold units of these quotas; all they held is free.

    Returns how many. Carts that somebody else is closing at this moment are left to them.
    """
    expired = expire_carts(db_session, quota_ids=quota_ids, order_ids=order_ids, now=now)
    let_go(db_session, expired, now=now)
    move_counters(db_session, wanted={}, given_back=expired.given_back, now=now)
    return len(expired.orders)


def release_lines(
    db_session: Session, *, order: Order, lines: Sequence[OrderLine], reason: str, by: Actor, now: datetime
) -> None:
    """Give lines of one locked order back."""
    release_orders(db_session, pairs=[(order, lines)], reason=reason, by=by, now=now)


def release_orders(
    db_session: Session,
    *,
    pairs: Sequence[tuple[Order, Sequence[OrderLine]]],
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    """Give lines of locked orders back: first the features let go of places and badges, then the quotas, each once, in order.

    Places before quotas is the order of locks everywhere, so that buyers never wait for each other in a circle.
    """
    lines = [line for _, group in pairs for line in group]
    for line in lines:
        line.released_at = now
    db_session.flush()
    given_back = take_back(db_session, lines)
    for kind, group in by_kind(lines):
        sellable_of(kind).release(db_session, lines=group, reason=reason, now=now, by=by)
    for order, own in pairs:
        order_released.send(order, db_session=db_session, order=order, lines=list(own), reason=reason, now=now, by=by)
    marks.note_released(db_session, lines, reason=reason, by=by, now=now)
    move_counters(db_session, wanted={}, given_back=given_back, now=now)


def let_go(db_session: Session, expired: Expired, *, now: datetime) -> None:
    """Tell the features about carts that `expire_carts` closed, and write it down."""
    by = Actor.job("expiry")
    for kind, group in by_kind(expired.lines):
        sellable_of(kind).release(db_session, lines=group, reason="expired", now=now, by=by)
    marks.note_released(db_session, expired.lines, reason="expired", by=by, now=now)
    for order in expired.orders:
        if order.claimed_at is not None:
            record(db_session, now=now, by=by, verb="order.expired", subject=order, origin="cart", target="expired")


def check_cart_is_open(cart: Order, now: datetime) -> None:
    """Raises AlreadyPlaced for a cart that is an order by now, CartExpired for one whose hold has run out."""
    if cart.state in (OrderState.PLACED, OrderState.CONFIRMED):
        raise AlreadyPlaced("This order is placed already.", order_id=cart.id)
    if cart.state is not OrderState.CART or (cart.expires_at is not None and cart.expires_at <= now):
        raise CartExpired("Your hold has ended, so these things may be gone. Try again with what is still free.")


def quote_all(db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime) -> list[Quote]:
    """Ask each kind for its quotes, all wishes of a kind together. Raises OverLimit for senseless quantities."""
    groups: dict[str, list[Wish]] = defaultdict(list)
    for wish in wishes:
        if not 1 <= wish.quantity <= MOST_PIECES:
            raise OverLimit(f"Choose a quantity from 1 to {MOST_PIECES}.", field="quantity")
        groups[wish.kind].append(wish)
    quotes: list[Quote] = []
    for kind, group in sorted(groups.items()):
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


def _check_nobody_waits(db_session: Session, quotes: Sequence[Quote], wanted: Iterable[int]) -> None:
    own_lines = [queue for quote in quotes for queue in quote.queues]
    if somebody_waits(db_session, [*own_lines, *map(quota_queue, wanted)]):
        raise ListFirst("Others wait for this and are served first. Try again in a minute.", quotas=sorted(wanted))


def faults_of(
    db_session: Session, *, event: Event, order: Order, lines: Sequence[OrderLine], is_final: bool = False
) -> list[str]:
    """What must change before these lines may stand as they are, all kinds together."""
    return [
        sentence
        for kind, group in by_kind(lines)
        for sentence in sellable_of(kind).faults(db_session, event=event, order=order, lines=group, is_final=is_final)
    ]


def wanted_units(quotes: Sequence[Quote]) -> dict[int, int]:
    """Units by quota id that these quotes take together."""
    totals: dict[int, int] = defaultdict(int)
    for quote in quotes:
        for quota_id, per_piece in quote.quotas.items():
            totals[quota_id] += per_piece * quote.wish.quantity
    return dict(totals)


def by_kind(lines: Iterable[OrderLine]) -> list[tuple[str, list[OrderLine]]]:
    """Lines grouped by kind, kinds in the order of their names: everybody takes and gives things in one order."""
    groups: dict[str, list[OrderLine]] = defaultdict(list)
    for line in lines:
        groups[line.kind].append(line)
    return sorted(groups.items())


def sellable_of(kind: str) -> Sellable:
    """The registered sellable. Raises NotOnSale for a kind nobody sells."""
    found: Sellable | None = registry().sellables.get(kind)
    if found is None:
        raise NotOnSale("That is not sold here.")
    return found


def _lock_and_list(db_session: Session, cart: Order, now: datetime) -> list[OrderLine]:
    """Lock the cart, see that it is open, return what it holds. A cart that is not written yet holds nothing."""
    if cart.id is None:
        return []
    lock(db_session, cart)
    check_cart_is_open(cart, now)
    return list_live_lines(db_session, cart)


def _check_limit(event: Event, held: Sequence[OrderLine], quotes: Sequence[Quote]) -> None:
    count = sum(quote.wish.quantity for quote in quotes) + sum(line.quantity for line in held)
    if count > event.per_order_limit:
        raise OverLimit(
            f"One order can hold {event.per_order_limit} things at most. Place this one and start another.",
            field="quantity",
        )


def set_tax(event: Event, line: OrderLine) -> None:
    """The rate that the show has for this kind of thing, as it is now."""
    tax = rule_for(event.taxes, line.kind)
    line.tax_name = tax.name if tax else ""
    line.tax_bp = tax.basis_points if tax else 0
    line.tax_is_added = tax.is_added if tax else False


def _new_line(cart: Order, quote: Quote, now: datetime) -> OrderLine:
    return OrderLine(
        event_id=cart.event_id,
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


def _write_lines(db_session: Session, cart: Order, lines: Sequence[OrderLine], quotes: Sequence[Quote]) -> None:
    """The cart (if new), its lines, and what each line takes of which quota."""
    db_session.flush()
    for line in lines:
        line.order_id = cart.id
    db_session.add_all(lines)
    db_session.flush()
    hold_units(db_session, lines, quotes)


def hold_units(db_session: Session, lines: Sequence[OrderLine], quotes: Sequence[Quote]) -> None:
    """Write what each line takes of which quota; the counters are moved already."""
    units = [
        {"line_id": line.id, "quota_id": quota_id, "event_id": line.event_id, "quantity": per_piece * line.quantity}
        for line, quote in zip(lines, quotes, strict=True)
        for quota_id, per_piece in sorted(quote.quotas.items())
    ]
    if units:
        db_session.execute(_insert_units(), units)


@cache
def _insert_units() -> Any:
    table: Any = LineQuota.__table__
    return insert(table)
