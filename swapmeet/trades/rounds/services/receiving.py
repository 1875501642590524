"""The desk takes things in: one by one with a look at their condition, or a person's list at once; and takes that back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades.rounds import desk_queries, queries, rules
from swapmeet.trades.rounds.desk_models import INTAKE_MACHINE, Condition, IntakeState, RoundIntake
from swapmeet.trades.rounds.errors import BadEntry, WrongPhase
from swapmeet.trades.rounds.models import Phase, RoundEntry, RunKind, TradeRound


def take_in(
    db_session: Session,
    *,
    round_: TradeRound,
    entry: RoundEntry,
    condition: Condition,
    note: str = "",
    by: Actor,
    now: datetime,
) -> RoundIntake:
    """One thing, as it is. A damaged one is refused. The same said twice changes nothing. Raises WrongPhase, BadEntry."""
    check_receiving(db_session, round_)
    if condition is not Condition.AS_DESCRIBED and not note:
        raise BadEntry("Say what is wrong with it; its owner reads that.", field="note")
    _check_takes_part(db_session, round_, [entry])
    return _take_in(db_session, round_, entry, condition, note, by=by, now=now)


def take_in_list(
    db_session: Session, *, round_: TradeRound, entries: Sequence[RoundEntry], by: Actor, now: datetime
) -> int:
    """Several things as described; those in already stay as they are. Returns how many are new. Raises WrongPhase, BadEntry."""
    check_receiving(db_session, round_)
    if not entries:
        raise BadEntry("Tick at least one thing.")
    _check_takes_part(db_session, round_, entries)
    fresh = 0
    for entry in sorted(entries, key=lambda row: row.number):
        row = desk_queries.find_intake(db_session, entry.id)
        if row is None or row.state in (IntakeState.EXPECTED, IntakeState.REFUSED):
            _take_in(db_session, round_, entry, Condition.AS_DESCRIBED, "", by=by, now=now)
            fresh += 1
    return fresh


def take_back(db_session: Session, *, round_: TradeRound, entry: RoundEntry, by: Actor, now: datetime) -> None:
    """It is not there after all: a slip of the desk, or its owner has taken it along. Twice is once. Raises WrongPhase."""
    check_receiving(db_session, round_)
    row = desk_queries.find_intake(db_session, entry.id)
    if row is not None and row.state is not IntakeState.EXPECTED:
        move_intake(db_session, row, IntakeState.EXPECTED, by=by, now=now)


def check_receiving(db_session: Session, round_: TradeRound) -> None:
    """The desk is open: during drop-off, and for late arrivals until the final result is out. Locks the round."""
    lock(db_session, round_)
    if round_.phase not in rules.RECEIVING:
        raise WrongPhase("The desk takes things in while the round is at “Drop-off”.")
    if queries.find_published(db_session, round_id=round_.id, kind=RunKind.FINAL) is not None:
        raise WrongPhase("The final result is out; nothing more can be taken in.")


def move_intake(
    db_session: Session,
    row: RoundIntake,
    target: IntakeState,
    *,
    by: Actor,
    now: datetime,
    condition: Condition | None = None,
    note: str = "",
) -> None:
    """One step of where a thing is; what was seen of it stays unless it is expected again or looked at anew."""
    origin = row.state
    INTAKE_MACHINE.check(origin, target)
    row.state, row.changed_at, row.by_label = target, now, by.label[:200]
    if target is IntakeState.EXPECTED:
        row.condition, row.note = None, ""
    elif condition is not None:
        row.condition, row.note = condition, note
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"round_thing.{target.value}",
        subject=row,
        origin=origin.value,
        target=target.value,
        reason=note,
        entry=row.entry_id,
    )


def _take_in(
    db_session: Session,
    round_: TradeRound,
    entry: RoundEntry,
    condition: Condition,
    note: str,
    *,
    by: Actor,
    now: datetime,
) -> RoundIntake:
    row = desk_queries.find_intake(db_session, entry.id)
    if row is None:
        row = RoundIntake(
            event_id=round_.event_id,
            round_id=round_.id,
            entry_id=entry.id,
            state=IntakeState.EXPECTED,
            changed_at=now,
        )
        db_session.add(row)
        db_session.flush()
    target = IntakeState.REFUSED if condition is Condition.DAMAGED else IntakeState.PRESENT
    note = "" if condition is Condition.AS_DESCRIBED else note
    if row.state is target:
        _look_again(db_session, row, condition, note, by=by, now=now)
        return row
    row.is_late = round_.phase is Phase.FINAL
    move_intake(db_session, row, target, by=by, now=now, condition=condition, note=note)
    return row


def _look_again(
    db_session: Session, row: RoundIntake, condition: Condition, note: str, *, by: Actor, now: datetime
) -> None:
    if (row.condition, row.note) == (condition, note):
        return
    row.condition, row.note, row.changed_at = condition, note, now
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_thing.looked_at", subject=row, target=condition.value, reason=note)


def _check_takes_part(db_session: Session, round_: TradeRound, entries: Sequence[RoundEntry]) -> None:
    if any(row.round_id != round_.id or row.withdrawn_at is not None or row.stays_home for row in entries):
        raise BadEntry("This thing takes no part in the round: it was taken out, or its owner keeps it at home.")
