"""The pick-up desk: sort things into boxes, hand them over by one scan, look for what is missing; boards and lists."""

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
from swapmeet.kernel.numbers import whole
from swapmeet.trades.rounds import (
    desk_queries,
    dispute_queries,
    hand_queries,
    money_queries,
    papers,
    queries,
    repairing,
)
from swapmeet.trades.rounds.desk_manage import desk_step, read_desk_scan
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.forms import ScanForm, SlotsForm
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.trades.rounds.models import Phase, RoundMember, TradeRound
from swapmeet.trades.rounds.services import handing
from swapmeet.trades.rounds.views import ticked
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form

DESK = "/manage/shows/<slug>/rounds/<int:round_id>/pick-up"


@manage_bp.get(DESK)
@requires(Permission.TRADES_HOST)
def show_pick_up(event: Event, round_id: int) -> ResponseReturnValue:
    """The field to scan into, what was scanned last, and how far everybody is."""
    return _pick_up_page(event, queries.get_round(db.session(), round_id, event_id=event.id))


def _pick_up_page(event: Event, round_: TradeRound, **changes: Any) -> str:
    db_session = db.session()
    thing, trader = whole(request.args.get("thing", ""), 7), whole(request.args.get("trader", ""), 7)
    states = hand_queries.list_box_states(db_session, round_id=round_.id)
    arrival = desk_queries.find_arrival(db_session, round_id=round_.id, number=thing) if thing else None
    member = desk_queries.find_trader(db_session, round_id=round_.id, number=trader) if trader else None
    last = queries.find_last_run(db_session, round_id=round_.id)
    legs = money_queries.list_legs(db_session, round_id=round_.id)
    goes = {row.entry_id for state in states for row in state.rows}
    values = {
        "event": event,
        "round": round_,
        "scan": ScanForm(formdata=None),
        "arrival": arrival,
        "goes": hand_queries.find_live(db_session, entry_id=arrival.entry.id) if arrival else None,
        "member": member,
        "mine": next((row for row in states if member and row.member.id == member.id), None),
        "proxies": hand_queries.list_proxies(db_session, member_id=member.id) if member else [],
        "proxy_id": whole(request.args.get("proxy", ""), 15),
        "missed": bool((thing and not arrival) or (trader and not member)),
        "people": [],
        "instead": money_queries.count_earned([leg for leg in legs if leg.sold_id not in goes]),
        "balances": {
            row.member.id: row.owes_minor for row in dispute_queries.list_balances(db_session, round_id=round_.id)
        },
        "states": sorted(states, key=lambda row: (row.waiting == 0, row.member.number)),
        "boxes": {row.member_id: row for row in hand_queries.list_boxes(db_session, round_id=round_.id)},
        "lost": hand_queries.list_lost(db_session, round_id=round_.id),
        "broken": repairing.list_broken(db_session, round_id=round_.id),
        "short": hand_queries.list_short(db_session, round_id=round_.id),
        "seen": last.number if last else 0,
        "is_open": round_.phase in handing.HANDING,
    }
    return render_template("trades/rounds/pick_up.html", **values | changes)


@manage_bp.post(f"{DESK}/scans")
@requires(Permission.TRADES_HOST)
def scan_at_pick_up(event: Event, round_id: int) -> ResponseReturnValue:
    """What was scanned or typed: a badge or a proxy's code, or a thing."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    form = ScanForm()
    if not form.validate_on_submit():
        return _pick_up_page(event, round_, scan=form), 422
    found = read_desk_scan(db.session(), round_, form)
    if isinstance(found, list):
        return _pick_up_page(event, round_, scan=form, people=found), 200 if found else 422
    address: dict[str, Any] = {"slug": event.slug, "round_id": round_.id, **found}
    return redirect(url_for(".show_pick_up", **address), 303)


@manage_bp.post(f"{DESK}/traders/<int:member_id>/collections")
@requires(Permission.TRADES_HOST)
def collect(event: Event, round_id: int, member_id: int) -> ResponseReturnValue:
    """Hand over what was ticked, to the person or to one of their proxies."""

    def do(db_session: Session, round_: TradeRound) -> str:
        member = _member(db_session, round_, member_id)
        count = handing.hand_over(
            db_session,
            round_=round_,
            member=member,
            ids=ticked("rows"),
            back=ticked("back"),
            to=_collector(db_session, member),
            by=actor(),
            now=utcnow(),
        )
        return "1 thing is handed over." if count == 1 else f"{count} things are handed over."

    return desk_step(event, round_id, "show_pick_up", do)


def _member(db_session: Session, round_: TradeRound, member_id: int) -> RoundMember:
    member = queries.find_member_by_id(db_session, member_id, round_id=round_.id)
    if member is None:
        raise NoSuchRound("There is no such trader in this round.")
    return member


def _collector(db_session: Session, member: RoundMember) -> str:
    """The name of whoever collects: the person, or the proxy that was chosen."""
    chosen = whole(request.form.get("proxy", ""), 15)
    proxies = hand_queries.list_proxies(db_session, member_id=member.id)
    return next((f"{row.name}, for {member.person.name}" for row in proxies if row.id == chosen), member.person.name)


@manage_bp.post(f"{DESK}/hand-overs/<int:row_id>/removal")
@requires(Permission.TRADES_HOST)
def take_collection_back(event: Event, round_id: int, row_id: int) -> ResponseReturnValue:
    """It was a slip: the thing lies at the desk again."""

    def do(db_session: Session, round_: TradeRound) -> str:
        row = hand_queries.get_hand_over(db_session, row_id, round_id=round_.id)
        handing.take_hand_over_back(db_session, round_=round_, row=row, by=actor(), now=utcnow())
        return "It lies at the desk again."

    return desk_step(event, round_id, "show_pick_up", do)


@manage_bp.post(f"{DESK}/things/<int:entry_id>/boxing")
@requires(Permission.TRADES_HOST)
def put_in_box(event: Event, round_id: int, entry_id: int) -> ResponseReturnValue:
    """It lies in its receiver's box now."""

    def do(db_session: Session, round_: TradeRound) -> str:
        entry = queries.get_entry(db_session, entry_id, round_id=round_.id)
        box = handing.put_in_box(db_session, round_=round_, entry=entry, by=actor(), now=utcnow())
        return f"#{entry.number} {entry.title} lies in box {box.number} on shelf {box.shelf}."

    return desk_step(event, round_id, "show_pick_up", do)


@manage_bp.post(f"{DESK}/things/<int:entry_id>/loss")
@requires(Permission.TRADES_HOST)
def report_missing(event: Event, round_id: int, entry_id: int) -> ResponseReturnValue:
    """It cannot be found; or, with `found`, it is there again."""
    is_missing = request.form.get("found") != "1"

    def do(db_session: Session, round_: TradeRound) -> str:
        entry = queries.get_entry(db_session, entry_id, round_id=round_.id)
        handing.report_missing(db_session, round_=round_, entry=entry, is_missing=is_missing, by=actor(), now=utcnow())
        if is_missing:
            return f"#{entry.number} {entry.title} cannot be found. Its loop waits until it is found or repaired."
        return f"#{entry.number} {entry.title} is there again."

    return desk_step(event, round_id, "show_pick_up", do)


@manage_bp.post("/manage/shows/<slug>/rounds/<int:round_id>/slots")
@requires(Permission.TRADES_HOST)
def save_slots(event: Event, round_id: int) -> ResponseReturnValue:
    """From when on how many people are asked to come at a time, and whether money may change hands over the desk."""
    form: SlotsForm = event_form(SlotsForm, zone_name=event.time_zone, currency=event.currency)
    if not form.validate_on_submit():
        flash(" ".join(words for faults in form.faults().values() for words in faults), "bad")
        return redirect(url_for(".show_round", slug=event.slug, round_id=round_id), 303)

    def do(db_session: Session, round_: TradeRound) -> str:
        handing.set_desk(
            db_session,
            round_=round_,
            slots_from=form.slots_from.data,
            minutes=form.slot_minutes.data or 1,
            people=form.slot_people.data or 1,
            uses_money=form.uses_money.data,
            by=actor(),
            now=utcnow(),
        )
        return "Saved. People see their time on their page." if form.slots_from.data else "Saved. No times are given."

    return desk_step(event, round_id, "show_round", do)


@manage_bp.get(f"{DESK}/board")
@requires(Permission.TRADES_HOST)
def show_board(event: Event, round_id: int) -> ResponseReturnValue:
    """For a big screen: whose box is complete. Numbers of traders only; it looks again by itself."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    states = hand_queries.list_box_states(db.session(), round_id=round_.id)
    ready = [row for row in states if row.is_complete]
    return render_template("trades/rounds/board.html", event=event, round=round_, ready=ready, now=utcnow())


@manage_bp.get(f"{DESK}/list")
@requires(Permission.TRADES_HOST)
def print_pick_up(event: Event, round_id: int) -> ResponseReturnValue:
    """The paper the desk falls back on: everybody with what they get and where it lies; what lies where; what is left."""
    db_session = db.session()
    round_ = queries.get_round(db_session, round_id, event_id=event.id)
    kind = request.args.get("kind", "")
    states = hand_queries.list_box_states(db_session, round_id=round_.id)
    if kind == "unclaimed":
        states = [row for row in states if row.waiting]
    return render_template(
        "trades/rounds/shelf_print.html" if kind == "shelves" else "trades/rounds/pick_up_print.html",
        event=event,
        round=round_,
        kind=kind,
        states=states,
        balances=dispute_queries.list_balances(db_session, round_id=round_.id),
        boxes={row.member_id: row for row in hand_queries.list_boxes(db_session, round_id=round_.id)},
        rows=sorted((row for state in states for row in state.rows), key=lambda row: row.entry.number),
        now=utcnow(),
    )


@manage_bp.post(f"{DESK}/slips")
@requires(Permission.TRADES_HOST)
def make_slips(event: Event, round_id: int) -> ResponseReturnValue:
    """A slip for each box as a PDF: whose it is, what belongs into it, a place to sign."""
    event_id = event.id
    with transaction() as db_session:
        round_ = queries.get_round(db_session, round_id, event_id=event_id)
        if round_.phase not in (Phase.FINAL, *handing.HANDING) or not hand_queries.list_boxes(
            db_session, round_id=round_.id
        ):
            raise NoSuchRound("There are no boxes before the final result is out.")
        payload = {"round_id": round_.id}
        token = request_document(db_session, kind=papers.SLIPS, payload=payload, now=utcnow(), event_id=event_id)
    return redirect(url_for("documents.show_document", token=token), 303)
