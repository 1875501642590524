"""What the list of those who want no news knows about a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.orders.announcements.models import NewsOptOut


def _is_theirs(person_id: int) -> ColumnElement[bool]:
    address = select(func.lower(Person.email)).where(Person.id == person_id, Person.confirmed_at.is_not(None))
    return NewsOptOut.email == address.scalar_subquery()


class NewsData:
    """Implements infra.registry.PersonalData."""

    name = "news by mail"
    found_by: tuple[str, ...] = ()

    def export(self, db_session: Session, *, person_id: int) -> Any:
        rows = db_session.scalars(select(NewsOptOut).where(_is_theirs(person_id)).order_by(NewsOptOut.organizer_id))
        return [{"stopped_at": row.created_at.isoformat(), "organizer": row.organizer_id} for row in rows]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        db_session.execute(delete(NewsOptOut).where(_is_theirs(person_id)).execution_options(synchronize_session=False))
