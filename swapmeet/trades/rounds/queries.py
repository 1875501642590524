"""Reads of trade rounds."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from swapmeet.trades import vocab
from swapmeet.trades.catalog import Filters, of_kind
from swapmeet.trades.models import Listing, ListingState
from swapmeet.trades.rounds import rules
from swapmeet.trades.rounds.desk_models import IntakeState, RoundIntake
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.hand_models import RoundDesk
from swapmeet.trades.rounds.models import (
    Phase,
    RoundDeadline,
    RoundEntry,
    RoundMember,
    RoundWant,
    RunKind,
    RunState,
    TradeRound,
    TradeRun,
    TradeRunMove,
)
from swapmeet.trades.rounds.money_models import RoundAsk, RoundBid, TradeRunPayment


def takes_money(db_session: Session, *, round_id: int) -> bool:
    """Has the host switched money on?"""
    statement = select(RoundDesk.id).where(RoundDesk.round_id == round_id, RoundDesk.uses_money)
    return db_session.scalar(statement) is not None


def get_round(db_session: Session, round_id: int, *, event_id: int) -> TradeRound:
    """Raises NoSuchRound for one of another show."""
    row = db_session.scalar(select(TradeRound).where(TradeRound.id == round_id, TradeRound.event_id == event_id))
    if row is None:
        raise NoSuchRound("There is no such trade round.")
    return row


def list_rounds(db_session: Session, *, event_id: int) -> list[TradeRound]:
    """The latest first."""
    statement = select(TradeRound).where(TradeRound.event_id == event_id).order_by(TradeRound.id.desc()).limit(50)
    return list(db_session.scalars(statement))


def list_deadlines(db_session: Session, *, round_id: int) -> dict[Phase, datetime]:
    statement = select(RoundDeadline.phase, RoundDeadline.ends_at).where(RoundDeadline.round_id == round_id)
    return {row[0]: row[1] for row in db_session.execute(statement)}


def find_member(db_session: Session, *, round_id: int, person_id: int) -> RoundMember | None:
    return db_session.scalar(
        select(RoundMember).where(RoundMember.round_id == round_id, RoundMember.person_id == person_id)
    )


def find_member_by_id(db_session: Session, member_id: int, *, round_id: int) -> RoundMember | None:
    """None for one of another round."""
    return db_session.scalar(select(RoundMember).where(RoundMember.id == member_id, RoundMember.round_id == round_id))


def list_own_entries(db_session: Session, *, member_id: int) -> list[RoundEntry]:
    """What a person has in the round, by number."""
    statement = select(RoundEntry).where(RoundEntry.member_id == member_id, RoundEntry.withdrawn_at.is_(None))
    return list(db_session.scalars(statement.order_by(RoundEntry.number)))


def get_entry(db_session: Session, entry_id: int, *, round_id: int, member_id: int | None = None) -> RoundEntry:
    """Raises NoSuchRound for one of another round (or of another person, when `member_id` is given)."""
    statement = select(RoundEntry).where(
        RoundEntry.id == entry_id, RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None)
    )
    if member_id is not None:
        statement = statement.where(RoundEntry.member_id == member_id)
    row = db_session.scalar(statement)
    if row is None:
        raise NoSuchRound("There is no such thing in this round.")
    return row


def entries_of(*, round_id: int, filters: Filters, without_member: int | None = None) -> Select[RoundEntry]:
    """What is in the round, by number, with its owner."""
    statement = select(RoundEntry).where(RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None))
    if without_member is not None:
        statement = statement.where(RoundEntry.member_id != without_member)
    statement = statement.where(*of_kind(filters, RoundEntry))
    for word in filters.q.split()[:8]:
        statement = statement.where(RoundEntry.title.icontains(word, autoescape=True))
    parts = joinedload(RoundEntry.member).joinedload(RoundMember.person)
    return statement.options(parts, joinedload(RoundEntry.listing)).order_by(RoundEntry.number)


def entries_by_id(db_session: Session, *, round_id: int) -> dict[int, RoundEntry]:
    """Everything that ever was in the round."""
    return {row.id: row for row in db_session.scalars(select(RoundEntry).where(RoundEntry.round_id == round_id))}


def list_enterable(db_session: Session, *, person_id: int, round_: TradeRound) -> list[Listing]:
    """Own listings that may still enter: on offer, not hidden, no wanted notice, not in the round."""
    inside = select(RoundEntry.listing_id).where(
        RoundEntry.round_id == round_.id, RoundEntry.listing_id.is_not(None), RoundEntry.withdrawn_at.is_(None)
    )
    statement = select(Listing).where(
        Listing.owner_id == person_id,
        Listing.event_id == round_.event_id,
        Listing.state == ListingState.LISTED,
        Listing.hidden_at.is_(None),
        Listing.intent != vocab.Intent.WANTED,
        Listing.id.not_in(inside),
    )
    return list(db_session.scalars(statement.order_by(Listing.title, Listing.id).limit(200)))


def list_locked(db_session: Session, listing_ids: Collection[int]) -> set[int]:
    """Which of these listings a round holds: its list is fixed and it is not over yet."""
    statement = (
        select(RoundEntry.listing_id)
        .join(TradeRound, TradeRound.id == RoundEntry.round_id)
        .where(
            RoundEntry.listing_id.in_(listing_ids),
            RoundEntry.withdrawn_at.is_(None),
            RoundEntry.stays_home.is_(False),
            TradeRound.phase.in_(sorted(rules.LOCKED)),
        )
    )
    return {row for row in db_session.scalars(statement) if row is not None}


def list_wants(db_session: Session, *, entry_id: int) -> list[RoundWant]:
    """Best liked first; things that were taken out are left out."""
    statement = (
        select(RoundWant)
        .join(RoundEntry, RoundEntry.id == RoundWant.target_id)
        .where(RoundWant.entry_id == entry_id, RoundEntry.withdrawn_at.is_(None))
        .options(joinedload(RoundWant.target).joinedload(RoundEntry.member).joinedload(RoundMember.person))
        .order_by(RoundWant.rank, RoundWant.id)
    )
    return list(db_session.scalars(statement))


def count_wants(db_session: Session, *, member_id: int) -> dict[int, int]:
    """Own entry id -> number of wants."""
    statement = (
        select(RoundWant.entry_id, func.count(RoundWant.id))
        .join(RoundEntry, RoundEntry.id == RoundWant.entry_id)
        .where(RoundEntry.member_id == member_id)
        .group_by(RoundWant.entry_id)
    )
    return {row[0]: row[1] for row in db_session.execute(statement)}


def list_without_wants(db_session: Session, *, round_id: int) -> list[RoundMember]:
    """People with things in the round who want nothing yet, neither things nor money, nor said that they keep all at home."""
    having = select(RoundEntry.member_id).join(RoundWant, RoundWant.entry_id == RoundEntry.id)
    open_entry = select(RoundEntry.member_id).where(
        RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None), RoundEntry.stays_home.is_(False)
    )
    asking = open_entry.join(RoundAsk, RoundAsk.entry_id == RoundEntry.id)
    statement = select(RoundMember).where(
        RoundMember.round_id == round_id,
        RoundMember.id.in_(open_entry),
        RoundMember.id.not_in(having.where(RoundEntry.round_id == round_id)),
    )
    if takes_money(db_session, round_id=round_id):
        statement = statement.where(RoundMember.id.not_in(asking), RoundMember.id.not_in(select(RoundBid.member_id)))
    return list(db_session.scalars(statement.options(joinedload(RoundMember.person)).order_by(RoundMember.number)))


def list_taking_part(db_session: Session, *, round_id: int) -> list[RoundMember]:
    """People with something in the round, also with things that stay at home, or with money offered."""
    inside = select(RoundEntry.member_id).where(RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None))
    takes_part = RoundMember.id.in_(inside) | RoundMember.id.in_(select(RoundBid.member_id))
    statement = select(RoundMember).where(RoundMember.round_id == round_id, takes_part)
    return list(db_session.scalars(statement.options(joinedload(RoundMember.person)).order_by(RoundMember.number)))


def list_members(db_session: Session, *, round_id: int) -> list[RoundMember]:
    statement = select(RoundMember).where(RoundMember.round_id == round_id)
    return list(db_session.scalars(statement.options(joinedload(RoundMember.person)).order_by(RoundMember.number)))


def count_entries(db_session: Session, *, round_id: int) -> int:
    statement = select(func.count(RoundEntry.id)).where(
        RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None)
    )
    return db_session.scalar(statement) or 0


def find_run(db_session: Session, run_id: int, *, round_id: int) -> TradeRun | None:
    return db_session.scalar(select(TradeRun).where(TradeRun.id == run_id, TradeRun.round_id == round_id))


def get_run(db_session: Session, run_id: int, *, round_id: int) -> TradeRun:
    """Raises NoSuchRound for one of another round."""
    row = find_run(db_session, run_id, round_id=round_id)
    if row is None:
        raise NoSuchRound("There is no such run of this round.")
    return row


def list_runs(db_session: Session, *, round_id: int) -> list[TradeRun]:
    """The newest first."""
    statement = select(TradeRun).where(TradeRun.round_id == round_id).order_by(TradeRun.number.desc()).limit(50)
    return list(db_session.scalars(statement))


def find_last_run(db_session: Session, *, round_id: int) -> TradeRun | None:
    return db_session.scalar(
        select(TradeRun).where(TradeRun.round_id == round_id).order_by(TradeRun.number.desc()).limit(1)
    )


def find_published(db_session: Session, *, round_id: int, kind: RunKind | None = None) -> TradeRun | None:
    """The run whose result is out (of one kind); the last one where there are several. Repairs are not among them."""
    statement = select(TradeRun).where(
        TradeRun.round_id == round_id, TradeRun.state == RunState.PUBLISHED, TradeRun.repair == 0
    )
    if kind is not None:
        statement = statement.where(TradeRun.kind == kind)
    return db_session.scalar(statement.order_by(TradeRun.number.desc()).limit(1))


def list_repairs(db_session: Session, *, round_id: int) -> list[TradeRun]:
    """Published repairs, in their order."""
    statement = select(TradeRun).where(
        TradeRun.round_id == round_id, TradeRun.state == RunState.PUBLISHED, TradeRun.repair > 0
    )
    return list(db_session.scalars(statement.order_by(TradeRun.repair)))


def loops_of(*, run_id: int) -> Any:
    """(loop, its hand-overs), longest first."""
    count = func.count(TradeRunMove.id)
    statement = select(TradeRunMove.loop, count).where(TradeRunMove.run_id == run_id).group_by(TradeRunMove.loop)
    return statement.order_by(TradeRunMove.loop)


def count_lengths(db_session: Session, *, run_id: int) -> list[tuple[int, int]]:
    """(hand-overs in a loop, how many such loops), shortest first."""
    loops = loops_of(run_id=run_id).order_by(None).subquery()
    length = loops.c[1]
    statement = select(length, func.count()).group_by(length).order_by(length)
    return [(row[0], row[1]) for row in db_session.execute(statement)]


def list_moves(db_session: Session, *, run_id: int, loops: Collection[int]) -> dict[int, list[TradeRunMove]]:
    """The hand-overs of these loops in giving order, by loop."""
    statement = select(TradeRunMove).where(TradeRunMove.run_id == run_id, TradeRunMove.loop.in_(loops))
    found: dict[int, list[TradeRunMove]] = {}
    for move in db_session.scalars(statement.options(*_PARTS).order_by(TradeRunMove.loop, TradeRunMove.place)):
        found.setdefault(move.loop, []).append(move)
    return found


_PARTS = (
    joinedload(TradeRunMove.entry),
    joinedload(TradeRunMove.for_entry),
    joinedload(TradeRunMove.giver),
    joinedload(TradeRunMove.receiver),
)


def list_own_moves(db_session: Session, *, run_id: int, member_id: int) -> list[TradeRunMove]:
    """What a person hands over or gets, by the number of the thing."""
    mine = (TradeRunMove.giver_id == member_id) | (TradeRunMove.receiver_id == member_id)
    statement = select(TradeRunMove).where(TradeRunMove.run_id == run_id, mine).options(*_PARTS)
    return sorted(db_session.scalars(statement), key=lambda move: move.entry.number)


def list_uneven(db_session: Session, *, run_id: int) -> list[TradeRunMove]:
    """Hand-overs in which somebody gets something worth far less than what is given for it."""
    given, got = aliased(RoundEntry), aliased(RoundEntry)
    statement = (
        select(TradeRunMove)
        .join(got, got.id == TradeRunMove.entry_id)
        .join(given, given.id == TradeRunMove.for_entry_id)
        .where(
            TradeRunMove.run_id == run_id,
            TradeRunMove.entry_id.not_in(select(TradeRunPayment.entry_id).where(TradeRunPayment.run_id == run_id)),
            given.value_minor > 0,
            got.value_minor * 100 < given.value_minor * rules.FAR_BELOW_PERCENT,
        )
        .options(*_PARTS)
        .order_by(got.number)
    )
    return list(db_session.scalars(statement))


def list_without_trade(db_session: Session, *, round_id: int, run_id: int) -> list[RoundMember]:
    """People with something in the round who neither give nor get anything in the run."""
    trading = select(TradeRunMove.giver_id).where(TradeRunMove.run_id == run_id)
    inside = select(RoundEntry.member_id).where(RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None))
    statement = select(RoundMember).where(
        RoundMember.round_id == round_id,
        RoundMember.id.in_(inside),
        RoundMember.id.not_in(trading),
        RoundMember.id.not_in(select(TradeRunMove.receiver_id).where(TradeRunMove.run_id == run_id)),
    )
    return list(db_session.scalars(statement.options(joinedload(RoundMember.person)).order_by(RoundMember.number)))


def entries_by_number(db_session: Session, *, round_id: int, numbers: Collection[int]) -> dict[int, RoundEntry]:
    """Things of a round by the numbers on their labels."""
    statement = select(RoundEntry).where(RoundEntry.round_id == round_id, RoundEntry.number.in_(numbers))
    return {row.number: row for row in db_session.scalars(statement)}


def count_takers(db_session: Session, *, entry_ids: Collection[int]) -> dict[int, int]:
    """Entry id -> how many things that take part would be given for it."""
    statement = (
        select(RoundWant.target_id, func.count(RoundWant.id))
        .join(RoundEntry, RoundEntry.id == RoundWant.entry_id)
        .where(RoundWant.target_id.in_(entry_ids), RoundEntry.withdrawn_at.is_(None), RoundEntry.stays_home.is_(False))
        .group_by(RoundWant.target_id)
    )
    return {row[0]: row[1] for row in db_session.execute(statement)}


def count_all_wants(db_session: Session, *, round_id: int, only_present: bool = False) -> tuple[int, int]:
    """(things that take part, wants for one of them): the size of what the engine would get, at most."""
    inside = [RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None), RoundEntry.stays_home.is_(False)]
    if only_present:
        inside.append(RoundEntry.id.in_(present(round_id)))
    things = db_session.scalar(select(func.count(RoundEntry.id)).where(*inside)) or 0
    wants = select(func.count(RoundWant.id)).join(RoundEntry, RoundEntry.id == RoundWant.entry_id).where(*inside)
    return things, db_session.scalar(wants) or 0


def present(round_id: int) -> Select[int]:
    """Ids of the things that lie at the desk."""
    return select(RoundIntake.entry_id).where(
        RoundIntake.round_id == round_id, RoundIntake.state == IntakeState.PRESENT
    )
