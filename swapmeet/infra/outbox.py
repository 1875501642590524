"""Mail as rows: written in the transaction of the fact, composed and sent by the worker, once per fact."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from swapmeet.infra.db import Model
from swapmeet.infra.jobs import enqueue
from swapmeet.infra.types import BigId, Json, enum_column, instant, optional_instant, pk

MAIL_JOB = "mail.send"


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
) -> None:
    """Queue one mail about one fact. A second call with the same `fact_key` does nothing, also in a later transaction."""
    if db_session.scalar(select(OutboxMessage.id).where(OutboxMessage.fact_key == fact_key)) is not None:
        return
    message = OutboxMessage(
        fact_key=fact_key,
        event_id=event_id,
        person_id=person_id,
        to_address=to,
        kind=kind,
        payload=dict(payload),
        state=MailState.QUEUED,
        created_at=now,
    )
    db_session.add(message)
    db_session.flush()
    enqueue(db_session, MAIL_JOB, {"message_id": message.id}, now=now)
