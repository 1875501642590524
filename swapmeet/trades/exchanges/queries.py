"""Reads of exchanges."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.trades.exchanges.errors import NoSuchExchange
from swapmeet.trades.exchanges.models import (
    EntryState,
    Exchange,
    ExchangeEntry,
    ExchangeMove,
    ExchangeThanks,
)
from swapmeet.trades.queries import find_badge_holder

FOUND_AT_DESK = 20


def get_exchange(db_session: Session, exchange_id: int, *, event_id: int) -> Exchange:
    """Raises NoSuchExchange for one of another show."""
    row = db_session.scalar(select(Exchange).where(Exchange.id == exchange_id, Exchange.event_id == event_id))
    if row is None:
        raise NoSuchExchange("There is no such exchange.")
    return row


def list_exchanges(db_session: Session, *, event_id: int) -> list[Exchange]:
    """In the order in which they were opened."""
    statement = select(Exchange).where(Exchange.event_id == event_id)
    return list(db_session.scalars(statement.order_by(Exchange.id).limit(100)))


def count_taking_part(db_session: Session, exchange_ids: Collection[int]) -> dict[int, int]:
    """How many people each of these has."""
    statement = (
        select(ExchangeEntry.exchange_id, func.count(ExchangeEntry.id))
        .where(ExchangeEntry.exchange_id.in_(exchange_ids), ExchangeEntry.state != EntryState.WITHDRAWN)
        .group_by(ExchangeEntry.exchange_id)
    )
    found = dict.fromkeys(exchange_ids, 0)
    return found | {row[0]: row[1] for row in db_session.execute(statement)}


def list_entries(db_session: Session, *, exchange_id: int, is_in: bool = True) -> list[ExchangeEntry]:
    """By number; `is_in` leaves out whoever has withdrawn."""
    statement = select(ExchangeEntry).where(ExchangeEntry.exchange_id == exchange_id)
    if is_in:
        statement = statement.where(ExchangeEntry.state != EntryState.WITHDRAWN)
    return list(db_session.scalars(statement.order_by(ExchangeEntry.number)))


def find_own_entry(db_session: Session, *, exchange_id: int, person_id: int) -> ExchangeEntry | None:
    """Also one that was withdrawn."""
    return db_session.scalar(
        select(ExchangeEntry).where(ExchangeEntry.exchange_id == exchange_id, ExchangeEntry.person_id == person_id)
    )


def get_entry(db_session: Session, entry_id: int, *, exchange_id: int) -> ExchangeEntry:
    """Raises NoSuchExchange for one of another exchange."""
    row = db_session.scalar(
        select(ExchangeEntry).where(ExchangeEntry.id == entry_id, ExchangeEntry.exchange_id == exchange_id)
    )
    if row is None:
        raise NoSuchExchange("There is nobody with that number in this exchange.")
    return row


def find_entries(db_session: Session, *, exchange: Exchange, text: str) -> list[ExchangeEntry]:
    """Whose badge this is (a void one finds nobody), or whose name has all these words."""
    statement = (
        select(ExchangeEntry)
        .where(ExchangeEntry.exchange_id == exchange.id, ExchangeEntry.state != EntryState.WITHDRAWN)
        .order_by(ExchangeEntry.number)
        .limit(FOUND_AT_DESK)
    )
    person_id = find_badge_holder(db_session, event_id=exchange.event_id, text=text)
    if person_id is not None:
        return list(db_session.scalars(statement.where(ExchangeEntry.person_id == person_id)))
    words = text.split()[:8]
    if not words:
        return []
    return list(
        db_session.scalars(statement.where(*[ExchangeEntry.name.icontains(word, autoescape=True) for word in words]))
    )


def _moves() -> Select[ExchangeMove]:
    return select(ExchangeMove).options(joinedload(ExchangeMove.giver), joinedload(ExchangeMove.receiver))


def list_moves(db_session: Session, *, exchange_id: int) -> list[ExchangeMove]:
    """By receiver, then giver."""
    rows = db_session.scalars(_moves().where(ExchangeMove.exchange_id == exchange_id)).all()
    return sorted(rows, key=lambda row: (row.receiver.number, row.giver.number))


def list_gets(db_session: Session, *, entry_id: int) -> list[ExchangeMove]:
    """What somebody gets, by number of who brought it."""
    rows = db_session.scalars(_moves().where(ExchangeMove.receiver_id == entry_id)).all()
    return sorted(rows, key=lambda row: row.giver.number)


def get_own_move(db_session: Session, move_id: int, *, exchange_id: int, person_id: int) -> ExchangeMove:
    """A piece that this person gets. Raises NoSuchExchange."""
    receiver = select(ExchangeEntry.id).where(ExchangeEntry.person_id == person_id)
    row = db_session.scalar(
        _moves().where(
            ExchangeMove.id == move_id, ExchangeMove.exchange_id == exchange_id, ExchangeMove.receiver_id.in_(receiver)
        )
    )
    if row is None:
        raise NoSuchExchange("You get no such piece.")
    return row


@dataclass(frozen=True)
class Line:
    """Everything of one number at the desk: what goes to them, and how many of their own go back."""

    entry: ExchangeEntry
    gets: list[ExchangeMove]
    back: int


def list_lines(db_session: Session, *, exchange_id: int) -> list[Line]:
    """Of everybody who takes part, by number. Before the draw nobody gets anything."""
    gets: dict[int, list[ExchangeMove]] = {}
    given: dict[int, int] = {}
    moves = list_moves(db_session, exchange_id=exchange_id)
    for move in moves:
        gets.setdefault(move.receiver_id, []).append(move)
        given[move.giver_id] = given.get(move.giver_id, 0) + 1
    return [
        Line(entry, gets.get(entry.id, []), entry.pieces - given.get(entry.id, 0) if moves else 0)
        for entry in list_entries(db_session, exchange_id=exchange_id)
    ]


def list_thanks(db_session: Session, *, exchange_id: int, is_shown: bool = True) -> dict[int, ExchangeThanks]:
    """By move; `is_shown` leaves out what the team took away."""
    statement = (
        select(ExchangeThanks)
        .join(ExchangeMove, ExchangeMove.id == ExchangeThanks.move_id)
        .where(ExchangeMove.exchange_id == exchange_id)
        .order_by(ExchangeThanks.id)
    )
    if is_shown:
        statement = statement.where(ExchangeThanks.hidden_at.is_(None))
    return {row.move_id: row for row in db_session.scalars(statement)}


def get_thanks(db_session: Session, thanks_id: int, *, exchange_id: int) -> ExchangeThanks:
    """Raises NoSuchExchange for words of another exchange."""
    row = db_session.scalar(
        select(ExchangeThanks)
        .join(ExchangeMove, ExchangeMove.id == ExchangeThanks.move_id)
        .where(ExchangeThanks.id == thanks_id, ExchangeMove.exchange_id == exchange_id)
    )
    if row is None:
        raise NoSuchExchange("There are no such words.")
    return row


def list_own_entries(db_session: Session, *, person_id: int) -> list[ExchangeEntry]:
    """Everywhere, the oldest first."""
    statement = select(ExchangeEntry).where(ExchangeEntry.person_id == person_id)
    return list(db_session.scalars(statement.order_by(ExchangeEntry.id)))
