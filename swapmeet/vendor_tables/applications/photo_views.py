"""Photos on an application: the vendor adds and removes them while it is open; the team and reviewers look at them."""

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.events.queries import get_public_event
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile
from swapmeet.infra.pictures import PictureRefused
from swapmeet.infra.uow import transaction
from swapmeet.kernel.errors import DomainError, NotFound
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.errors import NoApplication
from swapmeet.vendor_tables.applications.forms import PhotosForm
from swapmeet.vendor_tables.applications.manage import bp as manage_bp
from swapmeet.vendor_tables.applications.models import MOST_PHOTOS, Application
from swapmeet.vendor_tables.applications.services import photos as services
from swapmeet.vendor_tables.applications.views import bp
from swapmeet.web.access import actor, requires, signed_in
from swapmeet.web.errors import STATUS
from swapmeet.web.fragments import render
from swapmeet.web.security import limit
from swapmeet.web.uploads import private_file, read_pictures

PHOTOS = "/shows/<slug>/application/photos"


def _own(db_session: Session, slug: str) -> tuple[Event, Application]:
    event = get_public_event(db_session, slug)
    found = queries.find_own(db_session, event_id=event.id, person_id=current_user.id)
    if found is None:
        raise NoApplication("You have no application at this show.")
    return event, found


@bp.get(PHOTOS)
@signed_in
def list_photos(slug: str) -> ResponseReturnValue:
    """The photos, with a place for more."""
    _event, application = _own(db.session(), slug)
    if not application.is_writable_at(utcnow()):
        flash(services.LOCKED, "info")
        return redirect(url_for(".show_own", slug=slug), 303)
    return _page(slug, PhotosForm(formdata=None))


def _page(slug: str, form: PhotosForm) -> str:
    event, application = _own(db.session(), slug)
    selling = queries.find_selling(db.session(), event_id=event.id)
    photos = queries.list_photos(db.session(), application_id=application.id)
    good = sum(1 for photo in photos if not photo.problem)
    return render(
        "vendor_tables/applications/photos.html",
        "vendor_tables/applications/_photos.html",
        event=event,
        photos=photos,
        room=max(0, selling.most_photos - good) if selling is not None else 0,
        form=form,
    )


@bp.post(PHOTOS)
@signed_in
@limit("60 per hour")
def add_photos(slug: str) -> ResponseReturnValue:
    """Keep the files that pass the first look; one bad file stops them all, with its name."""
    form = PhotosForm()
    if not form.validate_on_submit():
        return _page(slug, form), 422
    try:
        uploads = read_pictures(form.photos, most=MOST_PHOTOS, alt=form.alt.data or "")
        if not uploads:
            raise PictureRefused("Choose a photo first.", field="photos")
        with transaction() as db_session:
            _event, application = _own(db_session, slug)
            services.add_photos(db_session, application=application, uploads=uploads, by=actor(), now=utcnow())
    except NotFound:
        raise
    except DomainError as error:
        form.hang(error)
        return _page(slug, form), STATUS[error.kind]
    flash("Your photos are being prepared. You can go on meanwhile.", "ok")
    return redirect(url_for(".list_photos", slug=slug), 303)


@bp.post(PHOTOS + "/<int:photo_id>/removal")
@signed_in
def remove_photo(slug: str, photo_id: int) -> ResponseReturnValue:
    """Take one photo away."""
    try:
        with transaction() as db_session:
            _event, application = _own(db_session, slug)
            photo = queries.get_photo(db_session, application_id=application.id, photo_id=photo_id)
            services.remove_photo(db_session, application=application, photo=photo, by=actor(), now=utcnow())
        flash("The photo is gone.", "ok")
    except NotFound:
        raise
    except DomainError as error:
        flash(error.message, "bad")
    return redirect(url_for(".list_photos", slug=slug), 303)


@bp.get(PHOTOS + "/<int:photo_id>/<size>")
@signed_in
def show_photo(slug: str, photo_id: int, size: str) -> Response:
    """A photo of one's own application."""
    _event, application = _own(db.session(), slug)
    return _picture(application.id, photo_id, size)


@manage_bp.get("/manage/shows/<slug>/applications/<int:application_id>/photos/<int:photo_id>/<size>")
@requires(Permission.VENDORS_VIEW)
def show_photo_to_team(event: Event, application_id: int, photo_id: int, size: str) -> Response:
    """A photo of an application that was sent."""
    application = queries.get_application(db.session(), event_id=event.id, application_id=application_id)
    return _picture(application.id, photo_id, size)


@manage_bp.get("/manage/shows/<slug>/applications/review/<int:application_id>/photos/<int:photo_id>/<size>")
@requires(Permission.VENDORS_SCORE)
def show_photo_to_reviewer(event: Event, application_id: int, photo_id: int, size: str) -> Response:
    """A photo of what a reviewer has to score."""
    mine = queries.list_to_score(db.session(), event_id=event.id, reviewer_id=current_user.id)
    if application_id not in {row.id for row, _ in mine}:
        raise NoApplication("There is no such photo.")
    return _picture(application_id, photo_id, size)


def _picture(application_id: int, photo_id: int, size: str) -> Response:
    photo = queries.get_photo(db.session(), application_id=application_id, photo_id=photo_id)
    file_id = {"large": photo.large_id, "small": photo.small_id}.get(size)
    return private_file(db.session.get(StoredFile, file_id) if file_id else None)
