"""Reads of shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.accounts.models import Organizer
from swapmeet.events.models import (
    Announcement,
    Event,
    EventKind,
    EventSeries,
    EventState,
    Hall,
    Policy,
    PolicyKind,
    SalePeriod,
)
from swapmeet.infra.search import fold, words_of
from swapmeet.kernel.errors import NotFound

PUBLIC_STATES = (EventState.PUBLISHED, EventState.FINISHED, EventState.CANCELED)

# Shows are compared with "today" wherever they are: a day is over everywhere this long after it ended in Greenwich.
LAST_ZONE = timedelta(hours=12)

NEWS_ON_PAGE = 5


@dataclass(frozen=True, slots=True)
class ShowFilter:
    """What the list of shows is narrowed by. Empty values mean everything."""

    words: str = ""
    place: str = ""
    kind: EventKind | None = None
    past: bool = False

    @property
    def is_narrow(self) -> bool:
        return bool(self.words or self.place or self.kind)


@cache
def _by_slug() -> Any:
    """Statements of every public page are built once, since that takes longer than running them."""
    return select(Event).where(Event.slug == bindparam("slug")).options(joinedload(Event.organizer))


def find_event(db_session: Session, slug: str) -> Event | None:
    """The show at this address, whatever its state, with its organizer. An address no database can hold has none."""
    if not slug.isprintable():
        return None
    found: Event | None = db_session.scalar(_by_slug(), {"slug": slug})
    return found


def get_public_event(db_session: Session, slug: str) -> Event:
    """The show for everybody. Raises NotFound for drafts and unknown addresses alike."""
    event = find_event(db_session, slug)
    if event is None or event.state not in PUBLIC_STATES:
        raise NotFound("There is no show at this address.")
    return event


# Only what a card of the list needs: no texts, no kept data.
CARD_COLUMNS = (
    Event.id,
    Event.slug,
    Event.name,
    Event.kind,
    Event.state,
    Event.summary,
    Event.first_day,
    Event.last_day,
    Event.place,
    Event.venue_name,
    Event.locale,
    Event.currency,
    Event.time_zone,
    Organizer.name.label("organizer_name"),
)


def public_shows(wanted: ShowFilter, *, now: datetime) -> Any:
    """The list of shows as a statement of CARD_COLUMNS: coming ones by day, past ones newest first; ties by id."""
    today = (now - LAST_ZONE).date()
    statement: Any = (
        select(*CARD_COLUMNS).join(Organizer, Organizer.id == Event.organizer_id).where(Event.state.in_(PUBLIC_STATES))
    )
    if wanted.past:
        statement = statement.where(Event.last_day < today).order_by(Event.first_day.desc(), Event.id.desc())
    else:
        statement = statement.where(Event.last_day >= today).order_by(Event.first_day, Event.id)
    if wanted.kind is not None:
        statement = statement.where(Event.kind == wanted.kind)
    if wanted.place:
        statement = statement.where(Event.place == wanted.place)
    for word in words_of(wanted.words):
        in_show = Event.search_text.contains(word, autoescape=True)
        in_club = func.lower(Organizer.name).contains(word, autoescape=True)
        statement = statement.where(in_show | in_club)
    if wanted.words and not words_of(wanted.words):
        statement = statement.where(Event.search_text.contains(fold(wanted.words), autoescape=True))
    return statement


def list_places(db_session: Session, *, now: datetime, past: bool) -> list[str]:
    """Places that have public shows, by name; at most 200."""
    today = (now - LAST_ZONE).date()
    when = Event.last_day < today if past else Event.last_day >= today
    statement: Any = (
        select(Event.place)
        .where(Event.state.in_(PUBLIC_STATES), when, Event.place != "")
        .distinct()
        .order_by(Event.place)
    )
    return list(db_session.scalars(statement.limit(200)))


def find_policy(db_session: Session, *, event_id: int, kind: PolicyKind) -> Policy | None:
    """The version in force: the newest."""
    return db_session.scalar(
        select(Policy).where(Policy.event_id == event_id, Policy.kind == kind).order_by(Policy.number.desc()).limit(1)
    )


@cache
def _policies() -> Any:
    return select(Policy).where(Policy.event_id == bindparam("event_id")).order_by(Policy.number)


def list_policies_in_force(db_session: Session, *, event_id: int) -> dict[PolicyKind, Policy]:
    """The newest version of each kind, in one query."""
    return {policy.kind: policy for policy in db_session.scalars(_policies(), {"event_id": event_id})}


def list_policy_versions(db_session: Session, *, event_id: int) -> list[Policy]:
    """Every version, newest first."""
    statement = select(Policy).where(Policy.event_id == event_id).order_by(Policy.created_at.desc(), Policy.id.desc())
    return list(db_session.scalars(statement))


@cache
def _news() -> Any:
    return (
        select(Announcement.title, Announcement.body, Announcement.published_at)
        .where(Announcement.event_id == bindparam("event_id"), Announcement.is_public)
        .order_by(Announcement.published_at.desc(), Announcement.id.desc())
        .limit(bindparam("most"))
    )


def list_news(db_session: Session, *, event_id: int, limit: int = NEWS_ON_PAGE) -> Sequence[Row[str, str, datetime]]:
    """The newest announcements as (title, body, published_at)."""
    return db_session.execute(_news(), {"event_id": event_id, "most": limit}).all()


def list_announcements(db_session: Session, *, event_id: int) -> list[Announcement]:
    """All of a show's, newest first."""
    statement: Any = (
        select(Announcement)
        .where(Announcement.event_id == event_id)
        .order_by(Announcement.published_at.desc(), Announcement.id.desc())
    )
    return list(db_session.scalars(statement))


def get_announcement(db_session: Session, *, event_id: int, announcement_id: int) -> Announcement:
    """Raises NotFound, also for another show's."""
    found = db_session.scalar(
        select(Announcement).where(Announcement.event_id == event_id, Announcement.id == announcement_id)
    )
    if found is None:
        raise NotFound("There is no such announcement.")
    return found


def list_halls(db_session: Session, *, event_id: int) -> list[Hall]:
    """By position, then id."""
    return list(db_session.scalars(select(Hall).where(Hall.event_id == event_id).order_by(Hall.position, Hall.id)))


def get_hall(db_session: Session, *, event_id: int, hall_id: int) -> Hall:
    """Raises NotFound, also for another show's."""
    found = db_session.scalar(select(Hall).where(Hall.event_id == event_id, Hall.id == hall_id))
    if found is None:
        raise NotFound("There is no such hall.")
    return found


def list_sale_periods(db_session: Session, *, event_id: int) -> list[SalePeriod]:
    """By position, then id."""
    return list(
        db_session.scalars(
            select(SalePeriod).where(SalePeriod.event_id == event_id).order_by(SalePeriod.position, SalePeriod.id)
        )
    )


def get_sale_period(db_session: Session, *, event_id: int, period_id: int) -> SalePeriod:
    """Raises NotFound, also for another show's."""
    found = db_session.scalar(select(SalePeriod).where(SalePeriod.event_id == event_id, SalePeriod.id == period_id))
    if found is None:
        raise NotFound("There is no such sale period.")
    return found


def is_slug_taken(db_session: Session, slug: str, *, except_id: int | None = None) -> bool:
    """Does another show live at this address?"""
    statement = select(Event.id).where(Event.slug == slug)
    if except_id is not None:
        statement = statement.where(Event.id != except_id)
    return db_session.scalar(statement.limit(1)) is not None


def find_imported(db_session: Session, *, organizer_id: int, source_id: str, first_day: date) -> Event | None:
    """The show that came from this file entry for this day."""
    return db_session.scalar(
        select(Event).where(
            Event.organizer_id == organizer_id, Event.source_id == source_id, Event.first_day == first_day
        )
    )


def list_shows_of(db_session: Session, *, organizer_ids: Sequence[int], event_ids: Sequence[int]) -> list[Event]:
    """Shows of these organizers, and these single ones; newest day first. At most 500."""
    statement: Any = (
        select(Event)
        .where(Event.organizer_id.in_(organizer_ids) | Event.id.in_(event_ids))
        .options(joinedload(Event.organizer))
        .order_by(Event.first_day.desc(), Event.id.desc())
        .limit(500)
    )
    return list(db_session.scalars(statement))


def list_series(db_session: Session, *, organizer_id: int) -> list[EventSeries]:
    """An organizer's series, by name."""
    statement = select(EventSeries).where(EventSeries.organizer_id == organizer_id)
    return list(db_session.scalars(statement.order_by(EventSeries.name, EventSeries.id)))


def get_series(db_session: Session, *, organizer_id: int, slug: str) -> EventSeries:
    """Raises NotFound, also for another organizer's."""
    found = db_session.scalar(
        select(EventSeries).where(EventSeries.organizer_id == organizer_id, EventSeries.slug == slug)
    )
    if found is None:
        raise NotFound("There is no such series.")
    return found


def list_editions(db_session: Session, *, series_id: int, is_public: bool) -> list[Event]:
    """The shows of a series, newest first; drafts only for the organizer."""
    statement = select(Event).where(Event.series_id == series_id)
    if is_public:
        statement = statement.where(Event.state.in_(PUBLIC_STATES))
    return list(db_session.scalars(statement.order_by(Event.first_day.desc(), Event.id.desc())))
