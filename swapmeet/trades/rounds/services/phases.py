"""A round is opened, and its host switches it from phase to phase, back, or to its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.codes import draw_seed
from swapmeet.infra.uow import lock, lock_ids
from swapmeet.kernel.actor import Actor
from swapmeet.trades.models import Listing, ListingState
from swapmeet.trades.rounds import desk_queries, hand_queries, mail, queries, rules
from swapmeet.trades.rounds.errors import WrongPhase
from swapmeet.trades.rounds.models import (
    PHASE_MACHINE,
    Phase,
    RoundDeadline,
    RoundEntry,
    RunKind,
    TradeRound,
)
from swapmeet.trades.rounds.services import handing

REMIND_BEFORE = timedelta(hours=24)


def open_round(
    db_session: Session,
    *,
    event: Event,
    title: str,
    max_entries: int,
    by: Actor,
    now: datetime,
) -> TradeRound:
    """A new round; things may enter at once."""
    row = TradeRound(
        event_id=event.id,
        title=title,
        max_entries=max_entries,
        phase=Phase.LISTING,
        created_at=now,
    )
    db_session.add(row)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round.opened", subject=row, target=row.phase.value)
    return row


def set_deadlines(
    db_session: Session, *, round_: TradeRound, ends: Mapping[Phase, datetime | None], by: Actor, now: datetime
) -> None:
    """Say until when each phase is meant to last. A moved deadline is reminded of again."""
    rows = {row.phase: row for row in db_session.scalars(_deadlines(round_.id))}
    for phase, moment in ends.items():
        row = rows.get(phase)
        if moment is None:
            if row is not None:
                db_session.delete(row)
        elif row is None:
            db_session.add(RoundDeadline(event_id=round_.event_id, round_id=round_.id, phase=phase, ends_at=moment))
        elif row.ends_at != moment:
            row.ends_at, row.reminded_at = moment, None
    db_session.flush()
    record(db_session, now=now, by=by, verb="round.deadlines", subject=round_)


def switch_phase(
    db_session: Session, *, round_: TradeRound, seen: Phase, target: Phase, by: Actor, now: datetime
) -> None:
    """To the next phase, one back, or the end. `seen` is the phase the page showed: two hosts pressing it switch once.

    When wants first close, the seed of all runs is drawn. Raises WrongPhase when it has moved on or when a result is
    out that a step back would undo, IllegalTransition for any other jump.
    """
    lock(db_session, round_)
    if round_.phase is not seen:
        raise WrongPhase(f"The round has moved on: it is at “{rules.PHASE_LABELS[round_.phase]}” now.")
    origin = round_.phase
    PHASE_MACHINE.check(origin, target)
    if target is Phase.FREEZE and origin is Phase.LISTING:
        _drop_promised(db_session, round_, by=by, now=now)
    _check_nothing_undone(db_session, round_, target)
    if target is Phase.CLOSED and origin is Phase.DISPUTES:
        handing.settle_round(db_session, round_=round_, by=by, now=now)
    if target is Phase.PREVIEW and round_.seed is None:
        round_.seed = draw_seed()
        record(db_session, now=now, by=by, verb="round.seed_drawn", subject=round_, target=str(round_.seed))
    round_.phase = target
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb="round.switched",
        subject=round_,
        origin=origin.value,
        target=target.value,
    )
    if rules.ORDER.index(target) > rules.ORDER.index(origin) and target in mail.TOLD:
        mail.queue_phase(db_session, round_, now=now)


def _check_nothing_undone(db_session: Session, round_: TradeRound, target: Phase) -> None:
    """A step back (or on) that would undo what people were told, or what lies at the desk, is refused."""
    origin = round_.phase
    final = queries.find_published(db_session, round_id=round_.id, kind=RunKind.FINAL)
    if target is Phase.WANTS and queries.find_published(db_session, round_id=round_.id) is not None:
        raise WrongPhase("The result is out and people have been told, so wants cannot be opened again.")
    if (
        origin is Phase.DROP_OFF
        and target is Phase.PREVIEW
        and desk_queries.has_intakes(db_session, round_id=round_.id)
    ):
        raise WrongPhase("The desk has taken things in already. Take them back first.")
    if origin is Phase.PICK_UP and target is Phase.FINAL and hand_queries.has_handed(db_session, round_id=round_.id):
        raise WrongPhase("Things have been handed over already; pick-up goes on.")
    if origin is Phase.FINAL and target is not Phase.PICK_UP and final is not None:
        raise WrongPhase("The final result is out and people have been told; it goes on with pick-up.")
    if origin is Phase.FINAL and target is Phase.PICK_UP and final is None:
        raise WrongPhase("Pick-up begins when the final result is out. Run it and publish it first.")


def remind(db_session: Session, *, now: datetime, limit: int = 50) -> int:
    """Tell people a day before the deadline of the phase their round is in. Returns how many deadlines that were."""
    statement = (
        select(RoundDeadline, TradeRound)
        .join(TradeRound, TradeRound.id == RoundDeadline.round_id)
        .where(
            RoundDeadline.phase == TradeRound.phase,
            RoundDeadline.reminded_at.is_(None),
            RoundDeadline.ends_at > now,
            RoundDeadline.ends_at <= now + REMIND_BEFORE,
        )
        .order_by(RoundDeadline.id)
        .limit(limit)
    )
    due = list(db_session.execute(statement))
    for deadline, round_ in due:
        deadline.reminded_at = now
        mail.queue_reminder(db_session, round_, deadline, now=now)
    return len(due)


def _deadlines(round_id: int) -> Select[RoundDeadline]:
    return select(RoundDeadline).where(RoundDeadline.round_id == round_id)


def _drop_promised(db_session: Session, round_: TradeRound, *, by: Actor, now: datetime) -> None:
    """What was promised or taken back elsewhere meanwhile leaves the round when its list is fixed."""
    statement = select(RoundEntry).where(
        RoundEntry.round_id == round_.id, RoundEntry.withdrawn_at.is_(None), RoundEntry.listing_id.is_not(None)
    )
    entries = list(db_session.scalars(statement.order_by(RoundEntry.id)))
    ids = [entry.listing_id for entry in entries if entry.listing_id is not None]
    fine = {
        row.id
        for row in lock_ids(db_session, Listing, ids)
        if row.state is ListingState.LISTED and row.hidden_at is None
    }
    busy = queries.list_locked(db_session, ids)
    for entry in entries:
        if entry.listing_id not in fine or entry.listing_id in busy:
            entry.withdrawn_at = now
            record(db_session, now=now, by=by, verb="round_entry.dropped", subject=entry, reason="promised elsewhere")
    db_session.flush()
