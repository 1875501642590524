"""What the pages of the waiting list show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.orders.models import Order, OrderLine, OrderState
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Waitable
from swapmeet.orders.waitlist.forms import field_name
from swapmeet.orders.waitlist.joining import queues_of
from swapmeet.orders.waitlist.line import offer_end
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState
from swapmeet.orders.waitlist.queries import (
    Position,
    find_list,
    is_over_time,
    items_in_words,
    list_entries,
    position_of,
    somebody_waits,
)
from swapmeet.orders.waitlist.serving import show_span, waitables_of

# (tone of the chip, words)
STATE_WORDS: dict[WaitState, tuple[str, str]] = {
    WaitState.WAITING: ("info", "Waiting"),
    WaitState.OFFERED: ("held", "Offer open"),
    WaitState.TAKEN: ("ok", "Taken"),
    WaitState.DECLINED: ("bad", "Declined"),
    WaitState.LAPSED: ("bad", "Offer lapsed"),
    WaitState.LEFT: ("bad", "Left the list"),
    WaitState.ENDED: ("bad", "Ended"),
}
SHORT = 10  # what has so many left or more is no matter for a waiting list


def things_to_wait_for(
    db_session: Session, event: Event, now: datetime, *, asked: Sequence[str] = ()
) -> dict[str, Waitable]:
    """What is sold out, waited for already, nearly gone, or `asked` for, by the name of its form field."""
    found = {}
    for thing in waitables_of(db_session, event, now).values():
        name = field_name(thing)
        if not thing.is_listed:
            continue
        is_short = thing.left is not None and thing.left < SHORT
        if is_short or name in asked or somebody_waits(db_session, queues_of(thing)):
            found[name] = thing
    return found


def left_words(thing: Waitable) -> str:
    """How many are free now."""
    if not thing.left:
        return "None free now"
    return f"{thing.left} free now"


@dataclass(frozen=True)
class EntryView:
    """One place in line for a page: its state in words, and what goes with it."""

    entry: WaitingEntry
    what: str
    state: tuple[str, str]
    is_waiting: bool
    is_offered: bool
    can_return: bool
    position: Position | None


def entry_view(db_session: Session, entry: WaitingEntry, now: datetime) -> EntryView:
    """An offer whose time is over counts as lapsed, whether or not somebody has written that down."""
    state = WaitState.LAPSED if is_over_time(entry, now) else entry.state
    return EntryView(
        entry=entry,
        what=items_in_words(entry.items),
        state=STATE_WORDS[state],
        is_waiting=state is WaitState.WAITING,
        is_offered=state is WaitState.OFFERED,
        can_return=entry.state in (WaitState.LAPSED, WaitState.DECLINED) and entry.event.is_on_sale,
        position=position_of(db_session, entry),
    )


def entry_page(db_session: Session, entry: WaitingEntry, now: datetime) -> dict[str, Any]:
    """The values of templates/orders/waiting.html."""
    view = entry_view(db_session, entry, now)
    cart = db_session.get(Order, entry.offer_order_id) if entry.offer_order_id else None
    lines: Sequence[OrderLine] = list_live_lines(db_session, cart) if cart is not None and view.is_offered else []
    taken = cart is not None and cart.state in (OrderState.PLACED, OrderState.CONFIRMED)
    span = show_span(entry.event)
    found = find_list(db_session, entry.event_id)
    return {
        "event": entry.event,
        "entry": entry,
        "view": view,
        "lines": lines,
        "total": sum(line.total_minor for line in lines),
        "order": cart if taken else None,
        "hours": round((offer_end(now, **span) - now).total_seconds() / 3600) if now < span["ends_at"] else 0,
        "is_paused": found is not None and found.is_paused,
    }


def manage_page(db_session: Session, event: Event, now: datetime) -> dict[str, Any]:
    """The organizer's list: entries that wait or are offered something, those that are over, and whether it is paused."""
    found = find_list(db_session, event.id)
    views = [entry_view(db_session, entry, now) for entry in list_entries(db_session, event_id=event.id)]
    open_ones = [view for view in views if view.is_waiting or view.is_offered]
    return {
        "event": event,
        "is_paused": found is not None and found.is_paused,
        "open_ones": open_ones,
        "over": [view for view in views if view not in open_ones][::-1][:100],
        "waiting": sum(view.is_waiting for view in open_ones),
        "offered": sum(view.is_offered for view in open_ones),
    }
