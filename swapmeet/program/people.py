"""A person's own data in the program: what is exported, and what is erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from swapmeet.program.models import SignUp, Teacher
from swapmeet.program.queries import list_seats_of_person


class ProgramData:
    """Seats keep their place in the books; names go."""

    name = "program"

    def export(self, db_session: Session, *, person_id: int) -> Any:
        seats = list_seats_of_person(db_session, person_id=person_id)
        return [
            {"session": seat.session.title, "starts_at": seat.session.starts_at.isoformat(), "name": seat.name}
            for seat in seats
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        db_session.execute(update(SignUp).where(SignUp.person_id == person_id).values(name="Erased"))
        for teacher in db_session.scalars(select(Teacher).where(Teacher.person_id == person_id)).all():
            teacher.email, teacher.about, teacher.person_id = "", "", None
