"""Exchanges as people see them: what to bring, signing up, what one gets, thanks, and how to check the draw."""

import json
from collections.abc import Callable
from importlib.resources import files as package_files
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades import vocab
from swapmeet.trades.exchanges import drawing, queries, rules, services
from swapmeet.trades.exchanges.errors import NoSuchExchange
from swapmeet.trades.exchanges.forms import ThanksForm
from swapmeet.trades.exchanges.models import EntryState, Exchange, ExchangeState
from swapmeet.trades.queries import name_of
from swapmeet.trades.views.blueprint import own_id, viewer_id
from swapmeet.trades.views.steps import take_step
from swapmeet.web.access import actor, public, signed_in
from swapmeet.web.assets import show_tabs
from swapmeet.web.security import limit

bp = Blueprint("exchanges", __name__)
HERE = "/shows/<slug>/exchanges/<int:exchange_id>"


@bp.context_processor
def words() -> dict[str, Any]:
    return {"vocab": vocab, "exchange_rules": rules}


def _open(slug: str, exchange_id: int) -> tuple[Event, Exchange]:
    event = get_public_event(db.session(), slug)
    return event, queries.get_exchange(db.session(), exchange_id, event_id=event.id)


@bp.get("/shows/<slug>/exchanges")
@public
def list_exchanges(slug: str) -> ResponseReturnValue:
    """All exchanges of a show."""
    event, db_session = get_public_event(db.session(), slug), db.session()
    rows = queries.list_exchanges(db_session, event_id=event.id)
    counts = queries.count_taking_part(db_session, [row.id for row in rows])
    return render_template(
        "trades/exchanges/list.html", event=event, rows=rows, counts=counts, tabs_of_show=show_tabs(event)
    )


@bp.get(HERE)
@public
@limit("240 per minute")
def show_exchange(slug: str, exchange_id: int) -> ResponseReturnValue:
    """What to bring, my place in it, the sealed draw and who gets whose."""
    event, exchange = _open(slug, exchange_id)
    return _page(event, exchange, ThanksForm(formdata=None))


def _page(event: Event, exchange: Exchange, form: ThanksForm, move_id: int = 0) -> str:
    db_session, me = db.session(), viewer_id()
    mine = queries.find_own_entry(db_session, exchange_id=exchange.id, person_id=me) if me is not None else None
    is_in = mine is not None and mine.state is not EntryState.WITHDRAWN
    is_over = exchange.sign_up_ends_at is not None and exchange.sign_up_ends_at <= utcnow()
    moves = queries.list_moves(db_session, exchange_id=exchange.id)
    return render_template(
        "trades/exchanges/show.html",
        event=event,
        exchange=exchange,
        tabs_of_show=show_tabs(event),
        count=queries.count_taking_part(db_session, [exchange.id])[exchange.id],
        mine=mine if is_in else None,
        can_sign_up=exchange.state is ExchangeState.OPEN and not is_in and not is_over,
        moves=moves,
        gets=[row for row in moves if mine and row.receiver_id == mine.id],
        gives=[row for row in moves if mine and row.giver_id == mine.id],
        thanks=queries.list_thanks(db_session, exchange_id=exchange.id) if mine else {},
        forms={
            row.id: _told_apart(form if row.id == move_id else ThanksForm(formdata=None), row.id)
            for row in moves
            if mine and row.receiver_id == mine.id
        },
        form_move=move_id,
    )


def _told_apart(form: ThanksForm, move_id: int) -> ThanksForm:
    """The page has one such form for each piece: each field needs an id of its own, so that its label leads to it."""
    form.words.id = f"words-{move_id}"
    return form


def _step(slug: str, exchange_id: int, do: Callable[[Session, Exchange], str]) -> ResponseReturnValue:
    """One change of one's own part, and back; what stood in the way is said there."""
    event_id = get_public_event(db.session(), slug).id
    back = url_for(".show_exchange", slug=slug, exchange_id=exchange_id)
    return take_step(
        lambda db_session: do(db_session, queries.get_exchange(db_session, exchange_id, event_id=event_id)), back=back
    )


@bp.post(f"{HERE}/entry")
@signed_in
@limit("60 per hour")
def sign_up(slug: str, exchange_id: int) -> ResponseReturnValue:
    """I take part."""

    def do(db_session: Session, exchange: Exchange) -> str:
        row = services.sign_up(
            db_session,
            exchange=exchange,
            person_id=own_id(),
            name=name_of(db_session, own_id()),
            by=actor(),
            now=utcnow(),
        )
        return f"You take part. Your number is {row.number}: write it on what you bring."

    return _step(slug, exchange_id, do)


@bp.post(f"{HERE}/entry/removal")
@signed_in
def withdraw(slug: str, exchange_id: int) -> ResponseReturnValue:
    """I do not take part after all."""

    def do(db_session: Session, exchange: Exchange) -> str:
        row = queries.find_own_entry(db_session, exchange_id=exchange.id, person_id=own_id())
        if row is None:
            raise NoSuchExchange("You have not signed up for this exchange.")
        services.withdraw(db_session, exchange=exchange, entry=row, by=actor(), now=utcnow())
        return "You no longer take part."

    return _step(slug, exchange_id, do)


@bp.post(f"{HERE}/pieces/<int:move_id>/thanks")
@signed_in
@limit("60 per hour")
def say_thanks(slug: str, exchange_id: int, move_id: int) -> ResponseReturnValue:
    """A few words to whoever made a piece that I get."""
    event, exchange = _open(slug, exchange_id)
    event_id = event.id
    queries.get_own_move(db.session(), move_id, exchange_id=exchange.id, person_id=own_id())
    form = ThanksForm()
    try:
        if not form.validate_on_submit():
            return _page(event, exchange, form, move_id), 422
        with transaction() as db_session:
            services.say_thanks(
                db_session,
                exchange=queries.get_exchange(db_session, exchange_id, event_id=event_id),
                move=queries.get_own_move(db_session, move_id, exchange_id=exchange_id, person_id=own_id()),
                words=form.words.data or "",
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return _page(*_open(slug, exchange_id), form, move_id), 422
    flash("Your thanks are sent.", "ok")
    return redirect(url_for(".show_exchange", slug=slug, exchange_id=exchange_id), 303)


@bp.get(f"{HERE}/draw.json")
@public
@limit("60 per minute")
def download_draw(slug: str, exchange_id: int) -> ResponseReturnValue:
    """The draw with its seed, for everybody to check. People are numbers."""
    _event, exchange = _open(slug, exchange_id)
    if exchange.drawn_at is None:
        raise NoSuchExchange("The draw has not been done yet.")
    rows = queries.list_entries(db.session(), exchange_id=exchange.id)
    pieces = {row.number: row.pieces for row in rows if row.pieces}
    body = json.dumps(drawing.published(exchange.title, pieces, exchange.seed), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": f"attachment; filename=exchange-{exchange.id}.json"}
    return Response(body, mimetype="application/json", headers=headers)


@bp.get("/exchanges/drawing.py")
@public
@limit("60 per minute")
def download_checker() -> ResponseReturnValue:
    """The program that draws and checks, as it runs here."""
    body = package_files("swapmeet.trades.exchanges").joinpath("drawing.py").read_text(encoding="utf-8")
    headers = {"Content-Disposition": "attachment; filename=drawing.py"}
    return Response(body, mimetype="text/x-python", headers=headers)
