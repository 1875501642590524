"""Money: payments that came in, refunds to send, the money page, exports."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra import idempotency
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.registry import registry
from swapmeet.infra.uow import lock, transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.kernel.time import to_local
from swapmeet.orders import books, export, statements
from swapmeet.orders.attempts import attempt
from swapmeet.orders.forms import PaymentForm, SettleForm
from swapmeet.orders.ledger import BY_HAND, TENDER
from swapmeet.orders.manage import bp
from swapmeet.orders.models import Order, PayMethod
from swapmeet.orders.order_view import view_of
from swapmeet.orders.queries import get_order, get_refund
from swapmeet.orders.services import payments, settling
from swapmeet.orders.words import REFUND_WORDS, TENDER_WORDS
from swapmeet.web.access import actor, may, requires
from swapmeet.web.forms import event_form
from swapmeet.web.paging import page_number, page_of
from swapmeet.web.spreadsheet import csv_response, xlsx_response

DAYS_A_PAGE = 31
METHOD_OF_ORDER = {
    PayMethod.CHECK: PayMethod.CHECK,
    PayMethod.TRANSFER: PayMethod.TRANSFER,
    PayMethod.INVOICE: PayMethod.TRANSFER,
}
ACCOUNT_TENDER = {TENDER[method]: TENDER_WORDS[method] for method in (*BY_HAND, PayMethod.CARD)}


def money_tabs(event: Event) -> list[dict[str, Any]]:
    """The pages about money as tabs, those that the asker may open; the open one is marked."""
    return [
        {
            "label": entry.label,
            "url": url_for(entry.endpoint, slug=event.slug),
            "is_current": request.endpoint == entry.endpoint,
        }
        for entry in registry().bar("money.tabs")
        if entry.permission is not None and may(entry.permission)
    ]


@bp.route("/orders/<code>/payments", methods=["GET", "POST"])
@requires(Permission.MONEY_RECORD)
def record_payment(event: Event, code: str) -> ResponseReturnValue:
    """Record money that came in; the sum that is due next stands in the form already."""
    order = get_order(db.session(), event_id=event.id, code=code)
    view = view_of(db.session(), order, event)
    form = event_form(
        PaymentForm,
        zone_name=event.time_zone,
        currency=event.currency,
        amount=view.due_now if view.due_now > 0 else None,
        method=METHOD_OF_ORDER.get(order.method or PayMethod.CASH, PayMethod.CASH).value,
        received_at=utcnow(),
    )
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _record(db_session, event, code, form))
        except DomainError as error:
            problem = error
        else:
            flash("The payment is recorded.", "ok")
            return redirect(_order_url(event, code), 303)
    if problem is not None:
        form.hang(problem)
    page = render_template("orders/manage_payment.html", event=event, order=order, view=view, form=form)
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _record(db_session: Session, event: Event, code: str, form: Any) -> None:
    """Once per key of the form, however often it is sent."""
    order = get_order(db_session, event_id=event.id, code=code)
    lock(db_session, order)
    scope, now = f"payment:{order.id}", utcnow()
    content = f"{form.method.data} {form.amount.data} {form.reference.data}"
    if idempotency.find_answer(db_session, scope=scope, key=form.key.data, content=content) is not None:
        return
    payment = payments.record_payment(
        db_session,
        order=order,
        method=PayMethod(form.method.data),
        amount_minor=form.amount.data,
        reference=form.reference.data or "",
        received_at=form.received_at.data,
        by=actor(),
        now=now,
        is_extra=bool(form.is_extra.data),
    )
    idempotency.keep_answer(
        db_session, scope=scope, key=form.key.data, content=content, answer=str(payment.id), now=now
    )


@bp.post("/orders/<code>/credit-refund")
@requires(Permission.MONEY_REFUND)
def give_credit_back(event: Event, code: str) -> ResponseReturnValue:
    """What was paid too much goes to the refunds that wait."""
    try:
        with transaction() as db_session:
            order = get_order(db_session, event_id=event.id, code=code)
            lock(db_session, order)
            payments.give_credit_back(db_session, order=order, reason="paid too much", by=actor(), now=utcnow())
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "warn")
    else:
        flash("The sum paid too much waits to be sent back.", "ok")
    return redirect(_order_url(event, code), 303)


@bp.get("/refunds")
@requires(Permission.MONEY_REFUND)
def list_refunds(event: Event) -> ResponseReturnValue:
    """Refunds that nobody has sent yet."""
    waiting = books.list_refunds_waiting(db.session(), event)
    ids = [refund.id for refund, _ in waiting]
    return render_template(
        "orders/manage_refunds.html",
        event=event,
        waiting=waiting,
        notes={id_: note for ask in registry().refund_notes for id_, note in ask(db.session(), ids).items()},
        refund_words=REFUND_WORDS,
        tender_words=TENDER_WORDS,
        tabs=money_tabs(event),
    )


@bp.route("/refunds/<int:refund_id>/settlement", methods=["GET", "POST"])
@requires(Permission.MONEY_REFUND)
def settle_refund(event: Event, refund_id: int) -> ResponseReturnValue:
    """The treasurer sent it: how, and under which number."""
    refund = get_refund(db.session(), event_id=event.id, refund_id=refund_id)
    order = db.session.get_one(Order, refund.order_id)
    form = SettleForm(method=refund.method.value)
    problem: DomainError | None = None
    if form.validate_on_submit():
        try:
            attempt(lambda db_session: _settle(db_session, event, refund_id, form))
        except DomainError as error:
            problem = error
        else:
            flash(f"The refund of order {order.code} is marked as sent.", "ok")
            return redirect(url_for("orders_manage.list_refunds", slug=event.slug), 303)
    if problem is not None:
        form.hang(problem)
    page = render_template("orders/manage_settle.html", event=event, order=order, refund=refund, form=form)
    return page, (409 if problem is not None else 422) if form.is_submitted() else 200


def _settle(db_session: Session, event: Event, refund_id: int, form: SettleForm) -> None:
    settling.settle_refund(
        db_session,
        refund=get_refund(db_session, event_id=event.id, refund_id=refund_id),
        method=PayMethod(form.method.data),
        reference=form.reference.data or "",
        by=actor(),
        now=utcnow(),
    )


@bp.get("/money")
@requires(Permission.MONEY_VIEW)
def money(event: Event) -> ResponseReturnValue:
    """Money in by day and tender, owed, kept, to send back; as of now or the end of any past day."""
    db_session, today = db.session(), to_local(utcnow(), event.time_zone).date()
    day = day_of(request.args.get("day", ""))
    as_of = books.last_instant(event, day) if day is not None and day < today else None
    then = as_of or utcnow()
    held = books.read_books(db_session, event, as_of=as_of)
    orders = statements.read_order_sums(db_session, event, as_of=then)
    ages = books.list_ages(event, ((each.due_at, each.sums.owed) for each in orders), as_of=then)
    by_product = statements.list_product_money(orders, statements.read_lines(db_session, event, as_of=then))
    return render_template(
        "orders/manage_money.html",
        event=event,
        day=day if as_of is not None else None,
        today=today,
        books=held,
        days=page_of(books.list_money_days(db_session, event, as_of=as_of), number=page_number(), size=DAYS_A_PAGE),
        ages=ages,
        owed=sum(age.owed_minor for age in ages),
        sold=[(_noun(kind), sum_) for kind, sum_ in held.sold_by_kind],
        by_product=by_product,
        tenders=ACCOUNT_TENDER,
        tabs=money_tabs(event),
    )


def _noun(kind: str) -> str:
    """What people call a kind of thing; its own name where nobody sells it any more."""
    sellable = registry().sellables.get(kind)
    return str(sellable.noun if sellable is not None else kind).capitalize()


def day_of(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw) if 1 <= len(raw) <= 10 else None
    except ValueError:
        return None


@bp.get("/money.csv")
@requires(Permission.MONEY_VIEW)
def export_money(event: Event) -> ResponseReturnValue:
    """Every booking, for the treasurer's own books."""
    return csv_response(export.ledger_lines(db.session(), event), f"{event.slug}-money.csv")


@bp.get("/orders.csv")
@requires(Permission.ORDERS_VIEW)
def export_orders(event: Event) -> ResponseReturnValue:
    """Every order with its contact and what it holds."""
    return csv_response(export.order_lines(db.session(), event), f"{event.slug}-orders.csv")


def _order_url(event: Event, code: str) -> str:
    return url_for("orders_manage.show_order", slug=event.slug, code=code.upper())


@bp.get("/orders.xlsx")
@requires(Permission.ORDERS_VIEW)
def export_orders_workbook(event: Event) -> ResponseReturnValue:
    """The same as an Excel workbook."""
    return xlsx_response(*export.order_table(db.session(), event), f"{event.slug}-orders.xlsx")
