"""What questions know about a person: the answers of their orders and of the badge they hold."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Person
from swapmeet.badges.models import Attendee
from swapmeet.badges.personal import is_for
from swapmeet.events.models import Event
from swapmeet.orders.models import Order, OrderLine
from swapmeet.orders.personal import is_theirs
from swapmeet.questions.models import Question
from swapmeet.questions.queries import BOTH, name_of_seat


class AnswersData:
    """Implements infra.registry.PersonalData. Erased before orders and badges, whose parts take the names and addresses off."""

    name = "answers"
    found_by: tuple[str, ...] = ("orders", "badges")

    def export(self, db_session: Session, *, person_id: int) -> Any:
        """Every answer in the person's orders and about their own badge, also about health."""
        return [
            {"show": show, "order": code, "question": question.label, "answer": question.words(row.value)}
            for model in BOTH
            for row, question, code, show, _ in db_session.execute(
                _of_person(model, person_id)
                .join(Event, Event.id == model.event_id)
                .add_columns(Order.code, Event.name, OrderLine.facts)
                .order_by(model.id)
            )
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Their own answers go, of the order and under their own name. Those about their guests stay: other people's."""
        own = db_session.get_one(Person, person_id).name.casefold()
        for model in BOTH:
            found = db_session.execute(_of_person(model, person_id).add_columns(OrderLine.facts, Attendee.person_id))
            for row, _question, facts, holder_id in found.all():
                name = name_of_seat(facts, row.seat).casefold()
                if row.line_id is None or holder_id == person_id or name in ("", own):
                    db_session.delete(row)
        db_session.flush()


def _of_person(model: Any, person_id: int) -> Any:
    return (
        select(model, Question)
        .join(Question, Question.id == model.question_id)
        .join(Order, Order.id == model.order_id)
        .outerjoin(OrderLine, OrderLine.id == model.line_id)
        .outerjoin(Attendee, and_(Attendee.line_id == model.line_id, Attendee.seat == model.seat))
        .where(or_(and_(is_theirs(person_id), Attendee.passed_on_at.is_(None)), is_for(person_id)))
    )
