"""Report a listing or a person, block somebody, and undo a block."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.trades import queries, rules
from swapmeet.trades.forms import ReportForm
from swapmeet.trades.models import Listing, Offer, ReportReason
from swapmeet.trades.services import safety as services
from swapmeet.trades.views.blueprint import bp, own_id
from swapmeet.web.access import actor, signed_in
from swapmeet.web.security import limit


@bp.get("/trades/<int:listing_id>/report")
@signed_in
def new_listing_report(listing_id: int) -> ResponseReturnValue:
    """The form to report a listing."""
    listing = queries.get_listing(db.session(), listing_id, viewer_id=own_id())
    return _page(ReportForm(), listing=listing)


@bp.post("/trades/<int:listing_id>/report")
@signed_in
@limit("20 per hour")
def report_listing(listing_id: int) -> ResponseReturnValue:
    """Ask the show's team to look at a listing."""
    form = ReportForm()
    listing = queries.get_listing(db.session(), listing_id, viewer_id=own_id())
    if not form.validate_on_submit():
        return _page(form, listing=listing), 422
    try:
        _report(form, event_id=listing.event_id, person_id=listing.owner_id, listing_id=listing_id)
    except DomainError as error:
        return _again(form, error, listing=queries.get_listing(db.session(), listing_id, viewer_id=own_id()))
    flash("Thank you. The show's team will look at it.", "ok")
    return redirect(url_for(".show_listing", listing_id=listing_id), 303)


@bp.get("/me/trades/offers/<int:offer_id>/report")
@signed_in
def new_person_report(offer_id: int) -> ResponseReturnValue:
    """The form to report the other side of an offer."""
    return _page(ReportForm(), offer=queries.get_offer(db.session(), offer_id, person_id=own_id()))


@bp.post("/me/trades/offers/<int:offer_id>/report")
@signed_in
@limit("20 per hour")
def report_person(offer_id: int) -> ResponseReturnValue:
    """Ask the show's team to look at the other side of an offer."""
    form = ReportForm()
    offer = queries.get_offer(db.session(), offer_id, person_id=own_id())
    if not form.validate_on_submit():
        return _page(form, offer=offer), 422
    _report(form, event_id=offer.event_id, person_id=_other(offer), listing_id=None)
    flash("Thank you. The show's team will look at it.", "ok")
    return redirect(url_for(".show_offer", offer_id=offer_id), 303)


def _report(form: ReportForm, *, event_id: int, person_id: int, listing_id: int | None) -> None:
    with transaction() as db_session:
        listing = None if listing_id is None else queries.get_listing(db_session, listing_id, viewer_id=own_id())
        services.report(
            db_session,
            event_id=event_id,
            person_id=person_id,
            listing=listing,
            reporter_id=own_id(),
            reason=ReportReason(form.reason.data),
            note=form.note.data or "",
            by=actor(),
            now=utcnow(),
        )


def _page(form: ReportForm, *, listing: Listing | None = None, offer: Offer | None = None) -> str:
    if offer is not None:
        other = offer.to_person if offer.from_id == own_id() else offer.from_person
        name, event = rules.short_name(other.name), offer.event
    else:
        assert listing is not None
        name, event = rules.short_name(listing.owner.name), listing.event
    return render_template("trades/report.html", form=form, listing=listing, offer=offer, name=name, event=event)


def _again(form: ReportForm, error: DomainError, *, listing: Listing) -> ResponseReturnValue:
    form.hang(error)
    return _page(form, listing=listing), 422


def _other(offer: Offer) -> int:
    return offer.to_id if offer.from_id == own_id() else offer.from_id


@bp.get("/me/trades/blocks")
@signed_in
def blocks() -> ResponseReturnValue:
    """Whom I have blocked."""
    return render_template("trades/blocks.html", blocks=queries.list_blocks(db.session(), blocker_id=own_id()))


@bp.post("/trades/<int:listing_id>/block")
@signed_in
@limit("60 per hour")
def block_owner(listing_id: int) -> ResponseReturnValue:
    """No offers or messages between me and the person behind a listing."""
    listing = queries.get_listing(db.session(), listing_id, viewer_id=own_id())
    return _block(listing.owner_id)


@bp.post("/me/trades/offers/<int:offer_id>/block")
@signed_in
def block_other(offer_id: int) -> ResponseReturnValue:
    """No offers or messages between me and the other side of an offer."""
    return _block(_other(queries.get_offer(db.session(), offer_id, person_id=own_id())))


def _block(person_id: int) -> ResponseReturnValue:
    try:
        with transaction() as db_session:
            services.block_person(db_session, blocker_id=own_id(), blocked_id=person_id, by=actor(), now=utcnow())
    except DomainError as error:
        flash(error.message, "bad")
        return redirect(url_for(".my_trades"), 303)
    flash(
        "Blocked. They can neither write to you nor make you offers. An agreed trade is not called off by this.", "ok"
    )
    return redirect(url_for(".blocks"), 303)


@bp.post("/me/trades/blocks/<int:block_id>/removal")
@signed_in
def unblock(block_id: int) -> ResponseReturnValue:
    """Undo a block."""
    with transaction() as db_session:
        services.unblock(db_session, block_id=block_id, blocker_id=own_id(), by=actor(), now=utcnow())
    flash("The block is gone.", "ok")
    return redirect(url_for(".blocks"), 303)
