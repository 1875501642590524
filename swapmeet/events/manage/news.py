"""Announcements on a show's page."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events import queries, services
from swapmeet.events.forms import NewsForm
from swapmeet.events.manage.blueprint import bp, setup_tabs
from swapmeet.events.models import Event
from swapmeet.events.prose import tidy_prose
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.web.access import actor, requires


@bp.get("/shows/<slug>/news")
@requires(Permission.EVENT_EDIT)
def list_news(event: Event) -> ResponseReturnValue:
    return _news_page(event, NewsForm())


@bp.post("/shows/<slug>/news")
@requires(Permission.EVENT_EDIT)
def create_news(event: Event) -> ResponseReturnValue:
    """Out at once."""
    form: Any = NewsForm()
    if not form.validate_on_submit():
        return _news_page(event, form), 422
    body = tidy_prose(form.body.data)
    with transaction() as db_session:
        services.announce(db_session, event=event, title=form.title.data, body=body, by=actor(), now=utcnow())
    flash("It is on the show's page now.", "ok")
    return redirect(url_for(".list_news", slug=event.slug), 303)


@bp.get("/shows/<slug>/news/<int:announcement_id>")
@requires(Permission.EVENT_EDIT)
def edit_news(event: Event, announcement_id: int) -> ResponseReturnValue:
    item = queries.get_announcement(db.session(), event_id=event.id, announcement_id=announcement_id)
    return render_template("events/news_item.html", event=event, item=item, form=NewsForm(obj=item))


@bp.post("/shows/<slug>/news/<int:announcement_id>")
@requires(Permission.EVENT_EDIT)
def update_news(event: Event, announcement_id: int) -> ResponseReturnValue:
    item = queries.get_announcement(db.session(), event_id=event.id, announcement_id=announcement_id)
    form: Any = NewsForm(obj=item)
    if not form.validate_on_submit():
        return render_template("events/news_item.html", event=event, item=item, form=form), 422
    title, body = form.title.data, tidy_prose(form.body.data)
    with transaction() as db_session:
        services.change_announcement(
            db_session, event=event, announcement=item, title=title, body=body, by=actor(), now=utcnow()
        )
    flash("Saved.", "ok")
    return redirect(url_for(".list_news", slug=event.slug), 303)


@bp.post("/shows/<slug>/news/<int:announcement_id>/removal")
@requires(Permission.EVENT_EDIT)
def remove_news(event: Event, announcement_id: int) -> ResponseReturnValue:
    with transaction() as db_session:
        item = queries.get_announcement(db_session, event_id=event.id, announcement_id=announcement_id)
        services.remove_announcement(db_session, event=event, announcement=item, by=actor(), now=utcnow())
    flash("It is off the page.", "ok")
    return redirect(url_for(".list_news", slug=event.slug), 303)


def _news_page(event: Event, form: Any) -> str:
    items = queries.list_announcements(db.session(), event_id=event.id)
    return render_template("events/news.html", event=event, items=items, form=form, tabs_of_setup=setup_tabs(event))
