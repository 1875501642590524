"""The desk's pages: open it, take things in, sell by scan, pay out, give back, lists for paper and spreadsheets."""

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
from swapmeet.kernel.money import plain_amount
from swapmeet.kernel.numbers import whole
from swapmeet.trades.consignment import papers, queries, rules, services
from swapmeet.trades.consignment.errors import NoSuchLot
from swapmeet.trades.consignment.forms import TermsForm
from swapmeet.trades.consignment.models import Consignment, ConsignmentLot, DeskState
from swapmeet.trades.consignment.views import lot_form, price_form, reprice
from swapmeet.trades.exchanges.forms import ScanForm, WalkInForm
from swapmeet.trades.queries import find_visitor
from swapmeet.trades.views.steps import take_step
from swapmeet.web.access import actor, requires
from swapmeet.web.forms import event_form
from swapmeet.web.spreadsheet import csv_lines, csv_response

manage_bp = Blueprint("consignment_manage", __name__)
DESK = "/manage/shows/<slug>/bring-and-buy"
SELLER = f"{DESK}/sellers/<int:seller_id>"
LOT = f"{DESK}/lots/<int:lot_id>"
PRICE_PAGE = "trades/consignment/desk_price.html"


@manage_bp.context_processor
def words() -> dict[str, Any]:
    return {"consignment_rules": rules}


def _terms_form(event: Event, **kwargs: Any) -> TermsForm:
    form: TermsForm = event_form(TermsForm, zone_name=event.time_zone, currency=event.currency, **kwargs)
    return form


@manage_bp.get(DESK)
@requires(Permission.TRADES_HOST)
def show_desk(event: Event) -> ResponseReturnValue:
    """The desk, or a form to open one."""
    desk = queries.find_desk(db.session(), event_id=event.id)
    if desk is None:
        form = _terms_form(event, formdata=None, data={"percent": 10, "most_lots": 40})
        return render_template("trades/consignment/terms.html", event=event, desk=None, form=form)
    return _desk(event, desk)


def _desk(event: Event, desk: Consignment, **changes: Any) -> str:
    accounts = queries.list_accounts(db.session(), desk=desk)
    number, place = (whole(request.args.get(name, ""), 7) for name in ("seller", "thing"))
    number = changes.pop("number", number)
    account = next((row for row in accounts if row.seller.number == number), None)
    lots = account.lots if account else []
    values = {
        "event": event,
        "desk": desk,
        "accounts": accounts,
        "account": account,
        "lot": next((row for row in lots if row.place == place), None),
        "missed": bool(number) and account is None,
        "people": [],
        "on_sale": sum(row.count("here") for row in accounts),
        "sold": sum(row.count("sold") for row in accounts),
        "taken": sum(row.money.gross for row in accounts),
        "kept": sum(row.money.kept for row in accounts),
        "due": sum(row.money.due for row in accounts),
        **_drop(desk),
        "scan": ScanForm(formdata=None),
        "walk_in": WalkInForm(formdata=None),
        "form": lot_form(event, formdata=None),
    }
    return render_template("trades/consignment/desk.html", **values | changes)


def _drop(desk: Consignment) -> dict[str, Any]:
    """The planned drop of prices, whether it is time, and how many things it makes cheaper."""
    drop = queries.drop_of(db.session(), desk_id=desk.id)
    is_due = drop is not None and drop.done_at is None and drop.starts_at <= utcnow()
    cheaper = queries.list_to_lower(db.session(), desk=desk, drop=drop) if drop is not None and is_due else []
    return {"drop": drop, "drop_is_due": is_due, "cheaper": len(cheaper)}


@manage_bp.post(DESK)
@requires(Permission.TRADES_HOST)
def open_desk(event: Event) -> ResponseReturnValue:
    """People may list their things from now on."""
    slug, event_id, form = event.slug, event.id, _terms_form(event)
    try:
        if not form.validate_on_submit():
            return render_template("trades/consignment/terms.html", event=event, desk=None, form=form), 422
        with transaction() as db_session:
            services.open_desk(
                db_session,
                event=db_session.get_one(Event, event_id),
                terms=form.terms(),
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        flash(error.message, "bad")
    else:
        flash("The bring and buy desk is open; people can list their things.", "ok")
    return redirect(url_for(".show_desk", slug=slug), 303)


@manage_bp.get(f"{DESK}/terms")
@requires(Permission.TRADES_HOST)
def edit_terms(event: Event) -> ResponseReturnValue:
    """How the desk works."""
    desk = queries.get_desk(db.session(), event_id=event.id)
    terms = queries.terms_of(db.session(), desk)
    more = {
        "fee_minor": terms.fee_minor or None,
        "drop_percent": terms.drop.percent if terms.drop else None,
        "drop_at": terms.drop.starts_at if terms.drop else None,
    }
    form = _terms_form(event, formdata=None, obj=desk, data=more)
    return render_template("trades/consignment/terms.html", event=event, desk=desk, form=form)


@manage_bp.post(f"{DESK}/terms")
@requires(Permission.TRADES_HOST)
def save_terms(event: Event) -> ResponseReturnValue:
    """Change it, while it is open."""
    slug, event_id, form = event.slug, event.id, _terms_form(event)
    desk = queries.get_desk(db.session(), event_id=event_id)
    try:
        if not form.validate_on_submit():
            return render_template("trades/consignment/terms.html", event=event, desk=desk, form=form), 422
        with transaction() as db_session:
            desk = queries.get_desk(db_session, event_id=event_id)
            services.change_terms(db_session, desk=desk, terms=form.terms(), by=actor(), now=utcnow())
    except DomainError as error:
        form.hang(error)
        desk = queries.get_desk(db.session(), event_id=event_id)
        return render_template("trades/consignment/terms.html", event=event, desk=desk, form=form), 422
    flash("Saved.", "ok")
    return redirect(url_for(".show_desk", slug=slug), 303)


@manage_bp.post(f"{DESK}/scans")
@requires(Permission.TRADES_HOST)
def scan(event: Event) -> ResponseReturnValue:
    """A label, a seller's number, a badge or a name."""
    desk, form = queries.get_desk(db.session(), event_id=event.id), ScanForm()
    if not form.validate_on_submit():
        return _desk(event, desk, scan=form), 422
    text = (form.code.data or "").strip()
    label = papers.read_label(text, desk_id=desk.id)
    if label is not None:
        lot = queries.find_lot(db.session(), desk_id=desk.id, number=label[0], place=label[1])
        if lot is None:
            form.code.errors = [f"There is no thing {label[1]} of seller {label[0]} here."]
            return _desk(event, desk, scan=form), 422
        return redirect(url_for(".show_desk", slug=event.slug, seller=label[0], thing=label[1]), 303)
    number = whole(text.removeprefix("#").strip(), 7)
    if number is None:
        people = queries.find_sellers(db.session(), desk=desk, text=text)
        if len(people) != 1:
            if not people:
                form.code.errors = ["No thing, seller, badge or name here fits. If they are new, add them below."]
            return _desk(event, desk, scan=form, people=people), 200 if people else 422
        number = people[0].number
    return redirect(url_for(".show_desk", slug=event.slug, seller=number), 303)


@manage_bp.post(f"{DESK}/sellers")
@requires(Permission.TRADES_HOST)
def add_seller(event: Event) -> ResponseReturnValue:
    """Somebody who has listed nothing before."""
    slug, event_id, form = event.slug, event.id, WalkInForm()
    desk = queries.get_desk(db.session(), event_id=event_id)
    if not form.validate_on_submit():
        return _desk(event, desk, walk_in=form), 422
    try:
        with transaction() as db_session:
            person_id, name = find_visitor(db_session, event_id=event_id, text=form.who.data or "")
            number = services.enroll(
                db_session,
                desk=queries.get_desk(db_session, event_id=event_id),
                person_id=person_id,
                name=name,
                by=actor(),
                now=utcnow(),
            ).number
    except DomainError as error:
        form.hang(error)
        return _desk(event, queries.get_desk(db.session(), event_id=event_id), walk_in=form), 422
    flash(f"They are seller {number}.", "ok")
    return redirect(url_for(".show_desk", slug=slug, seller=number), 303)


@manage_bp.post(f"{SELLER}/lots")
@requires(Permission.TRADES_HOST)
def add_lot(event: Event, seller_id: int) -> ResponseReturnValue:
    """A thing that somebody brings without having listed it: it is on sale at once."""
    slug, event_id, form = event.slug, event.id, lot_form(event)
    desk = queries.get_desk(db.session(), event_id=event_id)
    number = queries.get_seller(db.session(), seller_id, desk_id=desk.id).number
    try:
        if not form.validate_on_submit():
            return _desk(event, desk, number=number, form=form), 422
        with transaction() as db_session:
            desk = queries.get_desk(db_session, event_id=event_id)
            lot = services.list_lot(
                db_session,
                desk=desk,
                seller=queries.get_seller(db_session, seller_id, desk_id=desk.id),
                title=form.title.data or "",
                price_minor=form.price.data or 0,
                keeps_price=bool(form.keeps_price.data),
                is_here=True,
                by=actor(),
                now=utcnow(),
            )
            said = f"Thing {lot.place} of seller {number} is on sale."
    except DomainError as error:
        form.hang(error)
        return _desk(event, queries.get_desk(db.session(), event_id=event_id), number=number, form=form), 422
    flash(said, "ok")
    return redirect(url_for(".show_desk", slug=slug, seller=number), 303)


def _step(event: Event, do: Callable[[Session, Consignment], str], **where: Any) -> ResponseReturnValue:
    """One change at the desk, and back; what stood in the way is said there."""
    event_id = event.id
    back = url_for(".show_desk", slug=event.slug, **where)
    return take_step(lambda db_session: do(db_session, queries.get_desk(db_session, event_id=event_id)), back=back)


def _lot_step(
    event: Event, lot_id: int, do: Callable[[Session, Consignment, ConsignmentLot], str]
) -> ResponseReturnValue:
    desk = queries.get_desk(db.session(), event_id=event.id)
    lot = queries.get_lot(db.session(), lot_id, desk_id=desk.id)

    def step(db_session: Session, desk: Consignment) -> str:
        return do(db_session, desk, queries.get_lot(db_session, lot_id, desk_id=desk.id))

    return _step(event, step, seller=lot.seller.number, thing=lot.place)


@manage_bp.post(f"{SELLER}/intake")
@requires(Permission.TRADES_HOST)
def take_in_all(event: Event, seller_id: int) -> ResponseReturnValue:
    """Everything on somebody's list is here."""
    number = whole(request.form.get("number", ""), 7)

    def do(db_session: Session, desk: Consignment) -> str:
        seller = queries.get_seller(db_session, seller_id, desk_id=desk.id)
        lots = [row for row in queries.list_lots(db_session, seller_id=seller.id) if row.state.value == "listed"]
        count = services.take_in(db_session, desk=desk, lots=lots, by=actor(), now=utcnow())
        return f"{'1 thing is' if count == 1 else f'{count} things are'} on sale now."

    return _step(event, do, seller=number)


@manage_bp.post(f"{SELLER}/returns")
@requires(Permission.TRADES_HOST)
def give_back_all(event: Event, seller_id: int) -> ResponseReturnValue:
    """Everything unsold goes back to its seller."""
    number = whole(request.form.get("number", ""), 7)

    def do(db_session: Session, desk: Consignment) -> str:
        seller = queries.get_seller(db_session, seller_id, desk_id=desk.id)
        lots = queries.list_lots(db_session, seller_id=seller.id)
        count = services.give_back(db_session, desk=desk, lots=lots, by=actor(), now=utcnow())
        return f"{'1 thing is' if count == 1 else f'{count} things are'} given back."

    return _step(event, do, seller=number)


@manage_bp.post(f"{SELLER}/payouts")
@requires(Permission.TRADES_HOST)
def pay_out(event: Event, seller_id: int) -> ResponseReturnValue:
    """The money has gone over the desk."""
    number, seen = whole(request.form.get("number", ""), 7), whole(request.form.get("seen", ""), 15)
    currency = event.currency

    def do(db_session: Session, desk: Consignment) -> str:
        seller = queries.get_seller(db_session, seller_id, desk_id=desk.id)
        row = services.pay_out(db_session, desk=desk, seller=seller, seen_minor=seen or 0, by=actor(), now=utcnow())
        return f"Paid out: {plain_amount(row.paid_minor, currency)} {currency} to seller {seller.number}."

    return _step(event, do, seller=number)


@manage_bp.post(f"{LOT}/intake")
@requires(Permission.TRADES_HOST)
def take_in(event: Event, lot_id: int) -> ResponseReturnValue:
    """This thing is here."""

    def do(db_session: Session, desk: Consignment, lot: ConsignmentLot) -> str:
        services.take_in(db_session, desk=desk, lots=[lot], by=actor(), now=utcnow())
        return f"“{lot.title}” is on sale."

    return _lot_step(event, lot_id, do)


@manage_bp.get(f"{LOT}/price")
@requires(Permission.TRADES_HOST)
def edit_price(event: Event, lot_id: int) -> ResponseReturnValue:
    """A lower price, with its seller's word."""
    desk = queries.get_desk(db.session(), event_id=event.id)
    lot = queries.get_lot(db.session(), lot_id, desk_id=desk.id)
    drop = queries.drop_of(db.session(), desk_id=desk.id)
    return render_template(PRICE_PAGE, event=event, desk=desk, lot=lot, drop=drop, form=price_form(event, lot))


@manage_bp.post(f"{LOT}/price")
@requires(Permission.TRADES_HOST)
def save_price(event: Event, lot_id: int) -> ResponseReturnValue:
    """It costs that from now on."""
    desk = queries.get_desk(db.session(), event_id=event.id)
    lot = queries.get_lot(db.session(), lot_id, desk_id=desk.id)
    back = url_for(".show_desk", slug=event.slug, seller=lot.seller.number, thing=lot.place)
    return reprice(event, lot_id, page=PRICE_PAGE, back=back)


@manage_bp.post(f"{LOT}/sale")
@requires(Permission.TRADES_HOST)
def sell(event: Event, lot_id: int) -> ResponseReturnValue:
    """Somebody has bought it."""
    seen = whole(request.form.get("seen", ""), 15)

    def do(db_session: Session, desk: Consignment, lot: ConsignmentLot) -> str:
        services.sell(db_session, desk=desk, lot=lot, seen_minor=seen or 0, by=actor(), now=utcnow())
        return f"“{lot.title}” is sold."

    return _lot_step(event, lot_id, do)


@manage_bp.post(f"{LOT}/sale/removal")
@requires(Permission.TRADES_HOST)
def undo_sale(event: Event, lot_id: int) -> ResponseReturnValue:
    """That was a slip."""

    def do(db_session: Session, desk: Consignment, lot: ConsignmentLot) -> str:
        services.undo_sale(db_session, desk=desk, lot=lot, by=actor(), now=utcnow())
        return f"“{lot.title}” is on sale again."

    return _lot_step(event, lot_id, do)


@manage_bp.post(f"{LOT}/return")
@requires(Permission.TRADES_HOST)
def give_back(event: Event, lot_id: int) -> ResponseReturnValue:
    """Its seller takes it back."""

    def do(db_session: Session, desk: Consignment, lot: ConsignmentLot) -> str:
        services.give_back(db_session, desk=desk, lots=[lot], by=actor(), now=utcnow())
        return f"“{lot.title}” is given back."

    return _lot_step(event, lot_id, do)


@manage_bp.post(f"{DESK}/price-drop")
@requires(Permission.TRADES_HOST)
def lower_prices(event: Event) -> ResponseReturnValue:
    """It is time: everything unsold costs less."""

    def do(db_session: Session, desk: Consignment) -> str:
        count = services.lower_prices(db_session, desk=desk, by=actor(), now=utcnow())
        return f"{'1 thing costs' if count == 1 else f'{count} things cost'} less now. Scanning shows the new price."

    return _step(event, do)


@manage_bp.post(f"{DESK}/state")
@requires(Permission.TRADES_HOST)
def switch_desk(event: Event) -> ResponseReturnValue:
    """The sale is over, or goes on."""
    target = DeskState.OPEN if request.form.get("state") == "open" else DeskState.CLOSED

    def do(db_session: Session, desk: Consignment) -> str:
        services.switch_desk(db_session, desk=desk, target=target, by=actor(), now=utcnow())
        return "The sale goes on." if target is DeskState.OPEN else "The sale is over."

    return _step(event, do)


@manage_bp.post(f"{DESK}/labels")
@requires(Permission.TRADES_HOST)
def make_labels(event: Event) -> ResponseReturnValue:
    """A label for each thing, of everybody or of one seller, as a PDF."""
    event_id, seller_id = event.id, whole(request.form.get("seller_id", ""), 15)
    with transaction() as db_session:
        desk = queries.get_desk(db_session, event_id=event_id)
        payload = {"desk_id": desk.id} | ({"seller_id": seller_id} if seller_id else {})
        if not papers.list_labeled(db_session, payload):
            raise NoSuchLot("There is nothing to print a label for.")
        token = request_document(db_session, kind=papers.LABELS, payload=payload, now=utcnow(), event_id=event_id)
    return redirect(url_for("documents.show_document", token=token), 303)


@manage_bp.get(f"{DESK}/list")
@requires(Permission.TRADES_HOST)
def print_list(event: Event) -> ResponseReturnValue:
    """The paper for when the network is down: everybody's things with prices, to tick what is sold."""
    desk = queries.get_desk(db.session(), event_id=event.id)
    accounts, drop = queries.list_accounts(db.session(), desk=desk), queries.drop_of(db.session(), desk_id=desk.id)
    later = {lot.id: queries.price_after(desk, drop, lot) for row in accounts for lot in row.lots} if drop else {}
    page = "trades/consignment/print.html"
    return render_template(page, event=event, desk=desk, accounts=accounts, drop=drop, later=later, now=utcnow())


@manage_bp.get(f"{SELLER}/statement")
@requires(Permission.TRADES_HOST)
def print_statement(event: Event, seller_id: int) -> ResponseReturnValue:
    """One seller's things and money, to print and sign."""
    desk = queries.get_desk(db.session(), event_id=event.id)
    account = queries.account_of(
        db.session(), desk=desk, seller=queries.get_seller(db.session(), seller_id, desk_id=desk.id)
    )
    return render_template("trades/consignment/statement.html", event=event, desk=desk, account=account, now=utcnow())


@manage_bp.get(f"{DESK}/list.csv")
@requires(Permission.TRADES_HOST)
def download_list(event: Event) -> ResponseReturnValue:
    """Every thing for a spreadsheet."""
    desk = queries.get_desk(db.session(), event_id=event.id)
    rows = [
        (
            account.seller.number,
            account.seller.name,
            lot.place,
            lot.title,
            plain_amount(lot.price_minor, event.currency),
            rules.LOT_LABELS[lot.state][1],
            "yes" if lot.payout_id is not None else "",
        )
        for account in queries.list_accounts(db.session(), desk=desk)
        for lot in account.lots
    ]
    header = ("Seller", "Name", "Thing", "What it is", f"Price ({event.currency})", "State", "Paid out")
    return csv_response(csv_lines(header, rows), "bring-and-buy.csv")
