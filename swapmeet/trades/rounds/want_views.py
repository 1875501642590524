"""Choosing wants: the list of one thing, ranked and grouped, and everything in the round to tick from."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.numbers import whole
from swapmeet.trades import catalog, vocab
from swapmeet.trades.rounds import money_queries, queries, rules
from swapmeet.trades.rounds.forms import AskForm
from swapmeet.trades.rounds.models import RoundEntry, TradeRound
from swapmeet.trades.rounds.services import wanting
from swapmeet.trades.rounds.views import bp, open_show, own_entry, step, ticked
from swapmeet.web.access import actor, signed_in
from swapmeet.web.forms import event_form
from swapmeet.web.paging import page_number, paginate

THINGS_A_PAGE = 60
COUNTED = 999


@bp.get("/shows/<slug>/rounds/<int:round_id>/wants/<int:entry_id>")
@signed_in
def wants(slug: str, round_id: int, entry_id: int) -> ResponseReturnValue:
    """What I would take for one of my things."""
    event, round_ = open_show(slug, round_id)
    entry = own_entry(db.session(), round_, entry_id)
    row = money_queries.find_ask(db.session(), entry_id=entry.id)
    form = ask_form(event, formdata=None, data={"ask": row.amount_minor if row else None})
    return wants_page(event, round_, entry, form)


def ask_form(event: Event, **kwargs: Any) -> AskForm:
    form: AskForm = event_form(AskForm, zone_name=event.time_zone, currency=event.currency, **kwargs)
    return form


def wants_page(event: Event, round_: TradeRound, entry: RoundEntry, form: AskForm) -> str:
    """The page of one thing; `form` is what it goes for in money."""
    db_session = db.session()
    filters = catalog.read_filters(request.args)
    chosen = queries.list_wants(db_session, entry_id=entry.id)
    statement = queries.entries_of(round_id=round_.id, filters=filters, without_member=entry.member_id)
    mine = queries.list_own_entries(db_session, member_id=entry.member_id)
    return render_template(
        "trades/rounds/wants.html",
        event=event,
        round=round_,
        entry=entry,
        chosen=chosen,
        ask=form if queries.takes_money(db_session, round_id=round_.id) else None,
        known={want.target_id for want in chosen},
        far_below={want.id for want in chosen if rules.is_far_below(entry.value_minor, want.target.value_minor)},
        filters=filters,
        page=paginate(db_session, statement, number=page_number(), size=THINGS_A_PAGE),
        mine=mine,
        next_entry=_after(mine, entry),
        choices={
            "category": [("", "Any"), *((row.code, row.label) for row in vocab.CATEGORIES)],
            "scale": [("", "Any"), *((row.code, row.label) for row in vocab.SCALES)],
            "condition": [("", "Any"), *((row.code, f"{row.label} or better") for row in vocab.CONDITIONS)],
        },
    )


def _after(mine: list[RoundEntry], entry: RoundEntry) -> RoundEntry | None:
    return next((row for row in mine if row.number > entry.number), None)


def _back(slug: str, round_id: int, entry_id: int) -> str:
    """The same page with the same filters."""
    names = ("q", "category", "scale", "condition", "near", "page")
    kept: dict[str, Any] = {name: request.form[name] for name in names if request.form.get(name)}
    return url_for("trade_rounds.wants", slug=slug, round_id=round_id, entry_id=entry_id, **kept)


@bp.post("/shows/<slug>/rounds/<int:round_id>/wants/<int:entry_id>/additions")
@signed_in
def add_wants(slug: str, round_id: int, entry_id: int) -> ResponseReturnValue:
    """Add what was ticked, at the end of the list."""

    def do(db_session: Any, round_: TradeRound) -> str:
        entry = own_entry(db_session, round_, entry_id)
        count = wanting.add_wants(
            db_session, round_=round_, entry=entry, target_ids=ticked("targets"), by=actor(), now=utcnow()
        )
        return "1 want is added." if count == 1 else f"{count} wants are added."

    return step(slug, round_id, "", do, back=_back(slug, round_id, entry_id))


@bp.post("/shows/<slug>/rounds/<int:round_id>/wants/<int:entry_id>/order")
@signed_in
def arrange_wants(slug: str, round_id: int, entry_id: int) -> ResponseReturnValue:
    """Save the numbers, letters and removals as the form has them."""
    lines = {}
    for name, raw in request.form.items():
        kind, _, key = name.partition("-")
        want_id = whole(key, 15)
        if kind == "rank" and want_id is not None:
            letter = request.form.get(f"pick-{key}", "")
            lines[want_id] = wanting.Line(_rank(raw), letter[:1])

    def do(db_session: Any, round_: TradeRound) -> None:
        entry = own_entry(db_session, round_, entry_id)
        wanting.arrange_wants(
            db_session, round_=round_, entry=entry, lines=lines, gone=ticked("gone"), by=actor(), now=utcnow()
        )

    return step(slug, round_id, "Your wants are saved.", do, back=_back(slug, round_id, entry_id))


def _rank(raw: str) -> int:
    """A number as typed; what is none goes to the end."""
    found = whole(raw, 5)
    return COUNTED if found is None else min(found, COUNTED)


@bp.post("/shows/<slug>/rounds/<int:round_id>/wants/<int:entry_id>/copies")
@signed_in
def copy_wants(slug: str, round_id: int, entry_id: int) -> ResponseReturnValue:
    """The same wants for the ticked things of mine."""

    def do(db_session: Any, round_: TradeRound) -> str:
        source = own_entry(db_session, round_, entry_id)
        mine = {"round_id": round_.id, "member_id": source.member_id}
        targets = [queries.get_entry(db_session, target_id, **mine) for target_id in ticked("entries")]
        count = wanting.copy_wants(db_session, round_=round_, source=source, targets=targets, by=actor(), now=utcnow())
        return f"Copied: {count} wants are new."

    return step(slug, round_id, "", do, back=_back(slug, round_id, entry_id))
