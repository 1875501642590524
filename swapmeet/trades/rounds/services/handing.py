"""Things go to their new owners: sorted into boxes, handed over, lost and found, and settled loop by loop at the end."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock, lock_ids, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.trades.models import LISTING_MACHINE, Listing, ListingState
from swapmeet.trades.rounds import boxes, desk_queries, dispute_queries, hand_queries, money_queries, repairing
from swapmeet.trades.rounds.desk_models import IntakeState
from swapmeet.trades.rounds.errors import BadEntry, WrongPhase
from swapmeet.trades.rounds.hand_models import (
    HAND_OVER_MACHINE,
    HandOver,
    HandOverState,
    RoundBox,
    RoundDesk,
)
from swapmeet.trades.rounds.models import Phase, RoundEntry, RoundMember, TradeRound, TradeRun, TradeRunMove
from swapmeet.trades.rounds.services.receiving import move_intake

HANDING = (Phase.PICK_UP, Phase.DISPUTES)  # in the second for those who come late


def open_hand_over(db_session: Session, *, round_: TradeRound, run: TradeRun) -> None:
    """Every move of a final run waits for its receiver, all of them or none: call it where the run is published.

    A repair first voids what waits in the loops it replaces; what was handed over stays. New receivers get a box.
    """
    if run.repair:
        for row in repairing.list_broken(db_session, round_id=round_.id):
            if row.state is not HandOverState.HANDED:
                HAND_OVER_MACHINE.check(row.state, HandOverState.VOID)
                row.state, row.boxed_at = HandOverState.VOID, None
        db_session.flush()
    moves = db_session.scalars(
        select(TradeRunMove).where(TradeRunMove.run_id == run.id).order_by(TradeRunMove.id)
    ).all()
    names = ("event_id", "run_id", "loop", "entry_id", "for_entry_id", "giver_id", "receiver_id")
    rows = [
        {
            **{name: getattr(move, name) for name in names},
            "round_id": round_.id,
            "state": HandOverState.WAITING,
            "handed_to": "",
            "by_label": "",
        }
        for move in moves
    ]
    if rows:
        db_session.execute(insert(HandOver), rows)
    _give_boxes(db_session, round_, {move.receiver_id for move in moves})
    if not run.repair:
        plan_slots(db_session, round_=round_)


def _give_boxes(db_session: Session, round_: TradeRound, receivers: Collection[int]) -> None:
    having = set(db_session.scalars(select(RoundBox.member_id).where(RoundBox.round_id == round_.id)))
    last = db_session.scalar(select(func.max(RoundBox.number)).where(RoundBox.round_id == round_.id)) or 0
    statement = select(RoundMember.id).where(RoundMember.id.in_(set(receivers) - having)).order_by(RoundMember.number)
    for number, member_id in enumerate(db_session.scalars(statement), start=last + 1):
        db_session.add(
            RoundBox(
                event_id=round_.event_id,
                round_id=round_.id,
                member_id=member_id,
                number=number,
                shelf=boxes.shelf_of(number),
            )
        )
    db_session.flush()


def set_desk(
    db_session: Session,
    *,
    round_: TradeRound,
    slots_from: datetime | None,
    minutes: int,
    people: int,
    uses_money: bool,
    by: Actor,
    now: datetime,
) -> None:
    """Whether money may change hands over the desk, and from when on so many people come every so many minutes.

    Without a time nobody is given one. Boxes that are there already follow. With money off, what people ask and offer does not
    count. Raises WrongPhase where the final result has money in it.
    """
    lock(db_session, round_)
    if not uses_money and money_queries.list_legs(db_session, round_id=round_.id):
        raise WrongPhase("The final result has money in it, so money stays on.")
    row = hand_queries.find_desk(db_session, round_id=round_.id)
    if row is None:
        row = RoundDesk(event_id=round_.event_id, round_id=round_.id)
        db_session.add(row)
    row.slots_from, row.slot_minutes, row.slot_people = slots_from, minutes, people
    row.uses_money = uses_money
    db_session.flush()
    record(db_session, now=now, by=by, verb="round.desk", subject=round_)
    plan_slots(db_session, round_=round_)


def plan_slots(db_session: Session, *, round_: TradeRound) -> None:
    """When each receiver is asked to come, by how full their box is."""
    desk = hand_queries.find_desk(db_session, round_id=round_.id)
    rows = hand_queries.list_boxes(db_session, round_id=round_.id)
    sizes = Counter(row.receiver_id for row in repairing.list_live(db_session, round_id=round_.id))
    times = {}
    if desk is not None and desk.slots_from is not None:
        times = boxes.plan_slots(
            {row.member_id: sizes[row.member_id] for row in rows},
            [row.member_id for row in rows],
            start=desk.slots_from,
            minutes=desk.slot_minutes,
            people=desk.slot_people,
        )
    for row in rows:
        row.slot_at = times.get(row.member_id)
    db_session.flush()


def put_in_box(db_session: Session, *, round_: TradeRound, entry: RoundEntry, by: Actor, now: datetime) -> RoundBox:
    """Sorted into its receiver's box. Twice is once. Raises WrongPhase, BadEntry (it goes to nobody, or is not here)."""
    lock(db_session, round_)
    row = hand_queries.find_live(db_session, entry_id=entry.id)
    if row is None:
        raise BadEntry("It goes to nobody: it is handed back to its owner.")
    intake = desk_queries.find_intake(db_session, entry.id)
    if row.state is not HandOverState.WAITING or intake is None or intake.state is not IntakeState.PRESENT:
        raise BadEntry("It is not at the desk any more.")
    if row.boxed_at is None:
        row.boxed_at = now
        db_session.flush()
        record(db_session, now=now, by=by, verb="hand_over.boxed", subject=row)
    return hand_queries.get_box(db_session, member_id=row.receiver_id)


def hand_over(
    db_session: Session,
    *,
    round_: TradeRound,
    member: RoundMember,
    ids: Sequence[int],
    back: Sequence[int] = (),
    to: str,
    by: Actor,
    now: datetime,
) -> int:
    """Give somebody the things of these hand-overs, and things of their own (entries `back`) that did not trade.

    `to` is who collects: their own name, or a proxy's. What was handed over before is left out. Returns how many are new.
    Raises WrongPhase, BadEntry (nothing chosen, not theirs, its loop is broken).
    """
    lock(db_session, round_)
    if round_.phase not in HANDING:
        raise WrongPhase("Things are handed over while the round is at “Pick-up”.")
    if not ids and not back:
        raise BadEntry("Tick at least one thing.")
    rows = {row.id: row for row in hand_queries.list_gets(db_session, member_id=member.id)}
    if any(row_id not in rows for row_id in ids):
        raise BadEntry("One of these things is not for this person. Reload the page.")
    broken = {row.id for row in repairing.list_broken(db_session, round_id=round_.id)}
    fresh = [rows[row_id] for row_id in dict.fromkeys(ids) if rows[row_id].state is not HandOverState.HANDED]
    if any(row.id in broken for row in fresh):
        raise BadEntry(
            "A thing of this loop cannot be found. The host repairs the loop first; nothing of it moves till then."
        )
    open_gap(db_session)
    for row in fresh:
        _hand(db_session, row, to=to, by=by, now=now)
    return len(fresh) + _give_back(db_session, member, back, by=by, now=now)


def _hand(db_session: Session, row: HandOver, *, to: str, by: Actor, now: datetime) -> None:
    intake = desk_queries.get_intake(db_session, row.entry_id)
    move_intake(db_session, intake, IntakeState.GONE, by=by, now=now)
    row.handed_at, row.handed_to, row.by_label = now, to[:200], by.label[:200]
    _move(db_session, row, HandOverState.HANDED, by=by, now=now, reason=to)


def _give_back(db_session: Session, member: RoundMember, back: Sequence[int], *, by: Actor, now: datetime) -> int:
    own = {entry.id: intake for entry, intake in hand_queries.list_stays(db_session, member_id=member.id)}
    if any(entry_id not in own for entry_id in back):
        raise BadEntry("One of these things is not theirs to take back. Reload the page.")
    fresh = [own[entry_id] for entry_id in dict.fromkeys(back) if own[entry_id].state is IntakeState.PRESENT]
    for intake in fresh:
        move_intake(db_session, intake, IntakeState.RETURNED, by=by, now=now)
    return len(fresh)


def take_hand_over_back(db_session: Session, *, round_: TradeRound, row: HandOver, by: Actor, now: datetime) -> None:
    """It was a slip: the thing lies at the desk again. Twice is once. Raises WrongPhase once the round is closed."""
    lock(db_session, [round_, row])
    if round_.phase not in HANDING or row.settled_at is not None:
        raise WrongPhase("The round is closed; what has moved stays where it is.")
    if row.state is not HandOverState.HANDED:
        return
    move_intake(db_session, desk_queries.get_intake(db_session, row.entry_id), IntakeState.PRESENT, by=by, now=now)
    row.handed_at, row.handed_to = None, ""
    _move(db_session, row, HandOverState.WAITING, by=by, now=now)


def report_missing(
    db_session: Session, *, round_: TradeRound, entry: RoundEntry, is_missing: bool, by: Actor, now: datetime
) -> None:
    """A thing of the final result cannot be found, or is there again. Nothing of its loop is handed over meanwhile. Twice is once."""
    lock(db_session, round_)
    if round_.phase not in HANDING:
        raise WrongPhase("Things are looked for while the round is at “Pick-up”.")
    intake = desk_queries.find_intake(db_session, entry.id)
    here, there = (IntakeState.PRESENT, IntakeState.MISSING)[:: 1 if is_missing else -1]
    if intake is None or intake.state not in (here, there):
        raise BadEntry("This thing is not at the desk, so it cannot be looked for.")
    if intake.state is here:
        move_intake(db_session, intake, there, by=by, now=now)
        live = hand_queries.find_live(db_session, entry_id=entry.id)
        if live is not None:
            live.boxed_at = None
    db_session.flush()


def settle_round(db_session: Session, *, round_: TradeRound, by: Actor, now: datetime) -> int:
    """Close the books: each loop has moved whole. What nobody collected is unclaimed, but has a new owner. Returns the loops.

    Call it where the round is closed. Raises WrongPhase while a loop is broken: it must be repaired first.
    """
    if dispute_queries.count_open(db_session, round_id=round_.id):
        raise WrongPhase("A dispute is still open. Rule on it first.")
    if repairing.list_broken(db_session, round_id=round_.id):
        raise WrongPhase(
            "A thing cannot be found, so its loop cannot move whole. Repair it, or mark the thing as found."
        )
    rows = repairing.list_live(db_session, round_id=round_.id)
    for row in rows:
        if row.state is HandOverState.WAITING:
            _move(db_session, row, HandOverState.UNCLAIMED, by=by, now=now)
        row.settled_at = now
    db_session.flush()
    _settle_listings(db_session, [row.entry_id for row in rows], by=by, now=now)
    return len({(row.run_id, row.loop) for row in rows})


def _settle_listings(db_session: Session, entry_ids: Sequence[int], *, by: Actor, now: datetime) -> None:
    statement = select(RoundEntry.listing_id).where(RoundEntry.id.in_(entry_ids), RoundEntry.listing_id.is_not(None))
    ids = [listing_id for listing_id in db_session.scalars(statement) if listing_id is not None]
    for listing in lock_ids(db_session, Listing, ids):
        if listing.state is ListingState.LISTED:
            LISTING_MACHINE.check(listing.state, ListingState.TRADED)
            listing.state, listing.changed_at = ListingState.TRADED, now
            db_session.flush()
            record(
                db_session,
                now=now,
                by=by,
                verb="listing.traded",
                subject=listing,
                origin=ListingState.LISTED.value,
                target=ListingState.TRADED.value,
                reason="in a trade round",
            )


def _move(
    db_session: Session, row: HandOver, target: HandOverState, *, by: Actor, now: datetime, reason: str = ""
) -> None:
    origin = row.state
    HAND_OVER_MACHINE.check(origin, target)
    row.state = target
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"hand_over.{target.value}",
        subject=row,
        origin=origin.value,
        target=target.value,
        reason=reason,
    )
