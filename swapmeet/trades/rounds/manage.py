"""The host's pages of trade rounds: open one, switch its phases, set deadlines, see who has chosen nothing yet."""

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades import vocab
from swapmeet.trades.matching.jsonform import problem_to_json
from swapmeet.trades.rounds import desk_queries, dispute_queries, hand_queries, queries, rules
from swapmeet.trades.rounds.errors import WrongPhase
from swapmeet.trades.rounds.forms import DeadlinesForm, PhaseForm, RoundForm, SlotsForm, TakeOutForm
from swapmeet.trades.rounds.models import PHASE_MACHINE, Phase, RunKind, TradeRound
from swapmeet.trades.rounds.problem import build_problem, handle
from swapmeet.trades.rounds.services import phases
from swapmeet.trades.rules import short_name
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form

manage_bp = Blueprint("trade_rounds_manage", __name__)


@manage_bp.context_processor
def words() -> dict[str, Any]:
    return {"vocab": vocab, "round_rules": rules, "Phase": Phase, "short_name": short_name, "handle": handle}


@manage_bp.get("/manage/shows/<slug>/rounds")
@requires(Permission.TRADES_HOST)
def list_rounds(event: Event) -> ResponseReturnValue:
    """All rounds of the show, and a form for one more."""
    return _list_page(event, RoundForm(data={"max_entries": 60}))


def _list_page(event: Event, form: RoundForm) -> str:
    rows = queries.list_rounds(db.session(), event_id=event.id)
    labels = rules.PHASE_LABELS
    return render_template("trades/rounds/manage_list.html", event=event, rows=rows, form=form, labels=labels)


@manage_bp.post("/manage/shows/<slug>/rounds")
@requires(Permission.TRADES_HOST)
def open_round(event: Event) -> ResponseReturnValue:
    """Open a round; things may enter at once."""
    form = RoundForm()
    if not form.validate_on_submit():
        return _list_page(event, form), 422
    slug, event_id = event.slug, event.id
    with transaction() as db_session:
        round_ = phases.open_round(
            db_session,
            event=db_session.get_one(Event, event_id),
            title=form.title.data or "",
            max_entries=form.max_entries.data or 1,
            by=actor(),
            now=utcnow(),
        )
        round_id = round_.id
    flash("The round is open; things can enter.", "ok")
    return redirect(url_for(".show_round", slug=slug, round_id=round_id), 303)


@manage_bp.get("/manage/shows/<slug>/rounds/<int:round_id>")
@requires(Permission.TRADES_HOST)
def show_round(event: Event, round_id: int) -> ResponseReturnValue:
    """Where a round stands, its next step, its deadlines, and who has not chosen yet."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    return _round_page(event, round_, _deadlines_form(event, round_))


def _deadlines_form(event: Event, round_: TradeRound) -> DeadlinesForm:
    ends = queries.list_deadlines(db.session(), round_id=round_.id)
    values = {phase.value: moment for phase, moment in ends.items()}
    form: DeadlinesForm = event_form(DeadlinesForm, zone_name=event.time_zone, currency=event.currency, data=values)
    return form


def _slots_form(event: Event, round_: TradeRound) -> SlotsForm:
    desk = hand_queries.find_desk(db.session(), round_id=round_.id)
    values = {"slot_minutes": 15, "slot_people": 6} if desk is None else {}
    form: SlotsForm = event_form(
        SlotsForm, zone_name=event.time_zone, currency=event.currency, formdata=None, obj=desk, data=values
    )
    return form


def _round_page(event: Event, round_: TradeRound, form: DeadlinesForm) -> str:
    db_session = db.session()
    place = rules.ORDER.index(round_.phase)
    before = rules.ORDER[place - 1] if place else None
    kind = rules.SOLVING.get(round_.phase)
    is_asked = round_.phase in (Phase.PREVIEW, Phase.FINAL)
    is_out = is_asked and queries.find_published(db_session, round_id=round_.id, kind=kind) is not None
    return render_template(
        "trades/rounds/manage_round.html",
        event=event,
        round=round_,
        form=form,
        forward=rules.next_phase(round_.phase),
        before=before if before and PHASE_MACHINE.allows(round_.phase, before) and not is_out else None,
        is_out=is_out,
        members=queries.list_members(db_session, round_id=round_.id),
        things=queries.count_entries(db_session, round_id=round_.id),
        idle=queries.list_without_wants(db_session, round_id=round_.id),
        runs=queries.list_runs(db_session, round_id=round_.id),
        has_run=any(run.kind is kind for run in queries.list_runs(db_session, round_id=round_.id)),
        can_close=PHASE_MACHINE.allows(round_.phase, Phase.CLOSED) and not (round_.phase is Phase.FINAL and is_out),
        can_solve=is_asked and not is_out,
        slots=_slots_form(event, round_) if round_.phase is not Phase.CLOSED else None,
        is_final_out=queries.find_published(db_session, round_id=round_.id, kind=RunKind.FINAL) is not None,
        open_disputes=dispute_queries.count_open(db_session, round_id=round_.id),
        uses_money=(desk := hand_queries.find_desk(db_session, round_id=round_.id)) is not None and desk.uses_money,
        unsettled=_count_unsettled(round_) if round_.phase is Phase.DISPUTES else 0,
        waiting=len(hand_queries.list_uncollected(db_session, round_id=round_.id)),
        counts=desk_queries.count_states(db_session, round_id=round_.id),
        take_out=TakeOutForm(formdata=None) if round_.phase in rules.TAKING_OUT else None,
    )


def _count_unsettled(round_: TradeRound) -> int:
    """People who still pay or get money at the desk."""
    rows = dispute_queries.list_balances(db.session(), round_id=round_.id)
    return sum(row.owes_minor != 0 for row in rows)


@manage_bp.post("/manage/shows/<slug>/rounds/<int:round_id>/phase")
@requires(Permission.TRADES_HOST)
def switch_phase(event: Event, round_id: int) -> ResponseReturnValue:
    """To the next phase, one back, or the end."""
    slug, event_id, form = event.slug, event.id, PhaseForm()
    if not form.validate_on_submit():
        flash("Choose one of the phases on the page.", "bad")
        return redirect(url_for(".show_round", slug=slug, round_id=round_id), 303)
    target = Phase(form.target.data)
    try:
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=event_id)
            phases.switch_phase(
                db_session, round_=round_, seen=Phase(form.seen.data), target=target, by=actor(), now=utcnow()
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
    else:
        flash(f"The round is at “{rules.PHASE_LABELS[target]}” now.", "ok")
    return redirect(url_for(".show_round", slug=slug, round_id=round_id), 303)


@manage_bp.post("/manage/shows/<slug>/rounds/<int:round_id>/deadlines")
@requires(Permission.TRADES_HOST)
def save_deadlines(event: Event, round_id: int) -> ResponseReturnValue:
    """Until when the phases are meant to last."""
    slug, event_id = event.slug, event.id
    round_ = queries.get_round(db.session(), round_id, event_id=event_id)
    form = _deadlines_form(event, round_)
    if not form.validate_on_submit():
        return _round_page(event, round_, form), 422
    ends = form.ends()
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=event_id)
        phases.set_deadlines(db_session, round_=round_, ends=ends, by=actor(), now=utcnow())
    flash("Saved. People are reminded a day before.", "ok")
    return redirect(url_for(".show_round", slug=slug, round_id=round_id), 303)


@manage_bp.get("/manage/shows/<slug>/rounds/<int:round_id>/problem.json")
@requires(Permission.TRADES_HOST)
def download_problem(event: Event, round_id: int) -> ResponseReturnValue:
    """The round as the engine reads it: labels and trader numbers, no names."""
    db_session = db.session()
    round_ = queries.get_round(db_session, round_id, event_id=event.id)
    if round_.phase not in (Phase.WANTS, Phase.PREVIEW):
        raise WrongPhase("There is something to solve while the round is at “Choose wants” or “Result”.")
    body = json.dumps(problem_to_json(build_problem(db_session, round_id=round_.id)), ensure_ascii=False)
    name = f"round-{round_.id}.json"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(body, mimetype="application/json", headers=headers)
