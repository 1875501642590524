"""Photos of listings: kept as sent until a heavy job has made them safe, then only the new pictures stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import obstore
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from swapmeet.infra import files, pictures
from swapmeet.infra.audit import record
from swapmeet.infra.db import db
from swapmeet.infra.files import FileState, StoredFile
from swapmeet.infra.forgetting import forget_files
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.pictures import Upload
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades.errors import TooManyPhotos
from swapmeet.trades.models import MAX_PHOTOS, Listing, ListingPhoto

ENCODE_JOB = "picture.encode"
PURPOSE = "listing.photo"
INCOMING_PURPOSE = "listing.incoming"


def add_photos(db_session: Session, *, listing: Listing, uploads: Sequence[Upload], by: Actor, now: datetime) -> None:
    """Keep the files and ask for their encoding. Raises TooManyPhotos; then none is kept."""
    lock(db_session, listing)
    present = _photos_of(db_session, listing)
    room = MAX_PHOTOS - sum(1 for photo in present if not photo.problem)
    if len(uploads) > room:
        words = f"There is room for {room} more." if room else "Remove one first."
        raise TooManyPhotos(f"A listing has at most {MAX_PHOTOS} photos. {words}", field="photos", room=room)
    position = max((photo.position for photo in present), default=0)
    for upload in uploads:
        position += 1
        _add(db_session, listing, upload, position, now)
    record(db_session, now=now, by=by, verb="listing.photos_added", subject=listing, count=len(uploads))


def _add(db_session: Session, listing: Listing, upload: Upload, position: int, now: datetime) -> None:
    incoming = files.save_incoming(
        db_session, upload, purpose=INCOMING_PURPOSE, now=now, event_id=listing.event_id, owner_id=listing.owner_id
    )
    photo = ListingPhoto(
        event_id=listing.event_id,
        listing_id=listing.id,
        position=position,
        alt=upload.alt[:200],
        file_name=upload.file_name[:200],
        incoming_id=incoming.id,
        created_at=now,
    )
    db_session.add(photo)
    db_session.flush()
    enqueue(db_session, ENCODE_JOB, {"photo_id": photo.id}, key=f"picture-{photo.id}", now=now)


def describe_photo(db_session: Session, *, listing: Listing, photo: ListingPhoto, alt: str) -> None:
    """The words for people who cannot see it."""
    photo.alt = alt
    refresh_cover(db_session, listing)


def put_first(db_session: Session, *, listing: Listing, photo: ListingPhoto) -> None:
    """Make it the picture that lists show."""
    lock(db_session, listing)
    others = [other for other in _photos_of(db_session, listing) if other.id != photo.id]
    for position, one in enumerate([photo, *others], start=1):
        one.position = position
    refresh_cover(db_session, listing)


def remove_photo(db_session: Session, *, listing: Listing, photo: ListingPhoto, by: Actor, now: datetime) -> None:
    """Take a photo and its files away."""
    lock(db_session, listing)
    forget_photos(db_session, [photo], now=now)
    refresh_cover(db_session, listing)
    record(db_session, now=now, by=by, verb="listing.photo_removed", subject=listing)


def forget_photos(db_session: Session, photos: Sequence[ListingPhoto], *, now: datetime) -> None:
    """Delete photo rows and their files, without looking at covers."""
    ids = [file_id for photo in photos for file_id in (photo.incoming_id, photo.large_id, photo.small_id) if file_id]
    for photo in photos:
        db_session.delete(photo)
    db_session.flush()
    forget_files(db_session, ids, now=now)


def _photos_of(db_session: Session, listing: Listing) -> list[ListingPhoto]:
    statement = select(ListingPhoto).where(ListingPhoto.listing_id == listing.id)
    return list(db_session.scalars(statement.order_by(ListingPhoto.position, ListingPhoto.id)))


def refresh_cover(db_session: Session, listing: Listing) -> None:
    """Copy the first ready photo's small picture to the listing, so that lists need no further read."""
    db_session.flush()
    statement = (
        select(ListingPhoto.alt, StoredFile.key)
        .join(StoredFile, StoredFile.id == ListingPhoto.small_id)
        .where(ListingPhoto.listing_id == listing.id)
        .order_by(ListingPhoto.position, ListingPhoto.id)
        .limit(1)
    )
    first = db_session.execute(statement).one_or_none()
    listing.cover_alt, listing.cover_key = (first.alt, first.key) if first else ("", None)
    db_session.flush()


# The heavy job. `prepare` runs in a child process, outside any transaction; `finish` writes what came of it.


def prepare_photo(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Encode one upload and put the pictures into the store; or say what is wrong with it."""
    photo = db.session.get(ListingPhoto, int(payload["photo_id"]), options=[joinedload(ListingPhoto.incoming)])
    if photo is None or photo.incoming is None or photo.large_id is not None:
        return {}
    try:
        encoded = pictures.encode(files.read_file(photo.incoming.key))
    except pictures.PictureRefused as error:
        return {"problem": error.message}
    return put_pictures(encoded)


def put_pictures(encoded: pictures.Encoded) -> dict[str, Any]:
    """Both pictures into the store; returns what `attach` writes down about them."""
    return {
        "width": encoded.width,
        "height": encoded.height,
        "large": _put(encoded.large),
        "small": _put(encoded.small),
    }


def _put(content: bytes) -> dict[str, Any]:
    key = files.new_key(PURPOSE, ".webp")
    obstore.put(files.store(), key, content)
    return {"key": key, "size": len(content)}


def finish_photo(
    db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Mapping[str, Any]
) -> None:
    """Point the photo at its pictures, or at its problem, and let the file as sent go."""
    if not prepared:
        return
    photo = db_session.get(ListingPhoto, int(payload["photo_id"]))
    if photo is None:  # removed while its picture was made
        for size in ("large", "small"):
            if size in prepared:
                files.delete_bytes(prepared[size]["key"])
        return
    listing = db_session.get_one(Listing, photo.listing_id)
    lock(db_session, listing)
    if prepared.get("problem"):
        photo.problem = prepared["problem"]
    else:
        attach(db_session, photo=photo, listing=listing, prepared=prepared, now=now)
    if photo.incoming_id is not None:
        forget_files(db_session, [photo.incoming_id], now=now, problem=photo.problem)


def attach(
    db_session: Session, *, photo: ListingPhoto, listing: Listing, prepared: Mapping[str, Any], now: datetime
) -> None:
    """Rows for two stored pictures; the cover follows."""
    rows = {size: _row(listing, prepared[size], now) for size in ("large", "small")}
    db_session.add_all(rows.values())
    db_session.flush()
    photo.large_id, photo.small_id = rows["large"].id, rows["small"].id
    photo.width, photo.height = prepared["width"], prepared["height"]
    refresh_cover(db_session, listing)


def _row(listing: Listing, stored: Mapping[str, Any], now: datetime) -> StoredFile:
    return StoredFile(
        key=stored["key"],
        event_id=listing.event_id,
        owner_id=listing.owner_id,
        purpose=PURPOSE,
        content_type="image/webp",
        size_bytes=stored["size"],
        state=FileState.READY,
        is_public=listing.hidden_at is None,
        created_at=now,
    )
