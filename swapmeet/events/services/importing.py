"""Importing a show from a file: check everything first, then write everything or nothing."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.accounts.models import Organizer
from swapmeet.events import showwords
from swapmeet.events.errors import ImportedBefore, ShowFileFaulty
from swapmeet.events.importing import PARTLY_USED
from swapmeet.events.models import Event, EventKind, EventSeries, EventState
from swapmeet.events.queries import find_imported
from swapmeet.events.services.shows import find_series_id, free_slug
from swapmeet.events.showfile import digest_of, scan, weekday_warning
from swapmeet.events.showshape import check_shape
from swapmeet.events.slugs import propose_slug, slug_of
from swapmeet.infra.audit import record
from swapmeet.infra.registry import ImportReport, registry
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.web.filters import clock_time, weekday

FILE_KEYS = frozenset({"schema_version", "title", "origin", "units", "map", "table_count"})
DEFAULT_HOLD_MIN = 15


def check_show(show: Mapping[str, Any], first_day: date | None = None) -> ImportReport:
    """Everything there is to say about a show of a file, every feature's part included. Reads nothing but the mapping.

    Where keys are missing or of the wrong type, the features' own checks wait until those are put right.
    """
    report = ImportReport()
    check_shape(show, report)
    scan(show, report)
    if report.problems:
        return report
    for step in registry().import_steps:
        step.check(show, report)
    used = FILE_KEYS.union(*(step.keys for step in registry().import_steps))
    for key, value in show.items():
        if key not in used and value:
            report.kept.append((key, _how_much(value)))
    if first_day is not None:
        warning = weekday_warning(show, first_day)
        report.warnings += [warning] if warning else []
    return report


def import_show(
    db_session: Session, *, organizer: Organizer, show: Mapping[str, Any], first_day: date, by: Actor, now: datetime
) -> Event:
    """The draft that the file's show becomes on this first day, or the one it became before: a second import changes nothing.

    Raises ShowFileFaulty with every problem, ImportedBefore when the file's show has changed since.
    """
    report = check_show(show, first_day)
    if report.problems:
        raise ShowFileFaulty(
            f"This show cannot be imported: {report.problems[0][0]}: {report.problems[0][1]}", problems=report.problems
        )
    lock(db_session, organizer)
    digest = digest_of(show)
    known = find_imported(db_session, organizer_id=organizer.id, source_id=show["id"], first_day=first_day)
    if known is not None:
        if known.source_digest != digest:
            raise ImportedBefore(
                "This show was imported for this day before, and the file has changed since. "
                "Change the show by hand, or import it for another first day."
            )
        return known
    event = _add_event(db_session, organizer, show, first_day, digest, now)
    for step in registry().import_steps:
        step.apply(db_session, event, show, now)
    record(
        db_session,
        now=now,
        by=by,
        verb="event.imported",
        subject=event,
        event_id=event.id,
        organizer_id=organizer.id,
        target="draft",
        source=show["id"],
        digest=digest[:12],
    )
    db_session.flush()
    return event


def _add_event(
    db_session: Session, organizer: Organizer, show: Mapping[str, Any], first_day: date, digest: str, now: datetime
) -> Event:
    locale = show.get("locale") or "en-US"
    hold_minutes = (show.get("registration") or {}).get("cart_hold_minutes") or DEFAULT_HOLD_MIN
    name = show["name"].strip()
    event = Event(
        organizer_id=organizer.id,
        series_id=_series(db_session, organizer, show, now),
        slug=free_slug(db_session, propose_slug(name, first_day.year)),
        name=name,
        kind=EventKind(show["kind"]),
        state=EventState.DRAFT,
        summary=showwords.summary_of(show),
        about=showwords.about_of(show),
        theme=show.get("theme") or "",
        first_day=first_day,
        last_day=first_day + timedelta(days=max(show["days"])),
        opens_from=first_day + timedelta(days=min(show["days"])),
        doors_text=showwords.doors_of(
            show,
            say_time=lambda moment: clock_time(moment, locale=locale),
            say_day=lambda day: weekday(first_day + timedelta(days=day), locale),
        ),
        venue_name=show["venue"]["name"].strip(),
        place=show.get("place") or "",
        country=(show.get("country") or locale.rpartition("-")[2])[:2].upper(),
        access_text=showwords.access_of(show["venue"]),
        time_zone=show["timezone"],
        currency=show["currency"],
        locale=locale,
        length_unit="ft",
        contact_email=organizer.email,
        vendor_word=showwords.vendor_word(show),
        hold_minutes=hold_minutes,
        hold_max_minutes=max(45, hold_minutes + 30),
        source_id=show["id"],
        source_digest=digest,
        kept=_kept(show),
        created_at=now,
    )
    db_session.add(event)
    db_session.flush()
    return event


def _series(db_session: Session, organizer: Organizer, show: Mapping[str, Any], now: datetime) -> int:
    slug = slug_of(show["id"], fallback="series")
    known = find_series_id(db_session, organizer.id, slug)
    if known is not None:
        return known
    series = EventSeries(organizer_id=organizer.id, slug=slug, name=show["name"].strip(), created_at=now)
    db_session.add(series)
    db_session.flush()
    return series.id


def _kept(show: Mapping[str, Any]) -> dict[str, Any]:
    """What nothing uses yet, and what is used in part: nothing of the file is lost."""
    used = FILE_KEYS.union(*(step.keys for step in registry().import_steps))
    return {key: value for key, value in show.items() if value is not None and (key not in used or key in PARTLY_USED)}


def _how_much(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return f"{len(value)} {'entry' if len(value) == 1 else 'entries'}, kept with the show, not used yet."
    return "Kept with the show, not used yet."
