"""Who wants no news by mail."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model
from swapmeet.infra.types import instant


class NewsOptOut(Model):
    """An address that gets no news of this organizer's shows. Mails about its own orders still come."""

    __tablename__ = "news_opt_out"

    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    created_at: Mapped[instant]

    __table_args__ = (CheckConstraint("email <> ''", name="email_not_empty"),)
