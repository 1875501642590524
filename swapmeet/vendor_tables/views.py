"""Public pages: the picker, the live state of the floor, the vendors of a show; and a vendor's own pages."""

from functools import partial

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from swapmeet.events.queries import get_public_event
from swapmeet.infra import codes
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import NotFound
from swapmeet.kernel.numbers import whole
from swapmeet.orders import cookies
from swapmeet.orders.queries import find_cart
from swapmeet.vendor_tables import directory, queries
from swapmeet.vendor_tables.applications import queries as application_queries
from swapmeet.vendor_tables.applications import states
from swapmeet.vendor_tables.documents import queries as document_queries
from swapmeet.vendor_tables.floor_tags import find_recent_version
from swapmeet.vendor_tables.forms import ProfileForm
from swapmeet.vendor_tables.picker import Asked, picker_page
from swapmeet.vendor_tables.services import profiles
from swapmeet.web.access import actor, public, signed_in
from swapmeet.web.fragments import not_modified, tagged
from swapmeet.web.paging import page_number
from swapmeet.web.security import limit

bp = Blueprint("vendor_tables", __name__)


@bp.get("/shows/<slug>/tables")
@public
def pick(slug: str) -> ResponseReturnValue:
    """Choose tables: the list first, the plan second."""
    db_session = db.session()
    event = get_public_event(db_session, slug)
    key = cookies.cart_key()
    page = picker_page(
        db_session,
        event=event,
        asked=Asked.of(request.args),
        person_id=current_user.id if current_user.is_authenticated else None,
        cart=find_cart(db_session, event_id=event.id, cart_key=key) if key else None,
        now=utcnow(),
    )
    return render_template("vendor_tables/pick.html", event=event, page=page, form_key=codes.link_key())


@bp.get("/shows/<slug>/tables/live.json")
@public
def live(slug: str) -> ResponseReturnValue:
    """Which places are not free. Public, without cookies; unchanged it costs at most one small query and answers 304."""
    db_session, now = db.session(), utcnow()
    version = find_recent_version(db_session, slug, now=now)
    if version is None:
        raise NotFound("There is no show at this address.")
    unchanged = not_modified(version.tag)
    if unchanged is not None:
        return unchanged
    return tagged(_state(version, request.args.get("period", ""), slug), version.tag)


def _state(version: queries.FloorVersion, period: str, slug: str) -> Response:
    """The body: ids of held and of taken places in one sale period (0 or unknown: none of either)."""
    period_id = whole(period, 17) or 0
    states = queries.live_states(db.session(), event_id=version.event_id, sale_period_id=period_id, now=utcnow())
    held = sorted(place_id for place_id, state in states.items() if state == "held")
    taken = sorted(place_id for place_id, state in states.items() if state == "taken")
    return jsonify(v=version.tag, held=held, taken=taken)


@bp.get("/shows/<slug>/vendors")
@public
@limit("120 per minute")
def list_vendors(slug: str) -> ResponseReturnValue:
    """Who will be there, where, with what."""
    db_session = db.session()
    event = get_public_event(db_session, slug)
    sought = directory.Sought(request.args.get("q", "")[:200], request.args.get("scale", "")[:20].replace("\x00", ""))
    page = directory.list_vendors(db_session, event=event, sought=sought, number=page_number())
    drawing = directory.draw_map(
        db_session,
        event=event,
        sought=sought,
        plan_id=whole(request.args.get("hall"), 17),
        period_id=whole(request.args.get("period"), 17),
        now=utcnow(),
        address=partial(url_for, ".list_vendors", slug=event.slug, _anchor="map-head"),
    )
    scales = directory.list_scales(db_session, event=event)
    return render_template(
        "vendor_tables/vendors.html", event=event, page=page, sought=sought, drawing=drawing, scales=scales
    )


@bp.get("/me/tables")
@signed_in
def my_tables() -> ResponseReturnValue:
    """A vendor's own tables in all shows."""
    mine = directory.list_own(db.session(), person_id=current_user.id, now=utcnow())
    vendor = queries.find_vendor_of(db.session(), person_id=current_user.id)
    applications = application_queries.list_own(db.session(), person_id=current_user.id)
    return render_template(
        "vendor_tables/mine.html",
        shows=mine,
        vendor=vendor,
        applications=applications,
        application_states=states,
        asking=document_queries.open_for(db.session(), vendor_id=vendor.id) if vendor is not None else [],
    )


@bp.route("/me/vendor", methods=["GET", "POST"])
@signed_in
def my_profile() -> ResponseReturnValue:
    """The vendor's own profile, for all shows."""
    vendor = queries.find_vendor_of(db.session(), person_id=current_user.id)
    form = ProfileForm(obj=vendor, data=None if vendor else {"name": current_user.name, "email": current_user.email})
    if not form.validate_on_submit():
        return render_template("vendor_tables/profile.html", form=form), 422 if form.is_submitted() else 200
    with transaction() as db_session:
        profiles.save_profile(db_session, person_id=current_user.id, by=actor(), now=utcnow(), **form.profile())
    flash("Your profile is saved. It is used for your next tables and in the list of vendors.", "ok")
    return redirect(url_for(".my_tables"), 303)
