"""A round as the engine reads it. Keys are the numbers on labels and handles: nothing in it names a person."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.trades.matching import Bid, Item, Limit, Person, Problem, Want
from swapmeet.trades.models import Block
from swapmeet.trades.rounds import money_queries, queries, rules
from swapmeet.trades.rounds.models import RoundEntry, RoundMember, RoundWant

HANDLE = "trader "


@dataclass(frozen=True, slots=True)
class Thing:
    """An entry as the engine needs it."""

    number: int
    title: str
    member_id: int


@dataclass(frozen=True, slots=True)
class Trader:
    """A member as the engine needs it."""

    number: int
    person_id: int
    protects: bool


@dataclass(frozen=True)
class Rows:
    """A round as it was read: things and traders by id, wishes (target, rank, letter) by thing, best liked first.

    Money, where it is on: asks by thing, bids (member, thing, amount), the most each member spends.
    """

    things: Mapping[int, Thing]
    members: Mapping[int, Trader]
    wants: Mapping[int, list[tuple[int, int, str]]]
    asks: Mapping[int, int] = field(default_factory=dict)
    bids: Sequence[tuple[int, int, int]] = ()
    budgets: Mapping[int, int] = field(default_factory=dict)


def build_problem(db_session: Session, *, round_id: int, only_present: bool = False) -> Problem:
    """Everything that takes part (and lies at the desk). "Any one of these" and protection against copies become limits of one.

    Wants between people of whom one has blocked the other since are left out, without a word about who did.
    """
    return assemble(read_rows(db_session, round_id=round_id, only_present=only_present))


def read_rows(db_session: Session, *, round_id: int, only_present: bool = False) -> Rows:
    """What takes part (and lies at the desk), and the wishes among it."""
    things, members = _things(db_session, round_id, only_present), _members(db_session, round_id)
    apart = _apart(db_session, round_id, members)
    wants = _wants(db_session, round_id, things, apart)
    if not queries.takes_money(db_session, round_id=round_id):
        return Rows(things, members, wants)
    bids = [
        (member_id, target_id, amount)
        for member_id, target_id, amount in money_queries.list_all_bids(db_session, round_id=round_id)
        if target_id in things and (member_id, things[target_id].member_id) not in apart
    ]
    asks = money_queries.asks_of(db_session, round_id=round_id)
    return Rows(things, members, wants, asks, bids, money_queries.budgets_of(db_session, round_id=round_id))


def assemble(rows: Rows) -> Problem:
    """The same for the engine, by numbers of labels and traders. Money for a thing is liked less than all wants for it."""
    items, limits = [], []
    picks: dict[tuple[int, str], set[int]] = defaultdict(set)
    for entry_id, thing in rows.things.items():
        owner = rows.members[thing.member_id]
        wishes = []
        for target_id, rank, letter in rows.wants.get(entry_id, ()):
            target = rows.things[target_id]
            wishes.append(Want(f"{target.number}", rank))
            if letter:
                picks[thing.member_id, letter].add(target_id)
            if owner.protects:
                picks[thing.member_id, rules.title_key(target.title)].add(target_id)
        ask = rows.asks.get(entry_id)
        ask_cost = 0 if ask is None else 1 + max((wish.cost for wish in wishes), default=0)
        items.append(Item(f"{thing.number}", handle(owner.number), tuple(wishes), ask, ask_cost, thing.title))
    for member_id, target_id, _amount in rows.bids:
        if rows.members[member_id].protects:
            picks[member_id, rules.title_key(rows.things[target_id].title)].add(target_id)
    for place, ((member_id, _what), targets) in enumerate(sorted(picks.items()), start=1):
        if len(targets) > 1:
            keys = tuple(sorted(f"{rows.things[target].number}" for target in targets))
            limits.append(Limit(f"one of {place}", handle(rows.members[member_id].number), keys, 1))
    return Problem(items=tuple(items), limits=tuple(limits), bids=tuple(_bids(rows)), people=tuple(_budgets(rows)))


def _bids(rows: Rows) -> Iterator[Bid]:
    for member_id, target_id, amount in rows.bids:
        who, what = handle(rows.members[member_id].number), f"{rows.things[target_id].number}"
        yield Bid(f"money of {who} for {what}", who, amount, (Want(what, 1),))


def _budgets(rows: Rows) -> Iterator[Person]:
    for member_id in sorted({bid[0] for bid in rows.bids} & rows.budgets.keys()):
        yield Person(handle(rows.members[member_id].number), rows.budgets[member_id])


def handle(number: int) -> str:
    """What the engine and the results call a person."""
    return f"{HANDLE}{number}"


def _things(db_session: Session, round_id: int, only_present: bool) -> dict[int, Thing]:
    statement = select(RoundEntry.id, RoundEntry.number, RoundEntry.title, RoundEntry.member_id).where(
        RoundEntry.round_id == round_id, RoundEntry.withdrawn_at.is_(None), RoundEntry.stays_home.is_(False)
    )
    if only_present:
        statement = statement.where(RoundEntry.id.in_(queries.present(round_id)))
    return {row[0]: Thing(*row[1:]) for row in db_session.execute(statement.order_by(RoundEntry.number))}


def _members(db_session: Session, round_id: int) -> dict[int, Trader]:
    statement = select(RoundMember.id, RoundMember.number, RoundMember.person_id, RoundMember.protects)
    return {row[0]: Trader(*row[1:]) for row in db_session.execute(statement.where(RoundMember.round_id == round_id))}


def _wants(
    db_session: Session, round_id: int, entries: Mapping[int, Thing], apart: set[tuple[int, int]]
) -> dict[int, list[tuple[int, int, str]]]:
    """(target, rank, letter) by entry, best liked first; only things that take part, of people who may meet."""
    found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    statement = (
        select(RoundWant.entry_id, RoundWant.target_id, RoundWant.rank, RoundWant.pick_one)
        .join(RoundEntry, RoundEntry.id == RoundWant.entry_id)
        .where(RoundEntry.round_id == round_id)
        .order_by(RoundWant.rank, RoundWant.id)
    )
    for entry_id, target_id, rank, letter in db_session.execute(statement):
        if entry_id in entries and target_id in entries:
            pair = entries[entry_id].member_id, entries[target_id].member_id
            if not apart or pair not in apart:
                found[entry_id].append((target_id, rank, letter))
    return found


def apart_handles(db_session: Session, *, round_id: int) -> set[tuple[str, str]]:
    """The same pairs as the engine calls people: who does not trade with whom."""
    members = _members(db_session, round_id)
    pairs = _apart(db_session, round_id, members)
    return {(handle(members[one].number), handle(members[other].number)) for one, other in pairs}


def _apart(db_session: Session, round_id: int, members: Mapping[int, Trader]) -> set[tuple[int, int]]:
    """Pairs of members, both ways round, of whom one has blocked the other."""
    by_person = {member.person_id: member_id for member_id, member in members.items()}
    inside = select(RoundMember.person_id).where(RoundMember.round_id == round_id)
    statement = select(Block.blocker_id, Block.blocked_id).where(
        Block.blocker_id.in_(inside), Block.blocked_id.in_(inside)
    )
    pairs = [(by_person[one], by_person[other]) for one, other in db_session.execute(statement)]
    return {pair for one, other in pairs for pair in ((one, other), (other, one))}
