"""Public pages of shows."""

from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.accounts.queries import find_organizer
from swapmeet.events import queries
from swapmeet.events.kinds import LABELS, kind_color, kind_label
from swapmeet.events.models import Event, EventKind
from swapmeet.events.pages import policy_words, state_of, state_of_event, today_at
from swapmeet.events.prose import first_words, show_prose
from swapmeet.events.showfile import example_file
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.kernel.errors import NotFound
from swapmeet.web.access import public
from swapmeet.web.assets import show_tabs
from swapmeet.web.paging import page_number, paginate
from swapmeet.web.panels import render_panels

bp = Blueprint("events", __name__)
bp.add_app_template_filter(show_prose, "prose")
bp.add_app_template_filter(kind_label, "kind_label")
bp.add_app_template_filter(kind_color, "kind_color")

SHOWS_A_PAGE = 24
KIND_OPTIONS = [("", "All kinds"), *((kind.value, LABELS[kind]) for kind in EventKind)]


@bp.get("/")
@public
def list_shows() -> ResponseReturnValue:
    """Coming shows, or past ones with `?when=past`, narrowed by words, place and kind."""
    now, wanted = utcnow(), _wanted()
    page = paginate(
        db.session(), queries.public_shows(wanted, now=now), number=page_number(), size=SHOWS_A_PAGE, scalars=False
    )
    notes: dict[int, tuple[str, str]] = {}
    for load in registry().list_notes:
        notes |= load(db.session(), [row.id for row in page.rows], now) if page.rows else {}
    return render_template(
        "events/list.html",
        page=page,
        wanted=wanted,
        states={row.id: _state_of_row(row, now) for row in page.rows},
        notes=notes,
        kinds=KIND_OPTIONS,
        places=[
            ("", "Everywhere"),
            *((place, place) for place in queries.list_places(db.session(), now=now, past=wanted.past)),
        ],
    )


@bp.get("/shows/<slug>")
@public
def show_event(slug: str) -> ResponseReturnValue:
    """The page of a show."""
    return show_page(queries.get_public_event(db.session(), slug), is_preview=False)


@bp.get("/series/<organizer_slug>/<series_slug>")
@public
def show_series(organizer_slug: str, series_slug: str) -> ResponseReturnValue:
    """What comes back each year, with every public edition."""
    organizer = find_organizer(db.session(), organizer_slug)
    if organizer is None:
        raise NotFound("There is no series at this address.")
    series = queries.get_series(db.session(), organizer_id=organizer.id, slug=series_slug)
    editions = queries.list_editions(db.session(), series_id=series.id, is_public=True)
    now = utcnow()
    return render_template(
        "events/series.html",
        organizer=organizer,
        series=series,
        editions=editions,
        states={event.id: state_of_event(event, now) for event in editions},
    )


@bp.get("/help/show-files")
@public
def show_file_guide() -> ResponseReturnValue:
    """What stands in a show file, for those who write one."""
    return render_template("events/show_file_guide.html", example=example_file().decode())


@bp.get("/help/show-files/example.json")
@public
def example_show() -> ResponseReturnValue:
    """A small whole show to start from."""
    response = make_response(example_file())
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="example-show.json"'
    return response


def show_page(event: Event, *, is_preview: bool) -> str:
    """The public page, also for the organizer's preview of a draft. Three queries and those of the panels."""
    db_session, now = db.session(), utcnow()
    policies = queries.list_policies_in_force(db_session, event_id=event.id)
    return render_template(
        "events/show.html",
        event=event,
        standing=state_of_event(event, now),
        is_preview=is_preview,
        may_manage=_is_on_team(event),
        description=event.summary or first_words(event.about),
        news=queries.list_news(db_session, event_id=event.id),
        policies=policy_words(event, policies),
        tabs_of_show=[] if is_preview else show_tabs(event),
        facts=render_panels("show.facts", db_session, event=event, now=now),
        about_panels=render_panels("show.about", db_session, event=event, now=now),
        side_panels=render_panels("show.side", db_session, event=event, now=now),
    )


def _wanted() -> queries.ShowFilter:
    kinds = {kind.value: kind for kind in EventKind}
    return queries.ShowFilter(
        words=_plain(request.args.get("q", "")),
        place=_plain(request.args.get("place", "")),
        kind=kinds.get(request.args.get("kind", "")),
        past=request.args.get("when") == "past",
    )


def _plain(text: str) -> str:
    """A query argument without what no database can store."""
    return "".join(ch for ch in text[:200] if ch.isprintable()).strip()


def _state_of_row(row: Any, now: Any) -> Any:
    return state_of(row.state, first_day=row.first_day, last_day=row.last_day, today=today_at(now, row.time_zone))


def _is_on_team(event: Event) -> bool:
    """Asks nothing of the database: the sign-in session brings the memberships along."""
    if not current_user.is_authenticated:
        return False
    return current_user.is_site_admin or any(
        member.organizer_id == event.organizer_id and member.event_id in (None, event.id)
        for member in current_user.memberships
    )
