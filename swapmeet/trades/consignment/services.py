"""What sellers and the desk do: open it, list, take in, sell, give back, pay out, close."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from swapmeet.events.models import Event
from swapmeet.infra.audit import record
from swapmeet.infra.uow import lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.trades.consignment import mail, queries, rules
from swapmeet.trades.consignment.errors import BadLot, DeskClosed
from swapmeet.trades.consignment.models import (
    DESK_MACHINE,
    LOT_MACHINE,
    Consignment,
    ConsignmentDrop,
    ConsignmentFee,
    ConsignmentLot,
    ConsignmentPayout,
    ConsignmentSeller,
    DeskState,
    LotState,
)
from swapmeet.trades.consignment.rules import Terms

LIVE = frozenset({LotState.LISTED, LotState.HERE, LotState.SOLD})


def open_desk(db_session: Session, *, event: Event, terms: Terms, by: Actor, now: datetime) -> Consignment:
    """People may list their things at once. Raises DeskClosed when the show has a desk already."""
    lock(db_session, event)
    if queries.find_desk(db_session, event_id=event.id) is not None:
        raise DeskClosed("This show has a bring and buy desk already.")
    row = Consignment(event_id=event.id, state=DeskState.OPEN, created_at=now)
    db_session.add(row)
    _set_terms(db_session, row, terms)
    record(db_session, now=now, by=by, verb="consignment.opened", subject=row, target=row.state.value)
    return row


def change_terms(db_session: Session, *, desk: Consignment, terms: Terms, by: Actor, now: datetime) -> None:
    """Share and fee stay once something is sold, a drop of prices once something has come. Raises DeskClosed, BadLot."""
    lock(db_session, desk)
    _check_open(desk)
    kept = desk.percent, desk.step_minor, queries.fee_of(db_session, desk_id=desk.id)
    is_new = (terms.percent, terms.step_minor, terms.fee_minor) != kept
    if is_new and queries.has_sales(db_session, desk_id=desk.id):
        raise BadLot("Something is sold already, so the share, its rounding and the fee stay.", field="percent")
    is_other = terms.drop != queries.drop_of(db_session, desk_id=desk.id)
    if is_other and queries.has_things(db_session, desk_id=desk.id):
        words = "Things have come to the desk already, so the price drop stays as their sellers know it."
        raise BadLot(words, field="drop_percent")
    _set_terms(db_session, desk, terms)
    record(db_session, now=now, by=by, verb="consignment.changed", subject=desk)


def _set_terms(db_session: Session, row: Consignment, terms: Terms) -> None:
    row.percent, row.step_minor, row.min_minor = terms.percent, terms.step_minor, terms.min_minor
    row.most_lots, row.words = terms.most_lots, terms.words
    db_session.flush()
    db_session.execute(delete(ConsignmentFee).where(ConsignmentFee.desk_id == row.id))
    if terms.fee_minor:
        db_session.add(ConsignmentFee(event_id=row.event_id, desk_id=row.id, lot_minor=terms.fee_minor))
    drop = queries.find_drop(db_session, desk_id=row.id)
    if drop is not None and terms.drop is None:
        db_session.delete(drop)
    elif terms.drop is not None:
        drop = drop or ConsignmentDrop(event_id=row.event_id, desk_id=row.id)
        if (drop.percent, drop.starts_at) != (terms.drop.percent, terms.drop.starts_at):
            drop.done_at = None  # one that lowered nothing is planned anew
        drop.percent, drop.starts_at = terms.drop.percent, terms.drop.starts_at
        db_session.add(drop)
    db_session.flush()


def enroll(
    db_session: Session, *, desk: Consignment, person_id: int | None, name: str, by: Actor, now: datetime
) -> ConsignmentSeller:
    """A number for whoever wants to sell; twice is once. Raises DeskClosed."""
    lock(db_session, desk)
    _check_open(desk)
    row = queries.find_own_seller(db_session, desk_id=desk.id, person_id=person_id) if person_id else None
    if row is None:
        row = ConsignmentSeller(
            event_id=desk.event_id,
            desk_id=desk.id,
            number=desk.next_number,
            person_id=person_id,
            name=name,
            created_at=now,
        )
        desk.next_number += 1
        db_session.add(row)
        db_session.flush()
        record(db_session, now=now, by=by, verb="consignment.enrolled", subject=row)
    return row


def list_lot(
    db_session: Session,
    *,
    desk: Consignment,
    seller: ConsignmentSeller,
    title: str,
    price_minor: int,
    keeps_price: bool = False,
    is_here: bool = False,
    by: Actor,
    now: datetime,
) -> ConsignmentLot:
    """One thing with its price; `is_here`: the desk has it in its hands. Raises DeskClosed, BadLot."""
    lock(db_session, desk)
    _check_open(desk)
    if price_minor < max(1, desk.min_minor):
        raise BadLot("That is less than the least price of this desk.", field="price")
    lots = queries.list_lots(db_session, seller_id=seller.id)
    if sum(lot.state in LIVE for lot in lots) >= desk.most_lots:
        raise BadLot(f"Everybody may bring {desk.most_lots} things at most.", field="title")
    state = LotState.HERE if is_here else LotState.LISTED
    row = ConsignmentLot(
        event_id=desk.event_id,
        seller_id=seller.id,
        place=len(lots) + 1,
        title=title,
        price_minor=price_minor,
        keeps_price=keeps_price,
        state=state,
        created_at=now,
    )
    db_session.add(row)
    db_session.flush()
    record(db_session, now=now, by=by, verb="consignment.listed", subject=row, target=state.value, price=price_minor)
    return row


def withdraw_lot(db_session: Session, *, desk: Consignment, lot: ConsignmentLot, by: Actor, now: datetime) -> None:
    """Before the desk has it. Twice is once. Raises DeskClosed."""
    lock(db_session, [desk, lot])
    if lot.state is LotState.WITHDRAWN:
        return
    if lot.state is not LotState.LISTED:
        raise DeskClosed("The desk has had this thing already. Ask there.")
    _move(db_session, lot, LotState.WITHDRAWN, by=by, now=now)


def reprice_lot(
    db_session: Session,
    *,
    desk: Consignment,
    lot: ConsignmentLot,
    price_minor: int,
    seen_minor: int,
    keeps_price: bool | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Another price: any one before the desk has the thing, a lower one while it is on sale. `seen_minor` is the price the page showed.

    `keeps_price`: whether it stays when the others are lowered, None for as it is. The same again is no change. Raises DeskClosed, BadLot.
    """
    lock(db_session, [desk, lot])
    _check_open(desk)
    if lot.state not in (LotState.LISTED, LotState.HERE):
        raise DeskClosed("This thing is not on sale any more, so its price stays.")
    if keeps_price is not None and keeps_price is not lot.keeps_price:
        _check_may_keep(db_session, desk, lot, keeps_price, now)
        lot.keeps_price = keeps_price
        db_session.flush()
        record(db_session, now=now, by=by, verb="consignment.price_kept", subject=lot, keeps=keeps_price)
    if lot.price_minor == price_minor:
        return
    if lot.price_minor != seen_minor:
        raise BadLot("Its price is another one. Look again.", field="price")
    if price_minor < max(1, desk.min_minor):
        raise BadLot("That is less than the least price of this desk.", field="price")
    if lot.state is LotState.HERE and price_minor > lot.price_minor:
        raise BadLot(
            "While it is on sale its price can only go down: somebody may carry it to the desk already.", field="price"
        )
    _set_price(db_session, lot, price_minor, by=by, now=now)
    db_session.flush()


def _check_may_keep(
    db_session: Session, desk: Consignment, lot: ConsignmentLot, keeps_price: bool, now: datetime
) -> None:
    """From the time of a drop on its price is promised to whoever looks at the label. Raises BadLot."""
    drop = queries.drop_of(db_session, desk_id=desk.id)
    if keeps_price and lot.state is LotState.HERE and drop is not None and drop.starts_at <= now:
        raise BadLot(
            "It is time for the lower prices, and others may have read on its label what it costs now.",
            field="keeps_price",
        )


def lower_prices(db_session: Session, *, desk: Consignment, by: Actor, now: datetime) -> int:
    """Everything on sale gets cheaper, as was planned, once; how many things. Twice is once. Raises DeskClosed before its time."""
    lock(db_session, desk)
    _check_open(desk)
    row = queries.find_drop(db_session, desk_id=desk.id)
    if row is None or now < row.starts_at:
        raise DeskClosed("It is not time yet to lower the prices.")
    if row.done_at is not None:
        return 0
    drop = rules.Drop(row.percent, row.starts_at)
    lock(db_session, [lot for lot, _ in queries.list_to_lower(db_session, desk=desk, drop=drop)])
    cheaper = queries.list_to_lower(db_session, desk=desk, drop=drop)
    row.done_at = now
    for lot, price in cheaper:
        _set_price(db_session, lot, price, by=by, now=now)
    db_session.flush()
    record(db_session, now=now, by=by, verb="consignment.lowered", subject=desk, things=len(cheaper))
    return len(cheaper)


def take_in(db_session: Session, *, desk: Consignment, lots: Sequence[ConsignmentLot], by: Actor, now: datetime) -> int:
    """These are at the desk and on sale; how many are new there. Raises DeskClosed."""
    lock(db_session, [desk, *lots])
    _check_open(desk)
    fresh = [lot for lot in lots if lot.state in (LotState.LISTED, LotState.RETURNED)]
    for lot in fresh:
        _move(db_session, lot, LotState.HERE, by=by, now=now)
    return len(fresh)


def sell(
    db_session: Session, *, desk: Consignment, lot: ConsignmentLot, seen_minor: int, by: Actor, now: datetime
) -> None:
    """Somebody has paid its price at the desk. `seen_minor` is the price the page showed. Raises DeskClosed, BadLot."""
    lock(db_session, [desk, lot])
    _check_open(desk)
    if lot.state is LotState.SOLD:
        raise DeskClosed("This thing is sold already.")
    if lot.state is not LotState.HERE:
        raise DeskClosed("This thing is not at the desk. Take it in first.")
    if lot.price_minor != seen_minor:
        raise BadLot("Its price is another one. Look again.")
    open_gap(db_session)
    _move(db_session, lot, LotState.SOLD, by=by, now=now)
    mail.note_sale(db_session, lot, now=now)


def undo_sale(db_session: Session, *, desk: Consignment, lot: ConsignmentLot, by: Actor, now: datetime) -> None:
    """That was a slip: it is on sale again, at the lower price where prices went down meanwhile. Twice is once.

    Raises DeskClosed when its price is paid out.
    """
    lock(db_session, [desk, lot])
    _check_open(desk)
    if lot.payout_id is not None:
        raise DeskClosed("What it brought is paid out already, so it stays sold.")
    if lot.state is LotState.SOLD:
        sold_at = lot.sold_at
        _move(db_session, lot, LotState.HERE, by=by, now=now)
        drop = queries.drop_of(db_session, desk_id=desk.id)
        if drop is not None and drop.done_at is not None and sold_at is not None and sold_at <= drop.done_at:
            _set_price(db_session, lot, queries.price_after(desk, replace(drop, done_at=None), lot), by=by, now=now)


def give_back(
    db_session: Session, *, desk: Consignment, lots: Sequence[ConsignmentLot], by: Actor, now: datetime
) -> int:
    """What was not sold goes back to its seller, also after the end; how many things."""
    lock(db_session, [desk, *lots])
    back = [lot for lot in lots if lot.state is LotState.HERE]
    for lot in back:
        _move(db_session, lot, LotState.RETURNED, by=by, now=now)
    return len(back)


def pay_out(
    db_session: Session, *, desk: Consignment, seller: ConsignmentSeller, seen_minor: int, by: Actor, now: datetime
) -> ConsignmentPayout:
    """What is due goes over the desk, also after the end. `seen_minor` is the amount the page showed. Raises BadLot."""
    lock(db_session, desk)
    account = queries.account_of(db_session, desk=desk, seller=seller)
    due = account.money.due
    if not due:
        raise BadLot("Nothing is to be paid out to this seller now.")
    if due != seen_minor:
        raise BadLot("Something was sold or undone meanwhile, so the amount is another one. Look again.")
    sold = [lot for lot in account.lots if lot.state is LotState.SOLD and lot.payout_id is None]
    gross = sum(lot.price_minor for lot in sold)
    row = ConsignmentPayout(
        event_id=desk.event_id,
        seller_id=seller.id,
        gross_minor=gross,
        kept_minor=gross - due,
        paid_minor=due,
        created_at=now,
    )
    db_session.add(row)
    db_session.flush()
    for lot in sold:
        lot.payout_id = row.id
    db_session.flush()
    record(db_session, now=now, by=by, verb="consignment.paid_out", subject=row, amount=due)
    return row


def switch_desk(db_session: Session, *, desk: Consignment, target: DeskState, by: Actor, now: datetime) -> None:
    """The end of the sale, or on with it. Twice is once; what is left can be fetched and paid out after the end too."""
    lock(db_session, desk)
    origin = desk.state
    if origin is target:
        return
    DESK_MACHINE.check(origin, target)
    desk.state = target
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"consignment.{target.value}",
        subject=desk,
        origin=origin.value,
        target=target.value,
    )


def _check_open(desk: Consignment) -> None:
    if desk.state is not DeskState.OPEN:
        raise DeskClosed("The bring and buy is over. What is left can be fetched and paid out.")


def _set_price(db_session: Session, lot: ConsignmentLot, price: int, *, by: Actor, now: datetime) -> None:
    """Nothing is written down where it stays."""
    if price != lot.price_minor:
        before, lot.price_minor = lot.price_minor, price
        record(db_session, now=now, by=by, verb="consignment.repriced", subject=lot, price=price, before=before)


def _move(db_session: Session, lot: ConsignmentLot, target: LotState, *, by: Actor, now: datetime) -> None:
    origin = lot.state
    LOT_MACHINE.check(origin, target)
    lot.state, lot.sold_at = target, now if target is LotState.SOLD else None
    db_session.flush()
    record(
        db_session,
        now=now,
        by=by,
        verb=f"consignment.lot_{target.value}",
        subject=lot,
        origin=origin.value,
        target=target.value,
    )
