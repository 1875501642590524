"""What the show itself waits for, on the organizer's overview."""

from datetime import datetime

from flask import url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Announcement, Event, EventState
from swapmeet.events.pages import today_at
from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.registry import Waiting

WHEN_AND_WHERE = {"first_day", "last_day", "venue_name", "venue_address", "place"}
MOST_CHANGES = 100  # of the details since the last news: nobody saves more often and says nothing


def list_waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """A draft wants publishing; a show whose days are over wants closing; a show that has moved wants telling."""
    if event.state is EventState.DRAFT:
        url = url_for("events_manage.publication", slug=event.slug)
        return [Waiting("This show is a draft", "Nobody outside your team sees it yet.", "See what is missing", url)]
    if event.state is EventState.PUBLISHED and today_at(now, event.time_zone) > event.last_day:
        url = url_for("events_manage.completion", slug=event.slug)
        return [Waiting("This show is over", "Close it when money and lost things are settled.", "Close the show", url)]
    if event.state is EventState.PUBLISHED and has_moved_untold(db_session, event):
        url = url_for("events_manage.list_news", slug=event.slug)
        words = "Nobody has been told by mail or in the news since. Those who have a ticket or a table should know."
        return [Waiting("The show has moved", words, "Write the news", url)]
    return []


def has_moved_untold(db_session: Session, event: Event) -> bool:
    """Another day or place was saved after the show was published, and no news was written since."""
    told = db_session.scalar(select(func.max(Announcement.published_at)).where(Announcement.event_id == event.id))
    since = max((moment for moment in (event.published_at, told) if moment is not None), default=None)
    if since is None:
        return False
    changes = (
        select(AuditEntry.facts)
        .where(AuditEntry.event_id == event.id, AuditEntry.verb == "event.changed", AuditEntry.at > since)
        .order_by(AuditEntry.id.desc())
        .limit(MOST_CHANGES)
    )
    return any(WHEN_AND_WHERE & facts.get("after", {}).keys() for facts in db_session.scalars(changes))
