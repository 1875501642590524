"""The next edition of a show."""

import re
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events import services
from swapmeet.events.forms import CloneForm
from swapmeet.events.manage.blueprint import bp, may_create_for
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires

YEAR = re.compile(r"\b(20\d\d)\b")


@bp.get("/shows/<slug>/clones/new")
@requires(Permission.EVENT_CREATE)
def new_clone(event: Event) -> ResponseReturnValue:
    """The same weekday a year later is proposed. A right on this show alone makes no new ones."""
    if not may_create_for(event.organizer_id):
        abort(403)
    first_day = event.first_day + timedelta(days=364)
    name = YEAR.sub(lambda found: str(int(found[1]) + 1), event.name)
    return _clone_page(event, CloneForm(data={"name": name, "first_day": first_day}))


@bp.post("/shows/<slug>/clones")
@requires(Permission.EVENT_CREATE)
def create_clone(event: Event) -> ResponseReturnValue:
    """A draft with this show's set-up."""
    if not may_create_for(event.organizer_id):
        abort(403)
    form: Any = CloneForm()
    if not form.validate_on_submit():
        return _clone_page(event, form), 422
    wish = services.CloneWish(form.name.data, form.first_day.data, form.slug.data or "")
    try:
        with transaction() as db_session:
            clone = services.clone_event(db_session, source=event, wish=wish, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _clone_page(event, form), 422
    flash(f"“{clone.name}” is a draft made from {event.name}. Look through its dates and prices.", "ok")
    return redirect(url_for(".overview", slug=clone.slug), 303)


def _clone_page(event: Event, form: Any) -> str:
    return render_template("events/clone.html", event=event, form=form)
