"""The door: one big field for typed and scanned codes, one answer in one glance, and the gates."""

from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.badges import asking, check_ins, queries
from swapmeet.badges.check_ins import Answer
from swapmeet.badges.door import Door, Outcome
from swapmeet.badges.forms import GateForm
from swapmeet.badges.models import Gate
from swapmeet.badges.queries import Counts, Found
from swapmeet.badges.scopes import ScannedShow
from swapmeet.badges.wording import Verdict, closed_notice, found_verdict, verdict_of, voice_of
from swapmeet.events.models import Event
from swapmeet.events.queries import PUBLIC_STATES
from swapmeet.infra.clock import utcnow
from swapmeet.infra.codes import READABLE, clean_typed, link_key
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.kernel.time import to_local
from swapmeet.orders import ledger
from swapmeet.web.access import actor, requires
from swapmeet.web.fragments import is_fragment_request, render

bp = Blueprint("badges", __name__)

CODE_LENGTH = 26  # of badge codes, see infra/codes.py
TYPED_LIMIT = 300


def door_of(show: Event | ScannedShow) -> Door:
    """The show's door at this moment, as plain values that outlive the read transaction."""
    return Door(show.id, show.opens_from, show.last_day, to_local(utcnow(), show.time_zone), show.asks_at_door)


@dataclass(frozen=True)
class Ask:
    """Questions about one person, as a form. `is_first`: they come in with the answers."""

    attendee_id: int
    sheet: asking.DoorSheet
    form: Any
    is_first: bool


@dataclass(frozen=True)
class Shown:
    """What stands on the door page beside the field: an answer, or what was found for typed words."""

    verdict: Verdict | None = None
    found: Found | None = None
    owed: dict[int, int] = field(default_factory=dict)
    typed: str = ""
    entry_id: int | None = None
    ask: Ask | None = None


@bp.get("/manage/shows/<slug>/door")
@requires(Permission.DOOR_CHECK_IN)
def door(event: Event) -> ResponseReturnValue:
    """The field, and the answer of the entry that was just made."""
    entry_id = whole(request.args.get("entry"), 9)
    return _page(event, _shown_entry(event, entry_id) if entry_id else Shown())


@bp.post("/manage/shows/<slug>/door/entries")
@requires(Permission.DOOR_CHECK_IN)
def enter(event: Event) -> ResponseReturnValue:
    """A code was scanned or typed, or somebody was picked from the list. Other words are searched for."""
    typed = request.form.get("code", "").replace("\x00", "")[:TYPED_LIMIT].strip()
    attendee_id = whole(request.form.get("attendee"), 9)
    if attendee_id is None and not _is_code(typed):
        return _page(event, _search(event, typed))
    entrance, by, now = door_of(event), actor(), utcnow()
    with transaction() as db_session:
        gate = check_ins.gate_for(db_session, event_id=entrance.event_id, gate_id=whole(request.form.get("gate"), 9))
        answer = check_ins.check_in(
            db_session,
            door=entrance,
            gate=gate,
            code=typed if attendee_id is None else None,
            attendee_id=attendee_id,
            nonce=request.form.get("nonce", "")[:64] or None,
            by=by,
            now=now,
        )
        gate_id = gate.id
    return _answered(event, answer, gate_id)


@bp.post("/manage/shows/<slug>/door/attendees/<int:attendee_id>/answers")
@requires(Permission.DOOR_CHECK_IN)
def answer(event: Event, attendee_id: int) -> ResponseReturnValue:
    """What was asked at the door is written down; who is not in yet comes in with it, or not at all."""
    sheet = asking.sheet_of(db.session(), event_id=event.id, attendee_id=attendee_id)
    if sheet is None:
        raise NotFound("Nothing is asked about this person.")
    form = sheet.form()
    if not form.validate_on_submit():
        person = queries.get_attendee(db.session(), event_id=event.id, attendee_id=attendee_id)
        verdict = Verdict("warn", "Please look at this again", f"{person.name}: {person.ticket_label}")
        is_first = request.form.get("first") == "yes"
        return _page(event, Shown(verdict=verdict, ask=Ask(attendee_id, sheet, form, is_first))), 422
    entrance, by, now = replace(door_of(event), asks=False), actor(), utcnow()
    with transaction() as db_session:
        gate = check_ins.gate_for(db_session, event_id=entrance.event_id, gate_id=whole(request.form.get("gate"), 9))
        sheet = asking.sheet_of(db_session, event_id=entrance.event_id, attendee_id=attendee_id)
        if sheet is not None:  # the order before the person, as everywhere
            sheet.hold(db_session)
        found = check_ins.check_in(db_session, door=entrance, gate=gate, attendee_id=attendee_id, by=by, now=now)
        sheet = asking.sheet_of(db_session, event_id=entrance.event_id, attendee_id=attendee_id)
        if found.outcome in (Outcome.IN, Outcome.ALREADY) and sheet is not None:
            sheet.keep(db_session, form=form, by=by, now=now)
        gate_id = gate.id
    if found.outcome is Outcome.ALREADY:
        flash("The answers are saved.", "ok")
        return redirect(url_for(".door", slug=event.slug, gate=gate_id, entry=found.check_in_id), 303)
    return _answered(event, found, gate_id)


@bp.post("/manage/shows/<slug>/door/entries/<int:check_in_id>/reversal")
@requires(Permission.DOOR_UNDO)
def undo(event: Event, check_in_id: int) -> ResponseReturnValue:
    """Take an entry back."""
    slug, event_id = event.slug, event.id
    queries.get_entry(db.session(), event_id=event_id, check_in_id=check_in_id)
    try:
        with transaction() as db_session:
            check_ins.undo_check_in(db_session, event_id=event_id, check_in_id=check_in_id, by=actor(), now=utcnow())
        flash("Taken back. The ticket can be used again today.", "ok")
    except DomainError as error:
        flash(error.message, "warn")
    return redirect(url_for(".door", slug=slug, gate=whole(request.form.get("gate"), 9)), 303)


@bp.get("/manage/shows/<slug>/door/gates")
@requires(Permission.ATTENDEES_EDIT)
def gates(event: Event) -> ResponseReturnValue:
    """The gates of the show."""
    return _gates_page(event, GateForm(), {})


@bp.post("/manage/shows/<slug>/door/gates")
@requires(Permission.ATTENDEES_EDIT)
def add_gate(event: Event) -> ResponseReturnValue:
    form = GateForm()
    event_id = event.id
    if not form.validate_on_submit():
        return _gates_page(event, form, {}), 422
    try:
        with transaction() as db_session:
            check_ins.add_gate(db_session, event_id=event_id, name=form.name.data or "", by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _gates_page(event, form, {}), 422
    flash("The gate is there.", "ok")
    return redirect(url_for(".gates", slug=event.slug), 303)


@bp.post("/manage/shows/<slug>/door/gates/<int:gate_id>")
@requires(Permission.ATTENDEES_EDIT)
def rename_gate(event: Event, gate_id: int) -> ResponseReturnValue:
    form = GateForm()
    event_id = event.id
    queries.get_gate(db.session(), event_id=event_id, gate_id=gate_id)
    if not form.validate_on_submit():
        return _gates_page(event, None, {gate_id: form}), 422
    try:
        with transaction() as db_session:
            gate = queries.get_gate(db_session, event_id=event_id, gate_id=gate_id)
            check_ins.rename_gate(db_session, gate=gate, name=form.name.data or "", by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _gates_page(event, None, {gate_id: form}), 422
    flash("The gate has its new name.", "ok")
    return redirect(url_for(".gates", slug=event.slug), 303)


def _answered(event: Event, answer: Answer, gate_id: int) -> ResponseReturnValue:
    """Let in: on to the page of the entry. Anything else: the answer, with nothing written."""
    if answer.outcome is Outcome.IN:
        return redirect(url_for(".door", slug=event.slug, gate=gate_id, entry=answer.check_in_id), 303)
    ask = _ask(event, answer.attendee_id, is_first=True) if answer.outcome is Outcome.ASK_FIRST else None
    return _page(event, Shown(verdict=verdict_of(answer, voice_of(event)), ask=ask), gate_id), 409


def _ask(event: Event, attendee_id: int | None, *, is_first: bool) -> Ask | None:
    """What is asked about somebody. A show that asks nothing at the door costs no statement."""
    if not event.asks_at_door or attendee_id is None:
        return None
    sheet = asking.sheet_of(db.session(), event_id=event.id, attendee_id=attendee_id)
    return Ask(attendee_id, sheet, sheet.form(), is_first) if sheet is not None else None


def _shown_entry(event: Event, entry_id: int) -> Shown:
    row = queries.get_entry(db.session(), event_id=event.id, check_in_id=entry_id)
    if row.undone_at is not None:
        return Shown()
    answer = Answer(Outcome.IN, name=row.name, ticket_label=row.ticket_label, number=row.number)
    ask = _ask(event, row.attendee_id, is_first=False)
    return Shown(verdict=verdict_of(answer, voice_of(event)), entry_id=entry_id, ask=ask)


def _search(event: Event, typed: str) -> Shown:
    if not typed:
        return Shown()
    db_session = db.session()
    found = queries.find_at_door(db_session, event_id=event.id, text=typed, day=door_of(event).today)
    owed = {order.id: ledger.owed(db_session, order) for order in found.unpaid}
    return Shown(verdict=found_verdict(found, owed, voice_of(event)), found=found, owed=owed, typed=typed)


def _page(event: Event, shown: Shown, gate_id: int | None = None) -> str:
    db_session = db.session()
    entrance = door_of(event)
    known = queries.list_gates(db_session, event_id=event.id)
    counts = queries.count_day(db_session, door=entrance, day=entrance.today)
    closed = closed_notice(event, entrance, expected=counts.expected)
    return render(
        "badges/door.html",
        "badges/_desk.html",
        event=event,
        shown=shown,
        gates=known,
        gate=_chosen(known, gate_id or whole(request.values.get("gate"), 9)),
        today=entrance.today,
        counts=counts,
        closed=closed,
        has_page=event.state in PUBLIC_STATES,
        opening=_opening(db_session, event, entrance),
        recent=_recent(db_session, event),
        nonce=link_key(),
        is_page=not is_fragment_request(),
    )


def _opening(db_session: Session, event: Event, entrance: Door) -> Counts | None:
    """Who is expected on the first day, for a look ahead before it. None from that day on, and for a canceled show."""
    if event.canceled_at is not None or entrance.today >= event.opens_from:
        return None
    return queries.count_day(db_session, door=entrance, day=event.opens_from)


def _recent(db_session: Session, event: Event) -> list[Any]:
    return queries.list_recent_entries(db_session, event_id=event.id)


def _chosen(known: list[Gate], gate_id: int | None) -> Gate | None:
    return next((gate for gate in known if gate.id == gate_id), known[0] if known else None)


def _gates_page(event: Event, form: GateForm | None, typed: dict[int, GateForm]) -> str:
    known = queries.list_gates(db.session(), event_id=event.id)
    forms = {gate.id: typed.get(gate.id) or GateForm(formdata=None, obj=gate) for gate in known}
    for gate_id, each in forms.items():
        each.name.id = f"gate-{gate_id}"  # one page, several forms: each field needs an id of its own
    return render_template(
        "badges/gates.html", event=event, gates=known, forms=forms, form=form or GateForm(formdata=None)
    )


def _is_code(typed: str) -> bool:
    """A badge code, scanned or typed in groups. Names and order codes are shorter or have letters that codes leave out."""
    letters = clean_typed(typed)
    return len(letters) == CODE_LENGTH and set(letters) <= set(READABLE)
