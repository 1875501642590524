"""The host's pages of a run: let it be solved, look at what came out, publish it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades.rounds import desk_queries, queries
from swapmeet.trades.rounds.forms import RunForm
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.trades.rounds.models import LIVE, RoundEntry, RunKind, RunState, TradeRound, TradeRun
from swapmeet.trades.rounds.result_views import loops_page
from swapmeet.trades.rounds.services import running
from swapmeet.web.access import actor, requires

SLOW_AFTER_S = 30


@manage_bp.post("/manage/shows/<slug>/rounds/<int:round_id>/runs")
@requires(Permission.TRADES_HOST)
def start_run(event: Event, round_id: int) -> ResponseReturnValue:
    """Let the round be solved. Pressed twice, or by two hosts, it is one run."""
    slug, event_id, form = event.slug, event.id, RunForm()
    if not form.validate_on_submit():
        flash("Press “Run” on the page of the round.", "bad")
        return redirect(url_for(".show_round", slug=slug, round_id=round_id), 303)
    try:
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=event_id)
            run = running.start_run(db_session, round_=round_, seen=form.seen.data or 0, by=actor(), now=utcnow())
            run_id = run.id
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
        return redirect(url_for(".show_round", slug=slug, round_id=round_id), 303)
    return redirect(url_for(".show_run", slug=slug, round_id=round_id, run_id=run_id), 303)


@manage_bp.get("/manage/shows/<slug>/rounds/<int:round_id>/runs/<int:run_id>")
@requires(Permission.TRADES_HOST)
def show_run(event: Event, round_id: int, run_id: int) -> ResponseReturnValue:
    """How far it is, and what came out."""
    db_session = db.session()
    round_ = queries.get_round(db_session, round_id, event_id=event.id)
    run = queries.get_run(db_session, run_id, round_id=round_.id)
    values = {
        "event": event,
        "round": round_,
        "run": run,
        "last": queries.find_last_run(db_session, round_id=round_.id),
        "is_live": run.state in LIVE,
        "can_solve": running.can_publish(round_, run),
        "is_slow": (utcnow() - run.requested_at).total_seconds() > SLOW_AFTER_S,
        "RunState": RunState,
    }
    if run.state in (RunState.DONE, RunState.PUBLISHED):
        values |= loops_page(run) | _findings(round_, run)
    return render_template("trades/rounds/manage_run.html", **values)


def _findings(round_: TradeRound, run: TradeRun) -> dict[str, object]:
    db_session = db.session()
    can_publish = run.state is RunState.DONE and running.can_publish(round_, run)
    is_final = run.kind is RunKind.FINAL
    return {
        "can_publish": can_publish,
        "is_stale": can_publish and running.is_stale(db_session, run),
        "empty_handed": queries.list_without_trade(db_session, round_id=round_.id, run_id=run.id),
        "uneven": queries.list_uneven(db_session, run_id=run.id),
        "changes": desk_queries.list_changes(db_session, run=run) if is_final and not run.repair else [],
        "lengths": queries.count_lengths(db_session, run_id=run.id),
        "idle": queries.list_without_wants(db_session, round_id=round_.id),
        "hints": _hints(round_, run),
    }


def _hints(round_: TradeRound, run: TradeRun) -> dict[str, list[tuple[RoundEntry, RoundEntry, int]]]:
    """By handle: (thing, what its owner might want for it, how many more things would trade)."""
    rows = [(row["owner"], int(row["item"]), int(row["target"]), row["gain"]) for row in run.hints or ()]
    numbers = {number for _, item, target, _ in rows for number in (item, target)}
    entries = queries.entries_by_number(db.session(), round_id=round_.id, numbers=numbers) if rows else {}
    found: dict[str, list[tuple[RoundEntry, RoundEntry, int]]] = {}
    for owner, item, target, gain in rows:
        if item in entries and target in entries:
            found.setdefault(owner, []).append((entries[item], entries[target], gain))
    return found


@manage_bp.post("/manage/shows/<slug>/rounds/<int:round_id>/runs/<int:run_id>/publication")
@requires(Permission.TRADES_HOST)
def publish_run(event: Event, round_id: int, run_id: int) -> ResponseReturnValue:
    """Let everybody see the result, and tell those who take part."""
    slug, event_id = event.slug, event.id
    try:
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=event_id)
            run = queries.get_run(db_session, run_id, round_id=round_.id)
            running.publish_run(db_session, round_=round_, run=run, by=actor(), now=utcnow())
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
    else:
        flash("The result is out. Everybody with a thing in the round gets a mail.", "ok")
    return redirect(url_for(".show_run", slug=slug, round_id=round_id, run_id=run_id), 303)
