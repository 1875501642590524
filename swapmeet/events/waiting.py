"""What the show itself waits for, on the organizer's overview."""

from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from swapmeet.events.models import Event, EventState
from swapmeet.events.pages import today_at
from swapmeet.infra.registry import Waiting


def list_waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """A draft wants publishing; a show whose days are over wants closing."""
    if event.state is EventState.DRAFT:
        url = url_for("events_manage.publication", slug=event.slug)
        return [Waiting("This show is a draft", "Nobody outside your team sees it yet.", "See what is missing", url)]
    if event.state is EventState.PUBLISHED and today_at(now, event.time_zone) > event.last_day:
        url = url_for("events_manage.completion", slug=event.slug)
        return [Waiting("This show is over", "Close it when money and lost things are settled.", "Close the show", url)]
    return []
