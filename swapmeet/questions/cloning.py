"""The questions of a show's clone: the same, their days moved, for the tickets of the same name; no answers."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.registry import registry
from swapmeet.kernel.actor import Actor
from swapmeet.questions.asking import TICKET
from swapmeet.questions.models import Question
from swapmeet.questions.queries import list_questions

SAME = ("label", "help", "kind", "scope", "options", "is_required", "is_health", "depends_value", "position")


def copy(db_session: Session, source: Event, target: Event, shift_days: int, now: datetime) -> None:
    """Comes after the step of the tickets. Questions that are switched off stay behind."""
    old = list_questions(db_session, event_id=source.id)
    if not old:
        return
    tickets, days, made = _same_tickets(db_session, source, target), timedelta(days=shift_days), dict[int, int]()
    for each in old:
        row = Question(
            event_id=target.id,
            needed_by_on=each.needed_by_on + days if each.needed_by_on else None,
            purge_on=each.purge_on + days if each.purge_on else None,
            depends_on_id=made[each.depends_on_id] if each.depends_on_id is not None else None,
            product_ids=[tickets[number] for number in each.product_ids if number in tickets],
            created_at=now,
            **{name: getattr(each, name) for name in SAME},
        )
        db_session.add(row)
        db_session.flush()
        made[each.id] = row.id
        record(db_session, now=now, by=Actor.job("clone"), verb="question.added", subject=row, label=row.label)
    target.asks_questions, target.asks_at_door = True, source.asks_at_door
    db_session.flush()


def _same_tickets(db_session: Session, source: Event, target: Event) -> Mapping[int, int]:
    """Ticket of the source -> ticket of the clone, by name."""
    sold = registry().sellables[TICKET]
    there = {each.title: each.group_id for each in sold.products(db_session, event=target)}
    here = sold.products(db_session, event=source)
    return {each.group_id: there[each.title] for each in here if each.title in there}
