"""Getting in line, out of it, and back into it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.infra import codes
from swapmeet.infra.audit import record
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.errors import OverLimit
from swapmeet.orders.sellables import Waitable
from swapmeet.orders.waitlist import marks
from swapmeet.orders.waitlist.errors import NoListHere, StillFree, WaitsAlready
from swapmeet.orders.waitlist.models import (
    WaitingEntry,
    WaitingItem,
    WaitingList,
    WaitState,
    quota_queue,
)
from swapmeet.orders.waitlist.queries import find_standing, somebody_waits
from swapmeet.orders.waitlist.serving import lock_list, serve


@dataclass(frozen=True)
class Wanted:
    """So many pieces of one thing, and the form field it was asked with."""

    thing: Waitable
    quantity: int
    field: str


@dataclass(frozen=True)
class Newcomer:
    """Who wants to wait, and how."""

    name: str
    email: str
    person_id: int | None = None
    is_whole: bool = True
    is_adjacent: bool = False
    willing_until: datetime | None = None
    is_mailed: bool = True


def join(
    db_session: Session, *, event: Event, wanted: Sequence[Wanted], who: Newcomer, by: Actor, now: datetime
) -> WaitingEntry:
    """A place at the end of the line. Raises NoListHere, OverLimit, StillFree, WaitsAlready, Invalid, each at its field."""
    if event.state is not EventState.PUBLISHED:
        raise NoListHere("This show takes nobody on its waiting list now.")
    if who.willing_until is not None and who.willing_until <= now:
        raise Invalid("This day is over. Choose a later one, or leave it empty.", field="willing_until")
    _check(db_session, event, wanted, who)
    items = [_item(event, each) for each in wanted]
    entry = stand(db_session, event_id=event.id, items=items, who=who, by=by, now=now)
    if who.is_mailed:
        marks.tell(db_session, entry, "joined", now=now)
    return entry


def stand(
    db_session: Session,
    *,
    event_id: int,
    items: Sequence[WaitingItem],
    who: Newcomer,
    by: Actor,
    now: datetime,
    stood_at: datetime | None = None,
) -> WaitingEntry:
    """A place in line for these things, without a question: at its end, or where somebody belongs who stood elsewhere before."""
    open_list(db_session, event_id, now=now)
    lock_list(db_session, event_id)
    code, seal = codes.order_code(), codes.link_key()
    entry = WaitingEntry(
        event_id=event_id,
        code=code,
        link_seal=seal,
        key_digest="",
        state=WaitState.WAITING,
        person_id=who.person_id,
        name=who.name,
        email=who.email.strip().lower(),
        is_whole=who.is_whole,
        is_adjacent=who.is_adjacent,
        willing_until=who.willing_until,
        stood_at=stood_at or now,
        created_at=now,
        items=list(items),
    )
    entry.key_digest = codes.digest(entry.link_key)
    db_session.add(entry)
    db_session.flush()
    marks.stand_in_line(db_session, entry)
    what = ", ".join(f"{item.quantity} × {item.title}" for item in items)
    record(db_session, now=now, by=by, verb="waiting.joined", subject=entry, target="waiting", what=what)
    return entry


def leave(db_session: Session, *, entry: WaitingEntry, reason: str, by: Actor, now: datetime) -> None:
    """Out of the line for good. Raises IllegalTransition when the entry does not wait."""
    lock_list(db_session, entry.event_id)
    db_session.refresh(entry)
    marks.close(db_session, entry, WaitState.LEFT, by=by, now=now, reason=reason)


def stand_again(db_session: Session, *, event: Event, entry: WaitingEntry, by: Actor, now: datetime) -> None:
    """After an offer that lapsed or was declined: back into the line, at its end."""
    if event.state is not EventState.PUBLISHED:
        raise NoListHere("This show takes nobody on its waiting list now.")
    lock_list(db_session, entry.event_id)
    db_session.refresh(entry)
    marks.move(db_session, entry, WaitState.WAITING, by=by, now=now, reason="asked to wait again")
    entry.stood_at, entry.passed_reason, entry.passed_at = now, "", None
    db_session.flush()
    serve(db_session, event=event, now=now)


def set_paused(db_session: Session, *, event: Event, is_paused: bool, by: Actor, now: datetime) -> None:
    """Stop the line, or let it move again (and move it at once)."""
    open_list(db_session, event.id, now=now)
    found = lock_list(db_session, event.id)
    assert found is not None
    if found.is_paused == is_paused:
        return
    found.is_paused, found.changed_at = is_paused, now
    verb = "waiting_list.paused" if is_paused else "waiting_list.resumed"
    record(db_session, now=now, by=by, verb=verb, subject=found)
    db_session.flush()
    if not is_paused:
        serve(db_session, event=event, now=now)


def open_list(db_session: Session, event_id: int, *, now: datetime) -> None:
    """The row that is locked by whoever moves the line; made with the first who waits."""
    insert = postgresql.insert if db_session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"event_id": event_id, "is_paused": False, "changed_at": now}
    db_session.execute(insert(WaitingList).values(values).on_conflict_do_nothing(index_elements=["event_id"]))


def _check(db_session: Session, event: Event, wanted: Sequence[Wanted], who: Newcomer) -> None:
    if not wanted:
        raise NoListHere("Say how many of what you are waiting for.")
    for each in wanted:
        if each.quantity > each.thing.most:
            raise OverLimit(f"You can wait for {each.thing.most} at most.", field=each.field)
    if not any(_is_short(db_session, each) for each in wanted):
        raise StillFree("All of this is free at this moment: take it on the page of the show.", field=wanted[0].field)
    things = [(each.thing.kind, each.thing.product_id) for each in wanted]
    if find_standing(db_session, event_id=event.id, email=who.email, person_id=who.person_id, things=things):
        raise WaitsAlready(
            "You are on the list for this already. The link to your place in line is in the e-mail you got.",
            field="email",
        )


def _is_short(db_session: Session, each: Wanted) -> bool:
    return (each.thing.left is not None and each.thing.left < each.quantity) or somebody_waits(
        db_session, queues_of(each.thing)
    )


def queues_of(thing: Waitable) -> list[str]:
    """The lines in which one stands for it."""
    return sorted({*map(quota_queue, thing.quotas), *thing.queues})


def _item(event: Event, each: Wanted) -> WaitingItem:
    return WaitingItem(
        event_id=event.id,
        kind=each.thing.kind,
        product_id=each.thing.product_id,
        choice=dict(each.thing.choice),
        title=each.thing.title[:300],
        quantity=each.quantity,
        queues=queues_of(each.thing),
    )
