"""Decisions in private and together, reviewers' scores, and the list as a file."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.orders.attempts import attempt
from swapmeet.vendor_tables import queries as floor_queries
from swapmeet.vendor_tables.applications import asked, export, fees, mail, queries
from swapmeet.vendor_tables.applications.errors import NoApplication
from swapmeet.vendor_tables.applications.forms import DecisionForm, ScoreForm, SendForm
from swapmeet.vendor_tables.applications.manage import _deadline, _do, _places, bp
from swapmeet.vendor_tables.applications.models import Application, ApplicationScore, Decision
from swapmeet.vendor_tables.applications.services import deciding, scoring
from swapmeet.vendor_tables.applications.states import ApplicationState
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form
from swapmeet.web.spreadsheet import csv_lines, csv_response, xlsx_response

AFTER = {Decision.OFFER: ApplicationState.OFFERED, **deciding.TARGETS}


@bp.post("/manage/shows/<slug>/applications/<int:application_id>/decision")
@requires(Permission.TABLES_EDIT)
def decide(event: Event, application_id: int) -> ResponseReturnValue:
    """Write down what is meant. The vendor sees nothing of it."""
    form = DecisionForm()

    def work(db_session: Session, application: Application) -> str:
        decision = Decision(form.decision.data) if form.decision.data else None
        places = _places(db_session, event.id, form.labels()) if decision is Decision.OFFER else []
        deciding.decide(
            db_session,
            application=application,
            meant=deciding.Meant(decision, form.message.data or "", places),
            seen=form.seen.data or 0,
            seen_decision=form.seen_decision.data or "",
            by=actor(),
            now=utcnow(),
        )
        return "Kept. Nobody is told before you send the decisions."

    return _do(event, application_id, "decision", form, work)


@bp.route("/manage/shows/<slug>/applications/decisions", methods=["GET", "POST"])
@requires(Permission.TABLES_EDIT)
def decisions(event: Event) -> ResponseReturnValue:
    """All decisions with the mails they would send; one button says them all."""
    form = event_form(
        SendForm, zone_name=event.time_zone, currency=event.currency, data={"expires_at": _deadline(event), "is_told": True}
    )  # fmt: skip
    if not form.validate_on_submit():
        return _decisions_page(event, form), 422 if form.is_submitted() else 200
    slug, stamps = event.slug, request.form.getlist("stamp")[:2000]
    try:
        sent = attempt(lambda db_session: _send(db_session, event.id, stamps, form))
        flash(sent.words(), "ok")
        return redirect(url_for(".list_applications", slug=slug), 303)
    except DomainError as error:
        form.hang(error)
    return _decisions_page(event, form), 422


def _send(db_session: Session, event_id: int, stamps: Sequence[str], form: Any) -> deciding.Sent:
    known = [stamp for stamp in stamps if whole(stamp.split(":")[0], 17)]
    return deciding.send_decisions(
        db_session,
        event=db_session.get_one(Event, event_id),
        stamps=known,
        expires_at=form.expires_at.data,
        is_told=form.is_told.data,
        by=actor(),
        now=utcnow(),
    )


def _decisions_page(event: Event, form: Any) -> str:
    db_session, now = db.session(), utcnow()
    rows = queries.list_decided(db_session, event_id=event.id)
    ids = [place_id for row in rows for place_id in row.places]
    places = floor_queries.by_id(floor_queries.list_places_by_id(db_session, event_id=event.id, ids=ids))
    ends = form.expires_at.data or _deadline(event)
    shown = []
    for row in rows:
        assert row.decision is not None
        labels = [places[place_id].label for place_id in row.places if place_id in places]
        letter = mail.preview(row, AFTER[row.decision], row.decision_message, labels=labels, expires_at=ends)
        shown.append((row, deciding.stamp_of(row), labels, letter))
    return render_template(
        "vendor_tables/applications/decisions.html",
        event=event,
        form=form,
        rows=shown,
        words=deciding.WORDS,
        uses=[use for use in queries.category_uses(db_session, event_id=event.id) if use.is_over],
        now=now,
    )


@bp.get("/manage/shows/<slug>/applications/review")
@requires(Permission.VENDORS_SCORE)
def review(event: Event) -> ResponseReturnValue:
    """What waits for a reviewer's score, with their own scores alone."""
    rows = _to_score(event)
    return render_template("vendor_tables/applications/review.html", event=event, rows=rows, is_blind=_is_blind(event))


@bp.route("/manage/shows/<slug>/applications/review/<int:application_id>", methods=["GET", "POST"])
@requires(Permission.VENDORS_SCORE)
def score(event: Event, application_id: int) -> ResponseReturnValue:
    """Read one, without its name where the show is blind, and give a score."""
    mine = _to_score(event)
    found = next(((row, own) for row, own in mine if row.id == application_id), None)
    if found is None:
        raise NoApplication("There is nothing to score here. It may be decided, or be your own.")
    application, own = found
    data = {"score": str(own.score or ""), "has_conflict": own.has_conflict, "note": own.note} if own else None
    form = ScoreForm(data=data)
    slug = event.slug
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _score(db_session, event.id, application_id, form))
            left = [row.id for row, own in mine if own is None and row.id != application_id]
            flash("Your score is kept.", "ok")
            if left:
                return redirect(url_for(".score", slug=slug, application_id=left[0]), 303)
            return redirect(url_for(".review", slug=slug), 303)
        except NotFound:
            raise
        except DomainError as error:
            form.hang(error)
    is_blind = _is_blind(event)
    page = render_template(
        "vendor_tables/applications/score.html",
        event=event,
        application=application,
        form=form,
        is_blind=is_blind,
        photos=queries.list_photos(db.session(), application_id=application.id),
        answers=asked.said(asked.blocks_for(db.session(), event, application.answers, is_blind=is_blind)),
    )
    return page, 422 if form.is_submitted() else 200


def _to_score(event: Event) -> list[tuple[Application, ApplicationScore | None]]:
    """What waits for this reviewer; who has not paid the application fee is not looked at yet."""
    rows = queries.list_to_score(db.session(), event_id=event.id, reviewer_id=current_user.id)
    unpaid = fees.unpaid_among(db.session(), [row for row, _ in rows])
    return [(row, own) for row, own in rows if row.id not in unpaid]


def _score(db_session: Session, event_id: int, application_id: int, form: ScoreForm) -> None:
    application = queries.get_application(db_session, event_id=event_id, application_id=application_id)
    scoring.save_score(
        db_session,
        application=application,
        reviewer_id=current_user.id,
        score=int(form.score.data) if form.score.data else None,
        has_conflict=form.has_conflict.data,
        note=form.note.data or "",
        by=actor(),
        now=utcnow(),
    )


def _is_blind(event: Event) -> bool:
    selling = queries.find_selling(db.session(), event_id=event.id)
    return selling is not None and selling.is_blind


@bp.get("/manage/shows/<slug>/applications/list.<kind>")
@requires(Permission.VENDORS_VIEW)
def export_list(event: Event, kind: str) -> Response:
    """Every application that was sent, as CSV or for a spreadsheet."""
    blocks = asked.blocks_for(db.session(), event, {})
    header, rows = export.header(blocks), export.rows(db.session(), event, blocks)
    if kind == "csv":
        return csv_response(csv_lines(header, rows), f"{event.slug}-applications.csv")
    if kind == "xlsx":
        return xlsx_response(header, rows, f"{event.slug}-applications.xlsx")
    raise NotFound("There is no such file.")
