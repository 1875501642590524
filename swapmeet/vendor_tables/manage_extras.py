"""The organizer says what can be had with a table for money."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.vendor_tables import extras
from swapmeet.vendor_tables.forms import ExtraForm, floor_form
from swapmeet.vendor_tables.manage import bp
from swapmeet.vendor_tables.models import TableExtra
from swapmeet.vendor_tables.services import plan
from swapmeet.web.access import actor, requires


@bp.route("/manage/shows/<slug>/tables/extras", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def list_extras(event: Event) -> ResponseReturnValue:
    """All extras, and a form for one more."""
    return _extras_page(event, None)


@bp.route("/manage/shows/<slug>/tables/extras/<int:extra_id>", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def edit_extra(event: Event, extra_id: int) -> ResponseReturnValue:
    """One extra. Orders that are placed keep their price."""
    extra = extras.find_extra(db.session(), event_id=event.id, extra_id=extra_id)
    if extra is None:
        raise NotFound("There is no such extra at this show.")
    return _extras_page(event, extra)


def _extras_page(event: Event, extra: TableExtra | None) -> ResponseReturnValue:
    form = floor_form(ExtraForm, event=event, obj=extra, data=None if extra else {"limit_per_order": 10})
    if extra is not None and not form.is_submitted():
        form.kind.data = extra.kind.value
    if form.validate_on_submit():
        try:
            with transaction() as db_session:
                known = db_session.get_one(TableExtra, extra.id) if extra is not None else None
                plan.save_extra(db_session, event=event, extra=known, values=form.values(), by=actor(), now=utcnow())
            flash(f"“{form.name.data}” is saved.", "ok")
            return redirect(url_for(".list_extras", slug=event.slug), 303)
        except DomainError as error:
            form.hang(error)
    page = render_template(
        "vendor_tables/manage/extras.html",
        event=event,
        form=form,
        extra=extra,
        extras=extras.list_extras(db.session(), event_id=event.id),
    )
    return page, 422 if form.is_submitted() else 200
