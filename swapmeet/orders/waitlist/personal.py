"""What the waiting list knows about a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from swapmeet.accounts.models import Person
from swapmeet.events.models import Event
from swapmeet.kernel.actor import Actor
from swapmeet.orders.waitlist import joining
from swapmeet.orders.waitlist.models import WaitingEntry, WaitState

ERASED = "Erased"


def is_theirs(person_id: int) -> ColumnElement[bool]:
    """Entries made while signed in, and those of a guest under the account's confirmed address."""
    address = select(Person.email).where(Person.id == person_id, Person.confirmed_at.is_not(None)).scalar_subquery()
    return or_(
        WaitingEntry.person_id == person_id, and_(WaitingEntry.person_id.is_(None), WaitingEntry.email == address)
    )


class WaitingData:
    """Implements infra.registry.PersonalData."""

    name = "waiting_list"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """Places in line, with what was waited for."""
        rows = db_session.execute(
            select(WaitingEntry, Event.name)
            .join(Event, Event.id == WaitingEntry.event_id)
            .where(is_theirs(person_id))
            .options(selectinload(WaitingEntry.items))
            .order_by(WaitingEntry.id)
        ).all()
        return [
            {
                "show": show,
                "state": entry.state.value,
                "name": entry.name,
                "email": entry.email,
                "since": entry.created_at.isoformat(),
                "items": [{"title": item.title, "quantity": item.quantity} for item in entry.items],
            }
            for entry, show in rows
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Who still waits leaves the line; name and address go."""
        for entry in list(db_session.scalars(select(WaitingEntry).where(is_theirs(person_id)))):
            if entry.state is WaitState.WAITING:
                joining.leave(db_session, entry=entry, reason="account erased", by=Actor.job("erasure"), now=now)
            entry.name, entry.email, entry.person_id = ERASED, "", None
        db_session.flush()
