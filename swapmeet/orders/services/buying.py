"""A visitor puts something into a cart; whoever waits for the same is served first, in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.errors import StillMoving
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.sellables import Buyer, Wish
from swapmeet.orders.services.carts import add_to_cart
from swapmeet.orders.waitlist.errors import KeptForList, ListFirst
from swapmeet.orders.waitlist.queries import find_list
from swapmeet.orders.waitlist.serving import serve

WENT_TO_LIST = "went_to_list"  # in the facts of a refusal: offers were made and roll back with it, so the line is to be served again


def buy(
    db_session: Session, *, event: Event, cart: Order, wishes: Sequence[Wish], buyer: Buyer, by: Actor, now: datetime
) -> list[OrderLine]:
    """`add_to_cart` for the public. Raises the same, except ListFirst; and KeptForList while the organizer has paused the list.

    A refusal after the line was served says so in its facts.
    """
    try:
        return add_to_cart(db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=now)
    except ListFirst as error:
        quota_ids = cast("Iterable[int]", error.facts["quotas"])
        serve(db_session, event=event, now=now, quota_ids=quota_ids)
    if (found := find_list(db_session, event.id)) is not None and found.is_paused:
        raise KeptForList("What comes back is kept for the waiting list, which the organizer is looking at now.")
    try:
        return add_to_cart(
            db_session, event=event, cart=cart, wishes=wishes, buyer=buyer, by=by, now=now, is_past_list=True
        )
    except StillMoving:
        raise
    except DomainError as error:
        error.facts[WENT_TO_LIST] = True
        raise
