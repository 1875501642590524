"""Who wants no news by mail, and mails that are to go out by themselves some days before the show."""

from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from swapmeet.infra.db import Model
from swapmeet.infra.types import enum_column, instant, optional_instant, pk
from swapmeet.kernel.transitions import Machine


class NewsOptOut(Model):
    """An address that gets no news of this organizer's shows. Mails about its own orders still come."""

    __tablename__ = "news_opt_out"

    organizer_id: Mapped[int] = mapped_column(ForeignKey("organizer.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    created_at: Mapped[instant]

    __table_args__ = (CheckConstraint("email <> ''", name="email_not_empty"),)


class RuleState(StrEnum):
    WRITTEN = "written"
    APPROVED = "approved"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


RULE_MACHINE = Machine(
    "scheduled mail",
    RuleState,
    {
        RuleState.WRITTEN: frozenset({RuleState.APPROVED, RuleState.WITHDRAWN}),
        RuleState.APPROVED: frozenset({RuleState.SENT, RuleState.WITHDRAWN}),
        RuleState.SENT: frozenset(),
        RuleState.WITHDRAWN: frozenset(),
    },
)


class MailRule(Model):
    """News that goes out so many days before the first day, once, to those of a segment at that time; only when approved."""

    __tablename__ = "mail_rule"

    id: Mapped[pk]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    segment: Mapped[str] = mapped_column(String(40))
    days_before: Mapped[int]
    is_public: Mapped[bool] = mapped_column(default=False)  # it also becomes news on the page of the show
    state: Mapped[RuleState] = mapped_column(enum_column(RuleState), default=RuleState.WRITTEN)
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id", ondelete="SET NULL"))
    count: Mapped[int | None]  # how many addresses were meant when it was sent
    created_at: Mapped[instant]
    sent_at: Mapped[optional_instant]

    __table_args__ = (
        CheckConstraint("days_before >= 0", name="days_not_negative"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_its_time"),
        Index("ix_mail_rule_event", "event_id"),
        Index("ix_mail_rule_state", "state"),
    )

    def goes_on(self, first_day: date) -> date:
        """The day it goes out, for a show that begins then."""
        return first_day - timedelta(days=self.days_before)
