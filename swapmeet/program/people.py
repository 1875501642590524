"""A person's own data in the program: what is exported, and what is erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.personal import is_theirs
from swapmeet.program.models import SignUp, Teacher
from swapmeet.program.queries import list_seats_of_person


class ProgramData:
    """Seats keep their place in the books; names go."""

    name = "program"
    found_by: tuple[str, ...] = ("orders",)

    def export(self, db_session: Session, *, person_id: int) -> Any:
        seats = list_seats_of_person(db_session, person_id=person_id)
        return [
            {"session": seat.session.title, "starts_at": seat.session.starts_at.isoformat(), "name": seat.name}
            for seat in seats
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        db_session.execute(update(SignUp).where(_has_own_name(person_id)).values(name="Erased"))
        for teacher in db_session.scalars(select(Teacher).where(Teacher.person_id == person_id)).all():
            teacher.email, teacher.about, teacher.person_id = "", "", None


def _has_own_name(person_id: int) -> ColumnElement[bool]:
    """Seats of the account, and those under the same name in orders of the account's address."""
    name = select(func.lower(Person.name)).where(Person.id == person_id).scalar_subquery()
    lines = select(OrderLine.id).join(Order, Order.id == OrderLine.order_id).where(is_theirs(person_id))
    return or_(SignUp.person_id == person_id, and_(SignUp.line_id.in_(lines), func.lower(SignUp.name) == name))
