"""A host puts in an official list: things of many people at once, as clubs write them down before the day."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades.rounds import queries, rules
from swapmeet.trades.rounds.forms import OfficialForm
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.trades.rounds.services import entering
from swapmeet.web.access import actor, requires

OFFICIAL = "/manage/shows/<slug>/rounds/<int:round_id>/official-list"
SHOWN = 20  # faults at a time


@manage_bp.get(OFFICIAL)
@requires(Permission.TRADES_HOST)
def edit_official(event: Event, round_id: int) -> ResponseReturnValue:
    """Where the list is pasted."""
    return _page(event, round_id, OfficialForm(formdata=None))


def _page(event: Event, round_id: int, form: OfficialForm) -> str:
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    return render_template("trades/rounds/official.html", event=event, round=round_, form=form)


@manage_bp.post(OFFICIAL)
@requires(Permission.TRADES_HOST)
def enter_official(event: Event, round_id: int) -> ResponseReturnValue:
    """Nothing enters while one line is wrong."""
    slug, event_id, form = event.slug, event.id, OfficialForm()
    if not form.validate_on_submit():
        return _page(event, round_id, form), 422
    rows, faults = rules.read_official(form.lines.data or "", event.currency)
    if faults:
        more = [f"… and {len(faults) - SHOWN} more lines like these."] if len(faults) > SHOWN else []
        form.lines.errors = faults[:SHOWN] + more
        return _page(event, round_id, form), 422
    try:
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=event_id)
            key = form.key.data or ""
            count = entering.enter_official(db_session, round_=round_, rows=rows, key=key, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _page(db.session.get_one(Event, event_id), round_id, form), 422
    flash(f"{'1 thing is' if count == 1 else f'{count:,} things are'} in the round.", "ok")
    return redirect(url_for(".show_round", slug=slug, round_id=round_id), 303)
