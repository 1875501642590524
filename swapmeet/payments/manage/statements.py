"""Bank statements: import a file, record what fits, look at the rest line by line."""

import time
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import end_reading
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.attempts import attempt
from swapmeet.orders.manage.money import money_tabs
from swapmeet.orders.models import Order
from swapmeet.orders.queries import get_order
from swapmeet.payments import deposit_queries, queries
from swapmeet.payments.forms import DAY_ORDERS, AsideForm, AsideManyForm, MatchForm, StatementForm
from swapmeet.payments.manage import bp
from swapmeet.payments.queries import Proposed
from swapmeet.payments.services import importing, recording
from swapmeet.payments.statements.matching import SURE, Fit
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural
from swapmeet.web.forms import event_form, posted_ids
from swapmeet.web.paging import page_number

LONGEST_S = 20.0
MOST_TO_LOOK_AT = 300  # lines of a page that somebody has to look at one by one
FIT_WORDS = {
    Fit.EXACT: ("ok", "Code and sum fit"),
    Fit.SEVERAL: ("ok", "Pays several orders"),
    Fit.AMOUNT: ("warn", "Code fits, another sum"),
    Fit.CLOSED: ("warn", "Nothing is owed on it"),
    Fit.NAME: ("info", "Name and sum fit"),
    Fit.NONE: ("bad", "No order found"),
}


@bp.get("/statements")
@requires(Permission.MONEY_RECORD)
def list_statements(event: Event) -> ResponseReturnValue:
    return _list_page(event, StatementForm())


@bp.post("/statements")
@requires(Permission.MONEY_RECORD)
def import_statement(event: Event) -> ResponseReturnValue:
    """Read the file and keep what is new. Unreadable files are told at once and leave nothing."""
    form: Any = StatementForm()
    if not form.validate_on_submit():
        return _list_page(event, form), 422
    content, name = form.file.data.read(), form.file.data.filename or "statement"
    try:
        read = importing.read_file(event, content, day_first=DAY_ORDERS[form.day_order.data or ""])
        statement_id = attempt(lambda db_session: _import(db_session, event.id, read, name))
    except DomainError as error:
        form.hang(error)
        return _list_page(event, form), 422
    return redirect(url_for(".show_statement", slug=event.slug, statement_id=statement_id), 303)


def _import(db_session: Session, event_id: int, read: Any, name: str) -> int:
    event = db_session.get_one(Event, event_id)
    return importing.import_statement(db_session, event=event, read=read, file_name=name, by=actor(), now=utcnow()).id


@bp.get("/statements/<int:statement_id>")
@requires(Permission.MONEY_RECORD)
def show_statement(event: Event, statement_id: int) -> ResponseReturnValue:
    """What a file brought, and what of its lines still waits."""
    db_session = db.session()
    statement = queries.get_statement(db_session, event_id=event.id, statement_id=statement_id)
    lines = [
        line for line in queries.list_open_lines(db_session, event_id=event.id) if line.statement_id == statement.id
    ]
    proposed = queries.propose(db_session, event, lines)
    return render_template(
        "payments/statement.html", event=event, statement=statement, tabs=money_tabs(event), **_groups(proposed)
    )


@bp.get("/bank-lines")
@requires(Permission.MONEY_RECORD)
def list_lines(event: Event) -> ResponseReturnValue:
    """Everything that waits, of all files, and what was decided."""
    return _lines_page(event)


@bp.post("/bank-lines/setting-aside")
@requires(Permission.MONEY_RECORD)
def put_many_aside(event: Event) -> ResponseReturnValue:
    """The ticked lines are about something else; or all those shown for which no order was found."""
    aside, event_id, slug = AsideManyForm(), event.id, event.slug
    ids = posted_ids("unfound" if request.form.get("all") else "line")
    is_good = aside.validate_on_submit()
    if is_good and not ids:
        aside.form_errors.append("Tick the lines that are about something else.")
    if not is_good or not ids:
        return _lines_page(event, aside=aside, ticked=ids), 422
    note = aside.note.data or ""
    try:
        done = attempt(lambda db_session: _put_many_aside(db_session, event_id, ids, note))
    except NotFound:
        raise
    except DomainError as error:
        aside.hang(error)
        return _lines_page(event, aside=aside, ticked=ids), 409
    flash(f"{plural(done, 'line is', 'lines are')} put aside.", "ok" if done else "warn")
    return redirect(url_for(".list_lines", slug=slug), 303)


def _put_many_aside(db_session: Session, event_id: int, ids: Collection[int], note: str) -> int:
    event = db_session.get_one(Event, event_id)
    return recording.put_many_aside(db_session, event=event, line_ids=ids, note=note, by=actor(), now=utcnow())


def _lines_page(event: Event, *, aside: Any = None, ticked: Collection[int] = ()) -> str:
    db_session = db.session()
    decided = queries.list_decided_lines(db_session, event_id=event.id, number=page_number())
    return render_template(
        "payments/lines.html",
        event=event,
        tabs=money_tabs(event),
        decided=decided,
        orders_of=queries.orders_of_lines(db_session, decided.rows),
        **_groups(
            queries.propose(db_session, event, queries.list_open_lines(db_session, event_id=event.id)), aside, ticked
        ),
    )


def _groups(proposed: list[Proposed], aside: Any = None, ticked: Collection[int] = ()) -> dict[str, Any]:
    """Lines that can be recorded at once, and those somebody has to look at, the first of them; repeats are never sure."""
    sure = _sure(proposed)
    waiting = [each for each in proposed if each not in sure]
    rest = waiting[:MOST_TO_LOOK_AT]
    unfound = [each.line.id for each in rest if each.proposal.fit is Fit.NONE and not each.line.is_repeat]
    return {
        "sure": sure,
        "rest": rest,
        "more": len(waiting) - len(rest),
        "unfound": unfound,
        "ticked": ticked,
        "aside": aside or AsideManyForm(formdata=None),
        "fit_words": FIT_WORDS,
    }


def _sure(proposed: list[Proposed]) -> list[Proposed]:
    return [each for each in proposed if each.proposal.fit in SURE and not each.line.is_repeat]


@bp.post("/recordings")
@requires(Permission.MONEY_RECORD)
def record_sure_lines(event: Event) -> ResponseReturnValue:
    """Record the ticked lines, each in a transaction of its own: those that fit no more are left and told."""
    ids = posted_ids("line")
    db_session, slug, event_id = db.session(), event.slug, event.id
    lines = [line for line in queries.list_open_lines(db_session, event_id=event_id) if line.id in ids]
    plans = [
        (each.line.id, [(due.order_id, sum_) for due, sum_ in each.proposal.parts])
        for each in _sure(queries.propose(db_session, event, lines))
    ]
    end_reading()
    done = _record_plans(event_id, plans)
    flash(
        f"{plural(done, 'payment is', 'payments are')} recorded." if done else "Nothing was recorded.",
        "ok" if done else "warn",
    )
    if left := len(ids) - done:
        flash(
            f"{plural(left, 'line is', 'lines are')} left: what does not fit any more, and what did not get its turn yet.",
            "warn",
        )
    return redirect(url_for(".list_lines", slug=slug), 303)


def _record_plans(event_id: int, plans: list[tuple[int, list[tuple[int, int]]]]) -> int:
    """How many were recorded within the time that one press of the button may take."""
    ends_at, done = time.monotonic() + LONGEST_S, 0
    for line_id, parts in plans:
        if time.monotonic() > ends_at:
            break
        with suppress(DomainError):
            done += attempt(partial(_record_open, event_id=event_id, line_id=line_id, parts=parts))
    return done


def _record_open(db_session: Session, *, event_id: int, line_id: int, parts: list[tuple[int, int]]) -> bool:
    event = db_session.get_one(Event, event_id)
    return recording.record_if_open(db_session, event=event, line_id=line_id, parts=parts, by=actor(), now=utcnow())


@bp.route("/bank-lines/<int:line_id>", methods=["GET", "POST"])
@requires(Permission.MONEY_RECORD)
def decide_line(event: Event, line_id: int) -> ResponseReturnValue:
    """One line: the order it pays, with the proposal filled in."""
    (proposed,) = queries.propose(
        db.session(), event, [queries.get_line(db.session(), event_id=event.id, line_id=line_id)]
    )
    form = _match_form(event, proposed)
    if form.validate_on_submit():
        try:
            words = attempt(lambda db_session: _record(db_session, event.id, line_id, form))
        except DomainError as error:
            form.hang(error)
            return _line_page(event, line_id, form, AsideForm()), 409
        for sentence in words or ["The payment is recorded."]:
            flash(sentence, "warn" if words else "ok")
        return redirect(url_for(".list_lines", slug=event.slug), 303)
    return _line_page(event, line_id, form, AsideForm()), 422 if form.is_submitted() else 200


def _match_form(event: Event, proposed: Proposed) -> Any:
    parts = proposed.proposal.parts
    return event_form(
        MatchForm,
        zone_name=event.time_zone,
        currency=event.currency,
        code=parts[0][0].code if parts else "",
        amount=parts[0][1] if parts else proposed.line.amount_minor,
        second_code=parts[1][0].code if len(parts) == 2 else "",
    )


def _record(db_session: Session, event_id: int, line_id: int, form: Any) -> list[str]:
    """Sentences about orders that were over; empty when all went the plain way."""
    event = db_session.get_one(Event, event_id)
    line = queries.get_line(db_session, event_id=event_id, line_id=line_id)
    first = _order(db_session, event_id, form.code.data, "code")
    parts = [(first, form.amount.data)]
    if form.second_code.data:
        parts.append(
            (_order(db_session, event_id, form.second_code.data, "second_code"), line.amount_minor - form.amount.data)
        )
    recording.record_line(
        db_session,
        event=event,
        line_id=line_id,
        parts=[(order.id, sum_) for order, sum_ in parts],
        by=actor(),
        now=utcnow(),
    )
    return recording.outcome_words([order for order, _ in parts])


def _order(db_session: Session, event_id: int, code: str, field: str) -> Order:
    try:
        return get_order(db_session, event_id=event_id, code=code.replace(" ", "").replace("-", ""))
    except DomainError as error:
        error.field = field
        raise


def _line_page(event: Event, line_id: int, form: Any, aside: AsideForm) -> str:
    end_reading()
    line = queries.get_line(db.session(), event_id=event.id, line_id=line_id)
    (proposed,) = queries.propose(db.session(), event, [line])
    paid = queries.orders_of_lines(db.session(), [line]).get(line.id, [])
    return render_template(
        "payments/line.html",
        deposits=deposit_queries.list_unseen(db.session(), event_id=event.id, amount_minor=line.amount_minor),
        event=event,
        line=line,
        proposed=proposed,
        form=form,
        aside=aside,
        fit_words=FIT_WORDS,
        paid=paid,
    )


@bp.post("/bank-lines/<int:line_id>/setting-aside")
@requires(Permission.MONEY_RECORD)
def put_aside(event: Event, line_id: int) -> ResponseReturnValue:
    """The line is about something else."""
    aside = AsideForm()
    line = queries.get_line(db.session(), event_id=event.id, line_id=line_id)
    form = event_form(
        MatchForm, zone_name=event.time_zone, currency=event.currency, formdata=None, amount=line.amount_minor
    )
    if not aside.validate_on_submit():
        return _line_page(event, line_id, form, aside), 422
    try:
        attempt(lambda db_session: _put_aside(db_session, event.id, line_id, aside.note.data or ""))
    except DomainError as error:
        aside.hang(error)
        return _line_page(event, line_id, form, aside), 409
    flash("The line is put aside.", "ok")
    return redirect(url_for(".list_lines", slug=event.slug), 303)


def _put_aside(db_session: Session, event_id: int, line_id: int, note: str) -> None:
    event = db_session.get_one(Event, event_id)
    recording.put_aside(db_session, event=event, line_id=line_id, note=note, by=actor(), now=utcnow())


@bp.post("/bank-lines/<int:line_id>/taking-up")
@requires(Permission.MONEY_RECORD)
def take_up_again(event: Event, line_id: int) -> ResponseReturnValue:
    """A line that was put aside waits again."""
    try:
        attempt(lambda db_session: _take_up(db_session, event.id, line_id))
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "warn")
    else:
        flash("The line waits again.", "ok")
    return redirect(url_for(".decide_line", slug=event.slug, line_id=line_id), 303)


def _take_up(db_session: Session, event_id: int, line_id: int) -> None:
    event = db_session.get_one(Event, event_id)
    recording.take_up_again(db_session, event=event, line_id=line_id, by=actor(), now=utcnow())


def _list_page(event: Event, form: Any) -> str:
    page = queries.list_statements(db.session(), event_id=event.id, number=page_number())
    waiting = queries.count_open_lines(db.session(), event_id=event.id)
    return render_template(
        "payments/statements.html", event=event, form=form, page=page, waiting=waiting, tabs=money_tabs(event)
    )
