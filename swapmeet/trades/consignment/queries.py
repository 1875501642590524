"""Reads of the bring and buy desk."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from swapmeet.trades.consignment import rules
from swapmeet.trades.consignment.errors import NoSuchLot
from swapmeet.trades.consignment.models import (
    Consignment,
    ConsignmentDrop,
    ConsignmentFee,
    ConsignmentLot,
    ConsignmentPayout,
    ConsignmentSeller,
    LotState,
)
from swapmeet.trades.queries import find_badge_holder

FOUND_AT_DESK = 20
BROUGHT = frozenset({LotState.HERE, LotState.SOLD, LotState.RETURNED})


def find_desk(db_session: Session, *, event_id: int) -> Consignment | None:
    return db_session.scalar(select(Consignment).where(Consignment.event_id == event_id))


def get_desk(db_session: Session, *, event_id: int) -> Consignment:
    """Raises NoSuchLot for a show without one."""
    row = find_desk(db_session, event_id=event_id)
    if row is None:
        raise NoSuchLot("This show has no bring and buy desk.")
    return row


def fee_of(db_session: Session, *, desk_id: int) -> int:
    """What each thing that is brought costs its seller; mostly 0."""
    return db_session.scalar(select(ConsignmentFee.lot_minor).where(ConsignmentFee.desk_id == desk_id)) or 0


def terms_of(db_session: Session, desk: Consignment) -> rules.Terms:
    """How the desk works now."""
    fee, drop = fee_of(db_session, desk_id=desk.id), drop_of(db_session, desk_id=desk.id)
    return rules.Terms(desk.percent, desk.step_minor, desk.min_minor, desk.most_lots, desk.words, fee, drop)


def find_drop(db_session: Session, *, desk_id: int) -> ConsignmentDrop | None:
    """The planned drop of prices, or the one that was."""
    return db_session.scalar(select(ConsignmentDrop).where(ConsignmentDrop.desk_id == desk_id))


def drop_of(db_session: Session, *, desk_id: int) -> rules.Drop | None:
    """The same as plain values."""
    row = find_drop(db_session, desk_id=desk_id)
    return None if row is None else rules.Drop(row.percent, row.starts_at, row.done_at)


def list_to_lower(db_session: Session, *, desk: Consignment, drop: rules.Drop) -> list[tuple[ConsignmentLot, int]]:
    """Everything on sale that a drop makes cheaper, with what it then costs, by seller and thing."""
    statement = (
        select(ConsignmentLot)
        .join(ConsignmentSeller, ConsignmentSeller.id == ConsignmentLot.seller_id)
        .where(ConsignmentSeller.desk_id == desk.id, ConsignmentLot.state == LotState.HERE)
        .where(~ConsignmentLot.keeps_price)
        .order_by(ConsignmentSeller.number, ConsignmentLot.place)
    )
    found = [(lot, price_after(desk, drop, lot)) for lot in db_session.scalars(statement)]
    return [(lot, price) for lot, price in found if price < lot.price_minor]


def price_after(desk: Consignment, drop: rules.Drop, lot: ConsignmentLot) -> int:
    """What a thing costs once prices have gone down."""
    if lot.keeps_price or drop.done_at is not None:
        return lot.price_minor
    return rules.lowered(lot.price_minor, drop.percent, step=desk.step_minor, least=desk.min_minor)


def has_things(db_session: Session, *, desk_id: int) -> bool:
    """Whether anything has come to the desk."""
    of_desk = select(ConsignmentSeller.id).where(ConsignmentSeller.desk_id == desk_id)
    came = select(ConsignmentLot.id).where(ConsignmentLot.seller_id.in_(of_desk), ConsignmentLot.state.in_(BROUGHT))
    return db_session.scalar(came.limit(1)) is not None


def list_sellers(db_session: Session, *, desk_id: int) -> list[ConsignmentSeller]:
    """By number."""
    statement = select(ConsignmentSeller).where(ConsignmentSeller.desk_id == desk_id)
    return list(db_session.scalars(statement.order_by(ConsignmentSeller.number)))


def find_own_seller(db_session: Session, *, desk_id: int, person_id: int) -> ConsignmentSeller | None:
    mine = ConsignmentSeller.person_id == person_id
    return db_session.scalar(select(ConsignmentSeller).where(ConsignmentSeller.desk_id == desk_id, mine))


def get_seller(db_session: Session, seller_id: int, *, desk_id: int) -> ConsignmentSeller:
    """Raises NoSuchLot for one of another desk."""
    row = db_session.get(ConsignmentSeller, seller_id)
    if row is None or row.desk_id != desk_id:
        raise NoSuchLot("There is no such seller at this desk.")
    return row


def find_sellers(db_session: Session, *, desk: Consignment, text: str) -> list[ConsignmentSeller]:
    """Whose badge this is, or whose name has all these words."""
    here = select(ConsignmentSeller).where(ConsignmentSeller.desk_id == desk.id)
    person_id = find_badge_holder(db_session, event_id=desk.event_id, text=text)
    words = text.split()[:8]
    if person_id is not None:
        here = here.where(ConsignmentSeller.person_id == person_id)
    elif words:
        here = here.where(*[ConsignmentSeller.name.icontains(word, autoescape=True) for word in words])
    else:
        return []
    return list(db_session.scalars(here.order_by(ConsignmentSeller.number).limit(FOUND_AT_DESK)))


def find_lot(db_session: Session, *, desk_id: int, number: int, place: int) -> ConsignmentLot | None:
    statement = (
        select(ConsignmentLot)
        .join(ConsignmentSeller, ConsignmentSeller.id == ConsignmentLot.seller_id)
        .where(ConsignmentSeller.desk_id == desk_id, ConsignmentSeller.number == number, ConsignmentLot.place == place)
        .options(joinedload(ConsignmentLot.seller))
    )
    return db_session.scalar(statement)


def get_lot(db_session: Session, lot_id: int, *, desk_id: int) -> ConsignmentLot:
    """Raises NoSuchLot for a thing of another desk."""
    row = db_session.scalar(
        select(ConsignmentLot).where(ConsignmentLot.id == lot_id).options(joinedload(ConsignmentLot.seller))
    )
    if row is None or row.seller.desk_id != desk_id:
        raise NoSuchLot("There is no such thing at this desk.")
    return row


def list_lots(db_session: Session, *, seller_id: int) -> list[ConsignmentLot]:
    """All things of a seller, also withdrawn ones, in the order in which they were listed."""
    statement = select(ConsignmentLot).where(ConsignmentLot.seller_id == seller_id)
    return list(db_session.scalars(statement.order_by(ConsignmentLot.place)))


def list_payouts(db_session: Session, *, seller_id: int) -> list[ConsignmentPayout]:
    """The oldest first."""
    statement = select(ConsignmentPayout).where(ConsignmentPayout.seller_id == seller_id)
    return list(db_session.scalars(statement.order_by(ConsignmentPayout.id)))


@dataclass(frozen=True)
class Account:
    """One seller with everything: things that are not withdrawn, payouts, and the money."""

    seller: ConsignmentSeller
    lots: list[ConsignmentLot]
    payouts: list[ConsignmentPayout]
    money: rules.Statement

    def count(self, state: str) -> int:
        """How many of the things are in this state."""
        return sum(lot.state.value == state for lot in self.lots)


def list_accounts(db_session: Session, *, desk: Consignment) -> list[Account]:
    """Of all sellers by number. Four statements."""
    fee = fee_of(db_session, desk_id=desk.id)
    lots: defaultdict[int, list[ConsignmentLot]] = defaultdict(list)
    payouts: defaultdict[int, list[ConsignmentPayout]] = defaultdict(list)
    of_desk = select(ConsignmentSeller.id).where(ConsignmentSeller.desk_id == desk.id)
    on_list = ConsignmentLot.state != LotState.WITHDRAWN
    for lot in db_session.scalars(
        select(ConsignmentLot).where(ConsignmentLot.seller_id.in_(of_desk), on_list).order_by(ConsignmentLot.place)
    ):
        lots[lot.seller_id].append(lot)
    for payout in db_session.scalars(
        select(ConsignmentPayout).where(ConsignmentPayout.seller_id.in_(of_desk)).order_by(ConsignmentPayout.id)
    ):
        payouts[payout.seller_id].append(payout)
    return [
        _account(desk, fee, seller, lots[seller.id], payouts[seller.id])
        for seller in list_sellers(db_session, desk_id=desk.id)
    ]


def account_of(db_session: Session, *, desk: Consignment, seller: ConsignmentSeller) -> Account:
    """One seller's."""
    lots = [lot for lot in list_lots(db_session, seller_id=seller.id) if lot.state is not LotState.WITHDRAWN]
    fee = fee_of(db_session, desk_id=desk.id)
    return _account(desk, fee, seller, lots, list_payouts(db_session, seller_id=seller.id))


def _account(
    desk: Consignment, fee: int, seller: ConsignmentSeller, lots: list[ConsignmentLot], payouts: list[ConsignmentPayout]
) -> Account:
    fees = fee * sum(lot.state in BROUGHT for lot in lots)
    sold = [lot.price_minor for lot in lots if lot.state is LotState.SOLD]
    money = rules.statement(sold, [row.paid_minor for row in payouts], desk.percent, desk.step_minor, fees)
    return Account(seller, lots, payouts, money)


def list_own_sellers(db_session: Session, *, person_id: int) -> list[ConsignmentSeller]:
    """Everywhere, the oldest first."""
    statement = select(ConsignmentSeller).where(ConsignmentSeller.person_id == person_id)
    return list(db_session.scalars(statement.order_by(ConsignmentSeller.id)))


def list_sold_between(db_session: Session, *, seller_id: int, start: datetime, end: datetime) -> list[ConsignmentLot]:
    """What was sold then and still is, in the order in which it was listed."""
    then = (ConsignmentLot.sold_at >= start, ConsignmentLot.sold_at < end)
    statement = select(ConsignmentLot).where(ConsignmentLot.seller_id == seller_id, *then)
    return list(db_session.scalars(statement.order_by(ConsignmentLot.place)))


def has_sales(db_session: Session, *, desk_id: int) -> bool:
    """Whether anything has been sold."""
    of_desk = select(ConsignmentSeller.id).where(ConsignmentSeller.desk_id == desk_id)
    sold = select(ConsignmentLot.id).where(ConsignmentLot.seller_id.in_(of_desk), ConsignmentLot.state == LotState.SOLD)
    return db_session.scalar(sold.limit(1)) is not None
