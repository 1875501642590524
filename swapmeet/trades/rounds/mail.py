"""Mails of trade rounds: a phase has begun, or its deadline is near."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail, queue_mail
from swapmeet.trades.rounds import queries, rules
from swapmeet.trades.rounds.models import Phase, RoundDeadline, RoundMember, TradeRound

TOLD = frozenset({Phase.WANTS})
KIND = "trades.round"


def queue_phase(db_session: Session, round_: TradeRound, *, now: datetime) -> None:
    """To everybody in the round, once a phase however often it is taken back."""
    for member in queries.list_members(db_session, round_id=round_.id):
        _queue(db_session, round_, member, fact=f"{round_.phase}", now=now)


def queue_reminder(db_session: Session, round_: TradeRound, deadline: RoundDeadline, *, now: datetime) -> None:
    """In the wants phase only to people without wants; else to all."""
    if deadline.phase is Phase.WANTS:
        members = queries.list_without_wants(db_session, round_id=round_.id)
    else:
        members = queries.list_members(db_session, round_id=round_.id)
    for member in members:
        _queue(
            db_session,
            round_,
            member,
            fact=f"{deadline.phase}-until-{deadline.ends_at:%Y%m%d%H%M}",
            now=now,
            ends_at=deadline.ends_at.isoformat(),
        )


def _queue(
    db_session: Session, round_: TradeRound, member: RoundMember, *, fact: str, now: datetime, ends_at: str = ""
) -> None:
    if member.person.erased_at is not None:
        return
    queue_mail(
        db_session,
        kind=KIND,
        to=member.person.email,
        payload={"round_id": round_.id, "phase": round_.phase.value, "ends_at": ends_at},
        fact_key=f"round-{round_.id}-{fact}-to-{member.id}",
        now=now,
        event_id=round_.event_id,
        person_id=member.person_id,
    )


def compose(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Dropped when the round has moved on meanwhile."""
    round_ = db_session.get(TradeRound, int(payload["round_id"]))
    if round_ is None or round_.phase.value != payload["phase"]:
        return None
    ends_at = datetime.fromisoformat(payload["ends_at"]) if payload.get("ends_at") else None
    show, label = unlinked(round_.event.name), rules.PHASE_LABELS[round_.phase]
    values = {
        "event": round_.event,
        "show": show,
        "title": unlinked(round_.title),
        "label": label,
        "words": rules.PHASE_WORDS[round_.phase],
        "ends_at": ends_at,
        "url": f"{current_app.config['SWAPMEET_PUBLIC_URL']}/shows/{round_.event.slug}/rounds/{round_.id}/mine",
    }
    environment = current_app.jinja_env
    subject = f"{label}: the trade round at {show}"
    return Mail(
        subject=f"Soon over: {subject}" if ends_at else subject,
        text=environment.get_template("email/trades/round.txt").render(**values),
        html=environment.get_template("email/trades/round.html").render(**values),
    )
