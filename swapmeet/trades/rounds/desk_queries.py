"""Reads of the trade desk: what is expected and what is there, who a badge belongs to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.accounts.models import Person
from swapmeet.badges.queries import select_holder
from swapmeet.trades.rounds.desk_models import Condition, IntakeState, RoundIntake
from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.models import RoundEntry, RoundMember, RunKind, RunState, TradeRun, TradeRunMove
from swapmeet.trades.rounds.money_models import TradeRunPayment

FOUND_AT_DESK = 20
HERE = (IntakeState.PRESENT, IntakeState.GONE, IntakeState.RETURNED, IntakeState.MISSING)  # was taken in at some time


@dataclass(frozen=True)
class Arrival:
    """A thing that takes part, and where it is (None: the desk has not touched it)."""

    entry: RoundEntry
    intake: RoundIntake | None

    @property
    def state(self) -> IntakeState:
        return self.intake.state if self.intake else IntakeState.EXPECTED


def _taking_part(round_id: int) -> Any:
    return and_(RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None), RoundEntry.stays_home.is_(False))


def _arrivals(round_id: int) -> Select[RoundEntry, RoundIntake]:
    owner = joinedload(RoundEntry.member).joinedload(RoundMember.person)
    return (
        select(RoundEntry, RoundIntake)
        .outerjoin(RoundIntake, RoundIntake.entry_id == RoundEntry.id)
        .where(_taking_part(round_id))
        .options(owner)
        .order_by(RoundEntry.number)
    )


def list_arrivals(db_session: Session, *, round_id: int, member_id: int | None = None) -> list[Arrival]:
    """Everything that takes part (of one person), by number."""
    statement = _arrivals(round_id)
    if member_id is not None:
        statement = statement.where(RoundEntry.member_id == member_id)
    return [Arrival(*row) for row in db_session.execute(statement)]


def find_arrival(db_session: Session, *, round_id: int, number: int) -> Arrival | None:
    row = db_session.execute(_arrivals(round_id).where(RoundEntry.number == number)).first()
    return Arrival(*row) if row else None


def find_intake(db_session: Session, entry_id: int) -> RoundIntake | None:
    return db_session.scalar(select(RoundIntake).where(RoundIntake.entry_id == entry_id))


def get_intake(db_session: Session, entry_id: int) -> RoundIntake:
    """Raises NoSuchRound for a thing that the desk has never seen."""
    row = find_intake(db_session, entry_id)
    if row is None:
        raise NoSuchRound("This thing was never at the desk.")
    return row


def has_intakes(db_session: Session, *, round_id: int) -> bool:
    """Has the desk taken anything in, or refused it?"""
    statement = select(RoundIntake.id).where(
        RoundIntake.round_id == round_id, RoundIntake.state != IntakeState.EXPECTED
    )
    return db_session.scalar(statement.limit(1)) is not None


def count_states(db_session: Session, *, round_id: int) -> dict[IntakeState, int]:
    """How many things that take part are in each state; all states have an entry."""
    statement = (
        select(RoundIntake.state, func.count(RoundEntry.id))
        .select_from(RoundEntry)
        .outerjoin(RoundIntake, RoundIntake.entry_id == RoundEntry.id)
        .where(_taking_part(round_id))
        .group_by(RoundIntake.state)
    )
    found = dict.fromkeys(IntakeState, 0)
    for state, count in db_session.execute(statement):
        found[state or IntakeState.EXPECTED] += count
    return found


@dataclass(frozen=True)
class Progress:
    """How far one person is: things that take part, those taken in, those refused."""

    member: RoundMember
    things: int
    taken: int
    refused: int

    @property
    def open(self) -> int:
        return self.things - self.taken - self.refused


def list_progress(db_session: Session, *, round_id: int) -> list[Progress]:
    """By number of trader; people whose things all stay at home are left out."""
    found: dict[int, list[Arrival]] = {}
    for arrival in list_arrivals(db_session, round_id=round_id):
        found.setdefault(arrival.entry.member_id, []).append(arrival)
    rows = [
        Progress(
            rows[0].entry.member,
            len(rows),
            sum(row.state in HERE for row in rows),
            sum(row.state is IntakeState.REFUSED for row in rows),
        )
        for rows in found.values()
    ]
    return sorted(rows, key=lambda row: row.member.number)


def list_unbrought(db_session: Session, *, round_id: int) -> list[RoundMember]:
    """People of whom the desk still waits for something."""
    waiting = select(RoundEntry.member_id).where(
        _taking_part(round_id),
        RoundEntry.id.not_in(
            select(RoundIntake.entry_id).where(
                RoundIntake.round_id == round_id, RoundIntake.state != IntakeState.EXPECTED
            )
        ),
    )
    statement = select(RoundMember).where(RoundMember.round_id == round_id, RoundMember.id.in_(waiting))
    return list(db_session.scalars(statement.options(joinedload(RoundMember.person)).order_by(RoundMember.number)))


def find_trader(db_session: Session, *, round_id: int, number: int) -> RoundMember | None:
    statement = select(RoundMember).where(RoundMember.round_id == round_id, RoundMember.number == number)
    return db_session.scalar(statement.options(joinedload(RoundMember.person)))


def find_traders(db_session: Session, *, round_id: int, event_id: int, text: str) -> list[RoundMember]:
    """Whose badge this is (a void one finds nobody), or whose name has these words."""
    statement = (
        select(RoundMember)
        .join(Person, Person.id == RoundMember.person_id)
        .where(RoundMember.round_id == round_id)
        .options(joinedload(RoundMember.person))
        .order_by(RoundMember.number)
        .limit(FOUND_AT_DESK)
    )
    by_badge = list(db_session.scalars(statement.where(RoundMember.person_id.in_(select_holder(event_id, text)))))
    words = text.split()[:8]
    if by_badge or not words:
        return by_badge
    named = [or_(Person.name.icontains(word, autoescape=True)) for word in words]
    return list(db_session.scalars(statement.where(*named)))


def list_traded(db_session: Session, *, run_id: int, entry_ids: Collection[int]) -> set[int]:
    """Which of these things a run gives to somebody."""
    statement = select(TradeRunMove.entry_id).where(TradeRunMove.run_id == run_id, TradeRunMove.entry_id.in_(entry_ids))
    return set(db_session.scalars(statement))


@dataclass(frozen=True)
class Change:
    """What one own thing brings by a final result (`now`), where the first result said something else (`was`).

    A thing that brings itself goes for money. `is_bought`: the thing is not one's own, it is what one pays for; bought before
    and now, it costs another amount.
    """

    own: RoundEntry
    was: RoundEntry | None
    now: RoundEntry | None
    intake: RoundIntake | None
    is_bought: bool = False


def find_first_result(db_session: Session, *, round_id: int) -> TradeRun | None:
    """The published result that people saw before their things were there."""
    return db_session.scalar(
        select(TradeRun).where(
            TradeRun.round_id == round_id, TradeRun.kind == RunKind.PREVIEW, TradeRun.state == RunState.PUBLISHED
        )
    )


def list_changes(db_session: Session, *, run: TradeRun, member_id: int | None = None) -> list[Change]:
    """What a run changes against the first result (for one person), by number of one's own thing. Without one: nothing.

    What one pays for comes after one's own things.
    """
    first = find_first_result(db_session, round_id=run.round_id)
    if first is None:
        return []
    before, after = (_gains(db_session, one.id, member_id) for one in (first, run))
    bought, buys = (_bought(db_session, one.id, member_id) for one in (first, run))
    own_ids = {own for own in {*before, *after} if before.get(own) != after.get(own)}
    bought_ids = {one for one in {*bought, *buys} if bought.get(one) != buys.get(one)}
    ids = own_ids | {row[own] for row in (before, after) for own in own_ids if own in row} | bought_ids
    statement = select(RoundEntry).where(RoundEntry.id.in_(ids)).options(joinedload(RoundEntry.member))
    entries = {row.id: row for row in db_session.scalars(statement)}
    intakes = {
        row.entry_id: row for row in db_session.scalars(select(RoundIntake).where(RoundIntake.entry_id.in_(ids)))
    }
    found = [
        Change(entries[own], entries.get(before.get(own, 0)), entries.get(after.get(own, 0)), intakes.get(own))
        for own in own_ids
    ]
    paid = [
        Change(
            entries[one],
            entries[one] if one in bought else None,
            entries[one] if one in buys else None,
            intakes.get(one),
            True,
        )
        for one in bought_ids
    ]
    return sorted([*found, *paid], key=lambda row: (row.is_bought, row.own.number))


def _gains(db_session: Session, run_id: int, member_id: int | None) -> dict[int, int]:
    """Own thing -> what its owner gets for it; itself where that is money."""
    paid = _payments(run_id)
    statement = select(TradeRunMove.for_entry_id, TradeRunMove.entry_id).where(
        TradeRunMove.run_id == run_id, TradeRunMove.entry_id.not_in(paid.with_only_columns(TradeRunPayment.entry_id))
    )
    if member_id is not None:
        statement = statement.where(TradeRunMove.receiver_id == member_id)
        paid = paid.where(TradeRunPayment.payee_id == member_id)
    gains = {row[0]: row[1] for row in db_session.execute(statement)}
    return gains | {row: row for row in db_session.scalars(paid.with_only_columns(TradeRunPayment.for_entry_id))}


def _bought(db_session: Session, run_id: int, member_id: int | None) -> dict[int, int]:
    """Thing that is paid for -> how much."""
    statement = _payments(run_id).with_only_columns(TradeRunPayment.entry_id, TradeRunPayment.amount_minor)
    if member_id is not None:
        statement = statement.where(TradeRunPayment.payer_id == member_id)
    return {row[0]: row[1] for row in db_session.execute(statement)}


def _payments(run_id: int) -> Select[Any]:
    return select(TradeRunPayment).where(TradeRunPayment.run_id == run_id)


def places_of(db_session: Session, *, member_id: int) -> dict[int, RoundIntake]:
    """A person's own things that the desk has touched, by thing."""
    statement = select(RoundIntake).join(RoundEntry, RoundEntry.id == RoundIntake.entry_id)
    rows = db_session.scalars(statement.where(RoundEntry.member_id == member_id))
    return {row.entry_id: row for row in rows}


def list_notes(db_session: Session, *, entry_ids: Collection[int]) -> dict[int, str]:
    """What the desk wrote about things that are not as described, by thing."""
    statement = select(RoundIntake.entry_id, RoundIntake.note).where(
        RoundIntake.entry_id.in_(entry_ids), RoundIntake.condition == Condition.NOT_AS_DESCRIBED
    )
    return {row[0]: row[1] for row in db_session.execute(statement)}
