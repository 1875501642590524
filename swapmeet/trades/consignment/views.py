"""The bring and buy desk as people see it: its terms, one's own things and what they brought."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.numbers import whole
from swapmeet.trades.consignment import queries, rules, services
from swapmeet.trades.consignment.errors import NoSuchLot
from swapmeet.trades.consignment.forms import LotForm, PriceForm
from swapmeet.trades.consignment.models import Consignment, ConsignmentLot, ConsignmentSeller
from swapmeet.trades.queries import name_of
from swapmeet.trades.views.blueprint import own_id, viewer_id
from swapmeet.trades.views.steps import take_step
from swapmeet.web.access import actor, public, signed_in
from swapmeet.web.assets import show_tabs
from swapmeet.web.forms import event_form
from swapmeet.web.security import limit

bp = Blueprint("consignment", __name__)
HERE = "/shows/<slug>/bring-and-buy"
PRICE_PAGE = "trades/consignment/price.html"


@bp.context_processor
def words() -> dict[str, Any]:
    return {"consignment_rules": rules}


def lot_form(event: Event, **kwargs: Any) -> LotForm:
    """A form for one thing, in the money of the show."""
    form: LotForm = event_form(LotForm, zone_name=event.time_zone, currency=event.currency, **kwargs)
    return form


@bp.get(HERE)
@public
@limit("240 per minute")
def show_desk(slug: str) -> ResponseReturnValue:
    """What the desk keeps, my things there and my money."""
    event = get_public_event(db.session(), slug)
    return _page(event, queries.get_desk(db.session(), event_id=event.id), lot_form(event, formdata=None))


def _page(event: Event, desk: Consignment, form: LotForm) -> str:
    db_session, me = db.session(), viewer_id()
    seller = queries.find_own_seller(db_session, desk_id=desk.id, person_id=me) if me is not None else None
    return render_template(
        "trades/consignment/show.html",
        event=event,
        desk=desk,
        tabs_of_show=show_tabs(event),
        fee=queries.fee_of(db_session, desk_id=desk.id),
        drop=queries.drop_of(db_session, desk_id=desk.id),
        account=queries.account_of(db_session, desk=desk, seller=seller) if seller else None,
        form=form,
    )


@bp.post(f"{HERE}/lots")
@signed_in
@limit("240 per hour")
def add_lot(slug: str) -> ResponseReturnValue:
    """One more thing of mine."""
    event = get_public_event(db.session(), slug)
    event_id, form = event.id, lot_form(event)
    desk = queries.get_desk(db.session(), event_id=event_id)
    if not form.validate_on_submit():
        return _page(event, desk, form), 422
    try:
        with transaction() as db_session:
            desk = queries.get_desk(db_session, event_id=event_id)
            lot = services.list_lot(
                db_session,
                desk=desk,
                seller=_enroll_me(db_session, desk),
                title=form.title.data or "",
                price_minor=form.price.data or 0,
                keeps_price=bool(form.keeps_price.data),
                by=actor(),
                now=utcnow(),
            )
            said = f"Listed. Your number is {lot.seller.number}, and this is thing {lot.place}."
    except DomainError as error:
        form.hang(error)
        return _page(get_public_event(db.session(), slug), queries.get_desk(db.session(), event_id=event_id), form), 422
    flash(said, "ok")
    return redirect(url_for(".show_desk", slug=slug), 303)


def _enroll_me(db_session: Session, desk: Consignment) -> ConsignmentSeller:
    name = name_of(db_session, own_id())
    return services.enroll(db_session, desk=desk, person_id=own_id(), name=name, by=actor(), now=utcnow())


@bp.get(f"{HERE}/lots/<int:lot_id>/price")
@signed_in
def edit_price(slug: str, lot_id: int) -> ResponseReturnValue:
    """Another price for a thing of mine."""
    event = get_public_event(db.session(), slug)
    desk = queries.get_desk(db.session(), event_id=event.id)
    lot = _own_lot(db.session(), lot_id, desk_id=desk.id)
    drop = queries.drop_of(db.session(), desk_id=desk.id)
    return render_template(PRICE_PAGE, event=event, desk=desk, lot=lot, drop=drop, form=price_form(event, lot))


@bp.post(f"{HERE}/lots/<int:lot_id>/price")
@signed_in
def save_price(slug: str, lot_id: int) -> ResponseReturnValue:
    """It costs that from now on."""
    event = get_public_event(db.session(), slug)
    _own_lot(db.session(), lot_id, desk_id=queries.get_desk(db.session(), event_id=event.id).id)
    return reprice(event, lot_id, page=PRICE_PAGE, back=url_for(".show_desk", slug=slug))


def price_form(event: Event, lot: ConsignmentLot | None = None, **kwargs: Any) -> PriceForm:
    """A form for another price, in the money of the show; with a thing it starts at what that costs."""
    if lot is not None:
        kwargs |= {
            "formdata": None,
            "data": {"price": lot.price_minor, "seen": f"{lot.price_minor}", "keeps_price": lot.keeps_price},
        }
    form: PriceForm = event_form(PriceForm, zone_name=event.time_zone, currency=event.currency, **kwargs)
    return form


def reprice(event: Event, lot_id: int, *, page: str, back: str) -> ResponseReturnValue:
    """Save another price; a fault is said on the page it came from. Whose thing it is was asked before."""
    event_id, slug, form = event.id, event.slug, price_form(event)
    try:
        if not form.validate_on_submit():
            return _price_page(slug, lot_id, page, form)
        with transaction() as db_session:
            desk = queries.get_desk(db_session, event_id=event_id)
            lot = queries.get_lot(db_session, lot_id, desk_id=desk.id)
            seen, price = whole(form.seen.data or "", 15) or 0, form.price.data or 0
            drop = queries.drop_of(db_session, desk_id=desk.id)
            asked = drop is not None and drop.done_at is None
            services.reprice_lot(
                db_session,
                desk=desk,
                lot=lot,
                price_minor=price,
                seen_minor=seen,
                keeps_price=bool(form.keeps_price.data) if asked else None,
                by=actor(),
                now=utcnow(),
            )
            said = f"“{lot.title}” has its new price."
    except DomainError as error:
        form.hang(error)
        return _price_page(slug, lot_id, page, form)
    flash(said, "ok")
    return redirect(back, 303)


def _price_page(slug: str, lot_id: int, page: str, form: PriceForm) -> ResponseReturnValue:
    event = db.session.scalars(select(Event).where(Event.slug == slug)).one()
    desk = queries.get_desk(db.session(), event_id=event.id)
    lot = queries.get_lot(db.session(), lot_id, desk_id=desk.id)
    form.seen.data = f"{lot.price_minor}"
    drop = queries.drop_of(db.session(), desk_id=desk.id)
    return render_template(page, event=event, desk=desk, lot=lot, drop=drop, form=form), 422


def _own_lot(db_session: Session, lot_id: int, *, desk_id: int) -> ConsignmentLot:
    """Raises NoSuchLot for somebody else's."""
    lot = queries.get_lot(db_session, lot_id, desk_id=desk_id)
    if lot.seller.person_id != own_id():
        raise NoSuchLot("You have no such thing at this desk.")
    return lot


@bp.post(f"{HERE}/lots/<int:lot_id>/removal")
@signed_in
def withdraw_lot(slug: str, lot_id: int) -> ResponseReturnValue:
    """I keep this one at home."""
    event_id = get_public_event(db.session(), slug).id

    def do(db_session: Session) -> str:
        desk = queries.get_desk(db_session, event_id=event_id)
        lot = _own_lot(db_session, lot_id, desk_id=desk.id)
        services.withdraw_lot(db_session, desk=desk, lot=lot, by=actor(), now=utcnow())
        return f"“{lot.title}” is off your list."

    return take_step(do, back=url_for(".show_desk", slug=slug))
