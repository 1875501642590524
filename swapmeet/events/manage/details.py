"""The edit page of a show."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events import queries, services
from swapmeet.events.forms import SHOW_COLUMNS, TEXTS, show_form
from swapmeet.events.manage.blueprint import bp, setup_tabs
from swapmeet.events.models import Event, EventState
from swapmeet.events.prose import tidy_prose
from swapmeet.events.views import show_page
from swapmeet.events.waiting import has_moved_untold
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.time import zone
from swapmeet.web.access import actor, requires


@bp.get("/shows/<slug>/details")
@requires(Permission.EVENT_EDIT)
def edit_show(event: Event) -> ResponseReturnValue:
    return _edit_page(event, _form(event, event.time_zone))


@bp.post("/shows/<slug>/details")
@requires(Permission.EVENT_EDIT)
def update_show(event: Event) -> ResponseReturnValue:
    """Save the details. Times are read on the clock of the zone that is sent with them."""
    form = _form(event, _posted_zone(event))
    if not form.validate_on_submit():
        return _edit_page(event, form), 422
    changes = {name: _value(form, name) for name in SHOW_COLUMNS}
    try:
        with transaction() as db_session:
            changed = services.update_event(db_session, event=event, changes=changes, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _edit_page(event, form), 422
    flash("Saved." if changed else "Nothing was different.", "ok" if changed else "info")
    if changed and event.state is EventState.PUBLISHED and has_moved_untold(db.session(), event):
        flash(
            "The show has moved, and nobody is told by itself: write the news, and mail it to who has a ticket.", "warn"
        )
    return redirect(url_for(".edit_show", slug=event.slug), 303)


@bp.get("/shows/<slug>/preview")
@requires(Permission.EVENT_VIEW)
def preview(event: Event) -> ResponseReturnValue:
    """The public page as it would be, for the team."""
    return show_page(event, is_preview=True)


def _form(event: Event, zone_name: str) -> Any:
    return show_form(event, queries.list_series(db.session(), organizer_id=event.organizer_id), zone_name=zone_name)


def _posted_zone(event: Event) -> str:
    """The zone sent with the form, where there is one of that name; the show's own otherwise."""
    sent = request.form.get("time_zone", "")
    try:
        zone(sent)
    except ValueError:
        return event.time_zone
    return sent or event.time_zone


def _value(form: Any, name: str) -> Any:
    data = form[name].data
    return tidy_prose(data or "") if name in TEXTS else data


def _edit_page(event: Event, form: Any) -> str:
    name = event.name
    return render_template("events/edit.html", event=event, form=form, show_name=name, tabs_of_setup=setup_tabs(event))
