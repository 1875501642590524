"""Reads of the hand-over: what somebody gets and where it lies, boxes, who collects for whom, what is left over."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from swapmeet.infra.codes import clean_typed
from swapmeet.trades.rounds.desk_models import IntakeState, RoundIntake
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.hand_models import HandOver, HandOverState, RoundBox, RoundDesk, RoundProxy
from swapmeet.trades.rounds.models import RoundEntry, RoundMember, TradeRun

LIVE = HandOver.state != HandOverState.VOID
_PEOPLE = (
    joinedload(HandOver.receiver).joinedload(RoundMember.person),
    joinedload(HandOver.giver).joinedload(RoundMember.person),
)
_PARTS = (joinedload(HandOver.entry), joinedload(HandOver.for_entry), *_PEOPLE)


def find_desk(db_session: Session, *, round_id: int) -> RoundDesk | None:
    return db_session.scalar(select(RoundDesk).where(RoundDesk.round_id == round_id))


def list_boxes(db_session: Session, *, round_id: int) -> list[RoundBox]:
    """By number."""
    statement = select(RoundBox).where(RoundBox.round_id == round_id)
    parts = joinedload(RoundBox.member).joinedload(RoundMember.person)
    return list(db_session.scalars(statement.options(parts).order_by(RoundBox.number)))


def find_box(db_session: Session, *, member_id: int) -> RoundBox | None:
    return db_session.scalar(select(RoundBox).where(RoundBox.member_id == member_id))


def get_box(db_session: Session, *, member_id: int) -> RoundBox:
    """Everybody who gets something has one. Raises NoSuchRound."""
    row = find_box(db_session, member_id=member_id)
    if row is None:
        raise NoSuchRound("There is no box for this person.")
    return row


def find_live(db_session: Session, *, entry_id: int) -> HandOver | None:
    """To whom a thing goes; None for one that goes to nobody."""
    return db_session.scalar(select(HandOver).where(HandOver.entry_id == entry_id, LIVE).options(*_PARTS))


def get_hand_over(db_session: Session, row_id: int, *, round_id: int) -> HandOver:
    """Raises NoSuchRound for one of another round."""
    row = db_session.scalar(select(HandOver).where(HandOver.id == row_id, HandOver.round_id == round_id))
    if row is None:
        raise NoSuchRound("There is no such hand-over in this round.")
    return row


def list_gets(db_session: Session, *, member_id: int) -> list[HandOver]:
    """What somebody gets, by number of the thing."""
    statement = select(HandOver).where(HandOver.receiver_id == member_id, LIVE).options(*_PARTS)
    return sorted(db_session.scalars(statement), key=lambda row: row.entry.number)


def list_gives(db_session: Session, *, member_id: int) -> list[HandOver]:
    """What somebody's things go to, by number of the thing."""
    statement = select(HandOver).where(HandOver.giver_id == member_id, LIVE).options(*_PARTS)
    return sorted(db_session.scalars(statement), key=lambda row: row.entry.number)


def _stays() -> Select[RoundEntry, RoundIntake]:
    """Things that the desk took in and that go to nobody."""
    goes = select(HandOver.entry_id).where(LIVE)
    return (
        select(RoundEntry, RoundIntake)
        .join(RoundIntake, RoundIntake.entry_id == RoundEntry.id)
        .where(
            RoundIntake.state.in_([IntakeState.PRESENT, IntakeState.RETURNED, IntakeState.MISSING]),
            RoundEntry.id.not_in(goes),
        )
        .order_by(RoundEntry.number)
    )


def list_stays(db_session: Session, *, member_id: int) -> list[tuple[RoundEntry, RoundIntake]]:
    """Somebody's own things that did not trade and lay at the desk: they take them back."""
    statement = _stays().where(RoundEntry.member_id == member_id)
    return [(row[0], row[1]) for row in db_session.execute(statement)]


@dataclass(frozen=True)
class BoxState:
    """One receiver's box: the hand-overs for it, and own things to take back."""

    box: RoundBox | None
    member: RoundMember
    rows: list[HandOver]
    backs: list[tuple[RoundEntry, RoundIntake]]

    @property
    def waiting(self) -> int:
        """Things that still wait here, of both kinds."""
        open_rows = sum(row.state is not HandOverState.HANDED for row in self.rows)
        return open_rows + sum(intake.state is IntakeState.PRESENT for _entry, intake in self.backs)

    @property
    def boxed(self) -> int:
        return sum(row.boxed_at is not None and row.state is not HandOverState.HANDED for row in self.rows)

    @property
    def handed(self) -> int:
        return sum(row.state is HandOverState.HANDED for row in self.rows)

    @property
    def is_complete(self) -> bool:
        """Everything they get has been sorted in (or handed over), and something is left to collect."""
        return self.handed < len(self.rows) and self.boxed + self.handed == len(self.rows)


def list_box_states(db_session: Session, *, round_id: int) -> list[BoxState]:
    """Everybody for whom something lies, or lay, at the desk; by trader."""
    got: dict[int, list[HandOver]] = defaultdict(list)
    statement = select(HandOver).where(HandOver.round_id == round_id, LIVE).options(*_PARTS)
    for row in sorted(db_session.scalars(statement), key=lambda row: row.entry.number):
        got[row.receiver_id].append(row)
    backs: dict[int, list[tuple[RoundEntry, RoundIntake]]] = defaultdict(list)
    for entry, intake in db_session.execute(_stays().where(RoundEntry.round_id == round_id)):
        backs[entry.member_id].append((entry, intake))
    boxes = {row.member_id: row for row in list_boxes(db_session, round_id=round_id)}
    members = select(RoundMember).where(RoundMember.id.in_({*got, *backs})).options(joinedload(RoundMember.person))
    return [
        BoxState(boxes.get(member.id), member, got.get(member.id, []), backs.get(member.id, []))
        for member in db_session.scalars(members.order_by(RoundMember.number))
    ]


def list_uncollected(db_session: Session, *, round_id: int) -> list[RoundMember]:
    """People for whom something still lies at the desk, of both kinds."""
    return [row.member for row in list_box_states(db_session, round_id=round_id) if row.waiting]


def has_handed(db_session: Session, *, round_id: int) -> bool:
    """Has anything been handed over, or given back?"""
    gone = [IntakeState.GONE, IntakeState.RETURNED, IntakeState.MISSING]
    statement = select(RoundIntake.id).where(RoundIntake.round_id == round_id, RoundIntake.state.in_(gone))
    return db_session.scalar(statement.limit(1)) is not None


@dataclass(frozen=True)
class Short:
    """Somebody whose thing has gone to its new owner, and who gets nothing for it."""

    entry: RoundEntry
    member: RoundMember


def list_short(db_session: Session, *, round_id: int) -> list[Short]:
    """Left over by repairs, by number of the thing that was given."""
    back = aliased(HandOver)
    statement = (
        select(RoundEntry)
        .join(HandOver, and_(HandOver.entry_id == RoundEntry.id, HandOver.state == HandOverState.HANDED))
        .outerjoin(back, and_(back.for_entry_id == RoundEntry.id, back.state != HandOverState.VOID))
        .where(HandOver.round_id == round_id, back.id.is_(None))
        .options(joinedload(RoundEntry.member).joinedload(RoundMember.person))
        .order_by(RoundEntry.number)
    )
    return [Short(entry, entry.member) for entry in db_session.scalars(statement)]


def list_lost(db_session: Session, *, round_id: int) -> list[RoundEntry]:
    """Things that cannot be found, by number."""
    statement = (
        select(RoundEntry)
        .join(RoundIntake, RoundIntake.entry_id == RoundEntry.id)
        .where(RoundEntry.round_id == round_id, RoundIntake.state == IntakeState.MISSING)
    )
    return list(db_session.scalars(statement.options(joinedload(RoundEntry.member)).order_by(RoundEntry.number)))


def list_proxies(db_session: Session, *, member_id: int) -> list[RoundProxy]:
    """Who may collect for somebody now, in the order they were named."""
    statement = select(RoundProxy).where(RoundProxy.member_id == member_id, RoundProxy.revoked_at.is_(None))
    return list(db_session.scalars(statement.order_by(RoundProxy.id)))


def find_proxy(db_session: Session, *, round_id: int, text: str) -> RoundProxy | None:
    """Whose code this is; a revoked one is nobody's."""
    statement = select(RoundProxy).where(
        RoundProxy.round_id == round_id, RoundProxy.code == clean_typed(text), RoundProxy.revoked_at.is_(None)
    )
    return db_session.scalar(statement.options(joinedload(RoundProxy.member)))


def get_proxy(db_session: Session, row_id: int, *, member_id: int) -> RoundProxy:
    """Raises NoSuchRound for another person's."""
    row = db_session.scalar(select(RoundProxy).where(RoundProxy.id == row_id, RoundProxy.member_id == member_id))
    if row is None:
        raise NoSuchRound("Nobody like that collects for you.")
    return row


def pairs_of(rows: Sequence[Any]) -> dict[int, set[int]]:
    """Loops by run."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        found[row.run_id].add(row.loop)
    return found


def list_touched(db_session: Session, *, run: TradeRun) -> set[int]:
    """Members for whom a repair changes something: they give or get in it, or what they were to give or get is void."""
    before = select(TradeRun.id).where(TradeRun.round_id == run.round_id, TradeRun.id < run.id)
    statement = select(HandOver.giver_id, HandOver.receiver_id).where(
        HandOver.round_id == run.round_id,
        or_(
            HandOver.run_id == run.id,
            and_(HandOver.state == HandOverState.VOID, HandOver.run_id.in_(before)),
        ),
    )
    return {member_id for pair in db_session.execute(statement) for member_id in pair}
