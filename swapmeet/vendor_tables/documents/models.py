"""What a show asks of its vendors on paper, and what each of them has sent."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model, same_event
from swapmeet.infra.types import BigId, enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class AskedDocument(Model):
    """One paper that every vendor with tables has to send by `due_on`. What was sent is deleted after `purge_on`."""

    __tablename__ = "asked_document"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    help: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date]
    purge_on: Mapped[date]
    reminds: Mapped[bool] = mapped_column(default=True)  # a mail a week before it is due
    archived_at: Mapped[optional_instant]
    created_at: Mapped[instant]

    __table_args__ = (
        UniqueConstraint("event_id", "id"),
        UniqueConstraint("event_id", "name"),
        CheckConstraint("due_on <= purge_on", name="kept_until_due"),
        Index("ix_asked_document_due", "due_on"),
        Index("ix_asked_document_purge", "purge_on"),
    )


class DocumentState(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    REFUSED = "refused"


S = DocumentState
DOCUMENT_MACHINE = Machine(
    "document of a vendor",
    DocumentState,
    {
        S.SENT: frozenset({S.ACCEPTED, S.REFUSED}),
        S.ACCEPTED: frozenset({S.REFUSED}),
        S.REFUSED: frozenset({S.SENT, S.ACCEPTED}),
    },
)

LABELS: Mapping[str, str] = {
    "missing": "Not here yet",
    S.SENT: "To be checked",
    S.ACCEPTED: "Accepted",
    S.REFUSED: "Not accepted",
}
KINDS: Mapping[str, str] = {"missing": "held", S.SENT: "info", S.ACCEPTED: "ok", S.REFUSED: "bad"}  # of the state badge


class VendorDocument(Model):
    """What one vendor has sent for one of them. Without a file: the team has seen it on paper.

    `moves` counts files and decisions: forms carry it, so that nobody accepts a file they have not looked at.
    """

    __tablename__ = "vendor_document"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    asked_id: Mapped[int] = mapped_column(BigId)
    vendor_id: Mapped[int] = mapped_column(ForeignKey("vendor.id", ondelete="CASCADE"))
    state: Mapped[DocumentState] = mapped_column(enum_column(DocumentState))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    file_name: Mapped[str] = mapped_column(String(120), default="")
    reason: Mapped[str] = mapped_column(String(1000), default="")
    moves: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[instant]
    decided_at: Mapped[optional_instant]

    __table_args__ = (
        UniqueConstraint("asked_id", "vendor_id"),
        same_event("asked_id", "asked_document", ondelete="CASCADE"),
        CheckConstraint("state <> 'sent' OR file_id IS NOT NULL", name="sent_is_a_file"),
        CheckConstraint("state <> 'refused' OR reason <> ''", name="refused_for_a_reason"),
        CheckConstraint("(decided_at IS NULL) = (state = 'sent')", name="decided_when"),
        Index("ix_vendor_document_vendor", "vendor_id"),
        Index("ix_vendor_document_state", "event_id", "state"),
    )
