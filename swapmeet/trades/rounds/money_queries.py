"""Reads of money in a round: asks, offers and limits, and who pays whom as things stand."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from swapmeet.trades.rounds.errors import NoSuchRound
from swapmeet.trades.rounds.hand_models import HandOver, HandOverState
from swapmeet.trades.rounds.models import RoundEntry, RoundMember
from swapmeet.trades.rounds.money_models import RoundAsk, RoundBid, RoundBudget, TradeRunPayment
from swapmeet.trades.rounds.queries import takes_money


def find_ask(db_session: Session, *, entry_id: int) -> RoundAsk | None:
    return db_session.scalar(select(RoundAsk).where(RoundAsk.entry_id == entry_id))


def asks_of(db_session: Session, *, round_id: int) -> dict[int, int]:
    """Thing -> what its owner asks."""
    statement = select(RoundAsk.entry_id, RoundAsk.amount_minor).join(RoundEntry, RoundEntry.id == RoundAsk.entry_id)
    return {row[0]: row[1] for row in db_session.execute(statement.where(RoundEntry.round_id == round_id))}


def live_asks_of(db_session: Session, *, round_id: int) -> dict[int, int]:
    """The same as far as it counts: nothing while money is off."""
    return asks_of(db_session, round_id=round_id) if takes_money(db_session, round_id=round_id) else {}


def list_bids(db_session: Session, *, member_id: int) -> list[RoundBid]:
    """What somebody offers money for, by number of the thing."""
    statement = (
        select(RoundBid)
        .join(RoundEntry, RoundEntry.id == RoundBid.target_id)
        .where(RoundBid.member_id == member_id, RoundEntry.withdrawn_at.is_(None))
        .options(joinedload(RoundBid.target))
    )
    return list(db_session.scalars(statement.order_by(RoundEntry.number)))


def get_bid(db_session: Session, bid_id: int, *, member_id: int) -> RoundBid:
    """Raises NoSuchRound for another person's."""
    row = db_session.scalar(select(RoundBid).where(RoundBid.id == bid_id, RoundBid.member_id == member_id))
    if row is None:
        raise NoSuchRound("You offer no money for this thing.")
    return row


def list_all_bids(db_session: Session, *, round_id: int) -> list[tuple[int, int, int]]:
    """(member, thing, amount) of a round."""
    statement = (
        select(RoundBid.member_id, RoundBid.target_id, RoundBid.amount_minor)
        .join(RoundMember, RoundMember.id == RoundBid.member_id)
        .where(RoundMember.round_id == round_id)
    )
    return [(row[0], row[1], row[2]) for row in db_session.execute(statement.order_by(RoundBid.id))]


def find_budget(db_session: Session, *, member_id: int) -> RoundBudget | None:
    return db_session.scalar(select(RoundBudget).where(RoundBudget.member_id == member_id))


def budgets_of(db_session: Session, *, round_id: int) -> dict[int, int]:
    """Member -> the most they spend."""
    statement = select(RoundBudget.member_id, RoundBudget.amount_minor).join(
        RoundMember, RoundMember.id == RoundBudget.member_id
    )
    return {row[0]: row[1] for row in db_session.execute(statement.where(RoundMember.round_id == round_id))}


def count_bidders(db_session: Session, *, entry_ids: Collection[int]) -> dict[int, int]:
    """Thing -> how many people offer money for it."""
    statement = select(RoundBid.target_id, func.count(RoundBid.id)).where(RoundBid.target_id.in_(entry_ids))
    return {row[0]: row[1] for row in db_session.execute(statement.group_by(RoundBid.target_id))}


def payments_of(db_session: Session, *, run_ids: Collection[int]) -> dict[tuple[int, int], TradeRunPayment]:
    """(run, thing that is paid for) -> the payment."""
    statement = select(TradeRunPayment).where(TradeRunPayment.run_id.in_(run_ids))
    parts = (joinedload(TradeRunPayment.payer), joinedload(TradeRunPayment.payee))
    return {(row.run_id, row.entry_id): row for row in db_session.scalars(statement.options(*parts))}


@dataclass(frozen=True, slots=True)
class Leg:
    """Money that one owes another by the final result: for `bought`, paid to whoever gives `sold`. `row_id`: its hand-over."""

    row_id: int
    payer_id: int
    payee_id: int
    bought_id: int
    sold_id: int
    amount_minor: int


def list_legs(db_session: Session, *, round_id: int) -> list[Leg]:
    """What the final result and its repairs say as things stand: a payment holds as long as its hand-over does."""
    live = and_(HandOver.round_id == round_id, HandOver.state != HandOverState.VOID)
    statement = (
        select(TradeRunPayment, HandOver.id)
        .join(HandOver, and_(HandOver.run_id == TradeRunPayment.run_id, HandOver.entry_id == TradeRunPayment.entry_id))
        .where(live)
        .order_by(HandOver.run_id, HandOver.loop, HandOver.id)
    )
    payments = db_session.execute(statement).all()
    if not payments:
        return []
    moves = db_session.execute(select(HandOver.for_entry_id, HandOver.entry_id, HandOver.giver_id).where(live)).all()
    back = {row[0]: row[1] for row in moves}
    giver = {row[1]: row[2] for row in moves}
    return [
        Leg(row_id, pay.payer_id, payee_of(pay, back, giver), pay.entry_id, pay.for_entry_id, pay.amount_minor)
        for pay, row_id in payments
    ]


def payee_of(payment: TradeRunPayment, back: Mapping[int, int], giver: Mapping[int, int]) -> int:
    """Who gets the money. `back`: thing -> what its owner gets for it; `giver`: thing that goes -> who gives it.

    When the thing it was to pay for does not go any more (it was lost, and a repair found nothing instead), whoever of the
    chain has given something and gets nothing for it. That is whom its absence hurts.
    """
    if payment.for_entry_id in giver:
        return payment.payee_id
    end = payment.entry_id
    while end in back:
        end = back[end]
    return giver[end]


def count_spent(legs: Collection[Leg]) -> Counter[int]:
    """Member -> what they pay."""
    spent: Counter[int] = Counter()
    for leg in legs:
        spent[leg.payer_id] += leg.amount_minor
    return spent


def count_earned(legs: Collection[Leg]) -> Counter[int]:
    """Member -> what they are paid."""
    earned: Counter[int] = Counter()
    for leg in legs:
        earned[leg.payee_id] += leg.amount_minor
    return earned
