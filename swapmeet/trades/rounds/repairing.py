"""A final result whose loops are broken by things that cannot be found: what is left to solve around all that was handed over.

Whole loops and hand-overs that have happened stay as they are. Somebody who has given, but not got, stands in for the thing
at the other end of the chain of hand-overs: that thing must go, and what they want for theirs decides for what.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.trades.matching import Problem
from swapmeet.trades.rounds import money_queries, rules
from swapmeet.trades.rounds.desk_models import IntakeState, RoundIntake
from swapmeet.trades.rounds.hand_models import HandOver, HandOverState
from swapmeet.trades.rounds.problem import Rows, Thing, assemble, read_rows


@dataclass(frozen=True)
class Chain:
    """A hand-over of a broken loop on plain values: `entry` goes for `paid`; `is_handed`: it has happened."""

    entry: int
    paid: int
    is_handed: bool


def stand_ins(broken: Collection[Chain]) -> dict[int, int]:
    """Thing that still has to go -> thing of whoever gave it and got nothing yet; only where it is not the thing itself. Pure.

    A thing has to go when its owner has got something for it. Following who got what for what leads to the one who has not.
    """
    got = {row.paid: row.entry for row in broken if row.is_handed}  # for a thing its owner has got …
    gone = {row.entry for row in broken if row.is_handed}
    found = {}
    for thing in {row.entry for row in broken} - gone:
        end = thing
        while end in got:
            end = got[end]
        if end != thing:
            found[thing] = end
    return found


def list_broken(db_session: Session, *, round_id: int) -> list[HandOver]:
    """The live hand-overs of loops in which a thing that has not been handed over cannot be found, by loop."""
    rows = list_live(db_session, round_id=round_id)
    lost = set(
        db_session.scalars(
            select(RoundIntake.entry_id).where(
                RoundIntake.round_id == round_id, RoundIntake.state == IntakeState.MISSING
            )
        )
    )
    loops = {(row.run_id, row.loop) for row in rows if row.entry_id in lost and row.state is not HandOverState.HANDED}
    return [row for row in rows if (row.run_id, row.loop) in loops]


def list_live(db_session: Session, *, round_id: int) -> list[HandOver]:
    statement = select(HandOver).where(HandOver.round_id == round_id, HandOver.state != HandOverState.VOID)
    return list(db_session.scalars(statement.order_by(HandOver.run_id, HandOver.loop, HandOver.id)))


def build_repair(db_session: Session, *, round_id: int) -> tuple[Problem, dict[int, int]]:
    """What is left to solve, and the stand-ins by id of entry. Things of whole loops are not in it."""
    broken = list_broken(db_session, round_id=round_id)
    chains = [Chain(row.entry_id, row.for_entry_id, row.state is HandOverState.HANDED) for row in broken]
    for_others = stand_ins(chains)
    kept = [
        row
        for row in list_live(db_session, round_id=round_id)
        if row.id not in {other.id for other in broken} or row.state is HandOverState.HANDED
    ]
    everything = read_rows(db_session, round_id=round_id)
    here = read_rows(db_session, round_id=round_id, only_present=True)
    free = set(here.things) - {row.entry_id for row in kept}
    things = {}
    for entry_id in sorted(free):
        thing = here.things[entry_id]
        owner = everything.things[for_others.get(entry_id, entry_id)].member_id
        things[entry_id] = Thing(thing.number, thing.title, owner)
    got = _kinds_got(everything, kept)
    wants = _wants(everything, things, for_others, got)
    asks = {
        entry_id: everything.asks[own]
        for entry_id in things
        if (own := for_others.get(entry_id, entry_id)) in everything.asks
    }
    legs = money_queries.list_legs(db_session, round_id=round_id)
    spent = money_queries.count_spent([leg for leg in legs if leg.row_id in {row.id for row in kept}])
    budgets = {member_id: most - spent[member_id] for member_id, most in everything.budgets.items()}
    bids = [
        (member_id, target, amount)
        for member_id, target, amount in everything.bids
        if target in things
        and things[target].member_id != member_id
        and budgets.get(member_id, amount) > 0
        and not got[member_id] & _kinds(everything, member_id, target, "")
    ]
    return assemble(Rows(things, everything.members, wants, asks, bids, budgets)), for_others


def _kinds_got(rows: Rows, kept: Collection[HandOver]) -> dict[int, set[str]]:
    """What everybody has got, or will, as kinds that they take one of."""
    got: dict[int, set[str]] = defaultdict(set)
    letters = {
        (entry_id, target): letter for entry_id, wishes in rows.wants.items() for target, _rank, letter in wishes
    }
    for row in kept:
        got[row.receiver_id] |= _kinds(
            rows, row.receiver_id, row.entry_id, letters.get((row.for_entry_id, row.entry_id), "")
        )
    return got


def _wants(
    rows: Rows, things: Mapping[int, Thing], for_others: Mapping[int, int], got: Mapping[int, set[str]]
) -> dict[int, list[tuple[int, int, str]]]:
    """Wishes among what is free; without what would be a second one of "any one of these" beside something kept."""
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for entry_id, thing in things.items():
        for target, rank, letter in rows.wants.get(for_others.get(entry_id, entry_id), ()):
            fits = target in things and things[target].member_id != thing.member_id and target != entry_id
            if fits and not got[thing.member_id] & _kinds(rows, thing.member_id, target, letter):
                found[entry_id].append((target, rank, letter))
    return found


def _kinds(rows: Rows, member_id: int, target: int, letter: str) -> set[str]:
    """What a thing counts as for somebody: its letter, and its title when they are protected."""
    kinds = {f"letter {letter}"} if letter else set()
    if rows.members[member_id].protects:
        kinds.add(f"title {rules.title_key(rows.things[target].title)}")
    return kinds
