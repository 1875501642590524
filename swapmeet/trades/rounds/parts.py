"""What rounds bring to the whole: navigation, reminders, mails, personal data, invariants."""

from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from swapmeet.access.permissions import Permission
from swapmeet.events.models import Event
from swapmeet.infra.registry import DemoStep, DoctorQuery, NavEntry, Registry, Waiting
from swapmeet.trades.rounds import demo, mail, queries, rules
from swapmeet.trades.rounds.manage import manage_bp
from swapmeet.trades.rounds.models import RoundDeadline, RoundEntry, RoundMember, RoundWant, TradeRound
from swapmeet.trades.rounds.services import phases
from swapmeet.trades.rounds.want_views import bp

BLUEPRINTS: list[Blueprint] = [bp, manage_bp]
REMIND_EVERY_S = 600.0
SHOWN = 20


def remind(db_session: Session, now: datetime) -> None:
    """Tell people about deadlines that are near."""
    phases.remind(db_session, now=now)


def waiting(db_session: Session, event: Event, now: datetime) -> list[Waiting]:
    """Rounds whose phase is over by its deadline wait for the host."""
    statement = (
        select(TradeRound)
        .join(RoundDeadline, RoundDeadline.round_id == TradeRound.id)
        .where(TradeRound.event_id == event.id, RoundDeadline.phase == TradeRound.phase, RoundDeadline.ends_at <= now)
        .order_by(TradeRound.id)
    )
    return [
        Waiting(
            f"The round “{row.title}” can go on",
            f"“{rules.PHASE_LABELS[row.phase]}” was planned until now.",
            "Switch it",
            url_for("trade_rounds_manage.show_round", slug=event.slug, round_id=row.id),
        )
        for row in db_session.scalars(statement)
    ]


class RoundsData:
    """A person's things and wants in rounds."""

    name = "trade rounds"

    def export(self, db_session: Session, *, person_id: int) -> Any:
        return [
            {
                "round": member.round_id,
                "handle": member.number,
                "things": [
                    {
                        "number": entry.number,
                        "title": entry.title,
                        "value_minor": entry.value_minor,
                        "wants": [want.target.number for want in queries.list_wants(db_session, entry_id=entry.id)],
                    }
                    for entry in queries.list_own_entries(db_session, member_id=member.id)
                ],
            }
            for member in db_session.scalars(_mine(person_id))
        ]

    def erase(self, db_session: Session, *, person_id: int, now: datetime) -> None:
        """Their things leave every round and lose their words."""
        for member in db_session.scalars(_mine(person_id)).all():
            statement = select(RoundEntry).where(RoundEntry.member_id == member.id)
            for entry in db_session.scalars(statement):
                entry.withdrawn_at = entry.withdrawn_at or now
                entry.title, entry.value_minor = "Removed", None
        db_session.flush()


def _mine(person_id: int) -> Any:
    return select(RoundMember).where(RoundMember.person_id == person_id).order_by(RoundMember.id)


def wants_across_rounds(db_session: Session, now: datetime) -> list[str]:
    """A want for a thing of another round, or for one's own."""
    entry, target = aliased(RoundEntry), aliased(RoundEntry)
    statement = (
        select(RoundWant.id)
        .join(entry, entry.id == RoundWant.entry_id)
        .join(target, target.id == RoundWant.target_id)
        .where((entry.round_id != target.round_id) | (entry.member_id == target.member_id))
        .order_by(RoundWant.id)
        .limit(SHOWN)
    )
    return [f"want {row} is for a thing it cannot have" for row in db_session.scalars(statement)]


def register(registry: Registry) -> None:
    """Put the parts of rounds into the registry."""
    registry.navigation += [
        NavEntry("show.tabs", 52, "Rounds", "trade_rounds.list_rounds", "refresh", shown=_has_trades),
        NavEntry(
            "manage.side", 72, "Trade rounds", "trade_rounds_manage.list_rounds", "refresh", Permission.TRADES_HOST
        ),
    ]
    registry.waiting.append((Permission.TRADES_HOST, waiting))
    registry.periodic.append((REMIND_EVERY_S, "trade rounds", remind))
    registry.composers[mail.KIND] = mail.compose
    registry.demo.append(DemoStep(65, "trade rounds", demo.fill))
    registry.personal_data.append(RoundsData())
    registry.doctor.append(DoctorQuery(12, "wants stay in their round", wants_across_rounds))


def _has_trades(event: Any) -> bool:
    return bool(event.trades_enabled)
