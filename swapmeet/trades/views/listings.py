"""A person's own listings: write, change, photos, list, take back."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from swapmeet.accounts.queries import get_person
from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra import pictures
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.idempotency import find_answer, keep_answer
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError
from swapmeet.kernel.numbers import whole
from swapmeet.trades import queries, rules, vocab
from swapmeet.trades.forms import ListingForm, PhotoForm, PhotosForm
from swapmeet.trades.models import MAX_PHOTOS, Listing, ListingState
from swapmeet.trades.services import listings as services
from swapmeet.trades.services import photos as photo_services
from swapmeet.trades.views.blueprint import bp, own_id
from swapmeet.web.access import actor, signed_in
from swapmeet.web.forms import event_form
from swapmeet.web.fragments import render
from swapmeet.web.security import limit
from swapmeet.web.uploads import read_pictures


@bp.get("/shows/<slug>/trades/new")
@signed_in
def new_listing(slug: str) -> ResponseReturnValue:
    """The empty form, or why nothing can be listed."""
    event = get_public_event(db.session(), slug)
    return _form_page(event, _listing_form(event))


@bp.post("/shows/<slug>/trades/new")
@signed_in
@limit("60 per hour")
def create_listing(slug: str) -> ResponseReturnValue:
    """A draft; its photos come next. The same key sent twice makes one listing."""
    event = get_public_event(db.session(), slug)
    form = _listing_form(event)
    if not form.validate_on_submit():
        return _form_page(event, form), 422
    scope, content = f"listing-{own_id()}", f"{event.id}:{form.title.data}"
    try:
        with transaction() as db_session:
            answer = find_answer(db_session, scope=scope, key=form.key.data, content=content)
            if answer is None:
                fresh = get_public_event(db_session, slug)
                listing = services.write_draft(
                    db_session, event=fresh, owner_id=own_id(), says=_says(form), by=actor(), now=utcnow()
                )
                answer = str(listing.id)
                keep_answer(db_session, scope=scope, key=form.key.data, content=content, answer=answer, now=utcnow())
    except DomainError as error:
        form.hang(error)
        return _form_page(get_public_event(db.session(), slug), form), 422
    return redirect(url_for(".photos_of_listing", listing_id=int(answer)), 303)


@bp.get("/trades/<int:listing_id>/edit")
@signed_in
def edit_listing(listing_id: int) -> ResponseReturnValue:
    """The form with what the listing says now."""
    listing = queries.get_own_listing(db.session(), listing_id, owner_id=own_id())
    return _form_page(listing.event, _listing_form(listing.event, listing), listing)


@bp.post("/trades/<int:listing_id>/edit")
@signed_in
def change_listing(listing_id: int) -> ResponseReturnValue:
    """Save it, unless it was changed elsewhere since the page was opened."""
    listing = queries.get_own_listing(db.session(), listing_id, owner_id=own_id())
    form = _listing_form(listing.event)
    if not form.validate_on_submit():
        return _form_page(listing.event, form, listing), 422
    seen = form.seen.data or ""
    try:
        with transaction() as db_session:
            services.change_listing(
                db_session,
                listing=queries.get_own_listing(db_session, listing_id, owner_id=own_id()),
                says=_says(form),
                seen_version=whole(seen, 9) or 0,
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        form.hang(error)
        fresh = queries.get_own_listing(db.session(), listing_id, owner_id=own_id())
        return _form_page(fresh.event, form, fresh), 409
    flash("Saved.", "ok")
    return redirect(url_for(".show_listing", listing_id=listing_id), 303)


def _listing_form(event: Event, listing: Listing | None = None) -> ListingForm:
    values: dict[str, Any] = {}
    if listing is not None:
        names = ("title", "intent", "category", "scale", "condition", "completeness", "wants", "description")
        values = {name: getattr(listing, name) for name in names}
        values |= {"price": listing.price_minor, "seen": str(listing.version), "is_mine": True}
    form: ListingForm = event_form(ListingForm, zone_name=event.time_zone, currency=event.currency, data=values)
    return form


def _says(form: ListingForm) -> services.Says:
    return services.Says(
        title=form.title.data or "",
        category=form.category.data,
        scale=form.scale.data,
        condition=form.condition.data,
        completeness=form.completeness.data,
        intent=form.intent.data,
        description=form.description.data or "",
        wants=form.wants.data or "",
        price_minor=form.price.data,
    )


def _form_page(event: Event, form: ListingForm, listing: Listing | None = None) -> str:
    floor = queries.floor_of(event, utcnow())
    return render_template(
        "trades/listing_form.html",
        event=event,
        form=form,
        listing=listing,
        floor=floor,
        can_write=listing is not None or floor in (rules.Floor.SOON, rules.Floor.OPEN),
        banned=vocab.BANNED,
        terms=queries.get_terms(db.session(), event_id=event.id),
    )


@bp.get("/trades/<int:listing_id>/photos")
@signed_in
def photos_of_listing(listing_id: int) -> ResponseReturnValue:
    """The photos, with a place for more, and the button that lists it."""
    listing = queries.get_own_listing(db.session(), listing_id, owner_id=own_id())
    return _photos_page(listing, PhotosForm())


@bp.post("/trades/<int:listing_id>/photos")
@signed_in
@limit("60 per hour")
def add_photos(listing_id: int) -> ResponseReturnValue:
    """Keep the files that pass the first look; one bad file stops them all, with its name."""
    listing = queries.get_own_listing(db.session(), listing_id, owner_id=own_id())
    form = PhotosForm()
    fine = form.validate_on_submit()
    try:
        uploads = _uploads(form) if fine else []
        if uploads:
            with transaction() as db_session:
                photo_services.add_photos(
                    db_session,
                    listing=queries.get_own_listing(db_session, listing_id, owner_id=own_id()),
                    uploads=uploads,
                    by=actor(),
                    now=utcnow(),
                )
    except DomainError as error:
        form.hang(error)
        listing, fine = queries.get_own_listing(db.session(), listing_id, owner_id=own_id()), False
    if not fine:
        return _photos_page(listing, form), 422
    flash("Your photos are being prepared. You can go on meanwhile.", "ok")
    return redirect(url_for(".photos_of_listing", listing_id=listing_id), 303)


def _uploads(form: PhotosForm) -> list[pictures.Upload]:
    """What was sent, checked. Raises PictureRefused naming the file and the field."""
    uploads = read_pictures(form.photos, most=MAX_PHOTOS, alt=form.alt.data or "")
    if not uploads:
        raise pictures.PictureRefused("Choose a photo first.", field="photos")
    return uploads


def _photos_page(listing: Listing, form: PhotosForm) -> str:
    return render(
        "trades/photos.html",
        "trades/_photos.html",
        event=listing.event,
        listing=listing,
        form=form,
        room=MAX_PHOTOS - sum(1 for photo in listing.photos if not photo.problem),
        floor=queries.floor_of(listing.event, utcnow()),
    )


@bp.post("/trades/<int:listing_id>/photos/<int:photo_id>")
@signed_in
def describe_photo(listing_id: int, photo_id: int) -> ResponseReturnValue:
    """Save the words for one photo."""
    form = PhotoForm()
    fine = form.validate_on_submit()
    with transaction() as db_session:
        listing = queries.get_own_listing(db_session, listing_id, owner_id=own_id())
        photo = queries.get_own_photo(listing, photo_id)
        if fine:
            photo_services.describe_photo(db_session, listing=listing, photo=photo, alt=form.alt.data or "")
    flash("Saved." if fine else "Those words are too long: at most 200 characters.", "ok" if fine else "bad")
    return redirect(url_for(".photos_of_listing", listing_id=listing_id), 303)


@bp.post("/trades/<int:listing_id>/photos/<int:photo_id>/removal")
@signed_in
def remove_photo(listing_id: int, photo_id: int) -> ResponseReturnValue:
    """Take one photo away."""
    with transaction() as db_session:
        listing = queries.get_own_listing(db_session, listing_id, owner_id=own_id())
        photo = queries.get_own_photo(listing, photo_id)
        photo_services.remove_photo(db_session, listing=listing, photo=photo, by=actor(), now=utcnow())
    flash("The photo is gone.", "ok")
    return redirect(url_for(".photos_of_listing", listing_id=listing_id), 303)


@bp.post("/trades/<int:listing_id>/photos/<int:photo_id>/first")
@signed_in
def put_photo_first(listing_id: int, photo_id: int) -> ResponseReturnValue:
    """Make one photo the picture that lists show."""
    with transaction() as db_session:
        listing = queries.get_own_listing(db_session, listing_id, owner_id=own_id())
        photo = queries.get_own_photo(listing, photo_id)
        photo_services.put_first(db_session, listing=listing, photo=photo)
    return redirect(url_for(".photos_of_listing", listing_id=listing_id), 303)


@bp.post("/trades/<int:listing_id>/publication")
@signed_in
def publish_listing(listing_id: int) -> ResponseReturnValue:
    """List it, the first time or again."""
    try:
        with transaction() as db_session:
            listing = queries.get_own_listing(db_session, listing_id, owner_id=own_id())
            services.publish_listing(
                db_session,
                event=listing.event,
                listing=listing,
                owner=get_person(db_session, own_id()),
                by=actor(),
                now=utcnow(),
            )
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
        return redirect(url_for(".photos_of_listing", listing_id=listing_id), 303)
    flash("It is listed now. You will get a mail when somebody makes an offer.", "ok")
    return redirect(url_for(".show_listing", listing_id=listing_id), 303)


@bp.post("/trades/<int:listing_id>/withdrawal")
@signed_in
def withdraw_listing(listing_id: int) -> ResponseReturnValue:
    """Take it back; a draft is put away for good."""
    try:
        with transaction() as db_session:
            listing = queries.get_own_listing(db_session, listing_id, owner_id=own_id())
            was_draft = listing.state is ListingState.DRAFT
            services.withdraw_listing(db_session, listing=listing, by=actor(), now=utcnow())
    except DomainError as error:
        if error.kind == "not_found":
            raise
        flash(error.message, "bad")
    else:
        flash("The draft is put away." if was_draft else "It is off the list. You can list it again.", "ok")
    return redirect(url_for(".my_trades"), 303)
