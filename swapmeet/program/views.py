"""The public program: day grid, list, one session, calendar feed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event, list_halls
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import link_key
from swapmeet.infra.db import db
from swapmeet.kernel.errors import NotFound
from swapmeet.kernel.time import to_local
from swapmeet.program import calendar as ical
from swapmeet.program.grid import Block, DayGrid, day_grid
from swapmeet.program.models import SessionState
from swapmeet.program.queries import SessionRow, get_session, list_first_sessions, list_sessions, list_whole_program
from swapmeet.web.access import public
from swapmeet.web.assets import show_tabs

bp = Blueprint("program", __name__)

TEASER_ROWS = 6


@bp.get("/shows/<slug>/program")
@public
def show_program(slug: str) -> ResponseReturnValue:
    """One day as a grid, and every day as a list."""
    event = get_public_event(db.session(), slug)
    sessions = list_sessions(db.session(), event_id=event.id, now=utcnow())
    days = days_of(event, sessions)
    chosen = _chosen_day(days)
    of_day = [row for row in sessions if local_day(event, row) == chosen] if chosen else []
    halls = [hall.name for hall in list_halls(db.session(), event_id=event.id)]
    return render_template(
        "program/program.html",
        event=event,
        tabs_of_show=show_tabs(event),
        days=days,
        chosen=chosen,
        by_day=[(day, [row for row in sessions if local_day(event, row) == day]) for day in days],
        grid=grid_of(of_day, halls),
    )


@bp.get("/shows/<slug>/program/<code>")
@public
def show_session(slug: str, code: str) -> ResponseReturnValue:
    """One session with its seats and the button that takes one."""
    event = get_public_event(db.session(), slug)
    session = get_session(db.session(), event_id=event.id, code=code)
    row = next(row for row in list_sessions(db.session(), event_id=event.id, now=utcnow()) if row.id == session.id)
    return render_template(
        "program/session.html",
        event=event,
        session=session,
        row=row,
        key=link_key(),
        can_wait=event.is_on_sale and row.left == 0 and session.starts_at > utcnow(),
        can_sign_up=event.is_on_sale and row.needs_sign_up and row.left != 0 and session.starts_at > utcnow(),
    )


@bp.get("/shows/<slug>/calendar.ics")
@public
def calendar(slug: str) -> ResponseReturnValue:
    """The whole program for calendars."""
    event = get_public_event(db.session(), slug)
    public_url = str(current_app.config["SWAPMEET_PUBLIC_URL"])
    body = ical.feed(
        event,
        list_whole_program(db.session(), event_id=event.id),
        host=urlsplit(public_url).hostname or "localhost",
        url=public_url + url_for("events.show_event", slug=event.slug),
    )
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{event.slug}.ics"'
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def local_day(event: Event, row: SessionRow) -> date:
    return to_local(row.starts_at, event.time_zone).date()


def days_of(event: Event, sessions: Sequence[SessionRow]) -> list[date]:
    """The days on which something is planned, in order."""
    return sorted({local_day(event, row) for row in sessions})


def _chosen_day(days: list[date]) -> date | None:
    asked = request.args.get("day", "")
    if not asked:
        return days[0] if days else None
    for day in days:
        if day.isoformat() == asked:
            return day
    raise NotFound("Nothing is planned on that day.")


def grid_of(rows: Sequence[SessionRow], halls: Sequence[str]) -> DayGrid:
    """Columns are the halls in their order, then places that are no hall."""
    planned = [row for row in rows if row.state == SessionState.PLANNED]
    elsewhere = sorted({row.hall for row in planned} - set(halls))
    blocks = [Block(row, row.hall, row.starts_at, row.ends_at) for row in planned]
    return day_grid(blocks, [*halls, *elsewhere])


def teaser(db_session: Any, event: Event, now: Any) -> dict[str, Any] | None:
    """For the show page: the first day that has sign-ups or talks, at most six rows. One query."""
    rows, count = list_first_sessions(db_session, event_id=event.id, now=now, limit=TEASER_ROWS)
    if not rows:
        return None
    first = local_day(event, rows[0])
    of_day = [row for row in rows if local_day(event, row) == first]
    return {"teaser_day": first, "teaser_rows": of_day, "teaser_more": count - len(of_day)}
