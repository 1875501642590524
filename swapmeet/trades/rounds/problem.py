"""A round as the engine reads it. Keys are the numbers on labels and handles: nothing in it names a person."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.trades.matching import Item, Limit, Problem, Want
from swapmeet.trades.rounds import queries, rules
from swapmeet.trades.rounds.models import RoundEntry, RoundMember, RoundWant


def build_problem(db_session: Session, *, round_id: int) -> Problem:
    """Everything that takes part. "Any one of these" and protection against copies become limits of one."""
    entries = _entries(db_session, round_id)
    members = {row.id: row for row in queries.list_members(db_session, round_id=round_id)}
    wants = _wants(db_session, round_id, entries)
    items, limits = [], []
    picks: dict[tuple[int, str], set[int]] = defaultdict(set)
    for entry in entries.values():
        wishes = []
        for want in wants[entry.id]:
            wishes.append(Want(f"{entries[want.target_id].number}", want.rank))
            if want.pick_one:
                picks[entry.member_id, want.pick_one].add(want.target_id)
            if members[entry.member_id].protects:
                picks[entry.member_id, rules.title_key(entries[want.target_id].title)].add(want.target_id)
        items.append(Item(f"{entry.number}", _handle(members[entry.member_id]), tuple(wishes), title=entry.title))
    for place, ((member_id, _what), targets) in enumerate(sorted(picks.items()), start=1):
        if len(targets) > 1:
            keys = tuple(sorted(f"{entries[target].number}" for target in targets))
            limits.append(Limit(f"one of {place}", _handle(members[member_id]), keys, 1))
    return Problem(items=tuple(items), limits=tuple(limits))


def _handle(member: RoundMember) -> str:
    return f"trader {member.number}"


def _entries(db_session: Session, round_id: int) -> dict[int, RoundEntry]:
    statement = select(RoundEntry).where(
        RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None), RoundEntry.stays_home.is_(False)
    )
    return {row.id: row for row in db_session.scalars(statement.order_by(RoundEntry.number))}


def _wants(db_session: Session, round_id: int, entries: dict[int, RoundEntry]) -> dict[int, list[RoundWant]]:
    """By entry, best liked first; only things that take part."""
    found: dict[int, list[RoundWant]] = defaultdict(list)
    statement = (
        select(RoundWant)
        .join(RoundEntry, RoundEntry.id == RoundWant.entry_id)
        .where(RoundEntry.round_id == round_id)
        .order_by(RoundWant.rank, RoundWant.id)
    )
    for want in db_session.scalars(statement):
        if want.entry_id in entries and want.target_id in entries:
            found[want.entry_id].append(want)
    return found
