"""The organizer's own questions on an application: their fields, what was answered, and the answers that questions count."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.registry import registry
from swapmeet.vendor_tables.applications.models import Application


def blocks_for(db_session: Session, event: Event, answers: Mapping[str, Any], **how: bool) -> list[Any]:
    """Blocks of questions with these answers. `how`: is_draft, is_blind, with_archived."""
    found = (ask(db_session, event=event, answers=answers, **how) for ask in registry().vendor_questions)
    return [block for block in found if block is not None]


def fields_of(blocks: Sequence[Any]) -> dict[str, Any]:
    """Fields by name, to be made part of the form."""
    return {name: each for block in blocks for name, each in block.fields().items()}


def answers_in(blocks: Sequence[Any], form: Any) -> dict[str, Any]:
    """Answers by question, out of a form that was found good."""
    return {key: value for block in blocks for key, value in block.answers(form).items()}


def said(blocks: Sequence[Any]) -> list[tuple[str, str]]:
    """(question, answer in words) of what is asked."""
    return [pair for block in blocks for pair in block.shown()]


def kept_answers(db_session: Session, *, event_id: int) -> list[tuple[str, Mapping[str, Any]]]:
    """Who answered what in applications that were sent, by id."""
    statement = (
        select(Application.name, Application.answers)
        .where(Application.event_id == event_id, Application.submitted_at.is_not(None))
        .order_by(Application.id)
    )
    return [(name, answers) for name, answers in db_session.execute(statement)]
