"""What somebody says to an offer: take it (into the usual checkout), or let it go, so that it goes to the next at once."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.orders.errors import CartExpired
from swapmeet.orders.models import ORDER_MACHINE, Order, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.services.carts import by_kind, check_cart_is_open, close_expired, release_lines, sellable_of
from swapmeet.orders.waitlist.models import WAIT_MACHINE, WaitingEntry, WaitState
from swapmeet.orders.waitlist.serving import cart_key, serve

TOO_LATE = "The time for this offer is over, and it went to the next in line. You can wait again."


def accept(db_session: Session, *, event: Event, entry: WaitingEntry, now: datetime) -> str:
    """The key of the cart that holds the offer. Whoever takes it in the last minutes gets the show's usual time for the checkout.

    Taking it twice, also from two devices, leads to the same cart. Raises CartExpired once the time is over, AlreadyPlaced
    when it is an order by now, IllegalTransition when there is no offer.
    """
    cart = _lock_offer(db_session, entry)
    if cart is None:
        return _refuse(db_session, entry, now)
    check_cart_is_open(cart, now)
    least = now + timedelta(minutes=event.hold_minutes)
    if cart.expires_at is not None and cart.expires_at < least:
        cart.expires_at = entry.offer_ends_at = least
        for kind, group in by_kind(list_live_lines(db_session, cart)):
            sellable_of(kind).extend(db_session, lines=group, expires_at=least)
    return cart_key(entry)


def decline(db_session: Session, *, event: Event, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    """What was offered is free, once, and offered to the next. Raises CartExpired when its time was over already."""
    cart = _lock_offer(db_session, entry)
    if cart is None:
        _refuse(db_session, entry, now)
        return
    if cart.expires_at is not None and cart.expires_at <= now:
        close_expired(db_session, order_ids=[cart.id], now=now)
    else:
        ORDER_MACHINE.check(cart.state, OrderState.CANCELED)
        cart.state, cart.closed_at = OrderState.CANCELED, now
        release_lines(
            db_session, order=cart, lines=list_live_lines(db_session, cart), reason="declined", by=by, now=now
        )
    serve(db_session, event=event, now=now)


def _lock_offer(db_session: Session, entry: WaitingEntry) -> Order | None:
    """The cart of the open offer, locked: orders before entries, as everywhere. None when there is no open offer any more."""
    cart = db_session.get(Order, entry.offer_order_id) if entry.offer_order_id is not None else None
    if cart is not None:
        lock(db_session, cart)
    db_session.refresh(entry)
    return cart if entry.state is WaitState.OFFERED and cart is not None and cart.id == entry.offer_order_id else None


def _refuse(db_session: Session, entry: WaitingEntry, now: datetime) -> str:
    if entry.state is WaitState.LAPSED:
        raise CartExpired(TOO_LATE)
    WAIT_MACHINE.check(entry.state, WaitState.TAKEN)
    raise CartExpired(TOO_LATE)
