"""The host's pages of what goes wrong: disputes to rule on, cash over the desk, and how reliable people were."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.numbers import whole
from swapmeet.trades.rounds import desk_queries, dispute_queries, dispute_rules, money_queries, queries
from swapmeet.trades.rounds.desk_manage import desk_step
from swapmeet.trades.rounds.dispute_models import Outcome
from swapmeet.trades.rounds.dispute_views import picture_of
from swapmeet.trades.rounds.errors import BadEntry, NoSuchRound
from swapmeet.trades.rounds.forms import CashForm, RulingForm
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.trades.rounds.models import RoundMember, TradeRound
from swapmeet.trades.rounds.services import disputing
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form

ROUND = "/manage/shows/<slug>/rounds/<int:round_id>"


@manage_bp.get(f"{ROUND}/disputes")
@requires(Permission.TRADES_HOST)
def list_disputes(event: Event, round_id: int) -> ResponseReturnValue:
    """Everything that was said, open ones first, with both sides and their photos."""
    return _disputes_page(event, round_id, _ruling_form(event))


def _ruling_form(event: Event, **kwargs: Any) -> RulingForm:
    form: RulingForm = event_form(RulingForm, zone_name=event.time_zone, currency=event.currency, **kwargs)
    return form


def _disputes_page(event: Event, round_id: int, form: RulingForm, ruling: int = 0) -> str:
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    return render_template(
        "trades/rounds/manage_disputes.html",
        event=event,
        round=round_,
        rows=dispute_queries.list_disputes(db.session(), round_id=round_.id),
        form=form,
        blank=_ruling_form(event, formdata=None),
        ruling=ruling,
        dispute_rules=dispute_rules,
    )


@manage_bp.post(f"{ROUND}/disputes/<int:dispute_id>/ruling")
@requires(Permission.TRADES_HOST)
def rule_on_dispute(event: Event, round_id: int, dispute_id: int) -> ResponseReturnValue:
    """How it ends. Both sides read it."""
    slug, event_id, form = event.slug, event.id, _ruling_form(event)
    try:
        if not form.validate_on_submit():
            return _disputes_page(event, round_id, form, dispute_id), 422
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=event_id)
            disputing.rule(
                db_session,
                round_=round_,
                dispute=dispute_queries.get_dispute(db_session, dispute_id, round_id=round_.id),
                outcome=Outcome(form.outcome.data),
                words=form.words.data or "",
                amount_minor=form.amount.data or 0,
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return _disputes_page(db.session.get_one(Event, event_id), round_id, form, dispute_id), 422
    flash("Both sides get a mail with your ruling.", "ok")
    return redirect(url_for(".list_disputes", slug=slug, round_id=round_id), 303)


@manage_bp.get(f"{ROUND}/disputes/<int:dispute_id>/photos/<int:photo_id>")
@requires(Permission.TRADES_HOST)
def show_dispute_photo(event: Event, round_id: int, dispute_id: int, photo_id: int) -> ResponseReturnValue:
    """A photo of a dispute, for the hosts."""
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    row = dispute_queries.get_dispute(db.session(), dispute_id, round_id=round_.id)
    return picture_of(dispute_queries.get_photo(row, photo_id))


@manage_bp.get(f"{ROUND}/cash")
@requires(Permission.TRADES_HOST)
def show_cash(event: Event, round_id: int) -> ResponseReturnValue:
    """What is owed over the desk, netted per person, and what it comes from."""
    return _cash_page(event, round_id, _cash_form(event, formdata=None))


def _cash_form(event: Event, **kwargs: Any) -> CashForm:
    form: CashForm = event_form(CashForm, zone_name=event.time_zone, currency=event.currency, **kwargs)
    return form


def _cash_page(event: Event, round_id: int, form: CashForm) -> str:
    round_ = queries.get_round(db.session(), round_id, event_id=event.id)
    return render_template(
        "trades/rounds/cash.html",
        event=event,
        round=round_,
        form=form,
        rows=dispute_queries.list_cash(db.session(), round_id=round_.id),
        balances=dispute_queries.list_balances(db.session(), round_id=round_.id),
        legs=money_queries.list_legs(db.session(), round_id=round_.id),
        members={row.id: row for row in queries.list_members(db.session(), round_id=round_.id)},
        entries=queries.entries_by_id(db.session(), round_id=round_.id),
    )


@manage_bp.post(f"{ROUND}/cash")
@requires(Permission.TRADES_HOST)
def add_cash(event: Event, round_id: int) -> ResponseReturnValue:
    """What two people have agreed, to be paid over the desk."""
    slug, event_id, form = event.slug, event.id, _cash_form(event)
    try:
        if not form.validate_on_submit():
            return _cash_page(event, round_id, form), 422
        with transaction() as db_session:
            round_ = queries.get_round(db_session, round_id, event_id=event_id)
            payer, payee = (_trader(db_session, round_, getattr(form, name)) for name in ("payer", "payee"))
            disputing.add_cash(
                db_session,
                round_=round_,
                payer=payer,
                payee=payee,
                amount_minor=form.amount.data or 0,
                why=form.why.data or "",
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return _cash_page(db.session.get_one(Event, event_id), round_id, form), 422
    flash("Written down.", "ok")
    return redirect(url_for(".show_cash", slug=slug, round_id=round_id), 303)


def _trader(db_session: Session, round_: TradeRound, field: Any) -> RoundMember:
    member = desk_queries.find_trader(db_session, round_id=round_.id, number=field.data or 0)
    if member is None:
        raise BadEntry(f"There is no trader {field.data} in this round.", field=field.name)
    return member


@manage_bp.post(f"{ROUND}/cash/traders/<int:member_id>/payments")
@requires(Permission.TRADES_HOST)
def settle_cash(event: Event, round_id: int, member_id: int) -> ResponseReturnValue:
    """The money has crossed the desk."""

    def do(db_session: Session, round_: TradeRound) -> str:
        member = queries.find_member_by_id(db_session, member_id, round_id=round_.id)
        if member is None:
            raise NoSuchRound("There is no such trader in this round.")
        paid = disputing.settle_cash(
            db_session, round_=round_, member=member, seen_minor=_seen(), by=actor(), now=utcnow()
        )
        return f"Trader {member.number} has paid." if paid > 0 else f"Trader {member.number} has been paid."

    trader = whole(request.form.get("trader", ""), 7)  # the pick-up desk has this person before it
    return (
        desk_step(event, round_id, "show_pick_up", do, trader=trader)
        if trader
        else desk_step(event, round_id, "show_cash", do)
    )


def _seen() -> int:
    """The amount that the page showed."""
    raw = request.form.get("seen", "")
    amount = whole(raw.removeprefix("-"), 15) or 0
    return -amount if raw.startswith("-") else amount


@manage_bp.post(f"{ROUND}/cash/traders/<int:member_id>/payments/removal")
@requires(Permission.TRADES_HOST)
def take_settling_back(event: Event, round_id: int, member_id: int) -> ResponseReturnValue:
    """It was a slip: this money has not crossed the desk."""

    def do(db_session: Session, round_: TradeRound) -> str:
        member = queries.find_member_by_id(db_session, member_id, round_id=round_.id)
        if member is None:
            raise NoSuchRound("There is no such trader in this round.")
        disputing.take_settling_back(
            db_session, round_=round_, member=member, seen_minor=_seen(), by=actor(), now=utcnow()
        )
        return f"Taken back: the money of trader {member.number} is open again."

    return desk_step(event, round_id, "show_cash", do)


@manage_bp.get(f"{ROUND}/people")
@requires(Permission.TRADES_HOST)
def show_people(event: Event, round_id: int) -> ResponseReturnValue:
    """Everybody in the round: how reliable they were at the club's rounds, who is here first, what to ask them about."""
    db_session = db.session()
    round_ = queries.get_round(db_session, round_id, event_id=event.id)
    members = queries.list_taking_part(db_session, round_id=round_.id)
    records = dispute_queries.records_of(
        db_session,
        organizer_id=event.organizer_id,
        person_ids=[row.person_id for row in members],
        before=round_,
    )
    return render_template(
        "trades/rounds/people.html",
        event=event,
        round=round_,
        members=members,
        records=records,
        checks=dispute_queries.check_members(db_session, round_id=round_.id),
        bars=dispute_queries.list_bars(db_session, organizer_id=event.organizer_id),
    )


@manage_bp.post(f"{ROUND}/bars/<int:bar_id>/removal")
@requires(Permission.TRADES_HOST)
def lift_bar(event: Event, round_id: int, bar_id: int) -> ResponseReturnValue:
    """Somebody may enter the club's rounds again."""
    organizer_id, event_id = event.organizer_id, event.id

    def do(db_session: Session, round_: TradeRound) -> str:
        bars = {row.id: row for row in dispute_queries.list_bars(db_session, organizer_id=organizer_id)}
        if bar_id not in bars:
            raise NoSuchRound("There is no such block.")
        disputing.lift_bar(db_session, bar=bars[bar_id], event_id=event_id, by=actor(), now=utcnow())
        return "They may enter rounds again."

    return desk_step(event, round_id, "show_people", do)
