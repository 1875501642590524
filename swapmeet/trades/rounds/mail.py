"""Mails of trade rounds: a phase has begun, its deadline is near, or the result is out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from swapmeet.infra.mailer import unlinked
from swapmeet.infra.outbox import Mail, queue_mail
from swapmeet.trades.rounds import desk_queries, dispute_rules, hand_queries, money_queries, queries, rules
from swapmeet.trades.rounds.dispute_models import RoundDispute
from swapmeet.trades.rounds.models import (
    Phase,
    RoundDeadline,
    RoundEntry,
    RoundMember,
    RunKind,
    RunState,
    TradeRound,
    TradeRun,
)

TOLD = frozenset({Phase.WANTS, Phase.DROP_OFF, Phase.PICK_UP, Phase.DISPUTES})
SILENT = frozenset({Phase.PREVIEW, Phase.FINAL})  # only the host acts
KIND = "trades.round"
RESULT_KIND = "trades.round_result"
OUT_KIND = "trades.round_taken_out"
DISPUTE_KIND = "trades.round_dispute"


def queue_phase(db_session: Session, round_: TradeRound, *, now: datetime) -> None:
    """To everybody it concerns, once a phase however often it is taken back: on pick-up only those who have to collect."""
    members = queries.list_members(db_session, round_id=round_.id)
    if round_.phase is Phase.PICK_UP:
        members = hand_queries.list_uncollected(db_session, round_id=round_.id)
    for member in members:
        _queue(db_session, round_, member, fact=f"{round_.phase}", now=now)


def queue_reminder(db_session: Session, round_: TradeRound, deadline: RoundDeadline, *, now: datetime) -> None:
    """To those who still have something to do in this phase; while a result is awaited to nobody: only the host acts."""
    members: list[RoundMember] = []
    if deadline.phase is Phase.WANTS:
        members = queries.list_without_wants(db_session, round_id=round_.id)
    elif deadline.phase is Phase.DROP_OFF:
        members = desk_queries.list_unbrought(db_session, round_id=round_.id)
    elif deadline.phase is Phase.PICK_UP:
        members = hand_queries.list_uncollected(db_session, round_id=round_.id)
    elif deadline.phase not in SILENT:
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


def queue_result(db_session: Session, round_: TradeRound, run: TradeRun, *, now: datetime) -> None:
    """Once to everybody with a thing in the round, also to those for whom nothing was found; of a repair to those it touches."""
    members = queries.list_taking_part(db_session, round_id=round_.id)
    if run.repair:
        touched = hand_queries.list_touched(db_session, run=run)
        members = [member for member in members if member.id in touched]
    for member in members:
        if member.person.erased_at is None:
            queue_mail(
                db_session,
                kind=RESULT_KIND,
                to=member.person.email,
                payload={"run_id": run.id, "member_id": member.id},
                fact_key=f"round-{round_.id}-result-{run.number}-to-{member.id}",
                now=now,
                event_id=round_.event_id,
                person_id=member.person_id,
            )


def compose_result(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """What one brings and takes, or that nothing was found. Other people are numbers in it."""
    run = db_session.get(TradeRun, int(payload["run_id"]))
    member = db_session.get(RoundMember, int(payload["member_id"]))
    if run is None or member is None or run.state is not RunState.PUBLISHED:
        return None
    round_ = db_session.get_one(TradeRound, run.round_id)
    moves = queries.list_own_moves(db_session, run_id=run.id, member_id=member.id)
    rows: list[Any] = list(moves)
    money: list[Any] = list(money_queries.payments_of(db_session, run_ids=[run.id]).values())
    if run.kind is RunKind.FINAL:
        gets = hand_queries.list_gets(db_session, member_id=member.id)
        rows = [*gets, *hand_queries.list_gives(db_session, member_id=member.id)]
        money = list(money_queries.list_legs(db_session, round_id=round_.id))
    box = hand_queries.find_box(db_session, member_id=member.id) if rows else None
    show, title = unlinked(round_.event.name), unlinked(round_.title)
    site = current_app.config["SWAPMEET_PUBLIC_URL"]
    is_final = run.kind is RunKind.FINAL
    values = {
        "event": round_.event,
        "title": title,
        "show": show,
        "is_final": is_final,
        "had_first": desk_queries.find_first_result(db_session, round_id=round_.id) is not None,
        "is_repair": run.repair > 0,
        "box": box,
        "changes": _changes(db_session, run, member) if is_final and not run.repair else [],
        "bring": [
            (move.entry.number, unlinked(move.entry.title), move.receiver.number)
            for move in rows
            if move.giver_id == member.id
        ],
        "take": [
            (move.entry.number, unlinked(move.entry.title), move.giver.number)
            for move in rows
            if move.receiver_id == member.id
        ],
        "pays_minor": sum(row.amount_minor for row in money if row.payer_id == member.id),
        "gets_minor": sum(row.amount_minor for row in money if row.payee_id == member.id),
        "number": member.number,
        "url": f"{site}/shows/{round_.event.slug}/rounds/{round_.id}/my-trades",
    }
    environment = current_app.jinja_env
    subject = f"Your trades in the round at {show}" if rows else f"The result of the trade round at {show}"
    subject = f"Final: {subject[0].lower()}{subject[1:]}" if is_final else subject
    subject = f"Changed at the desk: your trades in the round at {show}" if run.repair else subject
    return Mail(
        subject=subject,
        text=environment.get_template("email/trades/round_result.txt").render(**values),
        html=environment.get_template("email/trades/round_result.html").render(subject=subject, **values),
    )


def _changes(db_session: Session, run: TradeRun, member: RoundMember) -> list[str]:
    """What is not as the first result said, in sentences without links."""
    rows = desk_queries.list_changes(db_session, run=run, member_id=member.id)
    return [unlinked(rules.change_words(row)) for row in rows]


def queue_taken_out(db_session: Session, round_: TradeRound, entry: RoundEntry, *, reason: str, now: datetime) -> None:
    """To the owner of a thing that a host took out of the round."""
    member = db_session.get_one(RoundMember, entry.member_id)
    if member.person.erased_at is None:
        queue_mail(
            db_session,
            kind=OUT_KIND,
            to=member.person.email,
            payload={"entry_id": entry.id, "reason": reason},
            fact_key=f"round-{round_.id}-thing-{entry.id}-out",
            now=now,
            event_id=round_.event_id,
            person_id=member.person_id,
        )


def compose_taken_out(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Which thing, and why."""
    entry = db_session.get(RoundEntry, int(payload["entry_id"]))
    if entry is None:
        return None
    round_ = db_session.get_one(TradeRound, entry.round_id)
    show = unlinked(round_.event.name)
    values = {
        "event": round_.event,
        "show": show,
        "title": unlinked(round_.title),
        "number": entry.number,
        "thing": unlinked(entry.title),
        "reason": unlinked(str(payload["reason"])),
        "url": f"{current_app.config['SWAPMEET_PUBLIC_URL']}/shows/{round_.event.slug}/rounds/{round_.id}/mine",
    }
    environment = current_app.jinja_env
    subject = f"#{entry.number} is out of the trade round at {show}"
    return Mail(
        subject=subject,
        text=environment.get_template("email/trades/round_taken_out.txt").render(**values),
        html=environment.get_template("email/trades/round_taken_out.html").render(subject=subject, **values),
    )


def queue_dispute(db_session: Session, dispute: RoundDispute, what: str, *, member_id: int, now: datetime) -> None:
    """To one side of a dispute: it was raised, answered, withdrawn or ruled on."""
    member = db_session.get_one(RoundMember, member_id)
    if member.person.erased_at is None:
        queue_mail(
            db_session,
            kind=DISPUTE_KIND,
            to=member.person.email,
            payload={"dispute_id": dispute.id, "what": what},
            fact_key=f"dispute-{dispute.id}-{what}-{now:%Y%m%d%H%M%S%f}-to-{member.id}",
            now=now,
            event_id=dispute.event_id,
            person_id=member.person_id,
        )


def compose_dispute(db_session: Session, payload: Mapping[str, Any]) -> Mail | None:
    """Which thing, and what has happened. What the other side wrote stands on the page only."""
    dispute = db_session.get(RoundDispute, int(payload["dispute_id"]))
    if dispute is None:
        return None
    round_ = db_session.get_one(TradeRound, dispute.round_id)
    show, entry = unlinked(round_.event.name), dispute.hand_over.entry
    site = current_app.config["SWAPMEET_PUBLIC_URL"]
    is_ruled = payload["what"] == "ruled" and dispute.outcome is not None
    values = {
        "event": round_.event,
        "show": show,
        "title": unlinked(round_.title),
        "number": entry.number,
        "thing": unlinked(entry.title),
        "words": dispute_rules.EVENT_WORDS[payload["what"]],
        "outcome": dispute_rules.OUTCOME_LABELS[dispute.outcome] if is_ruled and dispute.outcome else "",
        "ruling": unlinked(dispute.ruling) if is_ruled else "",
        "url": f"{site}/shows/{round_.event.slug}/rounds/{round_.id}/disputes",
    }
    environment = current_app.jinja_env
    subject = f"About #{entry.number} of the trade round at {show}"
    return Mail(
        subject=subject,
        text=environment.get_template("email/trades/round_dispute.txt").render(**values),
        html=environment.get_template("email/trades/round_dispute.html").render(subject=subject, **values),
    )
