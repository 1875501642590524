"""Money in a round as people see it: what they offer for things of others, and what they ask for their own."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.numbers import whole
from swapmeet.trades.rounds import money_queries, queries
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.forms import BidForm, BudgetForm
from swapmeet.trades.rounds.models import TradeRound
from swapmeet.trades.rounds.services import offering
from swapmeet.trades.rounds.views import bp, open_show, own_entry, step
from swapmeet.trades.rounds.want_views import ask_form, wants_page
from swapmeet.trades.views.blueprint import own_id
from swapmeet.web.access import actor, signed_in
from swapmeet.web.forms import event_form

PAGE = "/shows/<slug>/rounds/<int:round_id>/money"


@bp.get(PAGE)
@signed_in
def show_money(slug: str, round_id: int) -> ResponseReturnValue:
    """What I offer money for, and how much I spend at most."""
    event, round_ = open_show(slug, round_id)
    return _money_page(event, round_)


def _form(form_class: Any, event: Event, **kwargs: Any) -> Any:
    return event_form(form_class, zone_name=event.time_zone, currency=event.currency, **kwargs)


def _money_page(event: Event, round_: TradeRound, bid: Any = None, budget: Any = None) -> str:
    db_session = db.session()
    if not queries.takes_money(db_session, round_id=round_.id):
        raise NoSuchRound("No money changes hands in this round.")
    member = queries.find_member(db_session, round_id=round_.id, person_id=own_id())
    bids = money_queries.list_bids(db_session, member_id=member.id) if member else []
    limit = money_queries.find_budget(db_session, member_id=member.id) if member else None
    start = {"number": whole(request.args.get("thing", ""), 7)}
    return render_template(
        "trades/rounds/money.html",
        event=event,
        round=round_,
        bids=bids,
        total=sum(row.amount_minor for row in bids),
        limit=limit,
        bid=bid or _form(BidForm, event, formdata=None, data=start),
        budget=budget or _form(BudgetForm, event, formdata=None, data={"limit": limit.amount_minor if limit else None}),
    )


@bp.post(f"{PAGE}/bids")
@signed_in
def place_bid(slug: str, round_id: int) -> ResponseReturnValue:
    """At most so much for the thing with this number."""
    event, round_ = open_show(slug, round_id)
    event_id, form = event.id, _form(BidForm, event)
    if not form.validate_on_submit():
        return _money_page(event, round_, bid=form), 422
    try:
        with transaction() as db_session:
            offering.place_bid(
                db_session,
                round_=queries.get_round(db_session, round_id, event_id=event_id),
                person_id=own_id(),
                number=form.number.data or 0,
                amount_minor=form.amount.data or 0,
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        form.hang(error)
        return _money_page(*open_show(slug, round_id), bid=form), 422
    flash("Your offer is written down.", "ok")
    return redirect(url_for(".show_money", slug=slug, round_id=round_id), 303)


@bp.post(f"{PAGE}/bids/<int:bid_id>/removal")
@signed_in
def take_bid_back(slug: str, round_id: int, bid_id: int) -> ResponseReturnValue:
    """No money for it any more."""

    def do(db_session: Any, round_: TradeRound) -> None:
        member = queries.find_member(db_session, round_id=round_.id, person_id=own_id())
        bid = money_queries.get_bid(db_session, bid_id, member_id=member.id if member else 0)
        offering.take_bid_back(db_session, round_=round_, bid=bid, by=actor(), now=utcnow())

    return step(slug, round_id, "Taken back.", do, back=url_for(".show_money", slug=slug, round_id=round_id))


@bp.post(f"{PAGE}/limit")
@signed_in
def set_budget(slug: str, round_id: int) -> ResponseReturnValue:
    """The most I spend in all."""
    event, round_ = open_show(slug, round_id)
    form = _form(BudgetForm, event)
    if not form.validate_on_submit():
        return _money_page(event, round_, budget=form), 422

    def do(db_session: Any, round_: TradeRound) -> None:
        amount = form.limit.data
        offering.set_budget(
            db_session, round_=round_, person_id=own_id(), amount_minor=amount, by=actor(), now=utcnow()
        )

    return step(slug, round_id, "Saved.", do, back=url_for(".show_money", slug=slug, round_id=round_id))


@bp.post("/shows/<slug>/rounds/<int:round_id>/wants/<int:entry_id>/ask")
@signed_in
def set_ask(slug: str, round_id: int, entry_id: int) -> ResponseReturnValue:
    """What one of my things goes for in money; empty: not for money."""
    event, round_ = open_show(slug, round_id)
    form = ask_form(event)
    if not form.validate_on_submit():
        return wants_page(event, round_, own_entry(db.session(), round_, entry_id), form), 422

    def do(db_session: Any, round_: TradeRound) -> str:
        entry = own_entry(db_session, round_, entry_id)
        amount = form.ask.data
        offering.set_ask(db_session, round_=round_, entry=entry, amount_minor=amount, by=actor(), now=utcnow())
        return "It goes for money, too." if amount else "It does not go for money."

    back = url_for(".wants", slug=slug, round_id=round_id, entry_id=entry_id)
    return step(slug, round_id, "", do, back=back)
