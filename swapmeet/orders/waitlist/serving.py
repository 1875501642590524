"""The line moves: what is free is offered to those who wait, in their order, before anybody else can have it.

Whoever serves holds the row of the show's list, then the quotas in ascending id; then the line is read. So two servers,
and a server and a buyer, see each other's offers, and the guarded counters and the index over live places stand behind it:
an offer is a cart like any other.
"""

from collections.abc import Collection, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra import codes
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import guard_is_on, lock_ids
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.time import end_of_day, from_local
from swapmeet.orders.errors import StillMoving
from swapmeet.orders.models import Order, OrderLine, Quota
from swapmeet.orders.scarcity import free_units
from swapmeet.orders.sellables import FROM_LIST, VARIANT, Buyer, Waitable, Wish
from swapmeet.orders.services.carts import add_to_cart, by_kind, close_expired, open_cart, sellable_of
from swapmeet.orders.waitlist import line, marks
from swapmeet.orders.waitlist.errors import NotEnoughFree
from swapmeet.orders.waitlist.models import WaitingEntry, WaitingItem, WaitingList, WaitState
from swapmeet.orders.waitlist.queries import list_shows_with_line, list_waiting

BY = Actor.job("waiting list")


def serve(db_session: Session, *, event: Event, now: datetime, quota_ids: Iterable[int] = ()) -> int:
    """Offer what is free to those who wait. `quota_ids` are further quotas the caller will claim. Returns how many offers.

    While the list is paused nothing is offered. Raises StillMoving when somebody else is in the way: try again.
    """
    found = lock_list(db_session, event.id)
    if found is None:
        return 0
    entries = _end_what_is_over(db_session, event, list_waiting(db_session, event_id=event.id), now)
    if found.is_paused:
        return 0
    for comes_first in registry().before_line:
        comes_first(db_session, event=event, now=now)
    if not entries:
        return 0
    server = Server.at(db_session, event, entries, now, quota_ids)
    return sum(server.offer(entry) for entry in entries)


def serve_all(db_session: Session, *, now: datetime) -> None:
    """The line of every show, one after the other; the worker calls it several times a minute."""
    for event_id in list_shows_with_line(db_session):
        serve(db_session, event=db_session.get_one(Event, event_id), now=now)


def offer_by_hand(
    db_session: Session, *, event: Event, entry: WaitingEntry, reason: str, by: Actor, now: datetime
) -> None:
    """The organizer serves one entry out of turn, also while the list is paused. Raises NotEnoughFree."""
    lock_list(db_session, event.id)
    db_session.refresh(entry)
    if entry.state is not WaitState.WAITING:
        marks.move(db_session, entry, WaitState.OFFERED, by=by, now=now)  # tells why not
    server = Server.at(db_session, event, [entry], now, (), by=by, reason=reason)
    if not server.offer(entry):
        raise NotEnoughFree(
            f"Not enough is free for {entry.name}: {entry.passed_reason or 'nothing of it is free.'}", field="reason"
        )


def lock_list(db_session: Session, event_id: int) -> WaitingList | None:
    """The row of the show's list, locked, or None when nobody has ever waited. Control runs of race tests do not lock."""
    statement = select(WaitingList).where(WaitingList.event_id == event_id)
    if guard_is_on():
        statement = statement.with_for_update(of=WaitingList)
    return db_session.scalar(statement.execution_options(populate_existing=True))


def waitables_of(db_session: Session, event: Event, now: datetime) -> dict[tuple[str, int, str], Waitable]:
    """Everything the show sells that can run out, by (kind, product, choice)."""
    found = [
        each
        for kind in sorted(registry().sellables)
        for each in sellable_of(kind).waitables(db_session, event=event, now=now)
    ]
    return {key_of(each.kind, each.product_id, each.choice): each for each in found}


def key_of(kind: str, product_id: int, choice: Any) -> tuple[str, int, str]:
    """What an item and the thing it waits for have in common."""
    given = dict(choice)
    return kind, product_id, str(given.get("sale_period_id") or given.get(VARIANT) or "")


def _end_what_is_over(
    db_session: Session, event: Event, entries: Collection[WaitingEntry], now: datetime
) -> list[WaitingEntry]:
    """End what waited for long enough, and everything once the show is over or off. Returns who still waits."""
    show_ends = end_of_day(event.last_day, event.time_zone)
    is_off = event.state in (EventState.CANCELED, EventState.FINISHED) or now >= show_ends
    still = []
    for entry in entries:
        if is_off or (entry.willing_until is not None and entry.willing_until <= now):
            reason = "the show is over or canceled" if is_off else "nothing came free in time"
            marks.close(db_session, entry, WaitState.ENDED, by=BY, now=now, reason=reason)
            marks.tell(db_session, entry, "ended", now=now)
        else:
            still.append(entry)
    return still if event.state is EventState.PUBLISHED else []


@dataclass
class Server:
    """One pass along the line: what is free, and how it shrinks with each offer."""

    db_session: Session
    event: Event
    now: datetime
    things: dict[tuple[str, int, str], Waitable]
    free: dict[int, int | None]
    by: Actor = BY
    reason: str = ""
    given: dict[tuple[str, int, str], int] = field(default_factory=dict)

    @classmethod
    def at(
        cls,
        db_session: Session,
        event: Event,
        entries: Collection[WaitingEntry],
        now: datetime,
        quota_ids: Iterable[int],
        **more: Any,
    ) -> "Server":
        """Lock the quotas concerned, take back what has expired on them, and look at what is free."""
        kinds = waitables_of(db_session, event, now)
        wanted = {key_of(item.kind, item.product_id, item.choice) for entry in entries for item in entry.items}
        quotas = {quota for key in wanted & set(kinds) for quota in kinds[key].quotas} | set(quota_ids)
        if guard_is_on():
            lock_ids(db_session, Quota, quotas)
        close_expired(db_session, quota_ids=quotas, now=now)
        return cls(db_session, event, now, kinds, free_units(db_session, quotas, now=now), **more)

    def offer(self, entry: WaitingEntry) -> bool:
        """Offer the entry what there is room for, or write down why the line goes past it. True when there is an offer."""
        items = list(entry.items)
        things = [self.things.get(key_of(item.kind, item.product_id, item.choice)) for item in items]
        wants = [
            line.Want(item.quantity, thing.quotas, self._left(thing))
            if thing is not None
            else line.Want(item.quantity, {}, 0)
            for item, thing in zip(items, things, strict=True)
        ]
        room = line.share(wants, self.free, is_whole=entry.is_whole)
        wishes = self._pick(entry, items, things, room.pieces) if room.is_enough else []
        picked = [sum(wish.quantity for wish in group) for group in wishes]
        if not room.is_enough or (entry.is_whole and picked != [item.quantity for item in items]) or not sum(picked):
            self._pass(entry, items, picked or list(room.pieces))
            return False
        if not self._hold(entry, items, wishes):
            return False
        for want, thing, count in zip(wants, things, picked, strict=True):
            line.take(self.free, want.units, count)
            if thing is not None:
                key = key_of(thing.kind, thing.product_id, thing.choice)
                self.given[key] = self.given.get(key, 0) + count
        return True

    def _left(self, thing: Waitable) -> int | None:
        """Free pieces of things that no quota counts; those of quotas are in `free`."""
        if thing.quotas or thing.left is None:
            return None
        return thing.left - self.given.get(key_of(thing.kind, thing.product_id, thing.choice), 0)

    def _pick(
        self, entry: WaitingEntry, items: list[WaitingItem], things: list[Waitable | None], pieces: tuple[int, ...]
    ) -> list[list[Wish]]:
        """The wishes that make up so many pieces of each item, as far as the features find them."""
        return [
            sellable_of(thing.kind).pick(
                self.db_session, event=self.event, thing=thing, count=count, is_adjacent=entry.is_adjacent, now=self.now
            )
            if thing is not None and count
            else []
            for thing, count, _ in zip(things, pieces, items, strict=True)
        ]

    def _hold(self, entry: WaitingEntry, items: list[WaitingItem], wishes: list[list[Wish]]) -> bool:
        """Put it into a cart of the entry's own until the offer ends. False, with the reason written down, when a rule forbids it."""
        entry.offer_number += 1
        try:
            with (
                self.db_session.begin_nested() if guard_is_on() else nullcontext()
            ):  # a control's gap ends any transaction
                cart, lines = self._fill(entry, wishes)
        except StillMoving:
            raise
        except DomainError as error:
            entry.offer_number -= 1
            self._note_pass(entry, error.message)
            return False
        owners = [item for item, group in zip(items, wishes, strict=True) for _ in group]
        for each, item in zip(lines, owners, strict=True):
            each.facts = {**each.facts, marks.ENTRY: entry.id, marks.ITEM: item.id}
        self._mark(entry, cart, lines)
        return True

    def _fill(self, entry: WaitingEntry, wishes: list[list[Wish]]) -> tuple[Order, list[OrderLine]]:
        cart = open_cart(
            self.db_session, event=self.event, person_id=entry.person_id, cart_key=cart_key(entry), now=self.now
        )
        lines = add_to_cart(
            self.db_session,
            event=self.event,
            cart=cart,
            wishes=[
                Wish(wish.kind, wish.product_id, wish.quantity, {**wish.choice, FROM_LIST: True})
                for group in wishes
                for wish in group
            ],
            buyer=Buyer(entry.person_id, entry.email if entry.person_id else "", cart),
            by=self.by,
            now=self.now,
            is_past_list=True,
        )
        ends = line.offer_end(self.now, **show_span(self.event))
        cart.expires_at = ends
        for kind, group in by_kind(lines):
            sellable_of(kind).extend(self.db_session, lines=group, expires_at=ends)
        return cart, lines

    def _mark(self, entry: WaitingEntry, cart: Order, lines: list[OrderLine]) -> None:
        entry.offered_at, entry.offer_ends_at, entry.offer_order_id = self.now, cart.expires_at, cart.id
        entry.passed_reason, entry.passed_at = "", None
        what = ", ".join(f"{each.quantity} × {each.title}" for each in lines)
        marks.move(self.db_session, entry, WaitState.OFFERED, by=self.by, now=self.now, reason=self.reason, what=what)
        marks.tell(self.db_session, entry, "offered", now=self.now)

    def _pass(self, entry: WaitingEntry, items: list[WaitingItem], there: list[int]) -> None:
        """Something was free, and the line goes past this entry: it may read why."""
        if sum(there):
            titles, wanted = [item.title for item in items], [item.quantity for item in items]
            words = line.passed_words(titles, wanted, there, is_adjacent=entry.is_adjacent)
            self._note_pass(entry, words)

    def _note_pass(self, entry: WaitingEntry, words: str) -> None:
        """Once for each reason: the same one at the next look is no news."""
        if entry.passed_reason != words[:300]:
            entry.passed_reason, entry.passed_at = words[:300], self.now
            entry.passed_count += 1
            self.db_session.flush()


def cart_key(entry: WaitingEntry) -> str:
    """The key of the cart of the present offer: whoever has the entry's link can open it, on any device."""
    return codes.digest(f"offer {entry.offer_number} of {entry.link_key}")


def show_span(event: Event) -> dict[str, datetime]:
    """First and last instant of the show, for the length of offers."""
    return {
        "starts_at": from_local(event.first_day, time(0), event.time_zone),
        "ends_at": end_of_day(event.last_day, event.time_zone),
    }
