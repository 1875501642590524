"""Rounds as people see them: the round, its things, and what one has in it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.documents import request_document
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.numbers import whole
from swapmeet.trades import catalog, vocab
from swapmeet.trades.rounds import desk_queries, money_queries, papers, queries, rules
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.forms import LinesForm
from swapmeet.trades.rounds.models import Phase, TradeRound
from swapmeet.trades.rounds.problem import handle
from swapmeet.trades.rounds.services import entering, wanting
from swapmeet.trades.rules import short_name
from swapmeet.trades.views.blueprint import own_id
from swapmeet.trades.views.steps import take_step
from swapmeet.web.access import actor, public, signed_in
from swapmeet.web.assets import show_tabs
from swapmeet.web.paging import page_number, paginate
from swapmeet.web.security import limit

bp = Blueprint("trade_rounds", __name__)
THINGS_A_PAGE = 40


@bp.context_processor
def words() -> dict[str, Any]:
    return {"vocab": vocab, "short_name": short_name, "round_rules": rules, "Phase": Phase, "handle": handle}


def open_show(slug: str, round_id: int) -> tuple[Event, TradeRound]:
    """The show and its round. Raises the errors of unknown ones."""
    event = get_public_event(db.session(), slug)
    return event, queries.get_round(db.session(), round_id, event_id=event.id)


def ticked(name: str) -> list[int]:
    """Ids of ticked boxes; what is no id counts as an unknown one (0)."""
    return [whole(value, 15) or 0 for value in request.form.getlist(name)[:1000]]


@bp.get("/shows/<slug>/rounds")
@public
def list_rounds(slug: str) -> ResponseReturnValue:
    """All rounds of a show, the latest first."""
    event = get_public_event(db.session(), slug)
    rows = queries.list_rounds(db.session(), event_id=event.id)
    return render_template("trades/rounds/list.html", event=event, tabs_of_show=show_tabs(event), rows=rows)


@bp.get("/shows/<slug>/rounds/<int:round_id>")
@public
@limit("240 per minute")
def show_round(slug: str, round_id: int) -> ResponseReturnValue:
    """Where the round stands and what is in it."""
    event, round_ = open_show(slug, round_id)
    db_session = db.session()
    filters = catalog.read_filters(request.args)
    statement = queries.entries_of(round_id=round_.id, filters=filters)
    return render_template(
        "trades/rounds/round.html",
        event=event,
        round=round_,
        tabs_of_show=show_tabs(event),
        deadlines=queries.list_deadlines(db_session, round_id=round_.id),
        published=queries.find_published(db_session, round_id=round_.id),
        filters=filters,
        page=paginate(db_session, statement, number=page_number(), size=THINGS_A_PAGE),
        takes_money=queries.takes_money(db_session, round_id=round_.id),
    )


@bp.get("/shows/<slug>/rounds/<int:round_id>/mine")
@signed_in
def mine(slug: str, round_id: int) -> ResponseReturnValue:
    """My things in the round, what may still enter, and what to do next."""
    event, round_ = open_show(slug, round_id)
    return mine_page(event, round_, LinesForm())


def mine_page(event: Event, round_: TradeRound, form: LinesForm) -> str:
    db_session, me = db.session(), own_id()
    member = queries.find_member(db_session, round_id=round_.id, person_id=me)
    is_open = round_.phase is Phase.LISTING
    return render_template(
        "trades/rounds/mine.html",
        event=event,
        round=round_,
        member=member,
        deadlines=queries.list_deadlines(db_session, round_id=round_.id),
        published=queries.find_published(db_session, round_id=round_.id),
        entries=queries.list_own_entries(db_session, member_id=member.id) if member else [],
        places=desk_queries.places_of(db_session, member_id=member.id) if member else {},
        counts=queries.count_wants(db_session, member_id=member.id) if member else {},
        takes_money=queries.takes_money(db_session, round_id=round_.id),
        asks=money_queries.asks_of(db_session, round_id=round_.id) if member else {},
        enterable=queries.list_enterable(db_session, person_id=me, round_=round_) if is_open else [],
        form=form,
        banned=vocab.BANNED,
    )


def step(slug: str, round_id: int, done: str, do: Any, back: str = "") -> ResponseReturnValue:
    """One change of one's own part of a round, and back; what stood in the way is said on the page."""
    event, round_ = open_show(slug, round_id)
    event_id, round_id = event.id, round_.id
    return take_step(
        lambda db_session: do(db_session, queries.get_round(db_session, round_id, event_id=event_id)) or done,
        back=back or url_for("trade_rounds.mine", slug=slug, round_id=round_id),
    )


@bp.post("/shows/<slug>/rounds/<int:round_id>/entries")
@signed_in
def enter(slug: str, round_id: int) -> ResponseReturnValue:
    """Put the ticked listings in."""

    def do(db_session: Any, round_: TradeRound) -> None:
        chosen = ticked("listings")
        entering.enter_listings(
            db_session, round_=round_, person_id=own_id(), listing_ids=chosen, by=actor(), now=utcnow()
        )

    return step(slug, round_id, "Your things are in the round.", do)


@bp.post("/shows/<slug>/rounds/<int:round_id>/lines")
@signed_in
def enter_lines(slug: str, round_id: int) -> ResponseReturnValue:
    """Put in a list of things that have no listing. Nothing enters while one line is wrong."""
    event, round_ = open_show(slug, round_id)
    form = LinesForm()
    if not form.validate_on_submit():
        return mine_page(event, round_, form), 422
    things, faults = rules.read_lines(form.lines.data or "", event.currency)
    event_id = event.id
    try:
        if faults:
            form.lines.errors = faults[:10]
            return mine_page(event, round_, form), 422
        with transaction() as db_session:
            entering.enter_lines(
                db_session,
                round_=queries.get_round(db_session, round_id, event_id=event_id),
                person_id=own_id(),
                things=things,
                key=form.key.data or "",
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        form.lines.errors = [error.message]
        return mine_page(*open_show(slug, round_id), form), 422
    flash("Your things are in the round.", "ok")
    return redirect(url_for(".mine", slug=slug, round_id=round_id), 303)


@bp.post("/shows/<slug>/rounds/<int:round_id>/entries/<int:entry_id>/removal")
@signed_in
def take_out(slug: str, round_id: int, entry_id: int) -> ResponseReturnValue:
    """Take a thing out before the list is fixed."""

    def do(db_session: Any, round_: TradeRound) -> None:
        entry = own_entry(db_session, round_, entry_id)
        entering.take_out(db_session, round_=round_, entry=entry, by=actor(), now=utcnow())

    return step(slug, round_id, "It is out of the round.", do)


@bp.post("/shows/<slug>/rounds/<int:round_id>/entries/<int:entry_id>/home")
@signed_in
def keep_at_home(slug: str, round_id: int, entry_id: int) -> ResponseReturnValue:
    """Accept nothing for it, or let it take part again."""
    stays = request.form.get("stays") == "1"

    def do(db_session: Any, round_: TradeRound) -> None:
        entry = own_entry(db_session, round_, entry_id)
        entering.keep_at_home(db_session, round_=round_, entry=entry, stays=stays, by=actor(), now=utcnow())

    return step(slug, round_id, "It stays with you." if stays else "It takes part.", do)


@bp.post("/shows/<slug>/rounds/<int:round_id>/labels")
@signed_in
@limit("30 per hour")
def make_own_labels(slug: str, round_id: int) -> ResponseReturnValue:
    """Labels for my things as a PDF, to print at home."""
    event, round_ = open_show(slug, round_id)
    event_id, me = event.id, own_id()
    with transaction() as db_session:
        member = queries.find_member(db_session, round_id=round_.id, person_id=me)
        payload = {"round_id": round_.id, "member_id": member.id if member else 0}
        if not papers.has_labels(db_session, payload):
            raise NoSuchRound("You have nothing in this round.")
        token = request_document(db_session, kind=papers.LABELS, payload=payload, now=utcnow(), event_id=event_id)
    return redirect(url_for("documents.show_document", token=token), 303)


@bp.post("/shows/<slug>/rounds/<int:round_id>/protection")
@signed_in
def protect(slug: str, round_id: int) -> ResponseReturnValue:
    """Whether a second copy of one title may come."""
    protects = request.form.get("protects") == "1"

    def do(db_session: Any, round_: TradeRound) -> None:
        member = entering.join_round(db_session, round_=round_, person_id=own_id(), now=utcnow())
        wanting.set_protection(db_session, round_=round_, member=member, protects=protects, by=actor(), now=utcnow())

    return step(slug, round_id, "Saved.", do)


def own_entry(db_session: Any, round_: TradeRound, entry_id: int) -> Any:
    """Raises NoSuchRound for other people's."""
    member = queries.find_member(db_session, round_id=round_.id, person_id=own_id())
    return queries.get_entry(db_session, entry_id, round_id=round_.id, member_id=member.id if member else 0)
