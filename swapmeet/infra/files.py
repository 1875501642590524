"""Files: one store (a folder, or S3) and one row for each file in it. Names are random, so nothing can be guessed or traversed."""

import os
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import obstore
from flask import current_app
from obstore.store import LocalStore, S3Store
from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.config import Settings
from swapmeet.infra.codes import badge_code
from swapmeet.infra.db import Model
from swapmeet.infra.pictures import Upload
from swapmeet.infra.types import BigId, enum_column, instant, pk


class FileState(StrEnum):
    INCOMING = "incoming"  # as uploaded, not shown to anybody
    READY = "ready"
    REFUSED = "refused"  # the content was not what it claimed to be; its bytes are gone


class StoredFile(Model):
    """One file of the store. `purpose` says who made it ("listing.photo", "ticket.pdf"); public ones may be fetched by key."""

    __tablename__ = "stored_file"

    id: Mapped[pk]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    owner_id: Mapped[int | None] = mapped_column(BigId)
    purpose: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigId)
    state: Mapped[FileState] = mapped_column(enum_column(FileState))
    is_public: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[instant]
    problem: Mapped[str] = mapped_column(String(300), default="")

    __table_args__ = (Index("ix_stored_file_owner", "owner_id"),)


def open_store(settings: Settings) -> Any:
    """The store named by STORAGE_URL, else the files folder of the instance."""
    if settings.storage_url.startswith("s3://"):
        bucket, _, prefix = settings.storage_url.removeprefix("s3://").partition("/")
        return S3Store(bucket, prefix=prefix or None)
    folder = Path(settings.storage_url.removeprefix("file://")) if settings.storage_url else settings.files_folder
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder)


_used_in: int | None = None


def store() -> Any:
    """The store of the application. Raises RuntimeError in a fork of a process that has used it: there it would hang."""
    global _used_in
    if _used_in not in (None, os.getpid()):
        raise RuntimeError("this process was forked after the file store had been used; start a fresh one instead")
    _used_in = os.getpid()
    return current_app.extensions["swapmeet_store"]


def was_used_here() -> bool:
    """Has this process used the store, so that no fork of it may?"""
    return _used_in == os.getpid()


def new_key(purpose: str, suffix: str) -> str:
    """A fresh key such as listing.photo/7K…Q.webp: two random letters spread the folder."""
    name = badge_code()
    return f"{purpose}/{name[:2]}/{name}{suffix}"


def save_file(
    db_session: Session,
    content: bytes,
    *,
    purpose: str,
    suffix: str,
    content_type: str,
    now: datetime,
    state: FileState = FileState.READY,
    event_id: int | None = None,
    owner_id: int | None = None,
    is_public: bool = False,
) -> StoredFile:
    """Write the bytes, then add the row. If the transaction fails the bytes stay behind unnamed; `sweep_orphans` removes them."""
    key = new_key(purpose, suffix)
    obstore.put(store(), key, content)
    row = StoredFile(
        key=key,
        event_id=event_id,
        owner_id=owner_id,
        purpose=purpose,
        content_type=content_type,
        size_bytes=len(content),
        state=state,
        is_public=is_public,
        created_at=now,
    )
    db_session.add(row)
    db_session.flush()
    return row


def save_incoming(
    db_session: Session,
    upload: Upload,
    *,
    purpose: str,
    now: datetime,
    event_id: int | None = None,
    owner_id: int | None = None,
) -> StoredFile:
    """Keep a picture as it was sent, for the job that makes it safe. Nobody is shown it before."""
    return save_file(
        db_session,
        upload.content,
        purpose=purpose,
        suffix=upload.checked.suffix,
        content_type=upload.checked.content_type,
        now=now,
        state=FileState.INCOMING,
        event_id=event_id,
        owner_id=owner_id,
    )


def find_public_file(db_session: Session, *, key: str, purpose: str) -> StoredFile | None:
    """The row of a file that anybody may fetch, once it is ready. A key that could not be stored names nothing."""
    if "\x00" in key:
        return None
    statement = select(StoredFile).where(
        StoredFile.key == key[:200],
        StoredFile.purpose == purpose,
        StoredFile.state == FileState.READY,
        StoredFile.is_public.is_(True),
    )
    return db_session.scalar(statement)


def read_file(key: str) -> bytes:
    """The bytes. Raises FileNotFoundError."""
    return bytes(obstore.get(store(), key).bytes())


def delete_bytes(key: str) -> None:
    """Remove the bytes of a file whose row is gone or refused. Missing bytes are no error."""
    try:
        obstore.delete(store(), key)
    except FileNotFoundError:
        return


def list_keys() -> set[str]:
    """Every key in the store."""
    return set(list_stamps())


def list_stamps() -> dict[str, datetime]:
    """Every key in the store with the moment its bytes were written, by the store's own clock."""
    return {str(item["path"]): item["last_modified"] for batch in obstore.list(store()) for item in batch}
