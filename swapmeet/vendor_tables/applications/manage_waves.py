"""First refusal for last time's vendors, and the waves of a sale."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.attempts import attempt
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.forms import RightsForm, WaveForm
from swapmeet.vendor_tables.applications.manage import bp
from swapmeet.vendor_tables.applications.models import WaveKind
from swapmeet.vendor_tables.applications.services import rights, selling_waves
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural
from swapmeet.web.forms import event_form


def _form(kind: Any, event: Event, **kwargs: Any) -> Any:
    return event_form(kind, zone_name=event.time_zone, currency=event.currency, **kwargs)


@bp.get("/manage/shows/<slug>/applications/waves")
@requires(Permission.VENDORS_VIEW)
def waves(event: Event) -> ResponseReturnValue:
    """Who may buy when: last time's vendors first, then wave by wave."""
    return _page(event)


def _page(event: Event, **forms: Any) -> str:
    db_session = db.session()
    return render_template(
        "vendor_tables/applications/waves.html",
        event=event,
        waves=queries.list_waves(db_session, event_id=event.id),
        counts=queries.count_in_waves(db_session, event=event),
        mode=queries.mode_of(db_session, event_id=event.id),
        last=rights.find_last_edition(db_session, event),
        kept=rights.list_kept(db_session, event_id=event.id, now=utcnow()),
        wave_form=forms.get("wave") or _form(WaveForm, event, formdata=None),
        rights_form=forms.get("rights") or _form(RightsForm, event, formdata=None),
    )


@bp.post("/manage/shows/<slug>/applications/waves")
@requires(Permission.TABLES_EDIT)
def add_wave(event: Event) -> ResponseReturnValue:
    form = _form(WaveForm, event)
    slug, event_id = event.slug, event.id

    def work(db_session: Session) -> None:
        selling_waves.add_wave(
            db_session,
            event=db_session.get_one(Event, event_id),
            name=str(form.name.data),
            kind=WaveKind(form.kind.data),
            opens_at=form.opens_at.data,
            min_points=form.min_points.data,
            code=form.code.data or "",
            by=actor(),
            now=utcnow(),
        )

    if form.validate_on_submit():
        try:
            attempt(work)
            flash("The wave is added.", "ok")
            return redirect(url_for(".waves", slug=slug), 303)
        except DomainError as error:
            form.hang(error)
    return _page(event, wave=form), 422


@bp.post("/manage/shows/<slug>/applications/waves/<int:wave_id>/removal")
@requires(Permission.TABLES_EDIT)
def remove_wave(event: Event, wave_id: int) -> ResponseReturnValue:
    slug, event_id = event.slug, event.id

    def work(db_session: Session) -> None:
        wave = queries.get_wave(db_session, event_id=event_id, wave_id=wave_id)
        selling_waves.remove_wave(db_session, wave=wave, by=actor(), now=utcnow())

    attempt(work)
    flash("The wave is gone.", "ok")
    return redirect(url_for(".waves", slug=slug), 303)


@bp.post("/manage/shows/<slug>/applications/rights")
@requires(Permission.TABLES_EDIT)
def open_rights(event: Event) -> ResponseReturnValue:
    """Keep last time's tables for their vendors until a time."""
    form = _form(RightsForm, event)
    slug, event_id = event.slug, event.id

    def work(db_session: Session) -> rights.Opened:
        return rights.open_window(
            db_session,
            event=db_session.get_one(Event, event_id),
            until=form.until.data,
            is_told=form.is_told.data,
            by=actor(),
            now=utcnow(),
        )

    if form.validate_on_submit():
        try:
            opened = attempt(work)
            vendors = plural(opened.vendors, "vendor", "vendors")
            flash(f"{plural(opened.kept, 'table is', 'tables are')} kept for {vendors}.", "ok")
            for words in opened.skipped[:20]:
                flash(f"Not kept: {words}.", "warn")
            return redirect(url_for(".waves", slug=slug), 303)
        except NotFound:
            raise
        except DomainError as error:
            form.hang(error)
    return _page(event, rights=form), 422
