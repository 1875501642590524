"""What must always be true of rounds and their runs, as queries that must find nothing."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from swapmeet.infra.audit import AuditEntry
from swapmeet.infra.files import StoredFile, read_file
from swapmeet.infra.jobs import Job, JobState
from swapmeet.infra.registry import DoctorQuery
from swapmeet.trades.matching import verify
from swapmeet.trades.rounds.desk_models import IntakeState, RoundIntake
from swapmeet.trades.rounds.desk_queries import find_first_result
from swapmeet.trades.rounds.dispute_models import DisputeState, RoundDispute
from swapmeet.trades.rounds.hand_models import HandOver, HandOverState
from swapmeet.trades.rounds.models import (
    LIVE,
    Phase,
    RoundEntry,
    RoundMember,
    RoundWant,
    RunKind,
    RunState,
    TradeRound,
    TradeRun,
    TradeRunMove,
)
from swapmeet.trades.rounds.money_models import RoundBid, TradeRunPayment
from swapmeet.trades.rounds.problem import handle
from swapmeet.trades.rounds.services import running

SHOWN = 20


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


def published_runs_that_do_not_hold(db_session: Session, now: datetime) -> list[str]:
    """A published run whose files, hashes and moves do not agree, or whose result breaks a want."""
    statement = select(TradeRun).where(TradeRun.state == RunState.PUBLISHED).order_by(TradeRun.id)
    found = []
    for run in db_session.scalars(statement):
        found += [f"trade run {run.id}: {fault}" for fault in _faults_of(db_session, run)]
    return found[:SHOWN]


def _read(db_session: Session, file_id: int | None) -> Any:
    return json.loads(read_file(db_session.get_one(StoredFile, file_id).key))


def _faults_of(db_session: Session, run: TradeRun) -> list[str]:
    try:
        problem, result = (_read(db_session, file_id) for file_id in (run.input_file_id, run.result_file_id))
        first = find_first_result(db_session, round_id=run.round_id) if result.get("keeps") else None
        told = _read(db_session, first.result_file_id) if first else None
    except (FileNotFoundError, ValueError) as error:
        return [f"its files cannot be read ({type(error).__name__})"]
    faults = verify(problem, result, told)[:3]
    if (result.get("input_hash"), result.get("result_hash")) != (run.input_hash, run.result_hash):
        faults.append("its hashes are not those of its result")
    given, back = aliased(RoundEntry), aliased(RoundEntry)
    statement = (
        select(TradeRunMove.loop, given.number, back.number)
        .join(given, given.id == TradeRunMove.entry_id)
        .join(back, back.id == TradeRunMove.for_entry_id)
        .where(TradeRunMove.run_id == run.id)
        .order_by(TradeRunMove.loop, TradeRunMove.place)
    )
    # In a repair a thing may stand in for the one that its receiver has given already.
    kept = [(loop, f"{one}", "" if run.repair else f"{other}") for loop, one, other in db_session.execute(statement)]
    said, pays = [], []
    for number, loop in enumerate(result.get("loops", ()), start=1):
        paid_for = {bid: item for item, bid, _payer, _payee, _amount in loop["payments"]}
        moves = loop["moves"]
        said += [(number, move[0], "" if run.repair else paid_for.get(move[3], move[3])) for move in moves]
        bought = {move[3]: move[0] for move in moves}
        pays += [(bought[bid], payer, payee, amount) for _item, bid, payer, payee, amount in loop["payments"]]
    if kept != said:
        faults.append("its moves are not those of its result")
    return faults if _payments_of(db_session, run) == sorted(pays) else [*faults, "its money is not that of its result"]


def _payments_of(db_session: Session, run: TradeRun) -> list[tuple[str, str, str, int]]:
    """(thing bought, payer, payee, amount) as the engine names them."""
    payer, payee = aliased(RoundMember), aliased(RoundMember)
    statement = (
        select(RoundEntry.number, payer.number, payee.number, TradeRunPayment.amount_minor)
        .select_from(TradeRunPayment)
        .join(RoundEntry, RoundEntry.id == TradeRunPayment.entry_id)
        .join(payer, payer.id == TradeRunPayment.payer_id)
        .join(payee, payee.id == TradeRunPayment.payee_id)
        .where(TradeRunPayment.run_id == run.id)
    )
    rows = db_session.execute(statement).all()
    return sorted((f"{row[0]}", handle(row[1]), handle(row[2]), int(row[3])) for row in rows)


def money_that_is_not_a_trade(db_session: Session, now: datetime) -> list[str]:
    """A payment without its move, one that another person makes, or one that goes to somebody who gives nothing.

    So the money of each run adds up to nothing over all people, and nobody pays but for a thing or is paid but for one.
    """
    back = aliased(TradeRunMove)
    statement = (
        select(TradeRunPayment.id)
        .outerjoin(
            TradeRunMove,
            and_(
                TradeRunMove.run_id == TradeRunPayment.run_id,
                TradeRunMove.entry_id == TradeRunPayment.entry_id,
                TradeRunMove.for_entry_id == TradeRunPayment.for_entry_id,
                TradeRunMove.receiver_id == TradeRunPayment.payer_id,
            ),
        )
        .outerjoin(TradeRun, TradeRun.id == TradeRunPayment.run_id)
        .outerjoin(
            back,
            and_(
                back.run_id == TradeRunPayment.run_id,
                back.entry_id == TradeRunPayment.for_entry_id,
                back.giver_id == TradeRunPayment.payee_id,
            ),
        )
        .where(or_(TradeRunMove.id.is_(None), and_(back.id.is_(None), TradeRun.repair == 0)))
        .order_by(TradeRunPayment.id)
        .limit(SHOWN)
    )
    return [f"payment {row} belongs to no hand-over" for row in db_session.scalars(statement)]


def offers_across_rounds(db_session: Session, now: datetime) -> list[str]:
    """Money offered for a thing of another round, or for one's own."""
    statement = (
        select(RoundBid.id)
        .join(RoundEntry, RoundEntry.id == RoundBid.target_id)
        .join(RoundMember, RoundMember.id == RoundBid.member_id)
        .where((RoundMember.round_id != RoundEntry.round_id) | (RoundMember.id == RoundEntry.member_id))
        .order_by(RoundBid.id)
        .limit(SHOWN)
    )
    return [f"offer {row} is for a thing it cannot have" for row in db_session.scalars(statement)]


def runs_without_a_job(db_session: Session, now: datetime) -> list[str]:
    """A run that waits or runs has a job that will bring it to its end."""
    ids = list(db_session.scalars(select(TradeRun.id).where(TradeRun.state.in_(LIVE)).order_by(TradeRun.id)))
    if not ids:
        return []
    jobs = select(Job.payload).where(Job.kind == running.JOB, Job.state.in_([JobState.READY, JobState.RUNNING]))
    covered = {payload.get("run_id") for payload in db_session.scalars(jobs)}
    return [f"trade run {run_id} waits, but no job will solve it" for run_id in ids if run_id not in covered][:SHOWN]


def runs_without_audit(db_session: Session, now: datetime) -> list[str]:
    """A run whose state nobody wrote down."""
    written = exists().where(
        AuditEntry.subject == "TradeRun", AuditEntry.subject_id == TradeRun.id, AuditEntry.target == TradeRun.state
    )
    statement = select(TradeRun.id, TradeRun.state).where(~written).order_by(TradeRun.id).limit(SHOWN)
    return [f"trade run {row[0]} became {row[1].value} without an audit entry" for row in db_session.execute(statement)]


def half_moved_loops(db_session: Session, now: datetime) -> list[str]:
    """A published final run whose moves do not all wait, or went, together; void ones must have been replaced by a repair.

    Once something of a loop is void, whatever of it is live has been handed over.
    """
    statement = (
        select(TradeRun.id, TradeRunMove.loop, TradeRunMove.entry_id, HandOver.state)
        .join(TradeRunMove, TradeRunMove.run_id == TradeRun.id)
        .outerjoin(HandOver, and_(HandOver.run_id == TradeRun.id, HandOver.entry_id == TradeRunMove.entry_id))
        .where(TradeRun.kind == RunKind.FINAL, TradeRun.state == RunState.PUBLISHED)
        .order_by(TradeRun.id, TradeRunMove.loop, TradeRunMove.place)
    )
    found: list[str] = []
    loops: dict[tuple[int, int], set[HandOverState]] = {}
    for run_id, loop, entry_id, state in db_session.execute(statement):
        if state is None:
            found.append(f"entry {entry_id} of trade run {run_id} waits for nobody")
        else:
            loops.setdefault((run_id, loop), set()).add(state)
    for (run_id, loop), states in loops.items():
        if HandOverState.VOID in states and states - {HandOverState.VOID, HandOverState.HANDED}:
            found.append(f"loop {loop} of trade run {run_id} is void in part and still waits in part")
    return found[:SHOWN]


def half_settled_loops(db_session: Session, now: datetime) -> list[str]:
    """A loop that is settled in part, or a closed round with something that is not."""
    statement = (
        select(
            HandOver.round_id,
            HandOver.run_id,
            HandOver.loop,
            func.count(HandOver.id),
            func.count(HandOver.settled_at),
            TradeRound.phase,
        )
        .join(TradeRound, TradeRound.id == HandOver.round_id)
        .where(HandOver.state != HandOverState.VOID)
        .group_by(HandOver.round_id, HandOver.run_id, HandOver.loop, TradeRound.phase)
        .order_by(HandOver.run_id, HandOver.loop)
    )
    return [
        f"loop {loop} of trade run {run_id}: {settled} of {rows} hand-overs are settled"
        for _round, run_id, loop, rows, settled, phase in db_session.execute(statement)
        if settled != (rows if phase is Phase.CLOSED else 0)
    ][:SHOWN]


def things_in_two_places(db_session: Session, now: datetime) -> list[str]:
    """A thing that was handed over but lies at the desk, or has gone and was handed to nobody."""
    statement = (
        select(RoundIntake.entry_id, RoundIntake.state, HandOver.state)
        .outerjoin(HandOver, and_(HandOver.entry_id == RoundIntake.entry_id, HandOver.state != HandOverState.VOID))
        .where(
            or_(
                and_(HandOver.state == HandOverState.HANDED, RoundIntake.state != IntakeState.GONE),
                and_(
                    RoundIntake.state == IntakeState.GONE,
                    or_(HandOver.id.is_(None), HandOver.state != HandOverState.HANDED),
                ),
                and_(
                    HandOver.state == HandOverState.WAITING,
                    RoundIntake.state.not_in([IntakeState.PRESENT, IntakeState.MISSING]),
                ),
            )
        )
        .order_by(RoundIntake.entry_id)
        .limit(SHOWN)
    )
    return [
        f"entry {entry_id} is {where.value}, its hand-over is {goes.value if goes else 'none'}"
        for entry_id, where, goes in db_session.execute(statement)
    ]


def hand_overs_without_audit(db_session: Session, now: datetime) -> list[str]:
    """A hand-over whose end nobody wrote down."""
    written = exists().where(
        AuditEntry.subject == "HandOver", AuditEntry.subject_id == HandOver.id, AuditEntry.target == HandOver.state
    )
    ends = [HandOverState.HANDED, HandOverState.UNCLAIMED]
    statement = select(HandOver.id, HandOver.state).where(HandOver.state.in_(ends), ~written)
    return [
        f"hand-over {row[0]} became {row[1].value} without an audit entry"
        for row in db_session.execute(statement.order_by(HandOver.id).limit(SHOWN))
    ]


def disputes_without_audit(db_session: Session, now: datetime) -> list[str]:
    """A dispute that ended without anybody having written it down, or one that is open although its round is closed."""
    written = exists().where(
        AuditEntry.subject == "RoundDispute",
        AuditEntry.subject_id == RoundDispute.id,
        AuditEntry.target == RoundDispute.state,
    )
    statement = (
        select(RoundDispute.id, RoundDispute.state)
        .join(TradeRound, TradeRound.id == RoundDispute.round_id)
        .where(or_(~written, and_(TradeRound.phase == Phase.CLOSED, RoundDispute.state == DisputeState.OPEN)))
        .order_by(RoundDispute.id)
        .limit(SHOWN)
    )
    return [
        f"dispute {row[0]} is {row[1].value}, its log or its round says otherwise"
        for row in db_session.execute(statement)
    ]


QUERIES = [
    DoctorQuery(14, "disputes and their ends are written down", disputes_without_audit),
    DoctorQuery(10, "loops wait and go as a whole", half_moved_loops),
    DoctorQuery(10, "loops are settled as a whole", half_settled_loops),
    DoctorQuery(10, "things are in one place", things_in_two_places),
    DoctorQuery(14, "hand-overs are written down", hand_overs_without_audit),
    DoctorQuery(8, "each run that waits has a job", runs_without_a_job),
    DoctorQuery(10, "published runs hold what their input asks", published_runs_that_do_not_hold),
    DoctorQuery(12, "wants stay in their round", wants_across_rounds),
    DoctorQuery(12, "money stays in its round", offers_across_rounds),
    DoctorQuery(4, "money of rounds adds up to nothing", money_that_is_not_a_trade),
    DoctorQuery(14, "runs of rounds are written down", runs_without_audit),
]
