"""Photos on an application: kept as sent until a heavy job has made them safe, then only the new pictures stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from swapmeet.infra import files, pictures
from swapmeet.infra.audit import record
from swapmeet.infra.db import db
from swapmeet.infra.files import StoredFile
from swapmeet.infra.forgetting import forget_files
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.pictures import Upload
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.vendor_tables.applications import queries
from swapmeet.vendor_tables.applications.errors import NotWritable, TooManyPhotos
from swapmeet.vendor_tables.applications.models import Application, ApplicationPhoto

JOB = "application.photo"
PURPOSE = "application.photo"
LOCKED = "Your application has been sent, so its photos stay as they are. Write to the organizer to have it opened for changes."


def add_photos(
    db_session: Session, *, application: Application, uploads: Sequence[Upload], by: Actor, now: datetime
) -> None:
    """Keep the files and ask for their encoding. Raises NotWritable, TooManyPhotos; then none is kept."""
    _open(db_session, application, now)
    selling = queries.find_selling(db_session, event_id=application.event_id)
    most = selling.most_photos if selling is not None else 0
    present = [photo for photo in queries.list_photos(db_session, application_id=application.id) if not photo.problem]
    if len(present) + len(uploads) > most:
        room = max(0, most - len(present))
        words = f"There is room for {room} more." if room else "Remove one first."
        raise TooManyPhotos(f"This show takes {most} photos at most. {words}", field="photos" if room else "")
    for upload in uploads:
        _add(db_session, application, upload, now)
    record(db_session, now=now, by=by, verb="application.photos_added", subject=application, count=len(uploads))


def _open(db_session: Session, application: Application, now: datetime) -> None:
    """Lock it and see that the vendor may still change it."""
    lock(db_session, application)
    if not application.is_writable_at(now):
        raise NotWritable(LOCKED)


def _add(db_session: Session, application: Application, upload: Upload, now: datetime) -> None:
    incoming = files.save_incoming(
        db_session,
        upload,
        purpose=PURPOSE,
        now=now,
        event_id=application.event_id,
        owner_id=application.vendor.person_id,
    )
    photo = ApplicationPhoto(
        event_id=application.event_id,
        application_id=application.id,
        alt=upload.alt[:200],
        incoming_id=incoming.id,
        created_at=now,
    )
    db_session.add(photo)
    db_session.flush()
    enqueue(db_session, JOB, {"photo_id": photo.id}, key=f"{JOB}-{photo.id}", now=now)


def remove_photo(
    db_session: Session, *, application: Application, photo: ApplicationPhoto, by: Actor, now: datetime
) -> None:
    """Take a photo and its files away. Raises NotWritable."""
    _open(db_session, application, now)
    forget_photos(db_session, [photo], now=now)
    record(db_session, now=now, by=by, verb="application.photo_removed", subject=application)


def forget_photos(db_session: Session, photos: Sequence[ApplicationPhoto], *, now: datetime) -> None:
    """Delete photos and their files."""
    ids = [file_id for photo in photos for file_id in (photo.incoming_id, photo.large_id, photo.small_id) if file_id]
    for photo in photos:
        db_session.delete(photo)
    db_session.flush()
    forget_files(db_session, ids, now=now)


# The heavy job. `prepare` runs in a child process, outside any transaction.


def prepare_photo(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Two safe pictures of what was sent, or what is wrong with it."""
    photo = db.session.get(ApplicationPhoto, int(payload["photo_id"]))
    row = db.session.get(StoredFile, photo.incoming_id) if photo is not None and photo.incoming_id else None
    if row is None:
        return {}
    try:
        encoded = pictures.encode(files.read_file(row.key))
    except pictures.PictureRefused as error:
        return {"problem": error.message}
    return {"large": encoded.large, "small": encoded.small}


def finish_photo(
    db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Mapping[str, Any]
) -> None:
    """Point the photo at its pictures, or at its problem, and let the file as sent go."""
    photo = db_session.get(ApplicationPhoto, int(payload["photo_id"]))
    if not prepared or photo is None:
        return
    photo.problem = str(prepared.get("problem", ""))[:300]
    if not photo.problem:
        attach(db_session, photo, prepared, now=now)
    if photo.incoming_id is not None:
        forget_files(db_session, [photo.incoming_id], now=now, problem=photo.problem)


def attach(db_session: Session, photo: ApplicationPhoto, made: Mapping[str, bytes], *, now: datetime) -> None:
    """Store both pictures and point the photo at them."""
    application = db_session.get_one(Application, photo.application_id)
    photo.large_id, photo.small_id = (
        files.save_file(
            db_session,
            made[size],
            purpose=PURPOSE,
            suffix=".webp",
            content_type="image/webp",
            now=now,
            event_id=photo.event_id,
            owner_id=application.vendor.person_id,
        ).id
        for size in ("large", "small")
    )
    db_session.flush()
