"""The show's calendar feed (RFC 5545): stable UIDs, times in the show's zone with its rules."""

from collections.abc import Sequence

from icalendar import Calendar, vText
from icalendar import Event as CalendarEvent

from swapmeet.events.models import Event, EventState
from swapmeet.kernel.time import to_local
from swapmeet.program.models import ProgramSession, SessionState


def one_line(text: str) -> str:
    """CR, LF and other controls become spaces: a title is one content line, whatever was typed."""
    return " ".join("".join(ch if ch.isprintable() else " " for ch in text).split())


def feed(event: Event, sessions: Sequence[ProgramSession], *, host: str, url: str) -> bytes:
    """The feed as bytes. A session keeps its UID when it moves; SEQUENCE tells calendars that it changed."""
    calendar = Calendar()
    calendar.add("prodid", "-//Swapmeet//Program//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", one_line(event.name))
    calendar.add("x-wr-timezone", event.time_zone)
    calendar.add_component(_whole_show(event, host, url))
    for session in sessions:
        calendar.add_component(_session(event, session, host, url))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _whole_show(event: Event, host: str, url: str) -> CalendarEvent:
    item = CalendarEvent()
    item.add("uid", f"show-{event.id}@{host}")
    item.add("dtstamp", event.published_at or event.created_at)
    item.add("dtstart", event.first_day)
    item.add("dtend", event.last_day.fromordinal(event.last_day.toordinal() + 1))
    item.add("summary", one_line(event.name))
    item.add("location", one_line(f"{event.venue_name}, {event.venue_address or event.place}".strip(", ")))
    item.add("url", url)
    item.add("status", "CANCELLED" if event.state is EventState.CANCELED else "CONFIRMED")
    return item


def _session(event: Event, session: ProgramSession, host: str, url: str) -> CalendarEvent:
    item = CalendarEvent()
    item.add("uid", f"session-{session.id}@{host}")
    item.add("sequence", session.sequence)
    item.add("dtstamp", session.changed_at)
    item.add("last-modified", session.changed_at)
    item.add("dtstart", to_local(session.starts_at, event.time_zone))
    item.add("dtend", to_local(session.ends_at, event.time_zone))
    item.add("summary", one_line(session.title))
    item["location"] = vText(one_line(session.hall.name if session.hall else session.place_text))
    if session.about:
        item.add("description", session.about)
    item.add("url", f"{url}/program/{session.code}")
    canceled = session.state is SessionState.CANCELED or event.state is EventState.CANCELED
    item.add("status", "CANCELLED" if canceled else "CONFIRMED")
    return item
