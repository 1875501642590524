"""What becomes of an entry when the cart of its offer is placed or given up. Called by carts and checkout; decides nothing else.

Lines that the list put into a cart carry the entry's id in their facts, so everybody else's carts cost nothing here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.waitlist.models import WAIT_MACHINE, WaitingEntry, WaitingQueue, WaitState

ENTRY = "waiting_entry"  # in the facts of a line
ITEM = "waiting_item"
LAPSES = ("expired", "unpaid")


def note_released(db_session: Session, lines: Iterable[OrderLine], *, reason: str, by: Actor, now: datetime) -> None:
    """Lines were given up. An offer of which nothing is left is over: lapsed by the clock, else declined."""
    for entry in _offered(db_session, lines):
        left = select(func.count()).where(OrderLine.order_id == entry.offer_order_id, OrderLine.released_at.is_(None))
        if not db_session.scalar(left):
            target = WaitState.LAPSED if reason in LAPSES else WaitState.DECLINED
            close(db_session, entry, target, by=by, now=now, reason=reason)
            if target is WaitState.LAPSED:
                tell(db_session, entry, "lapsed", now=now)


def note_placed(db_session: Session, order: Order, lines: Sequence[OrderLine], *, by: Actor, now: datetime) -> None:
    """The cart of an offer became an order: taken, or in part, and then the rest is still waited for in the old place."""
    for entry in _offered(db_session, lines):
        got: dict[int, int] = defaultdict(int)
        for line in lines:
            got[int(line.facts.get(ITEM, 0))] += line.quantity
        rest = [item for item in entry.items if got[item.id] < item.quantity]
        if entry.is_whole or not rest:
            close(db_session, entry, WaitState.TAKEN, by=by, now=now, order=order.code)
            continue
        for item in list(entry.items):
            if item in rest:
                item.quantity -= got[item.id]
            else:
                entry.items.remove(item)
        move(db_session, entry, WaitState.WAITING, by=by, now=now, reason="took a part, waits for the rest")


def move(
    db_session: Session,
    entry: WaitingEntry,
    target: WaitState,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> None:
    """One step of the machine, written down. Whoever waits stands in the lines of its items, nobody else does."""
    origin = entry.state
    WAIT_MACHINE.check(origin, target)
    entry.state = target
    if target is WaitState.WAITING:
        entry.offer_order_id = entry.offer_ends_at = entry.closed_at = None
    db_session.flush()
    db_session.execute(delete(WaitingQueue).where(WaitingQueue.entry_id == entry.id))
    if target is WaitState.WAITING:
        stand_in_line(db_session, entry)
    record(
        db_session,
        now=now,
        by=by,
        verb=f"waiting.{target.value}",
        subject=entry,
        origin=origin.value,
        target=target.value,
        reason=reason,
        **facts,
    )
    for follow in registry().line_followers:
        follow(db_session, entry, origin, by=by, now=now)


def close(
    db_session: Session,
    entry: WaitingEntry,
    target: WaitState,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> None:
    """The same for a state in which the entry waits no longer and is offered nothing."""
    move(db_session, entry, target, by=by, now=now, reason=reason, **facts)
    entry.closed_at = now


def stand_in_line(db_session: Session, entry: WaitingEntry) -> None:
    """Enter the lines of its items."""
    queues = sorted({str(queue) for item in entry.items for queue in item.queues})
    db_session.add_all(WaitingQueue(queue=queue, entry_id=entry.id, event_id=entry.event_id) for queue in queues)
    db_session.flush()


def tell(db_session: Session, entry: WaitingEntry, fact: str, *, now: datetime) -> None:
    """Queue the mail about one fact: "joined", "offered", "lapsed", "ended"; one for each offer."""
    if entry.email:
        queue_mail(
            db_session,
            kind=f"waiting.{fact}",
            to=entry.email,
            payload={"entry_id": entry.id, "offer": entry.offer_number},
            fact_key=f"waiting:{entry.id}:{fact}:{entry.offer_number}",
            now=now,
            event_id=entry.event_id,
            person_id=entry.person_id,
        )


def _offered(db_session: Session, lines: Iterable[OrderLine]) -> list[WaitingEntry]:
    """Entries whose open offer these lines belong to."""
    pairs = {(int(line.facts[ENTRY]), line.order_id) for line in lines if ENTRY in line.facts}
    if not pairs:
        return []
    wanted = (
        select(WaitingEntry)
        .where(WaitingEntry.id.in_({entry_id for entry_id, _ in pairs}), WaitingEntry.state == WaitState.OFFERED)
        .order_by(WaitingEntry.id)
        .with_for_update(of=WaitingEntry)
        .execution_options(populate_existing=True)
    )
    return [entry for entry in db_session.scalars(wanted) if (entry.id, entry.offer_order_id) in pairs]
