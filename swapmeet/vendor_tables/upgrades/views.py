"""A vendor says yes or no to a better table."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.orders.attempts import attempt
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.errors import NoApplication
from swapmeet.vendor_tables.applications.models import Application
from swapmeet.vendor_tables.upgrades import services
from swapmeet.web.access import actor, signed_in

bp = Blueprint("table_upgrades", __name__)


def _own(db_session: Session, slug: str) -> tuple[Event, Application]:
    event = get_public_event(db_session, slug)
    found = queries.find_own(db_session, event_id=event.id, person_id=current_user.id)
    if found is None:
        raise NoApplication("You have no application at this show.")
    return event, found


@bp.post("/shows/<slug>/application/upgrade")
@signed_in
def answer(slug: str) -> ResponseReturnValue:
    """Change to the tables that are held, or stay (field `deed`)."""

    def work(db_session: Session) -> str:
        event, application = _own(db_session, slug)
        if request.form.get("deed") != "take":
            services.decline(db_session, application=application, by=actor(), now=utcnow())
            return "You keep the tables you have. Thank you for telling."
        text = request.form.get("seen", "")
        seen = whole(text.removeprefix("-"), 12) or 0
        offer = services.take(
            db_session,
            event=event,
            application=application,
            seen_minor=-seen if text.startswith("-") else seen,
            by=actor(),
            now=utcnow(),
        )
        return f"Done: you stand at {offer.labels} now. Your order shows what is still to pay, or what goes back."

    try:
        flash(attempt(work), "ok")
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for("applications.show_own", slug=slug), 303)
