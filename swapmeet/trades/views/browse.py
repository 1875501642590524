"""Browsing and searching what people trade, one listing, and its pictures."""

from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile, find_public_file, read_file
from swapmeet.trades import catalog, queries, rules, vocab
from swapmeet.trades.models import Listing
from swapmeet.trades.services.photos import PURPOSE
from swapmeet.trades.views.blueprint import bp, viewer_id
from swapmeet.web.access import public
from swapmeet.web.assets import show_tabs
from swapmeet.web.paging import page_number
from swapmeet.web.security import limit


@bp.get("/trades")
@public
@limit("240 per minute")
def browse_all() -> ResponseReturnValue:
    """Everything on offer at the shows to come."""
    events = queries.list_trading_events(db.session(), now=utcnow())
    context = _found([event.id for event in events])
    return render_template("trades/browse_all.html", events=events, **context)


@bp.get("/shows/<slug>/trades")
@public
@limit("240 per minute")
def browse(slug: str) -> ResponseReturnValue:
    """What people trade at one show."""
    event = get_public_event(db.session(), slug)
    floor = queries.floor_of(event, utcnow())
    shown = [event.id] if floor in (rules.Floor.OPEN, rules.Floor.CLOSED) else []
    return render_template(
        "trades/browse.html",
        event=event,
        tabs_of_show=show_tabs(event),
        floor=floor,
        terms=queries.get_terms(db.session(), event_id=event.id),
        **_found(shown),
    )


def _found(event_ids: list[int]) -> dict[str, Any]:
    filters = catalog.read_filters(request.args)
    db_session = db.session()
    found = catalog.find_listings(
        db_session,
        event_ids=event_ids,
        filters=filters,
        number=page_number(),
        without_owners=queries.list_strangers(db_session, viewer_id()),
    )
    facets = found.facets
    return {
        "filters": filters,
        "without": _address_without,
        "page": found.page,
        "facets": facets,
        "choices": {
            "category": facets.options("category", [(r.code, r.label) for r in vocab.CATEGORIES], filters.category),
            "scale": facets.options("scale", [(r.code, r.label) for r in vocab.SCALES], filters.scale),
            "condition": facets.options(
                "condition", [(r.code, f"{r.label} or better") for r in vocab.CONDITIONS], filters.condition
            ),
            "intent": facets.options(
                "intent", [(i.value, vocab.INTENT_LABELS[i]) for i in vocab.Intent], filters.intent
            ),
        },
    }


def _address_without(name: str) -> str:
    """This page without one of its filters, from its first page on."""
    kept = {key: value for key, value in request.args.items() if key not in (name, "page") and value}
    if name == "scale":
        kept.pop("near", None)
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept})


@bp.get("/trades/<int:listing_id>")
@public
def show_listing(listing_id: int) -> ResponseReturnValue:
    """One listing with its photos, and what the viewer can do about it."""
    db_session = db.session()
    me = viewer_id()
    listing = queries.get_listing(db_session, listing_id, viewer_id=me)
    return render_template(
        "trades/listing.html",
        event=listing.event,
        listing=listing,
        is_mine=me == listing.owner_id,
        is_blocked=me is not None and queries.are_blocked(db_session, me, listing.owner_id),
        floor=queries.floor_of(listing.event, utcnow()),
        others=_others(listing),
    )


def _others(listing: Listing) -> list[Listing]:
    """More by the same person at this show."""
    return queries.list_tradeable(
        db.session(), owner_id=listing.owner_id, event_id=listing.event_id, but_not=[listing.id], limit=4
    )


@bp.get("/files/<path:key>")
@public
def photo(key: str) -> ResponseReturnValue:
    """A picture of a listing. Its name never comes back for other bytes, so it may be kept for ever."""
    row = find_public_file(db.session(), key=key, purpose=PURPOSE)
    if row is None:
        abort(404)
    try:
        return _picture(row, read_file(row.key))
    except FileNotFoundError:
        abort(404)


def _picture(row: StoredFile, content: bytes) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = row.content_type
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
