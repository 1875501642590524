"""The organizer's codes: the list, making them, taking one back, the spreadsheet."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.orders.attempts import attempt
from swapmeet.orders.manage import bp
from swapmeet.orders.vouchers import making
from swapmeet.orders.vouchers.forms import voucher_form
from swapmeet.orders.vouchers.models import Voucher
from swapmeet.orders.vouchers.pages import effect_words, list_vouchers, products_of, rows_for_export, scope_words
from swapmeet.web.access import actor, requires
from swapmeet.web.filters import plural
from swapmeet.web.paging import page_number
from swapmeet.web.spreadsheet import csv_lines, csv_response

HEADERS = ["Code", "For", "E-mail", "What it does", "Uses", "Used", "Given away (minor units)", "State"]


@bp.get("/vouchers")
@requires(Permission.TICKETS_EDIT)
def list_codes(event: Event) -> ResponseReturnValue:
    """All codes with how often they were used."""
    words = request.args.get("q", "")[:100]
    page = list_vouchers(db.session(), event, words=words, number=page_number())
    products = products_of(db.session(), event)
    rows = [(each, effect_words(each, event), scope_words(each, products)) for each in page.rows]
    return render_template("orders/manage_vouchers.html", event=event, page=page, rows=rows, words=words)


@bp.route("/vouchers/new", methods=["GET", "POST"])
@requires(Permission.TICKETS_EDIT)
def make_codes(event: Event) -> ResponseReturnValue:
    """One code, or up to ten thousand."""
    event_id, slug = event.id, event.slug
    form = voucher_form(event, products_of(db.session(), event))
    problem: DomainError | None = None
    if form.validate_on_submit():
        values = form.values(event)
        try:
            count = attempt(
                lambda db_session: len(
                    making.make_vouchers(
                        db_session, event=db_session.get_one(Event, event_id), values=values, by=actor(), now=utcnow()
                    )
                )
            )
        except DomainError as error:
            problem = error
        else:
            flash(f"{plural(count, 'code is', 'codes are')} there.", "ok")
            return redirect(url_for("orders_manage.list_codes", slug=slug), 303)
    if problem is not None:
        form.hang(problem)
    page = render_template("orders/manage_voucher_new.html", event=db.session.get_one(Event, event_id), form=form)
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


@bp.post("/vouchers/<int:voucher_id>/withdrawal")
@requires(Permission.TICKETS_EDIT)
def take_code_back(event: Event, voucher_id: int) -> ResponseReturnValue:
    """The code is good for nothing any more."""
    event_id, slug = event.id, event.slug

    def work(db_session: Session) -> None:
        voucher = db_session.get(Voucher, voucher_id)
        if voucher is None or voucher.event_id != event_id:
            raise NotFound("There is no such code in this show.")
        show = db_session.get_one(Event, event_id)
        making.take_back(db_session, event=show, voucher=voucher, by=actor(), now=utcnow())

    attempt(work)
    flash("The code is taken back. What was bought with it stays.", "ok")
    return redirect(url_for("orders_manage.list_codes", slug=slug), 303)


@bp.get("/vouchers.csv")
@requires(Permission.TICKETS_EDIT)
def export_codes(event: Event) -> ResponseReturnValue:
    """All codes as a spreadsheet."""
    return csv_response(csv_lines(HEADERS, rows_for_export(db.session(), event)), f"{event.slug}-codes.csv")
