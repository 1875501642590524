"""The team's pages of a show's trades: reports, hiding listings, and how trades run."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades import queries, rules, vocab
from swapmeet.trades.forms import ReasonForm, SettingsForm
from swapmeet.trades.models import HOLD_HOURS, MAX_LIVE_LISTINGS, REPORT_LABELS, ReportState
from swapmeet.trades.services import safety
from swapmeet.trades.services import settings as settings_service
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form
from swapmeet.web.paging import page_number, paginate

manage_bp = Blueprint("trades_manage", __name__)


@manage_bp.get("/manage/shows/<slug>/trades")
@requires(Permission.TRADES_MODERATE)
def reports(event: Event) -> ResponseReturnValue:
    """What people have reported, open ones first to be seen."""
    return _reports_page(event)


def _reports_page(event: Event) -> str:
    db_session = db.session()
    closed = request.args.get("show") == "closed"
    states = [ReportState.OPEN] if not closed else [ReportState.UPHELD, ReportState.DISMISSED]
    statement = queries.reports_of(event_id=event.id, states=states)
    return render_template(
        "trades/manage_reports.html",
        event=event,
        page=paginate(db_session, statement, number=page_number(), size=20),
        shows_closed=closed,
        labels=REPORT_LABELS,
        counts=queries.count_by_state(db_session, event_id=event.id),
        hidden=queries.list_hidden(db_session, event_id=event.id),
        short_name=rules.short_name,
        vocab=vocab,
    )


@manage_bp.post("/manage/shows/<slug>/trades/reports/<int:report_id>/dismissal")
@requires(Permission.TRADES_MODERATE)
def dismiss_report(event: Event, report_id: int) -> ResponseReturnValue:
    """Nothing is wrong; the report is closed."""
    form = ReasonForm()
    answer = form.reason.data or "" if form.validate_on_submit() else ""
    return _close(event, report_id, ReportState.DISMISSED, answer, "The report is closed.")


@manage_bp.post("/manage/shows/<slug>/trades/reports/<int:report_id>/decision")
@requires(Permission.TRADES_MODERATE)
def uphold_report(event: Event, report_id: int) -> ResponseReturnValue:
    """It was right (for reports about a person, where there is no listing to hide)."""
    form = ReasonForm()
    if not form.validate_on_submit():
        flash("Say what you did about it.", "bad")
        return redirect(url_for(".reports", slug=event.slug), 303)
    return _close(event, report_id, ReportState.UPHELD, form.reason.data or "", "The report is closed.")


def _close(event: Event, report_id: int, target: ReportState, answer: str, done: str) -> ResponseReturnValue:
    event_id, slug = event.id, event.slug
    try:
        with transaction() as db_session:
            report = safety.get_report(db_session, event_id=event_id, report_id=report_id)
            safety.close_report(db_session, report=report, target=target, answer=answer, by=actor(), now=utcnow())
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
    else:
        flash(done, "ok")
    return redirect(url_for(".reports", slug=slug), 303)


@manage_bp.post("/manage/shows/<slug>/trades/listings/<int:listing_id>/hiding")
@requires(Permission.TRADES_MODERATE)
def hide_listing(event: Event, listing_id: int) -> ResponseReturnValue:
    """Out of sight, with a reason that its owner reads."""
    form = ReasonForm()
    if not form.validate_on_submit():
        flash("Say why; the owner reads it. At most 300 characters.", "bad")
        return redirect(url_for(".reports", slug=event.slug), 303)
    event_id, slug = event.id, event.slug
    with transaction() as db_session:
        listing = safety.get_event_listing(db_session, event_id=event_id, listing_id=listing_id)
        safety.hide_listing(db_session, listing=listing, reason=form.reason.data or "", by=actor(), now=utcnow())
    flash("The listing is hidden, and its owner is told why.", "ok")
    return redirect(url_for(".reports", slug=slug), 303)


@manage_bp.post("/manage/shows/<slug>/trades/listings/<int:listing_id>/showing")
@requires(Permission.TRADES_MODERATE)
def show_listing(event: Event, listing_id: int) -> ResponseReturnValue:
    """Let it be seen again."""
    event_id, slug = event.id, event.slug
    with transaction() as db_session:
        listing = safety.get_event_listing(db_session, event_id=event_id, listing_id=listing_id)
        safety.show_listing(db_session, listing=listing, by=actor(), now=utcnow())
    flash("The listing can be seen again.", "ok")
    return redirect(url_for(".reports", slug=slug), 303)


@manage_bp.get("/manage/shows/<slug>/trades/settings")
@requires(Permission.EVENT_EDIT)
def settings(event: Event) -> ResponseReturnValue:
    """How trades run at this show."""
    return _settings_page(event, _settings_form(event))


@manage_bp.post("/manage/shows/<slug>/trades/settings")
@requires(Permission.EVENT_EDIT)
def save_settings(event: Event) -> ResponseReturnValue:
    """Save it."""
    form = _settings_form(event)
    if not form.validate_on_submit():
        return _settings_page(event, form), 422
    slug, event_id = event.slug, event.id
    with transaction() as db_session:
        settings_service.save_settings(
            db_session,
            event=db_session.get_one(Event, event_id),
            wanted=settings_service.Wanted(
                enabled=form.trades_enabled.data,
                opens_at=form.trades_open_at.data,
                closes_at=form.trades_close_at.data,
                max_live_listings=form.max_live_listings.data or MAX_LIVE_LISTINGS,
                hold_hours=form.hold_hours.data or HOLD_HOURS,
                desk_text=form.desk_text.data or "",
                why_off=form.why_off.data or "",
            ),
            by=actor(),
            now=utcnow(),
        )
    flash("Saved.", "ok")
    return redirect(url_for(".settings", slug=slug), 303)


def _settings_form(event: Event) -> SettingsForm:
    terms = queries.get_terms(db.session(), event_id=event.id)
    values = {
        "trades_enabled": event.trades_enabled,
        "trades_open_at": event.trades_open_at,
        "trades_close_at": event.trades_close_at,
        "max_live_listings": terms.max_live_listings,
        "hold_hours": terms.hold_hours,
        "desk_text": terms.desk_text,
        "why_off": terms.why_off,
    }
    form: SettingsForm = event_form(SettingsForm, zone_name=event.time_zone, currency=event.currency, data=values)
    return form


def _settings_page(event: Event, form: SettingsForm) -> str:
    return render_template("trades/manage_settings.html", event=event, form=form)
