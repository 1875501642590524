"""Things enter a round: own listings, or lines of a list; and leave it again while that is possible."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.idempotency import find_answer, keep_answer
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import DomainError
from swapmeet.trades import queries as trade_queries
from swapmeet.trades.models import Listing
from swapmeet.trades.rounds import desk_queries, dispute_queries, mail, queries, rules
from swapmeet.trades.rounds.desk_models import IntakeState
from swapmeet.trades.rounds.errors import BadEntry, Barred, WrongPhase
from swapmeet.trades.rounds.models import Phase, RoundEntry, RoundMember, TradeRound
from swapmeet.trades.rounds.services.receiving import move_intake


def check_not_barred(db_session: Session, *, round_: TradeRound, person_id: int, doing: str) -> None:
    """Raises Barred, saying what they cannot be `doing`, after a ruling at a round of the same organizer."""
    organizer_id = db_session.get_one(Event, round_.event_id).organizer_id
    if dispute_queries.find_bar(db_session, organizer_id=organizer_id, person_id=person_id) is not None:
        raise Barred(f"After a ruling at an earlier round you cannot {doing} this one. Write to the team of the show.")


def join_round(db_session: Session, *, round_: TradeRound, person_id: int, now: datetime) -> RoundMember:
    """This person's row in the round, made when there is none. The round must be locked."""
    member = queries.find_member(db_session, round_id=round_.id, person_id=person_id)
    if member is not None:
        return member
    highest = db_session.scalar(select(func.max(RoundMember.number)).where(RoundMember.round_id == round_.id)) or 0
    member = RoundMember(
        event_id=round_.event_id,
        round_id=round_.id,
        person_id=person_id,
        number=highest + 1,
        protects=True,
        joined_at=now,
    )
    db_session.add(member)
    db_session.flush()
    return member


def enter_listings(
    db_session: Session,
    *,
    round_: TradeRound,
    person_id: int,
    listing_ids: Sequence[int],
    by: Actor,
    now: datetime,
) -> list[RoundEntry]:
    """Put own listings in. Raises WrongPhase, BadEntry (nothing chosen, not one's own, promised, too many)."""
    lock(db_session, round_)
    known = {row.id: row for row in queries.list_enterable(db_session, person_id=person_id, round_=round_)}
    if not listing_ids:
        raise BadEntry("Tick at least one thing.", field="listings")
    if any(listing_id not in known for listing_id in listing_ids):
        raise BadEntry("One of these things cannot enter: it is promised, hidden, or in already.", field="listings")
    chosen = [known[listing_id] for listing_id in dict.fromkeys(listing_ids)]
    things = [(rules.Thing(row.title, row.category, row.scale, row.condition, row.price_minor), row) for row in chosen]
    return _enter(db_session, round_, person_id, things, by=by, now=now)


def enter_lines(
    db_session: Session,
    *,
    round_: TradeRound,
    person_id: int,
    things: Sequence[rules.Thing],
    by: Actor,
    now: datetime,
    key: str = "",
) -> list[RoundEntry]:
    """Put in things that have no listing. The same key of a form sent twice enters nothing more. Raises WrongPhase, BadEntry."""
    lock(db_session, round_)
    if not things:
        raise BadEntry("There is no thing in this list.", field="lines")
    sent = {"scope": f"round-{round_.id}-{person_id}", "key": key, "content": repr(things)}
    if key and find_answer(db_session, **sent) is not None:
        return []
    entries = _enter(db_session, round_, person_id, [(thing, None) for thing in things], by=by, now=now)
    if key:
        keep_answer(db_session, **sent, answer=str(len(entries)), now=now)
    return entries


def enter_official(
    db_session: Session,
    *,
    round_: TradeRound,
    rows: Sequence[tuple[int, str, rules.Thing]],
    by: Actor,
    now: datetime,
    key: str = "",
) -> int:
    """Things of many people in the order of the list; all of it or nothing. The number of things.

    The same key of a form sent twice enters nothing more.

    Raises BadEntry, whose message names the line of whoever is not known at the show or has too many things; WrongPhase.
    """
    lock(db_session, round_)
    sent = {"scope": f"round-{round_.id}-official", "key": key, "content": repr(rows)}
    if key and (answer := find_answer(db_session, **sent)) is not None:
        return int(answer)
    owners: dict[str, int] = {}
    for line, who, _ in rows:
        if who not in owners:
            person_id = trade_queries.find_trader(db_session, event_id=round_.event_id, text=who)
            if person_id is None:
                raise BadEntry(f"Line {line}: nobody at this show has “{who[:60]}” as badge or address.", field="lines")
            owners[who] = person_id
    things: dict[int, list[tuple[int, rules.Thing]]] = {}
    for line, who, thing in rows:
        things.setdefault(owners[who], []).append((line, thing))
    for person_id, theirs in things.items():
        try:
            enter_lines(
                db_session, round_=round_, person_id=person_id, things=[row[1] for row in theirs], by=by, now=now
            )
        except DomainError as error:
            raise BadEntry(f"Line {theirs[0][0]}: {error.message}", field="lines") from error
    if key:
        keep_answer(db_session, **sent, answer=str(len(rows)), now=now)
    return len(rows)


def take_out(db_session: Session, *, round_: TradeRound, entry: RoundEntry, by: Actor, now: datetime) -> None:
    """Take a thing out before the list is fixed. Its number is not given again. Raises WrongPhase."""
    lock(db_session, round_)
    if round_.phase is not Phase.LISTING:
        raise WrongPhase(
            "The list is fixed. Say that you keep it at home instead."
            if round_.phase in rules.CHOOSING
            else "Choosing is over; nothing leaves the round any more."
        )
    entry.withdrawn_at = now
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_entry.taken_out", subject=entry)


def take_out_as_host(
    db_session: Session, *, round_: TradeRound, entry: RoundEntry, reason: str, by: Actor, now: datetime
) -> None:
    """A host takes one thing out (it may not be traded, its owner has lost it); its owner is told why.

    Possible from the fixed list until drop-off ends; a run made before no longer fits. Raises WrongPhase.
    """
    lock(db_session, round_)
    if round_.phase not in rules.TAKING_OUT:
        raise WrongPhase("A host can take things out from the fixed list on until drop-off ends.")
    if entry.withdrawn_at is not None:
        return
    intake = desk_queries.find_intake(db_session, entry.id)
    if intake is not None and intake.state is IntakeState.PRESENT:
        move_intake(db_session, intake, IntakeState.RETURNED, by=by, now=now, note=reason)
    entry.withdrawn_at = now
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_entry.removed_by_host", subject=entry, reason=reason)
    mail.queue_taken_out(db_session, round_, entry, reason=reason, now=now)


def keep_at_home(
    db_session: Session, *, round_: TradeRound, entry: RoundEntry, stays: bool, by: Actor, now: datetime
) -> None:
    """ "Accept nothing": the thing keeps its number and its wants but takes no part. Raises WrongPhase once choosing is over."""
    lock(db_session, round_)
    if round_.phase is Phase.CLOSED:
        raise WrongPhase("This round is over.")
    if round_.phase not in rules.CHOOSING:
        raise WrongPhase("Choosing is over; what takes part is settled. Tell the host if you cannot bring something.")
    entry.stays_home = stays
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_entry.stays_home" if stays else "round_entry.joins", subject=entry)


def _enter(
    db_session: Session,
    round_: TradeRound,
    person_id: int,
    things: Sequence[tuple[rules.Thing, Listing | None]],
    *,
    by: Actor,
    now: datetime,
) -> list[RoundEntry]:
    if round_.phase is not Phase.LISTING:
        raise WrongPhase("The list of this round is fixed; nothing more can enter.")
    check_not_barred(db_session, round_=round_, person_id=person_id, doing="enter")
    member = join_round(db_session, round_=round_, person_id=person_id, now=now)
    have = len(queries.list_own_entries(db_session, member_id=member.id))
    if have + len(things) > round_.max_entries:
        raise BadEntry(f"One person may have {round_.max_entries} things in this round; you have {have}.")
    entries = []
    for thing, listing in things:
        entry = RoundEntry(
            event_id=round_.event_id,
            round_id=round_.id,
            member_id=member.id,
            listing_id=listing.id if listing else None,
            number=round_.next_number,
            title=thing.title,
            category=thing.category,
            scale=thing.scale,
            condition=thing.condition,
            value_minor=thing.value_minor,
            created_at=now,
        )
        round_.next_number += 1
        db_session.add(entry)
        entries.append(entry)
    db_session.flush()
    for entry in entries:
        record(db_session, now=now, by=by, verb="round_entry.entered", subject=entry)
    return entries
