"""Quotes for many wishes, each as if it were wished alone, in few queries: for lists of what can be sold and for naming what cannot."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.sellables import Buyer, Quote, Wish
from swapmeet.orders.services.carts import quote_all


def quote_each(
    db_session: Session, *, event: Event, wishes: Sequence[Wish], buyer: Buyer, now: datetime
) -> list[Quote | DomainError]:
    """The quote of each wish, or why it is refused, in the order of the wishes.

    All of a kind are asked at once; where that is refused, each half by itself, so that a few refusals cost few more queries.
    """
    found: dict[int, Quote | DomainError] = {}
    for kind in sorted({wish.kind for wish in wishes}):
        _ask(db_session, event, [pair for pair in enumerate(wishes) if pair[1].kind == kind], buyer, now, found)
    return [found[number] for number in range(len(wishes))]


def _ask(
    db_session: Session,
    event: Event,
    asked: Sequence[tuple[int, Wish]],
    buyer: Buyer,
    now: datetime,
    found: dict[int, Quote | DomainError],
) -> None:
    try:
        quotes = quote_all(db_session, event=event, wishes=[wish for _, wish in asked], buyer=buyer, now=now)
    except DomainError as error:
        if len(asked) == 1:
            found[asked[0][0]] = error
            return
        half = len(asked) // 2
        _ask(db_session, event, asked[:half], buyer, now, found)
        _ask(db_session, event, asked[half:], buyer, now, found)
    else:
        found.update(zip((number for number, _ in asked), quotes, strict=True))


def pieces_left(quote: Quote, free: Mapping[int, int | None]) -> int | None:
    """How many pieces can be had with so many units `free` of each quota; None: no limit."""
    bounds = [left // units for quota, units in quote.quotas.items() if units and (left := free.get(quota)) is not None]
    return max(0, min(bounds)) if bounds else None
