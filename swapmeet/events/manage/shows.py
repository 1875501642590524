"""What I run, and a new show."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.access.decide import Standing, can
from swapmeet.access.permissions import Permission
from swapmeet.accounts.models import Organizer
from swapmeet.accounts.queries import list_organizers_of
from swapmeet.events import queries, services
from swapmeet.events.forms import NewShowForm
from swapmeet.events.manage.blueprint import bp
from swapmeet.events.models import EventKind
from swapmeet.events.pages import state_of_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.web.access import actor, requires, signed_in


@bp.get("")
@signed_in
def list_mine() -> ResponseReturnValue:
    """My organizers with their shows, and the single shows I help with."""
    memberships = list(current_user.memberships)
    organizers = list_organizers_of(db.session(), person_id=current_user.id)
    whole = {member.organizer_id for member in memberships if member.event_id is None}
    single = [member.event_id for member in memberships if member.event_id is not None]
    shows = queries.list_shows_of(db.session(), organizer_ids=sorted(whole), event_ids=single)
    now = utcnow()
    return render_template(
        "events/mine.html",
        groups=[(row, [show for show in shows if show.organizer_id == row.id]) for row in organizers],
        states={show.id: state_of_event(show, now) for show in shows},
        rights={row.id: _rights(row, memberships) for row in organizers},
    )


@bp.get("/organizers/<organizer_slug>/shows/new")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def new_show(organizer: Organizer) -> ResponseReturnValue:
    return _new_page(organizer, NewShowForm(data=_first_values(organizer)))


@bp.post("/organizers/<organizer_slug>/shows")
@requires(Permission.EVENT_CREATE, scope="organizer_slug")
def create_show(organizer: Organizer) -> ResponseReturnValue:
    """A draft with the settings of its kind."""
    form: Any = NewShowForm()
    if not form.validate_on_submit():
        return _new_page(organizer, form), 422
    try:
        with transaction() as db_session:
            event = services.create_event(
                db_session, organizer=organizer, new=_new_show(form), by=actor(), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return _new_page(organizer, form), 422
    flash(f"“{event.name}” is a draft. Add what is missing, then publish it.", "ok")
    return redirect(url_for(".overview", slug=event.slug), 303)


# What the page of my shows offers beside a club's name.
OFFERED = (Permission.EVENT_CREATE, Permission.TEAM_VIEW, Permission.ORGANIZER_EDIT)


def _rights(organizer: Organizer, memberships: list[Any]) -> set[str]:
    """Rights at the whole organizer, from the memberships that the sign-in session brings along."""
    roles = frozenset().union(
        *(m.role_set for m in memberships if m.organizer_id == organizer.id and m.event_id is None)
    )
    standing = Standing(roles, is_site_admin=current_user.is_site_admin)
    return {permission.value for permission in OFFERED if can(standing, permission)}


def _new_page(organizer: Organizer, form: Any) -> str:
    return render_template("events/new.html", organizer=organizer, form=form)


# What the organizer's country suggests: time zone, currency, locale.
COUNTRY_DEFAULTS = {
    "US": ("America/New_York", "USD", "en-US"),
    "GB": ("Europe/London", "GBP", "en-GB"),
    "CA": ("America/Toronto", "CAD", "en-CA"),
    "AU": ("Australia/Sydney", "AUD", "en-AU"),
    "NZ": ("Pacific/Auckland", "NZD", "en-NZ"),
    "IE": ("Europe/Dublin", "EUR", "en-IE"),
    "DE": ("Europe/Berlin", "EUR", "de-DE"),
    "FR": ("Europe/Paris", "EUR", "fr-FR"),
    "NL": ("Europe/Amsterdam", "EUR", "nl-NL"),
}


def _first_values(organizer: Organizer) -> dict[str, str]:
    zone, currency, locale = COUNTRY_DEFAULTS.get(organizer.country, COUNTRY_DEFAULTS["US"])
    return {"kind": EventKind.SWAP_MEET.value, "time_zone": zone, "currency": currency, "locale": locale}


def _new_show(form: Any) -> services.NewShow:
    return services.NewShow(
        name=form.name.data,
        kind=EventKind(form.kind.data),
        first_day=form.first_day.data,
        last_day=form.last_day.data,
        time_zone=form.time_zone.data,
        currency=form.currency.data,
        locale=form.locale.data,
        place=form.place.data or "",
        venue_name=form.venue_name.data or "",
        slug=form.slug.data or "",
    )
