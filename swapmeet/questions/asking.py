"""Which questions an order asks: of itself and of each person in it, when it is placed and later on its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.badges.holding import Held
from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.time import to_local
from swapmeet.orders.checkout_pages import checkout_fields
from swapmeet.orders.models import OPEN_STATES, Order, OrderLine
from swapmeet.orders.order_view import edit_closes_at
from swapmeet.orders.queries import list_live_lines
from swapmeet.orders.sellables import Buyer, CheckoutField
from swapmeet.questions.blocks import Block
from swapmeet.questions.kinds import QuestionKind, missing
from swapmeet.questions.models import Question, Scope
from swapmeet.questions.queries import answers_of_order, list_questions
from swapmeet.questions.services import keep_answers

ORDER_PREFIX = "ask-"
TICKET = "ticket"
TELLING = frozenset({QuestionKind.PHONE, QuestionKind.EMAIL})  # answers by which somebody is known


@dataclass(frozen=True)
class Seat:
    """One person of an order line."""

    line: OrderLine
    seat: int
    name: str = ""

    @property
    def subject(self) -> str:
        return f"line:{self.line.id}:{self.seat}"

    @property
    def title(self) -> str:
        which = f"Person {self.seat} of {self.line.quantity}" if self.line.quantity > 1 else "This person"
        return f"{self.name or which} ({self.line.title})"


@dataclass(frozen=True)
class _Round:
    """What is asked now and what is known. With an `order_id` the order is placed already, so nothing may stay open for later."""

    asked: Sequence[Question]
    answers: Mapping[tuple[str, int], Any]
    order_id: int | None = None
    today: date | None = None
    with_door: bool = False


def seats_of(lines: Sequence[OrderLine], fields: Mapping[int, Sequence[CheckoutField]]) -> list[Seat]:
    """The people of an order: those whose names its lines ask for."""
    return [Seat(line, each.seat, each.value) for line in lines for each in fields.get(line.id, ()) if each.seat]


class CheckoutQuestions:
    """Implements orders.asking.CheckoutPart: the questions of a show on the page that places the order."""

    template = "questions/_checkout.html"

    def blocks(
        self,
        db_session: Session,
        *,
        event: Event,
        lines: Sequence[OrderLine],
        fields: Mapping[int, Sequence[CheckoutField]],
    ) -> list[Block]:
        """Nothing is answered yet. A show without questions costs no statement."""
        if not event.asks_questions:
            return []
        asked = list_questions(db_session, event_id=event.id)
        return _blocks(_Round(asked, {}), lines, seats_of(lines, fields))

    def keep(
        self, db_session: Session, *, order: Order, blocks: Sequence[Any], form: Any, by: Actor, now: datetime
    ) -> None:
        """Write down what was answered, with the order."""
        kept = [replace(each, subject=each.subject or f"order:{order.id}") for each in blocks]
        answered = [(each, each.answers(form)) for each in kept]
        keep_answers(db_session, order=order, answered=answered, is_new=True, now=now)


def blocks_of_order(
    db_session: Session,
    *,
    event: Event,
    order: Order,
    lines: Sequence[OrderLine],
    fields: Mapping[int, Sequence[CheckoutField]],
    now: datetime,
    with_door: bool = False,
) -> list[Block]:
    """Everything a placed order is asked, with the answers so far. After a question's day its answer stays as it is.

    `with_door`: also what was answered at the door, for the team's eyes.
    """
    asked = list_questions(db_session, event_id=event.id)
    if not asked:
        return []
    answers = answers_of_order(db_session, order_id=order.id)
    today = to_local(now, event.time_zone).date()
    return _blocks(_Round(asked, answers, order.id, today, with_door), lines, seats_of(lines, fields))


def questions_for_vendors(
    db_session: Session,
    *,
    event: Event,
    answers: Mapping[str, Any],
    is_draft: bool = False,
    is_blind: bool = False,
    with_archived: bool = False,
) -> Block | None:
    """What vendors are asked on their application, with their answers so far. A draft may have gaps.

    Blind: without answers that say who it is. A show without questions costs no statement.
    """
    if not event.asks_questions and not with_archived:
        return None
    asked = [
        replace(each.asked, is_required=each.is_required and not is_draft)
        for each in list_questions(db_session, event_id=event.id, with_archived=with_archived)
        if each.scope is Scope.VENDOR and not (is_blind and each.kind in TELLING)
    ]
    return Block("application", "Questions of the organizer", ORDER_PREFIX, asked, answers) if asked else None


def blocks_now(db_session: Session, order: Order, now: datetime, *, with_door: bool = False) -> list[Block]:
    """The same, with the order's lines and the names in them read anew."""
    lines = list_live_lines(db_session, order)
    fields = checkout_fields(db_session, lines, Buyer(order.person_id, order.buyer_email, order))
    event = order.event
    return blocks_of_order(
        db_session, event=event, order=order, lines=lines, fields=fields, now=now, with_door=with_door
    )


def blocks_for_team(db_session: Session, order: Order, now: datetime) -> list[Block]:
    """What the team can answer for the people of an order, whatever day it is: nothing is fixed, and gaps may stay.

    Questions about health whose answers are deleted by now are left out.
    """
    today = to_local(now, order.event.time_zone).date()
    over = {
        str(each.id)
        for each in list_questions(db_session, event_id=order.event_id)
        if each.purge_on is not None and each.purge_on < today
    }
    found = []
    for block in blocks_now(db_session, order, now):
        asked = [replace(each, is_required=False) for each in block.questions if each.key not in over]
        if asked:
            found.append(replace(block, questions=asked, fixed=frozenset()))
    return found


def blocks_of_badge(db_session: Session, held: Held, now: datetime, *, with_door: bool = False) -> list[Block]:
    """What the holder of one ticket is asked, with the answers so far; and at the door, for the team's eyes."""
    asked = [each for each in list_questions(db_session, event_id=held.event.id) if each.scope in _of_people(with_door)]
    if not asked:
        return []
    answers = answers_of_order(db_session, order_id=held.order.id)
    today = to_local(now, held.event.time_zone).date()
    seat = Seat(held.line, held.attendee.seat, held.attendee.name)
    return _blocks(_Round(asked, answers, held.order.id, today, with_door), [held.line], [seat])


def may_answer(order: Order, now: datetime) -> bool:
    """Answers can be given and changed until the show begins."""
    return order.state in OPEN_STATES and now < edit_closes_at(order.event)


def gaps(blocks: Sequence[Block]) -> int:
    """How many answers are still missing."""
    return sum(len(missing(block.questions, block.values)) for block in blocks)


def _of_people(with_door: bool) -> tuple[Scope, ...]:
    return (Scope.PERSON, Scope.DOOR) if with_door else (Scope.PERSON,)


def is_for(question: Question, line: OrderLine) -> bool:
    """Whether it is asked of those who have this line; the fee of an application brings nobody to the show."""
    if line.kind in registry().paid_ahead:
        return False
    return not question.product_ids or (line.kind == TICKET and line.product_id in question.product_ids)


def _blocks(now: _Round, lines: Sequence[OrderLine], seats: Sequence[Seat]) -> list[Block]:
    found = []
    of_order = [each for each in now.asked if each.scope is Scope.ORDER and any(is_for(each, line) for line in lines)]
    if of_order:
        subject = f"order:{now.order_id}" if now.order_id else ""
        found.append(_block(now, of_order, subject, "A few questions", ORDER_PREFIX))
    people = [each for each in now.asked if each.scope in _of_people(now.with_door)]
    for seat in seats:
        own = [each for each in people if is_for(each, seat.line)]
        if own:
            block = _block(now, own, seat.subject, seat.title, f"line-{seat.line.id}-ask{seat.seat}-")
            found.append(replace(block, line_id=seat.line.id, seat=seat.seat))
    return found


def _block(now: _Round, questions: Sequence[Question], subject: str, title: str, prefix: str) -> Block:
    """Before the order is placed, what is needed by a later day may stay open."""
    values = {str(each.id): now.answers[subject, each.id] for each in questions if (subject, each.id) in now.answers}
    over = {
        str(each.id)
        for each in questions
        if now.today is not None and each.needed_by_on is not None and each.needed_by_on < now.today
    }
    asked = [_as_asked(each, is_placed=now.order_id is not None) for each in questions]
    return Block(subject, title, prefix, asked, values, fixed=frozenset(over))


def _as_asked(question: Question, *, is_placed: bool) -> Any:
    may_wait = (question.needed_by_on is not None and not is_placed) or question.scope is Scope.DOOR
    return replace(question.asked, is_required=False) if may_wait else question.asked
