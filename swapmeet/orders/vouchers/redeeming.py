"""A code typed in at the cart: things that are held already get its price, as far as its uses go."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import SoldOut
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import HELD, VOUCHER, Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart, by_kind, check_cart_is_open, release_lines, sellable_of
from swapmeet.orders.vouchers import rules
from swapmeet.orders.vouchers.applying import get_voucher
from swapmeet.orders.vouchers.errors import VoucherNotForThis
from swapmeet.orders.vouchers.models import Voucher


def redeem(db_session: Session, *, event: Event, cart: Order, code: str, buyer: Buyer, by: Actor, now: datetime) -> int:
    """Give lines of the cart the code's price, oldest first, as many pieces as it has uses left. Returns how many pieces.

    Each line is given up and claimed again in this transaction, so nobody can come between. Raises VoucherUnknown,
    VoucherNotForThis, SoldOut (no uses left), CartExpired.
    """
    voucher = get_voucher(db_session, event_id=event.id, code=code, now=now)
    lock(db_session, cart)
    check_cart_is_open(cart, now)
    lines = [line for line in _eligible(db_session, event, cart, voucher, buyer, now) if VOUCHER not in line.facts]
    if not lines:
        raise VoucherNotForThis(f"The code {voucher.code} is for nothing that is in your cart.", field="code")
    left = free_units(db_session, [voucher.quota_id], now=now)[voucher.quota_id]
    if left == 0:
        raise SoldOut(f"The code {voucher.code} was used as often as it can be.", field="code", left=0)
    count = 0
    for line in lines:
        pieces = line.quantity if left is None else min(line.quantity, left - count)
        if pieces:
            _swap(db_session, event, cart, line, voucher, pieces, buyer, by, now)
            count += pieces
    cart.total_minor = sum(line.total_minor for line in list_live_lines(db_session, cart))
    return count


def _eligible(
    db_session: Session, event: Event, cart: Order, voucher: Voucher, buyer: Buyer, now: datetime
) -> Sequence[OrderLine]:
    found = []
    for kind, group in by_kind(list_live_lines(db_session, cart)):
        wishes = [Wish(kind, line.product_id, line.quantity, {**line.facts, HELD: line.id}) for line in group]
        quotes = sellable_of(kind).quote(db_session, event=event, wishes=wishes, buyer=buyer, now=now)
        for line, quote in zip(group, quotes, strict=True):
            group_id = quote.group_id if quote.group_id is not None else line.product_id
            if rules.fits(voucher.scope_kind, voucher.scope_id, kind=kind, group_id=group_id):
                found.append(line)
    return sorted(found, key=lambda line: line.id)


def _swap(
    db_session: Session,
    event: Event,
    cart: Order,
    line: OrderLine,
    voucher: Voucher,
    pieces: int,
    buyer: Buyer,
    by: Actor,
    now: datetime,
) -> None:
    """The same pieces again, with the code; what the code has no uses for as it was. The hold goes on as it stood."""
    ends, claimed = cart.expires_at, cart.claimed_at
    facts = {key: value for key, value in line.facts.items() if key != "tier_id"}
    release_lines(db_session, order=cart, lines=[line], reason="removed", by=by, now=now)
    wishes = [Wish(line.kind, line.product_id, pieces, {**facts, VOUCHER: voucher.code})]
    if line.quantity > pieces:
        wishes.append(Wish(line.kind, line.product_id, line.quantity - pieces, facts))
    add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=now, is_past_list=True)
    if ends is not None and cart.expires_at != ends:
        cart.expires_at, cart.claimed_at = ends, claimed
        for kind, group in by_kind(list_live_lines(db_session, cart)):
            sellable_of(kind).extend(db_session, lines=group, expires_at=ends)
