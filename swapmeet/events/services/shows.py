"""Creating and changing shows and series."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Organizer
from swapmeet.events.errors import CodeTaken, DaysOutOfOrder, FrozenOncePublished, ShowIsClosed, SlugTaken
from swapmeet.events.kinds import DEFAULTS, default_steps
from swapmeet.events.models import (
    Event,
    EventKind,
    EventSeries,
    EventState,
    Policy,
    PolicyKind,
    SalePeriod,
    searchable,
)
from swapmeet.events.queries import is_slug_taken, list_sale_periods
from swapmeet.events.slugs import numbered, propose_slug, slug_of
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.kernel.time import from_local, to_local

MAX_DAYS = 60
FROZEN = {"time_zone": "time zone", "currency": "currency"}  # columns that stand still once published
SEARCHED = ("name", "place", "venue_name", "theme", "summary")


@dataclass(frozen=True)
class NewShow:
    """The few things asked for a new show. `last_day` None: as long as its kind usually is; `slug` "": one is proposed."""

    name: str
    kind: EventKind
    first_day: date
    time_zone: str
    currency: str
    last_day: date | None = None
    locale: str = "en-US"
    place: str = ""
    country: str = ""
    venue_name: str = ""
    slug: str = ""


def create_event(db_session: Session, *, organizer: Organizer, new: NewShow, by: Actor, now: datetime) -> Event:
    """A draft with the settings its kind usually has. Raises SlugTaken for a wanted address that is in use, DaysOutOfOrder."""
    defaults = DEFAULTS[new.kind]
    last_day = new.last_day or new.first_day + timedelta(days=defaults.days - 1)
    check_days(new.first_day, last_day, new.first_day)
    if new.slug and is_slug_taken(db_session, new.slug):
        raise SlugTaken("Another show has this address. Choose another.", field="slug")
    event = Event(
        organizer_id=organizer.id,
        slug=new.slug or free_slug(db_session, propose_slug(new.name, new.first_day.year)),
        name=new.name,
        kind=new.kind,
        state=EventState.DRAFT,
        first_day=new.first_day,
        last_day=last_day,
        opens_from=new.first_day,
        time_zone=new.time_zone,
        currency=new.currency,
        locale=new.locale,
        place=new.place,
        country=new.country or organizer.country,
        venue_name=new.venue_name,
        contact_email=organizer.email,
        vendor_word=defaults.vendor_word,
        trades_enabled=defaults.trades,
        length_unit="ft" if new.locale in ("en-US", "en-CA", "en-GB") else "mm",
        created_at=now,
    )
    db_session.add(event)
    db_session.flush()
    db_session.add(SalePeriod(event_id=event.id, code="whole", label="Whole show", position=0))
    add_first_policies(
        db_session, event, default_steps(defaults.attendee_steps), default_steps(defaults.vendor_steps), now
    )
    record(
        db_session,
        now=now,
        by=by,
        verb="event.created",
        subject=event,
        event_id=event.id,
        organizer_id=organizer.id,
        target="draft",
    )
    return event


def update_event(db_session: Session, *, event: Event, changes: Mapping[str, Any], by: Actor, now: datetime) -> bool:
    """Write the changed columns; True when there were any. Saving what is there already changes nothing, not even the version.

    Raises SlugTaken, DaysOutOfOrder, FrozenOncePublished, ShowIsClosed, Invalid (a series of another organizer).
    """
    lock(db_session, event)
    different = {name: value for name, value in changes.items() if getattr(event, name) != value}
    if not different:
        return False
    _check_changes(db_session, event, different)
    before = {name: _plain(getattr(event, name)) for name in different}
    if "time_zone" in different:
        _keep_clock_times(db_session, event, different["time_zone"])
    for name, value in different.items():
        setattr(event, name, value)
    if any(name in different for name in SEARCHED):
        event.search_text = searchable(*(getattr(event, name) for name in SEARCHED))
    touch(db_session, event)
    after = {name: _plain(value) for name, value in different.items()}
    record(
        db_session, now=now, by=by, verb="event.changed", subject=event, event_id=event.id, before=before, after=after
    )
    return True


def touch(db_session: Session, event: Event) -> None:
    """Move the show's version: public pages have something new to show. Call it in the transaction of the change."""
    db_session.flush()
    db_session.execute(
        update(Event)
        .where(Event.id == event.id)
        .values(version=Event.version + 1)
        .execution_options(synchronize_session=False)
    )
    db_session.expire(event, ["version"])


def add_series(
    db_session: Session, *, organizer: Organizer, name: str, about: str, by: Actor, now: datetime
) -> EventSeries:
    """A new series of an organizer. Raises CodeTaken when there is one of that name."""
    slug = slug_of(name, fallback="series")
    if find_series_id(db_session, organizer.id, slug) is not None:
        raise CodeTaken("You have a series of this name already.", field="name")
    series = EventSeries(organizer_id=organizer.id, slug=slug, name=name, about=about, created_at=now)
    db_session.add(series)
    record(db_session, now=now, by=by, verb="series.created", subject=series, organizer_id=organizer.id, name=name)
    return series


def change_series(db_session: Session, *, series: EventSeries, name: str, about: str, by: Actor, now: datetime) -> None:
    """New words for a series; its address stays."""
    if (series.name, series.about) == (name, about):
        return
    series.name, series.about = name, about
    record(
        db_session, now=now, by=by, verb="series.changed", subject=series, organizer_id=series.organizer_id, name=name
    )


def find_series_id(db_session: Session, organizer_id: int, slug: str) -> int | None:
    return db_session.scalar(
        select(EventSeries.id).where(EventSeries.organizer_id == organizer_id, EventSeries.slug == slug)
    )


def free_slug(db_session: Session, wanted: str) -> str:
    """The wanted address, or the first free one with a number behind it."""
    slug, number = wanted, 1
    while is_slug_taken(db_session, slug):
        number += 1
        slug = numbered(wanted, number)
    return slug


def check_days(first_day: date, last_day: date, opens_from: date) -> None:
    """Raises DaysOutOfOrder, on the field that is wrong."""
    if last_day < first_day:
        raise DaysOutOfOrder("The last day cannot be before the first.", field="last_day")
    if opens_from > first_day:
        raise DaysOutOfOrder("The set-up days cannot start after the first day.", field="opens_from")
    if (last_day - opens_from).days >= MAX_DAYS:
        raise DaysOutOfOrder(f"A show can last {MAX_DAYS} days at most, set-up days included.", field="last_day")


def check_open(event: Event) -> None:
    """Raises ShowIsClosed for a canceled or finished show."""
    if event.state in (EventState.CANCELED, EventState.FINISHED):
        raise ShowIsClosed(f"This show is {event.state.value}; nothing about it changes any more.")


def add_first_policies(
    db_session: Session, event: Event, attendee: list[Any], vendor: list[Any], now: datetime
) -> None:
    """Version 1 of both refund policies."""
    for kind, steps in ((PolicyKind.ATTENDEE_REFUND, attendee), (PolicyKind.VENDOR_REFUND, vendor)):
        db_session.add(Policy(event_id=event.id, kind=kind, number=1, steps=steps, created_at=now))
    db_session.flush()


def _check_changes(db_session: Session, event: Event, changes: Mapping[str, Any]) -> None:
    check_open(event)
    if "slug" in changes and is_slug_taken(db_session, changes["slug"], except_id=event.id):
        raise SlugTaken("Another show has this address. Choose another.", field="slug")
    check_days(*(changes.get(name, getattr(event, name)) for name in ("first_day", "last_day", "opens_from")))
    for name, words in FROZEN.items():
        if name in changes and event.state is not EventState.DRAFT:
            raise FrozenOncePublished(
                f"The {words} stands in orders and tickets; it cannot change after publishing.", field=name
            )
    if changes.get("series_id") is not None:
        series = db_session.get(EventSeries, changes["series_id"])
        if series is None or series.organizer_id != event.organizer_id:
            raise Invalid("Choose one of your own series.", field="series_id")


def _keep_clock_times(db_session: Session, event: Event, new_zone: str) -> None:
    """Sale periods start and end at the same time of day on the new clock."""
    for period in list_sale_periods(db_session, event_id=event.id):
        for name in ("starts_at", "ends_at"):
            moment = getattr(period, name)
            if moment is not None:
                local = to_local(moment, event.time_zone)
                setattr(period, name, from_local(local.date(), local.time(), new_zone))


def _plain(value: Any) -> Any:
    """A value as the log keeps it: text, number or nothing; long texts cut."""
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)[:500]
