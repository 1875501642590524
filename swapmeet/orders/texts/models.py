"""Own words of a show in one kind of mail and one language."""

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model
from swapmeet.infra.types import instant


class MailText(Model):
    """What stands in the mail instead of the standard text; an empty subject is the standard one. `kind` is a fact of an order."""

    __tablename__ = "mail_text"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[instant]

    __table_args__ = (CheckConstraint("body <> ''", name="body_not_empty"),)
