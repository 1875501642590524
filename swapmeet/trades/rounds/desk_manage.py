"""The drop-off desk: scan a label or a badge, look at the thing, take it in; whole lists by ticks; lists for paper."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.numbers import whole
from swapmeet.trades.rounds import desk_queries, hand_queries, labels, papers, queries
from swapmeet.trades.rounds.desk_models import Condition
from swapmeet.trades.rounds.errors import BadEntry, NoSuchRound
from swapmeet.trades.rounds.forms import IntakeForm, ScanForm, TakeOutForm
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.trades.rounds.models import RoundMember, TradeRound
from swapmeet.trades.rounds.services import entering, receiving
from swapmeet.trades.rounds.views import ticked
from swapmeet.trades.views.steps import take_step
from swapmeet.web.access import actor, requires

DESK = "/manage/shows/<slug>/rounds/<int:round_id>/drop-off"


@manage_bp.get(DESK)
@requires(Permission.TRADES_HOST)
def show_drop_off(event: Event, round_id: int) -> ResponseReturnValue:
    """The field to scan into, what was scanned last, and how far everybody is."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    return _desk_page(event, round_)


def _desk_page(event: Event, round_: TradeRound, **changes: Any) -> str:
    db_session = db.session()
    thing, trader = whole(request.args.get("thing", ""), 7), whole(request.args.get("trader", ""), 7)
    arrival = desk_queries.find_arrival(db_session, round_id=round_.id, number=thing) if thing else None
    member = desk_queries.find_trader(db_session, round_id=round_.id, number=trader) if trader else None
    progress = desk_queries.list_progress(db_session, round_id=round_.id)
    values = {
        "event": event,
        "round": round_,
        "scan": ScanForm(formdata=None),
        "form": IntakeForm(formdata=None, data=_said(arrival)),
        "arrival": arrival,
        "member": member,
        "list": desk_queries.list_arrivals(db_session, round_id=round_.id, member_id=member.id) if member else [],
        "missed": bool((thing and not arrival) or (trader and not member)),
        "people": [],
        "progress": sorted(progress, key=lambda row: (row.open == 0, row.member.number)),
        "counts": desk_queries.count_states(db_session, round_id=round_.id),
        "first": desk_queries.find_first_result(db_session, round_id=round_.id),
    }
    return render_template("trades/rounds/drop_off.html", **values | changes)


def _said(arrival: desk_queries.Arrival | None) -> dict[str, Any]:
    intake = arrival.intake if arrival else None
    if intake is None or intake.condition is None:
        return {"condition": Condition.AS_DESCRIBED.value}
    return {"condition": intake.condition.value, "note": intake.note}


@manage_bp.post(f"{DESK}/scans")
@requires(Permission.TRADES_HOST)
def scan_at_drop_off(event: Event, round_id: int) -> ResponseReturnValue:
    """What was scanned or typed: a thing, or a person with their list."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    form = ScanForm()
    if not form.validate_on_submit():
        return _desk_page(event, round_, scan=form), 422
    found = read_desk_scan(db.session(), round_, form)
    if isinstance(found, list):
        return _desk_page(event, round_, scan=form, people=found), 200 if found else 422
    address: dict[str, Any] = {"slug": event.slug, "round_id": round_.id, **found}
    return redirect(url_for(".show_drop_off", **address), 303)


def read_desk_scan(db_session: Session, round_: TradeRound, form: ScanForm) -> dict[str, int] | list[RoundMember]:
    """The page's argument for one thing or trader; or several people to choose from. Faults hang on the form."""
    text = form.code.data or ""
    scan = labels.read_scan(text, round_id=round_.id)
    if scan.kind is labels.Scanned.OTHER_ROUND:
        form.code.errors = ["This label is of another round."]
        return []
    if scan.kind is not labels.Scanned.WORDS:
        return {scan.kind.value: scan.number}
    proxy = hand_queries.find_proxy(db_session, round_id=round_.id, text=text)
    if proxy is not None:
        return {"trader": proxy.member.number, "proxy": proxy.id}
    people = desk_queries.find_traders(db_session, round_id=round_.id, event_id=round_.event_id, text=text)
    if len(people) == 1:
        return {"trader": people[0].number}
    if not people:
        form.code.errors = ["Nobody in this round has this badge or name. Type the number of the thing instead."]
    return people


@manage_bp.post(f"{DESK}/things/<int:entry_id>")
@requires(Permission.TRADES_HOST)
def take_in(event: Event, round_id: int, entry_id: int) -> ResponseReturnValue:
    """One thing, with its condition."""
    slug, event_id, form = event.slug, event.id, IntakeForm()
    entry = queries.get_entry(db.session(), entry_id, round_id=round_id)
    number, title = entry.number, entry.title
    try:
        if not form.validate_on_submit():
            return _again(event, round_id, number, form)
        condition = Condition(form.condition.data)
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=event_id)
            receiving.take_in(
                db_session,
                round_=round_,
                entry=queries.get_entry(db_session, entry_id, round_id=round_.id),
                condition=condition,
                note=form.note.data or "",
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return _again(event, round_id, number, form)
    if condition is Condition.DAMAGED:
        flash(f"#{number} {title} is not accepted. Give it back to whoever brought it.", "warn")
    else:
        flash(f"#{number} {title} is in.", "ok")
    return redirect(url_for(".show_drop_off", slug=slug, round_id=round_id), 303)


def _again(event: Event, round_id: int, number: int, form: IntakeForm) -> ResponseReturnValue:
    """The same thing with what was typed and what is wrong with it."""
    db_session = db.session()
    round_ = queries.get_round(db_session, round_id, event_id=event.id)
    arrival = desk_queries.find_arrival(db_session, round_id=round_.id, number=number)
    return _desk_page(event, round_, arrival=arrival, form=form), 422


@manage_bp.post(f"{DESK}/traders/<int:member_id>")
@requires(Permission.TRADES_HOST)
def take_in_list(event: Event, round_id: int, member_id: int) -> ResponseReturnValue:
    """What was ticked on somebody's list, all as described."""

    def do(db_session: Session, round_: TradeRound) -> str:
        chosen = [
            queries.get_entry(db_session, entry_id, round_id=round_.id, member_id=member_id)
            for entry_id in dict.fromkeys(ticked("entries"))
        ]
        fresh = receiving.take_in_list(db_session, round_=round_, entries=chosen, by=actor(), now=utcnow())
        return "1 thing is in." if fresh == 1 else f"{fresh} things are in."

    return desk_step(event, round_id, "show_drop_off", do)


@manage_bp.post(f"{DESK}/things/<int:entry_id>/removal")
@requires(Permission.TRADES_HOST)
def take_in_back(event: Event, round_id: int, entry_id: int) -> ResponseReturnValue:
    """It is not there after all."""

    def do(db_session: Session, round_: TradeRound) -> str:
        entry = queries.get_entry(db_session, entry_id, round_id=round_.id)
        receiving.take_back(db_session, round_=round_, entry=entry, by=actor(), now=utcnow())
        return f"#{entry.number} is not here any more."

    return desk_step(event, round_id, "show_drop_off", do)


def desk_step(event: Event, round_id: int, page: str, do: Any, **arguments: Any) -> ResponseReturnValue:
    """One change at a desk, and back to its page; what stood in the way is said there."""
    event_id = event.id
    back = url_for(f"trade_rounds_manage.{page}", slug=event.slug, round_id=round_id, **arguments)
    return take_step(
        lambda db_session: do(db_session, queries.get_round(db_session, round_id, event_id=event_id)), back=back
    )


@manage_bp.post("/manage/shows/<slug>/rounds/<int:round_id>/removals")
@requires(Permission.TRADES_HOST)
def take_thing_out(event: Event, round_id: int) -> ResponseReturnValue:
    """A host takes one thing out of the round; its owner is told why."""
    form = TakeOutForm()
    if not form.validate_on_submit():
        flash(" ".join(words for faults in form.faults().values() for words in faults), "bad")
        return redirect(url_for(".show_round", slug=event.slug, round_id=round_id), 303)

    def do(db_session: Session, round_: TradeRound) -> str:
        arrival = desk_queries.find_arrival(db_session, round_id=round_.id, number=form.number.data or 0)
        if arrival is None:
            raise BadEntry(f"Nothing with the number {form.number.data} takes part in this round.")
        entering.take_out_as_host(
            db_session, round_=round_, entry=arrival.entry, reason=form.reason.data or "", by=actor(), now=utcnow()
        )
        return f"#{arrival.entry.number} {arrival.entry.title} is out of the round; its owner gets a mail."

    return desk_step(event, round_id, "show_round", do)


@manage_bp.get(f"{DESK}/list")
@requires(Permission.TRADES_HOST)
def print_drop_off(event: Event, round_id: int) -> ResponseReturnValue:
    """The paper the desk falls back on when the network is down: everybody with what they should bring, boxes to tick."""
    db_session = db.session()
    round_ = queries.get_round(db_session, round_id, event_id=event.id)
    groups: dict[int, list[desk_queries.Arrival]] = {}
    for row in desk_queries.list_arrivals(db_session, round_id=round_.id):
        groups.setdefault(row.entry.member_id, []).append(row)
    people = sorted(groups.values(), key=lambda rows: rows[0].entry.member.number)
    return render_template("trades/rounds/drop_off_print.html", event=event, round=round_, people=people, now=utcnow())


@manage_bp.post("/manage/shows/<slug>/rounds/<int:round_id>/labels")
@requires(Permission.TRADES_HOST)
def make_labels(event: Event, round_id: int) -> ResponseReturnValue:
    """Labels for everything that takes part (of one trader, or one thing anew) as a PDF."""
    event_id = event.id
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=event_id)
        payload = {"round_id": round_.id}
        for name in ("member_id", "entry_id"):
            chosen = whole(request.form.get(name, ""), 15)
            if chosen:
                payload[name] = chosen
        if not papers.has_labels(db_session, payload):
            raise NoSuchRound("There is nothing to print a label for.")
        token = request_document(db_session, kind=papers.LABELS, payload=payload, now=utcnow(), event_id=event_id)
    return redirect(url_for("documents.show_document", token=token), 303)
