"""What is asked at the door about one person with a ticket: by whoever lets them in, once, whatever the day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.badges.holding import Held, find_held
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.questions.asking import Seat, is_for
from swapmeet.questions.blocks import Block
from swapmeet.questions.forms import answers_form
from swapmeet.questions.kinds import Asked, is_asked, missing
from swapmeet.questions.models import Question, Scope
from swapmeet.questions.queries import answers_of_order, list_questions
from swapmeet.questions.services import change_answers


@dataclass(frozen=True)
class Sheet:
    """Implements badges.asking.DoorSheet."""

    held: Held
    block: Block
    template: str = "questions/_door.html"

    @property
    def lacks(self) -> list[str]:
        keys = missing(self.block.questions, self.block.values)
        return [each.label for each in self.block.questions if each.key in keys]

    @property
    def is_done(self) -> bool:
        values = self.block.values
        return all(each.key in values for each in self.block.questions if is_asked(each, values))

    def form(self) -> Any:
        return answers_form([self.block])

    def hold(self, db_session: Session) -> None:
        lock(db_session, self.held.order)

    def keep(self, db_session: Session, *, form: Any, by: Actor, now: datetime) -> None:
        """Write down what was answered, with the person's other answers. Call `hold` first."""
        answered = [(self.block, self.block.answers(form))]
        change_answers(db_session, order=self.held.order, answered=answered, by=by, now=now)


def sheet_of(db_session: Session, *, event_id: int, attendee_id: int) -> Sheet | None:
    """None where nothing is asked about them: the show asks nothing at its door, not for this ticket, or they hold none."""
    held = find_held(db_session, attendee_id=attendee_id)
    if held is None or held.event.id != event_id:
        return None
    known = list_questions(db_session, event_id=event_id)
    at_door = [each for each in known if each.scope is Scope.DOOR and is_for(each, held.line)]
    if not at_door:
        return None
    seat = Seat(held.line, held.attendee.seat, held.attendee.name)
    answers = answers_of_order(db_session, order_id=held.order.id)
    values = {str(number): value for (subject, number), value in answers.items() if subject == seat.subject}
    asked = _asked(at_door, values)
    if not asked:
        return None
    own = {each.key: values[each.key] for each in asked if each.key in values}
    return Sheet(
        held, Block(seat.subject, "Asked at the door", "door-", asked, own, line_id=held.line.id, seat=seat.seat)
    )


def _asked(at_door: Sequence[Question], values: Mapping[str, Any]) -> list[Asked]:
    """Questions to ask: those that follow from what the person answered before are plain ones by now, or drop out."""
    own = {each.id for each in at_door}
    found = []
    for each in at_door:
        if each.depends_on_id is None or each.depends_on_id in own:
            found.append(each.asked)
        elif is_asked(each.asked, values):
            found.append(replace(each.asked, depends_on="", depends_value=""))
    keys = {each.key for each in found}
    return [each for each in found if not each.depends_on or each.depends_on in keys]
