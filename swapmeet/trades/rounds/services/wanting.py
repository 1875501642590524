"""What people would take for each of their things: added by ticks, ranked, grouped, copied, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries as trade_queries
from swapmeet.trades.rounds import queries, rules
from swapmeet.trades.rounds.errors import BadWant, WrongPhase
from swapmeet.trades.rounds.models import Phase, RoundEntry, RoundMember, RoundWant, TradeRound


@dataclass(frozen=True)
class Line:
    """One want as sent: its rank as typed, and the letter of "any one of these" or nothing."""

    rank: int
    pick_one: str = ""


def add_wants(
    db_session: Session,
    *,
    round_: TradeRound,
    entry: RoundEntry,
    target_ids: Sequence[int],
    by: Actor,
    now: datetime,
) -> int:
    """Add things at the end of the list; those in it already stay where they are. Returns how many are new.

    Raises WrongPhase, BadWant (own things, unknown things, people who blocked each other, too many).
    """
    _check_phase(db_session, round_)
    if not target_ids:
        raise BadWant("Tick at least one thing.", field="targets")
    have = queries.list_wants(db_session, entry_id=entry.id)
    known = {want.target_id for want in have}
    fresh = [target_id for target_id in dict.fromkeys(target_ids) if target_id not in known]
    if len(have) + len(fresh) > rules.MAX_WANTS:
        raise BadWant(f"At most {rules.MAX_WANTS} wants for one thing.", field="targets")
    _check_targets(db_session, entry, fresh)
    rank = max((want.rank for want in have), default=0)
    for target_id in fresh:
        rank += 1
        db_session.add(RoundWant(event_id=entry.event_id, entry_id=entry.id, target_id=target_id, rank=rank))
    entry.stays_home = False
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_entry.wants", subject=entry, added=len(fresh))
    return len(fresh)


def arrange_wants(
    db_session: Session,
    *,
    round_: TradeRound,
    entry: RoundEntry,
    lines: Mapping[int, Line],
    gone: Sequence[int],
    by: Actor,
    now: datetime,
) -> None:
    """New ranks and letters by want id; `gone` are taken out. Equal ranks keep their order. Raises WrongPhase."""
    _check_phase(db_session, round_)
    wants = queries.list_wants(db_session, entry_id=entry.id)
    gone_ids = {want.id for want in wants if want.id in gone}
    left = [want for want in wants if want.id not in gone_ids]
    for want in left:
        letter = lines[want.id].pick_one if want.id in lines else want.pick_one
        want.pick_one = letter if letter in rules.PICK_LETTERS else ""
    left.sort(key=lambda want: (lines[want.id].rank if want.id in lines else want.rank, want.rank, want.id))
    for rank, want in enumerate(left, start=1):
        want.rank = rank
    db_session.flush()
    db_session.execute(delete(RoundWant).where(RoundWant.id.in_(gone_ids)).execution_options(synchronize_session=False))
    db_session.expire_all()
    record(db_session, now=now, by=by, verb="round_entry.wants", subject=entry, removed=len(gone_ids))


def copy_wants(
    db_session: Session,
    *,
    round_: TradeRound,
    source: RoundEntry,
    targets: Sequence[RoundEntry],
    by: Actor,
    now: datetime,
) -> int:
    """Give other things of one's own the same wants, in the same order, behind what they have. Returns how many were added."""
    _check_phase(db_session, round_)
    wants = queries.list_wants(db_session, entry_id=source.id)
    if not wants:
        raise BadWant("This thing has no wants to copy yet.")
    if not targets:
        raise BadWant("Tick the things that should get the same wants.", field="entries")
    letters = {want.target_id: want.pick_one for want in wants}
    added = 0
    for entry in targets:
        if entry.id != source.id:
            added += add_wants(db_session, round_=round_, entry=entry, target_ids=list(letters), by=by, now=now)
            for want in queries.list_wants(db_session, entry_id=entry.id):
                want.pick_one = want.pick_one or letters.get(want.target_id, "")
    db_session.flush()
    return added


def set_protection(
    db_session: Session, *, round_: TradeRound, member: RoundMember, protects: bool, by: Actor, now: datetime
) -> None:
    """Protection against a second copy of one title. Raises WrongPhase."""
    _check_phase(db_session, round_)
    member.protects = protects
    record(db_session, now=now, by=by, verb="round_member.protection", subject=member, target=str(protects).lower())


def _check_phase(db_session: Session, round_: TradeRound) -> None:
    lock(db_session, round_)
    if round_.phase is not Phase.WANTS:
        raise WrongPhase("Wants can be chosen while the round is at “Choose wants”.")


def _check_targets(db_session: Session, entry: RoundEntry, target_ids: Sequence[int]) -> None:
    statement = (
        select(RoundEntry.id, RoundMember.id, RoundMember.person_id)
        .join(RoundMember, RoundMember.id == RoundEntry.member_id)
        .where(
            RoundEntry.id.in_(target_ids),
            RoundEntry.round_id == entry.round_id,
            RoundEntry.withdrawn_at.is_(None),
        )
    )
    rows = db_session.execute(statement).all()
    if len(rows) != len(target_ids):
        raise BadWant("One of these things is not in this round.", field="targets")
    if any(row[1] == entry.member_id for row in rows):
        raise BadWant("Your own things cannot be wants.", field="targets")
    owner = db_session.get_one(RoundMember, entry.member_id).person_id
    strangers = set(trade_queries.list_strangers(db_session, owner))
    if any(row[2] in strangers for row in rows):
        raise BadWant("One of these things is not to be had for you.", field="targets")
