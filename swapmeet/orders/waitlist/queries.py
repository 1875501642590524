"""Reads of the waiting list."""

import hmac
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from swapmeet.events.models import Event
from swapmeet.infra import codes
from swapmeet.kernel.errors import NotFound
from swapmeet.orders.waitlist.errors import EntryNotFound
from swapmeet.orders.waitlist.models import WaitingEntry, WaitingItem, WaitingList, WaitingQueue, WaitState

STANDING = (WaitState.WAITING, WaitState.OFFERED)


def somebody_waits(db_session: Session, queues: Collection[str]) -> bool:
    """Does anybody stand in one of these lines?"""
    if not queues:
        return False
    return db_session.scalar(select(WaitingQueue.entry_id).where(WaitingQueue.queue.in_(queues)).limit(1)) is not None


def find_list(db_session: Session, event_id: int) -> WaitingList | None:
    """The list of a show, if anybody has ever waited."""
    return db_session.get(WaitingList, event_id)


def list_waiting(db_session: Session, *, event_id: int) -> list[WaitingEntry]:
    """Everybody in line, in the order in which they are served, with what they wait for."""
    statement = (
        select(WaitingEntry)
        .where(WaitingEntry.event_id == event_id, WaitingEntry.state == WaitState.WAITING)
        .order_by(WaitingEntry.stood_at, WaitingEntry.id)
        .options(selectinload(WaitingEntry.items))
        .execution_options(populate_existing=True)
    )
    return list(db_session.scalars(statement))


def count_waiting_for(db_session: Session, *, event_id: int, kind: str, product_id: int) -> int:
    """How many entries in line ask for this thing."""
    asks = WaitingEntry.items.any(and_(WaitingItem.kind == kind, WaitingItem.product_id == product_id))
    wanted = select(func.count()).where(
        WaitingEntry.event_id == event_id, WaitingEntry.state == WaitState.WAITING, asks
    )
    return db_session.scalar(wanted.select_from(WaitingEntry)) or 0


def list_items_for(db_session: Session, *, event_id: int, product_id: int, kind: str = "ticket") -> list[WaitingItem]:
    """What those who wait in line ask for of one thing, whatever the choice."""
    statement = (
        select(WaitingItem)
        .join(WaitingEntry, WaitingEntry.id == WaitingItem.entry_id)
        .where(WaitingEntry.event_id == event_id, WaitingEntry.state == WaitState.WAITING)
        .where(WaitingItem.kind == kind, WaitingItem.product_id == product_id)
    )
    return list(db_session.scalars(statement.order_by(WaitingItem.id)))


def list_shows_with_line(db_session: Session) -> list[int]:
    """Ids of shows where somebody waits."""
    return list(db_session.scalars(select(WaitingQueue.event_id).distinct().order_by(WaitingQueue.event_id)))


def get_entry_by_link(db_session: Session, *, code: str, key: str) -> WaitingEntry:
    """The entry whose link this is, with its show. Raises NotFound, the same for a wrong code and a wrong key."""
    statement = (
        select(WaitingEntry)
        .where(WaitingEntry.code == code[:16])
        .options(joinedload(WaitingEntry.event).joinedload(Event.organizer), selectinload(WaitingEntry.items))
    )
    entry = db_session.scalar(statement) if code.isprintable() else None
    known = entry.key_digest if entry is not None else codes.digest("")
    if not hmac.compare_digest(codes.digest(key), known) or entry is None:
        raise NotFound("There is no place in line at this address. Open it with the link in your mail.")
    return entry


def get_entry(db_session: Session, *, event_id: int, entry_id: int) -> WaitingEntry:
    """Raises EntryNotFound, also for an entry of another show."""
    entry = db_session.scalar(
        select(WaitingEntry)
        .where(WaitingEntry.event_id == event_id, WaitingEntry.id == entry_id)
        .options(selectinload(WaitingEntry.items))
    )
    if entry is None:
        raise EntryNotFound("There is no such entry on the waiting list of this show.")
    return entry


def find_standing(
    db_session: Session, *, event_id: int, email: str, person_id: int | None, things: Iterable[tuple[str, int]]
) -> WaitingEntry | None:
    """An entry of the same person (or address) that stands in line for one of these things (kind, product) already."""
    mine = WaitingEntry.email == email.lower()
    if person_id is not None:
        mine = or_(mine, WaitingEntry.person_id == person_id)
    same = or_(*(and_(WaitingItem.kind == kind, WaitingItem.product_id == product) for kind, product in things))
    return db_session.scalar(
        select(WaitingEntry)
        .join(WaitingItem, WaitingItem.entry_id == WaitingEntry.id)
        .where(WaitingEntry.event_id == event_id, WaitingEntry.state.in_(STANDING), mine, same)
        .order_by(WaitingEntry.id)
        .limit(1)
    )


@dataclass(frozen=True)
class Position:
    """Number `ahead + 1` of `length` who wait for something of the same."""

    ahead: int
    length: int

    @property
    def number(self) -> int:
        return self.ahead + 1


def position_of(db_session: Session, entry: WaitingEntry) -> Position | None:
    """Where a waiting entry stands among all who wait for something of the same; None when it does not wait."""
    if entry.state is not WaitState.WAITING:
        return None
    own = select(WaitingQueue.queue).where(WaitingQueue.entry_id == entry.id)
    rivals = (
        select(WaitingEntry.id, WaitingEntry.stood_at)
        .join(WaitingQueue, WaitingQueue.entry_id == WaitingEntry.id)
        .where(WaitingQueue.queue.in_(own))
        .distinct()
        .subquery()
    )
    earlier = or_(rivals.c.stood_at < entry.stood_at, and_(rivals.c.stood_at == entry.stood_at, rivals.c.id < entry.id))
    ahead = db_session.scalar(select(func.count()).select_from(rivals).where(earlier)) or 0
    length = db_session.scalar(select(func.count()).select_from(rivals)) or 0
    return Position(int(ahead), int(length))


def list_entries(db_session: Session, *, event_id: int) -> list[WaitingEntry]:
    """The whole list for the organizer: who waits first, in order; then open offers; then what is over, newest first."""
    rows = list(
        db_session.scalars(
            select(WaitingEntry)
            .where(WaitingEntry.event_id == event_id)
            .order_by(WaitingEntry.stood_at, WaitingEntry.id)
            .options(selectinload(WaitingEntry.items))
        )
    )
    rank = {WaitState.OFFERED: 0, WaitState.WAITING: 1}
    return sorted(rows, key=lambda entry: rank.get(entry.state, 2))


def list_of_person(db_session: Session, *, person_id: int, email: str) -> list[WaitingEntry]:
    """Entries of somebody that are not over, newest first; also those a guest made under the confirmed address ("" for none)."""
    mine = WaitingEntry.person_id == person_id
    if email:
        mine = or_(mine, WaitingEntry.email == email.lower())
    statement = (
        select(WaitingEntry)
        .where(mine, WaitingEntry.state.in_(STANDING))
        .options(joinedload(WaitingEntry.event), selectinload(WaitingEntry.items))
        .order_by(WaitingEntry.id.desc())
    )
    return list(db_session.scalars(statement))


def is_over_time(entry: WaitingEntry, now: datetime) -> bool:
    """An offer whose time is over, whether or not somebody has written that down."""
    ended = entry.offer_ends_at is not None and entry.offer_ends_at <= now
    return entry.state is WaitState.OFFERED and ended


def items_in_words(items: Sequence[WaitingItem]) -> str:
    """ "2 × Weekend and 1 × Friday supper"."""
    return " and ".join(f"{item.quantity} × {item.title}" for item in items)
