"""An organizer's series: what comes back each year. A show joins one on its own edit page."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.accounts.models import Organizer
from swapmeet.events import queries, services
from swapmeet.events.forms import SeriesForm
from swapmeet.events.manage.blueprint import bp
from swapmeet.events.pages import state_of_event
from swapmeet.events.prose import tidy_prose
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires


@bp.get("/organizers/<organizer_slug>/series")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def list_series(organizer: Organizer) -> ResponseReturnValue:
    return _list_page(organizer, SeriesForm())


@bp.post("/organizers/<organizer_slug>/series")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def create_series(organizer: Organizer) -> ResponseReturnValue:
    form: Any = SeriesForm()
    if not form.validate_on_submit():
        return _list_page(organizer, form), 422
    name, about = form.name.data, tidy_prose(form.about.data or "")
    try:
        with transaction() as db_session:
            services.add_series(db_session, organizer=organizer, name=name, about=about, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _list_page(organizer, form), 422
    flash("The series is there. Choose it on the details page of its shows.", "ok")
    return redirect(url_for(".list_series", organizer_slug=organizer.slug), 303)


@bp.get("/organizers/<organizer_slug>/series/<series_slug>")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def edit_series(organizer: Organizer, series_slug: str) -> ResponseReturnValue:
    series = queries.get_series(db.session(), organizer_id=organizer.id, slug=series_slug)
    return _series_page(organizer, series, SeriesForm(obj=series))


@bp.post("/organizers/<organizer_slug>/series/<series_slug>")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def update_series(organizer: Organizer, series_slug: str) -> ResponseReturnValue:
    series = queries.get_series(db.session(), organizer_id=organizer.id, slug=series_slug)
    form: Any = SeriesForm(obj=series)
    if not form.validate_on_submit():
        return _series_page(organizer, series, form), 422
    name, about = form.name.data, tidy_prose(form.about.data or "")
    with transaction() as db_session:
        services.change_series(db_session, series=series, name=name, about=about, by=actor(), now=utcnow())
    flash("Saved.", "ok")
    return redirect(url_for(".edit_series", organizer_slug=organizer.slug, series_slug=series_slug), 303)


def _list_page(organizer: Organizer, form: Any) -> str:
    rows = queries.list_series(db.session(), organizer_id=organizer.id)
    return render_template("events/series_list.html", organizer=organizer, rows=rows, form=form)


def _series_page(organizer: Organizer, series: Any, form: Any) -> str:
    editions = queries.list_editions(db.session(), series_id=series.id, is_public=False)
    now = utcnow()
    return render_template(
        "events/series_edit.html",
        organizer=organizer,
        series=series,
        form=form,
        editions=editions,
        states={event.id: state_of_event(event, now) for event in editions},
    )
