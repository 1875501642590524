"""Public pages of the placing: sealed and opened draws of a show; a vendor's own place and why."""

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.events.queries import get_public_event
from swapmeet.infra.db import db
from swapmeet.kernel.errors import NotFound
from swapmeet.vendor_tables.placing.drawing import published
from swapmeet.vendor_tables.runs import pages, queries, words
from swapmeet.web.access import public, signed_in

bp = Blueprint("placing", __name__)


@bp.get("/shows/<slug>/placing")
@public
def show_draws(slug: str) -> ResponseReturnValue:
    """The commitments of a show's draws, and the lists of those that are open."""
    event = get_public_event(db.session(), slug)
    draws = queries.list_draws(db.session(), event_id=event.id)
    if not draws:
        raise NotFound("There is no draw at this show.")
    with_list = {draw.id for draw in draws if queries.find_accepted_by(db.session(), draw_id=draw.id) is not None}
    return render_template("vendor_tables/placing/draws.html", event=event, draws=draws, with_list=with_list)


@bp.get("/shows/<slug>/placing/draws/<int:number>.json")
@public
def show_list(slug: str, number: int) -> Response:
    """The list of an opened draw, as `swapmeet verify-draw` reads it. Applications stand on it by number, not by name."""
    db_session = db.session()
    event = get_public_event(db_session, slug)
    draws = queries.list_draws(db_session, event_id=event.id)
    draw = next((row for row in draws if row.number == number and row.shown_at is not None), None)
    run = queries.find_accepted_by(db_session, draw_id=draw.id) if draw is not None else None
    if draw is None or run is None:
        raise NotFound("This draw is not open.")
    entries = pages.published_entries(queries.list_seats(db_session, run_id=run.id), words.lot_name)
    return jsonify(published(f"{event.name}, draw {draw.number}", entries, draw.seed))


@bp.get("/shows/<slug>/application/placing")
@signed_in
def show_own(slug: str) -> ResponseReturnValue:
    """Why one's own application got the tables it got, or none."""
    db_session = db.session()
    event = get_public_event(db_session, slug)
    seat = queries.find_own_seat(db_session, event_id=event.id, person_id=current_user.id)
    if seat is None:
        raise NotFound("You have not been placed at this show yet.")
    labels = pages.labels_of(db_session, event=event, seats=[seat])[seat.id]
    return render_template("vendor_tables/placing/own.html", event=event, seat=seat, labels=labels, run_words=words)
