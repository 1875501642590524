"""Documents made on demand: a row with a secret link, a job that renders it in a child process, a file when it is ready."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.infra import codes, files
from swapmeet.infra.clock import utcnow
from swapmeet.infra.db import Model, db
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.registry import DocumentKind, registry
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk
from swapmeet.infra.uow import end_reading

JOB = "document.render"
FORGET_JOB = "document.forget"
KEPT = timedelta(days=2)
SAME_FOR = timedelta(minutes=2)  # asked again within this time, the same document is given


class DocumentState(StrEnum):
    WAITING = "waiting"
    READY = "ready"
    FAILED = "failed"


class Document(Model):
    """A PDF somebody asked for. `token` is the secret of its address; `content_key` finds the same wish asked twice.

    `problem` says why it could not be made, or what could not be printed as it was written.
    """

    __tablename__ = "document"

    id: Mapped[pk]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    content_key: Mapped[str] = mapped_column(String(64))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[DocumentState] = mapped_column(enum_column(DocumentState), default=DocumentState.WAITING)
    file_id: Mapped[int | None] = mapped_column(BigId)
    problem: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]
    ready_at: Mapped[optional_instant]

    __table_args__ = (
        Index("ix_document_content", "content_key", "created_at"),
        Index("ix_document_created", "created_at"),
    )


def request_document(
    db_session: Session, *, kind: str, payload: Mapping[str, Any], now: datetime, event_id: int | None = None
) -> str:
    """Ask for a document and return the token of its address `/documents/<token>`.

    The caller has checked that the asker may have it: whoever holds the token gets the file. Asked again within two
    minutes, the same token comes back. Raises LookupError for a kind nobody registered.
    """
    if kind not in registry().documents:
        raise LookupError(f"no document of kind {kind!r}")
    content_key = _content_key(kind, payload)
    known = db_session.scalar(
        select(Document.token)
        .where(
            Document.content_key == content_key,
            Document.created_at > now - SAME_FOR,
            Document.state != DocumentState.FAILED,
        )
        .order_by(Document.id.desc())
        .limit(1)
    )
    if known is not None:
        return known
    document = Document(
        token=codes.link_key(),
        content_key=content_key,
        event_id=event_id,
        kind=kind,
        payload=dict(payload),
        state=DocumentState.WAITING,
        created_at=now,
    )
    db_session.add(document)
    db_session.flush()
    enqueue(db_session, JOB, {"document_id": document.id}, now=now, key=f"{JOB}:{document.id}")
    return document.token


def find_document(db_session: Session, token: str) -> Document | None:
    return db_session.scalar(select(Document).where(Document.token == token[:64]))


def find_ready(db_session: Session, *, kind: str, payload: Mapping[str, Any]) -> Document | None:
    """The newest document made of this very payload, as long as it is kept."""
    wanted = select(Document).where(
        Document.content_key == _content_key(kind, payload), Document.state == DocumentState.READY
    )
    return db_session.scalars(wanted.order_by(Document.id.desc()).limit(1)).first()


def _content_key(kind: str, payload: Mapping[str, Any]) -> str:
    return codes.digest(json.dumps([kind, payload], sort_keys=True))


def kind_of(document: Document) -> DocumentKind:
    return registry().documents[document.kind]


def read_document(db_session: Session, document: Document) -> bytes:
    """The bytes of a document that is ready. Raises FileNotFoundError."""
    row = db_session.get(files.StoredFile, document.file_id) if document.file_id else None
    if row is None:
        raise FileNotFoundError(document.token)
    return files.read_file(row.key)


def prepare(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Read the data and render, outside any write transaction. The job is heavy: this runs in a child process."""
    from swapmeet.infra.pdf import PdfError, fit_letters, font_folders, print_pdf

    document = db.session.get(Document, int(payload["document_id"]))
    if document is None or document.state is not DocumentState.WAITING:
        return {}
    kind = kind_of(document)
    data = kind.load(db.session(), document.payload, utcnow())
    end_reading()
    if data is None:
        return {"problem": "What this document is about is not there any more."}
    fonts = font_folders(Path(str(current_app.static_folder)), Path(current_app.instance_path))
    try:
        fitted = fit_letters(data, fonts)
        note = (
            f"No font here has {' '.join(fitted.unknown)}, so a question mark is printed instead."
            if fitted.unknown
            else ""
        )
        return {"content": print_pdf(kind.template, fitted), "note": note}
    except PdfError as error:
        current_app.logger.error("document %s: %s", kind.template, error)
        return {"problem": "The document could not be made. It has been written down for the people who run this site."}


def keep(db_session: Session, payload: Mapping[str, Any], *, now: datetime, prepared: Mapping[str, Any]) -> None:
    """Write the outcome of `prepare`, in the transaction that ends the job."""
    document = db_session.get(Document, int(payload["document_id"]))
    if document is None or document.state is not DocumentState.WAITING:
        return
    if "content" in prepared:
        _save(db_session, document, prepared, now)
    else:
        document.state, document.problem = DocumentState.FAILED, str(prepared.get("problem", ""))[:300]
    if (then := kind_of(document).then) is not None:
        then(db_session, document.payload, now=now)


def _save(db_session: Session, document: Document, prepared: Mapping[str, Any], now: datetime) -> None:
    row = files.save_file(
        db_session,
        prepared["content"],
        purpose="document",
        suffix=".pdf",
        content_type="application/pdf",
        now=now,
        event_id=document.event_id,
    )
    document.state, document.file_id, document.ready_at = DocumentState.READY, row.id, now
    document.problem = str(prepared.get("note", ""))[:300]


def ask_to_forget(db_session: Session, *, now: datetime) -> None:
    """Tidying: ask for the job that deletes old documents, when there are any. The worker itself never opens the store."""
    if db_session.scalar(select(Document.id).where(Document.created_at < now - KEPT).limit(1)) is not None:
        enqueue(db_session, FORGET_JOB, {}, now=now, key=f"{FORGET_JOB}:{now:%Y%m%d%H}")


def forget_old(db_session: Session, payload: Mapping[str, Any], *, now: datetime) -> None:
    """Delete documents two days after they were asked for; they can be made again at any time. A heavy job."""
    old = db_session.execute(
        select(Document.id, Document.file_id).where(Document.created_at < now - KEPT).order_by(Document.id).limit(200)
    ).all()
    if not old:
        return
    file_ids = [row.file_id for row in old if row.file_id is not None]
    keys = list(db_session.scalars(select(files.StoredFile.key).where(files.StoredFile.id.in_(file_ids))))
    for model, ids in ((Document, [row.id for row in old]), (files.StoredFile, file_ids)):
        db_session.execute(delete(model).where(model.id.in_(ids)).execution_options(synchronize_session=False))
    for key in keys:
        files.delete_bytes(key)
