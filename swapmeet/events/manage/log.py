"""The log of a show: who changed what and when."""

from datetime import timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events import audit_words
from swapmeet.events.manage.blueprint import bp
from swapmeet.events.models import Event
from swapmeet.infra.db import db
from swapmeet.kernel.time import from_local
from swapmeet.web.access import may, requires
from swapmeet.web.paging import page_number, paginate


@bp.get("/shows/<slug>/log")
@requires(Permission.AUDIT_VIEW)
def show_log(event: Event) -> ResponseReturnValue:
    """Newest first, narrowed by thing, person, words and days. Sums are for those who see money."""
    wanted = audit_words.read_filter(request.args)
    since = from_local(wanted.since, audit_words.MIDNIGHT, event.time_zone) if wanted.since else None
    until = (
        from_local(wanted.until + timedelta(days=1), audit_words.MIDNIGHT, event.time_zone) if wanted.until else None
    )
    statement = audit_words.entries(event_id=event.id, wanted=wanted, since=since, until=until)
    page = paginate(db.session(), statement, number=page_number())
    return render_template(
        "events/log.html",
        event=event,
        page=page,
        lines=[audit_words.line_of(entry, sees_money=may(Permission.MONEY_VIEW)) for entry in page.rows],
        wanted=wanted,
        subjects=audit_words.list_subjects(db.session(), event_id=event.id),
    )
