"""Publishing, canceling and closing a show: a page that says what will happen, and the button that does it."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events import services
from swapmeet.events.errors import NotReady
from swapmeet.events.forms import ActionForm, CancelForm
from swapmeet.events.manage.blueprint import bp
from swapmeet.events.models import EVENT_MACHINE, Event, EventState
from swapmeet.events.pages import today_at
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires


@bp.get("/shows/<slug>/publication")
@requires(Permission.EVENT_PUBLISH)
def publication(event: Event) -> ResponseReturnValue:
    """What is missing, or the button."""
    return _publication_page(event, services.list_missing(db.session(), event))


@bp.post("/shows/<slug>/publication")
@requires(Permission.EVENT_PUBLISH)
def publish(event: Event) -> ResponseReturnValue:
    """Everybody can see the show from now on."""
    try:
        with transaction() as db_session:
            services.publish_event(db_session, event=event, by=actor(), now=utcnow())
    except NotReady as error:
        missing = error.facts["missing"]
        return _publication_page(event, missing), 409
    flash("The show is public. Look at its page as visitors see it.", "ok")
    return redirect(url_for(".overview", slug=event.slug), 303)


@bp.get("/shows/<slug>/cancellation")
@requires(Permission.EVENT_CANCEL)
def cancellation(event: Event) -> ResponseReturnValue:
    """How many orders and how much money it is about, before anything happens."""
    return _cancellation_page(event, CancelForm())


@bp.post("/shows/<slug>/cancellation")
@requires(Permission.EVENT_CANCEL)
def cancel(event: Event) -> ResponseReturnValue:
    """Cancel the show with a reason."""
    form: Any = CancelForm()
    if not form.validate_on_submit():
        return _cancellation_page(event, form), 422
    try:
        with transaction() as db_session:
            services.cancel_event(db_session, event=event, reason=form.reason.data, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _cancellation_page(event, form), 409
    flash("The show is canceled. Its page says so, and everybody with an order gets a mail.", "ok")
    return redirect(url_for(".overview", slug=event.slug), 303)


@bp.get("/shows/<slug>/completion")
@requires(Permission.EVENT_PUBLISH)
def completion(event: Event) -> ResponseReturnValue:
    return _completion_page(event, "")


@bp.post("/shows/<slug>/completion")
@requires(Permission.EVENT_PUBLISH)
def complete(event: Event) -> ResponseReturnValue:
    """Close a show whose days are over."""
    form: Any = ActionForm()
    if not form.validate_on_submit():
        return _completion_page(event, ""), 422
    try:
        with transaction() as db_session:
            services.finish_event(db_session, event=event, by=actor(), now=utcnow())
    except DomainError as error:
        return _completion_page(event, error.message), 409
    flash("The show is closed. You can make the next edition from it.", "ok")
    return redirect(url_for(".overview", slug=event.slug), 303)


def _publication_page(event: Event, missing: Any) -> str:
    return render_template(
        "events/publication.html", event=event, missing=missing, is_draft=event.state is EventState.DRAFT
    )


def _cancellation_page(event: Event, form: CancelForm) -> str:
    preview = services.preview_cancellation(db.session(), event, now=utcnow())
    can_cancel = EVENT_MACHINE.allows(event.state, EventState.CANCELED)
    return render_template("events/cancellation.html", event=event, form=form, preview=preview, can_cancel=can_cancel)


def _completion_page(event: Event, fault: str) -> str:
    is_over = today_at(utcnow(), event.time_zone) > event.last_day
    can_finish = is_over and EVENT_MACHINE.allows(event.state, EventState.FINISHED)
    return render_template("events/completion.html", event=event, fault=fault, can_finish=can_finish)
