"""Money in a round: an owner asks a price beside their wants; others offer at most so much, within a limit of their own."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock
from swapmeet.kernel.actor import Actor
from swapmeet.trades import queries as trade_queries
from swapmeet.trades.rounds import money_queries, queries, rules
from swapmeet.trades.rounds.errors import BadBid, WrongPhase
from swapmeet.trades.rounds.models import Phase, RoundEntry, RoundMember, TradeRound
from swapmeet.trades.rounds.money_models import RoundAsk, RoundBid, RoundBudget
from swapmeet.trades.rounds.services.entering import check_not_barred, join_round


def set_ask(
    db_session: Session,
    *,
    round_: TradeRound,
    entry: RoundEntry,
    amount_minor: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """What the thing goes for in money when no want comes true; None: not for money. Raises WrongPhase, BadBid."""
    _check(db_session, round_)
    row = money_queries.find_ask(db_session, entry_id=entry.id)
    _keep_amount(db_session, row, RoundAsk(event_id=entry.event_id, entry_id=entry.id), amount_minor)
    if amount_minor is not None:
        entry.stays_home = False
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_entry.ask", subject=entry, amount=amount_minor or 0)


def place_bid(
    db_session: Session,
    *,
    round_: TradeRound,
    person_id: int,
    number: int,
    amount_minor: int,
    by: Actor,
    now: datetime,
) -> RoundBid:
    """Offer at most so much for the thing with this number; offered again it is the new amount.

    Raises WrongPhase, BadBid (money is off, no such thing, one's own, of somebody who is not to be met, too many), Barred.
    """
    _check(db_session, round_)
    check_not_barred(db_session, round_=round_, person_id=person_id, doing="take part in")
    target = _target(db_session, round_, person_id, number)
    member = join_round(db_session, round_=round_, person_id=person_id, now=now)
    have = {row.target_id: row for row in money_queries.list_bids(db_session, member_id=member.id)}
    row = have.get(target.id)
    if row is None:
        if len(have) >= rules.MAX_WANTS:
            raise BadBid(f"At most {rules.MAX_WANTS} offers of one person.", field="number")
        row = RoundBid(event_id=round_.event_id, member_id=member.id, target_id=target.id, created_at=now)
        db_session.add(row)
    row.amount_minor = amount_minor
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_bid.placed", subject=row, amount=amount_minor)
    return row


def take_bid_back(db_session: Session, *, round_: TradeRound, bid: RoundBid, by: Actor, now: datetime) -> None:
    """No money for it any more. Raises WrongPhase."""
    _check_phase(db_session, round_)
    record(db_session, now=now, by=by, verb="round_bid.taken_back", subject=bid)
    db_session.delete(bid)
    db_session.flush()


def set_budget(
    db_session: Session, *, round_: TradeRound, person_id: int, amount_minor: int | None, by: Actor, now: datetime
) -> None:
    """The most a person spends over all offers; None: the offers alone are the limit. Raises WrongPhase, BadBid, Barred."""
    _check(db_session, round_)
    check_not_barred(db_session, round_=round_, person_id=person_id, doing="take part in")
    member = join_round(db_session, round_=round_, person_id=person_id, now=now)
    row = money_queries.find_budget(db_session, member_id=member.id)
    _keep_amount(db_session, row, RoundBudget(event_id=round_.event_id, member_id=member.id), amount_minor)
    db_session.flush()
    record(db_session, now=now, by=by, verb="round_member.budget", subject=member, amount=amount_minor or 0)


def _check(db_session: Session, round_: TradeRound) -> None:
    _check_phase(db_session, round_)
    if not queries.takes_money(db_session, round_id=round_.id):
        raise BadBid("No money changes hands in this round.")


def _check_phase(db_session: Session, round_: TradeRound) -> None:
    lock(db_session, round_)
    if round_.phase is not Phase.WANTS:
        raise WrongPhase("Money can be asked and offered while the round is at “Choose wants”.")


def _keep_amount(
    db_session: Session, row: RoundAsk | RoundBudget | None, new: RoundAsk | RoundBudget, amount_minor: int | None
) -> None:
    """The row that is there, or else the new one, has this amount from now on; None: there is no row any more."""
    if amount_minor is not None:
        kept = row or new
        kept.amount_minor = amount_minor
        db_session.add(kept)
    elif row is not None:
        db_session.delete(row)


def _target(db_session: Session, round_: TradeRound, person_id: int, number: int) -> RoundEntry:
    statement = (
        select(RoundEntry, RoundMember.person_id)
        .join(RoundMember, RoundMember.id == RoundEntry.member_id)
        .where(RoundEntry.round_id == round_.id, RoundEntry.number == number, RoundEntry.withdrawn_at.is_(None))
    )
    row = db_session.execute(statement).first()
    if row is None:
        raise BadBid(f"There is no thing number {number} in this round.", field="number")
    if row[1] == person_id:
        raise BadBid("This thing is yours.", field="number")
    if row[1] in set(trade_queries.list_strangers(db_session, person_id)):
        raise BadBid("This thing is not to be had for you.", field="number")
    found: RoundEntry = row[0]
    return found
