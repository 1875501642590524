"""The host's pages of exchanges: open one, take pieces in, draw, hand over, lists for paper and spreadsheets."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
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
from swapmeet.trades import vocab
from swapmeet.trades.exchanges import papers, queries, rules, services
from swapmeet.trades.exchanges.errors import NoSuchExchange
from swapmeet.trades.exchanges.forms import DrawForm, PiecesForm, ScanForm, TermsForm, WalkInForm
from swapmeet.trades.exchanges.models import EntryState, Exchange
from swapmeet.trades.queries import find_visitor
from swapmeet.trades.views.steps import take_step
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form
from swapmeet.web.spreadsheet import csv_lines, csv_response

manage_bp = Blueprint("exchanges_manage", __name__)
ALL = "/manage/shows/<slug>/exchanges"
ONE = f"{ALL}/<int:exchange_id>"


@manage_bp.context_processor
def words() -> dict[str, Any]:
    return {"vocab": vocab, "exchange_rules": rules}


def _terms_form(event: Event, **kwargs: Any) -> TermsForm:
    form: TermsForm = event_form(TermsForm, zone_name=event.time_zone, currency=event.currency, **kwargs)
    return form


@manage_bp.get(ALL)
@requires(Permission.TRADES_HOST)
def list_exchanges(event: Event) -> ResponseReturnValue:
    """All exchanges of the show, and a form for one more."""
    return _list_page(event, _terms_form(event, formdata=None, data={"bring": 1}))


def _list_page(event: Event, form: TermsForm) -> str:
    rows = queries.list_exchanges(db.session(), event_id=event.id)
    counts = queries.count_taking_part(db.session(), [row.id for row in rows])
    return render_template("trades/exchanges/manage_list.html", event=event, rows=rows, counts=counts, form=form)


@manage_bp.post(ALL)
@requires(Permission.TRADES_HOST)
def open_exchange(event: Event) -> ResponseReturnValue:
    """One more exchange; people may sign up at once."""
    form = _terms_form(event)
    if not form.validate_on_submit():
        return _list_page(event, form), 422
    slug, event_id, terms = event.slug, event.id, form.terms()
    with transaction() as db_session:
        row = services.open_exchange(
            db_session, event=db_session.get_one(Event, event_id), terms=terms, by=actor(), now=utcnow()
        )
        exchange_id = row.id
    flash("The exchange is open; people can sign up.", "ok")
    return redirect(url_for(".show_exchange", slug=slug, exchange_id=exchange_id), 303)


@manage_bp.get(ONE)
@requires(Permission.TRADES_HOST)
def show_exchange(event: Event, exchange_id: int) -> ResponseReturnValue:
    """The desk: who has brought what, the draw, who has collected."""
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event.id)
    return _desk(event, exchange)


def _desk(event: Event, exchange: Exchange, *, number: int | None = None, **changes: Any) -> str:
    db_session = db.session()
    lines = queries.list_lines(db_session, exchange_id=exchange.id)
    number = whole(request.args.get("number", ""), 7) if number is None else number
    line = next((row for row in lines if row.entry.number == number), None)
    values = {
        "event": event,
        "exchange": exchange,
        "lines": lines,
        "line": line,
        "missed": bool(number) and line is None,
        "people": [],
        "here": sum(row.entry.state in (EntryState.HERE, EntryState.COLLECTED) for row in lines),
        "pieces": sum(row.entry.pieces for row in lines),
        "collected": sum(row.entry.state is EntryState.COLLECTED for row in lines),
        "home": sum(row.back for row in lines),
        "scan": ScanForm(formdata=None),
        "walk_in": WalkInForm(formdata=None),
        "form": PiecesForm(formdata=None).offer(exchange.bring, line.entry) if line else None,
        "thanks": list(queries.list_thanks(db_session, exchange_id=exchange.id).values()),
    }
    return render_template("trades/exchanges/desk.html", **values | changes)


@manage_bp.get(f"{ONE}/terms")
@requires(Permission.TRADES_HOST)
def edit_terms(event: Event, exchange_id: int) -> ResponseReturnValue:
    """What it is about."""
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event.id)
    form = _terms_form(event, formdata=None, obj=exchange)
    return render_template("trades/exchanges/terms.html", event=event, exchange=exchange, form=form)


@manage_bp.post(f"{ONE}/terms")
@requires(Permission.TRADES_HOST)
def save_terms(event: Event, exchange_id: int) -> ResponseReturnValue:
    """Change it, until the draw."""
    slug, event_id = event.slug, event.id
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event_id)
    form = _terms_form(event, obj=exchange)
    try:
        if not form.validate_on_submit():
            return render_template("trades/exchanges/terms.html", event=event, exchange=exchange, form=form), 422
        terms = form.terms()
        with transaction() as db_session:
            row = queries.get_exchange(db_session, exchange_id, event_id=event_id)
            services.change_terms(db_session, exchange=row, terms=terms, by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        exchange = queries.get_exchange(db.session(), exchange_id, event_id=event_id)
        return render_template("trades/exchanges/terms.html", event=event, exchange=exchange, form=form), 422
    flash("Saved.", "ok")
    return redirect(url_for(".show_exchange", slug=slug, exchange_id=exchange_id), 303)


@manage_bp.post(f"{ONE}/scans")
@requires(Permission.TRADES_HOST)
def scan(event: Event, exchange_id: int) -> ResponseReturnValue:
    """A label, a number, a badge or a name: whose is it?"""
    exchange, form = queries.get_exchange(db.session(), exchange_id, event_id=event.id), ScanForm()
    if not form.validate_on_submit():
        return _desk(event, exchange, scan=form), 422
    text = form.code.data or ""
    number = papers.read_label(text, exchange_id=exchange.id)
    if number is None:
        people = queries.find_entries(db.session(), exchange=exchange, text=text)
        if len(people) != 1:
            if not people:
                form.code.errors = ["Nobody here has this badge or name. If they are new, add them below."]
            return _desk(event, exchange, scan=form, people=people), 200 if people else 422
        number = people[0].number
    return redirect(url_for(".show_exchange", slug=event.slug, exchange_id=exchange.id, number=number), 303)


@manage_bp.post(f"{ONE}/entries")
@requires(Permission.TRADES_HOST)
def add_entry(event: Event, exchange_id: int) -> ResponseReturnValue:
    """Somebody who has not signed up before."""
    slug, event_id, form = event.slug, event.id, WalkInForm()
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event_id)
    if not form.validate_on_submit():
        return _desk(event, exchange, walk_in=form), 422
    try:
        with transaction() as db_session:
            person_id, name = find_visitor(db_session, event_id=event_id, text=form.who.data or "")
            row = services.sign_up(
                db_session,
                exchange=queries.get_exchange(db_session, exchange_id, event_id=event_id),
                person_id=person_id,
                name=name,
                by=actor(),
                now=utcnow(),
            )
            number = row.number
    except DomainError as error:
        form.hang(error)
        return _desk(event, queries.get_exchange(db.session(), exchange_id, event_id=event_id), walk_in=form), 422
    flash(f"They have number {number}.", "ok")
    return redirect(url_for(".show_exchange", slug=slug, exchange_id=exchange_id, number=number), 303)


@manage_bp.post(f"{ONE}/entries/<int:entry_id>/pieces")
@requires(Permission.TRADES_HOST)
def take_in(event: Event, exchange_id: int, entry_id: int) -> ResponseReturnValue:
    """What somebody brings, counted."""
    slug, event_id, form = event.slug, event.id, PiecesForm()
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event_id)
    number = queries.get_entry(db.session(), entry_id, exchange_id=exchange.id).number
    pieces = form.pieces.data or 0
    try:
        if not form.validate_on_submit():
            return _again(event, exchange_id, number, form)
        with transaction() as db_session:
            exchange = queries.get_exchange(db_session, exchange_id, event_id=event_id)
            entry = services.get_here(db_session, exchange=exchange, entry_id=entry_id)
            services.take_in(
                db_session,
                exchange=exchange,
                entry=entry,
                pieces=pieces,
                note=form.note.data or "",
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return _again(event, exchange_id, number, form)
    flash(f"Number {number}: {'1 piece is' if pieces == 1 else f'{pieces} pieces are'} here.", "ok")
    return redirect(url_for(".show_exchange", slug=slug, exchange_id=exchange_id), 303)


def _again(event: Event, exchange_id: int, number: int, form: PiecesForm) -> ResponseReturnValue:
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event.id)
    return _desk(event, exchange, number=number, missed=False, form=form), 422


def _step(event: Event, exchange_id: int, do: Callable[[Session, Exchange], str]) -> ResponseReturnValue:
    """One change at the desk, and back; what stood in the way is said there."""
    event_id = event.id
    back = url_for(".show_exchange", slug=event.slug, exchange_id=exchange_id)
    return take_step(
        lambda db_session: do(db_session, queries.get_exchange(db_session, exchange_id, event_id=event_id)), back=back
    )


@manage_bp.post(f"{ONE}/entries/<int:entry_id>/removal")
@requires(Permission.TRADES_HOST)
def give_back(event: Event, exchange_id: int, entry_id: int) -> ResponseReturnValue:
    """Before the draw: the pieces go back. Who has brought nothing is withdrawn."""

    def do(db_session: Session, exchange: Exchange) -> str:
        entry = services.get_here(db_session, exchange=exchange, entry_id=entry_id)
        if entry.state is EntryState.HERE:
            services.give_back(db_session, exchange=exchange, entry=entry, by=actor(), now=utcnow())
            return f"The pieces of number {entry.number} are not here any more."
        services.withdraw(db_session, exchange=exchange, entry=entry, by=actor(), now=utcnow())
        return f"Number {entry.number} no longer takes part."

    return _step(event, exchange_id, do)


@manage_bp.post(f"{ONE}/draw")
@requires(Permission.TRADES_HOST)
def draw(event: Event, exchange_id: int) -> ResponseReturnValue:
    """Once, for good."""
    form = DrawForm()
    seen = form.seen.data if form.validate_on_submit() else -1

    def do(db_session: Session, exchange: Exchange) -> str:
        moves = services.draw_exchange(
            db_session, exchange=exchange, seen=seen if seen is not None else -1, by=actor(), now=utcnow()
        )
        return f"The draw is done: {len(moves)} pieces change hands. Everybody gets a mail."

    return _step(event, exchange_id, do)


@manage_bp.post(f"{ONE}/entries/<int:entry_id>/collection")
@requires(Permission.TRADES_HOST)
def collect(event: Event, exchange_id: int, entry_id: int) -> ResponseReturnValue:
    """Handed over, or not after all."""
    is_back = request.form.get("back") == "1"

    def do(db_session: Session, exchange: Exchange) -> str:
        entry = services.get_here(db_session, exchange=exchange, entry_id=entry_id)
        services.hand_over(db_session, exchange=exchange, entry=entry, is_back=is_back, by=actor(), now=utcnow())
        return f"Number {entry.number} has {'not collected yet' if is_back else 'collected everything'}."

    return _step(event, exchange_id, do)


@manage_bp.post(f"{ONE}/end")
@requires(Permission.TRADES_HOST)
def end(event: Event, exchange_id: int) -> ResponseReturnValue:
    """Over after the draw, called off before."""

    def do(db_session: Session, exchange: Exchange) -> str:
        if exchange.drawn_at is None:
            services.cancel_exchange(db_session, exchange=exchange, by=actor(), now=utcnow())
            return "The exchange is called off; everybody who signed up gets a mail."
        services.close_exchange(db_session, exchange=exchange, by=actor(), now=utcnow())
        return "The exchange is over."

    return _step(event, exchange_id, do)


@manage_bp.post(f"{ONE}/thanks/<int:thanks_id>/removal")
@requires(Permission.TRADES_HOST)
def hide_thanks(event: Event, exchange_id: int, thanks_id: int) -> ResponseReturnValue:
    """Words that do not belong there."""

    def do(db_session: Session, exchange: Exchange) -> str:
        row = queries.get_thanks(db_session, thanks_id, exchange_id=exchange.id)
        services.hide_thanks(db_session, thanks=row, by=actor(), now=utcnow())
        return "These words are hidden."

    return _step(event, exchange_id, do)


@manage_bp.get(f"{ONE}/list")
@requires(Permission.TRADES_HOST)
def print_list(event: Event, exchange_id: int) -> ResponseReturnValue:
    """The paper for when the network is down: who is expected with what, and after the draw who gets what."""
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event.id)
    lines = queries.list_lines(db.session(), exchange_id=exchange.id)
    return render_template("trades/exchanges/print.html", event=event, exchange=exchange, lines=lines, now=utcnow())


@manage_bp.get(f"{ONE}/list.csv")
@requires(Permission.TRADES_HOST)
def download_list(event: Event, exchange_id: int) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    exchange = queries.get_exchange(db.session(), exchange_id, event_id=event.id)
    rows = [
        (
            line.entry.number,
            line.entry.name,
            rules.place_label(line.entry.state, exchange.drawn_at is not None)[1],
            line.entry.pieces,
            " ".join(str(move.giver.number) for move in line.gets),
            line.back,
            line.entry.note,
        )
        for line in queries.list_lines(db.session(), exchange_id=exchange.id)
    ]
    header = ("Number", "Name", "State", "Pieces brought", "Gets pieces of", "Own pieces back", "Note")
    return csv_response(csv_lines(header, rows), f"exchange-{exchange.id}.csv")


@manage_bp.post(f"{ONE}/labels")
@requires(Permission.TRADES_HOST)
def make_labels(event: Event, exchange_id: int) -> ResponseReturnValue:
    """A label for each piece, of everybody or of one, as a PDF."""
    event_id, entry_id = event.id, whole(request.form.get("entry_id", ""), 15)
    with transaction() as db_session:
        exchange = queries.get_exchange(db_session, exchange_id, event_id=event_id)
        payload = {"exchange_id": exchange.id} | ({"entry_id": entry_id} if entry_id else {})
        if not papers.list_labeled(db_session, payload):
            raise NoSuchExchange("There is nothing to print a label for.")
        token = request_document(db_session, kind=papers.LABELS, payload=payload, now=utcnow(), event_id=event_id)
    return redirect(url_for("documents.show_document", token=token), 303)
