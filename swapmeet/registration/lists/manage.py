"""Organizer pages of lists: send a file, see every row that is wrong and why, then take all, the good ones, or those named."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.orm import Session
from wtforms import RadioField

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event, EventState
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.orders.ledger import BY_HAND
from swapmeet.orders.models import PayMethod
from swapmeet.orders.words import TENDER_WORDS
from swapmeet.registration.lists import services
from swapmeet.registration.lists.columns import SHOWN, WORDS
from swapmeet.registration.lists.models import ListState, OrderList
from swapmeet.registration.queries import list_ticket_types
from swapmeet.web.access import actor, may, requires
from swapmeet.web.forms import Form, LineField
from swapmeet.web.paging import page_number
from swapmeet.web.security import limit
from swapmeet.web.spreadsheet import csv_lines, csv_response

bp = Blueprint("order_lists", __name__, url_prefix="/manage/shows/<slug>/order-lists")

STATE_WORDS = {
    ListState.READING: ("info", "Being read"),
    ListState.CHECKED: ("warn", "Waits for you"),
    ListState.WRITING: ("info", "Being imported"),
    ListState.DONE: ("ok", "Imported"),
    ListState.REFUSED: ("bad", "Not readable"),
    ListState.DROPPED: ("bad", "Thrown away"),
}
EXAMPLE = (
    "key",
    "order",
    "name",
    "email",
    "ticket",
    "choice",
    "age",
    "price",
    "paid",
    "paid by",
    "reference",
    "paid on",
    "note",
)


class SendForm(Form):
    """A file of people, and how they paid."""

    file = FileField("File", [FileRequired("Choose a file.")], description="CSV or Excel (.xlsx), at most 20,000 rows.")
    method = RadioField(
        "Paid by, where the file does not say",
        choices=[(each.value, TENDER_WORDS[each]) for each in BY_HAND],
        default=PayMethod.TRANSFER.value,
    )


class WriteForm(Form):
    """Which rows."""

    rows = LineField("Only these rows", limit=2000, description="Such as 2-50, 61. Empty: all of them.")


@bp.get("")
@requires(Permission.ORDERS_EDIT)
def list_lists(event: Event) -> ResponseReturnValue:
    return _list_page(event, SendForm())


@bp.post("")
@requires(Permission.ORDERS_EDIT)
@limit("60 per hour")
def send_list(event: Event) -> ResponseReturnValue:
    """Keep the file; a job reads it."""
    form: Any = SendForm()
    if not form.validate_on_submit():
        return _list_page(event, form), 422
    content, name, slug = form.file.data.read(), form.file.data.filename or "list", event.slug
    if not content:
        form.file.errors = ["This file is empty."]
        return _list_page(event, form), 422
    event_id, takes_money = event.id, may(Permission.MONEY_RECORD)
    with transaction() as db_session:
        row = services.take_list(
            db_session,
            event=db_session.get_one(Event, event_id),
            content=content,
            file_name=name,
            method=PayMethod(form.method.data),
            takes_money=takes_money,
            by=actor(),
            now=utcnow(),
        )
        list_id = row.id
    return redirect(url_for(".show_list", slug=slug, list_id=list_id), 303)


@bp.get("/example.csv")
@requires(Permission.ORDERS_EDIT)
def example(event: Event) -> ResponseReturnValue:
    """A file to start from, with the show's own tickets."""
    names = [each.name for each in list_ticket_types(db.session(), event_id=event.id)] or ["Weekend pass"]
    rows = [
        ("1", "A", "Ann Lee", "ann@example.org", names[0], "", "", "", "yes", "check", "1021", "", "a family of two"),
        ("2", "A", "Bo Lee", "", names[0], "", "", "", "yes", "", "", "", ""),
        ("3", "", "Cy Doe", "cy@example.org", names[-1], "", "", "", "", "", "", "", "pays later"),
    ]
    return csv_response(csv_lines(EXAMPLE, rows), f"{event.slug}-list.csv")


@bp.get("/<int:list_id>")
@requires(Permission.ORDERS_EDIT)
def show_list(event: Event, list_id: int) -> ResponseReturnValue:
    """How far it is, then every row that is wrong with its reason, then what became of it."""
    return _page(event, _row(event, list_id), WriteForm())


@bp.get("/<int:list_id>/rows.csv")
@requires(Permission.ORDERS_EDIT)
def wrong_rows(event: Event, list_id: int) -> Response:
    """The rows that are wrong, as they stood, with the reason before them: to mend and send again."""
    row = _row(event, list_id)
    faults = services.iter_faults(db.session(), list_id=row.id)
    lines = ((each.number, each.sentence, *each.cells) for each in faults)
    return csv_response(
        csv_lines(("row", "what is wrong", *row.summary.get("header", ())), lines), f"{event.slug}-rows.csv"
    )


@bp.post("/<int:list_id>/orders")
@requires(Permission.ORDERS_EDIT)
def write_orders(event: Event, list_id: int) -> ResponseReturnValue:
    """All rows, the good ones, or those that are named become orders; a job writes them."""
    return _decide(event, list_id, is_all=False)


@bp.post("/<int:list_id>/whole")
@requires(Permission.ORDERS_EDIT)
def write_whole(event: Event, list_id: int) -> ResponseReturnValue:
    """All or nothing."""
    return _decide(event, list_id, is_all=True)


@bp.post("/<int:list_id>/dropping")
@requires(Permission.ORDERS_EDIT)
def drop(event: Event, list_id: int) -> ResponseReturnValue:
    event_id, slug = event.id, event.slug
    try:
        with transaction() as db_session:
            row = services.get_list(db_session, event_id=event_id, list_id=list_id)
            services.drop(db_session, row=row, by=actor(), now=utcnow())
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "warn")
        return redirect(url_for(".show_list", slug=slug, list_id=list_id), 303)
    flash("The list is thrown away. Nothing of it was imported.", "ok")
    return redirect(url_for(".list_lists", slug=slug), 303)


def _decide(event: Event, list_id: int, *, is_all: bool) -> ResponseReturnValue:
    form: Any = WriteForm()
    if not form.validate_on_submit():
        return _page(event, _row(event, list_id), form), 422
    event_id, rows, may_record = event.id, form.rows.data or "", may(Permission.MONEY_RECORD)
    try:
        with transaction() as db_session:
            row = services.get_list(db_session, event_id=event_id, list_id=list_id)
            services.ask_to_write(
                db_session,
                row=row,
                is_all=is_all,
                rows_text=rows,
                may_record_money=may_record,
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        form.hang(error)
        return _page(event, _row(event, list_id), form), 422 if error.kind == "invalid" else 409
    return redirect(url_for(".show_list", slug=event.slug, list_id=list_id), 303)


def _row(event: Event, list_id: int) -> OrderList:
    db_session: Session = db.session()
    return services.get_list(db_session, event_id=event.id, list_id=list_id)


def _page(event: Event, row: OrderList, form: Any) -> str:
    faults = services.list_faults(db.session(), list_id=row.id, number=page_number())
    return render_template(
        "registration/order_list.html", event=event, row=row, form=form, faults=faults, state_words=STATE_WORDS
    )


def _list_page(event: Event, form: Any) -> str:
    page = services.list_lists(db.session(), event_id=event.id, number=page_number())
    return render_template(
        "registration/order_lists.html",
        event=event,
        form=form,
        page=page,
        state_words=STATE_WORDS,
        headings=[(SHOWN[name], ", ".join(words[:4])) for name, words in WORDS.items()],
        is_open=event.state is EventState.PUBLISHED,
    )
