"""Reads of attendees, badges, gates and check-ins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from swapmeet.badges.door import Door, is_valid_on
from swapmeet.badges.errors import AttendeeNotFound, CheckInNotFound, GateNotFound
from swapmeet.badges.models import ISSUED, Attendee, Badge, BadgeState, CheckIn, Gate
from swapmeet.infra.codes import clean_typed
from swapmeet.infra.search import words_of
from swapmeet.orders.models import Order, OrderState

FOUND_AT_DOOR = 20  # matches the door shows at most; more means: write more of the name


def get_attendee(db_session: Session, *, event_id: int, attendee_id: int) -> Attendee:
    """Raises AttendeeNotFound for other shows' ids and unknown ones alike."""
    found = db_session.scalar(select(Attendee).where(Attendee.event_id == event_id, Attendee.id == attendee_id))
    if found is None:
        raise AttendeeNotFound("There is no such person in this show.")
    return found


def list_attendees_of_lines(db_session: Session, *, line_ids: Sequence[int]) -> list[Attendee]:
    """Who was admitted by these order lines and is not canceled, by line and seat."""
    statement = select(Attendee).where(Attendee.line_id.in_(line_ids), Attendee.canceled_at.is_(None))
    return list(db_session.scalars(statement.order_by(Attendee.line_id, Attendee.seat, Attendee.id)))


def select_holder(event_id: int, text: str) -> Select[int | None]:
    """The account of whoever has the badge with this code as typed or scanned, if they have one; a void badge has nobody."""
    return (
        select(Attendee.person_id)
        .join(Badge, and_(Badge.event_id == Attendee.event_id, Badge.attendee_id == Attendee.id))
        .where(Badge.event_id == event_id, Badge.code == clean_typed(text), Badge.state == ISSUED)
    )


def select_holders(event_id: int) -> Select[int | None]:
    """The accounts of everybody with a badge that counts."""
    return (
        select(Attendee.person_id)
        .join(Badge, and_(Badge.event_id == Attendee.event_id, Badge.attendee_id == Attendee.id))
        .where(Badge.event_id == event_id, Badge.state == ISSUED, Attendee.person_id.is_not(None))
    )


def list_badges(db_session: Session, *, attendee_id: int) -> list[Badge]:
    """All badges somebody ever had, newest first."""
    return list(db_session.scalars(select(Badge).where(Badge.attendee_id == attendee_id).order_by(Badge.id.desc())))


def list_entries(db_session: Session, *, attendee_id: int) -> list[Any]:
    """Every entry of somebody, undone ones too, newest first: check-in rows with the gate's name."""
    statement = (
        select(CheckIn, Gate.name.label("gate"))
        .join(Gate, Gate.id == CheckIn.gate_id)
        .where(CheckIn.attendee_id == attendee_id)
        .order_by(CheckIn.at.desc(), CheckIn.id.desc())
    )
    return list(db_session.execute(statement))


@dataclass(frozen=True)
class AttendeeFilter:
    """What an organizer looks for. `status` is "", "in", "not_in" or "canceled"; `ticket` a ticket's label."""

    query: str = ""
    status: str = ""
    ticket: str = ""


def attendee_list(event_id: int, wanted: AttendeeFilter) -> Select[*tuple[Any, ...]]:
    """Rows (attendee's columns, live badge number, last entry) by name, then id. Canceled people only when asked for."""
    last_entry = (
        select(func.max(CheckIn.at))
        .where(CheckIn.attendee_id == Attendee.id, CheckIn.undone_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        select(
            Attendee.id,
            Attendee.name,
            Attendee.email,
            Attendee.role,
            Attendee.ticket_label,
            Attendee.valid_days,
            Attendee.order_code,
            Attendee.line_id,
            Attendee.seat,
            Attendee.canceled_at,
            Badge.number,
            last_entry.label("entered_at"),
        )
        .select_from(Attendee)
        .outerjoin(Badge, and_(Badge.attendee_id == Attendee.id, Badge.state == ISSUED))
        .where(Attendee.event_id == event_id)
        .order_by(Attendee.name, Attendee.id)
    )
    return _filtered(statement, wanted)


def count_attendees(db_session: Session, *, event_id: int, wanted: AttendeeFilter) -> int:
    """How many `attendee_list` has, without its joins."""
    statement: Select[*tuple[Any, ...]] = (
        select(func.count()).select_from(Attendee).where(Attendee.event_id == event_id)
    )
    return db_session.scalar(_filtered(statement, wanted)) or 0


def _filtered(statement: Select[*tuple[Any, ...]], wanted: AttendeeFilter) -> Select[*tuple[Any, ...]]:
    is_in = select(CheckIn.id).where(CheckIn.attendee_id == Attendee.id, CheckIn.undone_at.is_(None)).exists()
    if wanted.status == "canceled":
        statement = statement.where(Attendee.canceled_at.is_not(None))
    else:
        statement = statement.where(Attendee.canceled_at.is_(None))
    if wanted.status == "in":
        statement = statement.where(is_in)
    if wanted.status == "not_in":
        statement = statement.where(~is_in)
    if wanted.ticket:
        statement = statement.where(Attendee.ticket_label == wanted.ticket)
    for word in search_words(wanted.query):
        statement = statement.where(Attendee.search_text.like(f"%{word}%"))
    return statement


def search_words(query: str) -> list[str]:
    """Words as search_text has them; "#12" keeps its sign and a space behind it is not needed to mean badge 12 alone."""
    number = query.strip()
    if number.startswith("#") and number[1:].isascii() and number[1:].isdigit():
        return [number]
    return words_of(query)


def list_ticket_labels(db_session: Session, *, event_id: int) -> list[str]:
    """The tickets people of this show hold, A to Z."""
    statement = select(Attendee.ticket_label).where(Attendee.event_id == event_id, Attendee.ticket_label != "")
    return list(db_session.scalars(statement.distinct().order_by(Attendee.ticket_label)))


def list_gates(db_session: Session, *, event_id: int) -> list[Gate]:
    """By position, then id."""
    return list(db_session.scalars(select(Gate).where(Gate.event_id == event_id).order_by(Gate.position, Gate.id)))


def get_gate(db_session: Session, *, event_id: int, gate_id: int) -> Gate:
    """Raises GateNotFound."""
    gate = db_session.scalar(select(Gate).where(Gate.event_id == event_id, Gate.id == gate_id))
    if gate is None:
        raise GateNotFound("There is no such gate in this show.")
    return gate


def _entries(event_id: int) -> Select[*tuple[Any, ...]]:
    live = aliased(Badge)  # the badge in use, where the one that was shown has been replaced since
    return (
        select(
            CheckIn.id,
            CheckIn.at,
            CheckIn.day,
            CheckIn.by_label,
            CheckIn.undone_at,
            CheckIn.undone_by,
            Attendee.id.label("attendee_id"),
            Attendee.name,
            Attendee.ticket_label,
            Attendee.valid_days,
            Attendee.order_code,
            Badge.number,
            live.number.label("replaced_by"),
            Gate.name.label("gate"),
        )
        .join(Attendee, Attendee.id == CheckIn.attendee_id)
        .join(Badge, Badge.id == CheckIn.badge_id)
        .outerjoin(live, and_(live.attendee_id == Badge.attendee_id, live.state == ISSUED, live.id != Badge.id))
        .join(Gate, Gate.id == CheckIn.gate_id)
        .where(CheckIn.event_id == event_id)
    )


def get_entry(db_session: Session, *, event_id: int, check_in_id: int) -> Any:
    """One check-in with names. Raises CheckInNotFound."""
    row = db_session.execute(_entries(event_id).where(CheckIn.id == check_in_id)).first()
    if row is None:
        raise CheckInNotFound("There is no such check-in in this show.")
    return row


def list_recent_entries(db_session: Session, *, event_id: int, limit: int = 8) -> list[Any]:
    """Newest first, undone ones too."""
    statement = _entries(event_id).order_by(CheckIn.at.desc(), CheckIn.id.desc()).limit(limit)
    return list(db_session.execute(statement))


def list_entries_after(db_session: Session, *, event_id: int, after_id: int, limit: int) -> list[Any]:
    """By id upwards, for programs that read on from where they were."""
    return list(db_session.execute(_entries(event_id).where(CheckIn.id > after_id).order_by(CheckIn.id).limit(limit)))


@dataclass(frozen=True, slots=True)
class Counts:
    """People of one day: let in so far, and admitted to it in all."""

    inside: int
    expected: int

    @property
    def to_come(self) -> int:
        return max(0, self.expected - self.inside)


def count_day(db_session: Session, *, door: Door, day: date) -> Counts:
    """Two queries. People whose tickets name no days are expected on each day of the show."""
    event_id = door.event_id
    inside = db_session.scalar(
        select(func.count())
        .select_from(CheckIn)
        .where(CheckIn.event_id == event_id, CheckIn.day == day, CheckIn.undone_at.is_(None))
    )
    groups = db_session.execute(
        select(Attendee.valid_days, func.count())
        .where(Attendee.event_id == event_id, Attendee.canceled_at.is_(None))
        .group_by(Attendee.valid_days)
    )
    return Counts(inside or 0, sum(count for days, count in groups if is_valid_on(door, days, day)))


@dataclass(frozen=True)
class Found:
    """What the door finds for typed words: people with badges, and orders that are not paid yet."""

    people: Sequence[Any]
    unpaid: Sequence[Order]
    order: Order | None = None
    has_more: bool = False
    replaced: Mapping[int, Sequence[int]] = field(default_factory=dict)  # numbers of void badges by attendee


def find_at_door(db_session: Session, *, event_id: int, text: str, day: date) -> Found:
    """By order code, badge number or any parts of a name or address: people (with today's entry) and unpaid orders."""
    code = "".join(text.split()).upper()
    order = db_session.scalar(
        select(Order).where(Order.event_id == event_id, Order.code == code[:16], Order.state != OrderState.CART)
    )
    people = _people_at_door(event_id, day)
    if order is not None:
        rows = list(db_session.execute(people.where(Attendee.order_code == order.code)))
        waits = [order] if order.state is OrderState.PLACED else []
        return Found(rows, waits, order, replaced=_replaced(db_session, rows))
    words = search_words(text)
    if not words:
        return Found([], [])
    matches: list[ColumnElement[bool]] = [Attendee.search_text.like(f"%{word}%") for word in words]
    if len(words) == 1 and words[0].isdigit():
        matches = [or_(_ever_had(int(words[0][:9])), *matches)]
    elif words[0].startswith("#"):
        matches = [_ever_had(int(words[0][1:10]))]
    rows = list(db_session.execute(people.where(*matches).limit(FOUND_AT_DOOR + 1)))
    unpaid = select(Order).where(
        Order.event_id == event_id,
        Order.state == OrderState.PLACED,
        *(Order.search_text.like(f"%{word}%") for word in words),
    )
    waiting = list(db_session.scalars(unpaid.order_by(Order.buyer_name, Order.id).limit(FOUND_AT_DOOR)))
    shown = rows[:FOUND_AT_DOOR]
    has_more = len(rows) > FOUND_AT_DOOR
    return Found(shown, waiting, None, has_more=has_more, replaced=_replaced(db_session, shown))


def _ever_had(number: int) -> ColumnElement[bool]:
    """The number on somebody's badge, also on one that was replaced since."""
    had = aliased(Badge)
    return (
        select(had.id)
        .where(had.event_id == Attendee.event_id, had.attendee_id == Attendee.id, had.number == number)
        .exists()
    )


def find_live_badge(db_session: Session, attendee_id: int) -> Badge | None:
    """The badge that opens the door for somebody now; void ones are left out."""
    return db_session.scalar(select(Badge).where(Badge.attendee_id == attendee_id, Badge.state == ISSUED))


def _replaced(db_session: Session, people: Sequence[Any]) -> dict[int, list[int]]:
    """Numbers of void badges, for those of `people` who have a good one in their place."""
    ids = [row.id for row in people if row.number is not None]
    found: dict[int, list[int]] = {}
    if ids:
        statement = select(Badge.attendee_id, Badge.number).where(
            Badge.attendee_id.in_(ids), Badge.state == BadgeState.VOID
        )
        for attendee_id, number in db_session.execute(statement.order_by(Badge.id)):
            found.setdefault(attendee_id, []).append(number)
    return found


def _people_at_door(event_id: int, day: date) -> Select[*tuple[Any, ...]]:
    statement: Select[*tuple[Any, ...]] = (
        select(
            Attendee.id,
            Attendee.name,
            Attendee.ticket_label,
            Attendee.order_code,
            Attendee.canceled_at,
            Badge.number,
            Badge.issued_at,
            CheckIn.at.label("entered_at"),
        )
        .select_from(Attendee)
        .outerjoin(Badge, and_(Badge.attendee_id == Attendee.id, Badge.state == ISSUED))
        .outerjoin(CheckIn, and_(CheckIn.attendee_id == Attendee.id, CheckIn.day == day, CheckIn.undone_at.is_(None)))
        .where(Attendee.event_id == event_id)
        .order_by(Attendee.name, Attendee.id)
    )
    return statement
