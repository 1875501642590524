"""Stored files that nobody needs any more: out of sight at once, their bytes and rows gone by a job."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.infra import files
from swapmeet.infra.db import db
from swapmeet.infra.files import FileState, StoredFile
from swapmeet.infra.jobs import Handler, enqueue

FORGET_JOB = "picture.forget"


def forget_files(db_session: Session, file_ids: Collection[int], *, now: datetime, problem: str = "") -> None:
    """Nobody can fetch them from now on; a job removes the bytes, then the rows, so neither is ever missing its other half."""
    if not file_ids:
        return
    for row in db_session.scalars(select(StoredFile).where(StoredFile.id.in_(file_ids)).order_by(StoredFile.id)):
        row.state = FileState.REFUSED
        row.is_public = False
        row.problem = problem[:300]
    enqueue(db_session, FORGET_JOB, {"file_ids": sorted(file_ids)}, now=now)


def remove_bytes(payload: Mapping[str, Any]) -> list[int]:
    """Delete the bytes of forgotten files from the store. Returns the ids whose rows may go."""
    statement = select(StoredFile.id, StoredFile.key).where(
        StoredFile.id.in_(payload["file_ids"]), StoredFile.state == FileState.REFUSED
    )
    rows = db.session.execute(statement).all()
    for row in rows:
        files.delete_bytes(row.key)
    return [row.id for row in rows]


def forget_rows(db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Sequence[int]) -> None:
    """The last step of forgetting."""
    db_session.execute(
        delete(StoredFile).where(StoredFile.id.in_(prepared)).execution_options(synchronize_session=False)
    )


HANDLER = Handler(run=forget_rows, prepare=remove_bytes, heavy=True, lease_s=60)
