"""What badges knows about a person: where they were admitted and when they came in, and whom they let in."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.badges.models import Attendee, Badge, CheckIn
from swapmeet.badges.services import search_text
from swapmeet.events.models import Event
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.personal import is_theirs, without_name

ERASED = "Erased"


class BadgesData:
    """Implements infra.registry.PersonalData."""

    name = "badges"
    found_by: tuple[str, ...] = ("orders",)

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """The person's own admissions, those mailed to them and those they ordered for others, with entries."""
        rows = db_session.execute(
            select(Attendee, Event.name)
            .join(Event, Event.id == Attendee.event_id)
            .where(_is_theirs(person_id))
            .order_by(Attendee.id)
        ).all()
        return [
            {
                "show": show,
                "name": attendee.name,
                "email": attendee.email,
                "ticket": attendee.ticket_label,
                "days": attendee.valid_days,
                "badges": _numbers(db_session, attendee.id),
                "entries": _entries(db_session, attendee.id),
            }
            for attendee, show in rows
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Their own name goes, addresses of all they ordered go; names of their guests stay, they are other people."""
        name = db_session.get_one(Person, person_id).name
        for attendee in list(db_session.scalars(select(Attendee).where(_is_theirs(person_id)))):
            if attendee.person_id == person_id or attendee.name.casefold() == name.casefold():
                if attendee.line is not None:  # of somebody else's order too: what it was named there
                    attendee.line.facts = without_name(attendee.name, attendee.line.facts)
                attendee.name, attendee.person_id = ERASED, None
            attendee.email = ""
            attendee.search_text = search_text(
                attendee.name, "", attendee.order_code, *_numbers(db_session, attendee.id)
            )
        db_session.execute(
            update(CheckIn)
            .where(CheckIn.by_person_id == person_id)
            .values(by_label="", by_person_id=None)
            .execution_options(synchronize_session=False)
        )
        db_session.flush()


def is_for(person_id: int) -> ColumnElement[bool]:
    """Tickets they hold, and those that were mailed to the account's confirmed address."""
    address = select(Person.email).where(Person.id == person_id, Person.confirmed_at.is_not(None)).scalar_subquery()
    return or_(Attendee.person_id == person_id, Attendee.email == address)


def _is_theirs(person_id: int) -> Any:
    ordered = select(OrderLine.id).join(Order, Order.id == OrderLine.order_id).where(is_theirs(person_id))
    return or_(is_for(person_id), and_(Attendee.line_id.in_(ordered), Attendee.passed_on_at.is_(None)))


def _numbers(db_session: Session, attendee_id: int) -> list[int]:
    return list(db_session.scalars(select(Badge.number).where(Badge.attendee_id == attendee_id).order_by(Badge.id)))


def _entries(db_session: Session, attendee_id: int) -> list[dict[str, Any]]:
    rows = db_session.scalars(select(CheckIn).where(CheckIn.attendee_id == attendee_id).order_by(CheckIn.id))
    return [{"at": row.at.isoformat(), "undone": row.undone_at is not None} for row in rows]
