"""What of an order can be given up, one box for each: the same for its buyer and for the team."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.time import to_local
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.pieces import Piece, divide, token_of
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.refunds import RefundTerms
from swapmeet.orders.services.cancellations import terms_for
from swapmeet.orders.services.divisions import gone_part, list_pieces


@dataclass(frozen=True)
class Item:
    """One box: what it is and whose, its price, what of it comes back today, and what stands in the way of its buyer."""

    token: str
    title: str
    who: str
    detail: str
    price_minor: int
    terms: RefundTerms
    is_passed_on: bool = False
    has_come_in: bool = False

    @property
    def label(self) -> str:
        return f"{self.who}: {self.title}" if self.who else self.title

    @property
    def is_free_to_go(self) -> bool:
        """The buyer may give it back."""
        return not self.is_passed_on and not self.has_come_in


def list_items(db_session: Session, *, event: Event, order: Order, now: datetime) -> list[Item]:
    """In the order of lines, and in them of people. Linear in the number of people."""
    live = list_live_lines(db_session, order)
    pieces = list_pieces(db_session, order, live)
    today = to_local(now, event.time_zone).date()
    return [
        item
        for line in live
        for item in _items(line, pieces.get(line.id, []), terms_for(db_session, order, line, event.first_day, today))
    ]


def chosen(items: Collection[Item], tokens: Collection[str]) -> list[Item]:
    return [item for item in items if item.token in tokens]


def _items(line: OrderLine, pieces: list[Piece], terms: RefundTerms) -> list[Item]:
    if not pieces or line.quantity == 1:
        count = f"{line.quantity} × " if line.quantity > 1 else ""
        piece = pieces[0] if pieces else Piece(1, (1,))
        return [_item(line, token_of(line.id), count + line.title, piece, line.total_minor, terms)]
    return [
        _item(
            line,
            token_of(line.id, quantity=line.quantity, number=piece.number),
            line.title if piece.title else f"{line.title}, {piece.number} of {line.quantity}",
            piece,
            gone_part(line, divide(pieces, {piece.number})).total_minor,
            terms,
        )
        for piece in pieces
    ]


def _item(line: OrderLine, token: str, title: str, piece: Piece, price_minor: int, terms: RefundTerms) -> Item:
    return Item(token, title, piece.title, line.detail, price_minor, terms, piece.is_passed_on, piece.has_come_in)
