"""The organizer's overview: what waits for a decision, then the numbers, then the charts."""

from flask import render_template
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.manage.blueprint import bp
from swapmeet.events.models import Event, EventState
from swapmeet.events.pages import state_of_event, time_to_go
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.web.access import may, requires
from swapmeet.web.panels import render_panels


@bp.get("/shows/<slug>")
@requires(Permission.EVENT_VIEW)
def overview(event: Event) -> ResponseReturnValue:
    """Every feature adds its own lines, numbers and charts; each is shown to those who have the right."""
    db_session, now = db.session(), utcnow()
    waiting = [
        line for permission, load in registry().waiting if may(permission) for line in load(db_session, event, now)
    ]
    return render_template(
        "events/overview.html",
        event=event,
        standing=state_of_event(event, now),
        to_go=time_to_go(event, now),
        is_draft=event.state is EventState.DRAFT,
        is_closed=event.state in (EventState.CANCELED, EventState.FINISHED),
        waiting=waiting,
        waiting_panels=render_panels("manage.waiting", db_session, event=event, now=now),
        numbers=render_panels("manage.numbers", db_session, event=event, now=now),
        charts=render_panels("manage.charts", db_session, event=event, now=now),
        can={permission.value: may(permission) for permission in Permission},
    )
