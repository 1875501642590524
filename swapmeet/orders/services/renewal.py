"""An expired cart, tried again: each thing by itself, so that what is gone does not stand in the way of the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.errors import CartEmpty, SoldOut, StillMoving
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.queries import list_lines, list_live_lines
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.buying import buy
from swapmeet.orders.services.carts import close_expired

RENEWS = "renews"  # in the facts of a line: the ids of the lines whose place it took, oldest first


def renew_cart(
    db_session: Session, *, event: Event, old: Order, cart: Order, buyer: Buyer, by: Actor, now: datetime
) -> list[str]:
    """Hold what `old` held again, in `cart` (new). Returns a sentence for each thing that is gone.

    Each new line remembers the line whose place it took (`new_line_ids`), so that what was typed for the old one finds it.
    Raises CartEmpty when nothing of it can be had any more.
    """
    close_expired(db_session, order_ids=[old.id], now=now)
    lines = list_run_out(db_session, old)
    again = _Again(db_session, event, cart, buyer, by, now)
    gone = [sentence for line in lines for sentence in again.hold(line, wish_of(line))]
    if cart.claimed_at is None:
        raise CartEmpty(" ".join(gone) or "There was nothing in that cart.")
    return gone


def new_line_ids(lines: Iterable[OrderLine]) -> dict[int, int]:
    """Which of these lines took the place of which earlier one: old id -> new id, over any number of renewals."""
    return {old_id: line.id for line in lines for old_id in line.facts.get(RENEWS, ())}


def list_changes(db_session: Session, *, old: Order, cart: Order) -> list[str]:
    """What `renew_cart` told, seen from the two carts: for a second click, whose answer is the one that is read."""
    lines = list_live_lines(db_session, cart)
    now_in, by_id = new_line_ids(lines), {line.id: line for line in lines}
    pairs = [(line, by_id.get(now_in.get(line.id, 0))) for line in list_run_out(db_session, old)]
    return [
        _left(was.title, line.quantity if line is not None else 0)
        for was, line in pairs
        if line is None or line.quantity < was.quantity
    ]


def _left(title: str, count: int) -> str:
    return f"{title}: only {count} left, held for you." if count else f"{title}: gone."


def list_run_out(db_session: Session, order: Order) -> list[OrderLine]:
    """What a cart held when it ran out. Lines its buyer took out before are left out."""
    ended = order.closed_at
    return [
        line
        for line in list_lines(db_session, order)
        if line.released_at is None or (ended is not None and line.released_at >= ended)
    ]


def wish_of(line: OrderLine) -> Wish:
    """The wish that led to this line."""
    return Wish(line.kind, line.product_id, line.quantity, dict(line.facts))


@dataclass(frozen=True)
class _Again:
    """Everything that stays the same from thing to thing."""

    db_session: Session
    event: Event
    cart: Order
    buyer: Buyer
    by: Actor
    now: datetime

    def hold(self, old: OrderLine, wish: Wish) -> list[str]:
        """Hold it, or fewer when only fewer are left. Returns what to tell the buyer: nothing when all is as before."""
        try:
            self._add(wish, {RENEWS: [*old.facts.get(RENEWS, ()), old.id]})
        except StillMoving:
            raise
        except SoldOut as error:
            left = int(str(error.facts.get("left", 0)))
            if not 0 < left < wish.quantity:
                return [_left(old.title, 0)]
            return self.hold(old, replace(wish, quantity=left)) or [_left(old.title, left)]
        except DomainError as error:
            return [f"{old.title}: {error.message}"]
        return []

    def _add(self, wish: Wish, facts: Mapping[str, list[int]]) -> None:
        with self.db_session.begin_nested():
            (line,) = buy(
                self.db_session,
                event=self.event,
                cart=self.cart,
                wishes=[wish],
                buyer=self.buyer,
                by=self.by,
                now=self.now,
            )
            line.facts = {**line.facts, **facts}
