"""Show files between upload and confirmation: private to the person and the organizer, gone after a day."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.accounts.models import Organizer
from swapmeet.infra.files import FileState, StoredFile, delete_bytes, read_file, save_file
from swapmeet.kernel.errors import NotFound

PURPOSE = "show.import"
KEEP = timedelta(days=1)


def keep(db_session: Session, content: bytes, *, organizer: Organizer, person_id: int, now: datetime) -> StoredFile:
    """Store an upload for its preview."""
    return save_file(
        db_session,
        content,
        purpose=_purpose(organizer),
        suffix=".json",
        content_type="application/json",
        now=now,
        state=FileState.INCOMING,
        owner_id=person_id,
    )


def get_content(db_session: Session, *, organizer: Organizer, person_id: int, file_id: int) -> bytes:
    """The bytes of an upload. Raises NotFound when it is another person's or organizer's, or was tidied away."""
    row = db_session.scalar(
        select(StoredFile).where(
            StoredFile.id == file_id, StoredFile.purpose == _purpose(organizer), StoredFile.owner_id == person_id
        )
    )
    if row is None:
        raise NotFound("This upload is not there any more. Upload the file again.")
    try:
        return read_file(row.key)
    except FileNotFoundError as error:
        raise NotFound("This upload is not there any more. Upload the file again.") from error


def sweep(db_session: Session, *, now: datetime) -> None:
    """Remove uploads older than a day, rows and bytes."""
    old = select(StoredFile).where(StoredFile.purpose.startswith(f"{PURPOSE}."), StoredFile.created_at < now - KEEP)
    for row in db_session.scalars(old.limit(200)):
        delete_bytes(row.key)
        db_session.delete(row)


def _purpose(organizer: Organizer) -> str:
    return f"{PURPOSE}.{organizer.id}"
