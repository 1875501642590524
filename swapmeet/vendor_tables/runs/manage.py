"""The organizer's pages of the placing: run rules, compare them, look at one, stop it, accept it."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.vendor_tables.applications.queries import find_selling
from swapmeet.vendor_tables.placing.problem import Weights
from swapmeet.vendor_tables.placing.reasons import Rule
from swapmeet.vendor_tables.runs import pages, queries, words
from swapmeet.vendor_tables.runs.forms import AcceptForm, RunsForm
from swapmeet.vendor_tables.runs.models import LIVE, PlacingRun, RunState
from swapmeet.vendor_tables.runs.services import accepting, running
from swapmeet.vendor_tables.runs.services.accepting import Acceptance
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural
from swapmeet.web.forms import event_form
from swapmeet.web.paging import page_number

bp = Blueprint("placing_manage", __name__)

OFFER_HOURS = 120


@bp.context_processor
def add_words() -> dict[str, Any]:
    return {"run_words": words, "RunState": RunState, "Rule": Rule}


@bp.get("/manage/shows/<slug>/placing")
@requires(Permission.VENDORS_VIEW)
def overview(event: Event) -> ResponseReturnValue:
    """Who waits, what was run, and the newest run of each rule side by side."""
    return _overview(event, None)


def _overview(event: Event, form: RunsForm | None) -> str:
    db_session = db.session()
    page = pages.load_overview(db_session, event=event, now=utcnow())
    if form is None:
        form = RunsForm(formdata=None, data={**asdict(Weights()), "rules": [rule.value for rule in Rule]})
        _set_periods(form, event)
    return render_template("vendor_tables/placing/overview.html", event=event, page=page, form=form)


def _set_periods(form: RunsForm, event: Event) -> None:
    form.period_id.choices = [(period.id, period.label) for period in pages.list_periods(db.session(), event)]


@bp.post("/manage/shows/<slug>/placing/runs")
@requires(Permission.TABLES_EDIT)
def start_runs(event: Event) -> ResponseReturnValue:
    """Run the ticked rules. Pressed twice, each rule runs once."""
    form = RunsForm()
    _set_periods(form, event)
    slug, event_id = event.slug, event.id
    if not form.validate_on_submit():
        return _overview(event, form), 422
    period_id, rules = form.period_id.data, [Rule(rule) for rule in form.rules.data]
    try:
        with transaction() as db_session:
            event = db_session.get_one(Event, event_id)
            period = next(row for row in pages.list_periods(db_session, event) if row.id == period_id)
            running.start_runs(
                db_session, event=event, period=period, rules=rules, weights=form.weights(), by=actor(), now=utcnow()
            )
    except DomainError as error:
        form.hang(error)
        return _overview(db.session().get_one(Event, event_id), form), 422
    return redirect(url_for(".overview", slug=slug), 303)  # a page with an anchor would not look again by itself


@bp.get("/manage/shows/<slug>/placing/runs/<int:run_id>")
@requires(Permission.VENDORS_VIEW)
def show_run(event: Event, run_id: int) -> ResponseReturnValue:
    """How far it is, or what came out: figures, the plan, every vendor with reasons, and the way to accept it."""
    return _run_page(event, run_id, None)


def _run_page(event: Event, run_id: int, form: AcceptForm | None) -> str:
    db_session, now = db.session(), utcnow()
    run = queries.get_run(db_session, event_id=event.id, run_id=run_id)
    values: dict[str, Any] = {"event": event, "run": run, "is_live": run.state in LIVE, "form": form}
    if run.state in (RunState.DONE, RunState.ACCEPTED):
        values |= _result(event, run)
    if run.state is RunState.DONE and form is None:
        values["form"] = event_form(
            AcceptForm,
            zone_name=event.time_zone,
            currency=event.currency,
            formdata=None,
            data={"expires_at": now + timedelta(hours=_offer_hours(event)), "is_waiting": True, "is_told": True},
        )
    return render_template("vendor_tables/placing/run.html", **values)


def _offer_hours(event: Event) -> int:
    selling = find_selling(db.session(), event_id=event.id)
    return selling.offer_hours if selling is not None else OFFER_HOURS


def _result(event: Event, run: PlacingRun) -> dict[str, Any]:
    db_session, now = db.session(), utcnow()
    seats = queries.list_seats(db_session, run_id=run.id)
    text, only = request.args.get("q", "")[:200].replace("\x00", ""), request.args.get("only", "")
    page = queries.page_of_seats(db_session, run_id=run.id, words=text, only=only, number=page_number())
    hall_id = whole(request.args.get("hall"), 17)
    drawn = pages.draw_run(db_session, event=event, run=run, seats=seats, hall_id=hall_id, now=now)
    others = queries.newest_of_rules(queries.list_runs(db_session, event_id=event.id))
    is_open = run.state is RunState.DONE
    return {
        "page": page,
        "labels": pages.labels_of(db_session, event=event, seats=page.rows),
        "text": text,
        "only": only,
        "drawn": drawn,
        "hall_tabs": [_tab(event, run, view.hall.name, view.plan.id, view is drawn.hall) for view in drawn.floor.halls],
        "run_tabs": [_tab(event, row, pages.run_title(row), hall_id, row.id == run.id) for row in others],
        "changes": accepting.list_changes(db_session, event=event, run=run, seats=seats) if is_open else None,
        "names": {seat.application_id: seat.application.name for seat in seats},
    }


def _tab(event: Event, run: PlacingRun, label: str, hall_id: int | None, is_current: bool) -> dict[str, Any]:
    address = url_for(".show_run", slug=event.slug, run_id=run.id, hall=hall_id, _anchor="plan-head")
    return {"label": label, "url": address, "is_current": is_current}


@bp.post("/manage/shows/<slug>/placing/runs/<int:run_id>/cancellation")
@requires(Permission.TABLES_EDIT)
def cancel_run(event: Event, run_id: int) -> ResponseReturnValue:
    """Stop a run that has not ended."""
    slug, event_id = event.slug, event.id
    try:
        with transaction() as db_session:
            run = queries.get_run(db_session, event_id=event_id, run_id=run_id)
            running.cancel_run(db_session, run=run, by=actor(), now=utcnow())
        flash("The run is stopped.", "ok")
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(".show_run", slug=slug, run_id=run_id), 303)


@bp.post("/manage/shows/<slug>/placing/runs/<int:run_id>/acceptance")
@requires(Permission.TABLES_EDIT)
def accept_run(event: Event, run_id: int) -> ResponseReturnValue:
    """Offer everybody of the run their tables, all at once."""
    form = event_form(AcceptForm, zone_name=event.time_zone, currency=event.currency)
    slug, event_id = event.slug, event.id
    if not form.validate_on_submit():
        return _run_page(event, run_id, form), 422
    acceptance = Acceptance(form.expires_at.data, form.is_told.data, form.is_waiting.data)
    try:
        with transaction() as db_session:
            done = accepting.accept_run(
                db_session,
                event=db_session.get_one(Event, event_id),
                run=queries.get_run(db_session, event_id=event_id, run_id=run_id),
                acceptance=acceptance,
                by=actor(),
                now=utcnow(),
            )
    except NotFound:
        raise
    except DomainError as error:
        form.hang(error)
        return _run_page(db.session().get_one(Event, event_id), run_id, form), 422
    said = f"{plural(done.offered, 'vendor has an offer', 'vendors have an offer')} now"
    said += f", {done.waiting} are on the waiting list" if done.waiting else ""
    flash(f"{said}.", "ok")
    return redirect(url_for(".show_run", slug=slug, run_id=run_id), 303)
