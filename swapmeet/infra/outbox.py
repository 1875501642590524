"""Mail as rows: written in the transaction of the fact, composed and sent by the worker, once per fact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.infra.db import Model
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk

MAIL_JOB = "mail.send"
FILES_MAIL_JOB = "mail.send_files"  # a mail with files out of the store, which the worker itself never opens


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DROPPED = "dropped"


class OutboxMessage(Model):
    """One mail about one committed fact. `fact_key` is unique, `message_id` is fixed before the first try."""

    __tablename__ = "outbox_message"

    id: Mapped[pk]
    fact_key: Mapped[str] = mapped_column(String(200), unique=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(BigId)
    to_address: Mapped[str] = mapped_column(String(320))
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[MailState] = mapped_column(enum_column(MailState), default=MailState.QUEUED)
    message_id: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[instant]
    sent_at: Mapped[optional_instant]

    __table_args__ = (
        Index("ix_outbox_message_event", "event_id", "created_at"),
        Index("ix_outbox_message_state", "state"),
    )


@dataclass(frozen=True)
class Mail:
    """A composed mail: subject, both bodies, files as (name, content type, bytes), pictures of the HTML as (id, type, bytes)."""

    subject: str
    text: str
    html: str
    attachments: list[tuple[str, str, bytes]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    pictures: list[tuple[str, str, bytes]] = field(default_factory=list)


# A composer reads what it needs and returns the mail, or None when the fact no longer stands (the mail is then dropped).
Composer = Callable[[Session, Mapping[str, Any]], Mail | None]


def queue_mail(
    db_session: Session,
    *,
    kind: str,
    to: str,
    payload: Mapping[str, Any],
    fact_key: str,
    now: datetime,
    event_id: int | None = None,
    person_id: int | None = None,
    with_files: bool = False,
) -> None:
    """Queue one mail about one fact. A second call with the same `fact_key` does nothing, also in a later transaction.

    `with_files`: files of the store go along, so a child process composes and sends it; its payload says so.
    """
    values = {
        "fact_key": fact_key,
        "event_id": event_id,
        "person_id": person_id,
        "to_address": to,
        "kind": kind,
        "payload": {**payload, "with_files": True} if with_files else dict(payload),
        "state": MailState.QUEUED,
        "subject": "",
        "created_at": now,
    }
    db_session.flush()  # the row of the fact goes first
    message_id = db_session.scalar(_insert_once(db_session.get_bind().dialect.name), values)
    if message_id is not None:
        enqueue(db_session, FILES_MAIL_JOB if with_files else MAIL_JOB, {"message_id": message_id}, now=now)


@cache
def _insert_once(dialect: str) -> Any:
    """Built once. Gives the new row's id, or nothing when there is a mail about this fact."""
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        insert(OutboxMessage.__table__).on_conflict_do_nothing(index_elements=["fact_key"]).returning(OutboxMessage.id)
    )
