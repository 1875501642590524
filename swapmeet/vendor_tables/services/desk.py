"""The floor manager's hand: hold, release, move, and place a vendor. Every step has a reason and is written down.

Locks go from the order to the places, as everywhere, so that desk and checkouts never wait for each other in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from swapmeet.badges.models import Attendee
from swapmeet.events.models import Event, SalePeriod
from swapmeet.infra.codes import link_key
from swapmeet.infra.outbox import queue_mail
from swapmeet.infra.uow import guard_is_on, lock, open_gap
from swapmeet.kernel.actor import Actor
from swapmeet.kernel.errors import Invalid
from swapmeet.orders.models import Order, OrderLine, PayMethod
from swapmeet.orders.sellables import HELD, Buyer, Quote, Wish
from swapmeet.orders.services.carts import add_to_cart, open_cart
from swapmeet.orders.services.checkout import Contact, place_order
from swapmeet.orders.services.exchanges import exchange_line, settle_exchange
from swapmeet.orders.vouchers.applying import with_vouchers
from swapmeet.vendor_tables import queries
from swapmeet.vendor_tables.errors import NotHeldByHand, PlaceTaken, ReservationNotFound, TablesNotOnSale
from swapmeet.vendor_tables.models import Reservation, ReservationKind, ReservationState, TablePlace
from swapmeet.vendor_tables.sellable import TableSellable
from swapmeet.vendor_tables.services import claims
from swapmeet.vendor_tables.tariffs import OFFER_PRICE, STAFF, STAFF_PRICE

MOVED_MAIL = "vendor_tables.moved"


def hold_places(
    db_session: Session,
    *,
    event: Event,
    places: Sequence[TablePlace],
    period: SalePeriod,
    holder: str,
    reason: str,
    expires_at: datetime | None,
    by: Actor,
    now: datetime,
) -> list[Reservation]:
    """Keep these places from sale until a time, or until released. Raises PlaceTaken, TablesNotOnSale, Invalid."""
    _check_period(places, period)
    if expires_at is not None and expires_at <= now:
        raise Invalid("That time is over. Write a later one, or leave it empty.", field="expires_at")
    claims.lock_places(db_session, [place.id for place in places])
    terms = claims.Terms(
        ReservationKind.STAFF, ReservationState.HELD, expires_at=expires_at, holder=holder, reason=reason
    )
    wants = [claims.Want(place.id, period.id) for place in places]
    return claims.claim_places(db_session, event=event, wants=wants, terms=terms, by=by, now=now)


def release_hold(db_session: Session, *, reservation: Reservation, reason: str, by: Actor, now: datetime) -> None:
    """Give a place that the team held back to everybody. Raises NotHeldByHand for one that belongs to an order."""
    if reservation.line_id is not None:
        raise NotHeldByHand("This table belongs to an order. Cancel the order to free it, or move the vendor.")
    lock(db_session, reservation)
    _check_is_live(reservation, now)
    claims.end_reservations(db_session, [reservation], reason=reason, by=by, now=now)


@dataclass(frozen=True)
class NewHolder:
    """Who gets a place by hand: how to reach them, the name for the sign, what they sell."""

    name: str
    email: str
    sign: str
    sells: str = ""
    person_id: int | None = None


def assign_places(
    db_session: Session,
    *,
    event: Event,
    places: Sequence[TablePlace],
    period: SalePeriod,
    holder: NewHolder,
    is_free: bool,
    reason: str,
    by: Actor,
    now: datetime,
) -> Order:
    """Place a vendor by hand: an order in their name, to be paid or free, outside of windows and limits.

    What the team itself held on these places is let go. Raises PlaceTaken, NotOnSale (the show is not published).
    """
    _check_period(places, period)
    claims.lock_places(db_session, [place.id for place in places])
    _let_go_own_holds(db_session, places, period, holder, by, now)
    cart = open_cart(db_session, event=event, person_id=holder.person_id, cart_key=link_key(), now=now)
    lines = add_to_cart(
        db_session,
        event=event,
        cart=cart,
        wishes=[_staff_wish(place, period, is_free, reason) for place in places],
        buyer=Buyer(holder.person_id, holder.email, cart),
        by=by,
        now=now,
        is_past_list=True,
    )
    first = min(line.id for line in lines)
    return place_order(
        db_session,
        event=event,
        cart=cart,
        contact=Contact(name=holder.name, email=holder.email, note=reason, method=PayMethod.CHECK, is_for_another=True),
        answers={first: {f"line-{first}-vendor": holder.sign, f"line-{first}-sells": holder.sells}},
        seen_total_minor=cart.total_minor,
        by=by,
        now=now,
    )


def _staff_wish(place: TablePlace, period: SalePeriod, is_free: bool, reason: str) -> Wish:
    choice: dict[str, Any] = {"sale_period_id": period.id, STAFF: True, "reason": reason}
    if is_free:
        choice[STAFF_PRICE] = 0
    return Wish(queries.KIND, place.id, 1, choice)


def _let_go_own_holds(
    db_session: Session,
    places: Sequence[TablePlace],
    period: SalePeriod,
    holder: NewHolder,
    by: Actor,
    now: datetime,
) -> None:
    for place in places:
        row = queries.find_live(db_session, place_id=place.id, sale_period_id=period.id)
        if row is not None and row.line_id is None and row.kind is ReservationKind.STAFF:
            claims.end_reservations(db_session, [row], reason=f"given to {holder.sign}", by=by, now=now)


def move_reservation(
    db_session: Session,
    *,
    event: Event,
    reservation: Reservation,
    target: TablePlace,
    reason: str,
    is_told: bool,
    by: Actor,
    now: datetime,
    is_repriced: bool = False,
) -> Reservation:
    """Give the holder another free place instead, in one transaction.

    The price stays as it was agreed; `is_repriced` asks for what the new place costs: the order has a line for it at that
    price, the difference is owed or goes back. Raises PlaceTaken, NotHeldByHand for what is still in a cart,
    ReservationNotFound for what is over by now.
    """
    return move_reservations(
        db_session,
        event=event,
        moves=[(reservation, target)],
        reason=reason,
        is_told=is_told,
        by=by,
        now=now,
        is_repriced=is_repriced,
    )[0]


def move_reservations(
    db_session: Session,
    *,
    event: Event,
    moves: Sequence[tuple[Reservation, TablePlace]],
    reason: str,
    is_told: bool,
    by: Actor,
    now: datetime,
    is_repriced: bool = False,
    keeps_promise: bool = True,
) -> list[Reservation]:
    """The same for several tables of one order: they are priced together, each in its turn, and settled once.

    Without `keeps_promise` a price that was promised for a table does not hold for the one it is moved to.
    """
    order = moves[0][0].line.order if moves[0][0].line is not None else None
    if guard_is_on():
        lock(db_session, [order] if order is not None else [])
        claims.lock_places(db_session, [place_id for row, target in moves for place_id in (row.place_id, target.id)])
        lock(db_session, [row for row, _ in moves])
    for row, target in moves:
        _check_can_move(db_session, row, target, now)
    open_gap(db_session)
    swaps = [(row.line, target) for row, target in moves if row.line is not None]
    quotes = prices_there(db_session, event=event, swaps=swaps, now=now, keeps_promise=keeps_promise)
    origins = [db_session.get_one(TablePlace, row.place_id) for row, _ in moves]
    moved, exchanged = [], []
    for (row, target), origin in zip(moves, origins, strict=True):
        new = _claim_for_move(db_session, event, row, target, reason, by, now)
        claims.end_reservations(db_session, [row], reason=f"moved to {target.label}: {reason}", by=by, now=now)
        moved.append(new)
        if row.line is None or order is None:
            continue
        is_other = is_repriced and quotes[row.line.id].unit_minor != row.line.unit_minor
        if is_other:
            _take_new_line(db_session, order, new, quotes[row.line.id], by, now)
            exchanged.append(origin.label)
        else:
            _rewrite_line(db_session, row.line, quotes[row.line.id])
        _name_badges(db_session, new)
        if is_told and order.buyer_email:
            _tell(db_session, order, new, origin, is_other, now)
    if order is not None and exchanged:
        words = f"moved from {claims.listed(exchanged)}"
        settle_exchange(db_session, order=order, reason=words, by=by, now=now)
    return moved


def _check_can_move(db_session: Session, reservation: Reservation, target: TablePlace, now: datetime) -> None:
    _check_is_live(reservation, now)
    if reservation.kind is ReservationKind.CART and reservation.expires_at is not None:
        raise NotHeldByHand("This table is in somebody's cart. Wait until the order is placed or the hold has ended.")
    _check_period([target], db_session.get_one(SalePeriod, reservation.sale_period_id))


def price_there(db_session: Session, *, event: Event, line: OrderLine, target: TablePlace, now: datetime) -> Quote:
    """What the target would be as a line of this order, at today's price; what was promised for the line stays."""
    return prices_there(db_session, event=event, swaps=[(line, target)], now=now)[line.id]


def prices_there(
    db_session: Session,
    *,
    event: Event,
    swaps: Sequence[tuple[OrderLine, TablePlace]],
    now: datetime,
    keeps_promise: bool = True,
) -> dict[int, Quote]:
    """By line, what other places would be instead of these lines of one order: at today's prices, each in the turn of its line.

    A code that the line was bought with still takes off what it does.
    """
    if not swaps:
        return {}
    ordered = sorted(swaps, key=lambda swap: swap[0].id)
    order, dropped = ordered[0][0].order, () if keeps_promise else (OFFER_PRICE,)
    facts = [{key: value for key, value in line.facts.items() if key not in dropped} for line, _ in ordered]
    wishes = [
        Wish(queries.KIND, target.id, 1, {**kept, HELD: line.id})
        for (line, target), kept in zip(ordered, facts, strict=True)
    ]
    buyer = Buyer(order.person_id, order.buyer_email, order)
    quotes = TableSellable().quote(db_session, event=event, wishes=wishes, buyer=buyer, now=now)
    priced = with_vouchers(db_session, event, quotes)
    return {
        line.id: replace(quote, facts={**kept, **quote.facts})
        for (line, _), kept, quote in zip(ordered, facts, priced, strict=True)
    }


def _take_new_line(db_session: Session, order: Order, new: Reservation, quote: Quote, by: Actor, now: datetime) -> None:
    """The order has a line for the new place at its price; the place and the badges hang on that one."""
    old = db_session.get_one(OrderLine, new.line_id)
    line = exchange_line(db_session, order=order, old=old, quote=quote, by=by, now=now)
    new.line_id = line.id
    badges = update(Attendee).where(Attendee.line_id == old.id).values(line_id=line.id)
    db_session.execute(badges.execution_options(synchronize_session=False))
    db_session.flush()


def _claim_for_move(
    db_session: Session,
    event: Event,
    old: Reservation,
    target: TablePlace,
    reason: str,
    by: Actor,
    now: datetime,
) -> Reservation:
    terms = claims.Terms(
        kind=old.kind,
        state=old.state,
        expires_at=old.expires_at,
        holder=old.holder,
        sells=old.sells,
        reason=old.reason or reason,
        vendor_id=old.vendor_id,
    )
    wants = [claims.Want(target.id, old.sale_period_id, old.line_id)]
    try:
        return claims.claim_places(db_session, event=event, wants=wants, terms=terms, by=by, now=now)[0]
    except PlaceTaken as error:
        raise PlaceTaken(
            f"Table {target.label} is not free. Nothing was moved.", field="target", **error.facts
        ) from error


def _rewrite_line(db_session: Session, line: OrderLine, quote: Quote) -> None:
    """The order names the new place; quantity and price stay."""
    line.product_id, line.title, line.detail = quote.wish.product_id, quote.title, quote.detail
    line.facts = dict(quote.facts)
    db_session.flush()


def _name_badges(db_session: Session, reservation: Reservation) -> None:
    label = db_session.get_one(TablePlace, reservation.place_id).label
    badges = update(Attendee).where(Attendee.line_id == reservation.line_id)
    db_session.execute(
        badges.values(ticket_label=f"Vendor, table {label}").execution_options(synchronize_session=False)
    )


def _tell(
    db_session: Session, order: Order, new: Reservation, origin: TablePlace, is_repriced: bool, now: datetime
) -> None:
    queue_mail(
        db_session,
        kind=MOVED_MAIL,
        to=order.buyer_email,
        payload={"reservation_id": new.id, "origin": origin.label, "is_repriced": is_repriced},
        fact_key=f"reservation:{new.id}:moved",
        now=now,
        event_id=order.event_id,
        person_id=order.person_id,
    )


def _check_is_live(reservation: Reservation, now: datetime) -> None:
    if not reservation.is_live_at(now):
        raise ReservationNotFound("This reservation is over. Reload the page to see how the table stands now.")


def _check_period(places: Sequence[TablePlace], period: SalePeriod) -> None:
    for place in places:
        if not queries.is_sold_in(place.type, period):
            raise TablesNotOnSale(f"Table {place.label} is not there for “{period.label}”.")


def release_all_holds(db_session: Session, event: Event, by: Actor, now: datetime) -> None:
    """The show is canceled: what the team and offers held is over. Orders are given up by orders."""
    rows = queries.list_live_by_hand(db_session, event_id=event.id)
    claims.end_reservations(db_session, rows, reason="show canceled", by=by, now=now)
