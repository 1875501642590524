"""Reads of disputes, of cash between people, and of how reliable somebody was at an organizer's rounds."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from swapmeet.events.models import Event
from swapmeet.trades.rounds import money_queries, rules
from swapmeet.trades.rounds.desk_models import IntakeState, RoundIntake
from swapmeet.trades.rounds.dispute_models import (
    DisputePhoto,
    DisputeState,
    Outcome,
    RoundBar,
    RoundCash,
    RoundCashPaid,
    RoundDispute,
)
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.hand_models import HandOver, HandOverState
from swapmeet.trades.rounds.models import Phase, RoundEntry, RoundMember, RoundWant, TradeRound

_PARTS = (
    joinedload(RoundDispute.hand_over).joinedload(HandOver.entry),
    joinedload(RoundDispute.hand_over).joinedload(HandOver.giver).joinedload(RoundMember.person),
    joinedload(RoundDispute.hand_over).joinedload(HandOver.receiver).joinedload(RoundMember.person),
    selectinload(RoundDispute.photos),
)


def list_disputes(db_session: Session, *, round_id: int, member_id: int | None = None) -> list[RoundDispute]:
    """Open ones first, then by age; of one person those they raised and those about what they gave."""
    statement = select(RoundDispute).where(RoundDispute.round_id == round_id).options(*_PARTS)
    rows = db_session.scalars(statement.order_by(RoundDispute.id)).all()
    if member_id is not None:
        rows = [row for row in rows if member_id in (row.hand_over.giver_id, row.hand_over.receiver_id)]
    return sorted(rows, key=lambda row: row.state is not DisputeState.OPEN)


def get_dispute(db_session: Session, dispute_id: int, *, round_id: int, member_id: int | None = None) -> RoundDispute:
    """Raises NoSuchRound for one of another round, or of other people."""
    statement = select(RoundDispute).where(RoundDispute.id == dispute_id, RoundDispute.round_id == round_id)
    row = db_session.scalar(statement.options(*_PARTS))
    sides = (row.hand_over.giver_id, row.hand_over.receiver_id) if row else ()
    if row is None or (member_id is not None and member_id not in sides):
        raise NoSuchRound("There is no such dispute.")
    return row


def find_open_dispute(db_session: Session, *, hand_over_id: int) -> RoundDispute | None:
    return db_session.scalar(
        select(RoundDispute).where(RoundDispute.hand_over_id == hand_over_id, RoundDispute.state == DisputeState.OPEN)
    )


def count_open(db_session: Session, *, round_id: int) -> int:
    statement = select(func.count(RoundDispute.id)).where(
        RoundDispute.round_id == round_id, RoundDispute.state == DisputeState.OPEN
    )
    return db_session.scalar(statement) or 0


def get_photo(row: RoundDispute, photo_id: int) -> DisputePhoto:
    """Raises NoSuchRound for a photo of another dispute."""
    found = next((photo for photo in row.photos if photo.id == photo_id), None)
    if found is None:
        raise NoSuchRound("There is no such photo.")
    return found


def list_cash(db_session: Session, *, round_id: int) -> list[RoundCash]:
    """In the order they were written down."""
    people = (
        joinedload(RoundCash.payer).joinedload(RoundMember.person),
        joinedload(RoundCash.payee).joinedload(RoundMember.person),
    )
    statement = select(RoundCash).where(RoundCash.round_id == round_id).options(*people).order_by(RoundCash.id)
    return list(db_session.scalars(statement))


@dataclass(frozen=True)
class Balance:
    """What one person still owes the desk in all; below zero the desk owes them. `paid_minor`: what they have paid in."""

    member: RoundMember
    owes_minor: int
    paid_minor: int


def list_balances(db_session: Session, *, round_id: int) -> list[Balance]:
    """Everybody with money in the round, netted, less what has crossed the desk; by trader. They add up to what the desk holds."""
    owed: Counter[int] = Counter()
    legs = money_queries.list_legs(db_session, round_id=round_id)
    sums: list[RoundCash | money_queries.Leg] = [*list_cash(db_session, round_id=round_id), *legs]
    for row in sums:
        owed[row.payer_id] += row.amount_minor
        owed[row.payee_id] -= row.amount_minor
    paid = select(RoundCashPaid.member_id, func.sum(RoundCashPaid.amount_minor)).where(
        RoundCashPaid.round_id == round_id
    )
    crossed = {row[0]: int(row[1]) for row in db_session.execute(paid.group_by(RoundCashPaid.member_id))}
    owed.subtract(crossed)
    members = select(RoundMember).where(RoundMember.id.in_(owed)).options(joinedload(RoundMember.person))
    rows = db_session.scalars(members.order_by(RoundMember.number))
    return [Balance(row, owed[row.id], crossed.get(row.id, 0)) for row in rows]


def find_bar(db_session: Session, *, organizer_id: int, person_id: int) -> RoundBar | None:
    statement = select(RoundBar).where(
        RoundBar.organizer_id == organizer_id, RoundBar.person_id == person_id, RoundBar.lifted_at.is_(None)
    )
    return db_session.scalar(statement)


def list_bars(db_session: Session, *, organizer_id: int) -> list[RoundBar]:
    """Live ones, the newest first."""
    statement = select(RoundBar).where(RoundBar.organizer_id == organizer_id, RoundBar.lifted_at.is_(None))
    return list(db_session.scalars(statement.options(joinedload(RoundBar.person)).order_by(RoundBar.id.desc())))


@dataclass
class Record:
    """How somebody was at an organizer's earlier rounds that came to a hand-over. Things, but rounds and disputes where it says so."""

    rounds: int = 0
    brought: int = 0
    not_brought: int = 0
    late: int = 0
    refused: int = 0
    unclaimed: int = 0
    disputes: int = 0  # ruled against them

    @property
    def is_first(self) -> bool:
        return self.rounds == 0


def records_of(
    db_session: Session, *, organizer_id: int, person_ids: Collection[int], before: TradeRound
) -> dict[int, Record]:
    """By person; everybody asked for has one. Only shows of this organizer, only rounds that came before."""
    found: dict[int, Record] = defaultdict(Record, {person_id: Record() for person_id in person_ids})
    past = (
        select(RoundMember.id, RoundMember.person_id)
        .join(TradeRound, TradeRound.id == RoundMember.round_id)
        .join(Event, Event.id == TradeRound.event_id)
        .where(
            Event.organizer_id == organizer_id,
            RoundMember.person_id.in_(person_ids),
            TradeRound.id < before.id,
            TradeRound.phase.in_([Phase.PICK_UP, Phase.DISPUTES, Phase.CLOSED]),
            select(RoundIntake.id).where(RoundIntake.round_id == TradeRound.id).exists(),
        )
    )
    owner: dict[int, int] = {row[0]: row[1] for row in db_session.execute(past)}
    for person_id in owner.values():
        found[person_id].rounds += 1
    _count_intakes(db_session, owner, found)
    unclaimed = select(HandOver.receiver_id, func.count(HandOver.id)).where(
        HandOver.receiver_id.in_(owner), HandOver.state == HandOverState.UNCLAIMED
    )
    for member_id, count in db_session.execute(unclaimed.group_by(HandOver.receiver_id)):
        found[owner[member_id]].unclaimed += count
    ruled = (
        select(HandOver.giver_id, func.count(RoundDispute.id))
        .join(HandOver, HandOver.id == RoundDispute.hand_over_id)
        .where(HandOver.giver_id.in_(owner), RoundDispute.outcome.is_not(None), RoundDispute.outcome != Outcome.NOTHING)
    )
    for member_id, count in db_session.execute(ruled.group_by(HandOver.giver_id)):
        found[owner[member_id]].disputes += count
    return dict(found)


def _count_intakes(db_session: Session, owner: dict[int, int], found: dict[int, Record]) -> None:
    statement = (
        select(RoundEntry.member_id, RoundIntake.state, RoundIntake.is_late)
        .outerjoin(RoundIntake, RoundIntake.entry_id == RoundEntry.id)
        .where(RoundEntry.member_id.in_(owner), RoundEntry.withdrawn_at.is_(None), RoundEntry.stays_home.is_(False))
    )
    for member_id, state, is_late in db_session.execute(statement):
        record = found[owner[member_id]]
        if state is None or state is IntakeState.EXPECTED:
            record.not_brought += 1
        elif state is IntakeState.REFUSED:
            record.refused += 1
        else:
            record.brought += 1
            record.late += bool(is_late)


@dataclass(frozen=True)
class Check:
    """What a host may want to ask somebody about before the list of wants is settled."""

    no_wants: int
    far_below: int
    copies: int  # wants for things of which there is another copy, without protection

    def __bool__(self) -> bool:
        return bool(self.no_wants or self.far_below or self.copies)


def check_members(db_session: Session, *, round_id: int) -> dict[int, Check]:
    """By member: things without a want, wants worth far less than what is given, copies without protection."""
    members = {row.id: row for row in db_session.scalars(select(RoundMember).where(RoundMember.round_id == round_id))}
    entries = {
        row.id: row
        for row in db_session.scalars(
            select(RoundEntry).where(
                RoundEntry.round_id == round_id,
                RoundEntry.withdrawn_at.is_(None),
                RoundEntry.stays_home.is_(False),
            )
        )
    }
    wanted: dict[int, list[int]] = defaultdict(list)
    wants = select(RoundWant.entry_id, RoundWant.target_id).where(RoundWant.entry_id.in_(entries))
    for entry_id, target_id in db_session.execute(wants):
        if target_id in entries:
            wanted[entry_id].append(target_id)
    asks = money_queries.live_asks_of(db_session, round_id=round_id)
    found = {}
    for member_id, member in members.items():
        own = [entry for entry in entries.values() if entry.member_id == member_id]
        targets = {target for entry in own for target in wanted[entry.id]}
        titles = Counter(rules.title_key(entries[target].title) for target in targets)
        far = sum(
            rules.is_far_below(entry.value_minor, entries[target].value_minor)
            for entry in own
            for target in wanted[entry.id]
        )
        copies = 0 if member.protects else sum(count for count in titles.values() if count > 1)
        found[member_id] = Check(sum(not wanted[entry.id] and entry.id not in asks for entry in own), far, copies)
    return found
